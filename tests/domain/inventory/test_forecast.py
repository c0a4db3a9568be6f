"""Demand forecasts: the backtest finds the method that made the series, and says how wrong it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.inventory.forecast import (
    BASELINE,
    HORIZON,
    INTERMITTENT,
    METHODS,
    Forecast,
    Series,
    folds,
    forecasts,
    predict,
)


def made(units) -> Forecast:
    (one,) = forecasts([Series("A", "LON", tuple(map(float, units)))])
    return one


def test_a_weekly_season_is_forecast_by_weekday():
    week = (10, 12, 14, 11, 30, 0, 2)
    one = made(week * 12)
    assert one.method in ("seasonal_mean", "seasonal_ses")
    assert one.quantity[:7] == tuple(1000 * day for day in week)
    assert one.wape == 0
    assert one.baseline_wape > 0.5


def test_a_trend_is_carried_on():
    one = made(range(20, 110))
    assert one.method == "holt"
    assert one.quantity[0] == pytest.approx(110_000, abs=500)
    assert one.quantity[9] == pytest.approx(119_000, abs=1500)
    assert one.wape < one.baseline_wape


def test_intermittent_demand_that_dies_out_leaves_the_mean_of_28_days():
    rng = np.random.default_rng(4)
    lively = rng.poisson(9.0, 150) * (rng.random(150) < 0.45)
    quiet = rng.poisson(1.0, 26) * (rng.random(26) < 0.2)
    one = made(np.concatenate([lively, quiet]))
    assert one.method in INTERMITTENT
    assert one.quantity[0] < 4_000


def test_noise_around_a_level_stays_with_the_mean():
    assert made(np.random.default_rng(1).poisson(20, 28)).method == BASELINE


@pytest.mark.parametrize(("units", "mean"), [((4,), 4000), ((0, 0, 6), 2000), ((3, 0), 1500)])
def test_a_young_series_is_forecast_by_its_mean(units, mean):
    one = made(units)
    assert (one.method, one.quantity) == (BASELINE, (mean,) * HORIZON)
    assert one.history_days == len(units)


def test_without_demand_in_the_days_held_out_there_is_no_error_to_show():
    assert made([5] + [0] * 60).wape is None


def test_less_than_a_week_held_out_says_nothing_of_the_error():
    """Regression: two days of history gave an error of 100 % and a bias of -100 %, as if the method were no good."""
    one = made([0, 4])
    assert (one.wape, one.bias, one.baseline_wape) == (None, None, None)
    assert made([4, 2] * 7).wape is not None


def test_the_backtest_learns_from_half_of_the_history_at_least():
    for days in range(200):
        cuts, step = folds(days)
        assert all(cut >= days - cut and cut + step <= days for cut in cuts), days
    assert folds(100) == ((72, 79, 86, 93), 7)
    assert folds(1) == ((), 1)


def test_bias_is_above_0_where_too_much_was_expected():
    falling = [40] * 40 + [10] * 28
    one = made(falling)
    assert one.bias > 0
    assert one.wape >= one.bias


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=80))
def test_a_forecast_lies_in_its_range_and_is_the_same_each_time(units):
    one = made(units)
    assert one.method in METHODS
    assert all(0 <= low <= mean <= high for low, mean, high in zip(one.lower, one.quantity, one.upper, strict=True))
    assert one == made(units)
    assert one.wape is None or one.wape >= abs(one.bias)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_expects_less_than_nothing(method):
    falling = np.array([float(max(0, 60 - day)) for day in range(70)])
    assert (predict(method, falling, HORIZON) >= 0).all()
