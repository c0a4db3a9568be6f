"""Every KPI of the worked day, computed by hand: the arithmetic stands beside each figure.

The orders (`worked_day_facts`),
all placed on the 10th and wanted on the 12th from 8:00 to 18:00; units and line totals:

    O1 partial 10, 20.00     O4 refused 2, 30.00        O7 amended 8 → 5, 15.00     O10 backorder 10, 10.00 and 2, 10.00
    O2 early 4, 20.00        O5 absent, again 6, 30.00  O8 cancelled in time        O11 over-return 5, 20.00
    O3 late 5, 20.00         O6 lost 3, 30 EUR = 25.50  O9 test                     O12 discounted, returned 3, 10.00

O1-O6 came by shopify and from LON, O7 and O10-O12 by pos and from MAN; O3, O5, O7, O10 are trade, the others retail.
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

#: (kpi, anchor, day of June) -> numerator, denominator, n, value
ALL: dict[tuple[str, str, int], tuple[str, str, int, str | None]] = {
    # 12 orders less the test O9 and O8, which was cancelled 20 minutes after placing; on the 15th the one that is due
    # today
    ("orders", "", 10): ("10", "1", 10, "10"),
    ("orders", "", 15): ("1", "1", 1, "1"),
    ("orders_remorse_cancelled", "", 10): ("1", "1", 1, "1"),
    # holds on O1 (a line) and O3
    ("hold_rate", "", 10): ("2", "10", 10, "0.2"),
    ("hold_rate", "", 15): ("0", "1", 1, "0"),
    # both placed on the 10th at noon: 12 h old at midnight; O3's ended on the 11th; O1's is 144 h old on the 16th at
    # noon
    ("hold_age_p50", "", 10): ("24", "2", 2, "12"),
    ("hold_age_p50", "", 11): ("36", "1", 1, "36"),
    ("hold_age_p50", "", 12): ("60", "1", 1, "60"),
    ("hold_age_p50", "", 13): ("84", "1", 1, "84"),
    ("hold_age_p50", "", 14): ("108", "1", 1, "108"),
    ("hold_age_p50", "", 15): ("132", "1", 1, "132"),
    ("hold_age_p50", "", 16): ("144", "1", 1, "144"),
    # by first promised ship date, the 11th: O2 4 of 4, O6 3 of 3 (a lost parcel was shipped in time); 20.00 + 25.50
    ("fill_rate_units", "first commitment", 11): ("7", "7", 2, "1"),
    ("fill_rate_lines", "first commitment", 11): ("2", "2", 2, "1"),
    ("fill_rate_lines_substituted", "first commitment", 11): ("2", "2", 2, "1"),
    ("fill_rate_orders", "first commitment", 11): ("2", "2", 2, "1"),
    ("fill_rate_value", "first commitment", 11): ("45.50", "45.50", 2, "1"),
    # the 12th: O1 6/10, O3 0/5 (a day late), O4 2/2, O5 6/6, O7 5/5, O10 4/10 and 2/2, O11 5/5, O12 3/3
    #   units 6 + 0 + 2 + 6 + 5 + 4 + 2 + 5 + 3 = 33 of 48; lines O4 O5 O7 O10-2 O11 O12 = 6 of 9; orders all but O1 O3
    #   O10 = 5 of 8
    #   value 12 + 0 + 30 + 30 + 15 + 4 + 10 + 20 + 10 = 131 of 20 + 20 + 30 + 30 + 15 + 10 + 10 + 20 + 10 = 165
    ("fill_rate_units", "first commitment", 12): ("33", "48", 9, "0.6875"),
    ("fill_rate_lines", "first commitment", 12): ("6", "9", 9, "0.666667"),
    ("fill_rate_lines_substituted", "first commitment", 12): ("6", "9", 9, "0.666667"),
    ("fill_rate_orders", "first commitment", 12): ("5", "8", 8, "0.625"),
    ("fill_rate_value", "first commitment", 12): ("131", "165", 9, "0.793939"),
    # requested: O7 O11 O12 of 10 orders; of 11 lines O10-2 too. O1 short, O2 early, O3 O5 O10 late, O4 refused, O6 lost
    ("otif_orders", "requested", 12): ("3", "10", 10, "0.3"),
    ("otif_lines", "requested", 12): ("4", "11", 11, "0.363636"),
    # first commitment: all were first promised for the 12th, so the same; O2 came before the day and before the window
    ("otif_orders", "first commitment", 12): ("3", "10", 10, "0.3"),
    ("otif_lines", "first commitment", 12): ("4", "11", 11, "0.363636"),
    # latest commitment: O3 was moved to the 13th, O10-1 (and with it O10) to the 14th, and both kept that
    ("otif_orders", "latest commitment", 12): ("3", "8", 8, "0.375"),
    ("otif_orders", "latest commitment", 13): ("1", "1", 1, "1"),
    ("otif_orders", "latest commitment", 14): ("1", "1", 1, "1"),
    ("otif_lines", "latest commitment", 12): ("4", "9", 9, "0.444444"),
    ("otif_lines", "latest commitment", 13): ("1", "1", 1, "1"),
    ("otif_lines", "latest commitment", 14): ("1", "1", 1, "1"),
    # on time O1 O7 O11 O12; in full O2 O3 O5 O7 O10 O11 O12; damage O12; void slip O3; chargeback O10; so perfect O7
    # O11
    ("perfect_order", "requested", 12): ("2", "10", 10, "0.2"),
    ("perfect_order_on_time", "requested", 12): ("4", "10", 10, "0.4"),
    ("perfect_order_in_full", "requested", 12): ("7", "10", 10, "0.7"),
    ("perfect_order_damage_free", "requested", 12): ("9", "10", 10, "0.9"),
    ("perfect_order_documents_ok", "requested", 12): ("9", "10", 10, "0.9"),
    ("perfect_order_invoice_ok", "requested", 12): ("9", "10", 10, "0.9"),
    # 0.4 × 0.7 × 0.9 × 0.9 × 0.9 = 0.20412, of 10 orders 2.0412: faults hardly cluster
    ("perfect_order_product", "requested", 12): ("2.041", "10", 10, "0.20412"),
    # the 11th: O2, placed on the 10th 9:00, delivered 20:00 = 35 h
    #   captured 12:00 +3, no hold, promised at once, released 6:00 +18, picked 9:00 +3, packed 11:00 +2, out 15:00 +4,
    #   there +5
    ("cycle_time_p50", "", 11): ("35", "1", 1, "35"),
    ("cycle_time_p90", "", 11): ("35", "1", 1, "35"),
    ("cycle_time_p95", "", 11): ("35", "1", 1, "35"),
    ("cycle_time_mean", "", 11): ("35", "1", 1, "35"),
    ("cycle_time_capture", "", 11): ("3", "1", 1, "3"),
    ("cycle_time_hold", "", 11): ("0", "1", 1, "0"),
    ("cycle_time_promise", "", 11): ("0", "1", 1, "0"),
    ("cycle_time_release", "", 11): ("18", "1", 1, "18"),
    ("cycle_time_pick", "", 11): ("3", "1", 1, "3"),
    ("cycle_time_pack", "", 11): ("2", "1", 1, "2"),
    ("cycle_time_depart", "", 11): ("4", "1", 1, "4"),
    ("cycle_time_deliver", "", 11): ("5", "1", 1, "5"),
    # the 12th: O7 8:30 → 17:30 = 57 h, O11 10:00 → 10:00 = 48 h, O12 11:00 → 15:00 = 52 h; Σ 157
    #   p90 of 48, 52, 57: 1.8 steps up, 52 + 0.8 × 5 = 56; p95: 1.9 steps, 56.5
    #   capture 3.5 + 2 + 1; release 3 × 18; pick 3 × 3; pack 3 × 2; out at 6:30 3 × 19.5; deliver 11 + 3.5 + 8.5
    ("cycle_time_p50", "", 12): ("157", "3", 3, "52"),
    ("cycle_time_p90", "", 12): ("157", "3", 3, "56"),
    ("cycle_time_p95", "", 12): ("157", "3", 3, "56.5"),
    ("cycle_time_mean", "", 12): ("157", "3", 3, "52.333333"),
    ("cycle_time_capture", "", 12): ("6.5", "3", 3, "2.166667"),
    ("cycle_time_hold", "", 12): ("0", "3", 3, "0"),
    ("cycle_time_promise", "", 12): ("0", "3", 3, "0"),
    ("cycle_time_release", "", 12): ("54", "3", 3, "18"),
    ("cycle_time_pick", "", 12): ("9", "3", 3, "3"),
    ("cycle_time_pack", "", 12): ("6", "3", 3, "2"),
    ("cycle_time_depart", "", 12): ("58.5", "3", 3, "19.5"),
    ("cycle_time_deliver", "", 12): ("23", "3", 3, "7.666667"),
    # the 13th: O3 9:30 → 14:00 = 76.5 h = 2.5 + hold 18 + 0 + 24 + 3 + 2 + 20 + 7
    #   O5 8:00 → 10:00 = 74 h = 4 + 0 + 0 + 18 + 3 + 2 + first out at 7:00 20 + two attempts 27
    #   p90 of 74, 76.5: 74 + 0.9 × 2.5 = 76.25; p95: 76.375
    ("cycle_time_p50", "", 13): ("150.5", "2", 2, "75.25"),
    ("cycle_time_p90", "", 13): ("150.5", "2", 2, "76.25"),
    ("cycle_time_p95", "", 13): ("150.5", "2", 2, "76.375"),
    ("cycle_time_mean", "", 13): ("150.5", "2", 2, "75.25"),
    ("cycle_time_capture", "", 13): ("6.5", "2", 2, "3.25"),
    ("cycle_time_hold", "", 13): ("18", "2", 2, "9"),
    ("cycle_time_promise", "", 13): ("0", "2", 2, "0"),
    ("cycle_time_release", "", 13): ("42", "2", 2, "21"),
    ("cycle_time_pick", "", 13): ("6", "2", 2, "3"),
    ("cycle_time_pack", "", 13): ("4", "2", 2, "2"),
    ("cycle_time_depart", "", 13): ("40", "2", 2, "20"),
    ("cycle_time_deliver", "", 13): ("34", "2", 2, "17"),
    # the 14th: O10 9:00 → 9:30 = 96.5 h; its rest was released on the 13th 6:00, 66 h after the first promise, and
    # left 19.5 h after packing
    ("cycle_time_p50", "", 14): ("96.5", "1", 1, "96.5"),
    ("cycle_time_p90", "", 14): ("96.5", "1", 1, "96.5"),
    ("cycle_time_p95", "", 14): ("96.5", "1", 1, "96.5"),
    ("cycle_time_mean", "", 14): ("96.5", "1", 1, "96.5"),
    ("cycle_time_capture", "", 14): ("3", "1", 1, "3"),
    ("cycle_time_hold", "", 14): ("0", "1", 1, "0"),
    ("cycle_time_promise", "", 14): ("0", "1", 1, "0"),
    ("cycle_time_release", "", 14): ("66", "1", 1, "66"),
    ("cycle_time_pick", "", 14): ("3", "1", 1, "3"),
    ("cycle_time_pack", "", 14): ("2", "1", 1, "2"),
    ("cycle_time_depart", "", 14): ("19.5", "1", 1, "19.5"),
    ("cycle_time_deliver", "", 14): ("3", "1", 1, "3"),
    # ann released O3's hold
    ("touchless_rate", "", 11): ("1", "1", 1, "1"),
    ("touchless_rate", "", 12): ("3", "3", 3, "1"),
    ("touchless_rate", "", 13): ("1", "2", 2, "0.5"),
    ("touchless_rate", "", 14): ("1", "1", 1, "1"),
    # O1-1 and O10-1 of 11 lines
    ("backorder_incidence", "", 10): ("2", "11", 11, "0.181818"),
    ("backorder_incidence", "", 15): ("0", "1", 1, "0"),
    # open at the 10th's close 10 + 4 + 5 + 2 + 6 + 3 + 8 + 12 + 5 + 3 = 58 units, backordered 4 + 6
    # on the 11th O3's 5, O1's 4 and O10's 6 stay open; on the 12th O3's are released, on the 13th O10's
    ("backorder_rate", "", 10): ("10", "58", 11, "0.172414"),
    ("backorder_rate", "", 11): ("10", "15", 3, "0.666667"),
    ("backorder_rate", "", 12): ("10", "10", 2, "1"),
    ("backorder_rate", "", 13): ("4", "4", 1, "1"),
    ("backorder_rate", "", 14): ("4", "4", 1, "1"),
    ("backorder_rate", "", 15): ("4", "4", 1, "1"),
    ("backorder_rate", "", 16): ("4", "4", 1, "1"),
    # both began on the 10th at noon, O10's ended on the 13th; today they are aged to noon
    ("backorder_age_p50", "", 10): ("1", "2", 2, "0.5"),
    ("backorder_age_p50", "", 11): ("3", "2", 2, "1.5"),
    ("backorder_age_p50", "", 12): ("5", "2", 2, "2.5"),
    ("backorder_age_p50", "", 13): ("3.5", "1", 1, "3.5"),
    ("backorder_age_p50", "", 14): ("4.5", "1", 1, "4.5"),
    ("backorder_age_p50", "", 15): ("5.5", "1", 1, "5.5"),
    ("backorder_age_p50", "", 16): ("6", "1", 1, "6"),
    # cohort of the 12th: out O1 6, O4 2, O5 6 (twice, counted once), O7 5, O10 10 + 2 (its line's first departure),
    # O11 5, O12 3 = 39
    #   back O11 5 (the sixth unit never was ours) and O12 2; O4's 2 were refused at the door
    #   value out 12 + 30 + 30 + 15 + 10 + 10 + 20 + 10 = 137; back 20.00 + round(10.00 × 2 / 3) = 6.67
    ("return_rate_units", "", 11): ("0", "7", 2, "0"),
    ("return_rate_units", "", 12): ("7", "39", 8, "0.179487"),
    ("return_rate_units", "", 13): ("0", "5", 1, "0"),
    ("return_rate_units", "", 16): ("0", "1", 1, "0"),
    ("return_rate_value", "", 11): ("0", "45.50", 2, "0"),
    ("return_rate_value", "", 12): ("26.67", "137", 8, "0.194672"),
    ("return_rate_value", "", 13): ("0", "20", 1, "0"),
    ("return_rate_value", "", 16): ("0", "5", 1, "0"),
    ("door_refusal_rate", "", 11): ("0", "7", 2, "0"),
    ("door_refusal_rate", "", 12): ("2", "39", 8, "0.051282"),
    ("door_refusal_rate", "", 13): ("0", "5", 1, "0"),
    ("door_refusal_rate", "", 16): ("0", "1", 1, "0"),
    # all lines but O3's are first picked on the 11th; O7's check counted 4 of 5, O11 was the wrong item
    ("picking_accuracy", "", 11): ("8", "10", 10, "0.8"),
    ("picking_accuracy", "", 12): ("1", "1", 1, "1"),
    ("picking_accuracy", "", 15): ("1", "1", 1, "1"),
    # first attempts on the 12th: S1 S7 S10A S11 S12 delivered, S4 refused, S5 absent; the lost S6 was never attempted
    ("first_attempt_rate", "", 11): ("1", "1", 1, "1"),
    ("first_attempt_rate", "", 12): ("5", "7", 7, "0.714286"),
    ("first_attempt_rate", "", 13): ("1", "1", 1, "1"),
    ("first_attempt_rate", "", 14): ("1", "1", 1, "1"),
    # the 12th: vans of 0.8 (weight) and 0.6 (stops); 60 + 100 km and 90 + 120 GBP for O1 and for O7 O11 O12
    #   O5 counts where it was delivered (the 13th, with O3), O10 with its last delivery (the 14th), O4 and O6 nowhere
    #   the carrier's parcels of the 11th: 6.50 + 8.00 EUR × 0.85 = 13.30, and not the load's own cost on top
    ("vehicle_utilisation", "", 12): ("1.4", "2", 2, "0.7"),
    ("vehicle_utilisation", "", 13): ("0.5", "1", 1, "0.5"),
    ("vehicle_utilisation", "", 14): ("0.1", "1", 1, "0.1"),
    ("vehicle_utilisation", "", 16): ("0.1", "1", 1, "0.1"),
    ("km_per_order", "", 12): ("160", "4", 2, "40"),
    ("km_per_order", "", 13): ("40", "2", 1, "20"),
    ("km_per_order", "", 14): ("30", "1", 1, "30"),
    ("km_per_order", "", 16): ("10", "0", 1, None),
    ("cost_per_order", "", 11): ("13.30", "1", 1, "13.3"),
    ("cost_per_order", "", 12): ("210", "4", 2, "52.5"),
    ("cost_per_order", "", 13): ("70", "2", 1, "35"),
    ("cost_per_order", "", 14): ("50", "1", 1, "50"),
    ("cost_per_order", "", 16): ("20", "0", 1, None),
    # 11 lines promised on the 10th; 8 of them end on the 11th, O3's on the 12th, O10-1's on the 13th, O1's never
    #   changed: O3's on the 11th, O10-1's on the 13th; on the 15th the order that is due today comes and goes
    ("promise_changes", "", 10): ("0", "11", 11, "0"),
    ("promise_changes", "", 11): ("1", "11", 11, "0.090909"),
    ("promise_changes", "", 12): ("0", "3", 3, "0"),
    ("promise_changes", "", 13): ("1", "2", 2, "0.5"),
    ("promise_changes", "", 14): ("0", "1", 1, "0"),
    ("promise_changes", "", 15): ("0", "2", 2, "0"),
    ("promise_changes", "", 16): ("0", "1", 1, "0"),
    # O3's was moved by the plan, O10-1's by a fact
    ("promise_stability", "", 10): ("11", "11", 11, "1"),
    ("promise_stability", "", 11): ("10", "11", 11, "0.909091"),
    ("promise_stability", "", 12): ("3", "3", 3, "1"),
    ("promise_stability", "", 13): ("2", "2", 2, "1"),
    ("promise_stability", "", 14): ("1", "1", 1, "1"),
    ("promise_stability", "", 15): ("2", "2", 2, "1"),
    ("promise_stability", "", 16): ("1", "1", 1, "1"),
    # LON is the first choice of all
    ("first_choice_rate", "", 10): ("6", "11", 11, "0.545455"),
    ("first_choice_rate", "", 15): ("0", "1", 1, "0"),
    # 100.00 - 90.00; 60.00 - 50.00 and nothing of 40.00
    ("sourcing_saving", "", 11): ("10", "100", 1, "0.1"),
    ("sourcing_saving", "", 16): ("10", "100", 2, "0.1"),
}

#: (kpi, anchor, day, dimension, value of it) -> the same
PARTS: dict[tuple[str, str, int, str, str], tuple[str, str, int, str | None]] = {
    # O1-O6 by shopify, O7 O10 O11 O12 by pos
    ("orders", "", 10, "channel", "shopify"): ("6", "1", 6, "6"),
    ("orders", "", 10, "channel", "pos"): ("4", "1", 4, "4"),
    ("hold_rate", "", 10, "channel", "shopify"): ("2", "6", 6, "0.333333"),
    # trade: O3 0/5, O5 6/6, O7 5/5, O10 4/10 and 2/2
    ("fill_rate_units", "first commitment", 12, "segment", "trade"): ("17", "28", 5, "0.607143"),
    # MAN: O7 O10 O11 O12; only O10 fails
    ("otif_orders", "requested", 12, "location", "MAN"): ("3", "4", 4, "0.75"),
    ("otif_orders", "requested", 12, "location", "LON"): ("0", "6", 6, "0"),
    ("perfect_order", "requested", 12, "channel", "pos"): ("2", "4", 4, "0.5"),
    # of O1-O6: on time O1; in full O2 O3 O5; void slip O3: 1/6 × 3/6 × 1 × 5/6 × 1 = 0.069444
    ("perfect_order_product", "requested", 12, "location", "LON"): ("0.417", "6", 6, "0.069444"),
    ("cycle_time_p50", "", 12, "location", "MAN"): ("157", "3", 3, "52"),
    ("return_rate_units", "", 12, "location", "MAN"): ("7", "25", 5, "0.28"),
    ("cost_per_order", "", 12, "location", "LON"): ("90", "1", 1, "90"),
    ("km_per_order", "", 12, "location", "MAN"): ("100", "3", 1, "33.333333"),
    ("backorder_rate", "", 11, "channel", "pos"): ("6", "6", 1, "1"),
    ("promise_changes", "", 13, "segment", "trade"): ("1", "1", 1, "1"),
}


def _row(figure: tuple[str, str, int, str | None]) -> tuple[Decimal, Decimal, int, Decimal | None]:
    numerator, denominator, n, value = figure
    return Decimal(numerator), Decimal(denominator), n, None if value is None else Decimal(value)


@pytest.mark.parametrize("key", ALL, ids=lambda key: "-".join(str(part) for part in key if part))
def test_each_figure_is_what_the_hand_computes(key, figures):
    assert figures[(*key, "all", "all")] == _row(ALL[key])


def test_there_is_no_figure_beyond_those(figures):
    """An order due on the 16th is not due before that day is over; what the afternoon brings has not happened."""
    assert {key[:3] for key in figures if key[3] == "all"} == set(ALL)


@pytest.mark.parametrize("key", PARTS, ids=lambda key: "-".join(str(part) for part in key if part))
def test_each_part_is_what_the_hand_computes(key, figures):
    assert figures[key] == _row(PARTS[key])


def test_the_parts_of_a_dimension_sum_to_the_whole(figures):
    sums: dict[tuple, list] = {}
    for (kpi, anchor, day, dimension, _), (numerator, denominator, n, _) in figures.items():
        if dimension != "all":
            total = sums.setdefault((kpi, anchor, day, dimension), [Decimal(0), Decimal(0), 0])
            total[0] += numerator if kpi != "perfect_order_product" else 0
            total[1] += denominator
            total[2] += n
    assert sums
    for (kpi, anchor, day, dimension), (numerator, denominator, n) in sums.items():
        whole = figures[kpi, anchor, day, "all", "all"]
        expected = (numerator, denominator if not kpi.startswith("orders") else whole[1], n)
        assert (whole[0] if kpi != "perfect_order_product" else 0, *whole[1:3]) == expected, (
            kpi,
            anchor,
            day,
            dimension,
        )


def test_the_mean_hours_of_the_stages_sum_to_the_mean_cycle_time(figures):
    stages = ("capture", "hold", "promise", "release", "pick", "pack", "depart", "deliver")
    means = [(rest, figure) for (kpi, *rest), figure in figures.items() if kpi == "cycle_time_mean"]
    assert means
    for rest, (numerator, _, n, _) in means:
        parts = [figures[(f"cycle_time_{stage}", *rest)] for stage in stages]
        assert sum(part[0] for part in parts) == numerator
        assert {part[2] for part in parts} == {n}


@pytest.mark.parametrize(
    ("order", "flags"),
    {
        # on time, in full, damage free, documents, invoice; otif requested, first, latest
        "O1": (True, False, True, True, True, False, False, False),
        "O2": (False, True, True, True, True, False, False, False),
        "O3": (False, True, True, False, True, False, False, True),
        "O4": (False, False, True, True, True, False, False, False),
        "O5": (False, True, True, True, True, False, False, False),
        "O6": (False, False, True, True, True, False, False, False),
        "O7": (True, True, True, True, True, True, True, True),
        "O10": (False, True, True, True, False, False, False, True),
        "O11": (True, True, True, True, True, True, True, True),
        "O12": (True, True, False, True, True, True, True, True),
    }.items(),
)
def test_each_order_has_the_flags_that_its_story_gives_it(order, flags, day: duckdb.DuckDBPyConnection):
    found = day.execute(
        "select is_on_time_requested, is_in_full, is_damage_free, is_documents_ok, is_invoice_ok,"
        " is_otif_requested, is_otif_first, is_otif_latest from intermediate.int_kpi__order_facts where order_id = ?",
        [order],
    ).fetchall()
    assert found == [flags]


def test_a_cancellation_is_dated_by_the_version_where_the_message_repeats_the_orders_date(
    day: duckdb.DuckDBPyConnection,
):
    """Regression: the cancel message carries the order's own date: each would have been inside the remorse window."""
    found = day.execute(
        "select is_remorse_cancelled, date_diff('minute', placed_at, cancelled_at)"
        " from intermediate.int_kpi__order_facts where order_id = 'O8'"
    ).fetchall()
    assert found == [(True, 20)]


def test_no_stored_figure_is_a_double(day: duckdb.DuckDBPyConnection):
    found = day.execute(
        "select table_name, column_name from information_schema.columns"
        " where data_type in ('DOUBLE', 'FLOAT') and (table_name = 'kpi_daily' or table_name like 'int_kpi__%')"
    ).fetchall()
    assert found == []


def test_dbts_own_tests_of_the_kpis_pass(built):
    results = built[1]
    assert len(results) >= 8
    assert [f"{r.node.name}: {r.message}" for r in results if str(r.status) != "pass"] == []
