"""What people do on the pages becomes a command: once, with its reason, pending until a cycle decides."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from world_rows import CYCLE, TODAY

from oms_dagster.operations.access import add_user, change_user
from oms_dagster.operations.commands import Command, list_commands
from oms_dagster.operations.store import LOCAL_USER, open_store
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect

Open = Callable[[str], AppTest]


def sent(home: Home) -> list[Command]:
    store = open_store(home.operations_url)
    try:
        return list_commands(store)
    finally:
        store.close()


def demote(home: Home, role: str) -> None:
    """Give the local user another role (somebody else stays admin)."""
    store = open_store(home.operations_url)
    try:
        add_user(store, "boss", "Boss", "admin")
        change_user(store, LOCAL_USER, role=role)
    finally:
        store.close()


def choose(app: AppTest, key: str, *rows: int) -> AppTest:
    """Select rows of a table."""
    app.session_state[key] = {"selection": {"rows": list(rows)}}
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def shown(app: AppTest) -> str:
    return "\n".join(str(e.value) for kind in (app.caption, app.warning, app.info) for e in kind)


def captions(app: AppTest) -> str:
    return "\n".join(str(c.value) for c in app.caption)


HOLDS = f"holds-open-Oldest first--{CYCLE}"


def test_a_release_is_sent_with_its_reason_and_shows_as_pending(world: Home, open_page: Open) -> None:
    app = choose(open_page("holds"), HOLDS, 0)
    app.text_input(key="reason-release").set_value("guarantee received")
    app = press(app, "Release 1 hold")
    assert not app.exception
    [command] = sent(world)
    assert (command.type, command.target) == ("hold.release", "CREDIT_LIMIT-shopify-1001-1")
    assert (command.reason, command.actor, command.seen_cycle_id) == ("guarantee received", LOCAL_USER, str(CYCLE))
    assert command.payload == {"family": "credit"}
    assert "the next cycle decides" in app.success[0].value
    assert "1 command pending" in app.expander[0].label
    queue = next(table.value for table in app.dataframe if "pending" in table.value)
    assert "release pending" in set(queue["pending"])


def test_a_hold_shows_its_evidence_beside_the_customers_other_holds(world: Home, open_page: Open) -> None:
    app = choose(open_page("holds"), HOLDS, 0)
    assert not app.exception
    said = "\n".join(str(m.value) for m in app.markdown)
    assert "**Decided on**" in said
    others = next(
        table.value for table in app.dataframe if "clear_reason" in table.value and "pending" not in table.value
    )
    assert set(others["hold_type"]) == {"MANUAL_USER"}, "the order's other hold, not itself"


def test_several_holds_are_released_together(world: Home, open_page: Open) -> None:
    app = choose(open_page("holds"), HOLDS, 0, 1)
    app.text_input(key="reason-release").set_value("called them")
    app = press(app, "Release 2 holds")
    assert {c.target for c in sent(world)} == {"CREDIT_LIMIT-shopify-1001-1", "MANUAL_USER-shopify-1001-1"}
    assert "2 commands sent" in app.success[0].value


def test_a_release_without_a_reason_is_refused_in_one_line(world: Home, open_page: Open) -> None:
    app = press(choose(open_page("holds"), HOLDS, 0), "Release 1 hold")
    assert sent(world) == []
    assert len(app.error) == 1
    assert "reason" in app.error[0].value


def test_what_only_the_data_can_clear_has_no_button(world: Home, open_page: Open) -> None:
    app = choose(open_page("holds"), HOLDS, 2)
    assert "can't be released by hand" in captions(app)
    assert [b.label for b in app.button if "Release" in b.label] == []


def test_a_viewer_gets_one_clear_line(world: Home, open_page: Open) -> None:
    demote(world, "viewer")
    app = choose(open_page("holds"), HOLDS, 0)
    assert "Your role (viewer) may not release 1 hold" in captions(app)
    assert "credit" in captions(app), "and it says whom to ask"
    assert [b.label for b in app.button if "Release" in b.label] == []


def test_a_credit_manager_releases_the_credit_hold_and_not_the_manual_one(world: Home, open_page: Open) -> None:
    demote(world, "credit")
    app = choose(open_page("holds"), HOLDS, 0, 1)
    assert "may not release 1 hold of these" in captions(app)
    app.text_input(key="reason-release").set_value("limit raised")
    press(app, "Release 1 hold")
    assert [c.target for c in sent(world)] == ["CREDIT_LIMIT-shopify-1001-1"]


def test_a_release_above_the_limit_waits_for_somebody_else(world: Home, open_page: Open) -> None:
    demote(world, "credit")
    store = open_store(world.operations_url)
    change_user(store, LOCAL_USER, limits={"hold.release.credit": "0.01"})
    store.close()
    app = choose(open_page("holds"), HOLDS, 0)
    app.text_input(key="reason-release").set_value("guarantee received")
    app = press(app, "Release 1 hold")
    [command] = sent(world)
    assert command.needs_approval
    assert "above your limit" in app.success[0].value
    assert "somebody else must approve" in app.info[0].value
    assert not [e for e in app.expander if "pending" in e.label], "no cycle decides about it yet"


@pytest.mark.parametrize("page", ["overview", "orders", "loads"])
def test_a_viewer_finds_no_button_that_sends(page: str, world: Home, open_page: Open) -> None:
    demote(world, "viewer")
    app = open_page(page)
    if page == "orders":
        app.query_params["order"] = "shopify-1001"
        app = app.run().segmented_control(key="order-part").set_value("Change").run()
    elif page == "loads":
        app = choose(app, f"loads-20260304-MAN-{CYCLE}", 0)
    assert not app.exception
    assert "Your role (viewer) may not" in captions(app)
    assert [b.label for b in app.button] == []


def _change(app: AppTest, kind: str) -> AppTest:
    app.query_params["order"] = "shopify-1001"
    app = app.run().segmented_control(key="order-part").set_value("Change").run()
    return app.segmented_control(key="order-change").set_value(kind).run()


def test_the_call_centre_cancels_a_part_of_a_line(world: Home, open_page: Open) -> None:
    app = _change(open_page("orders"), "Cancel")
    app.selectbox(key="cancel-target").set_value("shopify-1001-1")
    app.number_input(key="cancel-quantity").set_value(2)
    app.text_input(key="reason-cancel").set_value("customer called")
    app = press(app, "Cancel")
    [command] = sent(world)
    assert (command.type, command.target) == ("order.cancel", "shopify-1001-1")
    assert command.payload == {"scope": "line", "quantity": "2.000", "reason_code": "CUSTOMER"}


def test_the_call_centre_amends_a_quantity_and_holds_an_order(world: Home, open_page: Open) -> None:
    app = _change(open_page("orders"), "Amend a quantity")
    app.number_input(key="amend-quantity").set_value(9)
    app.text_input(key="reason-amend").set_value("wants more")
    app = press(app, "Change the quantity")
    app = app.segmented_control(key="order-change").set_value("Hold").run()
    app.text_input(key="reason-hold").set_value("will call back")
    press(app, "Hold")
    assert [(c.type, c.target, dict(c.payload)) for c in sent(world)] == [
        ("order.amend", "shopify-1001-1", {"scope": "line", "quantity": "9.000"}),
        ("hold.place", "shopify-1001", {"hold_type": "MANUAL_USER", "scope": "order"}),
    ]


def test_the_call_centre_agrees_on_a_date(world: Home, open_page: Open) -> None:
    app = _change(open_page("orders"), "Agree on a date")
    app.date_input(key="date-value").set_value(date(2026, 3, 20))
    app.text_input(key="reason-date").set_value("called Ann")
    press(app, "Set the date")
    [command] = sent(world)
    assert (command.type, command.target, dict(command.payload)) == (
        "promise.set",
        "shopify-1001",
        {"scope": "order", "deliver_by": "2026-03-20"},
    )


def test_money_of_a_load_is_counted(world: Home, open_page: Open) -> None:
    app = open_page("returns").segmented_control(key="returns-view").set_value("Loads' accounts").run()
    app = choose(app, f"settlements-{CYCLE}", 0)
    app.number_input(key="count-expected").set_value(50)
    app.number_input(key="count-received").set_value(45.5)
    app.text_input(key="reason-count").set_value("counted with the driver")
    press(app, "Record for L3")
    [command] = sent(world)
    assert (command.type, command.target) == ("settlement.record", "L3")
    assert command.payload == {
        "part": "money", "payment_form": "cash", "expected": "50.00", "returned": "0.00", "received": "45.50",
        "driver_debit": "0.00", "driver_credit": "0.00",
    }  # fmt: skip


def test_an_account_that_does_not_close_is_signed_with_a_warning(world: Home, open_page: Open) -> None:
    app = open_page("returns").segmented_control(key="returns-view").set_value("Loads' accounts").run()
    app = choose(app, f"settlements-{CYCLE}", 0)
    app = app.segmented_control(key="settlement-deed").set_value("Close").run()
    assert "It does not close" in captions(app)
    app.text_input(key="reason-settlement").set_value("the box was stolen")
    press(app, "Close the account of L3")
    assert [(c.type, c.target) for c in sent(world)] == [("settlement.sign", "L3")]


def test_a_load_is_approved_with_the_content_that_was_seen(world: Home, open_page: Open) -> None:
    app = choose(open_page("loads"), f"loads-20260304-MAN-{CYCLE}", 0)
    app = app.segmented_control(key="load-command").set_value("load.approve").run()
    app.text_input(key="reason-load").set_value("checked with the dock")
    app = press(app, "Approve")
    assert not app.exception
    [command] = sent(world)
    assert (command.type, command.target) == ("load.approve", "L1")
    assert command.seen_hash == hashlib.sha256(b'["SH1","SH2"]').hexdigest()


def test_a_load_says_whether_its_goods_are_shown_to_fit(world: Home, open_page: Open) -> None:
    del world
    app = choose(open_page("loads"), f"loads-20260304-MAN-{CYCLE}", 0)
    assert "Fits by layers: 4.21 m of 6.1 m floor." in captions(app)
    app = choose(open_page("loads"), f"loads-20260304-MAN-{CYCLE}", 1)
    assert "Not shown to fit: 7.3 m of 6.1 m floor." in app.warning[0].value


def test_a_load_that_has_left_has_no_command(world: Home, open_page: Open) -> None:
    app = open_page("loads")
    day = next(option for option in app.selectbox(key="loads-day").options if "3 Mar" in option or "03 Mar" in option)
    app = app.selectbox(key="loads-day").select(day).run()
    app = choose(app, f"loads-20260303-MAN-{CYCLE}", 0)
    assert "It has left" in captions(app)
    assert "layers" not in captions(app), "no measure of its goods is known"
    assert [b.label for b in app.button] == []


def test_a_line_is_pinned_to_a_location(world: Home, open_page: Open) -> None:
    app = choose(open_page("sourcing"), f"promises--Ships first-{CYCLE}", 0)
    app.selectbox(key="pin-place-Pin").set_value("KAS")
    app.text_input(key="reason-pin").set_value("customer collects there")
    press(app, "Pin the line")
    [command] = sent(world)
    assert (command.type, command.target, dict(command.payload)) == (
        "line.pin",
        "shopify-1001-2",
        {"location_id": "KAS"},
    )


def test_a_substitute_is_accepted_for_some_of_what_waits(world: Home, open_page: Open) -> None:
    app = choose(open_page("backorders"), f"backorders---{CYCLE}", 0)
    assert "Could go in its place" in captions(app)
    app.selectbox(key="backorder-substitute").set_value("SKU-5")
    app.number_input(key="backorder-substitute-units").set_value(2.0)
    app.text_input(key="reason-backorder-substitute").input("she takes the other one")
    press(app, "Accept the substitute")
    (command,) = sent(world)
    assert (command.type, command.target) == ("substitution.accept", "shopify-1006-2")
    assert command.payload == {"sku_id": "SKU-5", "quantity": "2.000"}


def _collected_at_the_store(home: Home) -> None:
    """The line that waits is of an order which its customer collects at MAN; KAS has the goods."""
    with connect.writer(home.current.resolve()) as connection:
        connection.execute("update marts.orders set pickup_location_id = 'MAN' where order_id = 'shopify-1006'")
        connection.execute("update marts.skus set weight_kg = 1.5 where sku_id = 'SKU-2'")
        connection.execute(
            "update marts.inventory_positions set atp = 3 where sku_id = 'SKU-2' and location_id = 'KAS'"
        )


def test_the_transfer_that_a_pickup_waits_for_is_ordered_with_its_cost_and_day_in_sight(
    own_world: Home, open_page: Open
) -> None:
    _collected_at_the_store(own_world)
    app = choose(open_page("backorders"), f"backorders---{CYCLE}", 0)
    assert "collects it at MAN" in captions(app)
    # 833 km: 2.00 + 833 x 0.035 + 833 x 3 x 1.5 kg x 0.0006
    due = TODAY + timedelta(days=2)
    assert app.selectbox(key="backorder-transfer").options == [
        f"KAS: 3 for 33.42 GBP, there on {due:%a} {due.day} {due:%b %Y}"
    ]
    app.text_input(key="reason-backorder-transfer").input("she comes on Saturday")
    press(app, "Order the transfer to MAN")
    (command,) = sent(own_world)
    assert (command.type, command.target) == ("replenishment.accept", "SKU-2")
    assert command.payload == {
        "kind": "transfer", "location_id": "MAN", "source": "KAS", "quantity": "3.000", "due_date": f"{due:%Y-%m-%d}",
    }  # fmt: skip


def test_a_transfer_that_has_not_left_is_cancelled_where_it_is_waited_for(own_world: Home, open_page: Open) -> None:
    with connect.writer(own_world.current.resolve()) as connection:
        connection.execute(
            "insert into marts.supply (supply_id, kind, sku_id, location_id, from_location_id, quantity_open, due_date, status)"
            f" values ('TO-1', 'transfer', 'SKU-2', 'MAN', 'KAS', 5, '{TODAY}', 'confirmed')"
        )
        connection.execute(
            "insert into marts.supply_pegs (supply_id, order_line_id, quantity, due_date, location_id)"
            f" values ('TO-1', 'shopify-1006-2', 5, '{TODAY}', 'MAN')"
        )
    app = choose(open_page("backorders"), f"backorders---{CYCLE}", 0)
    app.segmented_control(key="backorder-kind-Substitute-Priority-Split-Cancel transfer-Cancel").set_value("Cancel transfer").run()  # fmt: skip
    app.text_input(key="reason-backorder-transfer-back").input("found one in the shop")
    press(app, "Cancel the transfer")
    (command,) = sent(own_world)
    assert (command.type, command.target) == ("replenishment.cancel", "TO-1")


def test_a_return_is_authorised(world: Home, open_page: Open) -> None:
    app = choose(open_page("returns"), f"returns--{CYCLE}", 0)
    app.text_input(key="reason-return").set_value("photo shows the damage")
    press(app, "Authorise")
    [command] = sent(world)
    assert (command.type, command.target, dict(command.payload)) == ("return.authorise", "R1", {})


def test_stock_is_corrected_by_a_difference(world: Home, open_page: Open) -> None:
    app = choose(open_page("inventory"), f"positions--{CYCLE}", 1)
    app = app.segmented_control(key="position-part").set_value("Correct").run()
    app.number_input(key="adjust-quantity").set_value(-3)
    app.text_input(key="reason-adjust").set_value("counted twice")
    press(app, "Correct the stock at MAN")
    [command] = sent(world)
    assert command.payload == {"location_id": "MAN", "quantity": "-3.000", "reason_code": "COUNT"}


def test_a_cycle_is_started_as_a_second_process_whose_last_words_are_shown(
    world: Home, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Regression: why the cycle failed was kept for the page and never drawn."""
    from tower import runs

    python, go = tmp_path / "python", tmp_path / "go"
    python.write_text(
        f'#!/bin/sh\necho "$@"\nuntil [ -e {go} ]; do sleep 0.1; done\necho "oms: out of diesel"\nexit 1\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    app = press(open_page("overview"), "Run a cycle now")
    assert not app.exception
    assert "A cycle is starting" in shown(app)
    go.touch()
    runs._started()[str(world.root)].wait(60)
    assert (world.root / runs.LOG).read_text().splitlines()[0] == f"-m oms_dagster.cli cycle --home {world.root}"
    assert "out of diesel" in " ".join(error.value for error in app.run().error)


def test_a_policy_is_checked_and_tried_before_it_is_sent(world: Home, open_page: Open) -> None:
    app = choose(open_page("policies"), f"policies--{CYCLE}", 0)
    app = app.text_input(key="policy-credit.overdue_days").set_value("soon").run()
    assert "use a whole number" in shown(app)
    assert not [button for button in app.button if button.label.startswith("Set to")]
    app = app.text_input(key="policy-credit.overdue_days").set_value("15").run()
    assert [button.label for button in app.button if button.label.startswith("Set to")] == ["Set to 15"]
    app = app.button(key="try-credit.overdue_days").click().run()
    assert "no compiled rules are there" in shown(app), "the made-up world has none: the page says so in one line"


def test_a_drift_is_corrected_by_a_command_that_names_its_snapshot(world: Home, open_page: Open) -> None:
    app = open_page("inventory").segmented_control(key="inventory-view").set_value("Drift").run()
    app = choose(app, f"drift--{CYCLE}", 0)
    app.text_input(key="reason-drift").set_value("counted again")
    app = press(app, "Book -3.000 of SKU\\-1 at MAN")
    assert not app.exception
    [command] = sent(world)
    assert (command.type, command.target) == ("stock.adjust", "SKU-1")
    assert Decimal(command.payload["quantity"]) == -3
    assert command.payload["reference"] == "wms:SKU-1@MAN:20260304T060000"
