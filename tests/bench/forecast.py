"""Bench of the demand forecast on a real year: a month held out, against the mean of 28 days and last week's weekdays.

Belongs here: demand of the shared order file by SKU and day, what is timed, the errors. It skips where the file is absent.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from oms_dagster.domain.inventory.forecast import BASELINE, HORIZON, Series, forecasts, predict

ORDERS = Path(__file__).parents[3] / "shared/data/orders/online_retail_2010_2011_cc0.parquet"


def demand() -> np.ndarray:
    """Units asked for: SKU x day."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            """select dense_rank() over (order by stock_code) - 1, date_diff('day', min(cast(invoice_ts as date)) over (),
                      cast(invoice_ts as date)), sum(quantity) from read_parquet(?)
               where quantity > 0 and unit_price_gbp > 0 and not is_cancellation group by stock_code, cast(invoice_ts as date)""",
            [str(ORDERS)],
        ).fetchall()
    units = np.zeros((max(row[0] for row in rows) + 1, max(row[1] for row in rows) + 1))
    for sku, day, quantity in rows:
        units[sku, day] = float(quantity)
    return units


def run() -> dict[str, Any]:
    """SKUs, seconds, and the WAPE of the month held out, by day and of the whole month, of the chosen methods and of two naive ones."""
    units = demand()
    learned, held_out = units[:, :-HORIZON], units[:, -HORIZON:]
    known = np.nonzero(learned[:, -182:].sum(axis=1) > 0)[0]
    series = [Series(f"{sku}", "", tuple(learned[sku, int(np.argmax(learned[sku] > 0)) :])) for sku in known]
    started, cpu = time.perf_counter(), time.process_time()
    made = list(forecasts(series))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    actual = held_out[known]
    chosen = np.array([one.quantity for one in made]) / 1000
    mean = np.array([predict(BASELINE, np.array(one.units), HORIZON) for one in series])
    seasonal = np.array([np.resize(np.array(one.units)[-7:], HORIZON) for one in series])
    inside = np.array([one.lower for one in made]) / 1000 <= actual
    inside &= actual <= np.array([one.upper for one in made]) / 1000
    return {
        "skus": len(series), "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
        **{
            f"{name}_{grain}": round(float(error), 3)
            for name, forecast in (("chosen", chosen), ("mean_28d", mean), ("seasonal_naive", seasonal))
            for grain, error in (
                ("wape_day", np.abs(forecast - actual).sum() / actual.sum()),
                ("wape_month", np.abs((forecast - actual).sum(axis=1)).sum() / actual.sum()),
                ("bias", forecast.sum() / actual.sum() - 1),
            )
        },
        "days_inside_range": round(float(inside.mean()), 3), "methods": dict(Counter(one.method for one in made).most_common()),
    }  # fmt: skip
