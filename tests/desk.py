"""A desk where the project's rules run on facts written by hand, without a home and without Dagster.

Belongs here: the project's own SQL, compiled once, run again and again in one small warehouse as a cycle would; and one verb
for each thing that can happen to an order. Does not belong here: what is expected of a rule (the tests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from dbt_here import dbt_on

from oms_dagster.warehouse import connect
from oms_dagster.warehouse.write import append

#: What a cycle builds before it releases, in the order in which it builds it.
Compiled = Sequence[tuple[str, str, str]]  # (schema.name, materialisation, SQL)
START = datetime(2026, 3, 4, 12, tzinfo=UTC)


def prepare(folder: Path, *models: str) -> tuple[Path, list[tuple[str, str, str]]]:
    """A warehouse with seeds and views, and what a cycle builds in it for some models."""
    warehouse = folder / "warehouse.duckdb"
    with dbt_on(warehouse, folder / "target") as dbt:
        connect.create(warehouse)
        dbt("seed")
        compiled = statements(dbt, *models)
    with connect.writer(warehouse) as connection:
        connection.execute("insert into plans.cycle values (1, timestamptz '2026-03-04 12:00:00+00', 1)")
        for name, materialised, sql in compiled:
            connection.execute(f"create or replace {materialised} {name} as {sql}")
    return warehouse, compiled


def statements(dbt: Any, *models: str) -> list[tuple[str, str, str]]:
    """Name, materialisation and SQL of what some models are made of, parents first."""
    results = dbt("compile", "--select", *(f"+{model}" for model in models)).results
    nodes = {r.node.unique_id: r.node for r in results if r.node.resource_type == "model"}
    ordered: list[Any] = []

    def visit(unique_id: str) -> None:
        node = nodes.get(unique_id)
        if node is None or node in ordered:
            return
        for parent in node.depends_on.nodes:
            visit(parent)
        ordered.append(node)

    for unique_id in sorted(nodes):
        visit(unique_id)
    whole = {"incremental": "table"}  # compiled where there is no table to add to
    return [
        (f"{n.schema}.{n.name}", whole.get(n.config.materialized, n.config.materialized), n.compiled_code)
        for n in ordered
    ]


@dataclass
class Desk:
    """The warehouse and its clock. Every verb writes facts of the cycle that runs next."""

    connection: duckdb.DuckDBPyConnection
    compiled: Compiled
    as_of: datetime = START
    cycle_seq: int = 1
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: int = 0

    def put(self, table: str, **record: Any) -> None:
        append(self.connection, f"facts.{table}", [{"cycle_seq": self.cycle_seq, "recorded_at": self.as_of, **record}])

    def number(self) -> str:
        self.numbers += 1
        return f"n{self.numbers}"

    def rows(self, sql: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    # what the world says

    def reference(self, entity: str, key: str, **attributes: Any) -> None:
        """A version of a reference entity; what is not named stays as it was."""
        before = self.rows(
            f"select attributes from facts.reference_versions where entity = '{entity}' and key = '{key}' order by version desc limit 1"
        )
        version = self.versions[entity, key] = self.versions.get((entity, key), 0) + 1
        known = json.loads(before[0]["attributes"]) if before else {}
        self.put("reference_versions", message_id=self.number(), entity=entity, key=key, version=version,
                 valid_from=self.as_of - timedelta(minutes=1), attributes=json.dumps({**known, **attributes}, default=str))  # fmt: skip

    def customer(self, code: str, **attributes: Any) -> None:
        self.reference("customers", code, customer_code=code, name=code, currency="GBP", **attributes)

    def sku(self, code: str, **attributes: Any) -> None:
        given = {"weight_kg": "1", "volume_m3": "0.01", "currency": "GBP", "cost": "1", "is_active": True}
        self.reference("skus", code, sku_code=code, name=code, **{**given, **attributes})

    def location(self, code: str, **attributes: Any) -> None:
        given = {
            "kind": "dc",
            "city": "London",
            "country": "GB",
            "latitude": "51.5",
            "longitude": "-0.1",
            "timezone": "Europe/London",
        }
        self.reference("locations", code, **{"location_code": code, "name": code, **given, **attributes})

    def price(self, price_list: str, sku: str, **attributes: Any) -> None:
        self.reference("prices", f"{price_list}|{sku}", price_list=price_list, sku_code=sku, currency="GBP", unit_price="10", **attributes)  # fmt: skip

    def policy(self, key: str, value: str) -> None:
        self.put(
            "policy_changes", policy_key=key, scope=None, value=value, valid_from=self.as_of, command_id=self.number()
        )

    def order(
        self,
        order_id: str,
        customer: str,
        lines: Sequence[tuple[str, Any, Any]],
        *,
        version: int = 1,
        minutes_ago: int = 600,
        discount: str = "0",
        shipping: str = "0",
        **header: Any,
    ) -> None:
        """A version of an order: lines are (SKU, quantity, price of a unit), numbered from 1."""
        message = self.number()
        items = sum(Decimal(str(q)) * Decimal(str(p)) for _, q, p in lines)
        total = items - Decimal(discount) + Decimal(shipping)
        given = {
            "channel": "shop", "channel_order_id": order_id, "customer_id": customer, "message_kind": "order", "currency": "GBP",
            "placed_at": self.as_of - timedelta(minutes=minutes_ago), "payment_status": "on_account", "ship_to_country": "GB",
            "ship_to_postcode": "AL1 1AA", "ship_to_city": "St Albans", "latitude": "51.75", "longitude": "-0.34", "priority": 5,
        }  # fmt: skip
        self.put("orders", message_id=message, order_id=order_id, order_version=str(version), items_total=items, discount_total=discount,
                 shipping_total=shipping, charge_total=0, tax_total=0, rounding_total=0, order_total=total, **{**given, **header})  # fmt: skip
        for number, (sku, quantity, price) in enumerate(lines, 1):
            line = f"{order_id}-{number}"
            (known,) = self.rows(
                f"select coalesce((select sum(quantity_added) from facts.order_lines where order_line_id = '{line}'), 0)"
                f" - coalesce((select sum(quantity) from facts.line_events where order_line_id = '{line}'), 0) as alive"
            )
            added = max(Decimal(0), Decimal(str(quantity)) - known["alive"])
            share = Decimal(discount) if number == 1 else Decimal(0)
            self.put("order_lines", message_id=message, order_id=order_id, order_version=str(version), order_line_id=line,
                     line_number=str(number), sku_code=sku, quantity=quantity, quantity_added=added, unit_price=price,
                     discount_share=share, line_total=Decimal(str(quantity)) * Decimal(str(price)) - share)  # fmt: skip
            if Decimal(str(quantity)) < known["alive"]:
                self.cut(line, known["alive"] - Decimal(str(quantity)))

    def cut(self, line: str, quantity: Any) -> None:
        """Open units are cancelled."""
        self.move(line, "open", "cancelled", quantity)

    def move(self, line: str, source: str, target: str, quantity: Any) -> None:
        self.put("line_events", event_id=self.number(), order_line_id=line, from_bucket=source, to_bucket=target, quantity=quantity,
                 location_id="LON", event_at=self.as_of, actor="test", assumed=False)  # fmt: skip

    def pay(
        self, order_id: str, amount: Any, event: str = "captured", days_ago: float = 0, method: str = "card"
    ) -> None:
        number = self.number()
        self.put("payments", message_id=number, payment_id=number, channel="shop", channel_order_id=order_id, method=method, event=event,
                 amount=amount, currency="GBP", event_at=self.as_of - timedelta(days=days_ago))  # fmt: skip

    def invoice(self, number: str, customer: str, open_amount: Any, days_past_due: int = -10) -> None:
        """What is unpaid of an invoice from now on."""
        self.put("receivables", message_id=self.number(), invoice_number=number, customer_code=customer, open_amount=open_amount, currency="GBP",
                 due_date=(START - timedelta(days=days_past_due)).date(), event_at=self.as_of)  # fmt: skip

    def stock(
        self, sku: str, quantity: Any, status: str = "usable", location: str = "LON", reference: str | None = None
    ) -> None:
        self.put("stock_movements", movement_id=self.number(), kind="receipt", stock_status=status, sku_id=sku, location_id=location,
                 quantity=quantity, reference=reference, event_at=self.as_of)  # fmt: skip

    def supply(
        self, supply_id: str, sku: str, quantity: Any, days: int, location: str = "LON", status: str = "confirmed"
    ) -> None:
        """What a supplier says of a purchase: how much comes, in so many days."""
        self.put("supply", message_id=self.number(), supply_id=supply_id, kind="purchase", sku_code=sku, location_code=location,
                 quantity=quantity, due_date=(self.as_of + timedelta(days=days)).date(), status=status, event_at=self.as_of)  # fmt: skip

    def promise(self, order_id: str, number: int, quantity: Any, days: int, location: str = "LON") -> None:
        """Sourcing's answer of the running cycle: to be delivered in so many days."""
        day = (self.as_of + timedelta(days=days)).date()
        append(self.connection, "plans.promises", [{"order_line_id": f"{order_id}-{number}", "order_id": order_id, "sku_id": "TEA",
               "location_id": location, "quantity": quantity, "ship_date": self.as_of.date(), "deliver_date": day}])  # fmt: skip

    def agree(self, target: str, day: str) -> None:
        """A day agreed with the customer by command."""
        self.numbers += 1
        self.put("commands", command_id=f"c{self.numbers}", sequence=self.numbers, type="promise.set", target=target, outcome="accepted",
                 reason="called", payload=json.dumps({"deliver_by": day}))  # fmt: skip

    def backorder(self, order_id: str, number: int, quantity: Any, reason: str = "none at any location") -> None:
        append(self.connection, "plans.backorders", [{"order_line_id": f"{order_id}-{number}", "order_id": order_id, "sku_id": "TEA",
               "quantity": quantity, "reason": reason}])  # fmt: skip

    def conflict(self, exception_id: str, order_id: str) -> None:
        self.put("exceptions", exception_id=exception_id, kind="REFUND_ABOVE_CAPTURE", order_id=order_id, expected="10.00", found="12.00",
                 difference="2.00", explanation="refunded more than captured", event_at=self.as_of)  # fmt: skip

    def close(self, exception_id: str) -> None:
        self.put("exception_events", exception_id=exception_id, event="closed", reason="settled", event_at=self.as_of)

    def release(self, hold_id: str, hours: float | None = None, actor: str = "carol") -> None:
        """A person lets a hold go, for good or for some hours."""
        placed = self.rows(f"select * from facts.hold_events where hold_id = '{hold_id}' and event = 'placed'")[0]
        until = None if hours is None else self.as_of + timedelta(hours=hours)
        kept = {name: placed[name] for name in ("hold_id", "hold_type", "family", "scope", "order_id", "order_line_id")}
        self.put(
            "hold_events", **kept, event="released", actor=actor, reason="seen", event_at=self.as_of, valid_until=until
        )

    # what the project makes of it

    def build(self) -> None:
        """The tables of the running cycle, as its bands build them."""
        self.connection.execute("delete from plans.cycle")
        self.connection.execute("insert into plans.cycle values (?, ?, 1)", [self.cycle_seq, self.as_of])
        for name, materialised, sql in self.compiled:
            if materialised == "table":
                self.connection.execute(f"create or replace table {name} as {sql}")

    def found(self, hold_type: str) -> list[dict[str, Any]]:
        """What one rule finds now, in the order of its subjects."""
        wanted = {name for name, _, _ in self.compiled if name.startswith("intermediate.int_holds__")}
        assert f"intermediate.int_holds__{hold_type.lower()}" in wanted
        self.build_base()
        return self.rows(f"select * from intermediate.int_holds__{hold_type.lower()} order by order_id, order_line_id")

    def build_base(self) -> None:
        """Only what the rules read."""
        self.connection.execute("delete from plans.cycle")
        self.connection.execute("insert into plans.cycle values (?, ?, 1)", [self.cycle_seq, self.as_of])
        for name, materialised, sql in self.compiled:
            if materialised == "table" and name.split(".int_")[-1] in BASE:
                self.connection.execute(f"create or replace table {name} as {sql}")

    def next_cycle(self, hours: float = 6) -> None:
        """Time passes; the last plan is gone."""
        self.cycle_seq += 1
        self.as_of += timedelta(hours=hours)
        for table in ("promises", "backorders"):
            self.connection.execute(f"delete from plans.{table}")

    def commit(self) -> dict[str, str]:
        """Screen, and remember what was placed and ended, as the commit does; ids of the holds with what became of them."""
        self.build()
        planned = self.rows("select * from intermediate.int_holds__planned")
        for row in planned:
            self.put("hold_events", **row, event_at=self.as_of)
        return {row["hold_id"]: row["event"] for row in planned}

    def open_holds(self) -> dict[str, Mapping[str, Any]]:
        """Holds in force, by id."""
        found = self.rows(
            "select h.* from facts.hold_events as h where event = 'placed' and not exists (select 1 from facts.hold_events as e"
            " where e.hold_id = h.hold_id and e.event <> 'placed') order by hold_id"
        )
        return {row["hold_id"]: row for row in found}


#: Tables that the rules read, without those that only the memory of holds and the release need.
BASE = frozenset(
    {
        "orders__current", "order_lines__balanced", "order_corrections__in_force", "rates__in_force", "policies__in_force", "reservations__active",
        "supply__open", "stock__balances", "orders__outstanding", "customers__exposure", "holds__remembered",
    }
)  # fmt: skip
