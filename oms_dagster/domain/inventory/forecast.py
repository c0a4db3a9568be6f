"""Demand forecast: a method for each series, chosen by backtest, with its error and a range.

Belongs here: the candidates, the backtest and the choice. Does not belong here: which demand counts (`int_demand__daily`),
when a forecast is due (`warehouse.forecast`).

Methods are those of statsforecast (Croston, Syntetos and Boylan, Teunter and others for intermittent demand; exponential
smoothing and seasonal means for the rest). The library takes seconds to import: only a forecast that is made pays for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

#: Days that are forecast.
HORIZON = 28
#: Days of history that are looked at, at most.
HISTORY = 182
WEEK = 7
#: Mean days between two days with demand from which on a series is intermittent (Syntetos, Boylan and Croston 2005).
INTERMITTENT_FROM = 1.32
#: The mean stays, unless another method's backtest is better by this share: methods that hardly differ don't take turns.
MARGIN = 0.10
#: Share of days that may lie below the range, and as many above it.
TAIL = 0.1
#: Weeks held out one by one to choose the method, and to find how far it misses.
CHOSEN_IN, JUDGED_IN = 4, 8

BASELINE = "mean_28d"
INTERMITTENT = ("croston", "croston_sba", "tsb", "adida", "imapa")
REGULAR = ("ses", "holt", "seasonal_ses")
SEASONAL = ("seasonal_mean",)
METHODS = (BASELINE, *INTERMITTENT, *REGULAR, *SEASONAL)

Days = np.ndarray


@dataclass(frozen=True, slots=True)
class Series:
    """Units asked for by day, from the first day with demand to the last whole day; a day without demand is 0."""

    sku_id: str
    location_id: str
    units: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Units by day from the day after the history.

    Attributes
    ----------
    quantity, lower, upper
        In thousandths of a unit. Four days of five should lie between `lower` and `upper`: a conformal range, from the errors
        of up to eight weeks held out (Vovk, Gammerman and Shafer 2005). It promises that for demand that goes on as it was.
    wape, bias
        Of the backtest: the sum of the absolute errors, and of the errors (forecast less demand), over the demand of the
        days held out; None when there was none, or less than a week could be held out.
    baseline_wape
        The same of the mean of 28 days.
    deviation
        Standard deviation of a day's error in thousandths of a unit.
    tested_days
        Days that the backtest held out.
    """

    sku_id: str
    location_id: str
    method: str
    quantity: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]
    wape: float | None
    bias: float | None
    baseline_wape: float | None
    deviation: int
    history_days: int
    tested_days: int


def forecasts(series: Iterable[Series]) -> Iterator[Forecast]:
    """Forecast each series by the method with the smallest squared error in its backtest.

    Squares, since the absolute error of intermittent demand is smallest for a forecast of nothing.
    """
    for one in series:
        yield _forecast(one)


def folds(days: int, most: int = CHOSEN_IN) -> tuple[tuple[int, ...], int]:
    """Where the backtest cuts a history of some days, and how many days it forecasts from each cut.

    Some weeks one by one; fewer and shorter ones while the history is young: half of it at least is for learning.
    """
    step = WEEK if days >= 2 * WEEK else max(1, days // 4)
    count = min(most, days // 2 // step)
    return tuple(days - step * turn for turn in range(count, 0, -1)), step


def candidates(units: Days) -> tuple[str, ...]:
    """The methods that a history is long enough and of the kind for, the baseline first."""
    with_demand = int(np.count_nonzero(units))
    names = [BASELINE]
    if with_demand >= 2:
        intermittent = len(units) / with_demand >= INTERMITTENT_FROM
        names += INTERMITTENT if intermittent else [name for name in REGULAR if name == "ses" or len(units) >= 4 * WEEK]
    if len(units) >= 4 * WEEK:
        names += SEASONAL
    return tuple(names)


def _forecast(series: Series) -> Forecast:
    units = np.asarray(series.units[-HISTORY:], dtype=np.float64)
    cuts, step = folds(len(units))
    held_out = np.concatenate([units[cut : cut + step] for cut in cuts]) if cuts else np.zeros(0)
    errors = {
        name: np.concatenate([predict(name, units[:cut], step) for cut in cuts]) - held_out
        for name in (candidates(units) if cuts else ())
    }
    method = _best(errors)
    mean = predict(method, units, HORIZON)
    judged = len(held_out) >= WEEK
    missed = _missed(method, units) if judged else units - units.mean()
    low, high = _range(missed)
    asked = float(held_out.sum())

    def share(values: Days) -> float | None:
        return float(values.sum()) / asked if asked > 0 else None

    return Forecast(
        series.sku_id,
        series.location_id,
        method,
        _thousandths(mean),
        _thousandths(np.maximum(0, mean + min(0.0, low))),
        _thousandths(mean + max(0.0, high)),
        share(np.abs(errors[method])) if judged else None,
        share(errors[method]) if judged else None,
        share(np.abs(errors[BASELINE])) if judged else None,
        round(float(np.sqrt(np.mean(missed**2))) * 1000),
        len(units),
        len(held_out),
    )


def _missed(method: str, units: Days) -> Days:
    """Demand less forecast of each day held out."""
    cuts, step = folds(len(units), JUDGED_IN)
    return np.concatenate([units[cut : cut + step] - predict(method, units[:cut], step) for cut in cuts])


def _range(missed: Days) -> tuple[float, float]:
    """The misses of which one more day like them lies below or above with a chance of `TAIL` each."""
    ranked = np.sort(missed)
    beyond = max(1, int((len(ranked) + 1) * TAIL))
    return float(ranked[beyond - 1]), float(ranked[-beyond])


def _best(errors: Mapping[str, Days]) -> str:
    score = {name: float(np.mean(error**2)) for name, error in errors.items()}
    best = min(score, key=lambda name: (round(score[name], 9), METHODS.index(name)), default=BASELINE)
    return best if score and score[best] < (1 - MARGIN) * score[BASELINE] else BASELINE


def _thousandths(values: Days) -> tuple[int, ...]:
    return tuple(int(value) for value in np.rint(values * 1000))


def predict(name: str, units: Days, horizon: int) -> Days:
    """What a method expects of the next days, never below 0.

    Parameters
    ----------
    name
        One of `METHODS`.
    units
        History by day, oldest first.
    """
    if name == BASELINE:
        return np.full(horizon, units[-28:].mean())
    if name == "seasonal_mean":
        weeks = min(4, len(units) // WEEK)
        if weeks == 0:
            return np.full(horizon, units.mean())
        return np.resize(units[-weeks * WEEK :].reshape(weeks, WEEK).mean(axis=0), horizon)
    if np.count_nonzero(units) < 2 or len(units) < 2 * WEEK:
        return np.full(horizon, units[-28:].mean())
    mean = np.asarray(_models()[name].forecast(y=units, h=horizon)["mean"], dtype=np.float64)
    return np.maximum(0.0, np.nan_to_num(mean, nan=float(units[-28:].mean())))


@lru_cache(maxsize=1)
def _models() -> Mapping[str, Any]:
    from statsforecast import models

    return {
        "croston": models.CrostonClassic(),
        "croston_sba": models.CrostonSBA(),
        "tsb": models.TSB(alpha_d=0.1, alpha_p=0.1),
        "adida": models.ADIDA(),
        "imapa": models.IMAPA(),
        "ses": models.SimpleExponentialSmoothingOptimized(),
        "holt": models.Holt(season_length=1, error_type="A"),
        "seasonal_ses": models.SeasonalExponentialSmoothingOptimized(season_length=WEEK),
    }
