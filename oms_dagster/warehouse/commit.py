"""Commit: one transaction that appends what takes effect, and what later cycles must remember of this plan.

Belongs here: which candidates become facts, in the order of the journey, and the hashes that name input and plan.
Does not belong here: deciding (dbt, solvers) or judging (`warehouse.audit`); what the audit left out stays out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import duckdb

from oms_dagster.crash import boundary
from oms_dagster.cycle import Cycle, CycleRefused
from oms_dagster.warehouse import lots, purchase_orders
from oms_dagster.warehouse.connect import transaction
from oms_dagster.warehouse.read import value

#: Columns of each plan that name it: what is promised, released, loaded and routed. Never a wall-clock time.
HASHED: Mapping[str, str] = {
    "plans.promises": "order_line_id, location_id, quantity, ship_date, deliver_date, cost",
    "plans.backorders": "order_line_id, quantity, expected_cover_date, reason",
    "intermediate.int_wave_lines__planned": "wave_id, shipment_id, order_line_id, sku_id, quantity, pick_sequence",
    "plans.shipment_modes": "shipment_id, mode, carrier_id, service, freight_quote",
    "plans.loads": "load_id, mode, vehicle_id, driver_id, weight_kg, volume_m3, distance_km, cost",
    "plans.route_stops": "load_id, stop_sequence, cast(shipment_ids || coalesce(pickup_ids, []) as varchar), eta, late_min",
    "plans.dropped_shipments": "shipment_id, reason",
    "intermediate.int_holds__planned": "hold_id, event, observed, threshold",
}

#: Tables of captured facts whose new rows form the input of a cycle.
INPUT = (
    "facts.capture_messages",
    "facts.commands",
    "facts.line_events",
    "facts.stock_movements",
    "facts.policy_changes",
)


def sha256_of(connection: duckdb.DuckDBPyConnection, table: str, columns: str, where: str = "true") -> str:
    """sha256 over the sorted rows of some columns (never DuckDB's own hash, which may change)."""
    text = value(
        connection,
        f"select coalesce(sha256(string_agg(line, chr(10) order by line)), '') from"
        f" (select concat_ws('|', {_texts(columns)}) as line from {table} where {where})",
    )
    return str(text)


def _texts(columns: str) -> str:
    depth, parts, part = 0, [], ""
    for sign in columns:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += sign
    return ", ".join(f"coalesce(cast({p.strip()} as varchar), '~')" for p in (*parts, part))


def plan_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """The plan of the running cycle, named by its content."""
    digest = hashlib.sha256()
    for table, columns in HASHED.items():
        digest.update(sha256_of(connection, table, columns).encode())
    return digest.hexdigest()


def input_hash(connection: duckdb.DuckDBPyConnection, now: Cycle) -> str:
    """The input of the running cycle: the last one's hash with the rows captured since."""
    last = value(connection, "select arg_max(input_hash, cycle_seq) from facts.cycles where state = 'committed'") or ""
    digest = hashlib.sha256(last.encode())
    ids = {"facts.capture_messages": "message_id, outcome", "facts.commands": "command_id, outcome", "facts.line_events": "event_id, quantity",
           "facts.stock_movements": "movement_id, quantity", "facts.policy_changes": "command_id, policy_key, value"}  # fmt: skip
    for table in INPUT:
        digest.update(sha256_of(connection, table, ids[table], f"cycle_seq = {now.cycle_seq}").encode())
    return digest.hexdigest()


def commit(
    connection: duckdb.DuckDBPyConnection, now: Cycle, *, code_version: str, started_at: Any, ended_at: Any
) -> dict[str, int]:
    """Append what takes effect. Returns rows appended by what they are.

    Raises
    ------
    CycleRefused
        Another cycle was committed since this one was opened.
    """
    last = value(
        connection, "select coalesce(max(cycle_seq), 0) from facts.cycles where state in ('committed', 'failed')"
    )
    if last != now.cycle_seq - 1:
        raise CycleRefused(
            f"cycle {now.cycle_seq} was planned after cycle {now.cycle_seq - 1}, but {last} is the last one: plan again"
        )
    stamp = f"{now.cycle_seq} as cycle_seq, cast('{now.as_of.isoformat()}' as timestamptz) as recorded_at"
    as_of = f"cast('{now.as_of.isoformat()}' as timestamptz)"
    hashes = (input_hash(connection, now), plan_hash(connection))
    done: dict[str, int] = {}
    with transaction(connection):
        lots.choose(connection)
        connection.execute(
            "create or replace temp table _taken as select w.* replace (coalesce(c.quantity, w.quantity) as quantity), c.lot_id, c.because"
            " from intermediate.int_wave_lines__planned as w"
            " left join _lots as c on w.shipment_id = c.shipment_id and w.order_line_id = c.order_line_id"
            " where not exists (select 1 from plans.left_out as l where (l.subject_type = 'order' and l.subject_id = w.order_id)"
            " or (l.subject_type = 'shipment' and l.subject_id = w.shipment_id) or (l.subject_type = 'line' and l.subject_id = w.order_line_id)"
            " or (l.subject_type = 'wave' and l.subject_id = w.wave_id))"
        )
        connection.execute(
            "create or replace temp table _leaving as select * from plans.loads as p where p.is_due and not exists"
            " (select 1 from plans.left_out as l where l.subject_type = 'load' and l.subject_id = p.load_id)"
        )
        for name, sql in _statements(stamp, as_of).items():
            done[name] = int(connection.execute(sql).fetchall()[0][0])
            if name == "waves":
                boundary("inside commit")
        done |= purchase_orders.issue(connection, now)
        for state in ("planned", "committed"):
            connection.execute(
                "insert into facts.cycles by name select ? as cycle_seq, ? as state, ? as as_of, ? as recorded_at, ? as started_at,"
                " ? as ended_at, ? as seed, ? as input_hash, ? as plan_hash, ? as code_version",
                [now.cycle_seq, state, now.as_of, now.as_of, started_at, ended_at, now.seed, *hashes, code_version],
            )
    return done


def _statements(stamp: str, as_of: str) -> dict[str, str]:
    """What is appended, in order. Each statement inserts by name."""
    return {
        "waves": f"""insert into facts.waves by name
            select wave_id, location_id, min(leaves_by) as leaves_by, min(cutoff) as cutoff, {as_of} as released_at,
                   count(distinct order_line_id) as lines, {stamp}
            from _taken where wave_id is not null group by wave_id, location_id""",
        "shipments": f"""insert into facts.shipments by name
            select s.shipment_id, s.order_id, s.location_id, t.wave_id, coalesce(m.mode, s.mode, 'carrier') as mode, m.carrier_id, m.service,
                   s.weight_kg, s.volume_m3, s.value, s.currency, s.ship_date, s.window_from, s.window_to, s.latitude, s.longitude,
                   s.service_min, s.temperature_class, s.hazard_class, m.freight_quote, m.freight_currency,
                   case s.mode when 'dropship' then 'its vendor ships it' else m.chosen_because end as chosen_because, {stamp}
            from intermediate.int_shipments__planned as s
            inner join (select shipment_id, min(wave_id) as wave_id from _taken group by 1) as t on s.shipment_id = t.shipment_id
            left join plans.shipment_modes as m on s.shipment_id = m.shipment_id""",
        "mode_changes": f"""insert into facts.mode_changes by name
            select m.shipment_id, m.mode, m.carrier_id, m.service, m.freight_quote, m.freight_currency, m.own_cost, m.chosen_because, {stamp}
            from plans.shipment_modes as m inner join intermediate.int_shipments__ways as w on m.shipment_id = w.shipment_id
            where m.mode <> w.mode or (m.mode = 'carrier' and (m.carrier_id, m.service) is distinct from (w.carrier_id, w.service)
                and m.shipment_id in (select s.shipment_id from _leaving as l inner join plans.load_shipments as s on l.load_id = s.load_id))""",
        "shipment_lines": f"""insert into facts.shipment_lines by name
            select t.shipment_id, t.order_line_id, t.sku_id, t.lot_id, sum(t.quantity) as quantity,
                   cast(sum(t.quantity * k.weight_kg) as decimal(18,3)) as weight_kg, cast(sum(t.quantity * k.volume_m3) as decimal(18,3)) as volume_m3, {stamp}
            from _taken as t inner join intermediate.int_skus__in_force as k on t.sku_id = k.sku_id group by 1, 2, 3, 4""",
        "pick_tasks": f"""insert into facts.pick_tasks by name
            select wave_id || '-' || lpad(cast(row_number() over (partition by wave_id order by pick_sequence, bin, order_line_id, lot_id) as varchar), 3, '0') as task_id,
                   wave_id, wave_id || '-' || zone as batch_id, bin, zone, pick_sequence, order_line_id, shipment_id, sku_id,
                   lot_id, location_id, quantity as qty_to_pick, {stamp}
            from _taken where wave_id is not null""",
        "released": f"""insert into facts.line_events by name
            select 'release-' || shipment_id || '-' || order_line_id || coalesce('-' || lot_id, '') as event_id, order_line_id, 'open' as from_bucket, 'released' as to_bucket,
                   quantity, location_id, lot_id, shipment_id as document_id, case when wave_id is null then 'PURCHASE_ORDER' else 'WAVE' end as reason_code, {as_of} as event_at, 'commit' as actor, false as assumed, {stamp}
            from _taken""",
        **_dispatch(stamp, as_of),
        **_memory(stamp, as_of),
    }


def _dispatch(stamp: str, as_of: str) -> dict[str, str]:
    """Loads that leave: what is packed goes, what is not stays behind for the next plan."""
    on_floor = """(select order_line_id, document_id, lot_id, bucket, sum(quantity) as quantity from (
            select order_line_id, document_id, lot_id, to_bucket as bucket, quantity from facts.line_events
            union all select order_line_id, document_id, lot_id, from_bucket, -quantity from facts.line_events)
        where bucket in ('released', 'picked', 'packed', 'loaded') group by all having sum(quantity) > 0)"""
    riding = """(select l.load_id, l.location_id, ls.shipment_id from _leaving as l
        inner join plans.load_shipments as ls on l.load_id = ls.load_id)"""
    assume = "(select value = 'dispatch' from intermediate.int_policies__in_force where policy_key = 'floor.confirm' and scope = '')"

    def step(source: str, target: str, code: str, where: str, assumed: str) -> str:
        return f"""insert into facts.line_events by name
            select 'dispatch-' || r.load_id || '-' || r.shipment_id || '-' || f.order_line_id || coalesce('-' || f.lot_id, '') || '-{target}' as event_id,
                   f.order_line_id, '{source}' as from_bucket, '{target}' as to_bucket, f.quantity, r.location_id, f.lot_id, r.shipment_id as document_id,
                   '{code}' as reason_code, {as_of} as event_at, 'commit' as actor, {assumed} as assumed, {stamp}
            from {riding} as r inner join {on_floor} as f on r.shipment_id = f.document_id and f.bucket = '{source}' where {where}"""

    return {
        "assumed_picks": step("released", "picked", "ASSUMED", assume, "true"),
        "assumed_packs": step("picked", "packed", "ASSUMED", assume, "true"),
        "loaded": step("packed", "loaded", "LOADED", "true", "true"),
        "shipped": step("loaded", "shipped", "DISPATCH", "true", "false"),
        "stock": f"""insert into facts.stock_movements by name
            select e.event_id as movement_id, 'ship' as kind, 'usable' as stock_status, max(l.sku_code) as sku_id, e.location_id,
                   e.lot_id, -max(e.quantity) as quantity, 'DISPATCH' as reason_code, e.document_id as reference, e.event_at, {stamp}
            from facts.line_events as e inner join facts.order_lines as l on e.order_line_id = l.order_line_id
            where e.to_bucket = 'shipped' and e.actor = 'commit' and e.cycle_seq = (select cycle_seq from plans.cycle)
            group by e.event_id, e.location_id, e.lot_id, e.document_id, e.event_at""",
        "loads": f"""insert into facts.loads by name
            select l.* exclude (is_locked, is_due), {as_of} as departed_at, cast(null as varchar) as plan_hash, {stamp} from _leaving as l
            where exists (select 1 from facts.line_events as e inner join plans.load_shipments as ls on e.document_id = ls.shipment_id
                          where ls.load_id = l.load_id and e.to_bucket = 'shipped' and e.cycle_seq = (select cycle_seq from plans.cycle))
               or l.load_id in (select p.load_id from plans.pickups as p) and not exists (select 1 from plans.load_shipments as ls where ls.load_id = l.load_id)""",
        "load_stops": f"""insert into facts.load_stops by name
            select s.*, {stamp} from plans.route_stops as s
            where s.load_id in (select load_id from facts.loads where cycle_seq = (select cycle_seq from plans.cycle))""",
        "load_pickups": f"""insert into facts.load_pickups by name
            select p.load_id, p.pickup_id, t.pickup_kind, p.stop_sequence, t.quantity, t.weight_kg, t.volume_m3, t.name, t.street, t.postcode, t.city,
                   t.country, {stamp}
            from plans.pickups as p inner join intermediate.int_pickups__tracked as t on p.pickup_id = t.pickup_id
            where p.load_id in (select load_id from facts.loads where cycle_seq = (select cycle_seq from plans.cycle))""",
        "load_shipments": f"""insert into facts.load_shipments by name
            select s.*, {stamp} from plans.load_shipments as s
            where s.load_id in (select load_id from facts.loads where cycle_seq = (select cycle_seq from plans.cycle))
              and exists (select 1 from facts.line_events as e where e.document_id = s.shipment_id and e.to_bucket = 'shipped'
                          and e.cycle_seq = (select cycle_seq from plans.cycle))""",
    }


def _memory(stamp: str, as_of: str) -> dict[str, str]:
    """What later cycles must remember of this plan, and the numbers of its documents."""

    def number(kind: str, template: str, refs: str, source: str, order: str) -> str:
        return f"""insert into facts.documents by name
            select '{kind}-' || series || '-' || lpad(cast(number as varchar), 6, '0') as document_id, '{kind}' as document_type, series, number,
                   {refs}, {as_of} as issued_at, '{template}' as template_version, {stamp}
            from (select c.*, 'A' as series, (select coalesce(max(d.number), 0) from facts.documents as d where d.document_type = '{kind}' and d.series = 'A')
                         + row_number() over (order by {order}) as number from ({source}) as c)"""

    now = "(select cycle_seq from plans.cycle)"
    return {
        "picking_maps": number(
            "picking_map",
            "picking_map/1",
            "wave_id, location_id",
            f"select wave_id, location_id from facts.waves where cycle_seq = {now}",
            "c.wave_id",
        ),
        "romaneios": number(
            "romaneio",
            "romaneio/1",
            "load_id, location_id",
            f"select load_id, location_id from facts.loads where cycle_seq = {now}",
            "c.load_id",
        ),
        "packing_slips": number(
            "packing_slip",
            "packing_slip/1",
            "shipment_id, load_id, order_id, location_id",
            f"select ls.shipment_id, ls.load_id, s.order_id, s.location_id from facts.load_shipments as ls"
            f" inner join facts.shipments as s on ls.shipment_id = s.shipment_id where ls.cycle_seq = {now}",
            "c.load_id, c.shipment_id",
        ),
        "holds": f"insert into facts.hold_events by name select h.*, {as_of} as event_at, {stamp} from intermediate.int_holds__planned as h",
        "promises": f"insert into facts.promise_events by name select p.*, {as_of} as event_at, {stamp} from intermediate.int_promises__changed as p",
        "backorders": f"insert into facts.backorder_events by name select b.*, {as_of} as event_at, {stamp} from intermediate.int_backorders__changed as b",
        "covers": f"insert into facts.cover_events by name select c.*, {as_of} as event_at, {stamp} from intermediate.int_covers__changed as c",
        "substitutions": f"""insert into facts.substitutions by name
            select s.order_line_id, s.substitute_sku_id as sku_id, s.quantity, {stamp} from intermediate.int_substitutions__suggested as s
            where s.is_automatic and not exists (select 1 from plans.left_out as l where (l.subject_type = 'order' and l.subject_id = s.order_id)
                or (l.subject_type = 'line' and l.subject_id = s.order_line_id))""",
        "decisions": f"""insert into facts.decisions by name
            select {now} || '-sourcing-' || p.order_line_id || '-' || p.location_id || '-' || p.ship_date as decision_id, 'sourcing' as stage, 'line' as subject_type,
                   p.order_line_id as subject_id, p.location_id || ' on ' || p.ship_date as chosen, p.explanation as because,
                   p.runner_up_location_id as runner_up, p.runner_up_extra as runner_up_delta, 'plan' as actor, {stamp}
            from plans.promises as p semi join intermediate.int_promises__changed as c on p.order_line_id = c.order_line_id
            union all by name
            select {now} || '-carrier-' || m.shipment_id as decision_id, 'loads' as stage, 'shipment' as subject_type, m.shipment_id as subject_id,
                   coalesce(m.carrier_id, m.mode) as chosen, m.chosen_because as because, case when m.own_cost is not null then 'own_fleet' end as runner_up,
                   m.own_cost - q.quote_base as runner_up_delta, 'plan' as actor, {stamp}
            from plans.shipment_modes as m left join plans.freight_quotes as q
                on m.shipment_id = q.shipment_id and m.carrier_id = q.carrier_id and m.service = q.service
            semi join (select shipment_id from facts.shipments where cycle_seq = {now}
                union select shipment_id from facts.mode_changes where cycle_seq = {now}) as s on m.shipment_id = s.shipment_id
            union all by name
            select {now} || '-substitute-' || s.order_line_id as decision_id, 'sourcing' as stage, 'line' as subject_type, s.order_line_id as subject_id,
                   s.substitute_sku_id as chosen, 'unasked: no cover in time, ' || s.quantity_spare || ' to spare at ' || s.location_id || ', price policy '
                   || s.price_policy as because, cast(null as varchar) as runner_up, s.price_difference as runner_up_delta, 'commit' as actor, {stamp}
            from intermediate.int_substitutions__suggested as s semi join (select order_line_id from facts.substitutions where cycle_seq = {now}) as a
                on s.order_line_id = a.order_line_id where s.is_automatic
            union all by name
            select {now} || '-lot-' || t.shipment_id || '-' || t.order_line_id || '-' || coalesce(t.lot_id, '') as decision_id, 'release' as stage,
                   'line' as subject_type, t.order_line_id as subject_id, t.quantity || ' of ' || coalesce('lot ' || t.lot_id, 'no lot') as chosen, t.because,
                   cast(null as varchar) as runner_up, cast(null as decimal(18,2)) as runner_up_delta, 'commit' as actor, {stamp}
            from _taken as t where t.because is not null
            union all by name
            select {now} || '-dropped-' || d.shipment_id as decision_id, 'routes' as stage, 'shipment' as subject_type, d.shipment_id as subject_id,
                   'left behind' as chosen, d.reason as because, d.cheapest_fix as runner_up, cast(null as decimal(18,2)) as runner_up_delta, 'plan' as actor, {stamp}
            from plans.dropped_shipments as d""",
        "forecasts": f"insert into facts.demand_forecasts by name select f.*, {stamp} from plans.demand_forecasts as f",
        "solver_runs": f"insert into facts.solver_runs by name select r.*, {stamp} from plans.solver_runs as r",
        "quality": f"insert into facts.data_quality by name select q.*, {stamp} from plans.quality as q",
        "snapshots": f"""insert into facts.plan_snapshots by name select s.*, {stamp} from plans.snapshots as s
            where s.content_hash is distinct from (select arg_max(f.content_hash, f.cycle_seq) from facts.plan_snapshots as f where f.stage = s.stage)""",
    }


def commits_anything(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a commit of the running plan would append a fact beside the record of the cycle itself."""
    return bool(
        value(
            connection,
            "select exists (select 1 from intermediate.int_wave_lines__planned) or exists (select 1 from plans.loads where is_due)"
            " or exists (select 1 from intermediate.int_holds__planned) or exists (select 1 from intermediate.int_promises__changed)"
            " or exists (select 1 from intermediate.int_backorders__changed) or exists (select 1 from intermediate.int_covers__changed)"
            " or exists (select 1 from intermediate.int_substitutions__suggested where is_automatic)",
        )
    )
