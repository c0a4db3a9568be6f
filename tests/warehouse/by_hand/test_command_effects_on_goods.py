"""Commands on waves, loads, documents, stock and returns: each ends accepted or rejected with a reason, none counts twice."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import pytest
from house import MUG, SHIPMENT, SITE, TEA, WAVE, House, as_json, refused


class TestWaves:
    def test_a_stopped_wave_gives_back_what_is_not_picked(self, house: House) -> None:
        house.released()
        house.scan("s1", "pick", 4)
        house.book()
        assert house.command("wave.stop", WAVE) == ("accepted", "6 units back to planning")
        assert house.buckets() == {"picked": 4, "open": 6}
        assert house.rows("select event from facts.wave_events") == [("stopped",)]

    def test_a_wave_that_is_picked_can_not_be_stopped(self, house: House) -> None:
        house.released(to="picked")
        assert refused(house.command("wave.stop", WAVE), "nothing of W1 is still to be picked")
        assert house.rows("select 1 from facts.wave_events") == []

    def test_waves_are_released_by_hand_only_where_the_policy_says_so(self, house: House) -> None:
        house.connection.execute(
            "create table intermediate.int_policies__in_force as select 'release.approval' as policy_key, '' as scope, 'auto' as value"
        )
        assert refused(house.command("wave.release", SITE), "set the policy release.approval to manual")
        house.connection.execute("update intermediate.int_policies__in_force set value = 'manual'")
        assert refused(house.command("wave.release", "MOON"), "MOON is no location")
        assert house.command("wave.release", SITE)[0] == "accepted"


class TestLoads:
    @pytest.mark.parametrize(
        ("kind", "event"),
        [("load.lock", "locked"), ("load.unlock", "unlocked"), ("load.approve", "approved"), ("load.withdraw", "withdrawn"),
         ("load.dispatch", "dispatch_asked"), ("stop.lock", "stop_locked"), ("stop.unlock", "stop_unlocked")],
    )  # fmt: skip
    def test_each_freezes_the_content_in_stop_order(self, house: House, kind: str, event: str) -> None:
        house.load("L1", "S2", "S1")
        content = as_json(["S2", "S1"])
        seen = hashlib.sha256(content.encode()).hexdigest()
        assert house.command(kind, "L1", seen_hash=seen, stop_sequence=1)[0] == "accepted"
        assert house.rows("select event, content_hash, content from facts.load_events") == [(event, seen, content)]

    def test_the_second_of_two_planners_is_told_what_changed(self, house: House) -> None:
        house.load("L1", "S1", "S2")
        seen = hashlib.sha256(as_json(["S1"]).encode()).hexdigest()
        answer = house.command("load.approve", "L1", seen_hash=seen)
        assert refused(answer, 'is not what you saw: it now carries ["S1","S2"]')
        assert house.rows("select 1 from facts.load_events") == []

    def test_a_load_that_has_left_can_not_be_touched(self, house: House) -> None:
        house.load("L1", "S1")
        house.put("facts.loads", load_id="L1", mode="own_fleet", location_id=SITE)
        assert refused(house.command("load.lock", "L1"), "L1 has left")

    def test_a_load_without_shipments_is_none(self, house: House) -> None:
        house.load("L1")
        assert refused(house.command("load.approve", "L1"), "no load of the last plan")

    def test_stops_are_put_in_an_order_until_they_are_unlocked(self, house: House) -> None:
        house.load("L1", "S1", "S2", "S3")
        assert house.command("stop.resequence", "L1", shipments="S3,S1") == (
            "accepted",
            "noted: the next plan serves 2 of its stops in this order",
        )
        assert house.rows("select event, content from facts.load_events") == [("resequenced", '["S3", "S1"]')]
        assert refused(house.command("stop.resequence", "L1", shipments="S9"), "S9 is not on L1: it carries S1, S2, S3")
        assert refused(house.command("stop.resequence", "L9", shipments="S1"), "no load of the last plan")

    def test_the_account_of_a_load_is_closed_when_every_unit_has_a_result(self, house: House) -> None:
        house.released(to="shipped")
        assert refused(house.command("settlement.sign", "L1"), "L1 is no load that has left")
        house.put("facts.loads", load_id="L1", mode="own_fleet", location_id=SITE)
        house.put("facts.load_shipments", load_id="L1", shipment_id=SHIPMENT, stop_sequence=1)
        assert refused(house.command("settlement.sign", "L1"), "10 units of L1 have no result yet")
        house.move(TEA, "shipped", "delivered", 10)
        assert house.command("settlement.sign", "L1") == ("accepted", "the account of L1 is closed")
        assert refused(house.command("settlement.sign", "L1"), "L1 is signed already")


class TestAccountOfALoad:
    MONEY: ClassVar = {"part": "money", "payment_form": "cash", "expected": "50.00", "received": "45.00"}

    def test_money_is_counted_until_the_account_is_signed(self, house: House) -> None:
        assert refused(house.command("settlement.record", "L1", **self.MONEY), "L1 is no load that has left")
        house.put("facts.loads", load_id="L1", mode="own_fleet", location_id=SITE)
        assert house.command("settlement.record", "L1", **self.MONEY) == ("accepted", "45.00 of 50.00 cash counted")
        assert house.command("settlement.sign", "L1")[0] == "accepted"
        assert refused(house.command("settlement.record", "L1", **self.MONEY), "L1 is signed already")


class TestDocuments:
    @pytest.fixture(autouse=True)
    def _issued(self, house: House) -> None:
        for number in (1, 2):
            house.put(
                "facts.documents", document_id=f"romaneio-A-{number:06d}", document_type="romaneio", series="A", number=number,
                load_id=f"L{number}", location_id=SITE, issued_at=house.now.as_of, template_version="romaneio/1",
            )  # fmt: skip

    def test_a_void_document_keeps_its_number_and_is_void_once(self, house: House) -> None:
        assert house.command("document.void", "romaneio-A-000001")[0] == "accepted"
        assert house.rows("select document_id, event, reason from facts.document_events") == [
            ("romaneio-A-000001", "void", "because")
        ]
        assert refused(house.command("document.void", "romaneio-A-000001"), "is void already")
        assert refused(house.command("document.reissue", "romaneio-A-000009"), "is no document")
        assert house.rows("select max(number) from facts.documents") == [(2,)]

    def test_a_reissued_document_says_the_same_under_the_next_number(self, house: House) -> None:
        assert house.command("document.reissue", "romaneio-A-000001") == (
            "accepted",
            "void; romaneio-A-000003 takes its place",
        )
        assert house.rows(
            "select number, load_id, location_id, template_version from facts.documents where number = 3"
        ) == [(3, "L1", SITE, "romaneio/1")]


class TestStock:
    def test_a_difference_is_booked_once_at_its_place(self, house: House) -> None:
        assert house.command("stock.adjust", "TEA", location_id=SITE, quantity="-2.000", reason_code="DAMAGED") == (
            "accepted",
            "-2 booked at DAV",
        )
        assert house.rows("select kind, sku_id, location_id, quantity, reason_code from facts.stock_movements") == [
            ("variance", "TEA", SITE, -2, "DAMAGED")
        ]

    def test_at_a_place_that_nobody_knows(self, house: House) -> None:
        assert refused(house.command("stock.adjust", "TEA", location_id="MOON", quantity="1"), "MOON is no location")


class TestReturns:
    def test_authorised_or_rejected_once(self, house: House) -> None:
        house.back("r1", "requested", 2)
        house.back("r2", "requested", 1, line=MUG)
        assert house.command("return.authorise", "R1", resolution="refund") == ("accepted", "return authorised")
        assert house.rows("select order_line_id, event, quantity from facts.return_decisions order by 1") == [
            (TEA, "authorised", 2),
            (MUG, "authorised", 1),
        ]
        assert refused(house.command("return.reject", "R1", reason_code="TOO_LATE"), "R1 is decided already")

    def test_fewer_may_be_authorised_than_were_asked_for(self, house: House) -> None:
        """Regression: the quantity that the planner gave was dropped, and all that was asked for was authorised."""
        house.back("r1", "requested", 5)
        assert house.command("return.authorise", "R1", quantity="3.000")[0] == "accepted"
        assert house.rows("select quantity from facts.return_decisions") == [(3,)]

    def test_a_quantity_for_a_return_of_several_lines_says_too_little(self, house: House) -> None:
        house.back("r1", "requested", 2)
        house.back("r2", "requested", 1, line=MUG)
        assert refused(house.command("return.authorise", "R1", quantity="2.000"), "R1 has 2 lines")

    def test_a_person_receives_and_inspects_as_the_feed_does(self, house: House) -> None:
        house.released(to="delivered")
        house.back("r1", "requested", 4)
        assert house.command("return.receive", "R1", quantity="3.000", location_id=SITE)[0] == "accepted"
        assert house.buckets() == {"delivered": 7, "returned": 3}
        assert refused(
            house.command("return.inspect", "R1", quantity="4.000", location_id=SITE, disposition="restock"),
            "only 3 of web-1-1",
        )
        assert (
            house.command("return.inspect", "R1", quantity="2.000", location_id=SITE, disposition="restock")[0]
            == "accepted"
        )
        assert (
            house.command("return.inspect", "R1", quantity="1.000", location_id=SITE, disposition="scrap")[0]
            == "accepted"
        )
        assert house.rows("select kind, stock_status, quantity from facts.stock_movements") == [
            ("return_restock", "usable", 2)
        ]
        assert house.rows("select kind, quantity, disposition from facts.returns where source = 'command' order by kind, quantity") == [
            ("inspected", 1, "scrap"), ("inspected", 2, "restock"), ("received", 3, None),
        ]  # fmt: skip

    def test_a_return_of_several_lines_asks_which(self, house: House) -> None:
        house.back("r1", "requested", 2)
        house.back("r2", "requested", 1, line=MUG)
        assert refused(
            house.command("return.receive", "R1", quantity="1", location_id=SITE), "R1 has 2 lines: name one of"
        )
        assert refused(house.command("return.receive", "R9", quantity="1", location_id=SITE), "R9 is no return")
        assert refused(
            house.command("return.receive", "R1", quantity="1", location_id="MOON", order_line_id=MUG),
            "MOON is no location",
        )

    def test_what_came_back_unasked_can_not_be_decided(self, house: House) -> None:
        house.back("r1", "received", 2)
        assert refused(house.command("return.authorise", "R1"), "R1 is no requested return")
