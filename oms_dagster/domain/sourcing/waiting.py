"""What it costs to let a line wait: the yardstick by which everything else of sourcing is dear or cheap.

Belongs here: the cost of a backorder. Does not belong here: who waits (`solve`, `queue`), or for which supply (`pegging`).
"""

from __future__ import annotations

import numpy as np

from oms_dagster.domain.sourcing.problem import Bools, Ints


def backorder_cents(
    waiting_cents: Ints,
    at_risk_cents: Ints,
    may_ship: Bools,
    line_cents: Ints,
    shipment_cents: Ints,
    latest_day: int,
    transit_days: Ints,
    due_day: Ints,
    late_cents_per_day: Ints,
) -> tuple[Ints, Ints]:
    """What leaving each line on backorder costs, in cents: the whole line, and what of it the smallest part bears in full.

    What waits ships later, in a shipment of its own, and pays for it then: freight and lateness put off are not saved. So
    they count, at the dearest way that the line has now, and a line that can ship never waits because of them. Who waits where
    there isn't enough for all is decided by what waiting itself costs, and by what is at risk.

    Parameters
    ----------
    waiting_cents : (L,)
        What the days of waiting cost.
    at_risk_cents : (L,)
        What is lost on average because a customer who waits may leave.
    may_ship : (L, W)
        Places that may ship the line.
    line_cents, shipment_cents : (L, W)
        What it costs to ship the whole line from each place, and a shipment of its own beside what ships now.
    latest_day
        Last day on which it could ship.
    transit_days : (L, W)
    due_day, late_cents_per_day : (L,)
        Lateness, as in `SourcingProblem`.
    """
    late = np.maximum(latest_day + transit_days - due_day[:, None], 0) * late_cents_per_day[:, None]
    shipment = np.where(may_ship, shipment_cents, 0).max(axis=1, initial=0)
    dearest = np.where(may_ship, line_cents + shipment_cents + late, 0).max(axis=1, initial=0)
    whole = np.asarray(waiting_cents + at_risk_cents + dearest + shipment, dtype=np.int64)
    return whole, np.asarray(shipment, dtype=np.int64)
