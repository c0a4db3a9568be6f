"""The demo's orders for each hold type: complete, and written as the channels and feeds would."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from oms_dagster import settings
from oms_dagster.domain.capture.records import RECORDS
from oms_dagster.simulate.held import cases, write_held

START = date(2026, 3, 2)
#: placed by a person, and by what the floor contradicts
OTHERWISE = {"MANUAL_USER", "DATA_CONFLICT"}


def test_each_type_that_a_rule_places_has_an_order_and_something_that_ends_it(tmp_path: Path) -> None:
    seed = settings.DBT_PROJECT / "seeds" / "policies" / "hold_types.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        types = {row["hold_type"] for row in csv.DictReader(file)}
    assert set(cases(START)) == types - OTHERWISE


def test_the_same_start_gives_the_same_bytes_and_every_column_is_a_field(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_held(tmp_path / name, START)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.csv"))
    assert len(files) > 5
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
        entity = file.stem.split("-")[0] if file.parent.name == "reference" else file.parent.name
        if entity != "pos":
            header = (tmp_path / "one" / file).read_text().splitlines()[0].split(",")
            assert set(header) <= set(RECORDS[entity].field_names), file
