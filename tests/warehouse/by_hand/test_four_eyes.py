"""What goes above its author's limit waits for somebody else; what changed meanwhile is not decided blindly; outcomes are chained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from house import MUG, ORDER, TEA, House, at

from oms_dagster.chain import START, verify
from oms_dagster.warehouse import commands, outcomes
from oms_dagster.warehouse.commands import Issued, at_stake

HOLD = f"CREDIT_LIMIT-{ORDER}-1"


@pytest.fixture
def held(house: House) -> Iterator[House]:
    """The order is held for credit, and 6,200 are at stake in it by the last published state."""
    house.put(
        "facts.hold_events",
        hold_id=HOLD,
        event="placed",
        hold_type="CREDIT_LIMIT",
        family="credit",
        order_id=ORDER,
        event_at=at(9),
    )
    house.connection.execute("create schema if not exists marts")
    house.connection.execute(
        f"create table marts.orders as select '{ORDER}' as order_id, 6200.00::decimal(18,2) as order_total_base,"
        " 100 as items_total, 0 as discount_total"
    )
    house.connection.execute(
        "create table marts.order_lines as select * from (values"
        f" ('{TEA}', '{ORDER}', 75, 10, 10), ('{MUG}', '{ORDER}', 25, 4, 4)) as l (order_line_id, order_id, line_total, qty_open, qty_ordered)"
    )
    yield house


def sent(number: int, kind: str, target: str, actor: str = "ann", **more: Any) -> Issued:
    payload = more.pop("payload", {"family": "credit"} if kind == "hold.release" else {})
    return Issued(f"c{number}", number, kind, target, payload, actor, "because", at(11), more.pop("seen", None), **more)


def decide(house: House, *issued: Issued) -> dict[str, int]:
    return commands.record(house.connection, issued, house.now)


def outcome(house: House, command_id: str) -> tuple[str, str]:
    found = house.rows(f"select outcome, outcome_reason from facts.commands where command_id = '{command_id}'")
    return found[0] if found else ("", "")


def is_released(house: House) -> bool:
    return bool(house.rows(f"select 1 from facts.hold_events where hold_id = '{HOLD}' and event = 'released'"))


def test_the_amount_at_stake_is_read_off_the_ledger(held: House) -> None:
    assert at_stake(held.connection, "hold.release", HOLD, {"amount": "1"}) == Decimal("6200.00")
    assert at_stake(held.connection, "order.cancel", TEA, {"quantity": "2"}) == Decimal("930.00")
    assert at_stake(held.connection, "order.cancel", ORDER, {}) == Decimal("6200.00")
    assert at_stake(held.connection, "hold.release", "no-such", {}) is None


@pytest.mark.parametrize(
    ("scope", "line", "amount"),
    [("customer", None, "6200.00"), ("ship-to", None, "6200.00"), ("order", None, "6200.00"), ("line", TEA, "4650.00")],
)
def test_a_hold_of_any_scope_stakes_what_its_release_lets_go(
    held: House, scope: str, line: str | None, amount: str
) -> None:
    """What the fact is about may be a customer; held and let go is one order, or its line."""
    held.put("facts.hold_events", hold_id="H", event="placed", hold_type="CREDIT_OVERDUE", family="credit", scope=scope,
             subject_id="A", order_id=ORDER, order_line_id=line, event_at=at(9))  # fmt: skip
    assert at_stake(held.connection, "hold.release", "H", {}) == Decimal(amount)
    decide(held, sent(1, "hold.release", "H", limit=Decimal(amount)))
    assert outcome(held, "c1")[0] == "accepted"


def test_within_the_limit_it_counts_at_once(held: House) -> None:
    decide(held, sent(1, "hold.release", HOLD, limit=Decimal("6200.00")))
    assert outcome(held, "c1")[0] == "accepted"
    assert is_released(held)


def test_a_cent_above_the_limit_it_does_not(held: House) -> None:
    """It was within when it was sent: the order has grown since."""
    decide(held, sent(1, "hold.release", HOLD, limit=Decimal("6199.99")))
    assert outcome(held, "c1") == (
        "rejected", "6,200.00 are at stake, and ann may 6,199.99 alone: send it again, for a second person to approve"
    )  # fmt: skip
    assert not is_released(held)


def test_what_waits_has_no_outcome_and_no_effect_until_somebody_else_approves(held: House) -> None:
    waiting = sent(1, "hold.release", HOLD, needs_approval=True, limit=Decimal(5000))
    assert decide(held, waiting) == {"accepted": 0, "rejected": 0, "awaiting": 1}
    assert not is_released(held)
    assert outcome(held, "c1") == ("", "")
    held.next_cycle()
    assert decide(held, waiting, sent(2, "command.approve", "c1", "meg")) == {
        "accepted": 2,
        "rejected": 0,
        "awaiting": 0,
    }
    assert outcome(held, "c1") == ("accepted", f"CREDIT_LIMIT of {ORDER} released (approved by meg)")
    assert outcome(held, "c2") == (
        "accepted",
        f"hold.release on {HOLD} accepted: CREDIT_LIMIT of {ORDER} released (approved by meg)",
    )
    assert is_released(held)


def test_nobody_approves_what_he_sent_himself(held: House) -> None:
    waiting = sent(1, "hold.release", HOLD, needs_approval=True)
    decide(held, waiting, sent(2, "command.approve", "c1", "ann"), sent(3, "command.reject", "c1", "ann"))
    assert "four eyes" in outcome(held, "c2")[1]
    assert "four eyes" in outcome(held, "c3")[1]
    assert outcome(held, "c1") == ("", "")


def test_an_approver_needs_a_limit_that_covers_it(held: House) -> None:
    waiting = sent(1, "hold.release", HOLD, needs_approval=True)
    decide(
        held,
        waiting,
        sent(2, "command.approve", "c1", "bob", limit=Decimal("6000")),
        sent(3, "command.approve", "c1", "meg"),
    )
    assert (
        outcome(held, "c2")[1] == "6,200.00 are at stake, and bob may 6,000.00 alone: ask somebody with a higher limit"
    )
    assert outcome(held, "c1")[0] == "accepted"


def test_rejected_by_the_second_person_it_never_takes_effect(held: House) -> None:
    waiting = sent(1, "hold.release", HOLD, needs_approval=True)
    decide(held, waiting, sent(2, "command.reject", "c1", "meg"), sent(3, "command.approve", "c1", "max"))
    assert outcome(held, "c1") == ("rejected", "rejected by meg: because")
    assert "decided already" in outcome(held, "c3")[1]
    assert not is_released(held)


def test_who_may_no_longer_is_refused_when_it_is_applied(held: House) -> None:
    decide(held, sent(1, "hold.release", HOLD, refused="user 'ann' is switched off: ask an administrator"))
    assert outcome(held, "c1") == ("rejected", "user 'ann' is switched off: ask an administrator")


def test_an_amount_that_nobody_knows_is_above_any_limit(house: House) -> None:
    house.put(
        "facts.hold_events",
        hold_id=HOLD,
        event="placed",
        hold_type="CREDIT_LIMIT",
        family="credit",
        order_id=ORDER,
        event_at=at(9),
    )
    decide(house, sent(1, "hold.release", HOLD, limit=Decimal(5000)))
    assert outcome(house, "c1")[1].startswith("nobody knows what is at stake")


class TestSeen:
    def test_of_two_who_saw_the_same_the_second_must_look_again(self, house: House) -> None:
        seen = str(house.now.cycle_seq - 1)
        said = {"scope": "line", "quantity": "8"}
        decide(
            house,
            sent(1, "order.amend", TEA, "ann", payload=said, seen=seen),
            sent(2, "order.amend", TEA, "bob", payload={**said, "quantity": "9"}, seen=seen),
            sent(3, "order.amend", TEA, "ann", payload={**said, "quantity": "7"}, seen=seen),
        )
        assert outcome(house, "c1")[0] == "accepted"
        assert outcome(house, "c2") == (
            "rejected", f"order.amend by ann was accepted in cycle {house.now.cycle_seq}, after cycle {seen} that bob saw: look again"
        )  # fmt: skip
        assert outcome(house, "c3")[0] == "accepted", "her own change is no surprise to her"
        assert house.buckets()["open"] == 7

    def test_an_order_that_the_customer_changed_meanwhile_is_not_cancelled_blindly(self, house: House) -> None:
        seen = str(house.now.cycle_seq)
        house.next_cycle()
        house.version("m2", "2", {TEA: 12, MUG: 4}, {TEA: 2, MUG: 0})
        decide(house, sent(1, "order.cancel", ORDER, payload={"reason_code": "CUSTOMER"}, seen=seen))
        assert outcome(house, "c1")[1].startswith(f"the order was changed in cycle {house.now.cycle_seq}")
        decide(
            house, sent(2, "order.cancel", ORDER, payload={"reason_code": "CUSTOMER"}, seen=str(house.now.cycle_seq))
        )
        assert outcome(house, "c2")[0] == "accepted"

    def test_other_matters_of_the_same_target_do_not_disturb(self, house: House) -> None:
        seen = str(house.now.cycle_seq - 1)
        decide(
            house,
            sent(1, "order.priority", ORDER, "ann", payload={"priority": 1}, seen=seen),
            sent(2, "hold.place", ORDER, "bob", payload={"scope": "order"}, seen=seen),
        )
        assert outcome(house, "c2")[0] == "accepted"


class TestChain:
    def test_outcomes_are_chained_and_a_changed_one_is_the_first_broken(self, house: House) -> None:
        decide(
            house, *(sent(n, "hold.place", ORDER, payload={"scope": "order"}, hash=f"{n:064d}") for n in range(1, 5))
        )
        house.next_cycle()
        decide(house, sent(5, "order.priority", ORDER, payload={"priority": 1}))
        assert verify("outcomes", outcomes.links(house.connection)).rows == 5
        house.connection.execute("update facts.commands set outcome = 'rejected' where command_id = 'c3'")
        verdict = verify("outcomes", outcomes.links(house.connection))
        assert (verdict.rows, verdict.broken) == (
            2, "outcomes: row 3 was changed: its content is not what its hash was made of"
        )  # fmt: skip

    def test_a_row_taken_out_is_missed(self, house: House) -> None:
        decide(house, *(sent(n, "hold.place", ORDER, payload={"scope": "order"}) for n in range(1, 4)))
        house.connection.execute("delete from facts.commands where command_id = 'c2'")
        assert (
            verify("outcomes", outcomes.links(house.connection)).broken
            == "outcomes: row 2 is gone: the next one found is 3"
        )

    def test_outcomes_from_before_the_chain_are_chained_first(self, house: House) -> None:
        decide(house, *(sent(n, "hold.place", ORDER, payload={"scope": "order"}) for n in range(1, 4)))
        house.connection.execute("update facts.commands set outcome_number = null, hash = null")
        assert outcomes.chain_old(house.connection) == 3
        decide(house, sent(9, "order.priority", ORDER, payload={"priority": 1}))
        verdict = verify("outcomes", outcomes.links(house.connection))
        assert (verdict.rows, verdict.broken) == (4, "")
        assert verdict.head != START

    def test_a_command_that_waits_is_looked_at_once(self, house: House) -> None:
        waiting = sent(1, "order.priority", ORDER, payload={"priority": 1}, needs_approval=True)
        approval = sent(2, "command.approve", "c1", "meg")
        decide(house, waiting, approval)
        assert decide(house, replace(waiting), approval) == {"accepted": 0, "rejected": 0, "awaiting": 0}
