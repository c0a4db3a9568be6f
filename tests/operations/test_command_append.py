"""What the log takes, refuses, and gives back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.operations import store as store_module
from oms_dagster.operations.access import add_user, change_user
from oms_dagster.operations.commands import CommandError, CommandRequest, append, list_commands
from oms_dagster.operations.models import commands
from oms_dagster.operations.store import Store, StoreError, open_store, upgrade

HOLD = CommandRequest(
    type="hold.place",
    target="SO-1",
    reason="customer asked by phone",
    payload={"scope": "order"},
    seen_cycle_id="17",
    seen_hash="ab12",
    idempotency_key="form-1",
)


def test_a_command_comes_back_as_it_was_given(store: Store) -> None:
    result = append(store, HOLD)
    assert not result.already_issued
    (listed,) = list_commands(store)
    assert listed == result.command
    assert (listed.sequence, listed.type, listed.target, listed.actor) == (1, "hold.place", "SO-1", "planner")
    assert listed.payload == {"hold_type": "MANUAL_USER", "scope": "order"}
    assert (listed.seen_cycle_id, listed.seen_hash, listed.idempotency_key) == ("17", "ab12", "form-1")


def test_the_same_key_with_the_same_content_gives_the_first_command(store: Store) -> None:
    first = append(store, HOLD)
    again = append(store, replace(HOLD, issued_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert again.already_issued
    assert again.command == first.command
    assert len(list_commands(store)) == 1


def test_the_same_number_written_otherwise_is_the_same_content(sqlite_store: Store) -> None:
    amend = CommandRequest(type="order.amend", target="L-1", reason="less", idempotency_key="k")
    append(sqlite_store, replace(amend, payload={"scope": "line", "quantity": "2"}))
    assert append(sqlite_store, replace(amend, payload={"scope": "line", "quantity": 2.0})).already_issued


@pytest.mark.parametrize(
    "change",
    [
        {"type": "order.cancel", "payload": {"scope": "order", "reason_code": "OTHER"}},
        {"target": "SO-2"},
        {"payload": {"scope": "line"}},
        {"reason": "another reason"},
        {"actor": "ana"},
        {"seen_cycle_id": "18"},
        {"seen_hash": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_same_key_with_other_content_is_refused(sqlite_store: Store, change: dict[str, Any]) -> None:
    add_user(sqlite_store, "ana", "Ana", "manager")
    append(sqlite_store, HOLD)
    with pytest.raises(CommandError, match=r"'form-1' was used for another command .*: use a new key"):
        append(sqlite_store, replace(HOLD, **change))
    assert len(list_commands(sqlite_store)) == 1


def test_without_a_key_each_call_is_a_new_command(store: Store) -> None:
    request = replace(HOLD, idempotency_key=None)
    assert append(store, request).command.command_id != append(store, request).command.command_id
    assert [command.sequence for command in list_commands(store)] == [1, 2]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"type": "hold.plac"}, "command 'hold.plac': no such type: did you mean hold.place?"),
        ({"type": ""}, "command '': no such type: use one of hold.place"),
        ({"target": " "}, "target is empty: fill it in"),
        ({"target": "x" * 201}, "target has 201 characters: shorten it to 200"),
        ({"target": "SO\x001"}, "target has characters that cannot be printed: remove them"),
        ({"target": 5}, "target: '5' is no text: give text"),
        ({"reason": "\n"}, "reason is empty: fill it in"),
        ({"reason": "\ud800"}, "reason has characters that cannot be printed: remove them"),
        ({"reason": "x" * 1001}, "reason has 1001 characters: shorten it to 1000"),
        ({"actor": ""}, "actor is empty: fill it in"),
        ({"actor": "bob"}, "user 'bob' is not known: ask an administrator to add it"),
        ({"idempotency_key": ""}, "idempotency_key is empty: fill it in"),
        ({"seen_cycle_id": ""}, "seen_cycle_id is empty: fill it in"),
        ({"payload": {}}, "scope: is missing: give it (what the target is)"),
        ({"payload": None}, "payload: 'None' is no mapping: give field names with their values"),
        ({"issued_at": datetime(2026, 1, 1)}, "issued_at 2026-01-01T00:00:00 has no time zone"),
        ({"issued_at": datetime(202, 1, 1, tzinfo=UTC)}, "is not between the years 2000 and 2199: correct the date"),
        ({"issued_at": datetime.max.replace(tzinfo=UTC)}, "is not between the years 2000 and 2199: correct the date"),
    ],
)
def test_a_bad_command_is_refused_with_one_line(sqlite_store: Store, change: dict[str, Any], line: str) -> None:
    with pytest.raises(CommandError) as refusal:
        append(sqlite_store, replace(HOLD, **change))
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert list_commands(sqlite_store) == []


def test_a_user_who_is_switched_off_is_refused(sqlite_store: Store) -> None:
    add_user(sqlite_store, "ana", "Ana", "manager")
    change_user(sqlite_store, "ana", active=False)
    with pytest.raises(CommandError, match="user 'ana' is switched off: ask an administrator"):
        append(sqlite_store, replace(HOLD, actor="ana"))


def test_a_user_without_the_capability_is_refused_and_told_whom_to_ask(sqlite_store: Store) -> None:
    add_user(sqlite_store, "vic", "Vic", "viewer")
    with pytest.raises(CommandError, match=r"user 'vic' \(role viewer\) may not load.dispatch: .*dispatcher or"):
        append(sqlite_store, CommandRequest(type="load.dispatch", target="LD-1", reason="late", actor="vic"))


def test_text_from_outside_is_data(store: Store) -> None:
    nasty = "'); DROP TABLE commands; -- <script>alert(1)</script> ${x} %s 漢字 \U0001f69a"
    append(store, replace(HOLD, target=nasty[:100], reason=nasty))
    (listed,) = list_commands(store)
    assert (listed.target, listed.reason) == (nasty[:100].strip(), nasty)


def test_instants_come_back_aware_and_in_utc(store: Store) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    given_at = datetime(2026, 3, 1, 2, 15, 0, 123456, tzinfo=kolkata)
    append(store, replace(HOLD, issued_at=given_at))
    (listed,) = list_commands(store)
    assert listed.issued_at.tzinfo is UTC
    assert listed.issued_at.isoformat() == "2026-02-28T20:45:00.123456+00:00"


def test_an_instant_given_by_nobody_is_now(sqlite_store: Store) -> None:
    before = datetime.now(UTC)
    issued_at = append(sqlite_store, HOLD).command.issued_at
    assert before <= issued_at <= datetime.now(UTC)


def test_pending_commands_are_those_without_an_outcome_whatever_their_order(store: Store) -> None:
    ids = [append(store, replace(HOLD, idempotency_key=str(n))).command.command_id for n in range(5)]
    assert [command.command_id for command in list_commands(store, exclude=[ids[1], ids[4], "unknown"])] == [
        ids[0],
        ids[2],
        ids[3],
    ]


def test_commands_are_listed_up_to_an_instant_and_in_order_of_sequence(store: Store) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for minutes in (0, 60, -60):
        append(store, replace(HOLD, idempotency_key=str(minutes), issued_at=noon + timedelta(minutes=minutes)))
    in_sao_paulo = noon.astimezone(timezone(timedelta(hours=-3)))
    listed = list_commands(store, issued_until=in_sao_paulo)
    assert [command.idempotency_key for command in listed] == ["0", "-60"]


def test_a_long_log_is_listed_whole(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oms_dagster.operations.log.BATCH", 7)
    for number in range(22):
        append(sqlite_store, replace(HOLD, idempotency_key=str(number)))
    assert [command.sequence for command in list_commands(sqlite_store)] == list(range(1, 23))


@pytest.mark.parametrize("statement", [sa.update(commands).values(reason="changed"), sa.delete(commands)])
def test_the_database_itself_refuses_to_change_the_log(store: Store, statement: sa.Executable) -> None:
    append(store, HOLD)
    with pytest.raises(StoreError, match="commands are append-only"), store.writing() as connection:
        connection.execute(statement)
    assert [command.reason for command in list_commands(store)] == [HOLD.reason]


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    append(store, HOLD)
    with store.writing():
        assert len(list_commands(store)) == 1


def test_a_writer_that_waits_too_long_says_so_in_one_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "LOCK_WAIT_S", 1)
    store = open_store(url)
    with store.writing(), pytest.raises(StoreError, match="nothing was changed") as refusal:
        append(store, HOLD)
    assert "lock" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    append(store, HOLD)
    store.close()


def test_a_full_disk_is_one_line_and_harms_nothing(sqlite_path: Path) -> None:
    upgrade(sqlite_path)
    full = open_store(sqlite_path)

    @sa.event.listens_for(full.engine, "begin")
    def no_page_more(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    appended = []
    with pytest.raises(StoreError, match="disk is full: nothing was changed"):
        for number in range(1000):
            request = replace(HOLD, idempotency_key=str(number), reason="x" * 1000)
            appended.append(append(full, request).command)
    full.close()
    store = open_store(sqlite_path)
    assert list_commands(store) == appended
    store.close()


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("operations") / "operations.sqlite"
    upgrade(path)
    store = open_store(path)
    yield store
    store.close()


@settings(max_examples=60, deadline=None)
@given(
    reason=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(lambda text: text.strip()),
    issued_at=st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=st.timezones()),
    recorded_numbers=st.sets(st.integers(1, 60)),
)
def test_any_text_and_instant_survive_and_the_anti_join_is_exact(
    long_lived: Store, reason: str, issued_at: datetime, recorded_numbers: set[int]
) -> None:
    appended = append(long_lived, replace(HOLD, reason=reason, issued_at=issued_at, idempotency_key=None)).command
    in_utc = issued_at.astimezone(UTC)
    everything = list_commands(long_lived)
    assert everything[-1] == appended
    assert (appended.reason, appended.issued_at) == (reason.strip(), in_utc)
    recorded = {command.command_id for command in everything if command.sequence in recorded_numbers}
    pending = list_commands(long_lived, exclude=recorded)
    assert pending == [command for command in everything if command.command_id not in recorded]
    until = list_commands(long_lived, exclude=recorded, issued_until=issued_at)
    assert until == [command for command in pending if command.issued_at <= in_utc]
