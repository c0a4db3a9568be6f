"""A warehouse filled by hand: one order on its way, and short words for what happens to it.

Belongs here: rows that a cycle would have found. Does not belong here: what is expected of them (the tests say that).

Order ``web-1`` asks for 10 TEA (line ``web-1-1``) and 4 MUG (line ``web-1-2``). Where a test needs work on the floor,
`released` puts units on shipment ``S1`` of wave ``W1`` at Daventry (DAV), with the pick task ``T-<line>``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commands, ledger
from oms_dagster.warehouse.commands import Issued
from oms_dagster.warehouse.tables import TABLES
from oms_dagster.warehouse.write import append

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "policies"
#: Views of dbt that commands read.
VIEWS = {
    "int_sku_substitutes__in_force": "sku_id varchar, substitute_sku_id varchar, factor decimal(18,6), rank integer, price_policy varchar, consent varchar",
    "int_skus__in_force": "sku_id varchar, name varchar, list_price decimal(18,6), currency varchar, is_active boolean",
    "int_rates__in_force": "currency varchar, rate decimal(18,6)",
}
ORDER, TEA, MUG = "web-1", "web-1-1", "web-1-2"
SHIPMENT, WAVE, SITE = "S1", "W1", "DAV"


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


class House:
    """The warehouse of a test; `now` is the running cycle, `next_cycle` opens another."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.now = Cycle(1, at(12), 1)
        self.numbers = 0

    @classmethod
    def furnished(cls) -> House:
        """An empty warehouse in memory, with the order captured by its first cycle; the second one runs."""
        house = cls(duckdb.connect())
        connection = house.connection
        connection.execute("set TimeZone = 'UTC'")
        for schema in ("facts", "plans", "staging", "intermediate"):
            connection.execute(f"create schema if not exists {schema}")
        for table in TABLES.values():
            connection.execute(table.create_sql())
        for seed in ("hold_types", "policies"):
            connection.execute(
                f"create table staging.{seed} as from read_csv('{SEEDS / seed}.csv', all_varchar = true)"
            )
        connection.execute(
            "create or replace table staging.hold_types as select * replace (cast(releasable as boolean) as releasable) from staging.hold_types"
        )
        for view, columns in VIEWS.items():
            connection.execute(f"create table intermediate.{view} ({columns})")
        house.version("m1", "1", {TEA: 10, MUG: 4})
        for entity, keys in (("skus", ("TEA", "MUG")), ("locations", (SITE, "KAS"))):
            for key in keys:
                house.put(
                    "facts.reference_versions",
                    message_id=key,
                    entity=entity,
                    key=key,
                    version=1,
                    attributes="{}",
                    valid_from=at(0),
                )
        house.next_cycle()
        return house

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def put(self, table: str, **record: Any) -> None:
        """One fact of the running cycle, or one candidate."""
        stamp = {} if table.startswith("plans.") else {"cycle_seq": self.now.cycle_seq, "recorded_at": self.now.as_of}
        append(self.connection, table, [{**stamp, **record}])

    def next_cycle(self) -> None:
        self.now = Cycle(self.now.cycle_seq + 1, at(12, self.now.as_of.day + 1), 1)

    def version(
        self,
        message: str,
        version: str,
        quantities: Mapping[str, int],
        added: Mapping[str, int] | None = None,
        kind: str = "order",
    ) -> None:
        """One version of the order as the gate keeps it; `added` is what it adds to each line (without it: everything)."""
        self.put("facts.orders", message_id=message, order_id=ORDER, channel="web", channel_order_id="1", order_version=version, message_kind=kind,
                 placed_at=at(8), currency="GBP", order_total=Decimal("100.00"))  # fmt: skip
        for line, quantity in quantities.items():
            self.put("facts.order_lines", message_id=message, order_id=ORDER, order_version=version, order_line_id=line, line_number=line[-1],
                     sku_code="TEA" if line == TEA else "MUG", quantity=quantity, quantity_added=(added or quantities)[line])  # fmt: skip

    def move(self, line: str, source: str, target: str, quantity: int) -> None:
        self.numbers += 1
        self.put("facts.line_events", event_id=f"x{self.numbers}#{line}#0", order_line_id=line, from_bucket=source, to_bucket=target,
                 quantity=quantity, location_id=SITE, document_id=SHIPMENT, event_at=self.now.as_of, actor="test", assumed=False)  # fmt: skip

    def released(self, line: str = TEA, quantity: int = 10, to: str = "released") -> None:
        """Units released to the floor and walked on to a bucket; the next cycle runs."""
        if not self.rows(f"select 1 from facts.shipments where shipment_id = '{SHIPMENT}'"):
            self.put(
                "facts.shipments",
                shipment_id=SHIPMENT,
                order_id=ORDER,
                location_id=SITE,
                wave_id=WAVE,
                mode="own_fleet",
            )
            self.put("facts.waves", wave_id=WAVE, location_id=SITE, released_at=self.now.as_of, lines=1)
        self.put("facts.shipment_lines", shipment_id=SHIPMENT, order_line_id=line, sku_id="TEA", quantity=quantity)
        self.put("facts.pick_tasks", task_id=f"T-{line}", wave_id=WAVE, order_line_id=line, shipment_id=SHIPMENT, sku_id="TEA",
                 location_id=SITE, qty_to_pick=quantity)  # fmt: skip
        way = ("open", "released", "picked", "packed", "loaded", "shipped", "delivered")
        for source, target in zip(way, way[1 : way.index(to) + 1], strict=False):
            self.move(line, source, target, quantity)
        self.next_cycle()

    def scan(
        self,
        scan_id: str,
        kind: str,
        quantity: int,
        line: str = TEA,
        short: str | None = None,
        task: str | None = None,
        hour: int = 9,
    ) -> None:
        self.put("facts.floor", message_id=scan_id, scan_id=scan_id, kind=kind, task_id=task or f"T-{line}", order_line_id=line, quantity=quantity,
                 short_reason=short, actor="ann", event_at=at(hour, self.now.as_of.day))  # fmt: skip

    def door(
        self,
        event_id: str,
        outcome: str,
        quantity: int | None = None,
        line: str | None = None,
        shipment: str = SHIPMENT,
        hour: int = 10,
    ) -> None:
        self.put("facts.deliveries", message_id=event_id, event_id=event_id, shipment_id=shipment, order_line_id=line, outcome=outcome,
                 quantity=quantity, event_at=at(hour, self.now.as_of.day))  # fmt: skip

    def back(
        self,
        event_id: str,
        kind: str,
        quantity: int,
        line: str = TEA,
        disposition: str | None = None,
        hour: int = 11,
        **more: Any,
    ) -> None:
        self.put("facts.returns", message_id=event_id, event_id=event_id, return_id="R1", kind=kind, order_line_id=line, quantity=quantity,
                 disposition=disposition, location_code=SITE, event_at=at(hour, self.now.as_of.day), **more)  # fmt: skip

    def left_before(self, event: str, kind: str, quantity: int, line: str = TEA) -> None:
        self.put(
            "facts.opening",
            message_id=event,
            event_id=event,
            order_line_id=line,
            kind=kind,
            quantity=quantity,
            event_at=at(1, 1),
        )

    def stock(self, movement: str, kind: str, quantity: int, hour: int = 6, status: str | None = None) -> None:
        self.put("facts.stock", message_id=movement, movement_id=movement, kind=kind, sku_code="TEA", location_code=SITE, stock_status=status,
                 quantity=quantity, event_at=at(hour, self.now.as_of.day))  # fmt: skip

    def book(self) -> dict[str, int]:
        """Apply what the running cycle captured."""
        return ledger.apply_captured(self.connection, self.now)

    def command(
        self,
        kind: str,
        target: str,
        /,
        actor: str = "ann",
        seen_hash: str | None = None,
        command_id: str | None = None,
        **payload: Any,
    ) -> tuple[str, str]:
        """Send a command and let the cycle decide; its outcome and reason."""
        self.numbers += 1
        issued = Issued(
            command_id or f"c{self.numbers}",
            self.numbers,
            kind,
            target,
            payload,
            actor,
            "because",
            at(11),
            None,
            seen_hash,
        )
        commands.record(self.connection, [issued], self.now)
        return self.rows(
            f"select outcome, outcome_reason from facts.commands where command_id = '{issued.command_id}'"
        )[0]

    def buckets(self, line: str = TEA) -> dict[str, int]:
        """Units of a line by bucket, folded from the facts; the total is what was ordered."""
        ordered = self.rows(f"select sum(quantity_added) from facts.order_lines where order_line_id = '{line}'")[0][0]
        found = dict(
            self.rows(
                f"select b, sum(q) from (select to_bucket as b, quantity as q from facts.line_events where order_line_id = '{line}'"
                f" union all select from_bucket, -quantity from facts.line_events where order_line_id = '{line}') group by 1"
            )
        )
        found["open"] = found.get("open", 0) + ordered
        assert sum(found.values()) == ordered
        assert min(found.values()) >= 0
        return {bucket: int(units) for bucket, units in found.items() if units}

    def on_hand(self, status: str = "usable") -> int:
        return int(
            self.rows(f"select coalesce(sum(quantity), 0) from facts.stock_movements where stock_status = '{status}'")[
                0
            ][0]
        )

    def exceptions(self) -> list[tuple[str, str, str]]:
        """Kind, line and difference of each exception kept."""
        return [
            (k, line, f"{Decimal(d).normalize():f}")
            for k, line, d in self.rows(
                "select kind, order_line_id, difference from facts.exceptions order by exception_id"
            )
        ]

    def load(self, load_id: str, *shipments: str, due: bool = False) -> None:
        """A load of the running plan."""
        self.put("plans.loads", load_id=load_id, mode="own_fleet", location_id=SITE, is_due=due)
        for number, shipment in enumerate(shipments, 1):
            self.put(
                "plans.load_shipments",
                load_id=load_id,
                shipment_id=shipment,
                stop_sequence=number,
                load_position=number,
            )


def as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def refused(answer: tuple[str, str], words: str) -> bool:
    return answer[0] == "rejected" and words in answer[1] and "\n" not in answer[1]
