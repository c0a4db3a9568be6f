"""A worked day of 12 orders as facts, small enough to compute every KPI by hand; and one order that is due today.

Belongs here: what the world said and what the cycles committed. Does not belong here: the KPIs (`test_worked_day`),
which rows a happening leaves (`fact_builders`).

All 12 are placed on Monday 10 June 2024 and wanted on Wednesday 12 June between 08:00 and 18:00. Times are local to
London, an hour ahead of UTC in June. Cycles run on the 10th at 12:00 and at 06:00 on the days after; the KPIs are as of
Sunday the 16th at 12:00.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from fact_builders import (
    AS_OF,
    L1,
    L2,
    M1,
    M2,
    PARCELS,
    Facts,
    at,
    back,
    june,
    load,
    move,
    order,
    promise,
    result,
    rides,
    work,
)


def reference(facts: Facts) -> None:
    """Two customers of two segments, a SKU, a rate: 1 EUR is 0.85 GBP."""
    for customer, segment in (("C-RETAIL", "retail"), ("C-TRADE", "trade")):
        facts.add(
            "reference_versions", "10 12:00", message_id=f"ref-{customer}", entity="customers", key=customer,
            valid_from=at("01 00:00"),
            attributes=json.dumps({"customer_code": customer, "name": customer, "segment": segment}),
        )  # fmt: skip
    facts.add(
        "reference_versions", "10 12:00", message_id="ref-A", entity="skus", key="A", valid_from=at("01 00:00"),
        attributes=json.dumps({"sku_code": "A", "name": "Article", "weight_kg": "1", "volume_m3": "0.01"}),
    )  # fmt: skip
    facts.add("rates", "10 12:00", currency="EUR", rate=Decimal("0.85"), rate_date=june(1))


def partial(facts: Facts) -> None:
    """1: 6 of 10 were there and arrived in time; 4 are backordered to this day, under a hold of their line."""
    order(facts, "O1", "10 09:00", "C-RETAIL", {"O1-1": ("10", "20.00")})
    promise(facts, "O1-1", "10 12:00", "6", 12, 12)
    facts.add(
        "backorder_events",
        "10 12:00",
        order_line_id="O1-1",
        event="begun",
        quantity=Decimal(4),
        reason="no stock",
        event_at=at("10 12:00"),
    )
    facts.add("hold_events", "10 12:00", hold_id="STOCK_SHORT-O1-1-1", event="placed", hold_type="STOCK_SHORT",
              order_id="O1", order_line_id="O1-1",
              event_at=at("10 12:00"))  # fmt: skip
    work(facts, "O1", "S1", {"O1-1": "6"})
    rides(facts, "S1", L1, {"O1-1": "6"})
    result(facts, "S1", "delivered", "12 10:00", {"O1-1": "6"})


def early(facts: Facts) -> None:
    """2: by parcel, on the evening before the window opens."""
    order(facts, "O2", "10 09:00", "C-RETAIL", {"O2-1": ("4", "20.00")})
    promise(facts, "O2-1", "10 12:00", "4", 11, 12)
    work(facts, "O2", "S2", {"O2-1": "4"}, mode="carrier", quote=("6.50", "GBP"))
    rides(facts, "S2", PARCELS, {"O2-1": "4"})
    result(facts, "S2", "delivered", "11 20:00", {"O2-1": "4"})


def late(facts: Facts) -> None:
    """3: held for credit until a person released it, promised and delivered a day later; its packing slip is void."""
    order(facts, "O3", "10 09:30", "C-TRADE", {"O3-1": ("5", "20.00")})
    promise(facts, "O3-1", "10 12:00", "5", 12, 12)
    hold = {"hold_id": "CREDIT_LIMIT-O3-1", "hold_type": "CREDIT_LIMIT", "order_id": "O3"}
    facts.add("hold_events", "10 12:00", **hold, event="placed", event_at=at("10 12:00"))
    facts.add("hold_events", "11 06:00", **hold, event="released", event_at=at("11 06:00"), actor="ann")
    facts.add("commands", "11 06:00", command_id="K1", sequence=1, type="hold.release", target="CREDIT_LIMIT-O3-1",
              payload="{}", actor="ann",
              issued_at=at("10 17:00"), outcome="accepted")  # fmt: skip
    promise(facts, "O3-1", "11 06:00", "5", 13, 13, "changed")
    work(facts, "O3", "S3", {"O3-1": "5"}, released="12 06:00", picked="12 09:00", packed="12 11:00")
    rides(facts, "S3", L2, {"O3-1": "5"})
    facts.add("document_events", "14 06:00", document_id=f"slip-{facts.serial}", event="void", event_at=at("13 16:00"))
    result(facts, "S3", "delivered", "13 14:00", {"O3-1": "5"})


def refused(facts: Facts) -> None:
    """4: refused at the door, received back the next day."""
    order(facts, "O4", "10 09:00", "C-RETAIL", {"O4-1": ("2", "30.00")})
    promise(facts, "O4-1", "10 12:00", "2", 12, 12)
    work(facts, "O4", "S4", {"O4-1": "2"})
    rides(facts, "S4", L1, {"O4-1": "2"})
    result(facts, "S4", "refused", "12 11:00", {"O4-1": "2"})
    back(facts, "O4-1", "S4", "2", "13 09:00", reason="REFUSED", source="refused")


def absent(facts: Facts) -> None:
    """5: nobody at home on the day, delivered the next."""
    order(facts, "O5", "10 08:00", "C-TRADE", {"O5-1": ("6", "30.00")})
    promise(facts, "O5-1", "10 12:00", "6", 12, 12)
    work(facts, "O5", "S5", {"O5-1": "6"})
    rides(facts, "S5", L1, {"O5-1": "6"})
    result(facts, "S5", "absent", "12 12:00", {"O5-1": "6"})
    rides(facts, "S5", L2, {"O5-1": "6"}, slip=False)
    result(facts, "S5", "delivered", "13 10:00", {"O5-1": "6"})


def lost(facts: Facts) -> None:
    """6: a parcel in euros that the carrier lost."""
    order(facts, "O6", "10 09:00", "C-RETAIL", {"O6-1": ("3", "30.00")}, currency="EUR")
    promise(facts, "O6-1", "10 12:00", "3", 11, 12)
    work(facts, "O6", "S6", {"O6-1": "3"}, mode="carrier", quote=("8.00", "EUR"))
    rides(facts, "S6", PARCELS, {"O6-1": "3"})
    result(facts, "S6", "lost", "14 09:00", {"O6-1": "3"})


def amended(facts: Facts) -> None:
    """7: 8 became 5 by the customer's new version; requested by a date alone. A check counts 4 of the 5 picked."""
    order(facts, "O7", "10 08:30", "C-TRADE", {"O7-1": ("8", "24.00")}, channel="pos", window=("12 00:00", "12 00:00"))
    header, line = facts.rows["facts.orders"][-1], facts.rows["facts.order_lines"][-1]
    second = {
        "message_id": "O7-v2",
        "order_version": "2024-06-10T13:00:00Z",
        "cycle_seq": 2,
        "recorded_at": at("11 06:00"),
    }
    total = Decimal("15.00")
    facts.rows["facts.orders"].append(header | second | {"order_total": total, "declared_total": total})
    facts.rows["facts.order_lines"].append(
        line | second | {"quantity": Decimal(5), "quantity_added": Decimal(0), "line_total": total}
    )
    promise(facts, "O7-1", "10 12:00", "8", 12, 12, location="MAN")
    move(facts, "O7-1", "open>cancelled", "3", "11 06:00", None, "AMENDED", None, "channel")
    work(facts, "O7", "S7", {"O7-1": "5"}, location="MAN")
    for kind, quantity in (("pick", 5), ("check", 4)):
        facts.add("floor", "11 11:00", scan_id=f"scan-{kind}-O7", kind=kind, task_id="T7", order_line_id="O7-1",
                  quantity=Decimal(quantity),
                  event_at=at("11 10:00"))  # fmt: skip
    rides(facts, "S7", M1, {"O7-1": "5"})
    result(facts, "S7", "delivered", "12 17:30", {"O7-1": "5"})


def remorse(facts: Facts) -> None:
    """8: cancelled 20 minutes after placing. The channel repeats the order's date; its version tells when."""
    order(facts, "O8", "10 10:00", "C-RETAIL", {"O8-1": ("7", "70.00")})
    facts.rows["facts.orders"].append(
        facts.rows["facts.orders"][-1]
        | {"message_id": "O8-cancel", "message_kind": "cancel", "order_version": "2024-06-10T09:20:00Z"}
    )
    move(facts, "O8-1", "open>cancelled", "7", "10 12:00", None, "CUSTOMER", None, "channel")


def trial(facts: Facts) -> None:
    """9: a test, which nobody wants delivered."""
    order(facts, "O9", "10 10:00", "C-RETAIL", {"O9-1": ("50", "500.00")}, is_test=True)


def backorder_filled_later(facts: Facts) -> None:
    """10: of line 1, 4 arrived in time and 6 two days later; line 2 whole. The payment was charged back."""
    order(facts, "O10", "10 09:00", "C-TRADE", {"O10-1": ("10", "10.00"), "O10-2": ("2", "10.00")}, channel="pos")
    promise(facts, "O10-1", "10 12:00", "4", 12, 12, location="MAN")
    promise(facts, "O10-2", "10 12:00", "2", 12, 12, location="MAN")
    begun = {"order_line_id": "O10-1", "quantity": Decimal(6)}
    facts.add("backorder_events", "10 12:00", **begun, event="begun", reason="no stock", event_at=at("10 12:00"))
    facts.add("backorder_events", "13 06:00", **begun, event="ended", reason="covered", event_at=at("13 06:00"))
    promise(facts, "O10-1", "13 06:00", "6", 14, 14, "changed", "MAN", cause="fact")
    first, rest = {"O10-1": "4", "O10-2": "2"}, {"O10-1": "6"}
    work(facts, "O10", "S10A", first, location="MAN")
    rides(facts, "S10A", M1, first)
    result(facts, "S10A", "delivered", "12 09:00", first)
    work(facts, "O10", "S10B", rest, location="MAN", released="13 06:00", picked="13 09:00", packed="13 11:00")
    rides(facts, "S10B", M2, rest)
    result(facts, "S10B", "delivered", "14 09:30", rest)
    facts.add("payments", "15 12:00", payment_id="P10", channel="pos", channel_order_id="O10", event="chargeback",
              amount=Decimal("20.00"),
              currency="GBP", event_at=at("15 09:00"))  # fmt: skip


def over_return(facts: Facts) -> None:
    """11: 5 delivered, 6 received back: the ledger follows 5, the sixth is an exception. It was the wrong article."""
    order(facts, "O11", "10 10:00", "C-RETAIL", {"O11-1": ("5", "20.00")}, channel="pos")
    promise(facts, "O11-1", "10 12:00", "5", 12, 12, location="MAN")
    work(facts, "O11", "S11", {"O11-1": "5"}, location="MAN")
    rides(facts, "S11", M1, {"O11-1": "5"})
    result(facts, "S11", "delivered", "12 10:00", {"O11-1": "5"})
    back(facts, "O11-1", "S11", "6", "14 10:00", booked="5", reason="WRONG_ITEM")


def discounted_return(facts: Facts) -> None:
    """12: 3 units at 4.00 less 2.00 are 10.00; one comes back, then another, damaged on the way."""
    order(
        facts,
        "O12",
        "10 11:00",
        "C-RETAIL",
        {"O12-1": ("3", "10.00")},
        channel="pos",
        unit_price="4.00",
        discount="2.00",
    )
    promise(facts, "O12-1", "10 12:00", "3", 12, 12, location="MAN")
    work(facts, "O12", "S12", {"O12-1": "3"}, location="MAN")
    for kind in ("pick", "check"):
        facts.add("floor", "11 11:00", scan_id=f"scan-{kind}-O12", kind=kind, task_id="T12", order_line_id="O12-1",
                  quantity=Decimal(3),
                  event_at=at("11 10:00"))  # fmt: skip
    rides(facts, "S12", M1, {"O12-1": "3"})
    result(facts, "S12", "delivered", "12 15:00", {"O12-1": "3"})
    back(facts, "O12-1", "S12", "1", "14 10:00", reason="DAMAGED_IN_SHIPPING")
    back(facts, "O12-1", "S12", "1", "15 10:00", reason="DAMAGED_IN_SHIPPING")


def due_today(facts: Facts) -> None:
    """Not of the 12: due today and on the road; its delivery is reported for this afternoon, after as_of."""
    order(
        facts, "O13", "15 05:00", "C-RETAIL", {"O13-1": ("1", "5.00")}, channel="pos", window=("16 08:00", "16 18:00")
    )
    promise(facts, "O13-1", "15 06:00", "1", 16, 16, location="MAN")
    work(facts, "O13", "S13", {"O13-1": "1"}, location="MAN", released="15 06:00", picked="15 09:00", packed="15 11:00")
    rides(facts, "S13", "MAN-0616", {"O13-1": "1"})
    facts.add(
        "deliveries", AS_OF, event_id="result-O13", shipment_id="S13", outcome="delivered", event_at=at("16 15:00")
    )
    facts.add("line_events", AS_OF, event_id="event-O13", order_line_id="O13-1", from_bucket="shipped",
              to_bucket="delivered", quantity=Decimal(1),
              document_id="S13", event_at=at("16 15:00"), actor="driver", assumed=False)  # fmt: skip


def planned(facts: Facts) -> None:
    """Sourcing on the 11th, and twice on the 16th: what its plan cost, and what first come would have."""
    for when, cost, first_come in (("11 06:00", 9_000, 10_000), ("16 06:00", 5_000, 6_000), ("16 12:00", 4_000, 4_000)):
        facts.add("cycles", when, state="published", as_of=at(when))
        facts.add("solver_runs", when, stage="sourcing", scope="all", objective=cost, baseline="first_come",
                  baseline_objective=first_come)  # fmt: skip


def worked_day() -> dict[str, list[dict[str, Any]]]:
    """All facts by table."""
    facts = Facts()
    reference(facts)
    for one in (
        partial, early, late, refused, absent, lost, amended, remorse, trial, backorder_filled_later, over_return,
        discounted_return, due_today, planned,
    ):  # fmt: skip
        one(facts)
    load(facts, L1, "own_fleet", "0.800", "60.000", "90.00", "weight")
    load(facts, L2, "own_fleet", "0.500", "40.000", "70.00", "volume")
    load(facts, M1, "own_fleet", "0.600", "100.000", "120.00", "stops")
    load(facts, M2, "own_fleet", "0.100", "30.000", "50.00", "weight")
    load(facts, "MAN-0616", "own_fleet", "0.100", "10.000", "20.00", "weight")
    load(facts, PARCELS, "carrier", None, None, "13.30", None)
    return dict(facts.rows)
