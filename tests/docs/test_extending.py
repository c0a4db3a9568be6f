"""docs/extending.md does what it says: its recipes are typed into a copy of the checkout and looked at."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from recipes import PAGE, apply, steps

from oms_dagster.settings import CHECKOUT

#: Lines that a recipe may have, apart from what is printed from it.
ABOUT_TEN = 36


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with every recipe in it; what belongs into the home lies in `given`."""
    folder = tmp_path_factory.mktemp("extending")
    ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
    for name in ("oms_dagster", "dbt_project"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=ignored)
    (folder / "docs" / "channels").mkdir(parents=True)
    for script in (CHECKOUT / "docs").glob("*.py"):
        shutil.copy(script, folder / "docs")
    for step in steps():
        if step.how == "checkout-command":
            run(folder, "-m", "oms_dagster.cli", *shlex.split(step.text)[1:])
        apply(step, folder, folder / "given")
    return folder


def run(scratch: Path, *command: str) -> None:
    """A Python of ours that imports the copy, not the checkout."""
    given = {k: v for k, v in os.environ.items() if not k.startswith(("OMS_", "DAGSTER_"))}
    done = subprocess.run(
        [sys.executable, *command], cwd=scratch, env={**given, "PYTHONPATH": str(scratch)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.fixture(scope="module")
def told(scratch: Path) -> dict[str, Any]:
    """What a home made by the extended code says."""
    (sql,) = [step.text for step in steps() if step.how == "home-sql"]
    run(scratch, str(Path(__file__).with_name("recipe_checks.py")), str(scratch / "given"), sql)
    found: dict[str, Any] = json.loads((scratch / "given" / "told.json").read_text())
    return found


def test_a_channel_is_a_yaml_file_and_one_bad_row_stops_only_its_order(told: dict[str, Any]) -> None:
    assert [row[1:] for row in told["channel"]] == [
        ["accepted", None],
        ["quarantined", "BAD_NUMBER"],
        ["accepted", None],
    ]
    assert "BAD_NUMBER" in PAGE.read_text()


def test_a_field_of_a_feed_is_captured_within_its_limits_and_published(told: dict[str, Any]) -> None:
    assert told["feed"] == [["D-1", "4.500000"]]
    assert told["feed_errors"] == [["OUT_OF_RANGE", "temperature_c"]]
    assert told["published"] == [["DECIMAL(18,6)"]]


def test_a_hold_is_found_above_its_limit_alone_and_blocks_what_its_row_says(told: dict[str, Any]) -> None:
    assert told["hold"] == [["kiosk-K-9", "5400.00", "1000.00"]], "12 lines of 10 at 50.00 EUR, at 0.9"
    assert told["hold_blocks"] == [[True]]


def test_a_document_gets_its_number_from_the_commit_and_the_same_bytes_each_time(told: dict[str, Any]) -> None:
    assert told["document"] == ["gate_pass-A-000001", "L-1", "%PDF-", True]


def test_a_kpi_is_published_and_drills_to_its_rows(told: dict[str, Any]) -> None:
    assert told["kpi"] == [[1, 2]]
    assert told["drill"] == ["Orders of ten lines or more", ["kiosk-K-9"]]


def test_a_command_is_sent_as_shown_and_accepted(told: dict[str, Any]) -> None:
    assert told["command"] == [["order.note", "kiosk-K-1", "accepted", "ring twice"]]


@pytest.mark.parametrize(
    ("script", "page", "word"),
    [
        (["-m", "oms_dagster.quality.pages", "docs/channels"], "docs/channels/deliveries.md", "temperature_c"),
        (["docs/dictionary.py"], "docs/data-dictionary.md", "temperature_c"),
        (["docs/print_commands.py"], "docs/commands.md", "order.note"),
        (["docs/print_kpis.py"], "docs/kpis.md", "long_order_rate"),
    ],
    ids=["channels", "dictionary", "commands", "kpis"],
)
def test_the_pages_are_printed_with_what_was_added(scratch: Path, script: list[str], page: str, word: str) -> None:
    assert " ".join(script).removeprefix("-m ") in PAGE.read_text()
    run(scratch, *script)
    assert word in (scratch / page).read_text()


def test_what_was_typed_is_as_clean_as_the_rest(scratch: Path) -> None:
    shutil.copy(CHECKOUT / "pyproject.toml", scratch)
    changed = sorted({step.path for step in steps() if step.path.endswith(".py")})
    run(scratch, "-m", "ruff", "check", "--no-cache", *changed)
    run(scratch, "-m", "ruff", "format", "--check", "--no-cache", *changed)


def test_a_recipe_is_short() -> None:
    lines: Counter[str] = Counter()
    for step in steps():
        lines[step.recipe] += len([line for line in step.text.splitlines() if line.strip()])
    assert len(lines) == 6
    assert {recipe: count for recipe, count in lines.items() if count > ABOUT_TEN} == {}
