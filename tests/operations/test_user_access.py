"""Users, roles, and which role may send which command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from oms_dagster.chain import verify
from oms_dagster.operations.access import (
    CAPABILITIES,
    ROLES,
    AccessError,
    add_user,
    change_user,
    current_user,
    list_users,
    may,
)
from oms_dagster.operations.authority import DECISIONS
from oms_dagster.operations.catalogue import COMMAND_TYPES, PayloadError, describe, parse_payload, stored_payload
from oms_dagster.operations.commands import (
    Command,
    CommandError,
    CommandRequest,
    NotAllowed,
    append,
    append_all,
    list_commands,
)
from oms_dagster.operations.log import links
from oms_dagster.operations.store import Store

#: A valid payload for each type that needs one.
PAYLOADS: dict[str, dict[str, Any]] = {
    "hold.place": {"scope": "order"},
    "order.cancel": {"scope": "order", "reason_code": "CUSTOMER"},
    "order.create": {"customer_code": "C1", "lines": "TEA-1=2@3.50", "currency": "GBP"},
    "order.amend": {"scope": "line", "quantity": 1},
    "order.priority": {"priority": 1},
    "promise.set": {"scope": "order", "deliver_by": "2026-01-31"},
    "settlement.record": {"part": "money", "payment_form": "cash", "expected": 10, "received": 10},
    "line.pin": {"location_id": "WH1"},
    "line.exclude": {"location_id": "WH1"},
    "substitution.accept": {"sku_id": "TEA-2"},
    "shipment.move": {"load_id": "LD-1"},
    "stop.lock": {"stop_sequence": 1},
    "stop.resequence": {"shipments": "S2, S1"},
    "return.receive": {"quantity": 1, "location_id": "WH1"},
    "return.inspect": {"quantity": 1, "location_id": "WH1", "disposition": "restock"},
    "stop.unlock": {"stop_sequence": 1},
    "stock.adjust": {"location_id": "WH1", "quantity": -1, "reason_code": "LOST"},
    "replenishment.accept": {
        "kind": "purchase",
        "location_id": "WH1",
        "source": "S1",
        "quantity": 1,
        "due_date": "2026-03-20",
    },
    "return.reject": {"reason_code": "TOO_LATE"},
    "message.conflict_resolve": {"resolution": "keep"},
    "message.correct": {"changes": "quantity=2"},
    "policy.change": {"key": "floor.confirm", "value": "dispatch"},
    "address.correct": {"postcode": "01310-100"},
}
LOADS = {"load.lock", "load.unlock"}
MOVES = {
    "shipment.move", "stop.lock", "stop.unlock", "stop.resequence",
    "vehicle.stop", "vehicle.resume", "driver.absent", "driver.return",
}  # fmt: skip
ALLOWED = {
    "viewer": set(),
    "credit": {"hold.place", "command.approve", "command.reject"},
    "warehouse": {
        "hold.place", "wave.release", "wave.stop", "purchase_order.withdraw", "stock.adjust", "return.receive", "return.inspect", "document.void", "document.reissue", "settlement.record", "settlement.sign",
    },
    "dispatcher": {"hold.place", "document.void", "document.reissue", "settlement.record", "cycle.run", "load.approve", "load.withdraw", "load.dispatch"} | LOADS | MOVES,
    "planner": {
        "hold.place", "order.create", "order.cancel", "order.amend", "order.split", "order.priority", "line.pin", "line.unpin", "line.exclude", "substitution.accept", "promise.set",
        "wave.release", "wave.stop", "purchase_order.withdraw", "cycle.run", "return.authorise", "return.reject", "message.dismiss", "message.conflict_resolve",
        "message.correct", "message.retry", "address.correct",
        "replenishment.accept", "replenishment.cancel",
    } | LOADS | MOVES,
    "manager": set(COMMAND_TYPES),
    "admin": set(COMMAND_TYPES),
}  # fmt: skip
RELEASES = {
    "credit": {"credit", "payment", "fraud"},
    "warehouse": {"manual"},
    "planner": {"manual", "logistics", "master_data"},
    "manager": {"credit", "payment", "fraud", "commercial", "master_data", "logistics", "manual"},
}


def test_a_fresh_store_has_one_local_admin(store: Store) -> None:
    user = current_user(store)
    assert (user.user_id, user.role, user.active, user.created_at.tzinfo) == ("planner", "admin", True, UTC)
    assert list_users(store) == [user]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sends_exactly_the_commands_of_the_table(sqlite_store: Store, role: str) -> None:
    """By direct call, past every page. What goes to a second person was sent too: it waits."""
    add_user(sqlite_store, "somebody", "Somebody", role)
    add_user(sqlite_store, "limited", "Limited", "credit")
    taken = set()
    for command_type in COMMAND_TYPES:
        target = waiting(sqlite_store) if command_type in DECISIONS else "T-1"
        request = CommandRequest(
            type=command_type, target=target, reason="matrix", payload=PAYLOADS.get(command_type, {}), actor="somebody"
        )
        try:
            append(sqlite_store, request, stakes=lambda *_: Decimal(4000))
        except NotAllowed as error:
            assert "may not" in str(error)
        else:
            taken.add(command_type)
    assert taken == ALLOWED[role]
    assert {command.type for command in list_commands(sqlite_store) if command.actor == "somebody"} == taken


def waiting(store: Store) -> str:
    """A command that waits for a second person: what was at stake was not known."""
    request = CommandRequest(
        type="hold.release", target="H-9", reason="paid", payload={"family": "credit"}, actor="limited"
    )
    sent = append(store, request).command
    assert sent.needs_approval
    return sent.command_id


@pytest.mark.parametrize("role", ROLES)
def test_each_role_releases_exactly_its_families_of_holds(sqlite_store: Store, role: str) -> None:
    add_user(sqlite_store, "somebody", "Somebody", role)
    released = set()
    for family in RELEASES["manager"]:
        request = CommandRequest(
            type="hold.release", target="H-1", reason="paid", payload={"family": family}, actor="somebody"
        )
        try:
            append(sqlite_store, request)
        except CommandError as error:
            assert f"may not hold.release.{family}" in str(error)
        else:
            released.add(family)
    assert released == RELEASES.get(role, RELEASES["manager"] if role == "admin" else set())


def test_roles_hold_only_capabilities_that_exist() -> None:
    assert {held for capabilities in ROLES.values() for held in capabilities} <= set(CAPABILITIES)


def test_a_capability_includes_those_below_it_and_no_namesake() -> None:
    assert may("manager", "hold.release.anything")
    assert not may("credit", "hold.release")
    assert not may("planner", "hold.placebo")
    assert not may("emperor", "hold.place")


def test_an_unknown_or_switched_off_user_is_nobody(sqlite_store: Store) -> None:
    add_user(sqlite_store, "ana", "Ana", "credit")
    change_user(sqlite_store, "ana", active=False)
    with pytest.raises(AccessError, match="user ana: switched off"):
        current_user(sqlite_store, "ana")
    with pytest.raises(AccessError, match="user bob: not known"):
        current_user(sqlite_store, "bob")


def test_a_changed_role_counts_at_once(store: Store) -> None:
    add_user(store, "ana", "Ana", "viewer")
    change_user(store, "ana", role="dispatcher")
    append(store, CommandRequest(type="load.lock", target="LD-1", reason="fixed", actor="ana"))
    assert current_user(store, "ana").role == "dispatcher"


def test_the_last_active_admin_stays(store: Store) -> None:
    for change in ({"role": "viewer"}, {"active": False}):
        with pytest.raises(AccessError, match="the last active admin"):
            change_user(store, "planner", **change)
    assert current_user(store).role == "admin"
    add_user(store, "ana", "Ana", "admin")
    assert change_user(store, "planner", role="viewer").role == "viewer"


@pytest.mark.parametrize(
    ("user_id", "name", "role", "line"),
    [
        (" ", "Ana", "viewer", "id or name is empty"),
        ("ana", "", "viewer", "id or name is empty"),
        ("ana", "Ana", "king", "role 'king' is not known: use one of viewer"),
        ("planner", "Ana", "viewer", "there is one already"),
    ],
)
def test_a_bad_user_is_refused_with_one_line(
    sqlite_store: Store, user_id: str, name: str, role: str, line: str
) -> None:
    with pytest.raises(AccessError) as refusal:
        add_user(sqlite_store, user_id, name, role)
    assert line in str(refusal.value)
    assert len(list_users(sqlite_store)) == 1


def test_changing_a_user_who_is_not_there_is_refused(sqlite_store: Store) -> None:
    with pytest.raises(AccessError, match="user ana: not known"):
        change_user(sqlite_store, "ana", role="viewer")


class TestLimits:
    """Up to an amount alone, above it with a second person whose limit covers it."""

    @staticmethod
    def release(store: Store, actor: str, stake: str | None, target: str = "H-1") -> Command:
        request = CommandRequest(
            type="hold.release", target=target, reason="paid", actor=actor,
            payload={"family": "credit", "amount": "1"},  # what the form says counts for nothing
        )  # fmt: skip
        return append(store, request, stakes=lambda *_: None if stake is None else Decimal(stake)).command

    @staticmethod
    def decide(store: Store, actor: str, target: str, stake: str | None = None, deed: str = "approve") -> Command:
        request = CommandRequest(type=f"command.{deed}", target=target, reason="looked into it", actor=actor)
        return append(store, request, stakes=lambda *_: None if stake is None else Decimal(stake)).command

    @pytest.fixture
    def people(self, store: Store) -> Store:
        for user_id, role in (("cora", "credit"), ("carl", "credit"), ("meg", "manager"), ("paul", "planner")):
            add_user(store, user_id, user_id, role)
        return store

    @pytest.mark.parametrize(
        ("stake", "waits"), [("4999.99", False), ("5000.00", False), ("5000.01", True), (None, True)]
    )
    def test_at_the_limit_alone_and_a_cent_above_it_not(self, people: Store, stake: str | None, waits: bool) -> None:
        command = self.release(people, "cora", stake)
        assert (command.needs_approval, command.stake) == (waits, stake)
        assert not self.release(people, "meg", stake, "H-2").needs_approval, "no limit applies to her"

    def test_a_limit_of_ones_own_goes_before_the_role_s(self, people: Store) -> None:
        change_user(people, "cora", limits={"hold.release.credit": "100"})
        change_user(people, "carl", limits={"hold.release": None})
        assert self.release(people, "cora", "100.01").needs_approval
        assert not self.release(people, "carl", "1000000").needs_approval

    def test_four_eyes(self, people: Store) -> None:
        sent = self.release(people, "cora", "6000")
        for actor, line in (
            ("cora", "somebody else must decide"),
            ("carl", "more than the 5,000.00"),
            ("paul", "may not"),
        ):
            with pytest.raises(NotAllowed, match=line):
                self.decide(people, actor, sent.command_id, "6000")
        approved = self.decide(people, "meg", sent.command_id, "6000")
        assert not approved.needs_approval

    def test_who_lacks_the_limit_may_still_reject(self, people: Store) -> None:
        sent = self.release(people, "cora", "6000")
        assert self.decide(people, "carl", sent.command_id, "6000", "reject").type == "command.reject"

    def test_an_approval_judges_by_what_is_at_stake_then(self, people: Store) -> None:
        change_user(people, "carl", limits={"hold.release": "7000"})
        sent = self.release(people, "cora", "6000")
        with pytest.raises(NotAllowed, match=r"7,500\.00 are at stake"):
            self.decide(people, "carl", sent.command_id, "7500")
        assert self.decide(people, "carl", sent.command_id, "6900")

    def test_what_needs_nobody_is_not_approved(self, people: Store) -> None:
        sent = self.release(people, "cora", "10")
        with pytest.raises(NotAllowed, match="needs no second person"):
            self.decide(people, "meg", sent.command_id)
        with pytest.raises(NotAllowed, match="no command that was sent"):
            self.decide(people, "meg", "nothing")

    def test_an_author_can_t_lift_his_limit_by_how_he_names_the_hold(self, people: Store) -> None:
        for payload in ({}, {"family": "manual"}):
            with pytest.raises(NotAllowed, match="may not"):
                append(
                    people, CommandRequest(type="hold.release", target="H", reason="r", payload=payload, actor="cora")
                )


def test_many_are_sent_in_one_transaction_or_none(store: Store) -> None:
    add_user(store, "cora", "Cora", "credit")
    holds = [
        CommandRequest(
            type="hold.place", target=f"O-{n}", reason="all of them", payload={"scope": "order"}, actor="cora"
        )
        for n in range(50)
    ]
    stop = CommandRequest(type="wave.stop", target="W-1", reason="not hers", actor="cora")
    with pytest.raises(NotAllowed, match=r"wave\.stop"):
        append_all(store, [*holds, stop])
    assert list_commands(store) == []
    sent = [result.command for result in append_all(store, holds)]
    assert len({command.bulk_id for command in sent}) == 1 and sent[0].bulk_id
    assert [command.sequence for command in sent] == list(range(1, 51))
    assert list_commands(store) == sent


HOSTILE = (
    "'; drop table commands; --", "\" or 1=1 --", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "$(rm -rf /)",
    "{{7*7}}", "%s%n%x", "../../etc/passwd", "=cmd|' /C calc'!A0", "\\'; delete from users where ''='",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_any_text_field_of_any_command_is_refused_in_one_line_or_kept_as_it_is(text: str) -> None:
    """What is refused has a form of its own (a country, lines of an order); the rest is data."""
    kept = 0
    for described in describe():
        for name in (field.name for field in described.fields if field.kind == "text"):
            try:
                payload = parse_payload(described.type, {**PAYLOADS.get(described.type, {}), name: text})
            except PayloadError as refusal:
                assert "\n" not in str(refusal), (described.type, name)
            else:
                kept += stored_payload(payload)[name] == text
    assert kept > 20


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text_in_every_field(store: Store, text: str) -> None:
    add_user(store, text, text, "planner")
    for command_type in sorted(ALLOWED["planner"]):
        payload = {
            name: text
            if isinstance(given, str) and name in ("location_id", "load_id", "postcode", "customer_name")
            else given
            for name, given in PAYLOADS.get(command_type, {}).items()
        }
        append(
            store,
            CommandRequest(
                type=command_type, target=text, reason=text, payload=payload, actor=text, seen_cycle_id=text, seen_hash=text,
                idempotency_key=f"{command_type} {text}",
            ),
        )  # fmt: skip
    log = list_commands(store)
    assert {(c.target, c.reason, c.actor, c.seen_cycle_id, c.seen_hash) for c in log} == {(text,) * 5}
    assert [user.user_id for user in list_users(store)] == sorted([text, "planner"])
    assert verify("commands", links(store)) == replace(verify("commands", links(store)), broken="", rows=len(log))


def test_a_row_changed_past_the_guard_is_the_first_broken(store: Store) -> None:
    for n in range(5):
        append(store, CommandRequest(type="load.lock", target=f"L-{n}", reason="fixed"))
    assert verify("commands", links(store)).rows == 5
    whole = links(store)
    forged = [
        replace(link, content={**link.content, "reason": "other"}) if link.number == 3 else link for link in whole
    ]
    assert verify("commands", forged).broken.startswith("commands: row 3 was changed")
    assert verify("commands", whole[:1] + whole[2:]).broken == "commands: row 2 is gone: the next one found is 3"
    assert verify("commands", [*whole[:2], whole[3], whole[2], whole[4]]).broken.startswith("commands: row 3 is gone")
