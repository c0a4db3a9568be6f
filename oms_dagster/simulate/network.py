"""Where goods lie and what carries them: locations, bins, own fleet with drivers, carriers with tariffs.

Belongs here: the fixed network of the simulated distributor. Does not belong here: how much lies there (`stock`).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from oms_dagster.simulate.tables import write_record


class Location(NamedTuple):
    """A place that serves orders; times are local to `timezone`."""

    code: str
    name: str
    kind: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    opens: str
    closes: str
    cutoff: str
    ships_on: str
    holidays: str
    processing_days: int
    handling_cost: str
    max_lines_day: int


def _locations(lines_a_day: int) -> tuple[Location, ...]:
    uk, de = "Europe/London", "Europe/Berlin"
    big, small = max(2000, 3 * lines_a_day), max(120, lines_a_day // 10)
    return (
        Location("DC-DAV", "Daventry DC", "dc", "1 Royal Oak Way", "NN11 8AB", "Daventry", "GB", 52.2610, -1.1600, uk,
                 "05:00", "22:00", "16:00", "1-6", "GB-ENG", 0, "1.10", big),
        Location("DC-WAR", "Warrington DC", "dc", "8 Omega Drive", "WA5 3UG", "Warrington", "GB", 53.4080, -2.6600, uk,
                 "05:00", "22:00", "16:00", "1-6", "GB-ENG", 0, "1.25", big),
        Location("DC-KAS", "Kassel DC", "dc", "Heinrich-Hertz-Straße 9", "34123", "Kassel", "DE", 51.2900, 9.5300, de,
                 "05:00", "22:00", "15:30", "1-6", "DE-HE", 0, "1.20", big),
        Location("ST-LON", "London trade counter", "store", "40 Wharf Road", "SE8 5RT", "London", "GB", 51.4840,
                 -0.0330, uk, "07:00", "19:00", "15:00", "1-6", "GB-ENG", 0, "2.40", small),
        Location("ST-BER", "Berlin trade counter", "store", "Hafenstraße 12", "10179", "Berlin", "DE", 52.5110, 13.4200,
                 de, "07:00", "19:00", "15:00", "1-6", "DE-BE", 0, "2.60", small),
        Location("VN-HAM", "Elbe Technik (drop-ship)", "vendor", "Industriestraße 77", "20539", "Hamburg", "DE",
                 53.5280, 10.0300, de, "08:00", "17:00", "11:00", "1-5", "DE-HH", 1, "0.00", big),
    )  # fmt: skip


LOCATIONS = _locations(480)
LOCATION_CODES = tuple(location.code for location in LOCATIONS)
DCS, STORES, VENDOR = (0, 1, 2), (3, 4), 5
#: share of a country's demand that its DCs are stocked for, by location
STOCK_SHARE = {"GB": {0: 0.6, 1: 0.4}, "DE": {2: 1.0}}
VAN_PAYLOAD_KG = 1000
_VEHICLES = (  # class, payload kg, volume m3, stops, value, temperatures, hazard, cost/km, cost/h, cost/day, cargo space in mm
    ("van", VAN_PAYLOAD_KG, "9.5", 40, "25000.00", "ambient", "false", "0.42", "16.50", "55.00", 3100, 1750, 1760),
    ("van", VAN_PAYLOAD_KG, "9.5", 40, "25000.00", "ambient", "true", "0.42", "16.50", "55.00", 3100, 1750, 1760),
    ("7.5t", 2800, "32.0", 30, "60000.00", "ambient", "true", "0.71", "18.00", "95.00", 6100, 2400, 2190),
    ("chilled", 1600, "14.0", 30, "40000.00", "ambient|chilled|frozen", "false", "0.66", "17.50", "90.00", 3800, 1900, 1940),
)  # fmt: skip
#: An electric van for the towns around the first DC: small, cheap, never far, and out several times a day.
_CITY = ("city van", 150, "0.9", 2, "3000.00", "ambient", "false", "0.05", "13.00", "12.00", 1200, 850, 880)
_CITY_TRIPS, _CITY_DRIVE_MIN = 3, 120
#: Of the vehicles by number, one is loaded at a yard of its own, nearer to its customers than its DC.
_OWN_BASE = {6: ("53.463000", "-2.320000")}
#: Units of each SKU that stay on a store's floor.
_FLOOR = 2
#: Drivers come to load what the picked wave of the evening and the first of the morning left, and leave at nine
_SHIFTS = (("08:30", "18:00"), ("08:30", "17:30"), ("08:30", "18:30"), ("08:30", "17:00"))
_NAMES = ("Ellis", "Novak", "Hughes", "Brandt", "Okoye", "Fischer", "Patel", "Winter", "Doyle", "Kaya", "Reid", "Vogt")


def write_network(
    folder: Path,
    lines_a_day: int,
    vehicles: int,
    valid_from: date,
    countries: tuple[str, ...],
    start: date,
    codes: tuple[str, ...] = LOCATION_CODES,
) -> int:
    """Write locations with their calendars, vehicles, drivers, carriers, tariffs and trailers; returns the number of files."""
    rows = [place._replace(code=code) for place, code in zip(_locations(lines_a_day), codes, strict=True)]
    names = ["location_code" if name == "code" else name for name in Location._fields]
    hours = {  # what its lines take to pick, its docks and what they do
        "pick_hours_day": [place.max_lines_day // 32 for place in rows],
        "dock_hours_day": [20 if place.kind == "dc" else 6 for place in rows],
        "docks": [2 if place.kind == "dc" else None for place in rows],
        "floor_minimum": [_FLOOR if place.kind == "store" else None for place in rows],
    }
    write_record(folder / "locations.csv", "locations", dict(zip(names, zip(*rows, strict=True), strict=True)) | hours)
    _write_fleet(folder, vehicles, codes)
    _write_carriers(folder, valid_from, countries)
    _write_trailers(folder, countries, codes)
    _write_closures(folder, start, codes)
    return 7


def write_bins(
    folder: Path,
    codes: list[str],
    temperature: list[str],
    hazard: list[str],
    stocked: np.ndarray,
    locations: tuple[str, ...] = LOCATION_CODES,
) -> int:
    """Write `bins` for each SKU and location where `stocked` (SKU x location) is true; aisles by class of goods."""
    zone = ["HAZ" if h != "none" else {"ambient": "AMB", "chilled": "CHL", "frozen": "FRZ"}[t]
            for t, h in zip(temperature, hazard, strict=True)]  # fmt: skip
    order = np.argsort(np.array(zone), kind="stable")
    walk = np.empty(len(codes), dtype=np.int64)
    walk[order] = np.arange(len(codes))
    place, sku = np.nonzero(stocked.T)
    step = walk[sku].tolist()
    return write_record(
        folder / "bins.csv",
        "bins",
        {
            "location_code": [locations[p] for p in place],
            "sku_code": [codes[s] for s in sku],
            "bin": [
                f"{zone[s][0]}{w // 40 + 1:02d}-{w % 40 // 4 + 1:02d}-{w % 4 + 1}"
                for s, w in zip(sku, step, strict=True)
            ],
            "zone": [zone[s] for s in sku],
            "pick_sequence": [10 * (w + 1) for w in step],
        },
    )


def _write_fleet(folder: Path, count: int, codes: tuple[str, ...]) -> None:
    home = [*(DCS[i // len(_VEHICLES) % len(DCS)] for i in range(count)), DCS[0]]
    kinds = [*(_VEHICLES[i % len(_VEHICLES)] for i in range(count)), _CITY]
    numbers = range(1, len(kinds) + 1)
    code, driver = [f"VEH-{i:03d}" for i in numbers], [f"DRV-{i:03d}" for i in numbers]
    place = [LOCATIONS[h] for h in home]
    columns = dict(zip(
        ("vehicle_class", "payload_kg", "volume_m3", "max_stops", "max_value", "temperature_classes", "hazard_ok",
         "cost_km", "cost_hour", "cost_day", "cargo_length_mm", "cargo_width_mm", "cargo_height_mm"), zip(*kinds, strict=True), strict=True))  # fmt: skip
    write_record(
        folder / "vehicles.csv",
        "vehicles",
        columns
        | {
            "vehicle_code": code,
            "plate": [f"{'OM' if p.country == 'GB' else 'KS-OM'} {100 + i}" for i, p in enumerate(place)],
            "location_code": [codes[h] for h in home],
            "currency": ["GBP"] * len(kinds),
            "driver_code": driver,
            "is_active": ["true"] * len(kinds),
            "max_trips": [_CITY_TRIPS if kind is _CITY else None for kind in kinds],
            "base_latitude": [_OWN_BASE.get(i, (None, None))[0] for i in numbers],
            "base_longitude": [_OWN_BASE.get(i, (None, None))[1] for i in numbers],
            "toll_km": ["0.19" if kind[0] == "7.5t" else None for kind in kinds],
            "skills": ["tail-lift" if kind[0] in ("7.5t", "chilled") else None for kind in kinds],
        },
    )
    write_record(
        folder / "drivers.csv",
        "drivers",
        {
            "driver_code": driver,
            "name": [f"{chr(65 + i * 7 % 26)}. {_NAMES[i % len(_NAMES)]}" for i in range(len(kinds))],
            "location_code": [codes[h] for h in home],
            "shift_from": [_SHIFTS[i % len(_SHIFTS)][0] for i in range(len(kinds))],
            "shift_to": [_SHIFTS[i % len(_SHIFTS)][1] for i in range(len(kinds))],
            "max_drive_min": [_CITY_DRIVE_MIN if kind is _CITY else 540 for kind in kinds],
            "is_active": ["true"] * len(kinds),
            "skills": ["two-person" if i % 4 == 2 else None for i in range(len(kinds))],
            "max_overtime_min": [60 if i % 3 == 0 else None for i in range(len(kinds))],
            "overtime_hour": ["9.00" if i % 3 == 0 else None for i in range(len(kinds))],
        },
    )


#: country -> zone prefix -> (factor on the base, more days); the rest of the world counts as zone abroad
_ZONES = {
    "GB": {"": (1.0, 0), "AB": (1.4, 1), "IV": (1.8, 1), "BT": (1.9, 2)},
    "DE": {"": (1.05, 0), "17": (1.15, 0), "18": (1.15, 1), "25": (1.3, 1)},
}
_SERVICES = (  # carrier, service, base, per kg, fuel %, max kg, days, volumetric divisor, weight breaks, surcharges, parcels
    ("NORTHLINE", "standard", 4.20, "0.280000", "7.5", "31.5", 2, "5000", "", "toll:0.19", 3),
    ("NORTHLINE", "express", 7.90, "0.450000", "7.5", "31.5", 1, "5000", "", "toll:0.19", 3),
    ("NORTHLINE", "pallet", 39.00, "0.095000", "9", "1200", 2, "", "", "hazard:14.00|frozen:9.00", 1),
    ("HANSE", "standard", 4.60, "0.240000", "6", "40", 2, "6000", "2:4.30|5:5.10|10:6.40", "", 2),
    ("HANSE", "pallet", 36.00, "0.110000", "8", "1000", 3, "", "", "hazard:18.00", 1),
)
#: Working days (Monday to Saturday) of a carrier's service, of a hired trailer
TRANSIT_DAYS = {(service[0], service[1]): service[6] for service in _SERVICES}
TRAILER_DAYS = 2
#: trailer, payload kg, m3, pallet places, stops, trip, stop, temperatures, hazard, floor m, kingpin m, axles m, their limits kg, inside width and height mm
_TRAILERS = (
    ("7.5t", 2800, "32.0", 10, 12, "235.00", "9.00", "ambient", "true", "6.1", "", "", "", "", 2400, 2190),
    ("13.6m", 24000, "88.0", 26, 20, "520.00", "9.00", "ambient", "true", "13.6", "1.6", "9.3", "13000", "24000", 2450, 2640),
    ("chilled-18t", 8000, "42.0", 14, 12, "440.00", "11.00", "ambient|chilled|frozen", "false", "7.2", "", "", "", "", 2450, 2390),
)  # fmt: skip


def _write_closures(folder: Path, start: date, codes: tuple[str, ...]) -> None:
    """The vendor is shut on the third day, and Kassel works on its next Sunday."""
    sunday = start + timedelta(days=6 - start.weekday())
    write_record(
        folder / "calendar_exceptions.csv",
        "calendar_exceptions",
        {
            "calendar_code": [codes[VENDOR], codes[2]],
            "day": [(start + timedelta(days=2)).isoformat(), sunday.isoformat()],
            "is_open": ["false", "true"],
            "note": ["stock-taking", "quarter's end"],
        },
    )


def _write_carriers(folder: Path, valid_from: date, countries: tuple[str, ...]) -> None:
    write_record(
        folder / "carriers.csv",
        "carriers",
        {
            "carrier_code": ["NORTHLINE", "HANSE"],
            "name": ["Northline Parcels", "Hanse Paket"],
            "pickup_at": ["17:30", "16:45"],
            "works_on": ["1-6", "1-5"],
            "is_active": ["true", "true"],
            "max_parcels_day": ["", "250"],
        },
    )
    rows = [
        (
            carrier,
            service,
            country,
            prefix,
            f"{base * factor:.2f}",
            kg,
            fuel,
            top,
            days + more,
            "GBP",
            valid_from.isoformat(),
            "ambient|chilled|frozen" if service == "pallet" else "",
            "true" if service == "pallet" else "false",
            divisor,
            breaks,
            surcharges,
            parcels,
        )
        for carrier, service, base, kg, fuel, top, days, divisor, breaks, surcharges, parcels in _SERVICES
        for country in countries
        for prefix, (factor, more) in _ZONES.get(country, {"": (3.2, 3)}).items()
    ]
    names = ("carrier_code", "service", "country", "zone_prefix", "base", "per_kg", "fuel_pct", "max_kg",
             "transit_days", "currency", "valid_from", "temperature_classes", "hazard_ok", "volumetric_divisor",
             "weight_breaks", "surcharges", "max_parcels")  # fmt: skip
    write_record(folder / "tariffs.csv", "tariffs", dict(zip(names, zip(*rows, strict=True), strict=True)))


def _write_trailers(folder: Path, countries: tuple[str, ...], codes: tuple[str, ...]) -> None:
    """Northline's trailers that each distribution centre can hire for the rest of its country."""
    rows = [
        ("NORTHLINE", trailer, codes[dc], LOCATIONS[dc].country, "", payload, volume, pallets, stops, trip, stop, TRAILER_DAYS, "GBP", *rest, "true")
        for dc in DCS
        if LOCATIONS[dc].country in countries
        for trailer, payload, volume, pallets, stops, trip, stop, *rest in _TRAILERS
    ]  # fmt: skip
    names = ("carrier_code", "trailer_code", "location_code", "country", "zone_prefix", "payload_kg", "volume_m3", "pallets", "max_stops",
             "cost_trip", "cost_stop", "transit_days", "currency", "temperature_classes", "hazard_ok", "deck_m", "kingpin_m", "rear_axle_m",
             "front_max_kg", "rear_max_kg", "cargo_width_mm", "cargo_height_mm", "is_active")  # fmt: skip
    write_record(folder / "trailers.csv", "trailers", dict(zip(names, zip(*rows, strict=True), strict=True)))
