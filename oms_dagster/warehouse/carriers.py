"""Between the tables and the carriers' part of the transport domain: tariffs and shipments in; quotes and loads out.

Belongs here: units, clocks and calendars (what a tariff is worth on a day). Does not belong here: any choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb

from oms_dagster.domain.loads.carrier_loads import CarrierLoad
from oms_dagster.domain.loads.deck import Deck
from oms_dagster.domain.loads.hiring import HiredLoad, TrailerKind
from oms_dagster.domain.loads.layers import CargoSpace
from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.loads.tariffs import FreightRequest, Quote, Tariff
from oms_dagster.domain.quantities import from_cents, from_milli, to_cents, to_milli
from oms_dagster.domain.solving import SolveReport
from oms_dagster.warehouse.calendars import Calendars, calendars
from oms_dagster.warehouse.cargo import check_columns
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.sourcing import policies
from oms_dagster.warehouse.transport import Yard, clock


@dataclass(frozen=True, slots=True)
class Carriers:
    """Tariffs and trailers in force, what the tariffs are charged in, how many parcels a carrier collects a day, and everybody's calendar.

    `currency` is the reporting currency: quotes are compared in it, trailers and collections are priced in it.
    """

    tariffs: tuple[Tariff, ...]
    trailers: tuple[tuple[str | None, TrailerKind], ...]
    currencies: Mapping[tuple[str, str, str], str]
    currency: str
    parcels_a_day: Mapping[str, int]
    calendars: Calendars

    def on(self, location_id: str, day: date) -> tuple[Tariff, ...]:
        """The tariffs as they stand at a location on a day: cut-off and days until delivery by the calendars."""
        known: dict[tuple[str, str, int], tuple[bool, int, int]] = {}
        found = []
        for tariff in self.tariffs:
            key = (tariff.carrier_id, tariff.country, tariff.transit_days)
            if key not in known:
                known[key] = self.calendars.carrier_days(location_id, *key, day)
            collects, days, missed = known[key]
            found.append(
                replace(tariff, cutoff_s=tariff.cutoff_s if collects else -1, transit_days=days, missed_days=missed)
            )
        return tuple(found)

    def trailers_on(self, location_id: str, day: date) -> tuple[TrailerKind, ...]:
        """The trailers that could collect at a location on a day."""
        found = []
        for place, kind in self.trailers:
            collects, days, _ = self.calendars.carrier_days(
                location_id, kind.carrier_id, kind.country, kind.transit_days, day
            )
            if collects and place in (None, "", location_id):
                found.append(replace(kind, transit_days=days))
        return tuple(found)

    def charged_in(self, quote: Quote, country: str) -> str:
        return self.currencies[quote.carrier_id, quote.service, country]


def carriers(connection: duckdb.DuckDBPyConnection) -> Carriers:
    """Active carriers and their tariffs in force; the cut-off is the carrier's pick-up time.

    A tariff without an exchange rate stays, and is refused with the reason; a trailer without one isn't offered.
    """
    rates = dict(connection.execute("select currency, rate from intermediate.int_rates__in_force").fetchall())
    found = rows(
        connection,
        "select t.*, c.pickup_at from intermediate.int_tariffs__in_force as t inner join intermediate.int_carriers__in_force as c"
        " on t.carrier_id = c.carrier_id where coalesce(c.is_active, true) order by t.carrier_id, t.service, t.country, t.zone_prefix",
    )
    hired = rows(
        connection,
        "select t.*, c.pickup_at from intermediate.int_trailers__in_force as t inner join intermediate.int_carriers__in_force as c"
        " on t.carrier_id = c.carrier_id where coalesce(c.is_active, true) and coalesce(t.is_active, true)"
        " order by t.carrier_id, t.trailer_id, t.country, t.zone_prefix",
    )
    return Carriers(
        tuple(_tariff(row, rates.get(row["currency"].upper())) for row in found),
        tuple(
            (row["location_id"], _trailer(row, rates[row["currency"].upper()]))
            for row in hired
            if row["currency"].upper() in rates
        ),
        {(row["carrier_id"], row["service"], row["country"]): row["currency"] for row in found},
        policies(connection)["reporting.currency"],
        dict(
            connection.execute(
                "select carrier_id, max_parcels_day from intermediate.int_carriers__in_force where max_parcels_day is not null"
            ).fetchall()
        ),
        calendars(connection),
    )


def _tariff(t: Mapping[str, Any], rate: Decimal | None) -> Tariff:
    return Tariff(
        carrier_id=t["carrier_id"], service=t["service"], country=t["country"], postcode_prefix=t["zone_prefix"] or "",
        base_cents=to_cents(t["base"]), per_kg_cents=to_cents(t["per_kg"]), fuel_permille=int((t["fuel_pct"] or 0) * 10),
        max_weight_g=to_milli(t["max_kg"]) if t["max_kg"] else 1_000_000, transit_days=t["transit_days"],
        cutoff_s=clock(t["pickup_at"], 17 * 3600), hazard_ok=bool(t["hazard_ok"]),
        temperature_classes=tuple((t["temperature_classes"] or "ambient|chilled").split("|")),
        volumetric_divisor=int(t["volumetric_divisor"] or 0), max_parcels=t["max_parcels"] or 1,
        breaks=tuple(sorted((to_milli(Decimal(kg)), to_cents(Decimal(price))) for kg, price in _pairs(t["weight_breaks"]))),
        surcharges=tuple((label, to_cents(Decimal(price))) for label, price in _pairs(t["surcharges"])),
        currency=t["currency"], rate_micro=None if rate is None else int(rate * 1_000_000),
    )  # fmt: skip


def _trailer(t: Mapping[str, Any], rate: Decimal) -> TrailerKind:
    lengths = [t[name] for name in ("deck_m", "kingpin_m", "rear_axle_m", "front_max_kg", "rear_max_kg")]
    inside = [None if t["deck_m"] is None else to_milli(t["deck_m"]), t["cargo_width_mm"], t["cargo_height_mm"]]
    return TrailerKind(
        carrier_id=t["carrier_id"], trailer_id=t["trailer_id"], country=t["country"], postcode_prefix=t["zone_prefix"] or "",
        capacity_g=to_milli(t["payload_kg"]), capacity_dm3=to_milli(t["volume_m3"]), pallets=t["pallets"], max_stops=t["max_stops"] or 99,
        trip_cents=_converted(t["cost_trip"], rate), stop_cents=_converted(t["cost_stop"] or Decimal(0), rate), transit_days=t["transit_days"],
        cutoff_s=clock(t["pickup_at"], 17 * 3600), temperature_classes=tuple((t["temperature_classes"] or "ambient").split("|")),
        hazard_ok=bool(t["hazard_ok"]), deck=None if None in lengths else Deck(*(to_milli(length) for length in lengths)),
        space=None if None in inside else CargoSpace(*inside),
    )  # fmt: skip


def _converted(amount: Decimal, rate: Decimal) -> int:
    """Cents of the reporting currency, half up."""
    return int((amount * rate * 100).quantize(Decimal(1), ROUND_HALF_UP))


def hired_row(
    hired: HiredLoad, report: SolveReport, yard: Yard, number: int, currency: str, is_due: bool
) -> dict[str, Any]:
    """A row of `plans.loads` for a hired trailer."""
    kind, floor = hired.kind, hired.arrangement
    return {
        "load_id": f"{yard.location['location_id']}-{yard.today:%Y%m%d}-{kind.carrier_id}-{kind.trailer_id}-{number}", "mode": "carrier",
        "location_id": yard.location["location_id"], "carrier_id": kind.carrier_id, "trailer_id": kind.trailer_id,
        "weight_kg": from_milli(hired.weight_g), "volume_m3": from_milli(hired.volume_dm3), "stops": len(hired.shipment_ids),
        "value": from_cents(hired.value_cents), "capacity_kg": from_milli(kind.capacity_g), "capacity_m3": from_milli(kind.capacity_dm3),
        "utilisation": Decimal(hired.utilisation_permille).scaleb(-3), "binding_dimension": hired.binding_dimension, "is_locked": False,
        "planned_departure": yard.instant(kind.cutoff_s, yard.today), "cost": from_cents(hired.cost_cents), "currency": currency,
        "engine": report.engine, "seed": report.seed, "is_due": is_due, "pallets": from_milli(hired.pallets_permille),
        "tariff_cost": from_cents(hired.instead_cents), "axles_ok": floor.within if floor else None,
        "front_axle_kg": from_milli(floor.front_g) if floor else None, "rear_axle_kg": from_milli(floor.rear_g) if floor else None,
        **check_columns(hired.layers),
    }  # fmt: skip


def hired_because(hired: HiredLoad) -> str:
    """Why these shipments share a hired trailer."""
    kind = hired.kind
    lane = f"{kind.country} {kind.postcode_prefix}".strip()
    return (
        f"on a hired {kind.trailer_id} of {kind.carrier_id} to {lane} with {len(hired.shipment_ids) - 1} others:"
        f" {hired.cost_cents / 100:.2f} instead of {hired.instead_cents / 100:.2f} by tariff, {hired.binding_dimension} fills first"
    )


def _pairs(text: str | None) -> Iterator[tuple[str, str]]:
    """``2:4.20|5:5.10`` in pairs."""
    for pair in (text or "").split("|"):
        if pair:
            name, _, amount = pair.partition(":")
            yield name.strip(), amount.strip()


def collection_day(row: Mapping[str, Any], yard: Yard) -> date:
    """The first day on which a carrier could collect a shipment: today when it is packed or ships today."""
    return yard.today if row["is_packed"] else max(yard.today, row["ship_date"])


def freight_request(row: Mapping[str, Any], yard: Yard) -> FreightRequest:
    """The shipment as a carrier is asked for it on its `collection_day`."""
    day = collection_day(row, yard)
    if row["is_packed"]:
        packed = row["packed_at"].astimezone(yard.zone)
        ready_s = packed.hour * 3600 + packed.minute * 60 + packed.second if packed.date() == yard.today else 0
    else:
        ready_s = yard.now_s if day == yard.today else 0
    return FreightRequest(
        shipment_id=row["shipment_id"], country=row["country"] or "", postcode=row["postcode"] or "", weight_g=to_milli(row["weight_kg"]),
        volume_dm3=to_milli(row["volume_m3"]), value_cents=to_cents(row["value_base"]), ready_s=ready_s,
        due_in_days=max(0, (row["deliver_date"] - day).days), temperature_class=row["temperature_class"],
        hazard_class="" if row["hazard_class"] == "none" else row["hazard_class"],
    )  # fmt: skip


def collected_today(connection: duckdb.DuckDBPyConnection, yard: Yard) -> dict[str, int]:
    """Shipments that each carrier already took from a location today, which count as a parcel each."""
    found = connection.execute(
        "select l.carrier_id, count(*) from facts.loads as l inner join facts.load_shipments as s on l.load_id = s.load_id"
        " where l.mode = 'carrier' and l.location_id = ? and cast(timezone(?, l.departed_at) as date) = ? group by 1",
        [yard.location["location_id"], str(yard.zone), yard.today],
    )
    return dict(found.fetchall())


def quote_rows(choice: FreightChoice, told: Carriers, country: str, day: date) -> Iterator[dict[str, Any]]:
    """Rows of `plans.freight_quotes`: every quote, dear and refused ones too."""
    for q in choice.quotes:
        yield {
            "shipment_id": q.shipment_id, "carrier_id": q.carrier_id, "service": q.service, "parcels": q.parcels,
            "chargeable_kg": from_milli(q.chargeable_g), "quote": from_cents(q.total_cents), "currency": told.charged_in(q, country),
            "quote_base": None if q.compared_cents == 0 < q.total_cents else from_cents(q.compared_cents),
            "collected_on": None if q.after_cutoff else day, "arrives_on": day + timedelta(days=q.arrives_in_days),
            "is_chosen": q == choice.chosen, "reason": q.refused_because,
        }  # fmt: skip


def chosen_row(choice: FreightChoice, told: Carriers, country: str) -> dict[str, Any]:
    """What a row of `plans.shipment_modes` says of the carrier."""
    q = choice.chosen
    if q is None:
        return {}
    return {
        "carrier_id": q.carrier_id, "service": q.service, "freight_quote": from_cents(q.total_cents),
        "freight_currency": told.charged_in(q, country),
    }  # fmt: skip


def collection_row(collection: CarrierLoad, yard: Yard, day: date, currency: str, is_due: bool) -> dict[str, Any]:
    """A row of `plans.loads` for a carrier's collection: no vehicle, no route."""
    return {
        "load_id": collection.load_id, "mode": "carrier", "location_id": collection.location_id, "carrier_id": collection.carrier_id,
        "weight_kg": from_milli(collection.weight_g), "volume_m3": from_milli(collection.volume_dm3), "stops": 0,
        "value": from_cents(collection.value_cents), "is_locked": False, "planned_departure": yard.instant(collection.cutoff_s, day),
        "cost": from_cents(collection.cost_cents), "currency": currency, "engine": "tariff", "is_due": is_due,
    }  # fmt: skip
