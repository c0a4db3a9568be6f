"""Who pays and where it goes are two parties in every channel whose documents name both."""

from __future__ import annotations

import pytest
from gate_desk import (
    Desk,
    cxml,
    edifact,
    edifact_order,
    pos_csv,
    pos_row,
    purchase_order,
    shopify_json,
    shopify_order,
    ubl,
    x12,
)
from shop_documents import ORDERS, amazon_report, amazon_row, as_list

_SHOPIFY_PAYER = {"name": "Bea Payer", "address1": "Kai 2", "zip": "20457", "city": "Hamburg", "country_code": "DE"}
_WOO_PAYER = {
    "first_name": "Bea", "last_name": "Payer", "email": "bea@example.com", "address_1": "Kai 2", "postcode": "20457", "city": "Hamburg",
    "country": "DE",
}  # fmt: skip
_MAGENTO_PAYER = {
    "firstname": "Bea", "lastname": "Payer", "street": ["Kai 2"], "postcode": "20457", "city": "Hamburg", "country_id": "DE"
}  # fmt: skip
_AMAZON_PAYER = {
    "bill_name": "Bea Payer", "bill_address_1": "Kai 2", "bill_postal_code": "20457", "bill_city": "Hamburg", "bill_country": "DE",
}  # fmt: skip
_X12_PAYER = ["N1*BT*Bea Payer*92*B9", "N3*Kai 2", "N4*Hamburg**20457*DE"]
_UBL_PAYER = (
    "<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>Bea Payer</cbc:Name></cac:PartyName><cac:PostalAddress>"
    "<cbc:StreetName>Kai</cbc:StreetName><cbc:BuildingNumber>2</cbc:BuildingNumber><cbc:CityName>Hamburg</cbc:CityName>"
    "<cbc:PostalZone>20457</cbc:PostalZone><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>"
    "</cac:PostalAddress></cac:Party></cac:AccountingCustomerParty>"
)
_CXML_PAYER = (
    "<BillTo><Address><Name>Bea Payer</Name><PostalAddress><Street>Kai 2</Street><City>Hamburg</City>"
    '<PostalCode>20457</PostalCode><Country isoCountryCode="DE">Germany</Country></PostalAddress></Address></BillTo>'
)

FILES = {
    "shopify": shopify_json(shopify_order(billing_address=_SHOPIFY_PAYER)),
    "woocommerce": as_list("woocommerce", ORDERS["woocommerce"](billing=_WOO_PAYER)),
    "magento": as_list("magento", ORDERS["magento"](billing_address=_MAGENTO_PAYER)),
    "amazon": amazon_report(amazon_row(**_AMAZON_PAYER)),
    "x12": x12([*purchase_order()[:3], *_X12_PAYER, *purchase_order()[3:]]),
    "edifact": edifact(
        [*edifact_order()[:3], "NAD+IV+B9::92++Bea Payer+Kai 2+Hamburg++20457+DE", *edifact_order()[3:]]
    ),
    "peppol": ubl().replace("<cac:Delivery>", _UBL_PAYER + "<cac:Delivery>", 1),
    "cxml": cxml(head=_CXML_PAYER),
}


@pytest.mark.parametrize("channel", FILES)
def test_the_payer_is_read_beside_the_place_of_delivery(desk: Desk, channel: str) -> None:
    outcome = desk.capture(channel, FILES[channel])
    assert outcome.accepted == 1, desk.errors()
    ((payer, delivered_to),) = desk.rows(
        "select [bill_to_name, bill_to_street, bill_to_postcode, bill_to_city, bill_to_country], ship_to_city from facts.orders"
    )
    assert payer == ["Bea Payer", "Kai 2", "20457", "Hamburg", "DE"]
    assert delivered_to not in (None, "Hamburg")


def test_an_order_without_a_payer_is_its_customers(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row()))
    assert desk.rows("select bill_to_name, bill_to_city, gift_note, external_ids from facts.orders") == [(None,) * 4]


def test_a_payers_country_that_is_none_loses_no_order_and_one_by_name_becomes_its_code(desk: Desk) -> None:
    payers = ({**_SHOPIFY_PAYER, "country_code": code} for code in ("Atlantis", "germany"))
    desk.capture(
        "shopify", shopify_json(*(shopify_order(n, billing_address=payer) for n, payer in enumerate(payers, 1)))
    )
    assert desk.rows("select bill_to_country from facts.orders order by order_id") == [("Atlantis",), ("DE",)]


@pytest.mark.parametrize(
    ("channel", "text", "numbers"),
    [
        ("shopify", shopify_json(shopify_order(name="#1001", source_identifier="M 7")), "#1001 M7"),
        (
            "woocommerce",
            as_list("woocommerce", ORDERS["woocommerce"](1, transaction_id="ch_3") | {"number": "W-1"}),
            "W-1 ch_3",
        ),
        ("magento", as_list("magento", ORDERS["magento"](7, ext_order_id="ERP9")), "7 ERP9"),
        ("vtex", as_list("vtex", ORDERS["vtex"](1, marketplaceOrderId="MK5")), "501 MK5"),
        ("mercadolibre", as_list("mercadolibre", ORDERS["mercadolibre"](pack_id=44)), "44 5"),
    ],
)
def test_an_orders_other_numbers_are_kept_beside_the_one_that_names_it(
    desk: Desk, channel: str, text: str, numbers: str
) -> None:
    desk.capture(channel, text)
    assert desk.rows("select external_ids from facts.orders") == [(numbers,)]


def test_a_gift_note_is_the_orders_on_whichever_row_it_stands(desk: Desk) -> None:
    rows = (amazon_row(), amazon_row(order_item_id="2", sku="CUP-1", gift_message_text="Happy birthday"))
    desk.capture("amazon", amazon_report(*rows))
    assert desk.rows("select gift_note from facts.orders") == [("Happy birthday",)]


def test_an_amendment_that_says_nothing_of_the_payer_keeps_it(desk: Desk) -> None:
    order = [*edifact_order()[:3], "NAD+IV+B9::92++Bea Payer+Kai 2+Hamburg++20457+DE", *edifact_order()[3:]]
    desk.capture("edifact", edifact(order))
    change = [
        "BGM+230+PO1+4",
        "DTM+137:20250603:102",
        "NAD+BY+B7::92++Buyer",
        "LIN+1+3",
        "PIA+5+TEA-1:SA",
        "QTY+21:3",
        "UNS+S",
    ]
    outcome = desk.capture("edifact", edifact(change, kind="ORDCHG"))
    assert outcome.accepted == 1, desk.errors()
    assert desk.rows("select distinct bill_to_name from facts.orders") == [("Bea Payer",)]
