"""Prints docs/data-dictionary.md from the models' own properties: `python docs/dictionary.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from oms_dagster import journey, settings

MODELS = settings.DBT_PROJECT / "models"
PAGE = Path(__file__).with_name("data-dictionary.md")

_INTRODUCTION = """# Data dictionary

Printed from the properties of the dbt models by `python docs/dictionary.py`; a test compares the two.

These are the published tables: schema `marts` of `published/current.duckdb`. Read them with `oms query`, or open the
link's real path read-only with any DuckDB client. Times are UTC, amounts net of tax unless the name says otherwise,
quantities in the base unit. `as_of` and `cycle_id` say which cycle a row was published by.
"""


def terms() -> dict[str, str]:
    """Definitions that several columns share, by name."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted((MODELS / "docs").glob("*.md")))
    blocks = re.findall(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", text, flags=re.DOTALL)
    return {name: " ".join(body.split()) for name, body in blocks}


def published(stage: str) -> Iterator[Mapping[str, Any]]:
    """Published tables of a stage, by name, with their descriptions resolved."""
    known = terms()

    def resolved(text: str | None) -> str:
        found = re.sub(r"{{\s*doc\('(\w+)'\)\s*}}", lambda match: known[match[1]], text or "")
        return " ".join(found.split())

    models = [
        model
        for file in sorted((MODELS / "marts" / stage).glob("_*__models.yml"))
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]
    for model in sorted(models, key=lambda model: str(model["name"])):
        yield {
            "name": model["name"],
            "description": resolved(model.get("description")),
            "columns": [
                {
                    "name": column["name"],
                    "type": column.get("data_type", ""),
                    "description": resolved(column.get("description")),
                }
                for column in model.get("columns", [])
            ],
        }


def as_markdown() -> str:
    """The page: a list of all tables, then each with its columns, in the order of the journey."""
    found = [(stage, list(published(stage.name))) for stage in journey.STAGES]
    parts = [_INTRODUCTION, "| stage | tables |", "| --- | --- |"]
    for stage, tables in found:
        links = ", ".join(f"[{table['name']}](#{table['name']})" for table in tables)
        parts.append(f"| {stage.title} | {links} |")
    for stage, tables in found:
        parts.append(f"\n## {stage.title}\n\n{stage.question}")
        for table in tables:
            parts += [
                f"\n### {table['name']}\n",
                f"{table['description']}\n",
                "| column | type | what |",
                "| --- | --- | --- |",
            ]
            parts += [f"| `{c['name']}` | {c['type']} | {_cell(c['description'])} |" for c in table["columns"]]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(as_markdown(), encoding="utf-8")
