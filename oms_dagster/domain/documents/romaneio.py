"""The romaneio (load manifest): the composition of a trip, on the paper that leads the driver through it.

Belongs here: what a romaneio holds and how it reads. Does not belong here: the choice of stops or their order,
the freight calculation, any fiscal document. A romaneio is not a fiscal document; it lists their numbers.

What it does in the trade: basis of the freight calculation, control of dock and gate, the driver's way list.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.units import mm
from reportlab.platypus.flowables import Flowable, Spacer

from oms_dagster.domain.documents.blocks import Cell, Strong, boxed, facts, mixed, sign_boxes, table, text, total_row
from oms_dagster.domain.documents.figures import (
    cubic_metres,
    kilograms,
    kilometres,
    moment_text,
    money,
    window_text,
)
from oms_dagster.domain.documents.paper import Head, Sheet, build, usable_width

DOCUMENT_TYPE = "romaneio"
TEMPLATE_VERSION = "romaneio/1"
NOT_LEFT = "The load has not left: until then the plan may change. The load manifest takes the place of this sheet."
NOT_FISCAL = "This is not a fiscal document. It does not replace the invoices that go with the goods."


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the trip: what is delivered, and what is picked up.

    Attributes
    ----------
    stop_sequence
        Place in the delivery sequence, 1 is the first.
    address
        Lines of the address, the town included.
    window_from, window_to, eta
        Instants with a time zone; ``eta`` is the planned arrival.
    packages, weight_g, volume_dm3
        Pieces, grams gross, cubic decimetres.
    value_cents, currency
        Value of the goods, in hundredths of an ISO 4217 currency; no currency where nothing is delivered.
    shipment_ids, invoices
        What is handed over; invoices as series-number or access key, if any.
    note
        What the driver must know (bell, lift, cash to collect).
    pickups
        What is collected there, one line each.
    """

    stop_sequence: int
    consignee: str
    address: tuple[str, ...]
    window_from: datetime | None
    window_to: datetime | None
    eta: datetime | None
    packages: int
    weight_g: int
    volume_dm3: int
    value_cents: int
    currency: str
    shipment_ids: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    note: str = ""
    pickups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Romaneio:
    """A dispatched load.

    Attributes
    ----------
    carrier
        Name of the carrier; empty for the own fleet.
    vehicle, trailers, driver, helpers
        Number plates and names; empty: a line to write on.
    dock, seal, gate_in_at, gate_out_at
        Filled in where known, else a line to write on.
    freight_basis
        In words, what freight is calculated on, e.g. ``gross weight x distance``.
    distance_m
        Planned metres of the trip, or None where nobody plans the route (a carrier's collection).
    floor
        On a planned load: how much floor the goods take, or why it isn't known.
    is_planned
        The load hasn't left: the sheet says how it stands in the plan of cycle `number`, and may change.
    """

    number: int
    series: str
    issued_at: datetime
    timezone: str
    location_id: str
    location_name: str
    load_id: str
    stops: tuple[Stop, ...]
    planned_departure: datetime | None = None
    carrier: str = ""
    vehicle: str = ""
    trailers: tuple[str, ...] = ()
    driver: str = ""
    helpers: tuple[str, ...] = ()
    dock: str = ""
    seal: str = ""
    gate_in_at: datetime | None = None
    gate_out_at: datetime | None = None
    freight_basis: str = ""
    distance_m: int | None = None
    floor: str = ""
    is_planned: bool = False


def value_totals(stops: tuple[Stop, ...]) -> dict[str, int]:
    """Hundredths per currency, currencies in alphabetical order; different currencies are never added up."""
    totals: Counter[str] = Counter()
    for stop in (s for s in stops if s.currency):
        totals[stop.currency] += stop.value_cents
    return dict(sorted(totals.items()))


def _stop_row(stop: Stop, timezone: str) -> list[Cell]:
    who = mixed(
        [
            (stop.consignee, True, 10),
            *((line, False, 9) for line in stop.address),
            *((f"Collect: {line}", True, 9) for line in stop.pickups),
            (stop.note and f"Note: {stop.note}", True, 9),
        ]
    )
    when = mixed(
        [
            (window_text(stop.window_from, stop.window_to, timezone), False, 9),
            (f"ETA {moment_text(stop.eta, timezone)}" if stop.eta else "", True, 9),
        ]
    )
    papers = mixed([*((number, False, 8.5) for number in stop.invoices or ("none",))])
    return [
        Strong(str(stop.stop_sequence), 13),
        who,
        when,
        str(stop.packages),
        kilograms(stop.weight_g),
        cubic_metres(stop.volume_dm3),
        money(stop.value_cents, stop.currency) if stop.currency else "",
        papers,
        "",
    ]


def _stops_table(data: Romaneio) -> Flowable:
    stops = sorted(data.stops, key=lambda s: s.stop_sequence)
    rows = [_stop_row(stop, data.timezone) for stop in stops]
    values = "\n".join(money(cents, currency) for currency, cents in value_totals(data.stops).items())
    rows.append(
        [
            "",
            Strong(f"Total: {len(stops)} stops", 10),
            "",
            Strong(str(sum(s.packages for s in stops)), 9),
            Strong(kilograms(sum(s.weight_g for s in stops)), 9),
            Strong(cubic_metres(sum(s.volume_dm3 for s in stops)), 9),
            Strong(values, 9),
            "",
            "",
        ]
    )
    grid = table(
        [
            "Stop",
            "Consignee and address",
            "Window and ETA",
            "Packages",
            "kg gross",
            "m³",
            "Value",
            "Invoices",
            "Received by, time",
        ],
        rows,
        [12, 62, 46, 19, 22, 17, 32, 29, 34],
        "rllrrrrll",
        9,
    )
    return total_row(boxed(grid, [8], last_row=-2))


def render_romaneio(data: Romaneio) -> bytes:
    """Render the romaneio of a load, or the run sheet of a planned one, as PDF (A4 landscape).

    Returns
    -------
    bytes
        The same for the same input.

    Raises
    ------
    ValueError
        An instant without a time zone, or an unknown time zone.
    """
    name = "Run sheet" if data.is_planned else "Romaneio"
    head = Head(name, data.number, data.series, data.issued_at, data.timezone, TEMPLATE_VERSION)
    width = usable_width(wide=True)
    place = f"{data.location_name} ({data.location_id})"
    trailer = f" + {', '.join(data.trailers)}" if data.trailers else ""
    crew = ", ".join((data.driver, *data.helpers)) if data.driver else ""
    top = facts(
        [
            ("From", place),
            ("Load", data.load_id),
            ("Carrier", f"{data.carrier}{'' if data.vehicle else trailer}" if data.carrier else "own fleet"),
            ("Vehicle", f"{data.vehicle}{trailer}" if data.vehicle else ""),
            ("Driver", crew),
            ("Planned departure", moment_text(data.planned_departure, data.timezone, "not planned")),
            ("Dock", data.dock),
            ("Seal", data.seal),
            ("Gate in", moment_text(data.gate_in_at, data.timezone)),
            ("Gate out", moment_text(data.gate_out_at, data.timezone)),
            ("Freight basis", data.freight_basis or "not stated"),
            ("Planned distance", "not planned" if data.distance_m is None else f"{kilometres(data.distance_m)} km"),
            *([("Floor, by layers", data.floor)] if data.floor else []),
        ],
        width,
        columns=4,
    )
    boxes = [
        ("Loaded and checked by", "", ["Time, signature"]),
        ("Driver", data.driver, ["Time, signature"]),
        ("Gate", "", ["Time, signature"]),
    ]
    body = _stops_table(data) if data.stops else text("No stops on this load.", 11)
    sheet = Sheet(
        "Run sheet (as planned)" if data.is_planned else "Romaneio (load manifest)",
        f"Load {data.load_id} · {data.vehicle or data.carrier or 'vehicle not named'} · {place}\n{NOT_LEFT if data.is_planned else NOT_FISCAL}",
        data.load_id,
        (top, Spacer(1, 2 * mm), body, sign_boxes(boxes, width)),
    )
    words = [place, data.carrier, crew, *(w for s in data.stops for w in (s.consignee, *s.address, *s.pickups, s.note))]
    return build(head, [sheet], words, wide=True)
