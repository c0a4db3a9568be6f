"""Orders of Shopify and of trading partners that break one rule and no other, by code."""

from __future__ import annotations

from collections.abc import Mapping

from gate_desk import (
    cxml,
    cxml_item,
    edifact_order,
    purchase_order,
    ubl,
    ubl_line,
)


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
