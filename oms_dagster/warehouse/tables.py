"""Contracts of the facts and of the plans: every table that Python writes, its grain, key and columns.

Belongs here: what exists in the schemas `facts` (appended only, each row with the cycle that recorded it) and
`plans` (candidates of the running cycle, rebuilt by each). Does not belong here: staging, intermediate and marts,
which dbt builds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oms_dagster.domain.capture.records import FEEDS, ORDER, Field

#: SQL type of each kind of field.
SQL_TYPES: Mapping[str, str] = {
    "text": "varchar",
    "code": "varchar",
    "quantity": "decimal(18,3)",
    "amount": "decimal(18,2)",
    "price": "decimal(18,6)",
    "number": "decimal(18,6)",
    "integer": "integer",
    "timestamp": "timestamptz",
    "date": "date",
    "time": "varchar",
    "boolean": "boolean",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: grain, natural key, columns as ``(name, SQL type)``."""

    schema: str
    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    def create_sql(self) -> str:
        columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in self.columns)
        return f"create table if not exists {self.full_name} ({columns})"


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in text.replace("\n", " ").split(";"):
        if part.strip():
            names, sql_type = part.strip().rsplit(":", 1)
            pairs += [(name.strip(), sql_type.strip()) for name in names.split(",")]
    return tuple(pairs)


_RECORDED = (("cycle_seq", "bigint"), ("recorded_at", "timestamptz"))


def _fact(name: str, about: str, key: str, columns: str) -> Table:
    return Table("facts", name, about, tuple(key.split()), _columns(columns) + _RECORDED)


def _plan(name: str, about: str, key: str, columns: str) -> Table:
    return Table("plans", name, about, tuple(key.split()), _columns(columns))


def field_columns(fields: tuple[Field, ...]) -> tuple[tuple[str, str], ...]:
    """Columns of captured fields: their names and SQL types."""
    return tuple((field.name, SQL_TYPES[field.kind]) for field in fields)


_HEADER = ORDER.fields[: [f.name for f in ORDER.fields].index("row_kind")]

FACTS: tuple[Table, ...] = (
    _fact("cycles", "One row per cycle and state it reached (planned, committed, published, failed).", "cycle_seq state", """
        state: varchar; as_of, started_at, ended_at: timestamptz; seed: bigint; input_hash, plan_hash, code_version: varchar;
        failed_asset, message: varchar"""),
    _fact("capture_files", "One row per file taken from the inbox.", "channel file_name file_sha256 modified_ns", """
        file_sha256, file_name, channel: varchar; bytes, modified_ns, lines_read, lines_accepted, lines_quarantined,
        lines_duplicate, lines_conflict, messages, messages_accepted, messages_duplicate, messages_conflict,
        messages_quarantined: bigint; captured_at: timestamptz"""),
    _fact("capture_messages", "One row per message of a file, with its outcome.", "message_id", """
        message_id, channel, record, file_name, file_sha256: varchar; position, lines: bigint; message_key, content_hash,
        outcome, error_code, error_field, error_detail, warnings, order_id: varchar; received_at: timestamptz"""),
    Table("facts", "orders", "One row per accepted version of an order, or cancellation of it.", ("message_id",), (
        ("message_id", "varchar"), ("order_id", "varchar"), ("channel", "varchar"), ("customer_id", "varchar"),
        *field_columns(_HEADER),
        ("counts_from", "date"), ("remorse_minutes", "integer"), ("needs_known_customer", "boolean"),
        ("items_total", "decimal(18,2)"), ("discount_total", "decimal(18,2)"), ("shipping_total", "decimal(18,2)"),
        ("charge_total", "decimal(18,2)"), ("tax_total", "decimal(18,2)"), ("rounding_total", "decimal(18,2)"),
        ("order_total", "decimal(18,2)"), *_RECORDED)),
    _fact("order_lines", "One row per line and accepted version of its order; quantity_added is what this version adds to qty_ordered.",
          "order_line_id order_version", """
        message_id, order_id, order_version, order_line_id, line_number, sku_code, barcode, description, unit, unit_code: varchar;
        unit_factor: decimal(18,6); quantity_doc: decimal(18,3); unit_price_doc: decimal(18,6);
        quantity, quantity_added: decimal(18,3); unit_price: decimal(18,6);
        discount_amount, discount_share, tax_amount, line_total: decimal(18,2);
        substitution_consent, substitution_of_line_id: varchar; substitution_factor: decimal(18,6);
        kit_line_id, kit_sku_code: varchar; kit_quantity: decimal(18,3); kit_unit_price: decimal(18,6)"""),
    _fact("substitutions", "One row per line for whose open units the commit sends a substitute unasked: the next cycle books it.",
          "order_line_id cycle_seq", """
        order_line_id, sku_id: varchar; quantity: decimal(18,3)"""),
    _fact("order_charges", "One row per shipping, discount, charge or tax row of an order version.", "message_id position", """
        message_id, order_id, order_version: varchar; position: bigint; charge_kind, charge_code, description: varchar;
        amount, tax_amount: decimal(18,2)"""),
    *(
        Table("facts", record.name, f"One row per accepted message of the feed. {record.about}", record.key,
              (("message_id", "varchar"), *field_columns(record.fields), *_RECORDED))
        for record in FEEDS
    ),
    _fact("reference_versions", "One row per version of a reference entity; version counts from 1 per entity and key and breaks ties of valid_from.",
          "entity key version", """
        message_id, entity, key: varchar; version: bigint; attributes: json; valid_from: timestamptz"""),
    _fact("policy_changes", "One row per change of a policy.", "command_id", """
        policy_key, scope, value: varchar; valid_from: timestamptz; command_id: varchar"""),
    _fact("commands", "One row per command that a cycle has looked at, with its outcome.", "command_id", """
        command_id: varchar; sequence: bigint; type, target: varchar; payload: json; actor, reason: varchar;
        issued_at: timestamptz; seen_cycle_id, outcome, outcome_reason: varchar;
        outcome_number: bigint; command_hash, hash: varchar"""),
    _fact("line_events", "One row per move of units of an order line between ledger buckets.", "event_id", """
        event_id, order_line_id, from_bucket, to_bucket: varchar; quantity: decimal(18,3);
        location_id, lot_id, document_id, reason_code: varchar; event_at: timestamptz; actor: varchar; assumed: boolean"""),
    _fact("stock_movements", "One row per movement; quantity is the signed effect on on_hand of its stock_status.", "movement_id stock_status", """
        movement_id, kind, stock_status, sku_id, location_id, lot_id: varchar; quantity: decimal(18,3);
        reason_code, reference: varchar; event_at: timestamptz; bin, serial_number: varchar"""),
    _fact("hold_events", "One row per hold placed, cleared, released or expired.", "hold_id event event_at", """
        hold_id, event, hold_type, family, scope, subject_id, order_id, order_line_id, observed, threshold, unit, explanation, remedy, evidence,
        rule_version, actor, reason, command_id: varchar; distance: decimal(18,3); event_at, valid_until, hold_until: timestamptz"""),
    _fact("promise_events", "One row per promise planned for a held line, first given, changed, agreed with the customer or withdrawn.", "order_line_id cycle_seq event", """
        order_line_id, event, location_id: varchar; quantity: decimal(18,3); ship_date, deliver_date, earliest_date: date;
        cost: decimal(18,2); reason, cause: varchar; is_first_choice: boolean; event_at: timestamptz; parts: struct(location_id varchar, ship_date date, quantity decimal(18,3))[]"""),
    _fact("cover_events", "One row per backorder and cycle that tells another cover.", "order_line_id cycle_seq", """
        order_line_id: varchar; expected_cover_date: date; cover_reference, reason: varchar; event_at: timestamptz"""),
    _fact("backorder_events", "One row per backorder begun or ended.", "order_line_id cycle_seq event", """
        order_line_id, event: varchar; quantity: decimal(18,3); reason: varchar; event_at: timestamptz"""),
    _fact("waves", "One row per wave released to the floor.", "wave_id", """
        wave_id, location_id, leaves_by: varchar; cutoff, released_at: timestamptz; lines: bigint"""),
    _fact("wave_events", "One row per change of a wave after its release (stopped, done).", "wave_id event", """
        wave_id, event, reason, command_id: varchar; event_at: timestamptz"""),
    _fact("pick_tasks", "One row per pick task of a released wave.", "task_id", """
        task_id, wave_id, batch_id, bin, zone: varchar; pick_sequence: integer; order_line_id, shipment_id, sku_id, lot_id,
        location_id: varchar; qty_to_pick: decimal(18,3)"""),
    _fact("shipments", "One row per shipment, frozen when its wave is released.", "shipment_id", """
        shipment_id, order_id, location_id, wave_id, mode, carrier_id, service: varchar; weight_kg, volume_m3: decimal(18,3);
        value: decimal(18,2); currency: varchar; ship_date: date; window_from, window_to: timestamptz;
        latitude, longitude: decimal(18,6); service_min: integer; temperature_class, hazard_class: varchar;
        freight_quote: decimal(18,2); freight_currency, chosen_because: varchar"""),
    _fact("mode_changes", "One row per shipment that was released for one way and goes another.", "shipment_id cycle_seq", """
        shipment_id, mode, carrier_id, service: varchar; freight_quote: decimal(18,2); freight_currency: varchar;
        own_cost: decimal(18,2); chosen_because: varchar"""),
    _fact("shipment_lines", "One row per shipment, line and lot, frozen when its wave is released.", "shipment_id order_line_id lot_id", """
        shipment_id, order_line_id, sku_id, lot_id: varchar; quantity: decimal(18,3); weight_kg, volume_m3: decimal(18,3)"""),
    _fact("loads", "One row per dispatched load.", "load_id", """
        load_id, mode, location_id, vehicle_id, driver_id, carrier_id: varchar; weight_kg, volume_m3: decimal(18,3);
        stops: integer; value: decimal(18,2); capacity_kg, capacity_m3: decimal(18,3); utilisation: decimal(18,6);
        binding_dimension: varchar; planned_departure, departed_at: timestamptz; distance_km, baseline_distance_km: decimal(18,3);
        duration_min, drive_min, service_min, wait_min, late_min, break_min, overtime_min: decimal(18,3); cost: decimal(18,2); currency, engine: varchar;
        seed: bigint; plan_hash: varchar;
        trailer_id: varchar; pallets, front_axle_kg, rear_axle_kg: decimal(18,3); axles_ok: boolean; tariff_cost: decimal(18,2); planned_dock: integer;
        planned_loading_start, planned_loading_end: timestamptz; layer_check, layer_binding: varchar; floor_used_mm: bigint; layer_unmeasured: varchar"""),
    _fact("load_stops", "One row per stop of a dispatched load.", "load_id stop_sequence", """
        load_id: varchar; stop_sequence: integer; shipment_ids, pickup_ids: varchar[]; latitude, longitude: decimal(18,6);
        window_from, window_to, eta, departure: timestamptz; service_min, wait_min, late_min, break_min, distance_km: decimal(18,3); is_locked: boolean"""),
    _fact("load_pickups", "One row per pick-up that a dispatched load is to collect, as it left.", "load_id pickup_id", """
        load_id, pickup_id, pickup_kind: varchar; stop_sequence: integer; quantity, weight_kg, volume_m3: decimal(18,3);
        name, street, postcode, city, country: varchar"""),
    _fact("load_shipments", "One row per shipment on a dispatched load.", "load_id shipment_id", """
        load_id, shipment_id: varchar; stop_sequence, load_position: integer; pallets_before, pallets: decimal(18,3); because: varchar"""),
    _fact("load_events", "One row per lock, unlock, approval, withdrawal or return of a load.", "load_id event event_at", """
        load_id, event, content_hash: varchar; content: json; actor, reason, command_id: varchar; event_at: timestamptz"""),
    _fact("documents", "One row per document issued, numbered from 1 without gap per type and series.", "document_type series number", """
        document_id, document_type, series: varchar; number: bigint; load_id, shipment_id, order_id, wave_id, location_id: varchar;
        issued_at: timestamptz; template_version: varchar"""),
    _fact("purchase_order_lines", "One row per line of a purchase order, and per line of which a later document takes units back (quantity below 0).",
          "document_id line_number", """
        document_id, purchase_order_id, kind, seller_id, location_id, shipment_id, order_id, order_line_id, supply_id, sku_id: varchar;
        line_number: integer; quantity: decimal(18,3); unit_cost: decimal(18,6); fee: decimal(18,2); currency: varchar; due_date: date"""),
    _fact("document_renderings", "One row per document, at its first rendering.", "document_id", """
        document_id, file, sha256: varchar; bytes: bigint"""),
    _fact("document_events", "One row per document made void.", "document_id event", """
        document_id, event, reason, command_id: varchar; event_at: timestamptz"""),
    _fact("return_decisions", "One row per return line authorised, rejected or closed.", "return_id order_line_id event", """
        return_id, order_line_id, event: varchar; quantity: decimal(18,3); refund_total: decimal(18,2); currency, reason,
        command_id: varchar; event_at: timestamptz"""),
    _fact("exceptions", "One row per contradiction between facts, kept for a person.", "exception_id", """
        exception_id, kind, key, order_id, order_line_id, expected, found, difference, explanation: varchar; event_at: timestamptz"""),
    _fact("exception_events", "One row per exception closed.", "exception_id event", """
        exception_id, event, reason, command_id: varchar; event_at: timestamptz"""),
    _fact("alert_events", "One row per alert raised or closed.", "alert_id event cycle_seq", """
        alert_id, event, kind, severity, subject_type, subject_id, message, owner: varchar; event_at: timestamptz"""),
    _fact("demand_forecasts", "One row per version of the forecast of a SKU at a location: units of each day from first_day on.",
          "sku_id location_id cycle_seq", """
        sku_id, location_id: varchar; first_day: date; quantity, lower, upper: decimal(18,3)[];
        method: varchar; wape, bias, baseline_wape: decimal(18,6); deviation: decimal(18,3); history_days, tested_days: integer;
        history_hash: varchar"""),
    _fact("decisions", "One row per decision of a plan that took effect or changed.", "decision_id", """
        decision_id, stage, subject_type, subject_id, chosen, because, runner_up: varchar; runner_up_delta: decimal(18,2); actor: varchar"""),
    _fact("solver_runs", "One row per solve.", "cycle_seq stage scope", """
        stage, scope, engine, status: varchar; objective: bigint; baseline: varchar; baseline_objective, bound: bigint;
        bound_kind: varchar; gap: decimal(18,6); effort: bigint; fuse: boolean; wall_s: decimal(18,3); seed: bigint; size: varchar;
        baselines: json"""),
    _fact("plan_snapshots", "One row per stage's plan when it changed: what the next cycle starts from.", "stage cycle_seq", """
        stage, content_hash: varchar; content: json"""),
    _fact("data_quality", "One row per check and cycle.", "check_name cycle_seq scope", """
        check_name, scope, stage, severity: varchar; passed: boolean; failing_rows, checked_rows: bigint"""),
)  # fmt: skip

PLANS: tuple[Table, ...] = (
    _plan("promises", "One row per line, location and ship date of the running plan.", "order_line_id location_id ship_date", """
        order_line_id, order_id, sku_id, lot_id, location_id, supply_id: varchar; quantity: decimal(18,3); release_date, ship_date, deliver_date,
        earliest_date: date; cost: decimal(18,2); cost_terms: json; relaxed, explanation, runner_up_location_id: varchar; runner_up_cost, runner_up_extra: decimal(18,2); is_firm, is_first_choice: boolean"""),
    _plan("backorders", "One row per line that the running plan leaves without stock.", "order_line_id", """
        order_line_id, order_id, sku_id: varchar; quantity: decimal(18,3); expected_cover_date: date; cover_reference, reason: varchar"""),
    _plan("supply_pegs", "One row per supply and line of the running plan that waits for it.", "supply_id order_line_id is_promised", """
        supply_id, order_line_id, order_id, sku_id, location_id: varchar; quantity: decimal(18,3); due_date: date; is_promised: boolean"""),
    _plan("stock_prices", "One row per SKU, location and day from which stock there has this price.", "sku_id location_id from_date", """
        sku_id, location_id: varchar; from_date: date; price: decimal(18,6)"""),
    _plan("demand_forecasts", "One row per SKU and location whose forecast this cycle makes anew.", "sku_id location_id", """
        sku_id, location_id: varchar; first_day: date; quantity, lower, upper: decimal(18,3)[];
        method: varchar; wape, bias, baseline_wape: decimal(18,6); deviation: decimal(18,3); history_days, tested_days: integer;
        history_hash: varchar"""),
    _plan("loads", "One row per load of the running plan.", "load_id", """
        load_id, mode, location_id, vehicle_id, driver_id, carrier_id: varchar; weight_kg, volume_m3: decimal(18,3);
        stops: integer; value: decimal(18,2); capacity_kg, capacity_m3: decimal(18,3); utilisation: decimal(18,6);
        binding_dimension: varchar; is_locked: boolean; planned_departure: timestamptz; distance_km, baseline_distance_km: decimal(18,3);
        duration_min, drive_min, service_min, wait_min, late_min, break_min, overtime_min: decimal(18,3); cost: decimal(18,2); currency, engine: varchar; seed: bigint;
        is_due: boolean; trailer_id: varchar; pallets, front_axle_kg, rear_axle_kg: decimal(18,3); axles_ok: boolean;
        tariff_cost: decimal(18,2); planned_dock: integer; planned_loading_start, planned_loading_end: timestamptz;
        layer_check, layer_binding: varchar; floor_used_mm: bigint; layer_unmeasured: varchar"""),
    _plan("shipment_modes", "One row per shipment that waits: how it goes, and why.", "shipment_id", """
        shipment_id, mode, carrier_id, service: varchar; freight_quote: decimal(18,2); freight_currency, chosen_because: varchar;
        own_cost: decimal(18,2)"""),
    _plan("freight_quotes", "One row per shipment and tariff that was asked: all quotes, not only the winner.", "shipment_id carrier_id service", """
        shipment_id, carrier_id, service: varchar; parcels: integer; chargeable_kg: decimal(18,3); quote: decimal(18,2); currency: varchar; quote_base: decimal(18,2);
        collected_on, arrives_on: date; is_chosen: boolean; reason: varchar"""),
    _plan("load_shipments", "One row per shipment on a load of the running plan.", "load_id shipment_id", """
        load_id, shipment_id: varchar; stop_sequence, load_position: integer; pallets_before, pallets: decimal(18,3); because: varchar"""),
    _plan("route_stops", "One row per stop of the running plan.", "load_id stop_sequence", """
        load_id: varchar; stop_sequence: integer; shipment_ids, pickup_ids: varchar[]; latitude, longitude: decimal(18,6);
        window_from, window_to, eta, departure: timestamptz; service_min, wait_min, late_min, break_min, distance_km: decimal(18,3); is_locked: boolean"""),
    _plan("dropped_shipments", "One row per shipment that the running plan leaves behind, with the cheapest fix.", "shipment_id", """
        shipment_id, reason, cheapest_fix: varchar; fix_cost, own_cost: decimal(18,2)"""),
    _plan("pickups", "One row per pick-up that the running plan was asked for: on which load, or why on none.", "pickup_id", """
        pickup_id, load_id: varchar; stop_sequence: integer; reason, cheapest_fix: varchar"""),
    _plan("route_what_ifs", "One row per location and option of the running plan: what it would save.", "location_id option", """
        location_id: varchar; day: date; option_kind, option: varchar; saving: decimal(18,2); currency: varchar; distance_km: decimal(18,3);
        left_behind, left_behind_with: integer"""),
    _plan("solver_runs", "One row per solve of the running cycle.", "stage scope", """
        stage, scope, engine, status: varchar; objective: bigint; baseline: varchar; baseline_objective, bound: bigint;
        bound_kind: varchar; gap: decimal(18,6); effort: bigint; fuse: boolean; wall_s: decimal(18,3); seed: bigint; size: varchar;
        baselines: json"""),
    _plan("snapshots", "One row per stage: what the next cycle may start from.", "stage", "stage, content_hash: varchar; content: json"),
    _plan("quality", "One row per law that the audit of the running cycle evaluated.", "check_name scope", """
        check_name, scope, stage, severity: varchar; passed: boolean; failing_rows: bigint"""),
    _plan("left_out", "One row per subject that the audit keeps out of the commit.", "subject_type subject_id rule", """
        subject_type, subject_id, rule, reason: varchar"""),
    _plan("cycle", "One row: the running cycle.", "cycle_seq", "cycle_seq: bigint; as_of: timestamptz; seed: bigint"),
)  # fmt: skip

TABLES: Mapping[str, Table] = {table.full_name: table for table in (*FACTS, *PLANS)}
