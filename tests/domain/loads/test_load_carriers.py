"""Mode, tariffs and collections: the cheapest carrier in time, with every quote kept and the reason said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.loads import verify
from oms_dagster.domain.loads.carrier_loads import CarrierLoad, collect
from oms_dagster.domain.loads.mode import Consignment, Site, decide_mode
from oms_dagster.domain.loads.tariffs import FreightChoice, FreightRequest, Tariff, choose, quote

SLOW = Tariff("POST", "standard", "GB", "", 400, 50, 100, 30_000, 3, 17 * 3600)
FAST = Tariff("DASH", "express", "GB", "", 900, 100, 100, 20_000, 1, 15 * 3600)
ISLES = replace(SLOW, postcode_prefix="ZE", base_cents=1_400, transit_days=6)
TARIFFS = (SLOW, FAST, ISLES)
PARCEL = FreightRequest("S1", "GB", "SW1A 1AA", 2_300, 10, 5_000, ready_s=12 * 3600)

SITE = Site("LON", 51.5, -0.1, "GB", 3, 50_000, 800_000, 5_000)
GOODS = Consignment("S1", 51.6, -0.2, "GB", 20_000, 100)


def test_a_price_is_base_and_started_kilograms_and_fuel_on_both():
    """400 + 3 x 50, and 10 % of it: 605 cents."""
    seen = quote(PARCEL, SLOW)
    assert (seen.base_cents, seen.weight_cents, seen.fuel_cents, seen.total_cents) == (400, 150, 55, 605)


def test_a_bulky_parcel_pays_for_its_volume():
    bulky = replace(PARCEL, volume_dm3=40)
    assert quote(bulky, replace(SLOW, volumetric_g_per_dm3=200)).chargeable_g == 8_000


def test_the_zone_with_the_longest_prefix_counts():
    island = replace(PARCEL, postcode="ze2 9ja")
    choice = choose(replace(island, due_in_days=None), (SLOW, ISLES))
    assert choice.chosen is not None
    assert (choice.chosen.base_cents, choice.chosen.arrives_in_days) == (1_400, 6)


def test_the_cheapest_that_arrives_in_time_is_chosen_and_the_runner_up_is_named():
    relaxed, urgent = choose(PARCEL, TARIFFS), choose(replace(PARCEL, due_in_days=1), TARIFFS)
    assert relaxed.chosen is not None and urgent.chosen is not None
    assert relaxed.runner_up is not None
    assert (relaxed.chosen.carrier_id, relaxed.runner_up.carrier_id) == ("POST", "DASH")
    assert relaxed.chosen_because == "cheapest of 2 by 7.15"
    assert urgent.chosen.carrier_id == "DASH"
    assert urgent.chosen_because == "cheapest that arrives in time; POST standard costs less but is late"
    assert len(urgent.quotes) == 2


def test_after_the_cut_off_a_parcel_arrives_a_day_later_and_waits_for_tomorrow():
    evening = replace(PARCEL, ready_s=16 * 3600, due_in_days=1)
    choice = choose(evening, TARIFFS)
    assert choice.chosen is not None
    assert (choice.chosen.carrier_id, choice.chosen.after_cutoff) == ("DASH", True)
    assert choice.chosen_because == "none arrives in time: the least late, 1 day(s)"
    assert collect("LON", "2025-03-05", [evening], {"S1": choice}, TARIFFS) == ()


def test_what_no_carrier_takes_says_why_for_each():
    heavy = choose(replace(PARCEL, weight_g=31_000), TARIFFS)
    assert heavy.chosen is None
    assert heavy.chosen_because == (
        "DASH express: 31.0 kg above the carrier's 20.0 kg; POST standard: 31.0 kg above the carrier's 30.0 kg"
    )
    assert choose(replace(PARCEL, country="FR"), TARIFFS).chosen_because == "no tariff to FR SW1A 1AA"
    assert choose(replace(PARCEL, hazard_class="3"), TARIFFS).chosen is None


@pytest.mark.parametrize(
    ("changes", "site_changes", "mode", "because"),
    [
        ({}, {}, "own_fleet", "13.1 km away, within the 50 km of LON"),
        ({}, {"vehicles": 0}, "carrier", "LON has no fleet"),
        ({"latitude": 53.0}, {}, "carrier", "166.9 km away, beyond the 50 km of LON"),
        ({"latitude": 53.0, "weight_g": 40_000}, {}, "own_fleet", "too heavy for a carrier: 40.0 kg of 30.0 kg"),
        ({"weight_g": 900_000}, {}, "carrier", "900.0 kg, no vehicle takes above 800.0 kg"),
        ({"volume_dm3": 6_000}, {}, "carrier", "6.000 m3, no vehicle takes above 5.000 m3"),
        ({"country": "FR"}, {}, "carrier", "to FR, the fleet of LON stays in GB"),
        ({"temperature_class": "frozen"}, {}, "carrier", "no vehicle for frozen goods"),
        ({"hazard_class": "3"}, {}, "carrier", "no vehicle admitted to hazardous goods"),
        ({"collected_by_customer": True}, {}, "pickup", "the customer collects it"),
    ],
)
def test_the_mode_and_its_reason(changes: dict[str, object], site_changes: dict[str, object], mode: str, because: str):
    decision = decide_mode(replace(SITE, **site_changes), replace(GOODS, **changes))  # type: ignore[arg-type]
    assert (decision.mode, decision.because) == (mode, because)


Day = tuple[list[FreightRequest], list[Tariff], list[FreightChoice], list[CarrierLoad]]


def a_day() -> Day:
    goods = [
        PARCEL,
        replace(PARCEL, shipment_id="S2", postcode="ZE2 9JA"),
        replace(PARCEL, shipment_id="S3", due_in_days=1),
    ]
    choices = [choose(r, TARIFFS) for r in goods]
    loads = collect("LON", "2025-03-05", goods, {c.shipment_id: c for c in choices}, TARIFFS)
    return goods, list(TARIFFS), choices, list(loads)


def test_a_collection_is_a_load_for_each_carrier_and_service_closed_at_the_cut_off():
    loads = a_day()[3]
    assert [(x.load_id, x.shipment_ids, x.cutoff_s) for x in loads] == [
        ("LON-20250305-DASH-express-1", ("S3", "S2"), 15 * 3600),
        ("LON-20250305-POST-standard-1", ("S1",), 17 * 3600),
    ]
    assert verify.check(*a_day()) == ()


def cheapened(day: Day) -> Day:
    goods, tariffs, choices, loads = day
    return goods, tariffs, [_requoted(choices[0]), *choices[1:]], loads


def _requoted(choice: FreightChoice) -> FreightChoice:
    quotes = tuple(replace(q, total_cents=q.total_cents - 1) if q is not choice.chosen else q for q in choice.quotes)
    return replace(choice, quotes=quotes)


BROKEN: dict[str, Callable[[Day], Day]] = {
    "LOAD-01": lambda d: (d[0], d[1], d[2], d[3][:1]),
    "LOAD-02": lambda d: (d[0], d[1], d[2], [replace(d[3][0], weight_g=1), *d[3][1:]]),
    "LOAD-03": cheapened,
    "LOAD-04": lambda d: (d[0], [replace(t, max_weight_g=2_000) if t is FAST else t for t in d[1]], *d[2:]),
    "LOAD-05": lambda d: (d[0], d[1], [replace(d[2][0], chosen=d[2][0].runner_up), *d[2][1:]], _swapped(d[3])),
    "LOAD-06": lambda d: (d[0], [replace(t, cutoff_s=11 * 3600) for t in d[1]], *d[2:]),
}


def _swapped(loads: list[CarrierLoad]) -> list[CarrierLoad]:
    """S1 goes with DASH as well, properly summed."""
    dash, post = loads
    price = quote(PARCEL, FAST).total_cents
    return [
        replace(
            dash,
            shipment_ids=(*dash.shipment_ids, "S1"),
            weight_g=dash.weight_g + post.weight_g,
            volume_dm3=dash.volume_dm3 + post.volume_dm3,
            value_cents=dash.value_cents + post.value_cents,
            cost_cents=dash.cost_cents + price,
        )
    ]


@pytest.mark.parametrize("rule", sorted(verify.RULES))
def test_the_broken_collection_is_caught_by_its_rule_alone(rule: str):
    assert {f.rule for f in verify.check(*BROKEN[rule](a_day()))} == {rule}


@given(
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 300), st.integers(0, 250), st.integers(1, 5)), max_size=5),
    st.integers(1, 40_000),
    st.none() | st.integers(1, 5),
)
def test_whatever_the_tariffs_the_checker_agrees_with_the_choice(
    prices: list[tuple[int, int, int, int]], weight_g: int, due: int | None
):
    tariffs = [
        replace(SLOW, carrier_id=f"C{n}", base_cents=base, per_kg_cents=per_kg, fuel_permille=fuel, transit_days=days)
        for n, (base, per_kg, fuel, days) in enumerate(prices)
    ]
    request = replace(PARCEL, weight_g=weight_g, due_in_days=due)
    choice = choose(request, tariffs)
    loads = collect("LON", "2025-03-05", [request], {"S1": choice}, tariffs)
    assert verify.check([request], tariffs, [choice], loads) == ()
