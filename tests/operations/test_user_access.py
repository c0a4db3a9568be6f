"""Users, roles, and which role may send which command."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

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
from oms_dagster.operations.catalogue import COMMAND_TYPES
from oms_dagster.operations.commands import CommandError, CommandRequest, append, list_commands
from oms_dagster.operations.store import Store

#: A valid payload for each type that needs one.
PAYLOADS: dict[str, dict[str, Any]] = {
    "hold.place": {"scope": "order"},
    "order.cancel": {"scope": "order", "reason_code": "CUSTOMER"},
    "order.create": {"customer_code": "C1", "lines": "TEA-1=2@3.50", "currency": "GBP"},
    "order.amend": {"scope": "line", "quantity": 1},
    "order.priority": {"priority": 1},
    "line.pin": {"location_id": "WH1"},
    "line.exclude": {"location_id": "WH1"},
    "shipment.move": {"load_id": "LD-1"},
    "stop.lock": {"stop_sequence": 1},
    "stop.resequence": {"shipments": "S2, S1"},
    "return.receive": {"quantity": 1, "location_id": "WH1"},
    "return.inspect": {"quantity": 1, "location_id": "WH1", "disposition": "restock"},
    "stop.unlock": {"stop_sequence": 1},
    "stock.adjust": {"location_id": "WH1", "quantity": -1, "reason_code": "LOST"},
    "return.reject": {"reason_code": "TOO_LATE"},
    "message.conflict_resolve": {"resolution": "keep"},
    "message.correct": {"changes": "quantity=2"},
    "policy.change": {"key": "floor.confirm", "value": "dispatch"},
    "address.correct": {"postcode": "01310-100"},
}
LOADS = {"load.lock", "load.unlock"}
MOVES = {"shipment.move", "stop.lock", "stop.unlock", "stop.resequence"}
ALLOWED = {
    "viewer": set(),
    "credit": {"hold.place"},
    "warehouse": {
        "hold.place", "wave.release", "wave.stop", "stock.adjust", "return.receive", "return.inspect", "document.void", "document.reissue",
    },
    "dispatcher": {"hold.place", "document.void", "document.reissue", "cycle.run", "load.approve", "load.withdraw", "load.dispatch"} | LOADS | MOVES,
    "planner": {
        "hold.place", "order.create", "order.cancel", "order.amend", "order.priority", "line.pin", "line.unpin", "line.exclude",
        "wave.release", "wave.stop", "cycle.run", "return.authorise", "return.reject", "message.dismiss", "message.conflict_resolve",
        "message.correct", "message.retry", "address.correct",
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
    add_user(sqlite_store, "somebody", "Somebody", role)
    taken = set()
    for command_type in COMMAND_TYPES:
        request = CommandRequest(
            type=command_type, target="T-1", reason="matrix", payload=PAYLOADS.get(command_type, {}), actor="somebody"
        )
        try:
            append(sqlite_store, request)
        except CommandError as error:
            assert "may not" in str(error)
        else:
            taken.add(command_type)
    assert taken == ALLOWED[role]
    assert {command.type for command in list_commands(sqlite_store)} == taken


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
