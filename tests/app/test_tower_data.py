"""The rows and figures that pages draw from: what they promise about numbers, days, maps and locks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from tower import charts, gantt, maps, runs, words
from tower.data import audit, dispatch, documents, holds, inventory, kpis, loads, orders, overview, sourcing
from tower.data import copy as copies
from world_rows import CYCLE, LONG

from oms_dagster.settings import Home
from oms_dagster.warehouse import connect
from oms_dagster.warehouse.write import append


@pytest.fixture
def copy(world: Home) -> copies.Copy:
    return copies.current(world)


def test_a_copy_knows_its_cycle_zone_and_currency(copy: copies.Copy) -> None:
    assert (copy.cycle_id, copy.timezone, copy.currency) == (str(CYCLE), "Europe/London", "GBP")


def test_available_to_promise_by_day_never_robs_a_later_promise(copy: copies.Copy) -> None:
    days = inventory.by_day(copy, "SKU-1", "MAN")
    assert len(days) == 29
    assert list(days["left_over"][:4]) == [57.0] * 4
    assert days["left_over"].iloc[4] == 57 + 30, "confirmed supply counts from its due date on"
    assert (days["atp"] <= days["left_over"]).all()
    assert days["atp"].is_monotonic_increasing, "a day's figure is the least of the days that follow"
    assert list(days["projected"][:5]) == [57.0, 57 - 20, 57 - 40, 57 - 40, 57 - 40 + 30], (
        "the forecast of two days is off from tomorrow on"
    )


def test_the_running_on_hand_ends_at_the_fold_of_the_movements(copy: copies.Copy) -> None:
    moved = inventory.movements(copy, "SKU-1", "MAN")
    assert moved["on_hand_after"].iloc[0] == moved["quantity"].sum() == 60


def test_the_value_at_stake_counts_an_order_once(copy: copies.Copy) -> None:
    total = holds.total(copy).iloc[0]
    assert (total["holds"], total["orders"]) == (3, 2)
    assert total["value_at_stake"] == 120 + 160, "one order with two holds, and half of another order"


def test_the_timeline_is_in_order_and_has_every_kind_of_event(copy: copies.Copy) -> None:
    told = orders.timeline(copy, "shopify-1002")
    assert told["event_at"].is_monotonic_increasing
    assert {"order", "hold", "units", "command"} <= set(told["kind"])
    assert "assumed, not scanned" in " ".join(told["because"].fillna(""))


def test_a_search_says_how_many_there_are_beyond_the_first(copy: copies.Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "LIMIT", 3)
    found = orders.search(copy)
    assert len(found) == 3
    assert found["found"].iloc[0] == 10


def test_an_override_is_compared_in_money_with_the_plan_of_its_time_once_the_line_is_on_the_floor(
    own_world: Home,
) -> None:
    """Four lines pinned in cycle 5: cheaper by 2.50, dearer by 1, not released yet, released in another quantity."""
    promised = {
        "shopify-1001-1": (10, "7.50"),
        "shopify-1001-2": (10, "11.00"),
        "shopify-1002-1": (10, "5.00"),
        "shopify-1003-1": (4, "3.00"),
    }
    with connect.writer(own_world.current.resolve()) as connection:
        for number, (line, (quantity, cost)) in enumerate(promised.items(), 1):
            sent = {
                "cycle_seq": 5,
                "command_id": f"c{number}",
                "sequence": number,
                "type": "line.pin",
                "target": line,
                "actor": "ann",
            }
            append(connection, "facts.commands", [{**sent, "outcome": "accepted"}])
            append(connection, "facts.promise_events", [
                {"cycle_seq": 4, "order_line_id": line, "event": "first", "quantity": 10, "cost": "10.00"},
                {"cycle_seq": 5, "order_line_id": line, "event": "changed", "quantity": quantity, "cost": cost},
                {"cycle_seq": 9, "order_line_id": line, "event": "changed", "quantity": quantity, "cost": "99.00"},
            ])  # fmt: skip
            if line != "shopify-1002-1":
                append(connection, "facts.line_events", [{"cycle_seq": 6, "event_id": f"o{number}", "order_line_id": line,
                       "from_bucket": "open", "to_bucket": "released", "quantity": quantity}])  # fmt: skip
    found = audit.overrides(copies.current(own_world))
    [row] = found[found["actor"] == "ann"].to_dict("records")
    assert (row["lines"], row["cheaper"], row["dearer"], row["cost_unknown"]) == (4, 1, 1, 2)
    assert float(row["cost_more"]) == -1.5


def test_tiles_compare_with_a_day_ago(copy: copies.Copy) -> None:
    tiles = overview.tiles(copy).set_index("tile")
    assert tiles.loc["orders_held", "now"] == 2
    assert tiles.loc["value_at_stake", "now"] == 120 + 160, "the measure of the Holds page"
    assert tiles.loc["lines_open", "now"] == 14
    assert tiles.loc["lines_open", "before"] == 12, "the last cycle that is at least a day old"
    assert tiles.loc["loads_departed", "before"] == 1


def test_a_gain_is_the_share_of_the_baseline_saved(copy: copies.Copy) -> None:
    newest = sourcing.solver_runs(copy).iloc[0]
    assert newest["gain"] == pytest.approx((10000 - 9000) / 10000)


def test_a_kpi_drills_to_the_rows_that_make_it(copy: copies.Copy) -> None:
    defined = kpis.definitions(copy)
    chosen = defined[(defined["kpi"] == "otif_orders") & (defined["anchor"] == "requested")].iloc[0]
    everything = kpis.rows_behind(copy, chosen["drill_sql"], "2026-03-04", "all", "all")
    assert everything["numerator"].sum() / everything["denominator"].sum() == pytest.approx(8 / 12)
    one = kpis.rows_behind(copy, chosen["drill_sql"], "2026-03-04", "channel", "pos")
    assert set(one["channel"]) == {"pos"}


def test_documents_count_numbers_that_are_missing(copy: copies.Copy) -> None:
    totals = documents.totals(copy).set_index("document_type")
    assert totals["missing"].sum() == 0
    assert totals.loc["packing_slip", "void"] == 1


def test_a_document_outside_the_outbox_is_not_read(world: Home) -> None:
    with pytest.raises(documents.NoFile, match="not in the outbox"):
        documents.content(world, "../version.json", "x")


def test_the_map_has_own_outlines_and_asks_for_no_tiles(copy: copies.Copy) -> None:
    day = loads.days(copy)["day"].iloc[0]
    figure = maps.loads_map(loads.stops(copy, day, "MAN"), loads.places(copy), loads.dropped(copy, "MAN"), "Routes")
    assert {type(trace) for trace in figure.data} == {go.Scatter}
    assert figure.layout.map.style is None
    named = {trace.name for trace in figure.data}
    assert {"L1", "L2", "location", "left behind", "Great Britain"} <= named
    colours = [trace.marker.color for trace in figure.data if trace.name in ("L1", "L2")]
    assert len(set(colours)) == 2


def test_loads_keep_apart_when_the_colours_begin_again() -> None:
    looks = {(charts.colour(i), charts.dash(i)) for i in range(2 * len(charts.PALETTE))}
    assert len(looks) == 2 * len(charts.PALETTE)


def test_a_loads_line_begins_and_ends_at_its_location() -> None:
    line = maps.path(pd.DataFrame({"longitude": [1.0, 2.0], "latitude": [50.0, 51.0]}), (0.0, 49.0))
    assert list(line["longitude"]) == [0.0, 1.0, 2.0, 0.0]


def test_a_vehicle_with_a_base_of_its_own_is_drawn_from_there(copy: copies.Copy) -> None:
    """Regression: its line began at its location, where it never was."""
    stops = loads.stops(copy, loads.days(copy)["day"].iloc[0], "MAN")
    stops.loc[stops["load_id"] == "L1", ["base_longitude", "base_latitude"]] = [-2.5, 53.25]
    figure = maps.loads_map(stops, loads.places(copy), loads.dropped(copy, "MAN"), "Routes")
    lines = {
        trace.legendgroup: (trace.x[0], trace.y[0])
        for trace in figure.data
        if trace.mode == "lines" and trace.legendgroup
    }
    assert lines["L1"] == (-2.5, 53.25)
    assert lines["L2"] != (-2.5, 53.25)
    assert [(trace.x[0], trace.y[0]) for trace in figure.data if trace.name == "base of a vehicle"] == [(-2.5, 53.25)]


def test_the_maps_window_holds_every_point_and_is_never_a_dot() -> None:
    west, east, south, north = maps.window([(1.0, 50.0), (float("nan"), 3.0)]) or (0, 0, 0, 0)
    assert west < 1.0 < east
    assert south < 50.0 < north
    assert maps.window([]) is None


def test_late_stops_are_told_by_more_than_colour(copy: copies.Copy) -> None:
    day = loads.days(copy)["day"].iloc[0]
    stops = loads.stops(copy, day, "MAN")
    figure = gantt.stops_in_time(stops[stops["load_id"] == "L1"], "Stops of L1", "Europe/London")
    late = next(trace for trace in figure.data if trace.name == "service, late")
    assert late.marker.pattern.shape == "x"
    assert figure.layout.xaxis.title.text == "local time (Europe/London)"


def test_the_gantt_of_vehicles_begins_at_departure_and_ends_at_the_last_stop(copy: copies.Copy) -> None:
    """Regression: first and last rows carry different labels, and subtracting them by label gave an empty bar."""
    day = loads.days(copy)["day"].iloc[0]
    figure = gantt.vehicles_in_time(loads.stops(copy, day, "MAN"), "Loads", "Europe/London")
    bar = next(trace for trace in figure.data if trace.name == "on the road")
    assert dict(zip(bar.y, bar.x, strict=True))["V1"] == pytest.approx((2 * 60 + 10) * 60_000)
    loading = next(trace for trace in figure.data if trace.name == "loading")
    assert (list(loading.y), list(loading.x), loading.customdata[0][2]) == (["V1"], [40 * 60_000], "L1, dock 2")
    assert {trace.name for trace in figure.data} == {
        "loading",
        "on the road",
        "window",
        "waiting",
        "service",
        "service, late",
    }


def test_every_figure_has_a_title_and_units(copy: copies.Copy) -> None:
    rows = kpis.trend(copy, "otif_orders", "requested", "channel")
    for figure in (
        charts.trend(rows, "OTIF", "share", percent=True),
        charts.stock_ahead(inventory.by_day(copy, "SKU-1", "MAN"), "ATP", "units"),
        charts.against(loads.gains(copy), "Kilometres"),
        charts.bars(holds.by_type(copy), "hold_type", {"holds": "holds"}, "Holds", "holds"),
    ):
        assert figure.layout.title.text
        assert figure.layout.xaxis.title.text
    assert len({trace.line.dash or trace.marker.symbol for trace in charts.trend(rows, "a", "b").data}) >= 1


def test_a_lock_held_by_another_process_is_seen_and_not_taken(tmp_path: Path) -> None:
    lock = tmp_path / "cycle.lock"
    assert not runs.is_locked(lock)
    lock.touch()
    assert not runs.is_locked(lock)
    script = (
        "import fcntl, os, sys; d = os.open(sys.argv[1], os.O_RDWR);"
        " fcntl.lockf(d, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert runs.is_locked(lock)
        holder.communicate("")
    assert not runs.is_locked(lock)


def test_text_from_outside_stays_text_in_markdown() -> None:
    assert words.plain("*Sons* [x](y) $1") == "\\*Sons\\* \\[x\\]\\(y\\) \\$1"
    assert len(words.short(LONG, 60)) <= 60


@pytest.mark.parametrize(
    ("value", "said"), [(3.0, "3"), (2.5, "2.5"), (1200, "1,200"), (None, "–"), (float("nan"), "–"), (pd.NaT, "–")]
)
def test_quantities_are_said_without_needless_zeros(value: object, said: str) -> None:
    assert words.quantity(value) == said


class TestDispatch:
    """The dispatcher's desk."""

    def test_a_copy_without_what_the_plan_was_made_from_says_so(self, copy: copies.Copy, tmp_path: Path) -> None:
        with pytest.raises(dispatch.CannotTell, match=r"run `oms cycle`|waits for no vehicle"):
            dispatch.moves(Home(tmp_path), copy, "SH1")
        assert dispatch.without(Home(tmp_path), copy, "V1") is None

    def test_what_moved_between_two_plans_is_new_gone_or_on_another_load(self) -> None:
        found = dispatch.moved({"A": "V1-1", "B": "V1-1", "C": "V2-1"}, {"A": "V1-1", "B": "V2-1", "D": "V2-1"})
        assert found.to_dict("records") == [
            {"shipment_id": "B", "was": "V1-1", "is_now": "V2-1"},
            {"shipment_id": "C", "was": "V2-1", "is_now": "not planned"},
            {"shipment_id": "D", "was": "not planned", "is_now": "V2-1"},
        ]

    def test_options_are_shown_the_best_first(self, copy: copies.Copy) -> None:
        found = dispatch.what_ifs(copy, "MAN")
        assert list(found["saving"]) == sorted(found["saving"], reverse=True)
        assert dispatch.what_ifs(copy, "KAS").empty
