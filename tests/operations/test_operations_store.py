"""Opening, creating and upgrading the store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command as alembic_command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from oms_dagster.chain import verify
from oms_dagster.operations import store as store_module
from oms_dagster.operations.commands import CommandRequest, append, list_commands
from oms_dagster.operations.log import links
from oms_dagster.operations.models import SCHEMA_VERSIONS, VERSION_TABLE, metadata
from oms_dagster.operations.store import Store, StoreError, open_store, upgrade


def differences(store: Store, wanted: sa.MetaData) -> list[object]:
    options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
    with store.reading() as connection:
        found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), wanted)
    return found


def set_version(store: Store, version: str) -> None:
    with store.writing() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"))


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    assert differences(store, metadata) == []


def test_the_comparison_sees_a_column_that_no_migration_makes(store: Store) -> None:
    other = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(other)
    other.tables["commands"].append_column(sa.Column("forgotten", sa.Text))
    assert len(differences(store, other)) == 1


def test_the_versions_known_are_those_of_the_migrations() -> None:
    script = ScriptDirectory(str(Path(store_module.__file__).parent / "migrations"))
    assert tuple(reversed([step.revision for step in script.walk_revisions()])) == SCHEMA_VERSIONS


def test_a_second_upgrade_changes_nothing(url: str) -> None:
    upgrade(url)
    store = open_store(url)
    with store.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM users")).scalar_one() == 1
    store.close()


def test_an_upgrade_that_dies_half_way_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(store_module, "LOCAL_USER", None)
        with pytest.raises(StoreError, match="nothing was changed"):
            upgrade(empty_url)
    with pytest.raises(StoreError, match=r"version \(none\) is older than"):
        open_store(empty_url)
    upgrade(empty_url)
    open_store(empty_url).close()


def test_a_newer_store_is_refused_in_one_line_and_left_alone(store: Store, url: str) -> None:
    set_version(store, "9999")
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="schema version 9999 is newer than") as refusal:
            attempt(url)
        assert "install the newer program" in one_line(refusal)
    with store.reading() as connection:
        assert connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == "9999"


def test_a_store_before_its_first_upgrade_is_refused_in_one_line(empty_url: str) -> None:
    with pytest.raises(StoreError) as refusal:
        open_store(empty_url)
    assert "`oms init`" in one_line(refusal)


def test_opening_a_missing_file_does_not_create_it(sqlite_path: Path) -> None:
    with pytest.raises(StoreError, match="there is none: create it with `oms init`"):
        open_store(sqlite_path)
    assert not sqlite_path.exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(sqlite_path: Path) -> None:
    sqlite_path.write_bytes(b"PK\x03\x04 certainly not a database" * 100)
    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="file is not a database") as refusal:
            attempt(sqlite_path)
        one_line(refusal)
    assert sqlite_path.read_bytes().startswith(b"PK")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="give the path of its file") as refusal:
        upgrade(tmp_path)
    one_line(refusal)


def test_a_parent_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="choose a folder that can be written") as refusal:
        upgrade(tmp_path / "home" / "operations.sqlite")
    one_line(refusal)


@pytest.mark.parametrize("url", ["mysql://u:secret@host/db", "sqlite://", "sqlite:///:memory:", "postgresql://h:x/y"])
def test_other_urls_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(StoreError) as refusal:
        open_store(url)
    assert "secret" not in one_line(refusal)


def test_a_server_that_does_not_answer_is_one_line_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing was changed") as refusal:
        open_store(f"postgresql://oms:secret@/oms?host={tmp_path}")
    assert "secret" not in one_line(refusal)


@pytest.mark.parametrize("name", ["with space.sqlite", "100%25 ?x=1#.sqlite", "ünï.sqlite"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    upgrade(tmp_path / name)
    open_store(tmp_path / name).close()
    assert (tmp_path / name).is_file()


def test_a_sqlite_url_and_its_path_are_the_same_store(sqlite_path: Path) -> None:
    upgrade(f"sqlite:///{sqlite_path}")
    open_store(sqlite_path).close()


def test_a_sqlite_store_is_in_wal_mode_and_writes_through(sqlite_path: Path) -> None:
    upgrade(sqlite_path)
    with sqlite3.connect(sqlite_path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()
    store = open_store(sqlite_path)
    with store.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    store.close()


def test_the_store_shares_a_database_with_another_alembic(store: Store, url: str) -> None:
    """Regression: Dagster's own storage keeps `alembic_version` in the same PostgreSQL database."""
    with store.writing() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('29b539ebc72a')"))
    upgrade(url)
    open_store(url).close()


def test_a_store_from_before_the_chain_is_chained_by_its_upgrade(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands that an older version appended keep what they say, and the guard against changes is on again."""
    with monkeypatch.context() as older:
        older.setattr(store_module, "SCHEMA_VERSIONS", ("0001",))
        older.setattr(alembic_command, "upgrade", lambda config, _head, to=alembic_command.upgrade: to(config, "0001"))
        upgrade(empty_url)
        before = open_store(empty_url)
    row = "INSERT INTO commands VALUES ('c{0}', {0}, 'load.lock', 'L-{0}', '{{}}', 'planner', 'fixed', '2026-03-02 08:00:00.000000{1}', NULL, NULL, 'k{0}')"
    zone = "+00" if before.engine.dialect.name == "postgresql" else ""
    with before.writing() as connection:
        for number in (1, 2, 3):
            connection.exec_driver_sql(row.format(number, zone))
    before.close()
    with pytest.raises(StoreError, match="is older than"):
        open_store(empty_url)
    upgrade(empty_url)
    store = open_store(empty_url)
    append(store, CommandRequest(type="load.lock", target="L-4", reason="fixed"))
    verdict = verify("commands", links(store))
    assert (verdict.rows, verdict.broken) == (4, "")
    assert [command.target for command in list_commands(store)] == ["L-1", "L-2", "L-3", "L-4"]
    with pytest.raises(StoreError, match="commands are append-only"), store.writing() as connection:
        connection.exec_driver_sql("UPDATE commands SET reason = 'other' WHERE sequence = 1")
    store.close()
