"""What starts a cycle unattended: a whole file in the inbox, a command nobody has looked at."""

from __future__ import annotations

import os

import dagster as dg
import pytest

from oms_dagster.defs.automation import command_sensor, inbox_sensor
from oms_dagster.operations.commands import CommandRequest, append
from oms_dagster.operations.store import open_store
from oms_dagster.settings import Home


@pytest.fixture
def home(fresh_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("OMS_HOME", str(fresh_home.root))
    monkeypatch.delenv("OMS_OPERATIONS_URL", raising=False)
    return fresh_home


def look(sensor: dg.SensorDefinition, cursor: str | None = None) -> tuple[list[str], str | None, str]:
    """One tick: the run keys asked for, the cursor after it, and why nothing was asked for."""
    context = dg.build_sensor_context(cursor=cursor)
    found = sensor.evaluate_tick(context)
    return [str(request.run_key) for request in found.run_requests or ()], found.cursor, found.skip_message or ""


def drop(home: Home, name: str, channel: str = "pos") -> None:
    folder = home.inbox / channel
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("a,b\n1,2\n")


class TestInbox:
    def test_an_empty_inbox_starts_nothing_and_says_so(self, home: Home) -> None:
        assert look(inbox_sensor) == ([], None, f"nothing in {home.inbox}")

    @pytest.mark.parametrize("name", ["orders.csv.part", "orders.csv.tmp", ".hidden.csv"])
    def test_a_file_that_is_not_whole_starts_nothing(self, home: Home, name: str) -> None:
        drop(home, name)
        assert look(inbox_sensor)[0] == []

    def test_a_folder_is_no_file(self, home: Home) -> None:
        (home.inbox / "pos" / "old.csv").mkdir(parents=True)
        assert look(inbox_sensor)[0] == []

    def test_a_whole_file_starts_one_run_however_often_one_looks(self, home: Home) -> None:
        drop(home, "orders.csv")
        first = look(inbox_sensor)[0]
        assert len(first) == 1
        assert look(inbox_sensor)[0] == first

    def test_a_half_file_beside_a_whole_one_does_not_change_the_key(self, home: Home) -> None:
        drop(home, "orders.csv")
        key = look(inbox_sensor)[0]
        drop(home, "more.csv.part")
        assert look(inbox_sensor)[0] == key

    def test_another_file_or_the_same_name_written_again_is_another_run(self, home: Home) -> None:
        drop(home, "orders.csv")
        keys = {look(inbox_sensor)[0][0]}
        drop(home, "orders.csv", channel="shopify")
        keys.add(look(inbox_sensor)[0][0])
        os.utime(home.inbox / "pos" / "orders.csv", ns=(1, 1))
        keys.add(look(inbox_sensor)[0][0])
        assert len(keys) == 3


class TestCommands:
    def issue(self, home: Home, target: str) -> str:
        store = open_store(home.operations_url)
        try:
            return append(
                store, CommandRequest(type="order.priority", target=target, reason="rush", payload={"priority": 1})
            ).command.command_id
        finally:
            store.close()

    def test_no_command_starts_nothing(self, home: Home) -> None:
        assert look(command_sensor) == ([], None, "no new command")

    def test_a_new_command_starts_one_run_and_moves_the_cursor(self, home: Home) -> None:
        issued = self.issue(home, "web-1")
        assert look(command_sensor) == ([issued], issued, "")
        assert look(command_sensor, cursor=issued)[0] == []

    def test_one_run_looks_at_all_commands_that_are_new(self, home: Home) -> None:
        self.issue(home, "web-1")
        second = self.issue(home, "web-2")
        assert look(command_sensor)[:2] == ([second], second)

    def test_the_next_command_starts_another(self, home: Home) -> None:
        first = self.issue(home, "web-1")
        second = self.issue(home, "web-2")
        assert look(command_sensor, cursor=first)[:2] == ([second], second)


def test_both_sensors_are_on_as_shipped() -> None:
    assert all(s.default_status is dg.DefaultSensorStatus.RUNNING for s in (inbox_sensor, command_sensor))
