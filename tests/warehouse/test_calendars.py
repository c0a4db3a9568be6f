"""The days of options: from the place's first possible day through its calendar to the day of delivery."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from oms_dagster.domain.sourcing.calendar import NEVER, WorkingDays, weekdays
from oms_dagster.warehouse.calendars import Calendars

#: Good Friday in England is the day after.
THURSDAY = date(2026, 4, 2)


def days(processing: int = 0, exceptions: dict[date, bool] | None = None, **option: Any) -> tuple[int, int]:
    """First ship day and days of travel of one option."""
    calendars = Calendars(
        THURSDAY,
        {"DC": WorkingDays(weekdays("1-5"), "GB-ENG", exceptions or {}), "SHUT": WorkingDays(frozenset())},
        {"DC": "GB", "SHUT": "GB"},
        {"DC": processing, "SHUT": 0},
        {"POST": WorkingDays(weekdays("1-6"))},
    )
    row = {
        "location_id": "DC", "mode": "carrier", "carrier_id": "POST", "ship_to_country": "GB", "start_day_index": 0,
        "not_before_day_index": 0, "transit_days": 1,
    } | option  # fmt: skip
    first, travel, lane, delivery = calendars.days_of({name: np.array([value]) for name, value in row.items()}, 14)
    assert lane.tolist() == [0]
    assert first[0] == NEVER or delivery[0, first[0]] == first[0] + travel[0]
    return int(first[0]), int(travel[0])


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({}, (0, 2)),  # Thursday, by a carrier that works on Saturday but not on Good Friday
        ({"start_day_index": 1}, (5, 1)),  # a minute late: Friday and Monday are holidays, Tuesday it is
        ({"processing": 1}, (5, 1)),
        ({"processing": 2}, (6, 1)),
        ({"mode": "own_fleet", "carrier_id": "", "transit_days": 0, "start_day_index": 2}, (5, 0)),
        ({"not_before_day_index": 3}, (5, 1)),  # shipped on Thursday it would come on Saturday, before it is wanted
        ({"ship_to_country": "DE", "transit_days": 3}, (0, 6)),  # Saturday, Tuesday, Wednesday
        ({"location_id": "SHUT"}, (NEVER, 0)),
        ({"exceptions": {date(2026, 4, 3): True}, "start_day_index": 1}, (5, 1)),  # it works, but nobody collects
        (
            {
                "exceptions": {date(2026, 4, 3): True},
                "start_day_index": 1,
                "mode": "own_fleet",
                "carrier_id": "",
                "transit_days": 0,
            },
            (1, 0),
        ),
    ],
)
def test_what_ships_when_and_arrives_when_around_easter(what: dict[str, Any], expected: tuple[int, int]) -> None:
    assert days(**what) == expected


def test_nothing_to_source_has_no_days() -> None:
    names = ("location_id", "mode", "carrier_id", "ship_to_country", "start_day_index", "not_before_day_index")
    empty = {name: np.zeros(0, dtype=np.int64) for name in (*names, "transit_days")}
    first, travel, lane, delivery = Calendars(THURSDAY, {}, {}, {}, {}).days_of(empty, 14)
    assert first.size == travel.size == lane.size == len(delivery) == 0
