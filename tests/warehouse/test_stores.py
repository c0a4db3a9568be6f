"""Opening, reading, writing and publishing the warehouse: one writer, many readers, and facts that are only appended."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from oms_dagster import settings
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, publish, read, write
from oms_dagster.warehouse.tables import TABLES

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = settings.home(tmp_path / "home")
    found.published.mkdir(parents=True)
    connect.create(found.warehouse)
    return found


class TestConnect:
    def test_create_makes_every_table_and_again_changes_nothing(self, home: Home) -> None:
        with connect.writer(home.warehouse) as connection:
            write.append(connection, "facts.policy_changes", [{"policy_key": "a", "value": "1"}])
        connect.create(home.warehouse)
        with connect.writer(home.warehouse) as connection:
            there = {
                f"{s}.{t}"
                for s, t in connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            }
            assert there == set(TABLES)
            assert connection.execute("select count(*) from facts.policy_changes").fetchall() == [(1,)]

    def test_a_home_of_an_older_code_gets_the_columns_that_it_lacks(self, home: Home) -> None:
        with connect.writer(home.warehouse) as connection:
            write.append(connection, "plans.promises", [{"order_line_id": "l1"}])
            connection.execute("alter table plans.promises drop column runner_up_extra")
        connect.create(home.warehouse)
        with connect.writer(home.warehouse) as connection:
            kept = connection.execute("select order_line_id, runner_up_extra from plans.promises").fetchall()
            assert kept == [("l1", None)]

    def test_every_session_runs_in_utc_wherever_the_machine_stands(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Pacific/Auckland")
        with connect.writer(home.warehouse) as connection:
            assert connection.execute("select cast(timestamptz '2026-03-02 23:30:00+00' as date)").fetchall() == [
                (AT.date(),)
            ]
        with connect.reader(home.warehouse) as connection:
            assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]

    def test_a_second_process_is_told_that_the_file_is_in_use(self, home: Home) -> None:
        code = f"import duckdb, sys; c = duckdb.connect({str(home.warehouse)!r}); print('open', flush=True); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None and other.stdin is not None
            assert other.stdout.readline() == "open\n"
            with (
                pytest.raises(connect.WarehouseBusy, match="is open in another process"),
                connect.writer(home.warehouse),
            ):
                pass
            other.stdin.close()
        with connect.writer(home.warehouse):
            pass

    def test_a_reader_can_not_write(self, home: Home) -> None:
        with (
            connect.reader(home.warehouse) as connection,
            pytest.raises(duckdb.InvalidInputException, match="read-only"),
        ):
            connection.execute("delete from facts.orders")

    def test_a_transaction_is_all_or_nothing(self, home: Home) -> None:
        with connect.writer(home.warehouse) as connection:
            with pytest.raises(ZeroDivisionError), connect.transaction(connection):
                write.append(connection, "facts.policy_changes", [{"policy_key": "a"}])
                raise ZeroDivisionError
            assert connection.execute("select count(*) from facts.policy_changes").fetchall() == [(0,)]


class TestReadAndWrite:
    @pytest.fixture
    def connection(self, home: Home) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("create schema facts; create schema plans")
        for table in TABLES.values():
            connection.execute(table.create_sql())
        return connection

    def test_rows_come_as_dictionaries_and_parameters_by_place_or_by_name(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        """Regression: parameters by name were handed on as a list of their names, and no packing slip could be rendered."""
        assert read.rows(connection, "select ? as a, ? as b", [1, 2]) == [{"a": 1, "b": 2}]
        assert read.rows(connection, "select $b as a, $b + $c as b", {"b": 1, "c": 2}) == [{"a": 1, "b": 3}]
        assert read.rows(connection, "select 1 as a where false") == []

    def test_a_value_is_the_first_of_the_first_row_or_none(self, connection: duckdb.DuckDBPyConnection) -> None:
        assert read.value(connection, "select 7, 8") == 7
        assert read.value(connection, "select $x", {"x": "y"}) == "y"
        assert read.value(connection, "select 1 where false") is None

    def test_appended_rows_may_leave_columns_out(self, connection: duckdb.DuckDBPyConnection) -> None:
        records = [
            {"event_id": "e1", "quantity": Decimal("1.5"), "event_at": AT},
            {"event_id": "e2", "actor": "ann", "assumed": True},
        ]
        assert write.append(connection, "facts.line_events", records) == 2
        assert connection.execute("select event_id, quantity, actor, assumed from facts.line_events order by 1").fetchall() == [
            ("e1", Decimal("1.500"), None, None), ("e2", None, "ann", True),
        ]  # fmt: skip

    def test_a_column_that_the_table_lacks_is_refused_and_nothing_is_written(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        with pytest.raises(KeyError, match="line_events has no column colour"):
            write.append(connection, "facts.line_events", [{"event_id": "e1"}, {"colour": "red"}])
        assert connection.execute("select count(*) from facts.line_events").fetchall() == [(0,)]

    def test_nothing_to_append_is_fine(self, connection: duckdb.DuckDBPyConnection) -> None:
        assert write.append(connection, "facts.orders", iter(())) == 0

    def test_a_value_that_does_not_fit_its_column_is_refused(self, connection: duckdb.DuckDBPyConnection) -> None:
        with pytest.raises(duckdb.ConversionException):
            write.append(connection, "facts.line_events", [{"event_id": "e1", "quantity": "many"}])

    def test_candidates_are_replaced_and_facts_never(self, connection: duckdb.DuckDBPyConnection) -> None:
        write.replace(connection, "plans.left_out", [{"subject_id": "a"}, {"subject_id": "b"}])
        write.replace(connection, "plans.left_out", [{"subject_id": "c"}])
        assert connection.execute("select subject_id from plans.left_out").fetchall() == [("c",)]
        with pytest.raises(ValueError, match="facts are appended"):
            write.replace(connection, "facts.orders", [])

    def test_a_batch_of_one_type_and_then_another_keeps_decimals_exact(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        write.append(
            connection,
            "facts.line_events",
            [
                {"event_id": "e1", "quantity": Decimal("0.1")},
                {"event_id": "e2", "quantity": Decimal("123456789012.345")},
            ],
        )
        assert connection.execute("select sum(quantity) from facts.line_events").fetchall() == [
            (Decimal("123456789012.445"),)
        ]


class TestPublish:
    def write(self, home: Home, value: str) -> None:
        with connect.writer(home.warehouse) as connection:
            write.append(connection, "facts.policy_changes", [{"policy_key": value}])

    def keys(self, home: Home) -> list[str]:
        with connect.reader(home.current) as connection:
            return [
                row[0]
                for row in connection.execute("select policy_key from facts.policy_changes order by 1").fetchall()
            ]

    def test_a_reader_of_the_old_copy_is_not_disturbed_by_the_new_one(self, home: Home) -> None:
        self.write(home, "a")
        publish.publish(home, 1)
        with connect.reader(home.current) as old:
            self.write(home, "b")
            publish.publish(home, 2)
            assert self.keys(home) == ["a", "b"]
            assert old.execute("select count(*) from facts.policy_changes").fetchall() == [(1,)]

    def test_publishing_again_gives_the_same(self, home: Home) -> None:
        self.write(home, "a")
        assert publish.publish(home, 1) == publish.publish(home, 1) == home.published / "00000001.duckdb"
        assert home.current.resolve() == (home.published / "00000001.duckdb").resolve()
        assert sorted(p.name for p in home.published.iterdir()) == ["00000001.duckdb", "current.duckdb"]

    def test_the_link_is_relative_so_that_a_home_can_be_moved(self, home: Home, tmp_path: Path) -> None:
        self.write(home, "a")
        publish.publish(home, 1)
        home.root.rename(tmp_path / "moved")
        assert self.keys(settings.home(tmp_path / "moved")) == ["a"]

    def test_a_crash_in_the_copy_leaves_the_last_copy_in_force_and_is_tidied(self, home: Home) -> None:
        self.write(home, "a")
        publish.publish(home, 1)
        (home.published / "00000002.part").write_bytes(b"half a fi")
        assert self.keys(home) == ["a"]
        assert publish.retain(home, {1: AT}) == []
        assert not list(home.published.glob("*.part"))

    def test_a_link_left_by_a_crash_is_replaced(self, home: Home) -> None:
        self.write(home, "a")
        home.current.with_suffix(".link").symlink_to("00000009.duckdb")
        publish.publish(home, 1)
        assert self.keys(home) == ["a"]

    def test_the_last_three_and_one_a_day_for_seven_days_are_kept(self, home: Home) -> None:
        as_of = {n: AT + timedelta(hours=8 * (n - 1)) for n in range(1, 31)}
        for n in as_of:
            (home.published / f"{n:08d}.duckdb").touch()
        (home.published / "notes.duckdb").touch()
        gone = publish.retain(home, as_of)
        kept = sorted(int(p.stem) for p in home.published.glob("*.duckdb") if p.stem.isdigit())
        # Cycles run at 12:00, 20:00 and 4:00: the last of the days are 2, 5, 8, …, 29, 30.
        assert kept == [14, 17, 20, 23, 26, 28, 29, 30]
        assert len(gone) == 30 - len(kept)
        assert (home.published / "notes.duckdb").exists()

    def test_the_copy_in_force_is_never_deleted(self, home: Home) -> None:
        self.write(home, "a")
        publish.publish(home, 1)
        assert publish.retain(home, {}) == []
        assert self.keys(home) == ["a"]

    def test_the_status_is_written_whole_and_read_back(self, home: Home) -> None:
        assert publish.read_status(home) == {}
        publish.write_status(home, {"outcome": "published", "as_of": AT})
        assert publish.read_status(home) == {"outcome": "published", "as_of": "2026-03-02 12:00:00+00:00"}
        home.status_file.write_text("{half")
        assert publish.read_status(home) == {}
