"""Working days: weekdays, public holidays of a country's regions, single days, and what arrives when."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.sourcing.calendar import (
    EVERY_DAY,
    NEVER,
    WorkingDays,
    arrival_days,
    begin_days,
    is_calendar,
    ship_days,
    weekdays,
)

#: Maundy Thursday to Wednesday after Easter; Friday and Monday are public holidays in England.
THURSDAY = date(2026, 4, 2)
ENGLISH = WorkingDays(weekdays("1-5"), "GB-ENG")


def test_a_region_keeps_its_own_holidays() -> None:
    monday = date(2026, 4, 6)
    assert not WorkingDays(holidays="GB-ENG").works(monday)
    assert WorkingDays(holidays="GB-SCT").works(monday)
    assert WorkingDays(holidays="none").works(date(2026, 12, 25))


def test_an_exception_outvotes_weekday_and_holiday() -> None:
    sunday = date(2026, 3, 8)
    rule = WorkingDays(weekdays("1-5"), "GB-ENG", {sunday: True, THURSDAY: False})
    assert rule.works(sunday)
    assert not rule.works(THURSDAY)


def test_friday_before_a_holiday_monday_ships_on_tuesday() -> None:
    works = ENGLISH.days(THURSDAY, 10)
    assert works.tolist() == [True, False, False, False, False, True, True, True, True, False]
    assert ship_days(works, 0).tolist()[:6] == [0, 5, 5, 5, 5, 5]
    assert ship_days(works, 1).tolist()[:6] == [5, 6, 6, 6, 6, 6]
    assert arrival_days(works, 1).tolist()[:2] == [5, 5]
    assert arrival_days(works, 0).tolist()[:2] == [0, 1]


def test_work_begins_so_many_working_days_before_it_ships() -> None:
    works = ENGLISH.days(THURSDAY, 10)
    assert begin_days(works, 0).tolist()[5:8] == [5, 6, 7]
    assert begin_days(works, 1).tolist()[5:8] == [0, 5, 6]
    assert begin_days(works, 2).tolist()[5] == 0, "what can't be ready in time begins at once"


def test_what_never_opens_never_ships() -> None:
    shut = np.zeros(5, dtype=np.bool_)
    assert ship_days(shut, 0).tolist() == [NEVER] * 5
    assert arrival_days(shut, 2).tolist() == [NEVER] * 5


@pytest.mark.parametrize(
    ("text", "days"),
    [(None, EVERY_DAY), ("", EVERY_DAY), ("1-5", {1, 2, 3, 4, 5}), ("1|3|5", {1, 3, 5}), ("6-7|1", {1, 6, 7})],
)
def test_weekdays_are_read(text: str | None, days: set[int]) -> None:
    assert weekdays(text) == days


@pytest.mark.parametrize("text", ["0-3", "8", "Mon", "5-1"])
def test_what_are_no_weekdays_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        weekdays(text)


def test_a_calendar_is_known_or_not() -> None:
    assert is_calendar("DE-HE") and is_calendar("GB")
    assert not is_calendar("GB-XYZ") and not is_calendar("XX")


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 5))
def test_processing_and_travel_count_working_days_one_by_one(works: list[bool], more: int) -> None:
    open_days = np.array(works, dtype=np.bool_)
    for day, (ships, arrives) in enumerate(zip(ship_days(open_days, more), arrival_days(open_days, more), strict=True)):
        if ships < NEVER:
            assert works[ships] and sum(works[day:ships]) == more
        if more and arrives < NEVER:
            assert works[arrives] and sum(works[day + 1 : arrives]) == more - 1


def test_a_day_is_a_calendar_day_across_the_change_of_clocks() -> None:
    saturday = date(2026, 3, 28)  # clocks go forward in the night to Sunday
    works = WorkingDays(weekdays("1-5")).days(saturday, 4)
    assert [saturday + timedelta(days=int(d)) for d in ship_days(works, 0)[:1]] == [date(2026, 3, 30)]
