"""Days of the options: when each could ship and how long it travels, by the calendars of locations and carriers.

Belongs here: calendars read, and looked up for each option. Does not belong here: what a working day is
(`domain.sourcing.calendar`), cut-offs (`int_sourcing__options`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from oms_dagster.domain.sourcing.calendar import NEVER, WorkingDays, arrival_days, begin_days, ship_days, weekdays
from oms_dagster.domain.sourcing.problem import Bools, Ints
from oms_dagster.warehouse.read import rows, value

#: Days beyond the last one asked for in which a closed place is taken to open again.
MARGIN = 60


@dataclass(frozen=True, slots=True)
class Calendars:
    """The working days of all locations and carriers from day 0 (the UTC date of the cycle's effective time) on."""

    day_zero: date
    locations: Mapping[str, WorkingDays]
    countries: Mapping[str, str]
    processing: Mapping[str, int]
    carriers: Mapping[str, WorkingDays]

    def open_days(self, location_ids: tuple[str, ...], days: int) -> Bools:
        """(W, D): the days on which each location ships."""
        return np.array([self.locations[name].days(self.day_zero, days) for name in location_ids], dtype=np.bool_)

    def begin_days(self, location_id: str, days: int) -> Ints:
        """By ship day: the last day on which the location must begin, by its processing days."""
        return begin_days(self.locations[location_id].days(self.day_zero, days), self.processing[location_id])

    def days_of(self, options: Mapping[str, np.ndarray], horizon_days: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Of each option the first day that it can ship (`NEVER`: none), the days until it is delivered from then, and its lane.

        Lanes are rows of the last array, (lanes, horizon_days): the day on which what leaves on each day is delivered.

        Parameters
        ----------
        options
            Columns of `int_sourcing__options`: `location_id`, `mode`, `carrier_id`, `ship_to_country`, `start_day_index`,
            `not_before_day_index`, and `transit_days` in working days.
        """
        start, not_before = options["start_day_index"], options["not_before_day_index"]
        count = int(max([horizon_days, *start.tolist(), *not_before.tolist()])) + MARGIN
        names = ("location_id", "mode", "carrier_id", "ship_to_country", "transit_days")
        codes: dict[tuple[str, str, str, str, int], int] = {}
        lane = np.array(
            [codes.setdefault(key, len(codes)) for key in zip(*(options[n].tolist() for n in names), strict=True)],
            dtype=np.int64,
        )
        first, deliver = np.empty(len(lane), np.int64), np.empty(len(lane), np.int64)
        delivery = np.empty((len(codes), horizon_days), np.int64)
        for key, code in codes.items():
            at = np.flatnonzero(lane == code)
            ready, leaves, arrives = self._lane(*key, count)
            # what a customer takes from a day on waits here, not at the door
            wanted = np.searchsorted(arrives, not_before[at])
            first[at] = np.append(leaves, NEVER)[np.minimum(np.maximum(ready[start[at]], wanted), count)]
            deliver[at] = np.append(arrives, NEVER)[np.minimum(first[at], count)]
            delivery[code] = arrives[:horizon_days]
        return first, deliver - first, lane, delivery

    def carrier_days(
        self, location_id: str, carrier_id: str, country: str, transit_days: int, day: date
    ) -> tuple[bool, int, int]:
        """Whether the carrier collects on a day, and the days from it until delivery, so collected and with the next one.

        `transit_days` are working days of the carrier; whatever it takes longer counts as `MARGIN` days.
        """
        start = max(0, (day - self.day_zero).days)
        _, leaves, arrives = self._lane(location_id, "carrier", carrier_id, country, transit_days, start + MARGIN)
        collects = int(leaves[start]) == start
        following = int(leaves[start + 1])
        days = [min(MARGIN, int(arrives[at]) - start) if at < len(arrives) else MARGIN for at in (start, following)]
        return collects, days[0], days[1]

    def _lane(
        self, location_id: str, mode: str, carrier_id: str, country: str, transit_days: int, count: int
    ) -> tuple[Ints, Ints, Ints]:
        """By day of a lane: when what is ordered is processed, when what is processed leaves, when what leaves arrives."""
        works = self.locations[location_id].days(self.day_zero, count)
        ready = ship_days(works, self.processing[location_id])
        if mode != "carrier":
            return ready, ship_days(works, 0), arrival_days(works, transit_days)
        carrier = self.carriers.get(carrier_id, WorkingDays())
        collects = WorkingDays(carrier.weekdays, self.countries[location_id], carrier.exceptions)
        delivers = WorkingDays(carrier.weekdays, country, carrier.exceptions)
        leaves = ship_days(works & collects.days(self.day_zero, count), 0)
        return ready, leaves, arrival_days(delivers.days(self.day_zero, count), transit_days)


def calendars(connection: duckdb.DuckDBPyConnection) -> Calendars:
    """The calendars in force."""
    exceptions: dict[str, dict[date, bool]] = {}
    for row in rows(connection, "select * from intermediate.int_calendar_exceptions__in_force order by key"):
        exceptions.setdefault(row["calendar_id"], {})[row["day"]] = row["is_open"]
    locations = rows(connection, "select * from intermediate.int_locations__in_force order by location_id")
    carriers = rows(connection, "select * from intermediate.int_carriers__in_force order by carrier_id")
    return Calendars(
        day_zero=value(connection, "select cast(as_of as date) from plans.cycle"),
        locations={
            place["location_id"]: WorkingDays(
                weekdays(place["ships_on"]),
                place["holidays"] or place["country"],
                exceptions.get(place["location_id"], {}),
            )
            for place in locations
        },
        countries={place["location_id"]: place["country"] for place in locations},
        processing={place["location_id"]: place["processing_days"] or 0 for place in locations},
        carriers={
            carrier["carrier_id"]: WorkingDays(
                weekdays(carrier["works_on"]), exceptions=exceptions.get(carrier["carrier_id"], {})
            )
            for carrier in carriers
        },
    )
