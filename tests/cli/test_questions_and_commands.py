"""What a user asks of the published copy, and tells the next cycle."""

from __future__ import annotations

import csv
import io
import json

import pytest
from said import Oms, Said

from oms_dagster.settings import Home


class TestQuery:
    SQL = "select policy_key, value from facts.policy_changes order by 1"

    def test_before_the_first_cycle(self, oms: Oms, fresh_home: Home) -> None:
        for command in (("query", "select 1"), ("explain", "x")):
            assert oms(*command, "--home", fresh_home.root).failed_with("is not there yet: run `oms cycle")

    def test_as_csv(self, oms: Oms, published_home: Home) -> None:
        said = oms("query", self.SQL, "--format", "csv", "--home", published_home.root)
        assert list(csv.reader(io.StringIO(said.out))) == [["policy_key", "value"], ['a, "b"', "[WAVE]"], ["c", ""]]

    def test_as_json_with_exact_decimals_and_times_as_text(self, oms: Oms, published_home: Home) -> None:
        said = oms(
            "query",
            "select 1.10::decimal(18,2) as m, timestamptz '2026-03-02 05:30Z' as t, null as n",
            "--format",
            "json",
            "--home",
            published_home.root,
        )
        assert json.loads(said.out) == [{"m": "1.10", "t": "2026-03-02 05:30:00+00:00", "n": None}]

    def test_as_a_table_and_brackets_are_no_markup(self, oms: Oms, published_home: Home) -> None:
        """Regression: the reason code [WAVE] was taken for a colour and not shown."""
        said = oms("query", self.SQL, "--home", published_home.root)
        assert "policy_key" in said.out and 'a, "b"' in said.out and "[WAVE]" in said.out

    def test_nothing_found_still_has_its_columns(self, oms: Oms, published_home: Home) -> None:
        said = oms(
            "query",
            "select policy_key from facts.policy_changes where false",
            "--format",
            "csv",
            "--home",
            published_home.root,
        )
        assert said == Said(0, "policy_key\r\n", "")

    @pytest.mark.parametrize(
        ("sql", "told"),
        [
            ("selec 1", "syntax error"),
            ("select * from nowhere", "nowhere"),
            ("delete from facts.orders", "read-only"),
            ("  ; ", "query is empty"),
        ],
    )
    def test_what_can_not_be_answered(self, oms: Oms, published_home: Home, sql: str, told: str) -> None:
        assert oms("query", sql, "--home", published_home.root).failed_with(told)

    def test_an_unknown_id_has_no_story(self, oms: Oms, published_home: Home) -> None:
        assert oms("explain", "nobody-1", "--home", published_home.root).failed_with(
            "nobody-1 is nothing that the published copy knows", "give an order"
        )


class TestCommand:
    def send(self, oms: Oms, home: Home, kind: str, *more: str, reason: str = "why") -> Said:
        return oms("command", kind, "--target", "web-1", "--reason", reason, *more, "--home", home.root)

    def issued(self, home: Home) -> list[tuple[str, str, dict[str, object], str | None]]:
        from oms_dagster.operations.commands import list_commands
        from oms_dagster.operations.store import open_store

        store = open_store(home.operations_url)
        try:
            return [(c.type, c.target, dict(c.payload), c.seen_cycle_id) for c in list_commands(store)]
        finally:
            store.close()

    def test_a_command_is_appended_with_what_its_author_saw(self, oms: Oms, published_home: Home) -> None:
        said = self.send(
            oms,
            published_home,
            "order.cancel",
            "--set",
            "scope=line",
            "--set",
            "quantity=2",
            "--set",
            "reason_code=customer",
        )
        assert said.code == 0 and said.out.endswith("order.cancel web-1: the next cycle decides\n")
        assert self.issued(published_home) == [
            ("order.cancel", "web-1", {"scope": "line", "quantity": "2.000", "reason_code": "CUSTOMER"}, "1")
        ]

    @pytest.mark.parametrize(
        ("kind", "more", "told"),
        [
            ("order.cancle", (), "did you mean order.cancel?"),
            ("order.cancel", (), "scope: is missing"),
            ("order.cancel", ("--set", "scope=line", "--set", "reason_code=BORED"), "reason_code: 'BORED' will not do"),
            (
                "order.cancel",
                ("--set", "scope=line", "--set", "reason_code=CUSTOMER", "--set", "quantity=-1"),
                "quantity",
            ),
            ("order.cancel", ("--set", "scope"), "write it as key=value"),
            ("order.priority", ("--set", "priority=1", "--set", "colour=red"), "'colour': is no field of it"),
            ("policy.change", ("--set", "key=floor.confirm"), "value: is missing"),
            ("order.priority", ("--set", "priority=1", "--actor", "nobody"), "user 'nobody' is not known"),
        ],
    )
    def test_a_command_that_can_not_be_meant_is_refused_and_not_kept(
        self, oms: Oms, fresh_home: Home, kind: str, more: tuple[str, ...], told: str
    ) -> None:
        assert self.send(oms, fresh_home, kind, *more).failed_with(told)
        assert self.issued(fresh_home) == []

    def test_a_reason_must_be_given(self, oms: Oms, fresh_home: Home) -> None:
        assert self.send(oms, fresh_home, "order.priority", "--set", "priority=1", reason="  ").failed_with(
            "reason is empty"
        )
