"""A hold type is one seed row, one model, one name in a macro and one row of the documentation: they agree."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from oms_dagster import settings
from oms_dagster.domain.capture.countries import COUNTRIES
from oms_dagster.operations.access import CAPABILITIES, roles_with

RULES = settings.DBT_PROJECT / "models" / "intermediate" / "screening" / "holds"
DOCUMENT = settings.CHECKOUT / "docs" / "holds.md"
HEADER = ("hold type", "what", "observed", "threshold", "remedy", "blocks", "may be released by")
#: placed by a command, so no model says what it compares
BY_HAND = {
    "MANUAL_USER": {"observed": "held by hand", "threshold": "no hold", "remedy": "ask who placed it, or release it"}
}


def seed_rows() -> dict[str, dict[str, str]]:
    with (settings.DBT_PROJECT / "seeds" / "policies" / "hold_types.csv").open(encoding="utf-8", newline="") as file:
        return {row["hold_type"]: row for row in csv.DictReader(file)}


def macro_rules() -> dict[str, list[str]]:
    """Rules by band, as `hold_rules` lists them."""
    text = (settings.DBT_PROJECT / "macros" / "holds.sql").read_text(encoding="utf-8")
    listed = text[text.index("macro hold_rules") : text.index("endmacro")]
    return {band: re.findall(r"'(\w+)'", names) for band, names in re.findall(r"'(\w+)': \[([^\]]*)\]", listed)}


def model_files() -> dict[str, Path]:
    return {path.stem.removeprefix("int_holds__").upper(): path for path in sorted(RULES.glob("int_holds__*.sql"))}


def properties() -> Mapping[str, Any]:
    return yaml.safe_load((RULES / "_holds__models.yml").read_text(encoding="utf-8"))


def described() -> dict[str, dict[str, Any]]:
    return {model["name"].removeprefix("int_holds__").upper(): model for model in properties()["models"]}


def expected_row(hold_type: str) -> tuple[str, ...]:
    seed = seed_rows()[hold_type]
    says = BY_HAND.get(hold_type) or described()[hold_type]["config"]["meta"]["hold"]
    blocks = [
        name.removeprefix("blocks_") for name, value in seed.items() if name.startswith("blocks_") and value == "true"
    ]
    release = (
        ", ".join(roles_with(seed["capability"])) if seed["releasable"] == "true" else "nobody: the data clears it"
    )
    return (
        f"`{hold_type}`", seed["about"], says["observed"], says["threshold"], says["remedy"],
        ", ".join(blocks) or "nothing", release,
    )  # fmt: skip


def documented_rows() -> list[tuple[str, ...]]:
    table = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]
    return [row for row in cells if not set("".join(row)) <= set("- :")]


def test_every_rule_is_a_seed_row_a_model_and_a_name_in_its_band() -> None:
    seeds = seed_rows()
    listed = {name.upper(): band for band, names in macro_rules().items() for name in names}
    assert set(listed) == set(model_files()) == set(described()) == set(seeds) - set(BY_HAND)
    assert listed == {name: seeds[name]["band"] for name in listed}


def test_no_rule_is_listed_twice() -> None:
    names = [name for band in macro_rules().values() for name in band]
    assert len(names) == len(set(names)) == len(model_files())


@pytest.mark.parametrize("hold_type", sorted(model_files()))
def test_a_rule_says_its_id_and_its_grain_and_has_a_unit_test(hold_type: str) -> None:
    lines = [
        line for line in model_files()[hold_type].read_text(encoding="utf-8").splitlines() if line.startswith("--")
    ]
    assert lines[0].startswith(f"-- HOLD-{hold_type.replace('_', '-')}. One row per ")
    assert described()[hold_type]["description"].startswith("One row per ")
    tested = {test["model"] for test in properties()["unit_tests"]}
    assert model_files()[hold_type].stem in tested


@pytest.mark.parametrize("hold_type", sorted(model_files()))
def test_a_rule_reads_no_clock_and_makes_no_double(hold_type: str) -> None:
    sql = model_files()[hold_type].read_text(encoding="utf-8").lower()
    assert not re.search(
        r"\b(now|current_timestamp|current_date|today|random)\s*\(|\bdouble\b|\bfloat\b|[^/]/[^/]", sql
    )


def test_who_may_release_a_hold_is_a_capability_that_the_release_command_asks_for() -> None:
    """Regression: a seed row named `hold.release.timer`, which no role holds: nobody could release the hold."""
    for hold_type, seed in seed_rows().items():
        if seed["releasable"] == "true":
            assert seed["capability"] == f"hold.release.{seed['family']}", hold_type
            assert seed["capability"] in CAPABILITIES, hold_type
        else:
            assert not seed["capability"], hold_type


def test_the_documented_table_has_the_shipped_hold_types_in_the_order_of_the_seed() -> None:
    header, *rows = documented_rows()
    assert header == HEADER
    assert [row[0] for row in rows] == [f"`{name}`" for name in seed_rows()]


@pytest.mark.parametrize("hold_type", seed_rows())
def test_no_cell_of_the_documented_table_is_stale(hold_type: str) -> None:
    rows = {row[0]: row for row in documented_rows()}
    expected = expected_row(hold_type)
    assert rows[f"`{hold_type}`"] == expected, "docs/holds.md should say: | " + " | ".join(expected) + " |"


def test_every_countrys_example_fits_its_own_pattern_of_postal_codes_and_every_country_is_one() -> None:
    with (settings.DBT_PROJECT / "seeds" / "reference" / "postcode_patterns.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert {row["country"] for row in rows} <= set(COUNTRIES)
    bare = {
        row["country"]: re.sub("[^A-Z0-9]", "", re.sub("^[A-Z]{1,3}-(?=[0-9])", "", row["example"])) for row in rows
    }
    assert [row["country"] for row in rows if not re.fullmatch(row["pattern"], bare[row["country"]])] == []
