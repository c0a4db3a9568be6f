"""A plan made by hand on a hand-filled warehouse, for the commit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from house import ORDER, SITE, TEA, House, at

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commit

PLANNED = {
    "int_shipments__ways": "shipment_id varchar, mode varchar, carrier_id varchar, service varchar",
    "int_wave_lines__planned": "wave_id varchar, leaves_by varchar, location_id varchar, shipment_id varchar, order_id varchar, order_line_id varchar, sku_id varchar,"
    " quantity decimal(18,3), cutoff timestamptz, bin varchar, zone varchar, pick_sequence integer",
    "int_shipments__planned": "shipment_id varchar, order_id varchar, location_id varchar, ship_date date, deliver_date date, weight_kg decimal(18,3), volume_m3 decimal(18,3),"
    " value decimal(18,2), currency varchar, latitude decimal(18,6), longitude decimal(18,6), service_min integer, window_from timestamptz,"
    " window_to timestamptz, temperature_class varchar, hazard_class varchar, mode varchar",
    "int_holds__planned": "hold_id varchar, event varchar, hold_type varchar, order_id varchar, observed varchar, threshold varchar",
    "int_promises__changed": "order_line_id varchar, event varchar, location_id varchar, quantity decimal(18,3), ship_date date, deliver_date date, reason varchar",
    "int_backorders__changed": "order_line_id varchar, event varchar, quantity decimal(18,3), reason varchar",
    "int_covers__changed": "order_line_id varchar, expected_cover_date date, cover_reference varchar, reason varchar",
    "int_policies__in_force": "policy_key varchar, scope varchar, value varchar",
    "int_skus__in_force": "sku_id varchar, weight_kg decimal(18,6), volume_m3 decimal(18,6), min_remaining_life_days integer, cost decimal(18,6), currency varchar",
    "int_locations__in_force": "location_id varchar, handling_cost decimal(18,2)",
    "int_lots__free": "sku_id varchar, location_id varchar, lot_id varchar, expiry date, quantity decimal(18,3)",
    "int_orders__current": "order_id varchar, customer_id varchar",
    "int_customers__in_force": "customer_id varchar, min_remaining_life_days integer",
    "int_substitutions__suggested": "order_line_id varchar, order_id varchar, substitute_sku_id varchar, quantity decimal(18,3), quantity_spare decimal(18,3), location_id varchar, price_policy varchar, price_difference decimal(18,2), is_automatic boolean",
    "int_pickups__tracked": "pickup_id varchar, pickup_kind varchar, quantity decimal(18,3), weight_kg decimal(18,3), volume_m3 decimal(18,3), name varchar,"
    " street varchar, postcode varchar, city varchar, country varchar",
    "int_supply__open": "sku_id varchar, location_id varchar, quantity_open decimal(18,3), due_date date, status varchar",
}


class Plan:
    """A plan made by hand on a hand-filled warehouse."""

    def __init__(self, house: House) -> None:
        self.house = house
        for table, columns in PLANNED.items():
            house.connection.execute(f"create or replace table intermediate.{table} ({columns})")
        for state in ("planned", "committed", "published"):
            house.put("facts.cycles", state=state, cycle_seq=1, as_of=at(12), seed=1, input_hash="h1")
        self.add("int_policies__in_force", policy_key="floor.confirm", scope="", value="scan")
        for sku in ("TEA", "MUG"):
            self.add("int_skus__in_force", sku_id=sku, weight_kg=Decimal("0.5"), volume_m3=Decimal("0.001"))
        house.connection.execute("insert into plans.cycle values (2, ?, 1)", [house.now.as_of])

    def add(self, table: str, **values: Any) -> None:
        names = ", ".join(values)
        self.house.connection.execute(
            f"insert into intermediate.{table} ({names}) values ({', '.join('?' * len(values))})", list(values.values())
        )

    def wave(
        self, line: str, quantity: int, shipment: str, order: str = ORDER, wave: str = "W2", sequence: int = 1
    ) -> None:
        """A line that may go to the floor now, on a shipment of its own."""
        self.add("int_wave_lines__planned", wave_id=wave, location_id=SITE, shipment_id=shipment, order_id=order, order_line_id=line,
                 sku_id="TEA", quantity=quantity, cutoff=at(14), bin="A-01-1", zone="A", pick_sequence=sequence)  # fmt: skip
        self.add("int_shipments__planned", shipment_id=shipment, order_id=order, location_id=SITE, ship_date=date(2026, 3, 3), deliver_date=date(2026, 3, 4), weight_kg=5, volume_m3=1,
                 value=10, currency="GBP")  # fmt: skip

    def on_the_floor(self, bucket: str) -> None:
        """All TEA of the order, on the shipment of an earlier wave."""
        now = self.house.now
        self.house.now = Cycle(1, at(12), 1)
        self.house.released(TEA, 10, to=bucket)
        self.house.now = now

    def commit(self) -> dict[str, int]:
        return commit.commit(
            self.house.connection, self.house.now, code_version="1", started_at=at(12), ended_at=at(12)
        )
