"""Files of rows with a good order, and one that breaks one rule and no other, by channel and code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from gate_desk import (
    POS_HEADER,
    csv_text,
    pos_row,
)
from shop_documents import amazon_report, amazon_row

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
