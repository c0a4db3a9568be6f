"""The rules that SQL names to the solver are the solver's own."""

from __future__ import annotations

import re

from oms_dagster import settings
from oms_dagster.domain.sourcing.problem import Blocked
from oms_dagster.warehouse.policies import objection


def test_codes_of_rules_are_those_of_the_solver() -> None:
    macro = (settings.DBT_PROJECT / "macros" / "sourcing.sql").read_text(encoding="utf-8")
    codes = {name: int(code) for name, code in re.findall(r"'(\w+)': (\d+)", macro)}
    assert codes
    assert {name: Blocked[name.upper()].value for name in codes} == codes


def test_only_rules_that_may_give_way_can_be_soft() -> None:
    for value in ("none", "max_splits", "customer_exclusion|rejected_recently"):
        assert objection("rules", value) is None
    for value in ("hazard", "max_splits|temperature", "", "max_splits|"):
        assert "customer_exclusion, rejected_recently, max_splits" in (objection("rules", value) or "")
