"""The journey is the index: every list of stages says the same, in code, SQL, tests and screens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from source_tree import CHECKOUT, DBT, PACKAGE, TOWER

from oms_dagster import journey
from oms_dagster.domain.ledger import BUCKETS, RESERVED
from oms_dagster.warehouse.tables import FACTS, PLANS, TABLES

STAGES = [stage.name for stage in journey.STAGES]


def folders(path: Path) -> set[str]:
    """Folders with something in them."""
    return {
        p.name
        for p in path.iterdir()
        if p.is_dir() and not p.name.startswith(("_", ".")) and any(q.is_file() for q in p.rglob("*"))
    }


def test_the_journey_is_told_once_and_in_order() -> None:
    assert STAGES == (
        [
            "capture",
            "screening",
            "inventory",
            "sourcing",
            "release",
            "loads",
            "routes",
            "fulfilment",
            "documents",
            "delivery",
            "settlement",
            "returns",
            "reporting",
        ]
    )
    assert len({stage.title for stage in journey.STAGES}) == len(STAGES)
    assert all(stage.question.endswith("?") and stage.owner.startswith("team:") for stage in journey.STAGES)
    assert not set(journey.BESIDE) & set(STAGES)


@pytest.mark.parametrize(
    "place",
    [PACKAGE / "domain", DBT / "models" / "intermediate", DBT / "models" / "marts", CHECKOUT / "tests" / "domain"],
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_every_folder_of_a_layer_is_a_stage(place: Path) -> None:
    assert folders(place) <= set(STAGES)


def test_every_domain_folder_is_tested_under_the_same_name() -> None:
    tests = folders(CHECKOUT / "tests" / "domain") | (
        {"capture"} if list((CHECKOUT / "tests" / "warehouse").glob("test_gate_*.py")) else set()
    )
    assert folders(PACKAGE / "domain") <= tests


def test_every_mart_lies_below_a_stage_and_every_stage_publishes_or_feeds_one() -> None:
    published = folders(DBT / "models" / "marts")
    assert not list((DBT / "models" / "marts").glob("*.sql"))
    assert set(STAGES) - published == set(), f"no mart of {set(STAGES) - published}"


def test_the_pages_of_the_tower_are_those_of_the_journey_and_show_every_stage() -> None:
    assert {stage for shown in journey.PAGES.values() for stage in shown} == set(STAGES)
    pages = {page.stem for page in (TOWER / "app_pages").glob("*.py") if not page.name.startswith("_")}
    assert pages == set(journey.PAGES)


def test_what_dbt_calls_a_source_is_what_python_writes() -> None:
    """Regression: a table that dbt reads and nobody writes is an empty mart, and no error."""
    for name, tables in (("facts", FACTS), ("plans", PLANS)):
        text = next((DBT / "models" / "staging" / name).glob("*__sources.yml")).read_text()
        declared = {t["name"]: t["description"] for s in yaml.safe_load(text)["sources"] for t in s["tables"]}
        assert set(declared) == {table.name for table in tables}
        assert all(about.startswith("One row") for about in declared.values())
    for file in (DBT / "models").rglob("*.yml"):
        for source in (yaml.safe_load(file.read_text()) or {}).get("sources", ()):
            assert {f"{source['schema']}.{t['name']}" for t in source["tables"]} <= set(TABLES), file


def test_every_table_says_its_grain_and_its_key_is_made_of_its_columns() -> None:
    for table in TABLES.values():
        assert table.about.startswith("One row"), table.full_name
        assert set(table.key) <= set(table.column_names), table.full_name
        assert len(set(table.column_names)) == len(table.column_names), table.full_name
        assert not any(kind in ("double", "float", "real") for _, kind in table.columns), (
            f"{table.full_name}: sums of doubles differ from run to run"
        )
    assert all({"cycle_seq", "recorded_at"} <= set(table.column_names) for table in FACTS)


def test_the_ledger_buckets_are_the_same_list_in_sql_and_in_python() -> None:
    text = (DBT / "macros" / "ledger.sql").read_text()
    lists = {
        name: re.findall(r"'(\w+)'", body)
        for name, body in re.findall(r"macro (\w+)\(\).*?return\(\[(.*?)\]\)", text, flags=re.DOTALL)
    }
    assert tuple(lists["ledger_buckets"]) == BUCKETS
    assert tuple(lists["reserved_buckets"]) == RESERVED


def test_sources_are_read_in_staging_only_but_for_the_cycle_and_what_it_committed() -> None:
    wrong = []
    for layer in ("intermediate", "marts"):
        for file in sorted((DBT / "models" / layer).rglob("*.sql")):
            for source, table in re.findall(r"source\('(\w+)',\s*'(\w+)'\)", file.read_text()):
                if (source, table) != ("plans", "cycle") and source != "committed":
                    wrong.append(f"{file.relative_to(DBT)}: {source}.{table}")
    assert not wrong, "\n".join(wrong)
