"""Commands meet the state that the cycle finds: each ends accepted or rejected with a reason, none is lost, none counts twice."""

from __future__ import annotations

import pytest
from house import MUG, ORDER, SHIPMENT, SITE, TEA, House, at, refused

from oms_dagster.operations.catalogue import COMMAND_TYPES, describe
from oms_dagster.warehouse import commands
from oms_dagster.warehouse.commands import EFFECTS, Issued
from oms_dagster.warehouse.commands.undo import plan
from oms_dagster.warehouse.substitution import book_unasked


def test_every_type_of_the_catalogue_has_an_effect_and_there_is_no_other() -> None:
    assert set(EFFECTS) == set(COMMAND_TYPES)


@pytest.mark.parametrize("kind", sorted(set(COMMAND_TYPES) - {"cycle.run"}))
def test_a_command_on_nothing_is_rejected_with_a_reason_and_changes_nothing(house: House, kind: str) -> None:
    payload = {
        "key": "no.such",
        "value": "1",
        "quantity": "1",
        "scope": "line",
        "location_id": SITE,
        "load_id": "L9",
        "stop_sequence": 1,
    }
    outcome, reason = house.command(kind, "nobody", **payload)
    assert outcome == "rejected"
    assert "know" in reason or "no " in reason
    for table in (
        "line_events",
        "stock_movements",
        "hold_events",
        "wave_events",
        "load_events",
        "policy_changes",
        "return_decisions",
        "exception_events",
    ):
        assert house.rows(f"select 1 from facts.{table}") == [], table


HOSTILE = "'); drop table facts.orders; --<script>alert(1)</script>"


@pytest.mark.parametrize("kind", sorted(set(COMMAND_TYPES) - {"command.approve", "command.reject"}))
def test_hostile_text_of_a_command_is_data_to_the_cycle(house: House, kind: str) -> None:
    """In the target, the reason and each text field; where it acts on an order, in the fields alone."""
    texts = {
        field.name: HOSTILE for row in describe() if row.type == kind for field in row.fields if field.kind == "text"
    }
    given = {"scope": "order", "quantity": "1", "deliver_by": "2026-03-20", "stop_sequence": 1, "received": 1, "expected": 1,
             "requested_to": "2026-03-20T10:00:00Z", "resolution": "keep", "hold_type": "MANUAL_USER", "priority": 1}  # fmt: skip
    for target in (HOSTILE, ORDER, TEA, "TEA"):
        outcome, reason = house.command(kind, target, actor=HOSTILE, **{**given, **texts})
        assert outcome in ("accepted", "rejected") and reason
    assert house.rows("select count(*) from facts.orders")[0][0] >= 1
    assert house.rows("select count(*) from facts.commands where actor <> $$" + HOSTILE + "$$") == [(0,)]


def test_a_type_of_a_newer_version_is_rejected_and_stops_nothing(house: House) -> None:
    assert refused(house.command("order.teleport", ORDER), "does not know commands of type order.teleport")
    assert house.command("order.cancel", TEA, scope="line", reason_code="CUSTOMER")[0] == "accepted"


def test_a_command_is_looked_at_once_and_in_the_order_it_was_sent(house: House) -> None:
    issued = [
        Issued(
            f"c{n}",
            n,
            "order.cancel",
            TEA,
            {"quantity": "6", "reason_code": "CUSTOMER"},
            "ann",
            "because",
            at(11),
            None,
        )
        for n in (2, 1)
    ]
    assert commands.record(house.connection, issued, house.now) == {"accepted": 2, "rejected": 0, "awaiting": 0}
    assert house.rows("select command_id, outcome_reason from facts.commands order by sequence") == [
        ("c1", "6 units cancelled"),
        ("c2", "4 units cancelled"),
    ]
    assert commands.record(house.connection, issued, house.now) == {"accepted": 0, "rejected": 0, "awaiting": 0}
    assert house.buckets() == {"cancelled": 10}


class TestHolds:
    def test_a_hold_on_an_order_and_one_on_a_line(self, house: House) -> None:
        assert house.command("hold.place", ORDER, scope="order") == ("accepted", f"hold MANUAL_USER-{ORDER}-1 placed")
        assert house.command("hold.place", TEA, scope="line") == ("accepted", f"hold MANUAL_USER-{TEA}-1 placed")
        assert house.rows("select scope, order_id, order_line_id, explanation from facts.hold_events order by scope desc") == [
            ("order", ORDER, None, "because"), ("line", ORDER, TEA, "because"),
        ]  # fmt: skip

    def test_held_again_is_another_hold(self, house: House) -> None:
        house.command("hold.place", ORDER)
        assert house.command("hold.place", ORDER)[1] == f"hold MANUAL_USER-{ORDER}-2 placed"

    def test_the_first_of_two_who_release_wins_even_in_the_cycle_that_placed_it(self, house: House) -> None:
        """Regression: placed and released in one cycle tied, and a second release was accepted."""
        house.command("hold.place", ORDER)
        hold = f"MANUAL_USER-{ORDER}-1"
        assert house.command("hold.release", hold) == ("accepted", f"MANUAL_USER of {ORDER} released")
        assert refused(house.command("hold.release", hold, actor="bob"), "is released already")
        house.next_cycle()
        assert refused(house.command("hold.release", hold, actor="bob"), "is released already")

    def test_a_release_keeps_until_when_it_holds(self, house: House) -> None:
        house.command("hold.place", ORDER)
        house.command("hold.release", f"MANUAL_USER-{ORDER}-1", valid_until="2026-03-09T08:00:00+00:00")
        assert house.rows("select valid_until from facts.hold_events where event = 'released'") == [(at(8, 9),)]

    def test_what_the_data_alone_may_clear_is_not_released_by_hand(self, house: House) -> None:
        house.put("facts.hold_events", hold_id="SKU_INVALID-x-1", event="placed", hold_type="SKU_INVALID", family="master_data", order_id=ORDER,
                  remedy="load the SKU", event_at=at(9))  # fmt: skip
        assert refused(house.command("hold.release", "SKU_INVALID-x-1"), "cleared by the data alone: load the SKU")

    def test_the_family_that_the_right_was_checked_for_must_be_that_of_the_hold(self, house: House) -> None:
        house.put(
            "facts.hold_events",
            hold_id="CREDIT_LIMIT-x-1",
            event="placed",
            hold_type="CREDIT_LIMIT",
            family="credit",
            order_id=ORDER,
            event_at=at(9),
        )
        assert refused(
            house.command("hold.release", "CREDIT_LIMIT-x-1", family="manual"), "is of family credit, not manual"
        )
        assert house.command("hold.release", "CREDIT_LIMIT-x-1", family="credit")[0] == "accepted"

    def test_a_hold_that_cleared_itself_in_the_meantime(self, house: House) -> None:
        for event, hour in (("placed", 8), ("cleared", 9)):
            house.put(
                "facts.hold_events",
                hold_id="CREDIT_LIMIT-x-1",
                event=event,
                hold_type="CREDIT_LIMIT",
                family="credit",
                order_id=ORDER,
                event_at=at(hour),
            )
            house.next_cycle()
        assert refused(house.command("hold.release", "CREDIT_LIMIT-x-1"), "is cleared already")


class TestCancelAndAmend:
    def test_a_whole_order_a_line_and_part_of_a_line(self, house: House) -> None:
        assert house.command("order.cancel", TEA, scope="line", quantity="3.000", reason_code="CUSTOMER") == (
            "accepted",
            "3 units cancelled",
        )
        assert house.command("order.cancel", MUG, scope="line", reason_code="FRAUD") == (
            "accepted",
            "4 units cancelled",
        )
        assert house.command("order.cancel", ORDER, scope="order", reason_code="STAFF") == (
            "accepted",
            "7 units cancelled",
        )
        assert (house.buckets(TEA), house.buckets(MUG)) == ({"cancelled": 10}, {"cancelled": 4})
        assert house.rows("select reason_code, count(*) from facts.line_events group by 1 order by 1") == [
            ("CUSTOMER", 1),
            ("FRAUD", 1),
            ("STAFF", 1),
        ]

    def test_what_has_left_can_not_be_cancelled(self, house: House) -> None:
        house.released(to="shipped")
        assert refused(
            house.command("order.cancel", TEA, scope="line", reason_code="CUSTOMER"),
            "it has left, or is cancelled already",
        )

    def test_less_takes_units_off_and_more_adds_them(self, house: House) -> None:
        assert house.command("order.amend", TEA, scope="line", quantity="6.000") == ("accepted", "4 units taken off")
        assert house.command("order.amend", TEA, scope="line", quantity="8.000") == ("accepted", "2 units added")
        assert house.buckets() == {"open": 8, "cancelled": 4}
        assert refused(house.command("order.amend", TEA, scope="line", quantity="8.000"), "asks for 8 already")

    def test_less_than_has_left_is_rejected_whole(self, house: House) -> None:
        house.released(quantity=9, to="shipped")
        assert refused(
            house.command("order.amend", TEA, scope="line", quantity="5"), f"only 1 of 5 can still be taken off {TEA}"
        )
        assert house.buckets() == {"shipped": 9, "open": 1}

    def test_a_line_is_amended_by_its_own_id(self, house: House) -> None:
        assert refused(house.command("order.amend", ORDER, scope="line", quantity="5"), "is no line that we know")

    def test_another_date_for_an_order(self, house: House) -> None:
        assert (
            house.command("order.amend", ORDER, scope="order", requested_to="2026-03-09T12:00:00+00:00")[0]
            == "accepted"
        )


class TestNotes:
    @pytest.mark.parametrize(
        ("kind", "payload"), [("order.priority", {"priority": 1}), ("address.correct", {"city": "Leeds"})]
    )
    def test_what_the_plan_reads_of_an_order(self, house: House, kind: str, payload: dict[str, object]) -> None:
        assert house.command(kind, ORDER, **payload) == ("accepted", "noted: the next plan keeps to it")
        assert refused(house.command(kind, TEA, **payload), "is no order that we know")

    def test_pins_and_exclusions_of_a_line(self, house: House) -> None:
        for kind in ("line.pin", "line.exclude", "line.unpin"):
            assert house.command(kind, TEA, location_id=SITE)[0] == "accepted"
        assert house.command("line.unpin", TEA)[0] == "accepted"
        assert refused(house.command("line.pin", TEA, location_id="MOON"), "MOON is no location")
        assert refused(house.command("line.pin", ORDER, location_id=SITE), "is no line")

    def test_a_line_with_nothing_open_can_not_be_pinned(self, house: House) -> None:
        house.released()
        assert refused(house.command("line.pin", TEA, location_id=SITE), "no unit of web-1-1 is open")

    def test_a_shipment_is_moved(self, house: House) -> None:
        house.released()
        assert house.command("shipment.move", SHIPMENT, load_id="L2")[0] == "accepted"

    def test_a_message_is_resolved_only_while_it_waits(self, house: House) -> None:
        for message, outcome in (("q", "quarantined"), ("c", "conflict"), ("a", "accepted")):
            house.put("facts.capture_messages", message_id=message, channel="web", outcome=outcome)
        assert house.command("message.dismiss", "q")[0] == "accepted"
        assert house.command("message.conflict_resolve", "c", resolution="keep")[0] == "accepted"
        assert refused(house.command("message.dismiss", "a"), "no message in quarantine or conflict")


class TestPolicies:
    @pytest.mark.parametrize(
        ("key", "value"),
        [("floor.confirm", "dispatch"), ("sourcing.horizon_days", "21"), ("credit.check_below", "49.90"), ("returns.auto_authorise", "false"),
         ("loads.departure_time", "07:30"), ("reporting.timezone", "America/Sao_Paulo"), ("loads.detour_factor", "1.25"), ("loads.slow_hours", "51.51,-0.12,20,07:00,09:30,1.4"), ("reporting.currency", "BRL")],
    )  # fmt: skip
    def test_a_value_of_the_right_kind_is_in_force_from_now_on(self, house: House, key: str, value: str) -> None:
        assert house.command("policy.change", key, key=key, value=value) == ("accepted", f"{key} = {value}")
        assert house.rows("select policy_key, scope, value, valid_from from facts.policy_changes") == [
            (key, "", value, house.now.as_of)
        ]

    @pytest.mark.parametrize(
        ("key", "value"),
        [("sourcing.horizon_days", "soon"), ("sourcing.horizon_days", "14.5"), ("sourcing.horizon_days", "-1"), ("payment.tolerance", "NaN"),
         ("payment.tolerance", "Infinity"), ("payment.tolerance", "1e3"), ("payment.tolerance", "-0.05"), ("loads.departure_time", "25:00"),
         ("loads.departure_time", "9"), ("loads.slow_hours", "51.5,-0.1,20,07:00,09:30"), ("loads.slow_hours", "51.5,-0.1,20,07:00,09:30,0.8"), ("loads.speed_kmh", "0"), ("loads.effort", "0"), ("loads.apart", "food"), ("loads.apart", "food+"), ("floor.confirm", "maybe"), ("loads.approval", "Auto "),
         ("returns.auto_authorise", "yes"), ("reporting.timezone", "Mars/Olympus"), ("reporting.timezone", "../etc/passwd"), ("reporting.currency", "pounds")],
    )  # fmt: skip
    def test_a_value_that_does_not_parse_is_refused_with_what_would(self, house: House, key: str, value: str) -> None:
        """Regression: horizon 14.5, tolerance NaN and an unknown time zone were taken, and every later cycle failed on them."""
        answer = house.command("policy.change", key, key=key, value=value)
        assert refused(answer, f"{key} = {value!r} does not parse: use ")
        assert house.rows("select 1 from facts.policy_changes") == []

    def test_from_a_date_on_and_for_a_scope(self, house: House) -> None:
        house.command(
            "policy.change",
            "orders.remorse_minutes",
            key="orders.remorse_minutes",
            value="60",
            scope="shopify",
            valid_from="2026-04-01T00:00:00+00:00",
        )
        assert house.rows("select scope, valid_from::date::varchar from facts.policy_changes") == [
            ("shopify", "2026-04-01")
        ]

    def test_every_shipped_default_is_of_its_own_kind(self, house: House) -> None:
        from oms_dagster.warehouse.policies import objection

        for key, kind, value in house.rows("select policy_key, kind, value from staging.policies"):
            assert objection(kind, value or "") is None, key


class TestAgreedDate:
    def test_a_day_to_come_is_agreed_while_units_are_open(self, house: House) -> None:
        day = house.now.as_of.date().isoformat()
        answer = house.command("promise.set", ORDER, scope="order", deliver_by=day)
        assert answer == (
            "accepted",
            f"agreed for {day}: the next plan delivers by then where it can, and says where it can't",
        )
        assert refused(house.command("promise.set", TEA, scope="line", deliver_by="2026-03-01"), "2026-03-01 is past")

    def test_what_is_on_the_floor_is_too_late_to_agree_on(self, house: House) -> None:
        house.released()
        assert refused(
            house.command("promise.set", TEA, scope="line", deliver_by="2026-03-20"),
            f"no unit of {TEA} is open any more",
        )
        assert house.command("promise.set", ORDER, scope="order", deliver_by="2026-03-20")[0] == "accepted"


class TestSubstitution:
    @pytest.fixture
    def shop(self, house: House) -> House:
        """TEA may be replaced by two of HERB at the agreed price; of ten at 3.33 with tax, at a discount."""
        house.rows("insert into intermediate.int_sku_substitutes__in_force values ('TEA', 'HERB', 2, 1, 'keep', 'ask')")
        house.rows("insert into intermediate.int_skus__in_force values ('HERB', 'Herbal tea', 2.5, 'GBP', true)")
        house.rows(
            "update facts.order_lines set line_total = 33.31, discount_share = 0.69, tax_amount = 6.67, unit_price = 3.4"
            f" where order_line_id = '{TEA}'"
        )
        return house

    def test_open_units_are_cancelled_and_a_line_asks_for_the_substitute_at_the_same_money(self, shop: House) -> None:
        assert shop.command("substitution.accept", TEA, sku_id="HERB", quantity="3") == (
            "accepted", "6 HERB instead of 3 TEA, as line web-1-1-S1",
        )  # fmt: skip
        shop.next_cycle()
        assert shop.command("substitution.accept", TEA, sku_id="HERB")[0] == "accepted"
        assert shop.rows(
            "select order_line_id, from_bucket, to_bucket, quantity, reason_code from facts.line_events order by quantity"
        ) == [(TEA, "open", "cancelled", 3, "SUBSTITUTED"), (TEA, "open", "cancelled", 7, "SUBSTITUTED")]
        made = shop.rows(
            "select order_line_id, sku_code, quantity, quantity_added, substitution_of_line_id from facts.order_lines"
            " where substitution_of_line_id is not null order by 1"
        )
        assert made == [("web-1-1-S1", "HERB", 6, 6, TEA), ("web-1-1-S2", "HERB", 14, 14, TEA)]
        # the whole line was replaced in two steps: its money is there to the cent
        money = shop.rows(
            "select sum(line_total), sum(discount_share), sum(tax_amount) from facts.order_lines where substitution_of_line_id is not null"
        )
        assert [f"{amount}" for amount in money[0]] == ["33.31", "0.69", "6.67"]

    def test_what_is_no_substitute_or_no_longer_open_is_refused(self, shop: House) -> None:
        assert refused(shop.command("substitution.accept", MUG, sku_id="HERB"), "may not go in the place of MUG")
        assert refused(shop.command("substitution.accept", TEA, sku_id="HERB", quantity="11"), "only 10 units")
        shop.released()
        assert refused(shop.command("substitution.accept", TEA, sku_id="HERB"), "only 0 units")

    def test_it_is_taken_back_by_cancelling_what_went_instead_and_asking_for_the_line_again(self, shop: House) -> None:
        shop.command("substitution.accept", TEA, sku_id="HERB", quantity="3", command_id="sub-1")
        shop.next_cycle()
        back = plan(shop.connection, "sub-1")
        assert [step.said for step in back.steps] == ["cancel 6 HERB, line web-1-1-S1", f"ask for 10 of {TEA} again"]
        for step in back.steps:
            assert shop.command(step.type, step.target, **step.payload)[0] == "accepted"
        assert shop.buckets() == {"open": 10, "cancelled": 3}
        assert shop.buckets("web-1-1-S1") == {"cancelled": 6}
        shop.next_cycle()
        assert plan(shop.connection, "sub-1").refused

    @pytest.mark.parametrize(("asked", "left", "substitutes"), [(8, 5, 6), (2, 0, 4), (0, 0, 0), (10, 7, 6)])
    def test_a_newer_version_of_the_order_cuts_the_line_before_its_substitute(
        self, shop: House, asked: int, left: int, substitutes: int
    ) -> None:
        """Regression: a substitute is in no version of the order, and the next one cancelled it."""
        shop.command("substitution.accept", TEA, sku_id="HERB", quantity="3")
        shop.next_cycle()
        shop.version("m2", "2", {TEA: asked, MUG: 4}, added={TEA: 0, MUG: 0})
        shop.book()
        assert (shop.buckets().get("open", 0), shop.buckets("web-1-1-S1").get("open", 0)) == (left, substitutes)

    def test_what_the_commit_sends_unasked_is_booked_once_as_far_as_it_is_still_open(self, shop: House) -> None:
        shop.put("facts.substitutions", order_line_id=TEA, sku_id="HERB", quantity=9)
        shop.put("facts.substitutions", order_line_id=MUG, sku_id="HERB", quantity=1)
        shop.put("facts.cycles", state="committed")
        shop.command("order.cancel", TEA, scope="line", quantity="3", reason_code="CUSTOMER")
        shop.next_cycle()
        assert [book_unasked(shop.connection, shop.now) for _ in range(2)] == [1, 0]
        assert (shop.buckets(), shop.buckets("web-1-1-S1")) == ({"cancelled": 10}, {"open": 14})
        assert shop.buckets(MUG)["open"] == 4, "there is no such pair any more"
        shop.next_cycle()
        assert book_unasked(shop.connection, shop.now) == 0


def test_an_exception_is_closed_once(house: House) -> None:
    house.back("r1", "received", 3)
    house.book()
    exception = house.rows("select exception_id from facts.exceptions")[0][0]
    assert house.command("exception.close", exception) == ("accepted", "exception closed")
    assert refused(house.command("exception.close", exception), "is closed already")
