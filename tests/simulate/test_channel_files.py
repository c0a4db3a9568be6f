"""The files of the simulated channels are what the real channels write."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oms_dagster.domain.capture.messages import Message
from oms_dagster.domain.capture.shopify import parse_shopify
from oms_dagster.domain.capture.x12 import parse_x12
from tests.simulate.conftest import World


def shopify_orders(world: World) -> list[dict[str, Any]]:
    whole = [path for path in world.files("*/shopify/*.json") if path not in world.damaged()]
    return [order for path in whole for order in json.loads(path.read_text())["orders"]]


def segments(path: Path) -> list[list[str]]:
    return [segment.split("*") for segment in path.read_text(encoding="ascii").replace("\n", "").split("~") if segment]


def x12_files(world: World) -> list[Path]:
    return [path for path in world.files("*/x12/*.edi") if path not in world.damaged()]


def counter_orders(world: World) -> dict[str, list[list[dict[str, str]]]]:
    """Rows of each counter order, by its number, once for each file that holds it."""
    found: dict[str, list[list[dict[str, str]]]] = defaultdict(list)
    for path in world.files("*/pos/*.csv"):
        rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in csv.DictReader(path.open(encoding="utf-8")):
            rows[f"{row['store']}-{row['order_no']}"].append(row)
        for order, lines in rows.items():
            found[order].append(lines)
    return found


def test_shopify_totals_add_up_to_the_cent(world: World) -> None:
    for order in shopify_orders(world):
        lines, shipping = order["line_items"], order["shipping_lines"]
        items = sum(Decimal(line["price"]) * line["quantity"] for line in lines)
        discounts = sum(Decimal(a["amount"]) for line in lines for a in line["discount_allocations"])
        taxes = sum(Decimal(tax["price"]) for part in (*lines, *shipping) for tax in part["tax_lines"])
        freight = sum(Decimal(line["price"]) for line in shipping)
        assert Decimal(order["total_line_items_price"]) == items
        assert Decimal(order["total_discounts"]) == discounts
        assert sum(Decimal(code["amount"]) for code in order["discount_codes"]) == discounts
        assert Decimal(order["subtotal_price"]) == items - discounts
        assert Decimal(order["total_tax"]) == taxes
        assert Decimal(order["total_price"]) == items - discounts + freight + taxes


def test_shopify_times_carry_the_offset_of_the_customers_country(world: World) -> None:
    for order in shopify_orders(world):
        offset = {"GB": "+00:00", "DE": "+01:00"}[order["shipping_address"]["country_code"]]
        assert order["created_at"].endswith(offset)
        assert order["currency"] == {"GB": "GBP", "DE": "EUR"}[order["shipping_address"]["country_code"]]


def test_shopify_versions_of_the_cases_are_what_the_case_says(world: World) -> None:
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for order in shopify_orders(world):
        versions[str(order["id"])].append(order)
    cases = world.ledger["cases"]
    for key in cases["amendment"]["keys"]:
        before, after = versions[key["order"]]
        assert before["updated_at"] < after["updated_at"]
        assert before["line_items"][0]["quantity"] != after["line_items"][0]["quantity"]
    for key in cases["conflict"]["keys"]:
        one, other = versions[key["order"]]
        assert one["updated_at"] == other["updated_at"]
        assert one != other
    for key in (key for key in cases["duplicate_message"]["keys"] if key["channel"] == "shopify"):
        one, other = versions[key["order"]]
        assert one == other
    assert all(versions[key["order"]][0]["test"] for key in cases["test_order"]["keys"])


def test_x12_control_numbers_and_counts_are_right(world: World) -> None:
    controls = set()
    for path in x12_files(world):
        open_set: list[list[str]] = []
        isa, gs, sets = "", "", 0
        for segment in segments(path):
            open_set.append(segment)
            match segment[0]:
                case "ISA":
                    assert len("*".join(segment)) == 105
                    isa, groups = segment[13], 0
                    assert isa not in controls
                    controls.add(isa)
                case "GS":
                    gs, sets, groups = segment[6], 0, groups + 1
                case "ST":
                    open_set = [segment]
                case "CTT":
                    lines = [s for s in open_set if s[0] == "PO1"]
                    assert int(segment[1]) == len(lines)
                    assert int(segment[2]) == sum(int(line[2]) for line in lines)
                case "AMT":
                    assert Decimal(segment[2]) == sum(int(s[2]) * Decimal(s[4]) for s in open_set if s[0] == "PO1")
                case "SE":
                    sets += 1
                    assert int(segment[1]) == len(open_set)
                    assert segment[2] == open_set[0][2]
                case "GE":
                    assert (int(segment[1]), segment[2]) == (sets, gs)
                case "IEA":
                    assert (int(segment[1]), segment[2]) == (groups, isa)
    assert controls


def test_the_projects_own_parsers_read_every_file_that_was_not_damaged(world: World) -> None:
    for path in world.files("*/shopify/*.json"):
        read = list(parse_shopify(path.read_bytes()))
        assert all(isinstance(item, Message) for item in read) == (path not in world.damaged()), path
    for path in world.files("*/x12/*.edi"):
        read = list(parse_x12(path.read_bytes()))
        assert all(isinstance(item, Message) for item in read) == (path not in world.damaged()), path


def test_counter_totals_add_up_except_where_rows_were_spoilt(world: World) -> None:
    spoilt = {
        key["order"] for name, case in world.ledger["cases"].items() if name.startswith("bad_") for key in case["keys"]
    }
    sound = {order: copies for order, copies in counter_orders(world).items() if order not in spoilt}
    assert len(sound) > 100
    for copies in sound.values():
        for rows in copies:
            net = sum(Decimal(r["qty"]) * Decimal(r["unit_price"]) - Decimal(r["discount"]) for r in rows)
            assert Decimal(rows[0]["order_total"]) == net + sum(Decimal(r["tax"]) for r in rows)


@pytest.mark.parametrize(
    ("case", "column", "looks"),
    [
        ("bad_negative_quantity", "qty", lambda text: text.startswith("-")),
        ("bad_not_a_number", "qty", lambda text: not text.lstrip("-").isdigit()),
        ("bad_sku_missing", "sku", lambda text: text == ""),
        ("bad_date_unparseable", "placed_at", lambda text: not text.startswith(("2", "0"))),
        ("bad_date_year_0202", "placed_at", lambda text: text.startswith("0202-")),
    ],
)
def test_a_bad_row_of_each_kind_stands_in_the_order_that_the_ledger_names(
    world: World, case: str, column: str, looks: Any
) -> None:
    orders = counter_orders(world)
    for key in world.ledger["cases"][case]["keys"]:
        (rows,) = orders[key["order"]]
        assert looks(rows[-1][column])


def test_a_heavy_order_is_heavier_than_any_van_carries(world: World) -> None:
    weight = {
        row["sku_code"]: Decimal(row["weight_kg"])
        for row in csv.DictReader((world.folder / "reference/skus.csv").open(encoding="utf-8"))
    }
    heavy = {key["order"] for key in world.ledger["cases"]["heavy_beyond_van"]["keys"]}
    found = {}
    for path in x12_files(world):
        order = ""
        for segment in segments(path):
            if segment[0] == "BEG":
                order = segment[3]
                found[order] = Decimal(0)
            if segment[0] == "PO1" and segment[7] in weight:
                found[order] += int(segment[2]) * weight[segment[7]]
    assert all(found[order] > 1000 for order in heavy)


def test_damaged_files_are_damaged_as_the_ledger_says(world: World) -> None:
    cases = world.ledger["cases"]
    for key in cases["file_empty"]["keys"]:
        assert (world.folder / key["file"]).read_bytes() == b""
    for key in cases["file_truncated"]["keys"]:
        with pytest.raises(json.JSONDecodeError):
            json.loads((world.folder / key["file"]).read_text(errors="replace"))
    for key in cases["file_binary"]["keys"]:
        with pytest.raises(UnicodeDecodeError):
            (world.folder / key["file"]).read_text(encoding="utf-8")
