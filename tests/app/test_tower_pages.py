"""Every page of the control tower draws: on a full world, an empty one, without a home, and when its parts change."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from published_world import publish
from streamlit.testing.v1 import AppTest
from world_rows import CYCLE, LONG, NOW

from oms_dagster import journey
from oms_dagster.settings import Home

Open = Callable[[str], AppTest]
APP = Path(__file__).resolve().parents[2] / "apps" / "streamlit"
PAGES = list(journey.PAGES)

#: Page -> key of its view control and the views.
VIEWS = {
    "overview": ("overview-view", ["Alerts", "Data freshness", "Quarantine", "Checks", "Commands decided"]),
    "messages": ("messages-view", ["Quarantine", "Conflicts", "Waiting", "Warnings", "Settled"]),
    "inventory": ("inventory-view", ["Positions", "Lots", "Drift", "Supply"]),
    "replenishment": (
        "replenishment-view",
        ["Suggestions", "On order", "Purchase orders", "Suppliers", "Excess and dead"],
    ),
    "sourcing": ("sourcing-view", ["Promises", "One more unit", "Naive ways", "Pins", "Solver runs"]),
    "backorders": ("backorders-view", ["Lines", "SKUs", "Launches"]),
    "release": ("release-view", ["Queue", "Next waves", "Waves"]),
    "documents": ("documents-view", ["Documents", "Daily reports"]),
    "audit": ("audit-view", ["Commands", "To approve", "Overrides", "Access"]),
    "returns": ("returns-view", ["Returns", "Reconciliation", "Deliveries", "Loads' accounts", "Exceptions"]),
}


def fine(app: AppTest) -> AppTest:
    """Nothing on the page is an exception or an error."""
    assert [e.message for e in app.exception] == []
    assert [e.value for e in app.error] == []
    return app


def texts(app: AppTest) -> str:
    """All that is written on the page."""
    kinds = (app.title, app.caption, app.markdown, app.info, app.warning, app.success, app.error, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_the_pages_are_those_of_the_journey() -> None:
    assert sorted(file.stem for file in (APP / "app_pages").glob("*.py")) == sorted(PAGES)
    assert not (APP / "__init__.py").exists(), "it would shadow the library"
    assert not (APP.parent / "__init__.py").exists(), "it would shadow the library"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_and_says_what_it_is_as_of(page: str, world: Home, open_page: Open) -> None:
    app = fine(open_page(page))
    assert f"cycle **{CYCLE}**" in texts(app)
    assert "4 Mar 2026, 09:00" in texts(app)
    assert "Europe/London" in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_on_an_empty_world(page: str, empty_world: Home, open_page: Open) -> None:
    app = fine(open_page(page))
    assert app.title[0].value
    assert app.info or app.metric, "an empty page says so"


@pytest.mark.parametrize("page", VIEWS)
def test_every_view_draws(page: str, world: Home, open_page: Open) -> None:
    app = open_page(page)
    key, views = VIEWS[page]
    assert list(app.segmented_control(key=key).options) == views
    for view in views[1:]:
        app = fine(app.segmented_control(key=key).set_value(view).run())


@pytest.mark.parametrize("page", VIEWS)
def test_every_view_draws_on_an_empty_world(page: str, empty_world: Home, open_page: Open) -> None:
    app = open_page(page)
    key, views = VIEWS[page]
    for view in views[1:]:
        app = fine(app.segmented_control(key=key).set_value(view).run())


@pytest.mark.parametrize("page", ["overview", "loads"])
def test_a_missing_home_shows_one_line_that_says_what_to_do(page: str, no_home: Home, open_page: Open) -> None:
    app = fine(open_page(page))
    assert len(app.info) == 1
    assert "make demo" in app.info[0].value


def test_a_home_that_published_nothing_shows_one_line_that_says_what_to_do(unpublished: Home, open_page: Open) -> None:
    app = fine(open_page("orders"))
    assert len(app.info) == 1
    assert "published nothing yet" in app.info[0].value


def test_a_home_of_a_newer_version_shows_one_line(world: Home, open_page: Open) -> None:
    world.version_file.write_text(json.dumps({"home_version": 99}))
    app = fine(open_page("orders"))
    assert "newer version" in app.info[0].value


@pytest.mark.parametrize(
    ("page", "column"),
    [("loads", "vehicles.cargo_length_mm"), ("sourcing", "promises.cost"), ("overview", "alerts.owner")],
)
def test_a_copy_that_lacks_what_newer_code_asks_for_is_one_line_that_says_what_to_do(
    own_world: Home, open_page: Open, page: str, column: str
) -> None:
    """Regression: Loads showed DuckDB's own words, and a cycle that found nothing new published no other copy."""
    import duckdb

    table, name = column.split(".")
    with duckdb.connect(str(own_world.current.resolve())) as connection:
        connection.execute(f"alter table marts.{table} drop column {name}")
    own_world.status_file.write_text(
        json.dumps({**json.loads(own_world.status_file.read_text()), "shape": "of older code"})
    )
    app = open_page(page)
    assert [e.message for e in app.exception] == []
    (said,) = [line.value for line in app.error]
    assert "older than the code" in said
    assert "run `oms cycle`" in said
    assert name not in said


def test_a_copy_that_is_broken_is_one_line_and_no_traceback(own_world: Home, open_page: Open) -> None:
    import duckdb

    with duckdb.connect(str(own_world.current.resolve())) as connection:
        connection.execute("drop table marts.promises")
    app = open_page("sourcing")
    assert [e.message for e in app.exception] == []
    (said,) = [line.value for line in app.error]
    assert "can't be read" in said
    assert "run `oms cycle`" in said


@pytest.mark.parametrize(
    "page", ["orders", "holds", "release", "sourcing", "inventory", "returns", "documents", "messages", "audit"]
)
def test_hostile_text_in_a_search_box_is_text(page: str, world: Home, open_page: Open) -> None:
    app = open_page(page)
    before = hashlib.sha256(world.current.read_bytes()).hexdigest()
    assert app.text_input, "the page has a search box"
    for box in list(app.text_input):
        app = fine(
            app.text_input(key=box.key).set_value("'; drop table marts.orders; -- <img src=x onerror=alert(1)>").run()
        )
    assert hashlib.sha256(world.current.read_bytes()).hexdigest() == before


def test_a_new_cycle_is_seen_at_once(own_world: Home, open_page: Open) -> None:
    app = open_page("holds")
    assert f"cycle **{CYCLE}**" in texts(app)
    publish(own_world, CYCLE + 1)
    assert f"cycle **{CYCLE + 1}**" in texts(fine(app.run()))


def test_a_copy_replaced_under_its_name_is_seen_at_once(own_world: Home, open_page: Open) -> None:
    """Regression: a home made anew has the same file names; answers remembered by name alone would be of the old one."""
    app = open_page("holds")
    assert app.metric[0].value == "3"
    publish(own_world, CYCLE, filled=False)
    assert fine(app.run()).metric[0].value == "0"


def test_the_last_failure_stands_above_the_last_good_copy(world: Home, open_page: Open) -> None:
    world.status_file.write_text(
        json.dumps(
            {"cycle_id": "7", "outcome": "failed", "failed_asset": "routes", "message": "vehicle V9 has no payload"}
        )
    )
    app = open_page("overview")
    assert "routes" in app.error[0].value
    assert "vehicle V9 has no payload" in app.error[0].value
    assert len(app.metric) > 5, "the last good copy is shown below"


def test_a_cycle_that_found_nothing_new_is_said(world: Home, open_page: Open) -> None:
    world.status_file.write_text(json.dumps({"cycle_id": "7", "outcome": "nothing new", "as_of": NOW.isoformat()}))
    assert "found nothing new" in texts(fine(open_page("overview")))


def test_simulated_data_has_a_badge_where_it_is_shown(world: Home, open_page: Open) -> None:
    assert "simulated deliveries" in texts(open_page("returns"))
    assert "simulated deliveries" not in texts(open_page("holds"))


def test_long_text_is_in_the_table_whole(world: Home, open_page: Open) -> None:
    shown = open_page("overview").dataframe[0].value
    assert shown["message"].iloc[0] == LONG


def test_the_operations_store_may_be_away(world: Home, open_page: Open) -> None:
    shutil.move(world.root / "operations.sqlite", world.root / "gone.sqlite")
    app = fine(open_page("orders"))
    assert "No command can be sent now" in app.warning[0].value
    assert app.dataframe[0].value["order_id"].iloc[0] == "shopify-1001"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shopify-1003", ["shopify-1003"]),
        ("CUSTOMER 0", ["shopify-1004", "shopify-1008"]),
        ("nobody", []),
        ("100%_", []),
    ],
)
def test_orders_are_found_by_id_and_customer(text: str, found: list[str], world: Home, open_page: Open) -> None:
    app = fine(open_page("orders").text_input(key="orders-text").set_value(text).run())
    if found:
        assert list(app.dataframe[0].value["order_id"]) == found
    else:
        assert "No order matches" in app.info[0].value


def test_orders_are_found_by_status_and_hold(world: Home, open_page: Open) -> None:
    app = open_page("orders").multiselect(key="orders-status").set_value(["open"]).run()
    assert set(app.dataframe[0].value["order_id"]) == {"shopify-1001", "shopify-1006"}
    app = fine(app.segmented_control(key="orders-held").set_value("Held").run())
    assert list(app.dataframe[0].value["order_id"]) == ["shopify-1001"]


def test_an_orders_story_draws_part_by_part(world: Home, open_page: Open) -> None:
    app = open_page("orders")
    app.query_params["order"] = "shopify-1002"
    app.run()
    parts = app.segmented_control(key="order-part").options
    assert len(parts) > 1
    for part in parts:
        app = fine(app.segmented_control(key="order-part").set_value(part).run())
        assert "shopify\\-1002" in texts(app)


def test_an_order_shows_its_terms_and_the_unit_it_was_written_in_where_it_has_them(
    world: Home, open_page: Open
) -> None:
    app = open_page("orders")
    app.query_params["order"] = "shopify-1006"
    told = texts(fine(app.run()))
    assert "Incoterm" in told and "DAP Leeds" in told and "GB980780684" in told and "Cancel after" in told
    assert "uom_doc" in app.dataframe[-1].proto.column_order
    app.query_params["order"] = "shopify-1002"
    app.run()
    assert "Incoterm" not in texts(app) and "uom_doc" not in app.dataframe[-1].proto.column_order


def test_the_story_says_why_it_is_held_and_on_which_load(world: Home, open_page: Open) -> None:
    app = open_page("orders")
    app.query_params["order"] = "shopify-1001"
    told = texts(app.run().segmented_control(key="order-part").set_value("Why").run())
    assert "Why is it held?" in told
    assert "take a payment or raise the limit" in told
    app.query_params["order"] = "shopify-1002"
    assert "On load **L1**" in texts(app.run())


def test_one_position_opens_its_days_and_movements(world: Home, open_page: Open) -> None:
    app = open_page("inventory")
    app.session_state[f"positions--{CYCLE}"] = {"selection": {"rows": [1]}}
    app.run()
    parts = app.segmented_control(key="position-part").options
    assert len(parts) > 1
    for part in parts:
        app = fine(app.segmented_control(key="position-part").set_value(part).run())
        assert "SKU\\-1 at MAN" in texts(app)


def test_a_figure_drills_to_its_rows(world: Home, open_page: Open) -> None:
    app = open_page("kpis")
    app.session_state[f"figures-otif_orders-requested-all-4-{CYCLE}"] = {"selection": {"rows": [0]}}
    app = fine(app.run())
    assert "12 rows; their sums are 8 and 12" in texts(app)
    assert len(app.dataframe[1].value) == 12


def test_a_document_opens_only_when_its_bytes_are_what_was_issued(world: Home, open_page: Open) -> None:
    app = open_page("documents").text_input(key="text").set_value("SH3").run()
    assert "bytes match the hash" in texts(fine(app))
    (world.outbox / "documents" / "packing_slip-1.pdf").write_bytes(b"other")
    assert "not what was issued" in texts(app.run())
