"""Tax id, shipping window, last day and terms of delivery: one meaning in each format."""

from __future__ import annotations

import pytest
from gate_desk import cxml, edifact, edifact_order, purchase_order, ubl, x12

from oms_dagster.domain.capture.cxml import parse_cxml
from oms_dagster.domain.capture.edifact import parse_edifact
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.ubl import parse_ubl
from oms_dagster.domain.capture.x12 import parse_x12

FIELDS = ("customer_tax_id", "ship_after", "ship_by", "cancel_after", "incoterm", "incoterm_place")


def _terms(found: list[Message | ParseFailure]) -> tuple[str | None, ...]:
    (message,) = found
    assert isinstance(message, Message)
    return tuple(message.rows[0].get(field) for field in FIELDS)


def test_x12_dates_fob_and_the_buyers_reference() -> None:
    head = ["DTM*037*20250605", "DTM*038*20250607", "DTM*001*20250610", "FOB*PP*OR*ignored*01*DAP*DE*Bonn"]
    body = purchase_order("PO1")
    body = [*body[:2], *head, body[2], "REF*VX*DE136695976", body[3], "REF*TJ*of-the-shop", *body[4:]]
    assert _terms(parse_x12(x12(body).encode())) == (
        "DE136695976",
        "2025-06-05",
        "2025-06-07",
        "2025-06-10",
        "DAP",
        "Bonn",
    )


@pytest.mark.parametrize(("parse", "text"), [
    (parse_x12, x12([*purchase_order("PO1")[:2], "DTM*010*20250605", *purchase_order("PO1")[2:]])),
    (parse_edifact, edifact([*edifact_order("PO1")[:2], "DTM+10:20250605:102", *edifact_order("PO1")[2:]])),
])  # fmt: skip
def test_a_requested_shipping_date_is_both_ends_of_shipping_and_says_nothing_of_delivery(parse, text) -> None:  # type: ignore[no-untyped-def]
    (message,) = parse(text.encode())
    row = message.rows[0]
    assert (row["ship_after"], row["ship_by"], row.get("requested_from"), row.get("requested_to")) == (
        "2025-06-05",
        "2025-06-05",
        None,
        None,
    )


def test_edifact_dates_terms_and_the_buyers_reference() -> None:
    body = edifact_order("PO1")
    dates = ["DTM+37:20250605:102", "DTM+38:20250607:102", "DTM+61:20250610:102"]
    body = [*body[:2], *dates, body[2], "RFF+VA:DE136695976", body[3], "TOD+6++DAP", "LOC+1+DEBON:::Bonn", *body[4:]]
    assert _terms(parse_edifact(edifact(body).encode())) == (
        "DE136695976", "2025-06-05", "2025-06-07", "2025-06-10", "DAP", "Bonn",
    )  # fmt: skip


def test_ubl_validity_despatch_delivery_terms_and_tax_scheme() -> None:
    text = ubl(
        "PO1",
        head="<cac:ValidityPeriod><cbc:EndDate>2025-06-10</cbc:EndDate></cac:ValidityPeriod>",
        window="<cac:Despatch><cbc:RequestedDespatchDate>2025-06-05</cbc:RequestedDespatchDate></cac:Despatch>",
        extra="<cac:DeliveryTerms><cbc:ID>DAP</cbc:ID><cac:DeliveryLocation><cac:Address><cbc:CityName>Bonn</cbc:CityName>"
        "</cac:Address></cac:DeliveryLocation></cac:DeliveryTerms>",
    ).replace("</cac:PartyName></cac:Party></cac:BuyerCustomerParty>", "</cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>DE136695976"
              "</cbc:CompanyID></cac:PartyTaxScheme></cac:Party></cac:BuyerCustomerParty>")  # fmt: skip
    assert _terms(parse_ubl(text.encode())) == ("DE136695976", "2025-06-05", "2025-06-05", "2025-06-10", "DAP", "Bonn")


def test_cxml_terms_of_delivery_and_tax_id() -> None:
    terms = (
        '<TermsOfDelivery><TermsOfDeliveryCode value="PriceCondition"/><ShippingPaymentMethod value="Prepaid"/><TransportTerms value="DAP"/>'
        "<Address><Name>x</Name><PostalAddress><City>Bonn</City></PostalAddress></Address></TermsOfDelivery>"
        '<Extrinsic name="buyerVatID">DE136695976</Extrinsic>'
    )
    assert _terms(parse_cxml(cxml("PO1", head=terms).encode())) == ("DE136695976", None, None, None, "DAP", "Bonn")
