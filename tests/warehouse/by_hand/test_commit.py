"""The commit appends what may go on in one transaction, once, under a name of its own."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest
from house import MUG, ORDER, SHIPMENT, SITE, TEA, House, at
from planned import Plan

from oms_dagster.cycle import CycleRefused
from oms_dagster.warehouse import commit
from oms_dagster.warehouse.write import replace


class TestCommit:
    def test_a_shipment_that_goes_another_way_than_released_is_a_fact_with_both_costs(
        self, plan: Plan, house: House
    ) -> None:
        """Regression: 7.70 in euros were subtracted from a cost in the reporting currency, as if they were in it too."""
        for shipment, mode in (("S1", "own_fleet"), ("S2", "own_fleet"), ("S3", "carrier")):
            plan.add("int_shipments__ways", shipment_id=shipment, mode=mode)
        taken = {
            "mode": "carrier", "carrier_id": "DASH", "service": "express", "freight_quote": Decimal("7.70"), "freight_currency": "EUR",
        }  # fmt: skip
        for service, quoted in (("economy", "5.00"), ("express", "6.60")):
            house.put("plans.freight_quotes", shipment_id="S1", carrier_id="DASH", service=service, quote_base=quoted)
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
            ("DASH", "own_fleet", Decimal("14.90"))
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
