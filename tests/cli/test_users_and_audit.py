"""`oms user`, `oms token`, `oms audit verify` and `oms undo`: who may use the home, and the proof of what was done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from oms_dagster import cli
from oms_dagster.operations import accounts
from oms_dagster.operations.commands import list_commands
from oms_dagster.operations.store import open_store
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, outcomes, publish


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Oms = Callable[..., Said]


@pytest.fixture
def oms(fresh_home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Oms:
    for variable in ("OMS_HOME", "DAGSTER_HOME", "OMS_TOKEN", "OMS_OPERATIONS_URL"):
        monkeypatch.setenv(variable, "")
    monkeypatch.delenv("OMS_TRACEBACK", raising=False)

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = cli.main([*(str(a) for a in arguments), "--home", str(fresh_home.root)])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


HOLD = ("command", "hold.place", "--target", "web-1", "--reason", "why", "--set", "scope=order")


def test_a_user_is_added_with_a_password_for_once(oms: Oms, fresh_home: Home) -> None:
    said = oms("user", "add", "cora", "--role", "credit", "--name", "Cora")
    password = said.out.strip().rsplit(" ", 1)[1]
    store = open_store(fresh_home.operations_url)
    session = accounts.session_of(store, accounts.sign_in(store, "cora", password, ""))
    store.close()
    assert session is not None and session.must_change and session.user.role == "credit"
    assert "cora" in oms("user", "list").out
    assert oms("user", "limit", "cora", "hold.release.credit=9000", "hold.release.fraud=none").out == (
        "cora: hold.release.credit 9000.00; hold.release.fraud no limit\n"
    )
    assert oms("user", "role", "cora", "--role", "manager").out == "cora is now manager\n"
    assert oms("user", "off", "cora").out == "cora is switched off\n"
    assert oms("user", "password", "cora").out.startswith("one-time password of cora: ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("user", "add"), "name the user"),
        (("user", "role", "planner"), "name the role"),
        (("user", "role", "nobody", "--role", "viewer"), "not known: add it first"),
        (("user", "off", "planner"), "the last active admin"),
        (("user", "limit", "planner", "hold.release"), "write it as CAPABILITY=AMOUNT"),
        (("token", "new", "nobody"), "not known"),
        (("token", "revoke", "x"), "`oms token list` shows them"),
        (("undo", "x"), "is not there yet: run `oms cycle"),
    ],
)
def test_what_can_t_be_is_one_line(oms: Oms, arguments: tuple[str, ...], line: str) -> None:
    said = oms(*arguments)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert line in said.err and said.out == ""


def test_a_command_is_sent_with_a_token(oms: Oms, fresh_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    oms("user", "add", "cora", "--role", "credit")
    token = oms("token", "new", "cora", "--days", "5").out.strip()
    assert token.startswith("oms_")
    assert oms(*HOLD, "--token", token).code == 0
    monkeypatch.setenv("OMS_TOKEN", token)
    assert "may not wave.stop" in oms("command", "wave.stop", "--target", "W1", "--reason", "why").err
    release = ("command", "hold.release", "--target", "H-1", "--reason", "why", "--set", "family=credit")
    assert "waits for a second person" in oms(*release).out, "nothing was published: nobody knows what is at stake"
    store = open_store(fresh_home.operations_url)
    assert {command.actor for command in list_commands(store)} == {"cora"}
    store.close()
    oms("token", "revoke", token.split("_")[1])
    assert "revoked or too old" in oms(*HOLD).err


def test_where_people_sign_in_nobody_sends_under_another_s_name(oms: Oms) -> None:
    assert oms(*HOLD, "--actor", "planner").code == 0
    oms("user", "add", "cora", "--role", "credit")
    assert "give a token of cora" in oms(*HOLD, "--actor", "cora").err
    assert oms(*HOLD).code == 0, "who sits at the machine is the local user"


class TestAudit:
    def test_whole_logs_are_said_with_their_heads(self, oms: Oms) -> None:
        oms(*HOLD)
        oms("user", "add", "cora")
        said = oms("audit", "verify")
        assert said.code == 0
        assert [line.split()[0] for line in said.out.splitlines()] == ["commands", "access", "outcomes"]
        assert "1 rows hold" in said.out

    def test_the_first_broken_row_is_one_line_and_exit_1(self, oms: Oms, fresh_home: Home) -> None:
        for _ in range(4):
            oms(*HOLD)
        change(fresh_home, "update commands set reason = 'other' where sequence in (2, 4)")
        said = oms("audit", "verify")
        assert (said.code, said.out) == (
            1, "commands: row 2 was changed: its content is not what its hash was made of\n"
        )  # fmt: skip

    def test_a_row_taken_out_of_the_log_of_access_is_missed(self, oms: Oms, fresh_home: Home) -> None:
        for user in ("a1", "a2", "a3"):
            oms("user", "add", user)
        change(fresh_home, "delete from access_events where sequence = 3", "access_events")
        assert oms("audit", "verify").out == "access: row 3 is gone: the next one found is 4\n"

    def test_a_log_written_anew_with_all_its_hashes_does_not_fit_the_outcomes(self, oms: Oms, fresh_home: Home) -> None:
        """The chain alone would hold: the outcomes that were published say what was decided about."""
        oms(*HOLD)
        store = open_store(fresh_home.operations_url)
        (command,) = list_commands(store)
        store.close()
        with connect.writer(fresh_home.warehouse) as connection:
            kept = {"command_id": command.command_id, "sequence": 1, "type": command.type, "target": "web-1", "payload": "{}",
                    "actor": "planner", "reason": "why", "outcome": "accepted", "cycle_seq": 1, "command_hash": command.hash}  # fmt: skip
            outcomes.keep(connection, [kept])
        publish.publish(fresh_home, 1)
        assert oms("audit", "verify").code == 0
        change(fresh_home, f"update commands set hash = '{'0' * 64}'")
        assert oms("audit", "verify").out.startswith("commands: row 1 was changed")
        change(fresh_home, "delete from commands")
        assert oms("audit", "verify").out == f"commands: {command.command_id} has an outcome and is gone from the log\n"


def change(home: Home, sql: str, table: str = "commands") -> None:
    """What somebody with the file and bad intentions does: the triggers off, the row changed."""
    with sqlite3.connect(Path(home.root) / "operations.sqlite") as connection:
        for event in ("update", "delete"):
            connection.execute(f"drop trigger if exists {table}_no_{event}")
        connection.execute(sql)
    connection.close()


def test_a_command_is_taken_back_after_its_plan_was_shown(oms: Oms, fresh_home: Home) -> None:
    oms("command", "order.priority", "--target", "web-1", "--reason", "why", "--set", "priority=2")
    store = open_store(fresh_home.operations_url)
    (command,) = list_commands(store)
    with connect.writer(fresh_home.warehouse) as connection:
        connection.execute(
            "insert into facts.orders (order_id, message_id, priority, cycle_seq) values ('web-1', 'm1', 7, 1)"
        )
        kept = {"command_id": command.command_id, "sequence": 1, "type": command.type, "target": "web-1",
                "payload": '{"priority": 2}', "outcome": "accepted", "cycle_seq": 1, "command_hash": command.hash}  # fmt: skip
        outcomes.keep(connection, [kept])
    publish.publish(fresh_home, 1)
    shown = oms("undo", command.command_id, "--dry-run")
    assert shown.out.splitlines()[0] == "priority 7 again: order.priority web-1 --set priority=7"
    assert len(list_commands(store)) == 1, "nothing was sent"
    assert "the next cycle decides" in oms("undo", command.command_id).out
    back = list_commands(store)[-1]
    store.close()
    assert (back.type, dict(back.payload), back.undoes) == ("order.priority", {"priority": 7}, command.command_id)
