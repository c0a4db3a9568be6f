"""Working days: when a location ships and when a carrier delivers, as day indexes from the planning day.

Belongs here: weekdays, public holidays, exceptions, and arithmetic over them. Does not belong here: cut-offs, which are
instants of a place's own day (`int_sourcing__options`), or what is promised (`solve`).

Days of an array are indexes from the first day of the calendar; `NEVER` stands for a day beyond its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from oms_dagster.domain.sourcing.problem import Bools, Ints

#: A day that no calendar reaches.
NEVER = 10_000
EVERY_DAY = frozenset(range(1, 8))
#: What a calendar says that keeps no public holidays.
NO_HOLIDAYS = "none"


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of a location or carrier.

    Attributes
    ----------
    weekdays
        ISO weekdays, 1 Monday.
    holidays
        Country, or country and subdivision (``GB-SCT``), whose public holidays are kept; empty or ``none``: no one's.
    exceptions
        Single days, open or closed whatever the rest says.
    """

    weekdays: frozenset[int] = EVERY_DAY
    holidays: str = NO_HOLIDAYS
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether that day is a working day."""
        if day in self.exceptions:
            return self.exceptions[day]
        return day.isoweekday() in self.weekdays and day not in public_holidays(self.holidays, day.year)

    def days(self, first: date, count: int) -> Bools:
        """Working days from the first day on, one value a day."""
        return np.array([self.works(first + timedelta(days=i)) for i in range(count)], dtype=np.bool_)


def weekdays(text: str | None) -> frozenset[int]:
    """ISO weekdays of ``1-5``, ``1|3|5`` or ``1-5|7``; empty: every day.

    Raises
    ------
    ValueError
        The text is none of these.
    """
    if not text:
        return EVERY_DAY
    found: set[int] = set()
    for part in text.split("|"):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    if not found or not found <= EVERY_DAY:
        raise ValueError(f"{text!r} are no ISO weekdays (1 Monday to 7 Sunday, as 1-5 or 1|3|5)")
    return frozenset(found)


@lru_cache(maxsize=512)
def public_holidays(calendar: str, year: int) -> frozenset[date]:
    """Public holidays of a country or subdivision in a year; none where the library knows no such calendar."""
    if not is_calendar(calendar):
        return frozenset()
    from holidays import country_holidays

    country, _, subdivision = calendar.partition("-")
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))


@lru_cache(maxsize=512)
def is_calendar(calendar: str) -> bool:
    """Whether public holidays of that country or subdivision are known."""
    from holidays import list_supported_countries

    country, _, subdivision = calendar.partition("-")
    known = list_supported_countries()
    return country in known and (not subdivision or subdivision in known[country])


def ship_days(works: Bools, processing_days: int) -> Ints:
    """The day on which what is ordered on each day can ship: the first working day from it on, and so many more.

    Parameters
    ----------
    works : (N,)
        Working days of the location.
    """
    return _nth_working_day(works, np.arange(len(works)), processing_days)


def begin_days(works: Bools, processing_days: int) -> Ints:
    """The last day on which work must begin for what ships on each day; the first of all where none is early enough."""
    ready = ship_days(works, processing_days)
    return np.maximum(np.searchsorted(ready, np.arange(len(works)), side="right") - 1, 0).astype(np.int64)


def arrival_days(works: Bools, transit_days: int) -> Ints:
    """The day on which what ships on each day arrives: that many working days of the carrier later.

    Parameters
    ----------
    works : (N,)
        Days on which the carrier delivers there.
    """
    if transit_days == 0:
        return np.arange(len(works), dtype=np.int64)
    return _nth_working_day(works, np.arange(len(works)) + 1, transit_days - 1)


def _nth_working_day(works: Bools, since: Ints, more: int) -> Ints:
    working = np.append(np.flatnonzero(works), NEVER)
    at = np.searchsorted(working, since) + more
    return np.asarray(working[np.minimum(at, len(working) - 1)], dtype=np.int64)
