"""Empty crates at customers near a British distribution centre: our vehicles take them along when they pass.

Belongs here: which crate lies where, how many, since when. Does not belong here: what drivers say of it (`doors`).
"""

from __future__ import annotations

from datetime import date
from math import cos, hypot, radians
from pathlib import Path

from oms_dagster.simulate.customers import Customers
from oms_dagster.simulate.dice import between
from oms_dagster.simulate.feeds import SOURCE, feed_path
from oms_dagster.simulate.network import LOCATIONS
from oms_dagster.simulate.orders import epoch
from oms_dagster.simulate.tables import instant, write_record

CRATE = "CRATE"
#: Locations that collect, and how many of their nearest customers tell of empties, one after the other.
SITES, NEAREST = (0, 1), 10
A_DAY = 2


def write_crate(days: Path, day: date) -> int:
    """The crate as a SKU, for its weight and volume. Returns the number of files."""
    crate = {
        "sku_code": [CRATE], "name": ["Crate, empty, to be returned"], "unit": ["EA"], "weight_kg": ["1.9"], "volume_m3": ["0.045"],
        "cost": ["6.50"], "currency": ["GBP"], "is_active": ["true"],
    }  # fmt: skip
    write_record(days / day.isoformat() / "reference" / "skus.csv", "skus", crate)
    return 1


def write_empties(days: Path, seed: int, number: int, day: date, people: Customers) -> tuple[int, int]:
    """What a few customers a site tell in the morning of day ``number``. Returns rows and files."""
    at = epoch(day, 4 * 3600)
    rows = [
        (people.code[customer], site, between(seed, 4, 20, "empties", people.code[customer], day.isoformat()))
        for site in SITES
        for turn in range(A_DAY)
        for customer in [nearest(people, site)[(number * A_DAY + turn) % NEAREST]]
    ]
    columns = {
        "customer_code": [code for code, _, _ in rows],
        "address_code": ["MAIN"] * len(rows),
        "sku_code": [CRATE] * len(rows),
        "location_code": [LOCATIONS[site].code for _, site, _ in rows],
        "quantity": [crates for _, _, crates in rows],
        "event_at": [instant(at)] * len(rows),
        "source": [SOURCE] * len(rows),
    }
    return write_record(feed_path(days, day, "empties", "0415"), "empties", columns), 1


def nearest(people: Customers, site: int) -> list[int]:
    """The ordinary customers nearest to a location, the nearest first."""
    place = LOCATIONS[site]
    squeeze = cos(radians(place.latitude))
    ordinary = {int(index) for group in people.ordinary.values() for index in group}
    far = sorted(
        (hypot(people.latitude[i] - place.latitude, (people.longitude[i] - place.longitude) * squeeze), i)
        for i in ordinary
        if people.country[i] == place.country
    )
    return [i for _, i in far[:NEAREST]]
