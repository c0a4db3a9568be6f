"""What a channel's settings mean for its orders is fixed when they are captured."""

from __future__ import annotations

from datetime import date

import pytest
from gate_desk import Desk

from oms_dagster.domain.capture.channel_file import load_channels, parse_text

YAML = "record: order\nformat: json\ntimezone: Europe/Lisbon\ncurrency: EUR\n"
ORDER = '[{"channel_order_id": "A", "placed_at": "%s", "sku_code": "T", "quantity": 1, "unit_price": 1}]'


def _desk(desk: Desk, more: str) -> Desk:
    desk.channels = load_channels()[0] | {"shop": parse_text("shop", YAML + more, "shop.yml")}
    return desk


@pytest.mark.parametrize(("placed_at", "counts_from"), [
    ("2025-06-05T16:00", date(2025, 6, 5)),  # a Thursday, on the dot
    ("2025-06-05T15:00:01Z", date(2025, 6, 6)),  # 16:00:01 in Lisbon
    ("2025-06-06T18:00", date(2025, 6, 9)),  # Friday evening: Monday
    ("2025-06-07T09:00", date(2025, 6, 9)),  # Saturday morning too
])  # fmt: skip
def test_after_the_cut_off_an_order_counts_for_the_next_working_day(
    desk: Desk, placed_at: str, counts_from: date
) -> None:
    _desk(desk, 'cutoff: "16:00"\n').capture("shop", ORDER % placed_at)
    assert desk.rows("select counts_from from facts.orders") == [(counts_from,)]


def test_without_settings_the_policies_decide(desk: Desk) -> None:
    _desk(desk, "").capture("shop", ORDER % "2025-06-05")
    assert desk.rows("select counts_from, remorse_minutes, needs_known_customer from facts.orders") == [
        (None, None, False)
    ]


def test_a_remorse_window_and_the_wish_for_known_customers_go_with_the_order(desk: Desk) -> None:
    _desk(desk, "remorse_minutes: 0\nunknown_customer: hold\n").capture("shop", ORDER % "2025-06-05")
    assert desk.rows("select remorse_minutes, needs_known_customer from facts.orders") == [(0, True)]
