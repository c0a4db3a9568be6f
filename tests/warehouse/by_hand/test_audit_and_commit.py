"""The audit keeps what offends out, with the load it rides on; the commit appends the rest in one transaction, once."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from house import MUG, ORDER, SHIPMENT, SITE, TEA, WAVE, House, at

from oms_dagster.cycle import Cycle, CycleRefused
from oms_dagster.warehouse import audit, commit, lots
from oms_dagster.warehouse.audit import AuditFailed, Finding
from oms_dagster.warehouse.write import replace

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


@pytest.fixture
def plan(house: House, monkeypatch: pytest.MonkeyPatch) -> Plan:
    from contextlib import nullcontext

    monkeypatch.setattr(commit, "transaction", lambda connection: nullcontext())  # the test has one of its own
    return Plan(house)


def left_out(house: House) -> list[tuple[Any, ...]]:
    return house.rows("select subject_type, subject_id, rule from plans.left_out order by all")


class TestAudit:
    def test_an_offending_shipment_is_left_out_with_its_load(self, house: House) -> None:
        house.load("L1", "S1", "S2")
        house.load("L2", "S3")
        assert audit.leave_out(house.connection, [Finding("inv_06", "shipment", "S2", "INV-06", "too heavy")]) == []
        assert left_out(house) == [("load", "L1", "INV-06"), ("shipment", "S2", "INV-06")]
        assert house.rows("select reason from plans.left_out where subject_type = 'load'") == [
            ("carries what offends: too heavy",)
        ]

    @pytest.mark.parametrize(("kind", "subject"), [("order", ORDER), ("line", TEA), ("wave", WAVE)])
    def test_so_is_the_load_of_an_offending_order_line_or_wave(self, house: House, kind: str, subject: str) -> None:
        """Regression: only a shipment took its load with it; an order whose units did not add up left the yard."""
        house.released(to="packed")
        house.load("L1", SHIPMENT)
        house.load("L2", "S9")
        audit.leave_out(house.connection, [Finding("inv_01", kind, subject, "INV-01", "units")])
        assert left_out(house) == sorted([("load", "L1", "INV-01"), (kind, subject, "INV-01")])

    def test_a_load_is_named_once_however_many_ride_and_offend(self, house: House) -> None:
        house.load("L1", "S1", "S2")
        audit.leave_out(
            house.connection,
            [Finding("l", kind, s, "R", "x") for kind, s in (("shipment", "S1"), ("shipment", "S2"), ("load", "L1"))],
        )
        assert left_out(house) == [("load", "L1", "R"), ("shipment", "S1", "R"), ("shipment", "S2", "R")]

    def test_what_the_cycle_does_not_decide_becomes_an_exception_and_stops_nothing(self, house: House) -> None:
        outside = Finding("inv_03", "sku_location", "TEA@DAV", "INV-03", "counted below what is reserved")
        assert audit.leave_out(house.connection, [outside]) == [outside]
        assert left_out(house) == []

    def test_a_law_that_nobody_can_be_blamed_for_ends_the_cycle(self, house: House) -> None:
        with pytest.raises(AuditFailed, match="INV-02: two files in one"):
            audit.leave_out(house.connection, [Finding("inv_02", "cycle", "2", "INV-02", "two files in one")])

    def test_what_was_left_out_last_time_is_judged_anew(self, house: House) -> None:
        audit.leave_out(house.connection, [Finding("l", "order", "o", "R", "x")])
        audit.leave_out(house.connection, [])
        assert left_out(house) == []

    def test_laws_are_compiled_files_and_findings_their_rows(self, house: House, tmp_path: Path) -> None:
        folder = tmp_path / "oms" / "tests" / "invariants"
        folder.mkdir(parents=True)
        (folder / "inv_b.sql").write_text(
            "select 'line' as subject_type, order_line_id as subject_id, 'R' as rule, 1 as reason from facts.order_lines;\n"
        )
        (folder / "inv_a.sql").write_text(
            "select '' as subject_type, '' as subject_id, '' as rule, '' as reason where false"
        )
        laws = audit.laws(tmp_path)
        assert list(laws) == ["inv_a", "inv_b"]
        assert {f.subject_id for f in audit.findings(house.connection, laws)} == {TEA, MUG}


class TestCommit:
    def test_a_shipment_that_goes_another_way_than_released_is_a_fact_with_both_costs(
        self, plan: Plan, house: House
    ) -> None:
        for shipment, mode in (("S1", "own_fleet"), ("S2", "own_fleet"), ("S3", "carrier")):
            plan.add("int_shipments__ways", shipment_id=shipment, mode=mode)
        taken = {"mode": "carrier", "carrier_id": "DASH", "service": "express", "freight_quote": Decimal("7.70")}
        house.put(
            "plans.shipment_modes", shipment_id="S1", own_cost=Decimal("21.50"), chosen_because="left behind", **taken
        )
        house.put("plans.shipment_modes", shipment_id="S2", mode="own_fleet")
        house.put("plans.shipment_modes", shipment_id="S3", **taken)
        plan.commit()
        assert house.rows("select shipment_id, mode, freight_quote, own_cost from facts.mode_changes") == [
            ("S1", "carrier", Decimal("7.70"), Decimal("21.50"))
        ]
        assert house.rows("select chosen, runner_up, runner_up_delta from facts.decisions where stage = 'loads'") == [
            ("DASH", "own_fleet", Decimal("13.80"))
        ]

    def test_a_wave_reserves_its_lines_and_numbers_its_papers(self, plan: Plan) -> None:
        plan.wave(TEA, 6, "S5")
        plan.wave(MUG, 4, "S6", sequence=2)
        done = plan.commit()
        assert {k: v for k, v in done.items() if v} == {
            "waves": 1,
            "shipments": 2,
            "shipment_lines": 2,
            "pick_tasks": 2,
            "released": 2,
            "picking_maps": 1,
        }
        assert plan.house.buckets(TEA) == {"open": 4, "released": 6}
        assert plan.house.rows("select task_id, bin, qty_to_pick from facts.pick_tasks order by 1") == [
            ("W2-001", "A-01-1", 6),
            ("W2-002", "A-01-1", 4),
        ]
        assert plan.house.rows("select weight_kg from facts.shipment_lines order by 1") == [(2,), (3,)]
        assert plan.house.rows("select state, input_hash is not null, plan_hash is not null from facts.cycles where cycle_seq = 2 order by 1") == [
            ("committed", True, True), ("planned", True, True),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "subject"), [("order", "web-2"), ("line", "web-2-1"), ("shipment", "S6"), ("wave", "W3")]
    )
    def test_what_was_left_out_waits_and_the_rest_goes_on(self, plan: Plan, kind: str, subject: str) -> None:
        """Regression: a wave that was left out was released all the same."""
        plan.wave(TEA, 6, "S5")
        plan.wave("web-2-1", 1, "S6", order="web-2", wave="W3")
        plan.house.put("plans.left_out", subject_type=kind, subject_id=subject, rule="R", reason="x")
        plan.commit()
        assert plan.house.rows("select wave_id from facts.waves") == [("W2",)]
        assert plan.house.rows("select shipment_id from facts.shipments") == [("S5",)]
        assert plan.house.rows("select distinct order_line_id from facts.line_events") == [(TEA,)]

    def test_a_load_leaves_with_what_is_packed_and_the_rest_falls_back(self, plan: Plan) -> None:
        plan.on_the_floor("packed")
        plan.house.move(MUG, "open", "released", 4)
        plan.house.load("L1", SHIPMENT, due=True)
        done = plan.commit()
        assert (done["loaded"], done["shipped"], done["loads"], done["romaneios"], done["packing_slips"]) == (
            1,
            1,
            1,
            1,
            1,
        )
        assert (plan.house.buckets(TEA), plan.house.buckets(MUG)) == ({"shipped": 10}, {"released": 4})
        assert plan.house.rows("select kind, sku_id, quantity, reference from facts.stock_movements") == [
            ("ship", "TEA", -10, SHIPMENT)
        ]

    def test_what_is_to_be_collected_leaves_with_its_load_as_it_was_and_alone_too(self, plan: Plan) -> None:
        plan.on_the_floor("packed")
        plan.house.load("L1", SHIPMENT, due=True)
        plan.house.load("L2", due=True)
        for pickup_id, load_id in (("R1", "L1"), ("R2", "L2"), ("R3", None)):
            plan.house.put("plans.pickups", pickup_id=pickup_id, load_id=load_id, stop_sequence=1)
            plan.add("int_pickups__tracked", pickup_id=pickup_id, pickup_kind="return", quantity=2, weight_kg=4)
        done = plan.commit()
        assert (done["loads"], done["load_pickups"]) == (2, 2)
        assert plan.house.rows("select load_id, pickup_id, quantity from facts.load_pickups order by 1") == [
            ("L1", "R1", 2),
            ("L2", "R2", 2),
        ]

    def test_a_load_with_nothing_packed_does_not_leave(self, plan: Plan) -> None:
        plan.house.load("L1", "S404", due=True)
        done = plan.commit()
        assert (done["loads"], done["romaneios"]) == (0, 0)

    def test_a_load_that_is_not_due_or_was_left_out_stays(self, plan: Plan) -> None:
        plan.on_the_floor("packed")
        plan.house.load("L1", SHIPMENT, due=True)
        plan.house.put("plans.left_out", subject_type="load", subject_id="L1", rule="R", reason="x")
        assert plan.commit()["shipped"] == 0

    def test_where_nobody_scans_dispatch_writes_the_picks_and_packs_marked_as_assumed(self, plan: Plan) -> None:
        plan.house.connection.execute("update intermediate.int_policies__in_force set value = 'dispatch'")
        plan.on_the_floor("released")
        plan.house.load("L1", SHIPMENT, due=True)
        plan.commit()
        assert plan.house.buckets() == {"shipped": 10}
        assert plan.house.rows("select to_bucket, assumed from facts.line_events where cycle_seq = 2 and actor = 'commit' order by 1") == [
            ("loaded", True), ("packed", True), ("picked", True), ("shipped", False),
        ]  # fmt: skip

    def test_documents_are_numbered_on_from_the_last_without_a_gap(self, plan: Plan) -> None:
        plan.house.put(
            "facts.documents", document_id="x", document_type="picking_map", series="A", number=41, cycle_seq=1
        )
        plan.wave(TEA, 5, "S5", wave="W2")
        plan.wave(MUG, 4, "S6", wave="W3")
        plan.commit()
        assert plan.house.rows("select document_id, number, wave_id from facts.documents where cycle_seq = 2 order by number") == [
            ("picking_map-A-000042", 42, "W2"), ("picking_map-A-000043", 43, "W3"),
        ]  # fmt: skip

    def test_what_a_later_cycle_must_remember_is_kept_once(self, plan: Plan) -> None:
        plan.add("int_holds__planned", hold_id="H1", event="placed", hold_type="CREDIT_LIMIT", order_id=ORDER)
        plan.add("int_promises__changed", order_line_id=TEA, event="first", location_id=SITE, quantity=10)
        plan.add("int_backorders__changed", order_line_id=MUG, event="begun", quantity=4, reason="none")
        plan.house.put(
            "plans.promises", order_line_id=TEA, location_id=SITE, ship_date=date(2026, 3, 3), quantity=10, cost=1
        )
        plan.house.put(
            "plans.promises", order_line_id=MUG, location_id=SITE, ship_date=date(2026, 3, 3), quantity=4, cost=1
        )
        for content in ("h1", "h1"):
            plan.house.put("facts.plan_snapshots", stage="routes", content_hash=content, cycle_seq=1)
        plan.house.put("plans.snapshots", stage="routes", content_hash="h1", content="{}")
        plan.house.put("plans.snapshots", stage="other", content_hash="h2", content="{}")
        done = plan.commit()
        assert (done["holds"], done["promises"], done["backorders"], done["snapshots"]) == (1, 1, 1, 1)
        assert plan.house.rows("select subject_id from facts.decisions") == [(TEA,)], "only what changed is told again"

    def test_a_plan_made_before_another_commit_is_refused(self, plan: Plan) -> None:
        plan.wave(TEA, 6, "S5")
        plan.house.put("facts.cycles", state="committed", cycle_seq=2, as_of=at(12, 3), seed=1)
        with pytest.raises(CycleRefused, match="cycle 2 was planned after cycle 1, but 2 is the last one: plan again"):
            plan.commit()
        assert plan.house.rows("select 1 from facts.waves") == []

    def test_whether_there_is_anything_to_commit(self, plan: Plan) -> None:
        assert not commit.commits_anything(plan.house.connection)
        plan.house.load("L1", SHIPMENT, due=False)
        assert not commit.commits_anything(plan.house.connection)
        plan.add("int_holds__planned", hold_id="H1", event="placed")
        assert commit.commits_anything(plan.house.connection)


class TestHashes:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_plan_has_one_name_in_whatever_order_its_rows_lie(self, plan: Plan, seed: int) -> None:
        records = [
            {"order_line_id": f"l{n}", "location_id": SITE, "ship_date": date(2026, 3, 3), "quantity": n, "cost": n}
            for n in range(1, 200)
        ]
        replace(plan.house.connection, "plans.promises", records)
        before = commit.plan_hash(plan.house.connection)
        random.Random(seed).shuffle(records)
        replace(plan.house.connection, "plans.promises", records)
        assert commit.plan_hash(plan.house.connection) == before
        assert len(before) == 64

    def test_a_cent_a_date_or_a_unit_makes_another_plan_and_a_wall_clock_does_not(self, plan: Plan) -> None:
        plan.house.put(
            "plans.promises",
            order_line_id=TEA,
            location_id=SITE,
            ship_date=date(2026, 3, 3),
            quantity=1,
            cost=Decimal("1.00"),
            explanation="a",
        )
        plan.house.put("plans.solver_runs", stage="sourcing", scope="all", wall_s=Decimal("1.5"))
        names = {commit.plan_hash(plan.house.connection)}
        plan.house.connection.execute("update plans.solver_runs set wall_s = 9")
        assert commit.plan_hash(plan.house.connection) in names
        for change in (
            "cost = 1.01",
            "ship_date = date '2026-03-04'",
            "quantity = 2",
            f"location_id = '{SITE}2'",
            "deliver_date = date '2026-03-09'",
        ):
            plan.house.connection.execute(f"update plans.promises set {change}")
            names.add(commit.plan_hash(plan.house.connection))
        assert len(names) == 6

    def test_the_input_is_a_chain_of_what_came_in_since(self, plan: Plan) -> None:
        empty = commit.input_hash(plan.house.connection, plan.house.now)
        plan.house.put("facts.capture_messages", message_id="m9", outcome="accepted")
        one = commit.input_hash(plan.house.connection, plan.house.now)
        plan.house.put("facts.capture_messages", message_id="m0", outcome="accepted", cycle_seq=1)
        assert commit.input_hash(plan.house.connection, plan.house.now) == one, "an older row is in the chain already"
        plan.house.connection.execute("update facts.cycles set input_hash = 'h2' where cycle_seq = 1")
        assert len({empty, one, commit.input_hash(plan.house.connection, plan.house.now)}) == 3


class TestLots:
    @pytest.fixture
    def plan(self, plan: Plan) -> Plan:
        """Six of lot OLD (to 10 March) and nine of NEW (to 30 June) on the shelf, ten asked for."""
        for lot, quantity, expiry in (("NEW", 9, date(2026, 6, 30)), ("OLD", 6, date(2026, 3, 10))):
            plan.add(
                "int_lots__free", sku_id="TEA", location_id=SITE, lot_id=lot, expiry=expiry, quantity=Decimal(quantity)
            )
        plan.add("int_orders__current", order_id=ORDER, customer_id="C1")
        plan.wave(TEA, 10, "web-1-DAV-1")
        return plan

    def test_a_wave_takes_what_expires_first_and_says_why(self, plan: Plan, house: House) -> None:
        plan.commit()
        assert house.rows("select lot_id, quantity from facts.line_events where to_bucket = 'released' order by 1") == [
            ("NEW", 4), ("OLD", 6),
        ]  # fmt: skip
        assert house.rows("select lot_id, qty_to_pick from facts.pick_tasks order by task_id") == [
            ("NEW", 4),
            ("OLD", 6),
        ]
        assert house.rows("select lot_id, quantity from facts.shipment_lines order by 1") == [("NEW", 4), ("OLD", 6)]
        assert house.rows("select lines from facts.waves") == [(1,)]
        assert house.rows("select chosen, because from facts.decisions where stage = 'release' order by 1") == [
            ("4.000 of lot NEW", "lot NEW expires first, on 2026-06-30, 118 days after delivery"),
            ("6.000 of lot OLD", "lot OLD expires first, on 2026-03-10, 6 days after delivery"),
        ]

    def test_a_shipment_that_no_lot_can_serve_waits_with_the_reason(self, plan: Plan, house: House) -> None:
        plan.add("int_customers__in_force", customer_id="C1", min_remaining_life_days=30)
        plan.commit()
        assert house.rows("select 1 from facts.line_events") == []
        assert house.rows("select subject_id, rule, reason from plans.left_out") == [
            ("web-1-DAV-1", "LOT-LIFE", "no lot of TEA at DAV lasts long enough for 1 of them")
        ]

    def test_what_leaves_takes_its_lots_off_the_stock(self, plan: Plan, house: House) -> None:
        plan.commit()
        house.connection.execute("update plans.cycle set cycle_seq = 3")
        house.next_cycle()
        house.connection.execute("delete from intermediate.int_wave_lines__planned")
        house.connection.execute("update intermediate.int_policies__in_force set value = 'dispatch'")
        house.load("L1", "web-1-DAV-1", due=True)
        plan.commit()
        assert house.rows("select lot_id, quantity from facts.stock_movements where kind = 'ship' order by 1") == [
            ("NEW", -4), ("OLD", -6),
        ]  # fmt: skip

    def promise(self, house: House, quantity: int, ship: date, line: str = TEA) -> None:
        house.put("plans.promises", order_line_id=line, order_id=ORDER, sku_id="TEA", location_id=SITE, quantity=quantity, ship_date=ship,
                  deliver_date=ship, cost=Decimal("10.00"), is_firm=False)  # fmt: skip

    @pytest.mark.parametrize(("day", "lot", "units"), [(10, "OLD", 6), (11, "NEW", 6)])
    def test_a_promise_names_the_lot_that_still_lasts_on_its_day(
        self, plan: Plan, house: House, day: int, lot: str, units: int
    ) -> None:
        self.promise(house, units, date(2026, 3, day))
        assert lots.fit_promises(house.connection) == 0
        assert house.rows("select lot_id, quantity from plans.promises") == [(lot, units)]

    def test_what_would_be_too_old_on_its_day_is_not_promised_but_waits(self, plan: Plan, house: House) -> None:
        self.promise(house, 10, date(2026, 3, 11))
        assert lots.fit_promises(house.connection) == 1
        assert house.rows("select quantity, cost from plans.promises") == [(9, Decimal("9.00"))]
        assert house.rows("select quantity, reason from plans.backorders") == [
            (1, "no lot at DAV lasts 0 days after 2026-03-11")
        ]

    def test_supply_that_is_there_by_then_serves_it(self, plan: Plan, house: House) -> None:
        plan.add("int_supply__open", sku_id="TEA", location_id=SITE, quantity_open=Decimal(5), due_date=date(2026, 3, 9), status="confirmed")  # fmt: skip
        self.promise(house, 10, date(2026, 3, 11))
        assert lots.fit_promises(house.connection) == 0
