"""Loads: how each waiting shipment goes, what carriers would charge, and what each carrier collects.

Belongs here: the asset `loads`. The rules are in `domain.loads`, the tables in `warehouse.transport`.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.domain.quantities import from_cents
from oms_dagster.warehouse import connect, transport, write
from oms_dagster.warehouse.sourcing import policies


@dg.asset(
    group_name="loads",
    kinds={"python", "duckdb"},
    owners=["team:transport"],
    deps=[["intermediate", "int_shipments__waiting"]],
)
def loads(warehouse: Warehouse) -> dg.MaterializeResult:
    """Mode and carrier of each waiting shipment with all quotes, and the carriers' collections. One row per load."""
    from oms_dagster.domain.loads.carrier_loads import collect
    from oms_dagster.domain.loads.mode import decide_mode
    from oms_dagster.domain.loads.tariffs import choose

    with warehouse.connect() as connection:
        now = cycles.current(connection)
        in_force = policies(connection)
        priced = transport.tariffs(connection)
        tariffs, currency = [t for t, _ in priced], {(t.carrier_id, t.service, t.country): c for t, c in priced}
        heaviest = max((t.max_weight_g for t in tariffs), default=0)
        shipments = defaultdict(list)
        for row in transport.waiting(connection):
            shipments[row["location_id"]].append(row)
        modes: list[dict[str, Any]] = []
        quotes: list[dict[str, Any]] = []
        collections: list[dict[str, Any]] = []
        riding: list[dict[str, Any]] = []
        for yard in transport.yards(connection, now):
            place = transport.site(yard, Decimal(in_force["loads.own_fleet_radius_km"]), heaviest)
            requests, choices = [], {}
            for row in shipments[place.location_id]:
                decision = decide_mode(place, transport.consignment(row))
                mode, because = row["mode"] or decision.mode, decision.because
                told = {"shipment_id": row["shipment_id"], "mode": mode, "chosen_because": because}
                if mode == "carrier":
                    request = transport.freight_request(row, yard)
                    choice = choose(request, tariffs)
                    if choice.chosen:
                        told |= {
                            "carrier_id": choice.chosen.carrier_id, "service": choice.chosen.service,
                            "freight_quote": from_cents(choice.chosen.total_cents), "chosen_because": f"{because}; {choice.chosen_because}",
                            "freight_currency": currency[choice.chosen.carrier_id, choice.chosen.service, request.country],
                        }  # fmt: skip
                    quotes += [
                        {
                            "shipment_id": q.shipment_id, "carrier_id": q.carrier_id, "service": q.service, "quote": from_cents(q.total_cents),
                            "currency": currency[q.carrier_id, q.service, request.country], "transit_days": q.arrives_in_days,
                            "is_chosen": q == choice.chosen, "reason": q.refused_because,
                        }
                        for q in choice.quotes
                    ]  # fmt: skip
                    if row["is_released"] and choice.chosen is None:
                        told["chosen_because"] = choice.chosen_because
                    choices[row["shipment_id"]] = choice
                    requests.append((row, request))
                modes.append(told)
            today = now.as_of.astimezone(yard.zone).date()
            for collection in collect(
                place.location_id,
                today.isoformat(),
                [r for row, r in requests if row["is_packed"] and not row["held_by"]],
                choices,
                tariffs,
            ):
                already = connection.execute(
                    "select 1 from facts.loads where load_id = ?", [collection.load_id]
                ).fetchall()
                due = not already and yard.now_s >= collection.cutoff_s
                day = today + timedelta(days=1) if already else today
                row = transport.collection_row(collection, yard, day, next(iter(currency.values()), "EUR"), due)
                if already:
                    row["load_id"] = collection.load_id.replace(f"{today:%Y%m%d}", f"{day:%Y%m%d}")
                collections.append(row)
                riding += [
                    {"load_id": row["load_id"], "shipment_id": s, "stop_sequence": n}
                    for n, s in enumerate(collection.shipment_ids, 1)
                ]
        with connect.transaction(connection):
            write.replace(connection, "plans.shipment_modes", modes)
            write.replace(connection, "plans.freight_quotes", quotes)
            write.replace(connection, "plans.loads", collections)
            write.replace(connection, "plans.load_shipments", riding)
        shown = table_metadata(connection, "plans", "loads")
    return dg.MaterializeResult(metadata={**shown, "waiting": len(modes), "quotes": len(quotes)})
