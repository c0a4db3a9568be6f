"""A simulated world: repeatable, of any size, with every awkward case in it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest

from oms_dagster.domain.capture.records import RECORDS
from oms_dagster.simulate.awkward import CASES, FILE_CASES, REMORSE_MIN
from oms_dagster.simulate.world import simulate
from tests.simulate.conftest import START, World

ALL_CASES = [
    *(case.name for case in CASES),
    *FILE_CASES,
    *("short_then_covered", "short_never_covered", "count_finds_less"),
    *("currency_gbp", "currency_eur", "chilled_goods", "hazardous_goods"),
]


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def records(folder: Path, pattern: str) -> list[dict[str, str]]:
    return [row for path in sorted(folder.glob(pattern)) for row in csv.DictReader(path.open(encoding="utf-8"))]


def test_the_same_seed_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    simulate(tmp_path / "again", 120, 5, 7, START)
    assert fingerprint(tmp_path / "again") == fingerprint(world.folder)


def test_another_seed_gives_other_orders_customers_and_goods(world: World, tmp_path: Path) -> None:
    simulate(tmp_path / "other", 120, 5, 8, START)
    ours, theirs = fingerprint(world.folder), fingerprint(tmp_path / "other")
    same = {name for name in ours.keys() & theirs.keys() if ours[name] == theirs[name]}
    fixed = {
        "locations",
        "vehicles",
        "drivers",
        "carriers",
        "tariffs",
        "trailers",
        "suppliers",
        "delivery_windows",
        "calendar_exceptions",
        "lots",
    }
    assert {Path(name).stem for name in same if name.startswith("reference/")} == fixed
    assert not any("/orders-" in name and ours[name] != hashlib.sha256(b"").hexdigest() for name in same)


@pytest.mark.parametrize("case", ALL_CASES)
def test_each_awkward_case_is_in_the_demo_world_at_least_twice_with_its_keys(world: World, case: str) -> None:
    entry = world.ledger["cases"][case]
    assert entry["count"] >= 2
    assert len(entry["keys"]) == min(entry["count"], 200)
    assert entry["about"]
    assert world.summary.cases[case] == entry["count"]


def test_the_ledger_names_no_case_that_is_not_listed(world: World) -> None:
    assert set(world.summary.cases) == set(ALL_CASES)


def test_sizes_scale_with_the_arguments(tmp_path: Path) -> None:
    small = simulate(tmp_path / "small", 30, 1, 3, START)
    large = simulate(tmp_path / "large", 1000, 2, 3, START)
    for summary, orders in ((small, 30), (large, 2000)):
        near = summary.cases.get("near_duplicate", 0)
        assert summary.orders == orders + near
        assert summary.messages >= summary.orders
    assert large.customers > small.customers
    assert large.skus > small.skus
    assert large.cases["amendment"] == 20


def test_every_reference_and_feed_file_has_the_columns_of_its_record(world: World) -> None:
    for path in [*world.folder.glob("reference/*.csv"), *world.folder.glob("days/*/*/*.csv")]:
        name = path.stem if path.parent.name == "reference" else path.parent.name
        if name == "pos":
            continue
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        fields = {field.name: field for field in RECORDS[name].fields}
        assert rows, path
        assert set(rows[0]) <= set(fields), path
        for row in rows:
            for field in fields.values():
                value = row.get(field.name) or ""
                assert value or not field.required, f"{path.name}: {field.name} is empty"
                assert not value or not field.choices or value in field.choices, f"{path.name}: {field.name} {value}"


def test_no_reference_record_has_its_key_twice(world: World) -> None:
    for path in world.folder.glob("reference/*.csv"):
        keys = Counter(
            tuple(row[k] for k in RECORDS[path.stem].key) for row in csv.DictReader(path.open(encoding="utf-8"))
        )
        assert max(keys.values()) == 1, path.name


def test_no_feed_says_two_things_under_one_key(world: World) -> None:
    for feed in ("stock", "supply", "payments", "receivables", "rates"):
        keys = Counter(
            tuple(row[k] for k in RECORDS[feed].key) for row in records(world.folder, f"days/*/{feed}/*.csv")
        )
        assert keys, feed
        assert [key for key, times in keys.items() if times > 1] == [], feed


def test_no_file_tells_of_what_happened_after_it_was_written(world: World) -> None:
    for path in world.files("*/*/*T*.csv"):
        if path.parent.name in ("pos", "rates"):
            continue
        written = f"{path.parents[1].name}T{path.stem[-4:-2]}:{path.stem[-2:]}:00Z"
        assert all(row["event_at"] <= written for row in csv.DictReader(path.open(encoding="utf-8"))), path


def test_gtins_have_a_valid_check_digit_and_are_unique(world: World) -> None:
    codes = [row["barcode"] for row in records(world.folder, "reference/skus.csv")]
    assert len(set(codes)) == len(codes)
    for code in codes:
        digits = [int(digit) for digit in code]
        assert len(digits) == 13
        assert (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_the_opening_stock_covers_most_but_not_all_of_the_demand(world: World) -> None:
    assert 0.02 <= world.summary.short_share <= 0.07


def test_stock_never_falls_below_zero_by_the_movements_alone(world: World) -> None:
    there: dict[tuple[str, str], int] = defaultdict(int)
    rows = sorted(records(world.folder, "days/*/stock/*.csv"), key=lambda row: row["event_at"])
    for row in rows:
        if row["kind"] != "count":
            there[row["sku_code"], row["location_code"]] += int(row["quantity"])
            assert there[row["sku_code"], row["location_code"]] >= 0
    assert there


def test_a_count_finds_less_than_the_movements_give(world: World) -> None:
    rows = records(world.folder, "days/*/stock/*.csv")
    counts = [row for row in rows if row["kind"] == "count"]
    assert counts
    for count in counts:
        key = (count["sku_code"], count["location_code"])
        there = sum(
            int(row["quantity"])
            for row in rows
            if (row["sku_code"], row["location_code"]) == key
            and row["kind"] != "count"
            and row["event_at"] <= count["event_at"]
        )
        assert 0 <= int(count["quantity"]) < there


def test_short_skus_are_covered_by_a_later_receipt_or_by_a_purchase_that_was_cancelled(world: World) -> None:
    supply = records(world.folder, "days/*/supply/*.csv")
    received = {row["sku_code"] for row in supply if row["status"] == "received"}
    cancelled = {row["sku_code"] for row in supply if row["status"] == "cancelled"}
    covered = {key["sku"] for key in world.ledger["cases"]["short_then_covered"]["keys"]}
    never = {key["sku"] for key in world.ledger["cases"]["short_never_covered"]["keys"]}
    assert covered <= received
    assert not never & received
    assert never & cancelled


def test_a_customer_over_the_limit_owes_more_than_the_limit_and_nothing_the_next_day(world: World) -> None:
    limits = {row["customer_code"]: row["credit_limit"] for row in records(world.folder, "reference/customers.csv")}
    for key in world.ledger["cases"]["credit_over_then_paid"]["keys"]:
        rows = [r for r in records(world.folder, "days/*/receivables/*.csv") if r["customer_code"] == key["customer"]]
        first, last = sorted(rows, key=lambda row: row["event_at"])
        assert float(first["open_amount"]) > float(limits[key["customer"]])
        assert float(last["open_amount"]) == 0
        assert first["event_at"][:10] < last["event_at"][:10]


def test_money_of_a_pending_order_comes_the_next_day_or_never(world: World) -> None:
    events = defaultdict(list)
    for row in records(world.folder, "days/*/payments/*.csv"):
        events[row["channel_order_id"]].append(row["event"])
    cases = world.ledger["cases"]
    assert all(events[key["order"]] == ["captured"] for key in cases["payment_pending_then_captured"]["keys"])
    assert all(key["order"] not in events for key in cases["payment_never"]["keys"])


def test_a_wrong_address_gets_its_right_version_the_next_morning(world: World) -> None:
    first = {row["customer_code"]: row for row in records(world.folder, "reference/addresses.csv")}
    later = {row["customer_code"]: row for row in records(world.folder, "days/*/reference/addresses.csv")}
    for key in world.ledger["cases"]["address_missing_then_given"]["keys"]:
        assert key["customer"] not in first
        assert float(later[key["customer"]]["latitude"]) != 0
    for key in world.ledger["cases"]["address_unusable_then_corrected"]["keys"]:
        assert first[key["customer"]]["postcode"] == "TBC"
        assert later[key["customer"]]["postcode"] != "TBC"


def test_cancellations_keep_to_their_side_of_the_remorse_window(world: World) -> None:
    orders = defaultdict(list)
    for path in world.files("*/shopify/*.json"):
        if path not in world.damaged():
            for order in json.loads(path.read_text())["orders"]:
                orders[str(order["id"])].append(order)
    for case, is_late in (("cancel_in_remorse_window", False), ("cancel_after_remorse_window", True)):
        for key in world.ledger["cases"][case]["keys"]:
            cancelled = next(order for order in orders[key["order"]] if order["cancelled_at"])
            minutes = _minutes(cancelled["created_at"], cancelled["cancelled_at"])
            assert (minutes > REMORSE_MIN) == is_late


def _minutes(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / 60


def test_a_world_needs_an_empty_folder_and_sizes_above_zero(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(FileExistsError, match="empty folder"):
        simulate(tmp_path, 10, 1, 1, date(2026, 3, 2))
    with pytest.raises(ValueError, match="at least 1"):
        simulate(tmp_path / "new", 0, 1, 1, date(2026, 3, 2))


def test_the_fleet_has_a_city_van_that_goes_out_again_and_a_van_that_loads_elsewhere(world: World) -> None:
    fleet = {row["vehicle_code"]: row for row in records(world.folder, "reference/vehicles.csv")}
    again = [row for row in fleet.values() if row["max_trips"]]
    assert [(row["vehicle_class"], row["location_code"], row["max_trips"]) for row in again] == [
        ("city van", "DC-DAV", "3")
    ]
    assert [code for code, row in fleet.items() if row["base_latitude"] and row["base_longitude"]] == ["VEH-006"]
    drivers = {row["driver_code"] for row in records(world.folder, "reference/drivers.csv")}
    assert {row["driver_code"] for row in fleet.values()} == drivers


def test_stores_keep_a_floor_and_no_other_place_does(world: World) -> None:
    for row in records(world.folder, "reference/locations.csv"):
        assert bool(row["floor_minimum"]) == (row["kind"] == "store")


def test_each_morning_a_few_ordinary_customers_tell_of_crates_that_lie_at_their_address(world: World) -> None:
    addresses = {
        (row["customer_code"], row["address_code"]) for row in records(world.folder, "reference/addresses.csv")
    }
    (crate,) = records(world.folder, "days/*/reference/skus.csv")
    for day in sorted((world.folder / "days").glob("*/empties")):
        rows = records(day, "*.csv")
        assert {row["location_code"] for row in rows} == {"DC-DAV", "DC-WAR"}
        assert {row["sku_code"] for row in rows} == {crate["sku_code"]}
        assert {(row["customer_code"], row["address_code"]) for row in rows} <= addresses
    assert len({row["customer_code"] for row in records(world.folder, "days/*/empties/*.csv")}) >= 10


def test_a_unit_has_the_measures_of_its_volume(world: World) -> None:
    """A carton's height is rounded up to a whole millimetre."""
    for row in records(world.folder, "reference/skus.csv"):
        length, width, height = (int(row[name]) for name in ("length_mm", "width_mm", "height_mm"))
        assert 0 <= length * width * height - round(float(row["volume_m3"]) * 10**9) < length * width


def test_a_cargo_space_is_as_large_as_its_volume_says(world: World) -> None:
    """To one in a hundred."""
    for row in [*records(world.folder, "reference/vehicles.csv"), *records(world.folder, "reference/trailers.csv")]:
        length_m = float(row.get("cargo_length_mm") or 0) / 1000 or float(row["deck_m"])
        volume_m3 = length_m * int(row["cargo_width_mm"]) * int(row["cargo_height_mm"]) / 10**6
        assert abs(volume_m3 / float(row["volume_m3"]) - 1) < 0.01
