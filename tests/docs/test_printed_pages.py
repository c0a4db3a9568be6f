"""Pages that are printed from the code are not stale, and say something of everything."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from oms_dagster import journey
from oms_dagster.operations.catalogue import COMMAND_TYPES
from oms_dagster.settings import CHECKOUT, DBT_PROJECT


def script(name: str) -> ModuleType:
    sys.path.insert(0, str(CHECKOUT / "docs"))
    try:
        return __import__(name)
    finally:
        sys.path.pop(0)


def models() -> Iterator[Path]:
    yield from sorted((DBT_PROJECT / "models" / "marts").glob("*/*.sql"))


@pytest.mark.parametrize("name", ["dictionary", "print_commands"])
def test_a_printed_page_is_not_stale(name: str) -> None:
    printer = script(name)
    assert printer.PAGE.read_text(encoding="utf-8") == printer.as_markdown(), f"run: python docs/{name}.py"


def test_every_published_table_says_its_grain_and_every_column_what_it_is() -> None:
    tables = [table for stage in journey.STAGES for table in script("dictionary").published(stage.name)]
    assert {table["name"] for table in tables} == {path.stem for path in models()}
    assert not [table["name"] for table in tables if not table["description"].startswith("One row per ")]
    silent = [f"{t['name']}.{c['name']}" for t in tables for c in t["columns"] if not c["description"] or not c["type"]]
    assert not silent


def test_no_definition_of_a_term_is_left_unresolved() -> None:
    page = script("dictionary").as_markdown()
    assert "{{" not in page and "doc(" not in page


def test_every_type_of_command_is_shown_with_a_command_line() -> None:
    page = script("print_commands").as_markdown()
    assert not [name for name in COMMAND_TYPES if f"oms command {name} --target ID" not in page]
