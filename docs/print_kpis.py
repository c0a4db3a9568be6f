"""Prints docs/kpis.md from the definitions seed: `python docs/print_kpis.py`."""

from pathlib import Path

from oms_dagster import settings
from oms_dagster.domain.reporting.definitions import as_markdown, read_definitions

SEED = settings.DBT_PROJECT / "seeds" / "reference" / "kpi_definitions.csv"

if __name__ == "__main__":
    Path(__file__).with_name("kpis.md").write_text(as_markdown(read_definitions(SEED.read_text())))
