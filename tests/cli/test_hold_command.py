"""`oms hold new` drafts all parts of a hold type, and refuses what would break the others."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from oms_dagster import settings
from oms_dagster.cli import main
from oms_dagster.new_hold import HoldError, draft_hold

ABOUT = "The order is worth more, much more, than goes without a look"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "dbt_project"
    for part in ("seeds", "macros", "models/intermediate/screening"):
        shutil.copytree(settings.DBT_PROJECT / part, folder / part)
    return folder


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_all_parts_are_written_and_what_was_there_stays(project: Path) -> None:
    before = table(project / "seeds/policies/hold_types.csv")
    written = draft_hold(project, "ORDER_VALUE_HIGH", "commercial", ABOUT)
    assert {path.name for path in written} == {
        "int_holds__order_value_high.sql", "hold_types.csv", "policies.csv", "holds.sql", "_holds__models.yml",
    }  # fmt: skip
    *old, new = table(project / "seeds/policies/hold_types.csv")
    assert old == before
    alike = next(row for row in before if row["family"] == "commercial")
    own = {"hold_type": "ORDER_VALUE_HIGH", "band": "prepare", "sla_hours": "24", "about": ABOUT}
    assert new == {**alike, **own}
    assert table(project / "seeds/policies/policies.csv")[-1]["policy_key"] == "order_value_high.limit"
    assert "'data_conflict',\n            'order_value_high',\n        ]," in (project / "macros/holds.sql").read_text()
    properties = yaml.safe_load((project / "models/intermediate/screening/holds/_holds__models.yml").read_text())
    assert properties["models"][-1]["name"] == properties["unit_tests"][-1]["model"] == "int_holds__order_value_high"


def test_the_draft_has_the_columns_of_the_other_rules_in_their_order(project: Path) -> None:
    draft_hold(project, "ORDER_VALUE_HIGH", "commercial", ABOUT)
    folder = project / "models/intermediate/screening/holds"

    def named(rule: str) -> list[str]:
        text = (folder / f"int_holds__{rule}.sql").read_text()
        return [
            line.rsplit(" as ", 1)[1].rstrip(",")
            for line in text.splitlines()
            if line.startswith("    ") and " as " in line
        ]

    assert named("order_value_high") == [name for name in named("order_below_min") if name != "remedy,"]


@pytest.mark.parametrize(
    ("name", "family", "about", "message"),
    [
        ("order value", "commercial", ABOUT, "use capitals"),
        ("CREDIT_LIMIT", "credit", ABOUT, "there is one already"),
        ("ORDER_VALUE_HIGH", "money", ABOUT, "use one of commercial, credit"),
        ("ORDER_VALUE_HIGH", "commercial", " ", "--about"),
    ],
)
def test_what_would_not_do_is_refused_in_one_line(
    project: Path, name: str, family: str, about: str, message: str
) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    with pytest.raises(HoldError, match=message):
        draft_hold(project, name, family, about)
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_the_command_prints_the_files_and_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "DBT_PROJECT", project)
    given = ["--family", "fraud", "--about", "Paid with a card that was stolen", "--home", str(tmp_path / "home")]
    assert main(["hold", "new", "STOLEN_CARD", *given]) == 0
    assert "int_holds__stolen_card.sql" in capsys.readouterr().out
    assert main(["hold", "new", "STOLEN_CARD", *given]) == 1
    assert capsys.readouterr().err.startswith("oms: hold type STOLEN_CARD: there is one already")
