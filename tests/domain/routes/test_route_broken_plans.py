"""Accepted plans of many random days, each broken in every way that there is: the checker catches each by its rule."""

from __future__ import annotations

from functools import cache

import breaking_hours  # noqa: F401 - fills WAYS
import breaking_plans  # noqa: F401 - fills WAYS
import pytest
from altering_plans import WAYS
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from routing_days import HOUR, KINDS, calm_day, pickup_day, tight_day, van

from oms_dagster.domain.routes import verify
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import Problem
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.solving import Budget


@cache
def accepted(seed: int) -> tuple[Problem, Plan]:
    """A random tight day, a calm day with two trips, or (from then on) a day with pick-ups, as planned."""
    if seed == KINDS:
        problem = calm_day(
            vehicles=(van(1, capacity_g=300_000, max_trips=2, shift_end_s=20 * HOUR), van(2, max_stops=1))
        )
    else:
        problem = tight_day(seed) if seed < KINDS else pickup_day(seed - KINDS)
    plan = solve(problem, Budget(60), seed)
    assert verify.check(problem, plan) == ()
    return problem, plan


ANY_DAY = range(KINDS + 3)
#: Ways that need a day with pick-ups.
DAYS = dict.fromkeys(("too_much_on_the_way", "a_pickup_is_on_board_at_the_departure"), range(KINDS + 1, KINDS + 20))


def test_each_rule_has_a_way_to_be_broken():
    assert set(WAYS) == set(verify.RULES)


@pytest.mark.parametrize(("rule", "way"), [(rule, way) for rule in sorted(WAYS) for way in WAYS[rule]])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_broken_plan_is_caught(rule: str, way, data: st.DataObject):
    problem, plan = accepted(data.draw(st.sampled_from(DAYS.get(way.__name__, ANY_DAY))))
    assume(plan.loads)
    broken = way(data.draw, problem, plan)
    assert rule in {finding.rule for finding in verify.check(*broken)}
