"""Reference data of transport: own vehicles with their drivers, carriers with their calendars, tariffs and trailers.

Belongs here: the fields of these records. Does not belong here: all others (`records`).
"""

from __future__ import annotations

from oms_dagster.domain.capture.fields import Field, Record
from oms_dagster.domain.capture.fields import code as _code

TRANSPORT = (
    Record("vehicles", "reference", ("vehicle_code",), (
        _code("vehicle_code", required=True), _code("plate"), _code("location_code", required=True), _code("vehicle_class"),
        Field("payload_kg", "number", True, minimum="0"), Field("volume_m3", "number", True, minimum="0"), Field("max_stops", "integer", minimum="1"), Field("max_value", "amount", minimum="0"),
        _code("temperature_classes", "separated by |"), Field("hazard_ok", "boolean"), Field("cost_km", "amount", True, minimum="0"), Field("cost_hour", "amount", True, minimum="0"),
        Field("cost_day", "amount", minimum="0"), Field("currency", "code", True), _code("driver_code"),
        Field("is_active", "boolean"), Field("toll_km", "amount", minimum="0", about="toll per km, on top of cost_km"), _code("skills", "what it is equipped for, separated by |, as tail-lift"),
        Field("max_trips", "integer", minimum="1", maximum="9", about="loads that it may take in a day; empty: one"),
        Field("max_duty_min", "integer", minimum="1", about="minutes from its first departure to its last return; empty: the driver's shift alone counts"),
        Field("base_latitude", "number", minimum="-90", maximum="90", about="where it is loaded, starts and ends; empty: at its location"), Field("base_longitude", "number", minimum="-180", maximum="180"),
        Field("cargo_length_mm", "integer", minimum="1", maximum="30000", about="inside length of its cargo space; with width and height, its loads are checked for room by layers"),
        Field("cargo_width_mm", "integer", minimum="1", maximum="30000"), Field("cargo_height_mm", "integer", minimum="1", maximum="30000"),
    ), "Own vehicles."),
    Record("drivers", "reference", ("driver_code",), (
        _code("driver_code", required=True), Field("name", required=True), _code("location_code"), Field("shift_from", "time", True), Field("shift_to", "time", True),
        Field("max_drive_min", "integer", minimum="0"), Field("is_active", "boolean"), _code("skills", "what the driver can do, separated by |, as two-person"),
        Field("max_overtime_min", "integer", minimum="0", maximum="480", about="minutes after shift_to that a plan may use"),
        Field("overtime_hour", "amount", minimum="0", about="an hour of overtime costs so much more, in the vehicle's currency"),
    ), "Drivers and their shifts."),
    Record("carriers", "reference", ("carrier_code",), (
        _code("carrier_code", required=True), Field("name", required=True), Field("pickup_at", "time"),
        _code("works_on", "ISO weekdays on which it collects and delivers, as 1-6; empty: every day. It keeps the public holidays of where it delivers"), Field("is_active", "boolean"),
        Field("max_parcels_day", "integer", minimum="0", about="parcels that it collects at a location in a day; empty: any number"),
    ), "Parcel carriers that collect at our locations."),
    Record("calendar_exceptions", "reference", ("calendar_code", "day"), (
        _code("calendar_code", "the location or carrier whose day it is", required=True), Field("day", "date", True),
        Field("is_open", "boolean", True, about="false: closed on that day; true: open, whatever its weekdays and holidays say"),
        Field("note", about="why"),
    ), "Single days on which a location or carrier is closed or open against its calendar."),
    Record("tariffs", "reference", ("carrier_code", "service", "country", "zone_prefix", "valid_from"), (
        _code("carrier_code", required=True), _code("service", required=True), Field("country", "code", True), _code("zone_prefix", "postcode prefix; empty: the whole country"),
        Field("base", "amount", True, minimum="0"), Field("per_kg", "price", True, minimum="0"), Field("fuel_pct", "number", minimum="0"), Field("max_kg", "number", minimum="0"),
        Field("transit_days", "integer", True, minimum="0", about="working days of the carrier"), Field("currency", "code", True), Field("valid_from", "date", True),
        _code("temperature_classes", "separated by |; empty: ambient and chilled"), Field("hazard_ok", "boolean", about="takes dangerous goods"),
        Field("volumetric_divisor", "number", minimum="1", about="cm3 of a parcel that count as a kilogram, as 5000; empty: volume does not count"), _code("weight_breaks", "kilograms up to which a parcel has a price of its own, as 2:4.20|5:5.10; above the last: base and per_kg"), _code("surcharges", "for each parcel, without fuel, as toll:0.35|hazard:12.00|frozen:9.00; hazard and temperatures count for such goods only"),
        Field("max_parcels", "integer", minimum="1", about="parcels of at most max_kg into which a shipment may be divided; empty: 1"),
    ), "Carriers' tariffs."),
    Record("trailers", "reference", ("carrier_code", "trailer_code", "location_code", "country", "zone_prefix"), (
        _code("carrier_code", required=True), _code("trailer_code", required=True), _code("location_code", "where it loads; empty: anywhere"), Field("country", "code", True),
        _code("zone_prefix", "postcode prefix of its lane; empty: the whole country"), Field("payload_kg", "number", True, minimum="1"), Field("volume_m3", "number", True, minimum="0.1"),
        Field("pallets", "integer", True, minimum="1", about="pallet places on its floor"), Field("max_stops", "integer", minimum="1"), Field("cost_trip", "amount", True, minimum="0"), Field("cost_stop", "amount", minimum="0", about="for each delivery"),
        Field("transit_days", "integer", True, minimum="0", about="working days of the carrier, to the last stop"), Field("currency", "code", True), _code("temperature_classes", "separated by |; empty: ambient"), Field("hazard_ok", "boolean", about="takes dangerous goods"),
        Field("deck_m", "number", minimum="1", about="length of the floor; with the four below, axle loads are planned"), Field("kingpin_m", "number", minimum="0", about="from the front of the floor to the front support"),
        Field("rear_axle_m", "number", minimum="0", about="from the front of the floor to the middle of the rear axles"), Field("front_max_kg", "number", minimum="0", about="load that the front support takes of the goods"),
        Field("rear_max_kg", "number", minimum="0", about="load that the rear axles take of the goods"), Field("is_active", "boolean"),
        Field("cargo_width_mm", "integer", minimum="1", maximum="30000", about="inside; with deck_m and height, it takes only goods that are shown to fit by layers"),
        Field("cargo_height_mm", "integer", minimum="1", maximum="30000"),
    ), "Carriers' trailers that are hired for a lane: taken where one costs less than the tariffs of its goods."),
)  # fmt: skip
