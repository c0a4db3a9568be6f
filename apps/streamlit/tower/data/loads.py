"""Questions of the Loads page: loads, stops, dropped shipments.

Belongs here: SQL over the published copy. Does not belong here: drawing. A day is the local day of a load's planned
departure at its location.
"""

from __future__ import annotations

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask

_LOADS = """
    select l.*, l.weight_kg / nullif(l.capacity_kg, 0) as weight_fill, l.volume_m3 / nullif(l.capacity_m3, 0) as volume_fill,
        l.stops / nullif(v.max_stops, 0) as stops_fill, r.distance_km, r.duration_min, r.drive_min, r.service_min, r.wait_min, r.late_min, r.cost, r.currency,
        r.engine,
           r.baseline_distance_km, o.timezone, o.name as location_name, v.plate, v.base_latitude, v.base_longitude,
           coalesce(v.cargo_length_mm, hired.deck_mm) as cargo_length_mm, l.floor_used_mm / coalesce(v.cargo_length_mm, hired.deck_mm) as floor_fill,
           cast(timezone(coalesce(o.timezone, 'UTC'), l.planned_departure) as date) as day
    from marts.loads as l
    left join marts.routes as r on l.load_id = r.load_id
    left join marts.locations as o on l.location_id = o.location_id
    left join marts.vehicles as v on l.vehicle_id = v.vehicle_id
    left join (select carrier_id, trailer_id, max(1000 * deck_m) as deck_mm from marts.trailers group by all) as hired
        on l.carrier_id = hired.carrier_id and l.trailer_id = hired.trailer_id
"""


def days(copy: Copy) -> pd.DataFrame:
    """Days and locations that have loads, newest first."""
    return ask(
        copy,
        f"""
        select day, location_id, any_value(timezone) as timezone, any_value(location_name) as location_name, count(*)
            as loads
        from ({_LOADS}) where day is not null group by day, location_id order by day desc, location_id
        """,
    )


def loads(copy: Copy, day: object, location_id: str = "") -> pd.DataFrame:
    """Loads of a day, at one location or all."""
    return ask(
        copy,
        f"""
        select *, case when baseline_distance_km > 0
            then (baseline_distance_km - distance_km) / baseline_distance_km end as saved from ({_LOADS})
        where day = cast($day as date) and ($location_id = '' or location_id = $location_id)
        order by mode desc, location_id, planned_departure, load_id
        """,
        day=str(day)[:10], location_id=location_id,
    )  # fmt: skip


def stops(copy: Copy, day: object, location_id: str = "") -> pd.DataFrame:
    """Stops of the loads of a day, in their order, with customers and cities."""
    return ask(
        copy,
        f"""
        with picked as (
            select load_id, location_id, vehicle_id, status, planned_departure, planned_dock, planned_loading_start, planned_loading_end,
                base_latitude, base_longitude from ({_LOADS})
            where day = cast($day as date) and ($location_id = '' or location_id = $location_id)
        ), whom as (
            select t.load_id, t.stop_sequence, string_agg(distinct coalesce(o.customer_name, o.customer_id), ', ')
                as customers,
                   any_value(o.ship_to_city) as city, any_value(o.ship_to_postcode) as postcode, sum(s.weight_kg)
                       as weight_kg,
                   string_agg(distinct o.order_id, ', ') as orders
            from marts.route_stops as t, unnest(t.shipment_ids) as u(shipment_id)
            inner join marts.shipments as s on u.shipment_id = s.shipment_id
            inner join marts.orders as o on s.order_id = o.order_id
            where t.load_id in (select load_id from picked)
            group by t.load_id, t.stop_sequence
        ), collected as (
            select t.load_id, t.stop_sequence, any_value(p.city) as city, any_value(coalesce(c.name, p.customer_id)) as customer
            from marts.route_stops as t, unnest(t.pickup_ids) as u(pickup_id)
            inner join marts.pickups as p on u.pickup_id = p.pickup_id
            left join marts.customers as c on p.customer_id = c.customer_id
            where t.load_id in (select load_id from picked) group by t.load_id, t.stop_sequence
        )
        select t.*, coalesce(whom.customers, collected.customer) as customers, coalesce(whom.city, collected.city) as city, whom.postcode, whom.weight_kg, whom.orders, picked.location_id,
            coalesce(picked.vehicle_id, picked.load_id) as vehicle_id,
            picked.planned_departure, picked.planned_loading_start, picked.planned_loading_end, picked.planned_dock,
               picked.base_latitude, picked.base_longitude, picked.status as load_status, array_to_string(t.shipment_ids, ', ') as shipments,
               array_to_string(t.pickup_ids, ', ') as pickups
        from marts.route_stops as t inner join picked on t.load_id = picked.load_id
        left join whom on t.load_id = whom.load_id and t.stop_sequence = whom.stop_sequence
        left join collected on t.load_id = collected.load_id and t.stop_sequence = collected.stop_sequence
        order by t.load_id, t.stop_sequence
        """,
        day=str(day)[:10], location_id=location_id,
    )  # fmt: skip


def shipments(copy: Copy, load_id: str) -> pd.DataFrame:
    """Shipments on a load, in the order of stops."""
    return ask(
        copy,
        """
        select a.stop_sequence, a.load_position, a.pallets_before, a.pallets, s.shipment_id, s.order_id, coalesce(o.customer_name, o.customer_id)
            as customer_name, o.ship_to_city,
               s.weight_kg, s.volume_m3, s.value, s.currency, s.window_from, s.window_to, s.status, s.service,
                   coalesce(a.because, s.chosen_because) as chosen_because
        from marts.load_shipments as a inner join marts.shipments as s on a.shipment_id = s.shipment_id
        left join marts.orders as o on s.order_id = o.order_id
        where a.load_id = $load_id order by a.stop_sequence, a.load_position, s.shipment_id
        """,
        load_id=load_id,
    )


def hiring(copy: Copy, load_id: str) -> pd.DataFrame:
    """A hired trailer with its floor, its cost and tariffs, and the newest solve of its location and day: bound and gap."""
    return ask(
        copy,
        """
        select l.trailer_id, l.pallets, l.utilisation, l.binding_dimension, l.front_axle_kg, l.rear_axle_kg, l.axles_ok, l.cost, l.tariff_cost,
               l.currency, t.pallets as places, t.deck_m, t.kingpin_m, t.rear_axle_m, t.front_max_kg, t.rear_max_kg, s.objective / 100 as objective,
               s.bound / 100 as bound, s.bound_kind, s.gap
        from marts.loads as l
        left join marts.locations as o on l.location_id = o.location_id
        left join marts.trailers as t on l.carrier_id = t.carrier_id and l.trailer_id = t.trailer_id
            and coalesce(t.location_id, l.location_id) = l.location_id
        left join marts.solver_runs as s on s.stage = 'loads'
            and s.scope = l.location_id || ' ' || cast(timezone(coalesce(o.timezone, 'UTC'), l.planned_departure) as date)
        where l.load_id = $load_id order by cast(s.cycle_id as bigint) desc nulls last limit 1
        """,
        load_id=load_id,
    )  # fmt: skip


def events(copy: Copy, load_id: str) -> pd.DataFrame:
    """What people decided about a load, newest first."""
    return ask(copy, "select event_at, event, actor, reason from facts.load_events where load_id = $load_id order by event_at desc", load_id=load_id)


def dropped(copy: Copy, location_id: str = "") -> pd.DataFrame:
    """Shipments that the plan leaves behind, with the cheapest fix."""
    return ask(
        copy,
        """
        select d.shipment_id, d.reason, d.cheapest_fix, d.fix_cost, s.location_id, s.order_id, coalesce(o.customer_name,
            o.customer_id) as customer_name,
               o.ship_to_city, s.weight_kg, s.volume_m3, s.value, s.currency, s.window_from, s.window_to, s.latitude,
                   s.longitude
        from marts.dropped_shipments as d left join marts.shipments as s on d.shipment_id = s.shipment_id
        left join marts.orders as o on s.order_id = o.order_id
        where $location_id = '' or s.location_id = $location_id order by s.value desc nulls last, d.shipment_id
            limit $limit
        """,
        location_id=location_id, limit=LIMIT,
    )  # fmt: skip


def pickups(copy: Copy, location_id: str = "") -> pd.DataFrame:
    """What vehicles are to collect on their way and what they have, not yet received; what waits comes first."""
    return ask(
        copy,
        """
        select p.*, coalesce(c.name, p.customer_id) as customer_name from marts.pickups as p
        left join marts.customers as c on p.customer_id = c.customer_id
        where p.status not in ('received', 'cancelled') and ($location_id = '' or p.location_id = $location_id)
        order by p.status <> 'open', p.requested_at, p.pickup_id limit $limit
        """,
        location_id=location_id, limit=LIMIT,
    )  # fmt: skip


def places(copy: Copy) -> pd.DataFrame:
    """Locations on the map."""
    return ask(copy, "select location_id, name, city, kind, latitude, longitude, timezone from marts.locations order by location_id")


def gains(copy: Copy) -> pd.DataFrame:
    """Kilometres of own vehicles by day, planned and in postal-code order (same loads, same stops)."""
    return ask(
        copy,
        f"""
        select day, sum(distance_km) as distance_km, sum(baseline_distance_km) as baseline_distance_km, count(*)
            as loads, sum(stops) as stops
        from ({_LOADS}) where distance_km is not null group by day order by day
        """,
    )
