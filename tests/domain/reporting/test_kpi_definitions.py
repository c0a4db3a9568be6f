"""Definitions of KPIs: what the seed must hold, and the page that is printed from it."""

import pytest

from oms_dagster import journey, settings
from oms_dagster.domain.reporting.definitions import as_markdown, read_definitions

SEED = settings.DBT_PROJECT / "seeds" / "reference" / "kpi_definitions.csv"
PAGE = settings.CHECKOUT / "docs" / "kpis.md"
HEAD = (
    "kpi,kpi_version,anchor,title,formula,unit,digits,numerator,denominator,population_date,aggregate,dimensions,"
    "higher_is_better,owner,drill_table,drill_sql\n"
)
ROW = "orders,1,,Orders,Orders placed,orders,0,orders,one day,placed,count,channel|segment,,team:planning,t,select 1\n"


@pytest.fixture(scope="module")
def definitions():
    return read_definitions(SEED.read_text())


def test_the_page_of_the_docs_is_not_stale(definitions):
    assert PAGE.read_text() == as_markdown(definitions), "run: python docs/print_kpis.py"


def test_the_three_anchors_of_on_time_are_all_defined(definitions):
    for kpi in ("otif_orders", "otif_lines"):
        assert [d.anchor for d in definitions if d.kpi == kpi] == ["requested", "first commitment", "latest commitment"]


def test_every_owner_is_a_team_of_the_journey(definitions):
    assert {d.owner for d in definitions} <= {stage.owner for stage in journey.STAGES}


def test_every_definition_takes_the_day_as_its_only_parameter(definitions):
    for definition in definitions:
        assert "$day" in definition.drill_sql
        assert definition.drill_sql.count("$") == definition.drill_sql.count("$day")


def test_a_definition_is_read_with_its_dimensions_and_no_direction():
    (found,) = read_definitions(HEAD + ROW)
    assert found.dimensions == ("channel", "segment")
    assert found.higher_is_better is None


def test_two_definitions_of_one_kpi_version_and_anchor_are_refused():
    with pytest.raises(ValueError, match="defined twice"):
        read_definitions(HEAD + ROW + ROW)


@pytest.mark.parametrize(("old", "new"), [(",count,", ",mean,"), ("segment,,", "segment,maybe,")])
def test_an_aggregate_or_direction_that_nobody_knows_is_refused(old, new):
    with pytest.raises(ValueError, match="none that we know"):
        read_definitions(HEAD + ROW.replace(old, new))
