"""Each expectation of each channel: a file that breaks it alone is quarantined under its code, the rest is accepted.

`FILES` holds, for each channel and code, the content of a file of two messages: a good one, and one that breaks that
rule and no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from gate_desk import (
    AS_OF,
    POS_HEADER,
    Desk,
    csv_text,
    cxml,
    cxml_item,
    edifact,
    edifact_order,
    pos_csv,
    pos_row,
    purchase_order,
    shopify_json,
    shopify_order,
    ubl,
    ubl_line,
    x12,
)
from shop_documents import ORDERS, amazon_report, amazon_row, as_list

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.quality.suites import rules_for

CHANNELS = load_channels()[0]
Breaking = dict[str, Any]

# ---- orders ----------------------------------------------------------------------------------------------------------

POS: Mapping[str, list[Breaking]] = {
    "PRICE_NEGATIVE": [{"unit_price": "-1"}],
    "QUANTITY_TOO_LARGE": [{"qty": 10001}],
    "CURRENCY_NOT_ACCEPTED": [{"currency": "Pounds"}],
    "COUNTRY_UNKNOWN": [{"country": "Atlantis"}],
    "LINE_NUMBER_REPEATED": [{}, {"qty": "3"}],
    "DISCOUNT_OVER_LINE": [{"discount": "7.01"}],
    "SKU_PATTERN": [{"sku": "T" * 65}],
    "HEADER_DIFFERS": [{}, {"line_no": 2, "customer_no": "C2"}],
    "TOTAL_CONTRADICTED": [{"order_total": "70.00"}],
    "PLACED_IN_FUTURE": [{"placed_at": "2025-06-04 09:00"}],
    "PHONE_IMPOSSIBLE": [{"customer_phone": "ask Ann"}],
    "BARCODE_CHECK_DIGIT": [{"barcode": "4006381333932"}],
    "TAX_ID_CHECK": [{"customer_tax_id": "GB980780685"}],
    "INCOTERM_UNKNOWN": [{"incoterm": "DAPP"}],
}
_GOOD_CODES = {
    "customer_phone": "020 7946 0000",
    "barcode": "4006381333931",
    "customer_tax_id": "GB980780684",
    "incoterm": "DAP",
}


def pos_file(code: str, _: Path) -> str:
    rows = [
        pos_row(**_GOOD_CODES),
        *(pos_row(order_no=2) | {key: str(value) for key, value in change.items()} for change in POS[code]),
    ]
    return csv_text(rows, [*POS_HEADER, *_GOOD_CODES])


def _line(**changes: object) -> dict[str, object]:
    return {"id": 11, "sku": "TEA-1", "quantity": 2, "price": "7.50"} | changes


def _total(**changes: object) -> dict[str, object]:
    return {"total_price": None, "total_tax": None, "shipping_lines": []} | changes


SHOPIFY: Mapping[str, dict[str, object]] = {
    "PRICE_NEGATIVE": _total(line_items=[_line(price="-1.00")]),
    "QUANTITY_TOO_LARGE": _total(line_items=[_line(quantity=10001)]),
    "CURRENCY_NOT_ACCEPTED": _total(currency="eur"),
    "COUNTRY_UNKNOWN": _total(shipping_address={"country_code": "XX"}),
    "LINE_NUMBER_REPEATED": _total(line_items=[_line(), _line()]),
    "DISCOUNT_OVER_LINE": _total(line_items=[_line(total_discount="15.01")]),
    "SKU_PATTERN": _total(line_items=[_line(sku="tab\tinside")]),
    "TOTAL_CONTRADICTED": _total(total_price="99.00"),
    "PLACED_IN_FUTURE": _total(created_at="2025-06-04T09:00:00Z"),
    "PHONE_IMPOSSIBLE": _total(phone="+49 1"),
}

X12: Mapping[str, list[str]] = {
    "PRICE_NEGATIVE": purchase_order("B", "PO1*1*2*EA*-3.50**VN*TEA-1"),
    "QUANTITY_TOO_LARGE": purchase_order("B", "PO1*1*1000001*EA*3.50**VN*TEA-1"),
    "CURRENCY_NOT_ACCEPTED": [s.replace("USD", "US$") for s in purchase_order("B")],
    "COUNTRY_UNKNOWN": [s.replace("*DE", "*QQ") for s in purchase_order("B")],
    "LINE_NUMBER_REPEATED": purchase_order("B", "PO1*1*2*EA*3.50**VN*TEA-1", "PO1*1*3*EA*3.50**VN*TEA-2"),
    "SKU_PATTERN": purchase_order("B", "PO1*1*2*EA*3.50**VN*" + "T" * 65),
    "WINDOW_REVERSED": ["BEG*00*SA*B**20250602", "DTM*064*20250609", "DTM*063*20250605", *purchase_order("B")[1:]],
    "TOTAL_CONTRADICTED": [*purchase_order("B"), "AMT*TT*700.00"],
    "PLACED_IN_FUTURE": [s.replace("20250602", "20250604") for s in purchase_order("B")],
    "BARCODE_CHECK_DIGIT": purchase_order("B", "PO1*1*2*EA*3.50**VN*TEA-1*UP*012345678906"),
    "TAX_ID_CHECK": [*purchase_order("B")[:2], "REF*VX*DE136695977", *purchase_order("B")[2:]],
    "INCOTERM_UNKNOWN": [*purchase_order("B")[:2], "FOB*PP***01*DAPP", *purchase_order("B")[2:]],
}


def _edifact_line(quantity: str = "2", price: str = "3.50", sku: str = "TEA-1", number: int = 1) -> tuple[str, ...]:
    return (f"LIN+{number}", f"PIA+5+{sku}:SA", f"QTY+21:{quantity}", f"PRI+AAA:{price}")


EDIFACT: Mapping[str, list[str]] = {
    "PRICE_NEGATIVE": edifact_order("B", *_edifact_line(price="-3.50")),
    "QUANTITY_TOO_LARGE": edifact_order("B", *_edifact_line(quantity="1000001")),
    "CURRENCY_NOT_ACCEPTED": [s.replace("EUR", "eur") for s in edifact_order("B")],
    "COUNTRY_UNKNOWN": [s.replace("+DE", "+QQ") for s in edifact_order("B")],
    "LINE_NUMBER_REPEATED": edifact_order("B", *_edifact_line(), *_edifact_line(sku="TEA-2")),
    "DISCOUNT_OVER_LINE": edifact_order("B", "LIN+1++TEA-1:SA", "QTY+21:2", "PRI+AAB:3.50", "ALC+A", "MOA+204:7.01"),
    "SKU_PATTERN": edifact_order("B", *_edifact_line(sku="T" * 65)),
    "WINDOW_REVERSED": [
        *edifact_order("B")[:2],
        "DTM+64:20250609:102",
        "DTM+63:20250605:102",
        *edifact_order("B")[2:],
    ],
    "TOTAL_CONTRADICTED": [*edifact_order("B"), "MOA+86:700.00"],
    "PLACED_IN_FUTURE": [s.replace("20250602", "20250604") for s in edifact_order("B")],
    "PHONE_IMPOSSIBLE": [*edifact_order("B")[:3], "COM+0:TE", *edifact_order("B")[3:]],
    "BARCODE_CHECK_DIGIT": edifact_order("B", "LIN+1++4006381333932:EN", "PIA+5+TEA-1:SA", "QTY+21:2", "PRI+AAA:3.50"),
    "TAX_ID_CHECK": [*edifact_order("B")[:3], "RFF+VA:DE136695977", *edifact_order("B")[3:]],
    "INCOTERM_UNKNOWN": [*edifact_order("B")[:3], "TOD+6++DAPP", *edifact_order("B")[3:]],
}

PEPPOL: Mapping[str, str] = {
    "PRICE_NEGATIVE": ubl("B", ubl_line(price="-3.50")),
    "QUANTITY_TOO_LARGE": ubl("B", ubl_line(quantity="1000001")),
    "CURRENCY_NOT_ACCEPTED": ubl("B", currency="Euro"),
    "COUNTRY_UNKNOWN": ubl("B", country="QQ"),
    "LINE_NUMBER_REPEATED": ubl("B", ubl_line(), ubl_line(sku="TEA-2")),
    "DISCOUNT_OVER_LINE": ubl(
        "B",
        ubl_line(
            extra="<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>"
            "<cbc:Amount>7.01</cbc:Amount></cac:AllowanceCharge>"
        ),
    ),
    "SKU_PATTERN": ubl("B", ubl_line(sku="T" * 65)),
    "WINDOW_REVERSED": ubl(
        "B",
        window="<cac:RequestedDeliveryPeriod><cbc:StartDate>2025-06-09</cbc:StartDate>"
        "<cbc:EndDate>2025-06-05</cbc:EndDate></cac:RequestedDeliveryPeriod>",
    ),
    "TOTAL_CONTRADICTED": ubl(
        "B",
        extra="<cac:AnticipatedMonetaryTotal><cbc:PayableAmount>700.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>",
    ),
    "PLACED_IN_FUTURE": ubl("B", date="2025-06-04"),
    "PHONE_IMPOSSIBLE": ubl("B").replace(
        "<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName>",
        "<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName>"
        "<cac:Contact><cbc:Telephone>unlisted</cbc:Telephone></cac:Contact>",
    ),
    "BARCODE_CHECK_DIGIT": ubl("B").replace(
        "</cac:SellersItemIdentification>",
        "</cac:SellersItemIdentification><cac:StandardItemIdentification>"
        '<cbc:ID schemeID="0160">4006381333932</cbc:ID></cac:StandardItemIdentification>',
    ),
    "TAX_ID_CHECK": ubl("B").replace(
        "<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName>",
        "<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName>"
        "<cac:PartyTaxScheme><cbc:CompanyID>DE136695977</cbc:CompanyID></cac:PartyTaxScheme>",
    ),
    "INCOTERM_UNKNOWN": ubl("B", extra="<cac:DeliveryTerms><cbc:ID>DAPP</cbc:ID></cac:DeliveryTerms>"),
}

CXML: Mapping[str, str] = {
    "PRICE_NEGATIVE": cxml("B", cxml_item(price="-3.50"), total="-7.00"),
    "QUANTITY_TOO_LARGE": cxml("B", cxml_item(quantity="1000001"), total="3500003.50"),
    "CURRENCY_NOT_ACCEPTED": cxml("B", currency="Euro"),
    "COUNTRY_UNKNOWN": cxml("B", country="QQ"),
    "LINE_NUMBER_REPEATED": cxml("B", cxml_item(), cxml_item(sku="TEA-2"), total="14.00"),
    "SKU_PATTERN": cxml("B", cxml_item(sku="T" * 65)),
    "WINDOW_REVERSED": cxml(
        "B",
        head='<DeliveryPeriod><Period startDate="2025-06-09T00:00:00Z" endDate="2025-06-05T00:00:00Z"/></DeliveryPeriod>',
    ),
    "TOTAL_CONTRADICTED": cxml("B", total="70.00"),
    "PLACED_IN_FUTURE": cxml("B", date="2025-06-04T09:00:00+00:00"),
    "PHONE_IMPOSSIBLE": cxml("B").replace(
        "</PostalAddress>",
        "</PostalAddress><Phone><TelephoneNumber><CountryCode>49</CountryCode><Number>1</Number></TelephoneNumber></Phone>",
    ),
    "BARCODE_CHECK_DIGIT": cxml("B").replace(
        "</ItemDetail>",
        "<ItemDetailIndustry><ItemDetailRetail><EANID>4006381333932</EANID></ItemDetailRetail></ItemDetailIndustry></ItemDetail>",
    ),
    "TAX_ID_CHECK": cxml("B", head='<Extrinsic name="buyerVatID">DE136695977</Extrinsic>'),
    "INCOTERM_UNKNOWN": cxml("B", head='<TermsOfDelivery><TransportTerms value="Other"/></TermsOfDelivery>'),
}
_LATE = {
    "woocommerce": {"date_created_gmt": "2025-06-04T09:00:00"},
    "vtex": {"creationDate": "2025-06-04T09:00:00Z"},
    "mercadolibre": {"date_created": "2025-06-04T09:00:00Z"},
    "magento": {"created_at": "2025-06-04 09:00:00"},
    "amazon-spapi": {"PurchaseDate": "2025-06-04T09:00:00Z"},
}
#: Channel -> its keys of: list of lines; of a line number, SKU and quantity; the order's total; a price and a discount beyond it.
_KEYS = {
    "woocommerce": ("line_items", "id", "sku", "quantity", "total", {"subtotal": "-1", "total": "-1"}, {"total": "-1.00"}),
    "vtex": ("items", "uniqueId", "refId", "quantity", "value", {"price": -100, "priceTags": []},
             {"priceTags": [{"name": "discount@price-1", "value": -10001}]}),
    "mercadolibre": ("order_items", "item", "item", "quantity", "total_amount", {"unit_price": -1}, {}),
    "magento": ("items", "item_id", "sku", "qty_ordered", "grand_total", {"price": -1, "discount_amount": 0},
                {"discount_amount": 44.01}),
    "amazon-spapi": ("OrderItems", "OrderItemId", "SellerSKU", "QuantityOrdered", "OrderTotal",
                     {"ItemPrice": {"Amount": "-1", "CurrencyCode": "USD"}, "PromotionDiscount": None}, {"PromotionDiscount": {"Amount": "25.99"}}),
}  # fmt: skip
_LIMIT = {"amazon-spapi": 100001}


_WRONG_PHONE: Mapping[str, Breaking] = {
    "woocommerce": {"billing": {"email": "ann@example.com", "phone": "none"}},
    "vtex": {"clientProfileData": {"email": "ana@example.com", "userProfileId": "u-7", "phone": "+55"}},
    "mercadolibre": {"buyer": {"id": 88, "phone": {"area_code": "11", "number": "x"}}},
    "magento": {"billing_address": {"telephone": "1"}},
    "amazon-spapi": {"ShippingAddress": {"CountryCode": "US", "Phone": "1"}},
}


_WRONG_TAX_ID: Mapping[str, Breaking] = {
    "vtex": {"clientProfileData": {"email": "ana@example.com", "userProfileId": "u-7", "document": "DE136695977"}},
    "magento": {"customer_taxvat": "DE136695977"},
    "amazon-spapi": {"BuyerInfo": {"BuyerTaxInfo": {"TaxClassifications": [{"Name": "VAT", "Value": "DE136695977"}]}}},
}


def _wrong_barcode(channel: str) -> Breaking:
    """Changes that give an order's first line a barcode with a wrong check digit."""
    field = {"woocommerce": "global_unique_id", "vtex": "ean"}[channel]
    rows = _KEYS[channel][0]
    first, *rest = ORDERS[channel]()[rows]
    return {rows: [first | {field: "7891000000019"}, *rest]}


#: Amazon names barcodes in vendors' orders only.
_VENDOR_ORDER = {
    "purchaseOrderNumber": "V1",
    "orderDetails": {
        "purchaseOrderDate": "2025-06-01T10:00:00Z",
        "buyingParty": {"partyId": "AMZ"},
        "shipToParty": {"partyId": "FC1", "address": {"countryCode": "US"}},
        "items": [
            {
                "itemSequenceNumber": "1",
                "vendorProductIdentifier": "028877454079",
                "orderedQuantity": {"amount": 2, "unitOfMeasure": "Cases", "unitSize": 5},
                "netCost": {"currencyCode": "USD", "amount": "3.10"},
            }
        ],
    },
}


def _untotalled(channel: str) -> Breaking:
    """What takes the totals out of an order, so that a changed line contradicts nothing."""
    return {_KEYS[channel][4]: None, "totals": [], "payments": [], "total_tax": None, "tax_amount": 0}


def _shop_order(channel: str, code: str) -> Breaking:
    rows, _, sku, quantity, total, price, discount = _KEYS[channel]
    first = ORDERS[channel]()[rows][0]

    def lines(*changes: Breaking) -> Breaking:
        return _untotalled(channel) | {rows: [first | change for change in changes]}

    if code in ("CURRENCY_NOT_ACCEPTED", "COUNTRY_UNKNOWN", "WINDOW_REVERSED"):
        return _header_change(channel, code)
    return {
        "PRICE_NEGATIVE": lambda: lines(price),
        "QUANTITY_TOO_LARGE": lambda: lines({quantity: _LIMIT.get(channel, 10001)}),
        "LINE_NUMBER_REPEATED": lambda: lines({}, {}),
        "DISCOUNT_OVER_LINE": lambda: lines(discount),
        "SKU_PATTERN": lambda: lines(
            {"item": {"id": "X", "seller_sku": "T" * 65}} if sku == "item" else {sku: "T" * 65}
        ),
        "TOTAL_CONTRADICTED": lambda: {
            total: {"Amount": "99.00", "CurrencyCode": "USD"} if total == "OrderTotal" else 9
        },
        "PLACED_IN_FUTURE": lambda: _LATE[channel],
        "PHONE_IMPOSSIBLE": lambda: _WRONG_PHONE[channel],
        "BARCODE_CHECK_DIGIT": lambda: _wrong_barcode(channel),
        "TAX_ID_CHECK": lambda: _WRONG_TAX_ID[channel],
    }[code]()


def _header_change(channel: str, code: str) -> Breaking:
    order = ORDERS[channel]()
    if code == "WINDOW_REVERSED":
        if channel == "vtex":
            window = {"startDateUtc": "2025-06-09T00:00:00Z", "endDateUtc": "2025-06-05T00:00:00Z"}
            return {"shippingData": order["shippingData"] | {"logisticsInfo": [{"deliveryWindow": window}]}}
        return {"EarliestDeliveryDate": "2025-06-09T00:00:00Z"}
    if code == "CURRENCY_NOT_ACCEPTED":
        return {
            "woocommerce": {"currency": "eur"},
            "vtex": {"storePreferencesData": {"currencyCode": "R$"}},
            "mercadolibre": {"currency_id": "R$"},
            "magento": {"order_currency_code": "US$"},
            "amazon-spapi": {"OrderTotal": {"CurrencyCode": "US$", "Amount": "30.47"}},
        }[channel]
    key, path = {
        "woocommerce": ("shipping", ("country",)),
        "vtex": ("shippingData", ("address", "country")),
        "mercadolibre": ("shipping", ("receiver_address", "country", "id")),
        "magento": ("extension_attributes", ("shipping_assignments", 0, "shipping", "address", "country_id")),
        "amazon-spapi": ("ShippingAddress", ("CountryCode",)),
    }[channel]
    place: Any = order
    for step in (key, *path[:-1]):
        place = place[step]
    place[path[-1]] = "XX"
    return {key: order[key]}


def shop_file(channel: str) -> Callable[[str, Path], str]:
    def content(code: str, _: Path) -> str:
        if (channel, code) == ("amazon-spapi", "BARCODE_CHECK_DIGIT"):
            return as_list(channel, ORDERS[channel](1), _VENDOR_ORDER)
        return as_list(channel, ORDERS[channel](1), ORDERS[channel](2, **_shop_order(channel, code)))

    return content


AMAZON: Mapping[str, list[dict[str, str]]] = {
    "PRICE_NEGATIVE": [{"item_price": "-1", "item_promotion_discount": ""}],
    "QUANTITY_TOO_LARGE": [{"quantity_purchased": "10001"}],
    "CURRENCY_NOT_ACCEPTED": [{"currency": "US$"}],
    "COUNTRY_UNKNOWN": [{"ship_country": "XX"}],
    "LINE_NUMBER_REPEATED": [{}, {"quantity_purchased": "5"}],
    "DISCOUNT_OVER_LINE": [{"item_promotion_discount": "30.01"}],
    "SKU_PATTERN": [{"sku": "T" * 65}],
    "WINDOW_REVERSED": [{"delivery_start_date": "2025-06-09", "delivery_end_date": "2025-06-05"}],
    "HEADER_DIFFERS": [{}, {"order_item_id": "2", "buyer_email": "other@example.com"}],
    "TOTAL_CONTRADICTED": [{"declared__total": "99"}],
    "PLACED_IN_FUTURE": [{"purchase_date": "2025-06-04T09:00:00Z"}],
    "PHONE_IMPOSSIBLE": [{"buyer_phone_number": "1"}],
    "BARCODE_CHECK_DIGIT": [{"barcode": "4006381333932"}],
    "TAX_ID_CHECK": [{"customer__tax__id": "DE136695977"}],
    "INCOTERM_UNKNOWN": [{"incoterm": "DAPP"}],
}


def amazon_file(code: str, _: Path) -> str:
    broken = [amazon_row(2, **change) for change in AMAZON[code]]
    broken = [{key.replace("--", "_"): text for key, text in row.items()} for row in broken]
    return amazon_report(amazon_row(1), *broken)


_RETAIL_ROW = {
    "line_id": 1,
    "invoice_no": "1",
    "stock_code": "85123A",
    "description": "Heart",
    "quantity": 6,
    "invoice_ts": "2011-12-01 10:00",
    "unit_price_gbp": 2.55,
    "customer_id": 17850,
    "country": "United Kingdom",
}
RETAIL: Mapping[str, list[Breaking]] = {
    "PRICE_NEGATIVE": [{"unit_price_gbp": -2.55}],
    "QUANTITY_TOO_LARGE": [{"quantity": 100001}],
    "COUNTRY_UNKNOWN": [{"country": "Atlantis"}],
    "LINE_NUMBER_REPEATED": [{}, {"quantity": "3"}],
    "DISCOUNT_OVER_LINE": [{"discount_amount": 15.31}],
    "SKU_PATTERN": [{"stock_code": "8" * 65}],
    "WINDOW_REVERSED": [{"requested_from": "2011-12-09", "requested_to": "2011-12-05"}],
    "HEADER_DIFFERS": [{}, {"line_id": 3, "customer_id": 5}],
    "TOTAL_CONTRADICTED": [{"declared_total": 99.0}],
    "PHONE_IMPOSSIBLE": [{"customer_phone": "none"}],
    "BARCODE_CHECK_DIGIT": [{"barcode": "4006381333932"}],
    "TAX_ID_CHECK": [{"customer_tax_id": "DE136695977"}],
    "INCOTERM_UNKNOWN": [{"incoterm": "DAPP"}],
    "NO_VALUE_NO_CUSTOMER": [{"unit_price_gbp": 0.0, "customer_id": None}],
}


def retail_file(code: str, folder: Path) -> bytes:
    broken = [_RETAIL_ROW | {"line_id": 2, "invoice_no": "2"} | change for change in RETAIL[code]]
    names = list(dict.fromkeys(key for row in broken for key in row))
    rows = [_RETAIL_ROW, *broken]
    values = ", ".join("(" + ", ".join(_sql(row.get(name)) for name in names) + ")" for row in rows)
    path = folder / "rows.parquet"
    duckdb.sql(f"copy (select * from (values {values}) as v ({', '.join(names)})) to '{path}'")
    return path.read_bytes()


def _sql(value: object) -> str:
    return "null" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


# ---- feeds and reference data: a good record, and what breaks each rule ----------------------------------------------

AT = "2025-06-01T08:00:00Z"
RECORDS: Mapping[str, tuple[Breaking, Mapping[str, Breaking]]] = {
    "stock": (
        {"movement_id": "M1", "kind": "receipt", "sku_code": "A", "location_code": "DC", "quantity": 1, "event_at": AT},
        {
            "QUANTITY_TOO_LARGE": {"quantity": 10_000_001},
            "COUNT_NEGATIVE": {"kind": "count", "quantity": -1},
            "MOVEMENT_SIGN": {"kind": "ship"},
            "SERIAL_OF_MANY": {"quantity": 2, "serial_number": "N1"},
        },
    ),
    "stock_snapshot": (
        {"system": "wms", "sku_code": "A", "location_code": "DC", "quantity": 1, "event_at": AT},
        {"QUANTITY_TOO_LARGE": {"quantity": 10_000_001}},
    ),
    "supply": (
        {
            "supply_id": "P1",
            "kind": "purchase",
            "sku_code": "A",
            "location_code": "DC",
            "quantity": 1,
            "due_date": "2025-07-01",
            "status": "confirmed",
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 10_000_001}, "DUE_TOO_FAR": {"due_date": "2052-07-01"}},
    ),
    "payments": (
        {
            "payment_id": "P1",
            "channel": "pos",
            "channel_order_id": "1",
            "event": "captured",
            "amount": 5,
            "currency": "GBP",
            "payer_iban": "GB82 WEST 1234 5698 7654 32",
            "event_at": AT,
        },
        {
            "AMOUNT_ZERO": {"amount": 0},
            "CURRENCY_NOT_ACCEPTED": {"currency": "pounds"},
            "IBAN_CHECK_DIGITS": {"payer_iban": "GB83WEST12345698765432"},
        },
    ),
    "receivables": (
        {
            "invoice_number": "I1",
            "customer_code": "C1",
            "open_amount": 5,
            "currency": "GBP",
            "issued_at": "2025-05-01",
            "due_date": "2025-06-01",
            "event_at": AT,
        },
        {"DUE_BEFORE_ISSUED": {"due_date": "2025-04-01"}, "CURRENCY_NOT_ACCEPTED": {"currency": "pounds"}},
    ),
    "rates": (
        {"currency": "EUR", "rate": "0.85", "rate_date": "2025-06-01"},
        {
            "RATE_IMPLAUSIBLE": {"rate": 1_000_001, "rate_date": "2025-06-02"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "floor": (
        {"scan_id": "S1", "kind": "pick", "order_line_id": "L1", "quantity": 1, "weight_kg": 1, "event_at": AT},
        {
            "QUANTITY_TOO_LARGE": {"quantity": 1_000_001},
            "PACKAGE_TOO_HEAVY": {"weight_kg": 2001},
            "SERIAL_OF_MANY": {"quantity": 2, "serial_number": "N1"},
        },
    ),
    "deliveries": (
        {
            "event_id": "E1",
            "shipment_id": "S1",
            "order_line_id": "L1",
            "outcome": "delivered",
            "quantity": 1,
            "event_at": AT,
        },
        {"QUANTITY_TOO_LARGE": {"quantity": 1_000_001}, "QUANTITY_WITHOUT_LINE": {"order_line_id": ""}},
    ),
    "returns": (
        {
            "event_id": "E1",
            "return_id": "R1",
            "kind": "inspected",
            "order_line_id": "L1",
            "quantity": 1,
            "disposition": "restock",
            "event_at": AT,
        },
        {"QUANTITY_ZERO": {"quantity": 0}, "INSPECTED_WITHOUT_DISPOSITION": {"disposition": ""}},
    ),
    "opening": (
        {"event_id": "E1", "order_line_id": "L1", "kind": "delivered", "quantity": 1, "event_at": AT},
        {"QUANTITY_ZERO": {"quantity": 0}},
    ),
    "yard": (
        {"event_id": "E1", "visit_id": "V1", "load_id": "L1", "kind": "loading_start", "event_at": AT},
        {"LOADING_WITHOUT_LOAD": {"load_id": ""}},
    ),
    "customers": (
        {
            "customer_code": "C1",
            "name": "Ann",
            "email": "ann@example.com",
            "phone": "+49 30 123456",
            "tax_id": "DE136695976",
            "currency": "EUR",
        },
        {
            "KEY_PATTERN": {"customer_code": "C|2"},
            "EMAIL_PATTERN": {"email": "ann at home"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "XXX"},
            "TAX_ID_CHECK": {"tax_id": "DE136695977"},
            "PHONE_IMPOSSIBLE": {"phone": "+49 1"},
        },
    ),
    "addresses": (
        {
            "customer_code": "C1",
            "address_code": "A",
            "city": "Bonn",
            "country": "DE",
            "latitude": 50,
            "longitude": 7,
            "window_from": "08:00",
            "window_to": "12:00",
        },
        {
            "KEY_PATTERN": {"customer_code": "C|2"},
            "WINDOW_REVERSED": {"window_to": "07:00"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
        },
    ),
    "delivery_windows": (
        {"customer_code": "C1", "address_code": "A", "weekday": 1, "window_from": "08:00", "window_to": "12:00"},
        {"KEY_PATTERN": {"customer_code": "C|2"}, "WINDOW_REVERSED": {"weekday": 2, "window_to": "08:00"}},
    ),
    "skus": (
        {
            "sku_code": "A",
            "name": "Tea",
            "weight_kg": 1,
            "volume_m3": "0.001",
            "barcode": "4006381333931",
            "currency": "EUR",
        },
        {
            "KEY_PATTERN": {"sku_code": "A|B"},
            "WEIGHT_IMPLAUSIBLE": {"weight_kg": 5001},
            "VOLUME_IMPLAUSIBLE": {"volume_m3": 51},
            "BARCODE_CHECK_DIGIT": {"barcode": "4006381333932"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "locations": (
        {
            "location_code": "DC",
            "name": "Depot",
            "kind": "dc",
            "city": "Bonn",
            "country": "DE",
            "latitude": 50,
            "longitude": 7,
            "timezone": "Europe/Berlin",
            "ships_on": "1-5",
            "holidays": "none",
        },
        {
            "KEY_PATTERN": {"location_code": "D|C"},
            "TIMEZONE_UNKNOWN": {"timezone": "Bonn"},
            "COUNTRY_UNKNOWN": {"country": "XX"},
            "WEEKDAYS_PATTERN": {"ships_on": "Mon-Fri"},
            "HOLIDAYS_UNKNOWN": {"holidays": "GB-XYZ"},
        },
    ),
    "lots": (
        {"sku_code": "A", "lot_code": "L1", "manufactured": "2025-06-01", "expiry": "2025-12-01"},
        {"KEY_PATTERN": {"sku_code": "A|1"}, "EXPIRED_WHEN_MADE": {"expiry": "2025-05-31"}},
    ),
    "customer_exclusions": (
        {"customer_code": "C1", "location_code": "DC"},
        {"KEY_PATTERN": {"customer_code": "C|1"}},
    ),
    "bins": (
        {"location_code": "DC", "sku_code": "A", "bin": "A-1", "pick_sequence": 1},
        {"KEY_PATTERN": {"location_code": "D|C"}},
    ),
    "vehicles": (
        {
            "vehicle_code": "V1",
            "location_code": "DC",
            "payload_kg": 1000,
            "volume_m3": 8,
            "cost_km": 1,
            "cost_hour": 20,
            "currency": "GBP",
        },
        {
            "KEY_PATTERN": {"vehicle_code": "V|1"},
            "PAYLOAD_IMPLAUSIBLE": {"payload_kg": 0},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "drivers": (
        {"driver_code": "D1", "name": "Ann", "shift_from": "06:00", "shift_to": "14:00"},
        {"KEY_PATTERN": {"driver_code": "D|1"}, "SHIFT_EMPTY": {"shift_to": "06:00"}},
    ),
    "carriers": (
        {"carrier_code": "C1", "name": "Post", "works_on": "1-5|7"},
        {"KEY_PATTERN": {"carrier_code": "C|1"}, "WEEKDAYS_PATTERN": {"works_on": "0"}},
    ),
    "calendar_exceptions": (
        {"calendar_code": "DC", "day": "2025-12-24", "is_open": "false"},
        {"KEY_PATTERN": {"calendar_code": "D|C"}},
    ),
    "tariffs": (
        {
            "carrier_code": "C1",
            "service": "std",
            "country": "DE",
            "base": 4,
            "per_kg": 1,
            "transit_days": 2,
            "currency": "EUR",
            "valid_from": "2025-01-01",
        },
        {
            "KEY_PATTERN": {"carrier_code": "C|1"},
            "TRANSIT_TOO_LONG": {"transit_days": 91},
            "COUNTRY_UNKNOWN": {"country": "XX"},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "suppliers": (
        {"supplier_code": "S1", "name": "One", "lead_time_days": 5, "currency": "EUR"},
        {
            "KEY_PATTERN": {"supplier_code": "S|1"},
            "LEAD_TIME_TOO_LONG": {"lead_time_days": 731},
            "CURRENCY_NOT_ACCEPTED": {"currency": "Euro"},
        },
    ),
    "sku_units": ({"sku_code": "A", "unit": "XCS", "factor": "12"}, {"KEY_PATTERN": {"sku_code": "A|B"}}),
    "prices": (
        {"price_list": "A", "sku_code": "A", "unit_price": 1, "currency": "EUR", "valid_from": "2025-01-01"},
        {"KEY_PATTERN": {"price_list": "A|B"}, "CURRENCY_NOT_ACCEPTED": {"currency": "Euro", "sku_code": "B"}},
    ),
}


# ---- the order form: one object a line, fields by their own names ----------------------------------------------------

_FORM = {
    "channel_order_id": "1", "placed_at": "2025-06-02T09:30:00Z", "currency": "GBP", "customer_code": "C1", "line_number": "1",
    "sku_code": "TEA-1", "quantity": "2", "unit_price": "3.50", "ship_to_country": "GB", "requested_from": "2025-06-05",
    "requested_to": "2025-06-06", "discount_amount": "1.00", "declared_total": None, "customer_phone": "020 7946 0000",
    "barcode": "4006381333931",
}  # fmt: skip
PHONE: Mapping[str, list[Breaking]] = {
    "PRICE_NEGATIVE": [{"unit_price": "-1", "discount_amount": None}],
    "QUANTITY_TOO_LARGE": [{"quantity": str(CHANNELS["phone"].expect.maximum_quantity + 1)}],
    "CURRENCY_NOT_ACCEPTED": [{"currency": "Pounds"}],
    "COUNTRY_UNKNOWN": [{"ship_to_country": "Atlantis"}],
    "LINE_NUMBER_REPEATED": [{}, {"quantity": "3"}],
    "DISCOUNT_OVER_LINE": [{"discount_amount": "7.01"}],
    "SKU_PATTERN": [{"sku_code": "T" * 65}],
    "WINDOW_REVERSED": [{"requested_to": "2025-06-04"}],
    "HEADER_DIFFERS": [{}, {"line_number": "2", "customer_code": "C2"}],
    "TOTAL_CONTRADICTED": [{"declared_total": "70.00"}],
    "PLACED_IN_FUTURE": [{"placed_at": "2025-06-04T09:00:00Z"}],
    "TAX_ID_CHECK": [{"customer_tax_id": "DE136695977"}],
    "INCOTERM_UNKNOWN": [{"incoterm": "DAPP"}],
    "PHONE_IMPOSSIBLE": [{"customer_phone": "ask Ann"}],
    "BARCODE_CHECK_DIGIT": [{"barcode": "4006381333932"}],
}


def phone_file(code: str, _: Path) -> str:
    return json.dumps([_FORM, *(_FORM | {"channel_order_id": "2"} | change for change in PHONE[code])])


def record_file(channel: str) -> Callable[[str, Path], str]:
    good, breaking = RECORDS[channel]
    key = CHANNELS[channel].contract.key[0]

    def content(code: str, _: Path) -> str:
        broken = good | {key: f"{good[key]}2"} | breaking[code] if channel != "rates" else good | breaking[code]
        blank = dict.fromkeys(broken, "")
        return csv_text([{name: str(value) for name, value in (blank | row).items()} for row in (good, broken)])

    return content


FILES: Mapping[str, tuple[set[str], Callable[[str, Path], str | bytes]]] = {
    "pos": (set(POS), pos_file),
    "phone": (set(PHONE), phone_file),
    "shopify": (
        set(SHOPIFY),
        lambda code, _: shopify_json(shopify_order(1, **_total()), shopify_order(2, **SHOPIFY[code])),
    ),
    "x12": (set(X12), lambda code, _: x12(purchase_order("A"), X12[code])),
    "edifact": (set(EDIFACT), lambda code, _: edifact(edifact_order("A"), EDIFACT[code])),
    "peppol": (set(PEPPOL), lambda code, _: ubl("A") + PEPPOL[code]),
    "cxml": (set(CXML), lambda code, _: cxml("A") + CXML[code]),
    "online-retail": (set(RETAIL), retail_file),
    "amazon": (set(AMAZON), amazon_file),
    **{channel: ({rule.code for rule in rules_for(CHANNELS[channel])}, shop_file(channel)) for channel in ORDERS},
    **{channel: (set(breaking), record_file(channel)) for channel, (_, breaking) in RECORDS.items()},
}


#: Channel and code of what is accepted with a warning.
WARNINGS = {
    (slug, rule.code) for slug, channel in CHANNELS.items() for rule in rules_for(channel) if rule.severity == "warn"
}


def test_what_a_library_finds_wrong_in_an_order_never_loses_it() -> None:
    orders = [slug for slug, channel in CHANNELS.items() if channel.record == "order"]
    found = {rule.code: rule.severity for slug in orders for rule in rules_for(CHANNELS[slug]) if rule.judge}
    assert found == dict.fromkeys(
        ("PHONE_IMPOSSIBLE", "BARCODE_CHECK_DIGIT", "TAX_ID_CHECK", "INCOTERM_UNKNOWN"), "warn"
    )


def test_each_expectation_of_each_channel_has_a_file_that_breaks_it() -> None:
    suites = {slug: {rule.code for rule in rules_for(channel)} for slug, channel in CHANNELS.items()}
    assert {slug: codes for slug, (codes, _) in FILES.items()} == suites


@pytest.mark.parametrize(
    ("channel", "code"), [(channel, code) for channel, (codes, _) in FILES.items() for code in sorted(codes)]
)
def test_a_file_that_breaks_one_expectation_is_told_under_its_code_alone_and_the_rest_accepted(
    full_desk: Desk, tmp_path: Path, channel: str, code: str
) -> None:
    outcome = full_desk.capture(channel, FILES[channel][1](code, tmp_path))
    told = full_desk.rows(
        "select outcome, error_code, split_part(warnings, ':', 1) from facts.capture_messages"
        " where outcome <> 'accepted' or warnings is not null"
    )
    if (channel, code) in WARNINGS:
        assert (outcome.accepted, told) == (2, [("accepted", None, code)])
    else:
        assert (outcome.accepted, told) == (1, [("quarantined", code, None)])
    failing = {check.code: check for check in outcome.checks if not check.passed}
    assert set(failing) == {code}
    assert 0 < failing[code].failing_rows < outcome.lines_read + outcome.messages
    assert failing[code].checked_rows >= failing[code].failing_rows
    stored = full_desk.rows(
        "select passed, failing_rows, checked_rows, scope from facts.data_quality"
        f" where check_name = 'capture_{code.lower()}'"
    )
    assert stored == [(False, failing[code].failing_rows, failing[code].checked_rows, channel)]


def test_a_channels_second_file_of_a_cycle_adds_to_the_counts_of_its_checks(full_desk: Desk) -> None:
    full_desk.capture("suppliers", "supplier_code,name,lead_time_days\nS1,One,5\nS2,Two,900\n")
    full_desk.capture("suppliers", "supplier_code,name,lead_time_days\nS3,Three,5\n")
    found = full_desk.rows(
        "select passed, failing_rows, checked_rows from facts.data_quality"
        " where check_name = 'capture_lead_time_too_long'"
    )
    assert found == [(False, 1, 3)]


def test_the_detail_says_what_was_found_and_what_is_expected(full_desk: Desk) -> None:
    full_desk.capture("pos", pos_csv(pos_row(qty=20000)), as_of=AS_OF)
    assert full_desk.rows("select error_detail from facts.capture_messages") == [
        ("row 1, quantity: found '20000.000'; expected 10,000 or less; mend it and send the record again",)
    ]
