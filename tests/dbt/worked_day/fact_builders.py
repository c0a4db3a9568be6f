"""Builders of facts, one a thing that happens: an order, a promise, a move, a shipment's work, its ride, its result.

Belongs here: which rows a happening leaves, as capture, the ledger and the commit write them. Does not belong here: a
story (`worked_day_facts`). Times are texts as ``"12 07:00"``: of June 2024, local to London.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
#: Cycle -> when it ran.
CYCLES = {
    1: "10 12:00",
    2: "11 06:00",
    3: "12 06:00",
    4: "13 06:00",
    5: "14 06:00",
    6: "15 06:00",
    7: "16 06:00",
    8: "16 12:00",
}
AS_OF = "16 12:00"
#: The usual path of a line: released and worked on the 11th, on the road in the morning of the 12th.
RELEASED, PICKED, PACKED = "11 06:00", "11 09:00", "11 11:00"
L1, L2, M1, M2, PARCELS = "LON-0612", "LON-0613", "MAN-0612", "MAN-0614", "LON-PARCELS-0611"
DEPARTS = {L1: "12 07:00", L2: "13 07:00", M1: "12 06:30", M2: "14 06:30", PARCELS: "11 15:00", "MAN-0616": "16 06:30"}


def at(text: str) -> datetime:
    """``"12 07:00"``: that time of June 2024 in London."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2024, 6, int(day), int(hour), int(minute), tzinfo=LONDON)


def june(day: int) -> date:
    return date(2024, 6, day)


@dataclass(slots=True)
class Facts:
    """Rows by table; each row gets the cycle that would have recorded it."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    serial: int = 0

    def add(self, table: str, recorded: str, **values: Any) -> None:
        cycle = next(seq for seq, ran in CYCLES.items() if at(ran) >= at(recorded))
        self.rows[f"facts.{table}"].append({**values, "cycle_seq": cycle, "recorded_at": at(CYCLES[cycle])})

    def next_id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}-{self.serial}"


def order(
    facts: Facts, order_id: str, placed: str, customer: str, lines: Mapping[str, tuple[str, str]], *,
    channel: str = "shopify",
    window: tuple[str, str] = ("12 08:00", "12 18:00"), currency: str = "GBP", is_test: bool = False,
    unit_price: str | None = None, discount: str = "0",
) -> None:  # fmt: skip
    """An order as captured at the next cycle; a line is its units and its total."""
    recorded = next(ran for ran in CYCLES.values() if at(ran) >= at(placed))
    message = f"{order_id}-v1"
    version = at(placed).astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
    total = sum((Decimal(money) for _, money in lines.values()), Decimal(0))
    facts.add(
        "orders", recorded, message_id=message, order_id=order_id, channel=channel, channel_order_id=order_id,
        customer_id=customer,
        order_version=version, message_kind="order", placed_at=at(placed),
        requested_from=at(window[0]), requested_to=at(window[1]), currency=currency, is_test=is_test, order_total=total,
        declared_total=total, items_total=total,
    )  # fmt: skip
    for number, (line, (quantity, money)) in enumerate(lines.items(), 1):
        facts.add(
            "order_lines", recorded, message_id=message, order_id=order_id, order_version=version, order_line_id=line,
            line_number=f"{number}",
            sku_code="A", quantity=Decimal(quantity), quantity_added=Decimal(quantity), line_total=Decimal(money),
            unit_price=Decimal(unit_price) if unit_price else Decimal(money) / Decimal(quantity),
            discount_amount=Decimal(discount),
        )  # fmt: skip


def promise(
    facts: Facts,
    line: str,
    when: str,
    quantity: str,
    ship: int,
    deliver: int,
    event: str = "first",
    location: str = "LON",
    cause: str = "plan",
) -> None:
    facts.add(
        "promise_events", when, order_line_id=line, event=event, location_id=location, quantity=Decimal(quantity),
        ship_date=june(ship),
        deliver_date=june(deliver), reason=f"{event} promise", event_at=at(when),
        cause=cause, is_first_choice=location == "LON",
    )  # fmt: skip


def move(
    facts: Facts, line: str, path: str, quantity: str, when: str, shipment: str | None = None,
    reason: str | None = None, location: str | None = None, actor: str = "floor",
) -> None:  # fmt: skip
    """Units from one ledger bucket to another: ``"open>released"``."""
    source, target = path.split(">")
    facts.add(
        "line_events", when, event_id=facts.next_id("event"), order_line_id=line, from_bucket=source, to_bucket=target,
        quantity=Decimal(quantity), location_id=location, document_id=shipment, reason_code=reason, event_at=at(when),
        actor=actor, assumed=False,
    )  # fmt: skip


def work(
    facts: Facts, order_id: str, shipment: str, lines: Mapping[str, str], *, location: str = "LON",
    released: str = RELEASED, picked: str = PICKED, packed: str = PACKED, mode: str = "own_fleet",
    quote: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """A wave releases a shipment; its lines are picked and packed."""
    facts.add(
        "shipments", released, shipment_id=shipment, order_id=order_id, location_id=location,
        wave_id=f"wave-{location}", mode=mode,
        freight_quote=Decimal(quote[0]) if quote else None, freight_currency=quote[1] if quote else None,
    )  # fmt: skip
    for line, quantity in lines.items():
        facts.add(
            "shipment_lines", released, shipment_id=shipment, order_line_id=line, sku_id="A", quantity=Decimal(quantity)
        )
        move(facts, line, "open>released", quantity, released, shipment, "WAVE", location)
        move(facts, line, "released>picked", quantity, picked, shipment, None, location)
        move(facts, line, "picked>packed", quantity, packed, shipment, None, location)


def rides(facts: Facts, shipment: str, load: str, lines: Mapping[str, str], slip: bool = True) -> None:
    """A shipment leaves on a load, with its packing slip."""
    when, location = DEPARTS[load], load[:3]
    facts.add("load_shipments", when, load_id=load, shipment_id=shipment, stop_sequence=1, load_position=1)
    for line, quantity in lines.items():
        move(facts, line, "packed>loaded", quantity, when, shipment, "LOADED", location, "commit")
        move(facts, line, "loaded>shipped", quantity, when, shipment, "DISPATCH", location, "commit")
    if slip:
        document = facts.next_id("slip")
        facts.add(
            "documents", when, document_id=document, document_type="packing_slip", series="A", number=facts.serial,
            load_id=load,
            shipment_id=shipment, issued_at=at(when),
        )  # fmt: skip


def result(facts: Facts, shipment: str, outcome: str, when: str, lines: Mapping[str, str]) -> None:
    """What the driver or the carrier reports, and where the ledger books it."""
    target = {"delivered": "delivered", "refused": "refused", "lost": "lost", "absent": "packed"}[outcome]
    facts.add(
        "deliveries", when, event_id=facts.next_id("result"), shipment_id=shipment, outcome=outcome, event_at=at(when)
    )
    for line, quantity in lines.items():
        move(facts, line, f"shipped>{target}", quantity, when, shipment, outcome.upper(), None, "driver")


def back(
    facts: Facts, line: str, shipment: str, quantity: str, when: str, *, booked: str | None = None, reason: str,
    source: str = "delivered",
) -> None:  # fmt: skip
    """Units received back; the ledger follows what was there (`booked`)."""
    event = facts.next_id("return")
    facts.add(
        "returns", when, event_id=event, return_id=f"R-{line}", kind="received", order_line_id=line,
        quantity=Decimal(quantity),
        origin="door" if source == "refused" else "customer", reason_code=reason, location_code="LON",
        event_at=at(when),
    )  # fmt: skip
    move(facts, line, f"{source}>returned", booked or quantity, when, shipment, reason, None, "warehouse")
    if booked and booked != quantity:
        facts.add(
            "exceptions", when, exception_id=f"{event}#RETURN_OVER", kind="RETURN_OVER", key=line, order_line_id=line,
            expected=booked,
            found=quantity, event_at=at(when),
        )  # fmt: skip


def load(
    facts: Facts, load_id: str, mode: str, utilisation: str | None, km: str | None, cost: str, binding: str | None
) -> None:
    facts.add(
        "loads", DEPARTS[load_id], load_id=load_id, mode=mode, location_id=load_id[:3],
        utilisation=utilisation and Decimal(utilisation),
        distance_km=km and Decimal(km), cost=Decimal(cost), currency="GBP", binding_dimension=binding,
        departed_at=at(DEPARTS[load_id]),
    )  # fmt: skip
