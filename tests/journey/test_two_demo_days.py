"""Two days of the demo's distributor: what must hold of any home after any number of cycles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from oms_dagster.cycle import lock
from oms_dagster.doctor import examine
from oms_dagster.settings import Home
from oms_dagster.warehouse import publish
from oms_dagster.warehouse.connect import reader, writer
from oms_dagster.warehouse.story import story


@pytest.fixture
def copy(demo_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with reader(demo_home.current) as connection:
        yield connection


def ask(copy: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return copy.execute(sql).fetchall()


def test_every_cycle_was_planned_committed_and_published_in_turn(copy: duckdb.DuckDBPyConnection) -> None:
    """The copy of a cycle is made before its last state is written: the newest is not yet published in its own copy."""
    reached = ask(copy, "select cycle_seq, list(state order by state) from facts.cycles group by 1 order by 1")
    assert [seq for seq, _ in reached] == [1, 2, 3, 4, 5, 6]
    assert all(states == ["committed", "planned", "published"] for _, states in reached[:-1])
    assert reached[-1][1] == ["committed", "planned"]
    assert ask(
        copy, "select count(distinct input_hash), count(distinct plan_hash) from facts.cycles where state = 'committed'"
    ) == [(6, 6)]


def test_no_cycle_broke_a_law(copy: duckdb.DuckDBPyConnection) -> None:
    """Regression: planned on the ledger of the cycle before, every cycle found lines and stock that did not add up; and
    shipments not packed by the departure were forgotten."""
    assert ask(copy, "select count(distinct check_name) from facts.data_quality where stage = 'commit'")[0][0] >= 11
    broken = "select cycle_seq, check_name, failing_rows from facts.data_quality where stage = 'commit' and not passed"
    assert ask(copy, broken) == []


def test_documents_are_numbered_without_a_gap_and_their_files_are_what_was_rendered(
    copy: duckdb.DuckDBPyConnection, demo_home: Home
) -> None:
    gaps = "select document_type from facts.documents group by 1, series having max(number) <> count(*) or min(number) <> 1"
    assert ask(copy, gaps) == []
    rendered = ask(
        copy,
        "select d.document_id, r.file, r.sha256 from facts.documents as d left join facts.document_renderings as r using (document_id)",
    )
    assert len(rendered) > 20
    for document, file, sha256 in rendered:
        content = (demo_home.outbox / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256, document
        assert json.loads((demo_home.outbox / file).with_suffix(".json").read_text())["payload"]["sha256"] == sha256


def test_each_message_of_each_file_has_one_outcome_and_its_bytes_are_kept(
    copy: duckdb.DuckDBPyConnection, demo_home: Home
) -> None:
    assert ask(
        copy,
        "select count(*) from facts.capture_files where messages <> messages_accepted + messages_duplicate + messages_conflict + messages_quarantined",
    ) == [(0,)]
    for (sha256,) in ask(copy, "select distinct file_sha256 from facts.capture_files"):
        assert hashlib.sha256((demo_home.archive / sha256[:2] / sha256).read_bytes()).hexdigest() == sha256
    assert not [p for p in demo_home.inbox.glob("*/*") if p.is_file()]


@pytest.mark.parametrize(
    "sql",
    [
        "select min(order_id) from facts.shipments",
        "select min(order_line_id) from facts.shipment_lines",
        "select min(shipment_id) from facts.load_shipments",
        "select min(load_id) from facts.loads",
        "select min(hold_id) from facts.hold_events",
        "select min(document_id) from facts.documents where document_type = 'packing_slip'",
        "select min(document_id) from facts.documents where document_type = 'romaneio'",
        "select min(document_id) from facts.documents where document_type = 'picking_map'",
        "select min(wave_id) from facts.waves",
    ],
)
def test_everything_with_an_id_has_a_story_oldest_first(copy: duckdb.DuckDBPyConnection, sql: str) -> None:
    subject = ask(copy, sql)[0][0]
    assert subject is not None, "the two days have one"
    told = story(copy, subject)
    assert told
    assert [line[:17] for line in told] == sorted(line[:17] for line in told)
    assert any("captured" in line for line in told)


def test_the_doctor_finds_nothing(own_home: Home) -> None:
    assert [finding for finding in examine(own_home) if not finding.ok] == []


def test_a_copied_home_is_a_home_of_its_own(demo_home: Home, own_home: Home) -> None:
    before = demo_home.warehouse.stat().st_mtime_ns
    with lock(own_home, "a test", wait_s=0), writer(own_home.warehouse) as connection:
        connection.execute("delete from facts.waves")
        connection.execute("checkpoint")
    publish.publish(own_home, 99)
    with reader(own_home.current) as mine, reader(demo_home.current) as theirs:
        assert mine.execute("select count(*) from facts.waves").fetchall() == [(0,)]
        assert theirs.execute("select count(*) > 0 from facts.waves").fetchall() == [(True,)]
    assert demo_home.warehouse.stat().st_mtime_ns == before
