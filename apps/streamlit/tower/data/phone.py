"""Questions of the phone order form.

Belongs here: SQL over the published copy. Does not belong here: drawing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import streamlit as st

from oms_dagster.warehouse.phone_promise import offers
from tower.data.copy import Copy, ask, has_table

#: Matches that a search offers.
OFFERED = 30


def customers(copy: Copy, text: str) -> pd.DataFrame:
    """Customers whose number, name, mail or phone holds the text."""
    return ask(
        copy,
        """
        select customer_id, name, currency, price_list, credit_limit, is_blocked, block_reason from marts.customers
        where not coalesce(is_provisional, false) and contains(lower(concat_ws(' ', customer_id, name, email, phone)), lower($text))
        order by customer_id <> $text, name, customer_id limit $limit
        """,
        text=text.strip(), limit=OFFERED,
    )  # fmt: skip


def skus(copy: Copy, text: str, price_list: str = "") -> pd.DataFrame:
    """SKUs that are sold and whose number, name or barcode holds the text: price of the list, else list price, and stock."""
    listed = "select null::varchar as sku_id, null::varchar as price_list, null::decimal(18,6) as unit_price"
    if has_table(copy, "intermediate", "int_prices__in_force"):
        listed = "select sku_id, price_list, unit_price from intermediate.int_prices__in_force"
    return ask(
        copy,
        f"""
        with prices as (select sku_id, any_value(unit_price) as unit_price from ({listed}) where price_list = $price_list group by 1),
        stock as (select sku_id, sum(greatest(atp, 0)) as available from marts.inventory_positions group by 1)
        select s.sku_id, s.name, s.currency, coalesce(p.unit_price, s.list_price) as unit_price, coalesce(t.available, 0) as available
        from marts.skus as s left join prices as p on p.sku_id = s.sku_id left join stock as t on t.sku_id = s.sku_id
        where coalesce(s.is_active, true) and contains(lower(concat_ws(' ', s.sku_id, s.name, s.barcode)), lower($text))
        order by s.sku_id <> $text, s.name, s.sku_id limit $limit
        """,
        text=text.strip(), price_list=price_list, limit=OFFERED,
    )  # fmt: skip


@st.cache_data(max_entries=32, show_spinner="Looking for stock")
def offered(
    copy_path: str,
    stamp: int,
    compiled: str,
    lines: tuple[tuple[str, Decimal], ...],
    customer_id: str,
    country: str,
    postcode: str,
    wanted: date | None,
) -> pd.DataFrame:
    """Date, place and cost of each line were the order alone, at the stock prices of the last plan.

    Raises
    ------
    CannotRehearse
        The copy has no plan to ask.
    """
    found = offers(
        Path(copy_path), Path(compiled), dict(lines),
        customer_id=customer_id, country=country, postcode=postcode, wanted=wanted,
    )  # fmt: skip
    names = ("sku_id", "quantity", "location_id", "ship_date", "deliver_date", "cost")
    shown = pd.DataFrame([[getattr(one, name) for name in names] for one in found], columns=list(names))
    shown[["ship_date", "deliver_date"]] = shown[["ship_date", "deliver_date"]].apply(pd.to_datetime)
    return shown.astype({"quantity": float, "cost": float})


def taken(copy: Copy) -> pd.DataFrame:
    """The newest orders taken by phone, with what they are promised."""
    return ask(
        copy,
        """
        select order_id, coalesce(customer_name, customer_id) as customer_name, placed_at, order_total, currency, fulfilment_status,
               is_held, promised_at, requested_to
        from marts.orders where channel = 'phone' order by placed_at desc, order_id desc limit 10
        """,
    )
