"""Files of two orders, a good one and one that breaks one rule and no other, by channel and code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
from gate_desk import (
    POS_HEADER,
    csv_text,
    cxml,
    cxml_item,
    edifact_order,
    pos_row,
    purchase_order,
    ubl,
    ubl_line,
)
from shop_documents import ORDERS, amazon_report, amazon_row, as_list, magento_order

from oms_dagster.domain.capture.channel_file import load_channels

CHANNELS = load_channels()[0]
Breaking = dict[str, Any]

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
    "KIT_LINE_UNKNOWN": [{"kit_line_number": "9"}],
    "PICKUP_PATTERN": [{"pickup_location_code": "S" * 65}],
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
    "kit_line_number": "",
    "pickup_location_code": "",
}


def pos_file(code: str, _: Path) -> str:
    rows = [
        pos_row(**_GOOD_CODES),
        *(pos_row(order_no=2) | {key: str(value) for key, value in change.items()} for change in POS[code]),
    ]
    return csv_text(rows, [*POS_HEADER, *_GOOD_CODES])


def _line(**changes: object) -> dict[str, object]:
    return {"id": 11, "sku": "TEA-1", "quantity": 2, "price": "7.50"} | changes


def total(**changes: object) -> dict[str, object]:
    return {"total_price": None, "total_tax": None, "shipping_lines": []} | changes


SHOPIFY: Mapping[str, dict[str, object]] = {
    "PRICE_NEGATIVE": total(line_items=[_line(price="-1.00")]),
    "QUANTITY_TOO_LARGE": total(line_items=[_line(quantity=10001)]),
    "CURRENCY_NOT_ACCEPTED": total(currency="eur"),
    "COUNTRY_UNKNOWN": total(shipping_address={"country_code": "XX"}),
    "LINE_NUMBER_REPEATED": total(line_items=[_line(), _line()]),
    "DISCOUNT_OVER_LINE": total(line_items=[_line(total_discount="15.01")]),
    "SKU_PATTERN": total(line_items=[_line(sku="tab\tinside")]),
    "TOTAL_CONTRADICTED": total(total_price="99.00"),
    "PLACED_IN_FUTURE": total(created_at="2025-06-04T09:00:00Z"),
    "PHONE_IMPOSSIBLE": total(phone="+49 1"),
    "KIT_LINE_UNKNOWN": total(
        line_items=[_line(sales_line_item_group_id=7)], line_item_groups=[{"id": 8, "quantity": 1}]
    ),
    "PICKUP_PATTERN": total(
        shipping_address=None, shipping_lines=[{"code": "S" * 65, "title": "S" * 65, "price": "0", "source": "shopify"}]
    ),
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


_NOWHERE: Mapping[str, Breaking] = {
    "woocommerce": {"shipping_lines": [{"method_id": "pickup_location", "method_title": "S" * 65, "total": "0.00", "total_tax": "0"}]},
    "magento": {
        "extension_attributes": magento_order()["extension_attributes"] | {"pickup_location_code": "S" * 65},
    },
}  # fmt: skip


def _orphan(channel: str, first: Breaking) -> Breaking:
    """Lines of which one is a part of a kit that isn't there."""
    if channel == "woocommerce":
        return {"line_items": [first, first | {"id": 99, "bundled_by": "98"}]}
    bundle = {"item_id": 98, "sku": "BOX", "qty_ordered": 1, "qty_canceled": 1, "price": 0, "product_type": "bundle"}
    return {
        "items": [
            first,
            bundle,
            first | {"item_id": 99, "product_type": "simple", "parent_item_id": 98, "price": 0, "discount_amount": 0},
        ]
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
        "KIT_LINE_UNKNOWN": lambda: _untotalled(channel) | _orphan(channel, first),
        "PICKUP_PATTERN": lambda: _NOWHERE[channel],
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
    "KIT_LINE_UNKNOWN": [{"kit__line__number": "9"}],
    "PICKUP_PATTERN": [{"pickup__location__code": "S" * 65}],
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
    "KIT_LINE_UNKNOWN": [{"kit_line_number": "9"}],
    "PICKUP_PATTERN": [{"pickup_location_code": "S" * 65}],
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
    "KIT_LINE_UNKNOWN": [{"kit_line_number": "9"}],
    "PICKUP_PATTERN": [{"pickup_location_code": "S" * 65}],
    "TAX_ID_CHECK": [{"customer_tax_id": "DE136695977"}],
    "INCOTERM_UNKNOWN": [{"incoterm": "DAPP"}],
    "PHONE_IMPOSSIBLE": [{"customer_phone": "ask Ann"}],
    "BARCODE_CHECK_DIGIT": [{"barcode": "4006381333932"}],
}


def phone_file(code: str, _: Path) -> str:
    return json.dumps([_FORM, *(_FORM | {"channel_order_id": "2"} | change for change in PHONE[code])])
