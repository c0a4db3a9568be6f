"""Taking an order by phone: customer and SKUs by search, sent as one command, promised by the next cycle."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest
from test_tower_commands import captions, demote, press, sent
from test_tower_pages import fine, texts
from world_rows import CYCLE

from oms_dagster.settings import Home

Open = Callable[[str], AppTest]


def form(open_page: Open) -> AppTest:
    return fine(open_page("orders").toggle(key="phone").set_value(True).run())


def add(app: AppTest, text: str, quantity: float) -> AppTest:
    app = app.text_input(key="phone-sku-text").set_value(text).run()
    app.number_input(key="phone-quantity").set_value(quantity)
    return fine(app.button(key="phone-add").click().run())


def number_of(app: AppTest) -> str:
    return str(app.session_state["phone-number"])


def test_an_order_of_two_lines_becomes_one_command(world: Home, open_page: Open) -> None:
    app = form(open_page).text_input(key="phone-customer-text").set_value("customer 2").run()
    app = add(add(app, "SKU-1", 2), "teapot 3", 1)
    number = number_of(app)
    assert number.startswith("T-260304-")
    app.text_input(key="phone-ship_to_city").set_value("Leeds")
    app.text_input(key=f"reason-phone-{number}").set_value("phone call")
    app = fine(press(app, f"Take order {number}"))
    [command] = sent(world)
    assert (command.type, command.target, command.seen_cycle_id) == ("order.create", number, str(CYCLE))
    assert command.payload == {
        "customer_code": "C2", "lines": "SKU-1=2.000@0.000000\nSKU-3=1.000@0.000000", "currency": "GBP",
        "payment_status": "pending", "ship_to_city": "Leeds",
    }  # fmt: skip
    assert "the next cycle decides" in app.success[0].value
    assert number_of(app) != number and app.session_state["phone-lines"] == [], "the form is empty for the next caller"


def test_prices_and_quantities_are_changed_in_their_cells(world: Home, open_page: Open) -> None:
    app = add(form(open_page), "SKU-1", 2)
    number = number_of(app)
    app.session_state[f"phone-edited-{number}-1"] = {
        "edited_rows": {0: {"unit_price": 3.5, "quantity": 4}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app = app.run()
    app.text_input(key="phone-name").set_value("Ann Lee")
    app.text_input(key=f"reason-phone-{number}").set_value("phone call")
    fine(press(app, f"Take order {number}"))
    payload = sent(world)[0].payload
    assert (payload["lines"], payload["customer_name"]) == ("SKU-1=4.000@3.500000", "Ann Lee")
    assert payload["customer_code"] == number, "somebody new is known by the order's number"


def test_without_a_line_it_is_refused_in_one_line(world: Home, open_page: Open) -> None:
    app = form(open_page)
    app.text_input(key=f"reason-phone-{number_of(app)}").set_value("phone call")
    app = press(app, f"Take order {number_of(app)}")
    assert sent(world) == [] and len(app.error) == 1 and "lines" in app.error[0].value


def test_what_is_not_found_is_said(world: Home, open_page: Open) -> None:
    app = form(open_page)
    app.text_input(key="phone-customer-text").set_value("nobody")
    app = fine(app.text_input(key="phone-sku-text").set_value("nothing").run())
    assert "No customer matches" in captions(app) and "No SKU that is sold matches" in captions(app)


def test_a_viewer_takes_no_order(world: Home, open_page: Open) -> None:
    demote(world, "viewer")
    app = form(open_page)
    assert "may not take orders by phone" in captions(app)
    assert not app.button and "Taken by phone" not in texts(app)
