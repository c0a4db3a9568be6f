"""Mode, tariffs and collections: the cheapest carrier in time, with every quote kept and the reason said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.loads import verify
from oms_dagster.domain.loads.carrier_loads import CarrierLoad, collect
from oms_dagster.domain.loads.leaving import LatenessPrices, lateness_cents
from oms_dagster.domain.loads.mode import Consignment, Site, decide_mode, takes_over
from oms_dagster.domain.loads.shopping import FreightChoice, choose, shop
from oms_dagster.domain.loads.tariffs import FreightRequest, Tariff, quote

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
    assert quote(bulky, replace(SLOW, volumetric_divisor=5_000)).chargeable_g == 8_000
    assert quote(bulky, replace(SLOW, volumetric_divisor=6_000)).chargeable_g == 6_667


@pytest.mark.parametrize(
    ("grams", "cents"), [(1_999, 500), (2_000, 500), (2_001, 650), (5_000, 650), (5_001, 400 + 6 * 50)]
)
def test_a_parcel_at_a_weight_break_pays_its_price_and_a_gram_more_the_next(grams: int, cents: int):
    tariff = replace(SLOW, breaks=((2_000, 500), (5_000, 650)), fuel_permille=0)
    seen = quote(replace(PARCEL, weight_g=grams), tariff)
    assert seen.total_cents == seen.base_cents + seen.weight_cents == cents


def test_surcharges_count_for_the_goods_they_name_and_bear_no_fuel():
    tariff = replace(SLOW, surcharges=(("toll", 30), ("chilled", 200), ("hazard", 900)), hazard_ok=True,
                     temperature_classes=("ambient", "chilled"))  # fmt: skip
    plain = quote(PARCEL, tariff)
    assert (plain.fuel_cents, plain.surcharge_cents, plain.total_cents) == (55, 30, 635)
    assert quote(replace(PARCEL, temperature_class="chilled", hazard_class="3"), tariff).surcharge_cents == 1_130


def test_a_heavy_shipment_is_divided_into_parcels_and_each_is_priced():
    """61 kg in three parcels of at most 30 kg: 20,334 + 20,333 + 20,333 g, 21 started kilograms each."""
    tariff = replace(SLOW, max_parcels=3, fuel_permille=0, surcharges=(("toll", 30),))
    seen = quote(replace(PARCEL, weight_g=61_000), tariff)
    assert (seen.parcels, seen.total_cents, seen.refused_because) == (3, 3 * (400 + 21 * 50 + 30), "")
    assert quote(replace(PARCEL, weight_g=60_000), tariff).parcels == 2
    refused = quote(replace(PARCEL, weight_g=90_001), tariff).refused_because
    assert refused == "90.0 kg above the carrier's 90.0 kg in 3 parcels"


def test_ready_at_the_cut_off_is_collected_today_and_a_second_later_with_the_next_collection():
    weekend = replace(SLOW, missed_days=6)
    at, after = (quote(replace(PARCEL, ready_s=17 * 3600 + s), weekend) for s in (0, 1))
    assert (at.after_cutoff, at.arrives_in_days) == (False, 3)
    assert (after.after_cutoff, after.arrives_in_days) == (True, 6)


def test_when_a_carrier_is_full_the_one_who_loses_least_takes_the_next_cheapest_and_says_why():
    """POST collects one parcel more. Without it S1 (2 kg) pays 5.50 more, S2 (12 kg, DASH 21.00) 11.00 more."""
    goods = [replace(PARCEL, weight_g=2_000), replace(PARCEL, shipment_id="S2", weight_g=12_000)]
    plain = [replace(t, fuel_permille=0) for t in (SLOW, FAST)]
    choices = shop(goods, plain, {"POST": 1})
    assert [c.chosen.carrier_id for c in choices.values() if c.chosen] == ["DASH", "POST"]
    assert choices["S1"].chosen_because == (
        "POST collects 1 more parcels today, others need them more: the only carrier that takes it"
    )
    assert len(choices["S1"].quotes) == 2
    loads = collect("LON", "2025-03-05", goods, choices, plain)
    assert verify.check(goods, plain, list(choices.values()), loads, {"POST": 1}) == ()
    assert shop(goods, plain, {"POST": 2})["S1"].chosen_because == "cheapest of 2 by 6.00"


def test_what_finds_no_place_today_waits_and_says_so():
    choices = shop([PARCEL], [SLOW], {"POST": 0})
    assert choices["S1"].chosen is None
    assert choices["S1"].chosen_because == "POST collects 0 more parcels today, others need them more"


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


def test_prices_in_two_currencies_are_compared_by_the_rate_and_both_are_kept():
    """6.05 GBP is dearer than 6.50 EUR at 0.85; at 0.95 it is cheaper."""
    in_euro = replace(SLOW, carrier_id="BAHN", base_cents=450, per_kg_cents=200, fuel_permille=0, currency="EUR")
    abroad = replace(in_euro, base_cents=50, rate_micro=850_000)
    choice = choose(PARCEL, (SLOW, abroad))
    assert (choice.chosen.carrier_id, choice.chosen.total_cents, choice.chosen.compared_cents) == ("BAHN", 650, 553)
    assert choice.chosen_because == "cheapest of 2 by 0.52"
    assert choose(PARCEL, (SLOW, replace(abroad, rate_micro=950_000))).chosen.carrier_id == "POST"


@pytest.mark.parametrize(("rate_micro", "cents"), [(1_000_000, 605), (500_000, 303), (499_999, 302), (1, 0)])
def test_half_a_cent_counts_up(rate_micro: int, cents: int):
    assert quote(PARCEL, replace(SLOW, rate_micro=rate_micro)).compared_cents == cents


def test_a_quote_without_an_exchange_rate_is_left_out_and_says_so():
    unknown = replace(FAST, currency="CHF", rate_micro=None, base_cents=1, per_kg_cents=0)
    choice = choose(PARCEL, (SLOW, unknown))
    assert choice.chosen.carrier_id == "POST"
    refused = next(q for q in choice.quotes if q.carrier_id == "DASH")
    assert (refused.total_cents, refused.refused_because) == (1, "no exchange rate of CHF: send one by the feed rates")
    alone = choose(PARCEL, (unknown,))
    assert alone.chosen is None
    assert alone.chosen_because == "DASH express: no exchange rate of CHF: send one by the feed rates"
    assert not verify.check([PARCEL], (SLOW, unknown), [choice], [], {}, {"S1"})


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


def test_a_carrier_that_would_take_more_parcels_than_it_collects_is_found():
    assert {f.rule for f in verify.check(*a_day(), {"DASH": 1})} == {"LOAD-07"}


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_the_broken_collection_is_caught_by_its_rule_alone(rule: str):
    assert {f.rule for f in verify.check(*BROKEN[rule](a_day()))} == {rule}


@given(
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 300), st.integers(0, 250), st.integers(1, 5)), max_size=5),
    st.lists(
        st.tuples(st.integers(1, 40_000), st.integers(0, 900), st.none() | st.integers(1, 5)), min_size=1, max_size=4
    ),
    st.integers(0, 4),
    st.integers(1, 3),
)
def test_whatever_the_tariffs_the_checker_agrees_with_the_choice(
    prices: list[tuple[int, int, int, int]], goods: list[tuple[int, int, int | None]], room: int, parcels: int
):
    tariffs = [
        replace(SLOW, carrier_id=f"C{n}", base_cents=base, per_kg_cents=per_kg, fuel_permille=fuel, transit_days=days,
                max_parcels=parcels, volumetric_divisor=5_000, breaks=((3_000, base // 2),), surcharges=(("toll", 7),),
                rate_micro=(1_000_000, 850_000, None)[days % 3])
        for n, (base, per_kg, fuel, days) in enumerate(prices)
    ]  # fmt: skip
    requests = [
        replace(PARCEL, shipment_id=f"S{n}", weight_g=weight_g, volume_dm3=dm3, due_in_days=due)
        for n, (weight_g, dm3, due) in enumerate(goods)
    ]
    choices = shop(requests, tariffs, {"C0": room})
    loads = collect("LON", "2025-03-05", requests, choices, tariffs)
    assert verify.check(requests, tariffs, list(choices.values()), loads, {"C0": room}) == ()


@pytest.mark.parametrize(
    ("due_in_days", "own_in_days", "is_leaving", "reason", "takes"),
    [
        (1, 1, True, "NOT_WORTH", False),  # the vehicles of tomorrow keep the promise
        (1, 2, False, "NOT_WORTH", True),  # they don't, the carrier does
        (0, 1, True, "NOT_WORTH", True),  # neither does, and the carrier is no later
        (0, 1, False, "NOT_WORTH", False),  # the vehicles haven't left yet: they may still take it
        (-3, 0, True, "TIME_WINDOW", False),  # late already, and the vehicles are earlier
        (-3, 0, True, "NOT_WORTH", True),  # and they would be dearer than to be later
        (-3, 0, False, "NOT_WORTH", False),
    ],
)
def test_a_carrier_takes_what_stays_behind_only_where_the_promise_needs_it(
    due_in_days: int, own_in_days: int, is_leaving: bool, reason: str, takes: bool
):
    choice = choose(replace(PARCEL, due_in_days=due_in_days), [FAST])
    because = takes_over(
        choice, reason, 2_150, due_in_days=due_in_days, own_in_days=own_in_days, is_leaving=is_leaving, late_cents=450
    )
    if due_in_days == -3 and takes:
        assert because == (
            "own vehicles leave it behind (NOT_WORTH, 21.50); DASH express is 4 days late for 13.20, 17.70 with the wait"
        )
    assert bool(because) == takes
    if due_in_days == 1 and takes:
        assert because == ("own vehicles leave it behind (NOT_WORTH, 21.50); DASH express keeps the promise for 13.20")
    assert takes_over(choose(PARCEL, []), "NOT_WORTH", None, due_in_days=0, own_in_days=1, is_leaving=True) == ""


@pytest.mark.parametrize(
    ("days", "priority", "cents"),
    [(0, 5, 0), (-2, 5, 0), (1, 5, 2 * 350 + 500), (3, 5, 6 * 350 + 500), (1, 1, 2 * 510 + 500), (1, 9, 2 * 190 + 500), (1, 12, 2 * 190 + 500)],
)  # fmt: skip
def test_lateness_is_priced_by_line_and_day_priority_and_what_is_at_risk(days: int, priority: int, cents: int):
    """Two lines worth 50.00, of which a tenth is at risk; a line costs 1.50 a day late, and 2.00 a day that it waits; a broken promise 60.00 more."""
    prices = LatenessPrices(150, 200, 100, 6_000)
    assert lateness_cents(prices, days, 2, priority, 5_000) == (cents and cents + 6_000)
