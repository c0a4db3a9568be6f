"""The reactive world: picks, doors, yard and returns follow from a published copy, each once."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from oms_dagster.domain.capture.records import RECORDS
from oms_dagster.simulate.floor import react

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY = date(2026, 3, 3)
LATER = NOW + timedelta(days=9)

TABLES = """
create schema marts;
create table marts.waves (wave_id varchar, location_id varchar, status varchar, released_at timestamptz);
create table marts.pick_tasks (task_id varchar, wave_id varchar, order_line_id varchar, sku_id varchar,
    qty_to_pick decimal(18, 3), qty_picked decimal(18, 3), status varchar, shipment_id varchar, as_of timestamptz);
create table marts.order_lines (order_line_id varchar, qty_released decimal(18, 3));
create table marts.skus (sku_id varchar, weight_kg decimal(18, 6));
create table marts.shipments (shipment_id varchar, location_id varchar);
create table marts.shipment_lines (shipment_id varchar, order_line_id varchar, sku_id varchar, quantity decimal(18, 3));
create table marts.loads (load_id varchar, mode varchar, stops integer, departed_at timestamptz, returned_at timestamptz);
create table marts.load_shipments (load_id varchar, shipment_id varchar, stop_sequence integer);
create table marts.deliveries (shipment_id varchar, outcome varchar, attempted_at timestamptz,
    delivered_at timestamptz);
create table marts.yard_visits (visit_id varchar, load_id varchar);
create table marts.line_events (event_id varchar, order_line_id varchar, to_bucket varchar, quantity decimal(18, 3),
    location_id varchar, reason_code varchar, event_at timestamptz);
create table marts.returns (return_id varchar, status varchar, qty_received decimal(18, 3),
    qty_inspected decimal(18, 3));
"""


class Copy:
    """A published copy with so many shipments of two lines (4 and 1 units of 2 kg)."""

    def __init__(self, path: Path, shipments: int = 0) -> None:
        self.path = path
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLES + "insert into marts.skus values ('A', 2)")
            connection.execute(
                f"insert into marts.shipments select 'S' || n, 'DC' from range({shipments}) as r (n);"
                "insert into marts.shipment_lines select 'S' || n, 'L' || n || '-' || line, 'A', quantity"
                f"    from range({shipments}) as r (n), (values (1, 4), (2, 1)) as lines (line, quantity)"
            )

    def say(self, sql: str) -> Copy:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(sql)
        return self

    def release(self) -> Copy:
        """Release all lines to the floor at 10:00."""
        return self.say(
            "insert into marts.waves values ('W1', 'DC', 'released', '2026-03-03 10:00');"
            "insert into marts.pick_tasks select 'T' || order_line_id, 'W1', order_line_id, sku_id, quantity, 0,"
            "    'open', shipment_id, '2026-03-03 10:00' from marts.shipment_lines;"
            "insert into marts.order_lines select order_line_id, quantity from marts.shipment_lines;"
        )

    def depart(self, mode: str = "own_fleet", load: str = "LD1", at: str = "2026-03-03 10:00") -> Copy:
        return self.say(
            f"insert into marts.loads values ('{load}', '{mode}', 1, '{at}', null);"
            f"insert into marts.load_shipments select '{load}', shipment_id, row_number() over (order by shipment_id)"
            "    from marts.shipments;"
        )


def rows(folder: Path, feed: str) -> list[dict[str, str]]:
    return [row for path in sorted(folder.glob(f"{feed}/*.csv")) for row in csv.DictReader(path.open(encoding="utf-8"))]


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def test_released_tasks_are_picked_packed_and_checked_and_some_fall_short_with_a_reason(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 300).release()
    counts = react(copy.path, NOW + timedelta(hours=3), tmp_path / "out", 7, DAY)
    scans = rows(tmp_path / "out", "floor")
    picks = {row["task_id"]: row for row in scans if row["kind"] == "pick"}
    packs = {row["task_id"]: row for row in scans if row["kind"] == "pack"}
    assert len(picks) == 600
    assert counts["floor"] == len(scans)
    assert 1 <= counts["pick_short"] <= 30
    for task, pick in picks.items():
        asked = 4.0 if task.endswith("-1") else 1.0
        assert (float(pick["quantity"]) < asked) == bool(pick["short_reason"])
        assert (task in packs) == (float(pick["quantity"]) > 0)
        if task in packs:
            assert packs[task]["quantity"] == pick["quantity"]
            assert pick["event_at"] < packs[task]["event_at"]


def test_all_scans_of_a_package_state_the_weight_of_the_whole_package(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 5).release()
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    packs = [row for row in rows(tmp_path / "out", "floor") if row["kind"] == "pack"]
    assert {(row["package_id"], float(row["weight_kg"])) for row in packs} == {(f"S{n}-P1", 10.0) for n in range(5)}


def test_nothing_later_than_as_of_is_written_and_the_rest_follows_unchanged(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 200).release().depart()
    react(copy.path, NOW + timedelta(minutes=40), tmp_path / "early", 7, DAY)
    react(copy.path, LATER, tmp_path / "late", 7, DAY)
    for feed in ("floor", "deliveries", "yard"):
        early, late = rows(tmp_path / "early", feed), rows(tmp_path / "late", feed)
        assert len(early) < len(late)
        assert all(row["event_at"] <= "2026-03-03T10:40:00Z" for row in early)
        assert all(row in late for row in early)


def test_reacting_twice_to_one_copy_writes_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 60).release().depart("carrier")
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        react(copy.path, LATER, tmp_path / name, seed, DAY)
    assert everything(tmp_path / "one") == everything(tmp_path / "two")
    assert everything(tmp_path / "one") != everything(tmp_path / "three")


def test_chance_depends_on_the_subject_and_not_on_what_else_there_is(tmp_path: Path) -> None:
    few, many = Copy(tmp_path / "few.duckdb", 10).release(), Copy(tmp_path / "many.duckdb", 100).release()
    react(few.path, LATER, tmp_path / "few", 7, DAY)
    react(many.path, LATER, tmp_path / "many", 7, DAY)
    all_scans = rows(tmp_path / "many", "floor")
    assert all(row in all_scans for row in rows(tmp_path / "few", "floor"))


def test_what_the_copy_shows_as_done_is_not_written_again(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 20).release().depart()
    copy.say(
        "update marts.pick_tasks set status = 'picked', qty_picked = qty_to_pick;"
        "update marts.order_lines set qty_released = 0;"
        "insert into marts.deliveries select shipment_id, 'lost', '2026-03-03 12:00', null from marts.shipments;"
        "insert into marts.yard_visits values ('V', 'LD1'); update marts.loads set returned_at = '2026-03-03 18:00'"
    )
    counts = react(copy.path, LATER, tmp_path / "out", 7, DAY)
    assert sum(counts.values()) == 0
    assert everything(tmp_path / "out") == {}


@pytest.mark.parametrize("mode", ["own_fleet", "carrier"])
def test_most_shipments_are_delivered_and_each_mishap_happens(tmp_path: Path, mode: str) -> None:
    copy = Copy(tmp_path / "1.duckdb", 400).depart(mode)
    counts = react(copy.path, LATER, tmp_path / "out", 7, DAY)
    assert counts["delivered"] >= 0.92 * 400
    for kind in ("refused", "absent", "partial", "lost" if mode == "carrier" else "damaged"):
        assert counts[kind] >= 1, kind
    assert all(row["event_at"] > "2026-03-03T10:00:00Z" for row in rows(tmp_path / "out", "deliveries"))


def test_even_a_small_world_has_each_mishap_once(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 20).depart("carrier")
    counts = react(copy.path, LATER, tmp_path / "out", 7, DAY)
    assert all(counts[kind] >= 1 for kind in ("refused", "absent", "partial", "lost"))


def test_a_partial_delivery_accounts_for_every_unit_of_the_shipment(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 400).depart()
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    by_shipment: Counter[str] = Counter()
    outcomes: dict[str, set[str]] = {}
    for row in rows(tmp_path / "out", "deliveries"):
        if row["order_line_id"]:
            by_shipment[row["shipment_id"]] += int(row["quantity"])
            outcomes.setdefault(row["shipment_id"], set()).add(row["outcome"])
    assert set(by_shipment.values()) == {5}
    assert all(kinds == {"delivered", "refused"} for kinds in outcomes.values())


def test_what_nobody_took_in_is_delivered_when_it_goes_out_again(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 30).depart()
    copy.say("insert into marts.deliveries select shipment_id, 'absent', '2026-03-03 12:00', null from marts.shipments")
    assert react(copy.path, LATER, tmp_path / "none", 7, DAY)["deliveries"] == 0
    copy.depart(load="LD2", at="2026-03-04 07:00")
    counts = react(copy.path, LATER, tmp_path / "again", 7, DAY)
    assert counts["delivered"] == counts["deliveries"] == 30


def test_vehicles_pass_gate_and_dock_in_order_and_own_ones_come_back(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 3).depart()
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    kinds = [row["kind"] for row in rows(tmp_path / "out", "yard")]
    assert kinds == ["gate_in", "dock_in", "loading_start", "loading_end", "gate_out", "returned"]


def test_a_vehicle_that_only_collects_comes_back_too(tmp_path: Path) -> None:
    """Regression: no delivery told of its load, so that it stayed on the road for ever."""
    copy = Copy(tmp_path / "1.duckdb").say(
        "insert into marts.loads values ('LD1', 'own_fleet', 2, '2026-03-03 07:00', null)"
    )
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    told = {row["kind"]: row["event_at"] for row in rows(tmp_path / "out", "yard")}
    assert told["gate_out"] == "2026-03-03T07:00:00Z"
    assert told["returned"] > "2026-03-03T08:00:00Z"


def test_customers_send_some_lines_back_and_sometimes_more_than_they_asked_for(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 800)
    copy.say(
        "insert into marts.deliveries"
        " select shipment_id, 'delivered', '2026-03-03 12:00', '2026-03-03 12:00' from marts.shipments"
    )
    counts = react(copy.path, LATER, tmp_path / "out", 7, DAY)
    assert 0.03 * 1600 <= counts["return_requested"] <= 0.07 * 1600
    assert counts["return_requested"] == counts["return_received"] == counts["return_inspected"]
    assert counts["over_returned"] >= 1
    stories: dict[str, list[dict[str, str]]] = {}
    for row in rows(tmp_path / "out", "returns"):
        stories.setdefault(row["return_id"], []).append(row)
    for requested, received, inspected in stories.values():
        assert [requested["kind"], received["kind"], inspected["kind"]] == ["requested", "received", "inspected"]
        assert int(requested["quantity"]) <= int(received["quantity"]) == int(inspected["quantity"]) <= 4
        assert inspected["disposition"]


def test_a_rejected_return_is_not_sent(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 100)
    copy.say(
        "insert into marts.deliveries"
        " select shipment_id, 'delivered', '2026-03-03 12:00', '2026-03-03 12:00' from marts.shipments"
    )
    react(copy.path, LATER, tmp_path / "before", 7, DAY)
    for number in {row["return_id"] for row in rows(tmp_path / "before", "returns")}:
        copy.say(f"insert into marts.returns values ('{number}', 'rejected', 0, 0)")
    assert react(copy.path, LATER, tmp_path / "after", 7, DAY)["returns"] == 0


def test_goods_refused_at_the_door_are_received_back_and_inspected(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb")
    copy.say(
        "insert into marts.line_events values ('E1', 'L1', 'refused', 3, 'DC', 'late', '2026-03-03 12:00'),"
        " ('E2', 'L2', 'refused', 1, 'DC', 'crushed', '2026-03-03 12:00'),"
        " ('E3', 'L3', 'delivered', 1, 'DC', null, '2026-03-03 12:00')"
    )
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    back = rows(tmp_path / "out", "returns")
    assert Counter((row["order_line_id"], row["kind"], row["quantity"], row["disposition"]) for row in back) == {
        ("L1", "received", "3", ""): 1,
        ("L1", "inspected", "3", "restock"): 1,
        ("L2", "received", "1", ""): 1,
        ("L2", "inspected", "1", "scrap"): 1,
    }
    assert {(row["origin"], row["location_code"]) for row in back} == {("door", "DC")}


def test_every_written_row_fits_its_record_and_says_that_it_is_simulated(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 50).release().depart("carrier")
    react(copy.path, LATER, tmp_path / "out", 7, DAY)
    for feed in ("floor", "deliveries", "yard"):
        found = rows(tmp_path / "out", feed)
        assert len({row[RECORDS[feed].key[0]] for row in found}) == len(found) > 0
        for row in found:
            assert row["source"] == "simulated"
            for field in RECORDS[feed].fields:
                value = row.get(field.name) or ""
                assert value or not field.required
                assert not value or not field.choices or value in field.choices


def test_the_copy_is_read_through_its_link_and_never_written(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "1.duckdb", 5).release()
    link, before = tmp_path / "current", copy.path.read_bytes()
    link.symlink_to(copy.path)
    assert react(link, LATER, tmp_path / "out", 7, DAY)["floor"] > 0
    assert copy.path.read_bytes() == before


def test_a_naive_time_and_a_missing_copy_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        react(tmp_path / "none.duckdb", datetime(2026, 3, 3), tmp_path / "out", 7, DAY)
    with pytest.raises(FileNotFoundError):
        react(tmp_path / "none.duckdb", NOW, tmp_path / "out", 7, DAY)
