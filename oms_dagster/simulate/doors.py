"""What happens on the road: results at the door, and the vehicles at the gate.

Belongs here: the outcome and time of each delivery attempt, and yard visits. Does not belong here: goods that come back
afterwards (`comebacks`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from oms_dagster.simulate.dice import between, chance, token
from oms_dagster.simulate.network import TRAILER_DAYS, TRANSIT_DAYS
from oms_dagster.simulate.published import Published, Row, plain, units

DELIVERY = ("event_id", "shipment_id", "order_line_id", "outcome", "quantity", "receiver", "reason_code", "event_at",
            "source")  # fmt: skip
PICKUP = ("event_id", "pickup_id", "load_id", "outcome", "reason_code", "event_at", "source")
#: Chance that a carrier comes a day later than its service says.
CARRIER_LATE = 0.05
#: Chance that nobody hands out what was to be picked up.
NOT_COLLECTED = 0.12
YARD = ("event_id", "visit_id", "load_id", "dock_id", "kind", "event_at", "source")
#: Outcome -> chance; what is left is delivered whole. Own drivers lose nothing: they break it.
MISHAPS = {"refused": 0.015, "absent": 0.015, "lost": 0.005, "partial": 0.015}
#: From so many attempts on, each kind of mishap happens at least once in a world.
ENOUGH = 12
_REASONS = {
    "refused": ("not_ordered", "late", "price_dispute"),
    "absent": ("closed", "nobody_there"),
    "lost": ("lost_in_hub",),
    "damaged": ("crushed", "wet"),
}
#: Load of what a vendor sent. It goes out once, and whole.
NO_LOAD = ""
#: Seconds from one pick-up to the next.
STOP_S = 1800
_RECEIVERS = ("A. Moore", "J. Weiss", "S. Khan", "L. Schulz", "P. Evans", "goods-in desk")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a shipment from a departed load; instants in seconds since 1970 UTC.

    `lines` are order lines with their quantities, `is_recorded` says that the copy knows the result,
    `is_again` that an earlier load brought the shipment back.
    """

    load_id: str
    shipment_id: str
    is_carrier: bool
    departed: int
    at: int
    lines: tuple[tuple[str, Decimal], ...]
    is_recorded: bool
    is_again: bool
    outcome: str


class Trip(NamedTuple):
    """A load on the road: when it left, when its last stop was done."""

    departed: int
    last: int
    is_carrier: bool


def road(copy: Published, seed: int) -> list[Attempt]:
    """The attempts of all departed loads and vendors' parcels: each shipment rides on the load that left last."""
    columns = ("load_id", "mode", "trailer_id", "departed_at")
    loads = {row["load_id"]: row for row in copy.rows("loads", columns, ("load_id",)) if row["departed_at"] is not None}
    parcels = {
        row["shipment_id"]: row
        for row in copy.rows(
            "shipments", ("shipment_id", "mode", "departed_at", "carrier_id", "service"), ("shipment_id",)
        )
    }
    eta = {
        (row["load_id"], row["stop_sequence"]): row["eta"]
        for row in copy.rows("route_stops", ("load_id", "stop_sequence", "eta"), ("load_id", "stop_sequence"))
    }
    last: dict[str, tuple[Row, Row]] = {}
    for ride in copy.rows("load_shipments", ("load_id", "shipment_id", "stop_sequence"), ("load_id", "shipment_id")):
        load = loads.get(ride["load_id"])
        if load and (
            ride["shipment_id"] not in last or load["departed_at"] > last[ride["shipment_id"]][0]["departed_at"]
        ):
            last[ride["shipment_id"]] = (load, ride)
    for row in parcels.values():
        if row["mode"] == "dropship" and row["departed_at"] is not None:
            parcel = {"load_id": NO_LOAD, "mode": "carrier", "trailer_id": None, "departed_at": row["departed_at"]}
            last[row["shipment_id"]] = (parcel, {**parcel, "shipment_id": row["shipment_id"], "stop_sequence": None})
    lines = _lines(copy)
    results: dict[str, list[Row]] = defaultdict(list)
    for row in copy.rows("deliveries", ("shipment_id", "outcome", "attempted_at", "delivered_at"), ("shipment_id",)):
        if row["outcome"] is not None:
            results[row["shipment_id"]].append(row)
    seen = {row["outcome"] for rows in results.values() for row in rows}
    attempts = []
    for shipment, (load, ride) in sorted(last.items()):
        departed = int(load["departed_at"])
        known = [int(row["delivered_at"] or row["attempted_at"] or 0) for row in results[shipment]]
        is_again = any(at < departed for at in known)
        attempts.append(
            Attempt(
                load["load_id"], shipment, load["mode"] == "carrier", departed,
                _by_carrier(load, parcels.get(shipment, {}), shipment, seed)
                if load["mode"] == "carrier"
                else _by_driver(load, ride, eta, seed),
                tuple(lines[shipment]), any(at >= departed for at in known), is_again,
                "delivered" if is_again else _outcome(seed, load, shipment, lines[shipment]),
            )
        )  # fmt: skip
    return _at_least_once(attempts, seen, seed)


def _lines(copy: Published) -> dict[str, list[tuple[str, Decimal]]]:
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in copy.rows(
        "shipment_lines", ("shipment_id", "order_line_id", "quantity"), ("shipment_id", "order_line_id")
    ):
        total[row["shipment_id"], row["order_line_id"]] += units(row["quantity"])
    lines: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for (shipment, line), quantity in total.items():
        lines[shipment].append((line, quantity))
    return lines


def _by_driver(load: Row, ride: Row, eta: dict[tuple[str, Any], int | None], seed: int) -> int:
    """Own drivers come near their ETA."""
    key, departed = (load["load_id"], ride["shipment_id"]), int(load["departed_at"])
    stop = max(1, int(units(ride["stop_sequence"]) or between(seed, 1, 12, "stop", *key)))
    planned = eta.get((load["load_id"], ride["stop_sequence"]))
    earliest = departed + 900 + 600 * (stop - 1)
    return max(earliest, int(planned or departed + 1500 * stop) + between(seed, -240, 1320, "road", *key))


def _by_carrier(load: Row, parcel: Row, shipment: str, seed: int) -> int:
    """Carriers come in working hours after the days of their service, now and then a day later, never on a Sunday."""
    key, departed = (load["load_id"], shipment), int(load["departed_at"])
    told = TRANSIT_DAYS.get((parcel.get("carrier_id"), parcel.get("service")))
    days = TRAILER_DAYS if load["trailer_id"] else told or between(seed, 1, 2, "transit", *key)
    days += told is not None and chance(seed, "late carrier", *key) < CARRIER_LATE
    day = datetime.fromtimestamp(departed, UTC).date()
    while days:
        day += timedelta(days=1)
        days -= day.isoweekday() != 7
    nine = int(datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp())
    return nine + between(seed, 0, 8 * 3600, "round", *key)


def _outcome(seed: int, load: Row, shipment: str, lines: Sequence[tuple[str, Decimal]]) -> str:
    thrown = chance(seed, "door", load["load_id"], shipment)
    for outcome, share in MISHAPS.items():
        if thrown < share:
            if load["load_id"] == NO_LOAD and outcome in ("absent", "partial"):
                return "delivered"
            if outcome == "lost" and load["mode"] != "carrier":
                return "damaged"
            return "refused" if outcome == "partial" and not _divisible(lines) else outcome
        thrown -= share
    return "delivered"


def _divisible(lines: Sequence[tuple[str, Decimal]]) -> bool:
    return len(lines) > 1 or any(quantity >= 2 for _, quantity in lines)


def _at_least_once(attempts: list[Attempt], seen: set[str], seed: int) -> list[Attempt]:
    """Let each kind of mishap that the world lacks happen to one attempt that the copy does not know yet."""
    if len(attempts) < ENOUGH:
        return attempts
    drawn = {attempt.outcome for attempt in attempts}
    changed: dict[str, str] = {}
    for kind in MISHAPS:
        if kind in seen or kind in drawn:
            continue
        fit = [
            a.shipment_id
            for a in attempts
            if not a.is_recorded
            and not a.is_again
            and a.outcome == "delivered"
            and a.shipment_id not in changed
            and (kind != "lost" or a.is_carrier)
            and a.load_id != NO_LOAD
            and (kind != "partial" or _divisible(a.lines))
        ]
        if fit:
            changed[min(fit, key=lambda shipment: chance(seed, "once", kind, shipment))] = kind
    return [replace(a, outcome=changed.get(a.shipment_id, a.outcome)) for a in attempts]


def door_events(attempts: Sequence[Attempt], seed: int, until: int, counts: Counter[str]) -> list[tuple[Any, ...]]:
    """Rows of `deliveries`: one a shipment, or one a line and outcome when part of it was refused."""
    rows: list[tuple[Any, ...]] = []
    for a in attempts:
        if a.is_recorded or a.at > until or not a.lines:
            continue
        counts[a.outcome] += 1
        receiver = _RECEIVERS[between(seed, 0, len(_RECEIVERS) - 1, "receiver", a.shipment_id)]
        if a.outcome == "partial":
            rows += _partial(a, seed, receiver)
            continue
        key = token("DLV", a.load_id, a.shipment_id)
        reasons = _REASONS.get(a.outcome, (None,))
        reason = reasons[between(seed, 0, len(reasons) - 1, "why", a.load_id, a.shipment_id)]
        taken_by = receiver if a.outcome == "delivered" else None
        rows.append((key, a.shipment_id, None, a.outcome, None, taken_by, reason, a.at))
    return rows


def _partial(a: Attempt, seed: int, receiver: str) -> list[tuple[Any, ...]]:
    """One line is refused, in part when it has several units; the rest is delivered."""
    many = [pair for pair in a.lines if pair[1] >= 2] or list(a.lines)
    chosen, ordered = min(many, key=lambda pair: chance(seed, "which", a.shipment_id, pair[0]))
    back = Decimal(between(seed, 1, int(ordered) - 1, "how many", a.shipment_id)) if ordered >= 2 else ordered
    rows: list[tuple[Any, ...]] = []
    for line, quantity in a.lines:
        taken = quantity - back if line == chosen else quantity
        for outcome, number, who, why in (
            ("delivered", taken, receiver, None),
            ("refused", back, None, "damaged_goods"),
        ):
            if number > 0 and (outcome == "delivered" or line == chosen):
                key = token("DLV", a.load_id, a.shipment_id, line, outcome)
                rows.append((key, a.shipment_id, line, outcome, plain(number), who, why, a.at))
    return rows


def yard_events(copy: Published, attempts: Sequence[Attempt], seed: int, until: int) -> list[tuple[Any, ...]]:
    """Rows of `yard` for departed loads: gate, dock and loading before they left; own vehicles come back."""
    visits = {row["load_id"] for row in copy.rows("yard_visits", ("visit_id", "load_id"), ("visit_id",))}
    back = {
        row["load_id"] for row in copy.rows("loads", ("load_id", "returned_at"), ("load_id",)) if row["returned_at"]
    }
    trips = _collecting(copy)
    for attempt in attempts:
        if attempt.load_id != NO_LOAD:
            known = trips.get(attempt.load_id)
            last = max(attempt.at, known.last if known else 0)
            trips[attempt.load_id] = Trip(attempt.departed, last, attempt.is_carrier)
    rows: list[tuple[Any, ...]] = []
    for load, trip in sorted(trips.items()):
        departed, dock = trip.departed, f"DOCK-{between(seed, 1, 4, 'dock', load)}"
        start = departed - between(seed, 50, 90, "gate", load) * 60
        gap = (departed - start) // 5
        events = {"gate_in": start, "dock_in": start + gap, "loading_start": start + 2 * gap,
                  "loading_end": departed - gap // 2, "gate_out": departed} if load not in visits else {}  # fmt: skip
        if not trip.is_carrier and load not in back:
            events["returned"] = trip.last + between(seed, 20, 70, "home", load) * 60
        for kind, at in events.items():
            if at <= until:
                place = dock if kind in ("dock_in", "loading_start", "loading_end") else None
                rows.append((token("YRD", load, kind), token("VISIT", load), load, place, kind, at))
    return rows


def _collecting(copy: Published) -> dict[str, Trip]:
    """Trips that collect only, by load: no delivery tells of them."""
    carrying = {
        row["load_id"] for row in copy.rows("load_shipments", ("load_id", "shipment_id"), ("load_id", "shipment_id"))
    }
    loads = copy.rows("loads", ("load_id", "mode", "stops", "departed_at"), ("load_id",))
    return {
        row["load_id"]: Trip(
            int(row["departed_at"]), int(row["departed_at"]) + STOP_S * int(row["stops"]), is_carrier=False
        )
        for row in loads
        if row["departed_at"] is not None and row["mode"] == "own_fleet" and row["load_id"] not in carrying
    }


def pickup_events(copy: Published, seed: int, until: int) -> list[tuple[Any, ...]]:
    """What drivers say of the pick-ups on the loads that are out."""
    departed = {
        row["load_id"]: row["departed_at"] for row in copy.rows("loads", ("load_id", "departed_at"), ("load_id",))
    }
    found: list[tuple[Any, ...]] = []
    for row in copy.rows("pickups", ("pickup_id", "load_id", "stop_sequence", "status"), ("pickup_id",)):
        if row["status"] != "on_the_way":
            continue
        key = (row["load_id"], row["pickup_id"])
        at = int(departed[row["load_id"]]) + STOP_S * int(row["stop_sequence"]) + between(seed, 0, 900, "handed", *key)
        if at <= until:
            is_missed = chance(seed, "not collected", *key) < NOT_COLLECTED
            told = ("not_collected", "nobody_there") if is_missed else ("collected", None)
            found.append((token("PKE", *key), row["pickup_id"], row["load_id"], *told, at))
    return found
