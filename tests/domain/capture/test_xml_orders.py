"""UBL and cXML documents as canonical rows, and what no XML of a partner may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.capture import cxml, ubl
from oms_dagster.domain.capture.cxml import parse_cxml
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.ubl import parse_ubl

SPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
UBL_LINE = (
    "<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode='C62'>200</cbc:Quantity>"
    "<cbc:LineExtensionAmount currencyID='EUR'>690</cbc:LineExtensionAmount>"
    "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>10</cbc:Amount></cac:AllowanceCharge>"
    "<cac:Price><cbc:PriceAmount currencyID='EUR'>350</cbc:PriceAmount><cbc:BaseQuantity>100</cbc:BaseQuantity></cac:Price>"
    "<cac:Item><cbc:Name>Tea</cbc:Name><cac:SellersItemIdentification><cbc:ID>TEA-1</cbc:ID></cac:SellersItemIdentification>"
    "<cac:StandardItemIdentification><cbc:ID schemeID='0160'>4006381333931</cbc:ID></cac:StandardItemIdentification>"
    "</cac:Item></cac:LineItem></cac:OrderLine>"
)
UBL_PARTIES = (
    "<cac:BuyerCustomerParty><cac:Party><cbc:EndpointID schemeID='0088'>7300010000001</cbc:EndpointID>"
    "<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName><cac:Contact><cbc:ElectronicMail>a@b.example</cbc:ElectronicMail>"
    "</cac:Contact></cac:Party></cac:BuyerCustomerParty><cac:Delivery><cac:DeliveryLocation><cac:Address>"
    "<cbc:StreetName>Weg</cbc:StreetName><cbc:BuildingNumber>1</cbc:BuildingNumber><cbc:CityName>Bonn</cbc:CityName>"
    "<cbc:PostalZone>53111</cbc:PostalZone><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>"
    "</cac:Address></cac:DeliveryLocation></cac:Delivery>"
)


def ubl_order(name: str = "Order", head: str = "", lines: str = UBL_LINE, rest: str = "", prolog: str = "") -> str:
    refers = "" if name == "Order" else "<cac:OrderReference><cbc:ID>PO1</cbc:ID></cac:OrderReference>"
    return (
        f'<?xml version="1.0"?>{prolog}<{name} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{name}-2" {SPACES}>'
        f"<cbc:ID>{'PO1' if name == 'Order' else 'C7'}</cbc:ID><cbc:IssueDate>2025-06-02</cbc:IssueDate>{head}"
        f"{refers}{UBL_PARTIES}{rest}{lines}</{name}>"
    )


def cxml_order(
    kind: str = "new", attributes: str = "", prolog: str = "", head: str = "", items: str | None = None
) -> str:
    item = (
        '<ItemOut quantity="2" lineNumber="1"><ItemID><SupplierPartID>TEA-1</SupplierPartID></ItemID><ItemDetail><UnitPrice>'
        '<Money currency="EUR">3.50</Money></UnitPrice><Description>Tea</Description><UnitOfMeasure>EA</UnitOfMeasure>'
        "</ItemDetail></ItemOut>"
    )
    return (
        f'<?xml version="1.0"?>{prolog}<cXML payloadID="1@b" timestamp="2025-06-02T09:30:00+00:00"><Header><From><Credential '
        'domain="DUNS"><Identity>B7</Identity></Credential></From></Header><Request deploymentMode="test"><OrderRequest>'
        f'<OrderRequestHeader orderID="PO1" orderDate="2025-06-02T09:00:00+00:00" type="{kind}" {attributes}>'
        f'<Total><Money currency="EUR">7.00</Money></Total>{head}</OrderRequestHeader>{item if items is None else items}'
        "</OrderRequest></Request></cXML>"
    )


def only(found: list[Message | ParseFailure]) -> Message:
    (message,) = found
    assert isinstance(message, Message), message
    return message


def test_a_ubl_order_is_read_with_parties_and_lines() -> None:
    row = only(parse_ubl(ubl_order().encode())).rows[0]
    expected = {
        "channel_order_id": "PO1",
        "order_version": None,
        "placed_at": "2025-06-02",
        "currency": "EUR",
        "customer_code": "7300010000001",
        "customer_email": "a@b.example",
        "ship_to_name": "Buyer",
        "ship_to_street": "Weg 1",
        "ship_to_country": "DE",
        "sku_code": "TEA-1",
        "barcode": "4006381333931",
        "quantity": "200",
        "unit": "C62",
        "unit_price": "3.5",
        "discount_amount": "10",
    }
    assert {key: row[key] for key in expected} == expected


def test_charges_freight_and_taxes_of_the_whole_ubl_order_are_rows() -> None:
    def charge(indicator: str, amount: str, code: str = "") -> str:
        reason = f"<cbc:AllowanceChargeReasonCode>{code}</cbc:AllowanceChargeReasonCode>" if code else ""
        return (
            f"<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>{reason}"
            f"<cbc:Amount>{amount}</cbc:Amount></cac:AllowanceCharge>"
        )

    rest = charge("false", "3") + charge("true", "4") + charge("true", "5", "FC")
    rest += "<cac:TaxTotal><cbc:TaxAmount>9</cbc:TaxAmount></cac:TaxTotal>"
    rows = only(parse_ubl(ubl_order(rest=rest).encode())).rows
    found = [(row["row_kind"], row.get("amount")) for row in rows]
    assert found == [("line", None), ("discount", "3"), ("charge", "4"), ("shipping", "5"), ("tax", "9")]


def test_a_standard_business_document_is_opened() -> None:
    inner = ubl_order().removeprefix('<?xml version="1.0"?>')
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    text = (
        f'<StandardBusinessDocument xmlns="{space}"><StandardBusinessDocumentHeader/>{inner}</StandardBusinessDocument>'
    )
    assert only(parse_ubl(text.encode())).rows[0]["channel_order_id"] == "PO1"


def test_a_ubl_change_is_a_version_without_the_cancelled_lines() -> None:
    gone = UBL_LINE.replace("<cbc:ID>1</cbc:ID>", "<cbc:ID>2</cbc:ID><cbc:LineStatusCode>2</cbc:LineStatusCode>")
    head = "<cbc:SequenceNumberID>3</cbc:SequenceNumberID>"
    rows = only(parse_ubl(ubl_order("OrderChange", head, UBL_LINE + gone).encode())).rows
    found = [(row["channel_order_id"], row["order_version"], row["message_kind"], row["line_number"]) for row in rows]
    assert found == [("PO1", "3", "order", "1")]


def test_a_ubl_cancellation_names_its_order() -> None:
    text = ubl_order("OrderCancellation", "<cbc:IssueTime>10:00:00</cbc:IssueTime>", lines="")
    row = only(parse_ubl(text.encode())).rows[0]
    assert (row["channel_order_id"], row["message_kind"], row["order_version"]) == (
        "PO1",
        "cancel",
        "2025-06-02T10:00:00",
    )


def test_ubl_of_another_namespace_is_unsupported() -> None:
    (failure,) = parse_ubl(ubl_order().replace("xsd:Order-2", "xsd:Order-1").encode())
    assert isinstance(failure, ParseFailure)
    assert failure.code == "UNSUPPORTED"


def test_a_cxml_order_is_read_and_a_deployment_mode_marks_tests() -> None:
    row = only(parse_cxml(cxml_order().encode())).rows[0]
    expected = {
        "channel_order_id": "PO1",
        "order_version": None,
        "message_kind": "order",
        "customer_code": "B7",
        "is_test": "true",
        "currency": "EUR",
        "declared_total": "7.00",
        "sku_code": "TEA-1",
        "quantity": "2",
        "unit_price": "3.50",
    }
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("kind", "attributes", "asked", "version"),
    [
        ("update", 'orderVersion="2"', "order", "2"),
        ("update", "", "order", "2025-06-02T09:30:00+00:00"),
        ("delete", 'orderVersion="3"', "cancel", "3"),
    ],
)
def test_cxml_updates_are_versions_and_deletions_cancel(kind: str, attributes: str, asked: str, version: str) -> None:
    row = only(parse_cxml(cxml_order(kind, attributes).encode())).rows[0]
    assert (row["message_kind"], row["order_version"]) == (asked, version)


def test_a_cxml_deletion_needs_no_item() -> None:
    rows = only(parse_cxml(cxml_order("delete", items="").encode())).rows
    assert [(row["message_kind"], row["row_kind"]) for row in rows] == [("cancel", "line")]


# ---- what both share -------------------------------------------------------------------------------------------------

Parse = Callable[[bytes], list[Message | ParseFailure]]
BOTH = [pytest.param(parse_ubl, ubl_order, id="ubl"), pytest.param(parse_cxml, cxml_order, id="cxml")]


def _bomb(root: str) -> str:
    nested = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE {root} [<!ENTITY e0 "boom">{nested}]>'


@pytest.mark.parametrize(("parse", "order"), BOTH)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_ends_as_a_typed_failure(parse: Parse, order: Callable[..., str], encoding: str) -> None:
    text = (
        order(prolog=_bomb("x"))
        .replace("Tea", "&e11;")
        .replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    )
    (failure,) = parse(text.encode(encoding))
    assert isinstance(failure, ParseFailure)
    assert failure.code == "UNSAFE_XML"


@pytest.mark.parametrize(("parse", "order"), BOTH)
@pytest.mark.parametrize("kind", ["<!ENTITY f SYSTEM '{uri}'>", "<!ENTITY % f SYSTEM '{uri}'> %f;"])
def test_no_file_is_read_through_an_entity(parse: Parse, order: Callable[..., str], kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    text = order(prolog=f"<!DOCTYPE x [{kind.format(uri=secret.as_uri())}]>").replace("Tea", "&f;")
    (failure,) = parse(text.encode())
    assert isinstance(failure, ParseFailure)
    assert failure.code == "UNSAFE_XML"
    assert "top secret" not in failure.detail


@pytest.mark.parametrize(("parse", "order"), BOTH)
def test_entities_of_a_dtd_outside_are_never_fetched(parse: Parse, order: Callable[..., str], tmp_path: Path) -> None:
    """The document names a DTD (cXML must); an entity that only the DTD could declare is an error of the document."""
    dtd = tmp_path / "evil.dtd"
    dtd.write_text('<!ENTITY f "top secret">')
    doctype = f'<!DOCTYPE x SYSTEM "{dtd.as_uri()}">'
    assert only(parse(order(prolog=doctype).encode())).rows[0]["description"] == "Tea"
    (found,) = parse(order(prolog=doctype).replace("Tea", "&f;").encode())
    assert "top secret" not in repr(found)


@pytest.mark.parametrize(("parse", "order"), BOTH)
def test_nesting_without_end_is_a_typed_failure(parse: Parse, order: Callable[..., str]) -> None:
    (failure,) = parse((order().split("?>")[0] + "?>" + "<a>" * 100_000).encode())
    assert isinstance(failure, ParseFailure)
    assert failure.code == "UNREADABLE"


@pytest.mark.parametrize(("parse", "order"), BOTH)
def test_a_broken_document_leaves_the_others_of_the_file_whole(parse: Parse, order: Callable[..., str]) -> None:
    good = order()
    text = good + good[: len(good) // 2] + "\n" + good + '<?xml version="1.0"?><Invoice/>' + good
    kinds = [item.code if isinstance(item, ParseFailure) else "read" for item in parse(text.encode())]
    assert kinds == ["read", "UNREADABLE", "read", "NOT_AN_ORDER", "read"]


@pytest.mark.parametrize(("parse", "order"), BOTH)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_is_the_documents_own(parse: Parse, order: Callable[..., str], encoding: str) -> None:
    named = encoding.removesuffix("-sig")
    text = order().replace("Tea", "Grüner Tee").replace('version="1.0"', f'version="1.0" encoding="{named}"')
    assert only(parse(text.encode(encoding))).rows[0]["description"] == "Grüner Tee"


def test_no_field_is_given_that_is_not_said_to_be() -> None:
    charge = "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:Amount>4</cbc:Amount></cac:AllowanceCharge>"
    rows = only(parse_ubl(ubl_order(rest=charge).encode())).rows
    assert {key for row in rows for key in row} <= set(ubl.FIELDS)
    head = '<Shipping><Money currency="EUR">1</Money></Shipping><Tax><Money currency="EUR">2</Money></Tax>'
    rows = only(parse_cxml(cxml_order(head=head).encode())).rows
    assert {key for row in rows for key in row} <= set(cxml.FIELDS)


@pytest.mark.parametrize(("parse", "order"), BOTH)
@given(text=st.text(max_size=120))
def test_whatever_stands_in_a_file_is_answered(parse: Parse, order: Callable[..., str], text: str) -> None:
    for raw in (text.encode(), order().replace("Tea", text).encode(), order().encode() + text.encode()):
        found = parse(raw)
        assert found
        assert all("\n" not in item.detail for item in found if isinstance(item, ParseFailure))
