"""The workbench for messages: found by channel, error and age, seen with the bad field marked, settled by command."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from test_tower_commands import captions, choose, demote, press, sent
from test_tower_pages import fine, texts
from world_rows import CYCLE, TILL

from oms_dagster.settings import Home
from oms_dagster.warehouse.payload import read_payload

Open = Callable[[str], AppTest]


def key(view: str, found: int, first: str) -> str:
    return f"messages-{view}-{found}-{first}-{CYCLE}"


QUARANTINE = key("Quarantine", 2, "m2")


def listed(app: AppTest) -> list[str]:
    """Messages of the queue."""
    return [str(id_) for frame in app.dataframe if "message_id" in frame.value for id_ in frame.value["message_id"]]


def test_the_tiles_count_what_waits_for_a_person(world: Home, open_page: Open) -> None:
    assert [(tile.label, tile.value) for tile in open_page("messages").metric] == [
        ("In quarantine", "2"), ("In conflict", "1"), ("Waiting", "1"), ("Warnings", "1"), ("Oldest, days", "4"),
    ]  # fmt: skip


def test_messages_are_found_by_channel_error_age_and_text(world: Home, open_page: Open) -> None:
    app = open_page("messages")
    assert listed(app) == ["m2", "m3"]
    assert listed(app.multiselect(key="channel-Quarantine").set_value(["shopify"]).run()) == ["m3"]
    app.multiselect(key="channel-Quarantine").set_value([])
    assert listed(app.multiselect(key="error-Quarantine").set_value(["BAD_NUMBER"]).run()) == ["m2"]
    app.multiselect(key="error-Quarantine").set_value([])
    assert listed(app.selectbox(key="age-Quarantine").set_value("3 days").run()) == ["m2"]
    app = fine(app.text_input(key="text-Quarantine").set_value("nothing like it").run())
    assert listed(app) == [] and "No message matches" in app.info[0].value


def test_what_was_accepted_with_a_warning_is_told_and_nothing_is_asked(world: Home, open_page: Open) -> None:
    app = open_page("messages")
    app.run()
    app = fine(app.segmented_control(key="messages-view").set_value("Warnings").run())
    assert listed(app) == ["m1"]
    shown = app.dataframe[0].value
    assert "expected a number of the length" in shown["error_detail"][0]
    assert listed(app.multiselect(key="error-Warnings").set_value(["PHONE_IMPOSSIBLE"]).run()) == ["m1"]


def test_the_payload_shows_the_bad_field_first_and_the_file_as_it_came(world: Home, open_page: Open) -> None:
    app = fine(choose(open_page("messages"), QUARANTINE, 0))
    assert "found 'two'" in app.warning[0].value.replace("\\", "")
    assert app.code[0].value == TILL.decode().strip()
    grid = app.dataframe[-1].value
    assert next(iter(grid.columns)) == "quantity" and list(grid["quantity"]) == ["two", "1"]
    assert list(grid.index) == [2, 3]


def test_a_cell_that_is_mended_becomes_a_command(world: Home, open_page: Open) -> None:
    app = choose(open_page("messages"), QUARANTINE, 0)
    app.session_state["mend-m2"] = {"edited_rows": {0: {"quantity": "2"}}, "added_rows": [], "deleted_rows": []}
    app.text_input(key="reason-correct").set_value("asked the till")
    app = fine(press(app, "Send the correction"))
    [command] = sent(world)
    assert (command.type, command.target, command.reason) == ("message.correct", "m2", "asked the till")
    assert command.payload == {"changes": "2:quantity=2"}
    assert "correct pending" in set(app.dataframe[0].value.get("pending", [])) | {
        value for frame in app.dataframe if "pending" in frame.value for value in frame.value["pending"]
    }


def test_a_correction_without_a_change_is_refused_in_one_line(world: Home, open_page: Open) -> None:
    app = choose(open_page("messages"), QUARANTINE, 0)
    app.text_input(key="reason-correct").set_value("asked the till")
    app = press(app, "Send the correction")
    assert sent(world) == [] and "changes" in app.error[0].value


def test_what_can_not_be_read_has_no_cells_and_can_be_tried_again(world: Home, open_page: Open) -> None:
    app = fine(choose(open_page("messages"), QUARANTINE, 1))
    assert "no field to mend here" in captions(app)
    app = app.segmented_control(key="settle-3").set_value("Retry").run()
    app.text_input(key="reason-message.retry").set_value("channel mended")
    fine(press(app, "Retry 1 message"))
    assert [(c.type, c.target) for c in sent(world)] == [("message.retry", "m3")]


def test_several_are_dismissed_together(world: Home, open_page: Open) -> None:
    app = choose(open_page("messages"), QUARANTINE, 0, 1)
    app = app.segmented_control(key="settle-2").set_value("Dismiss").run()
    app.text_input(key="reason-message.dismiss").set_value("test of the shop")
    press(app, "Dismiss 2 messages")
    assert {(c.type, c.target) for c in sent(world)} == {("message.dismiss", "m2"), ("message.dismiss", "m3")}


@pytest.mark.parametrize("resolution", ["keep", "replace", "cancel"])
def test_a_conflict_shows_both_contents_and_is_settled(world: Home, open_page: Open, resolution: str) -> None:
    app = open_page("messages").segmented_control(key="messages-view").set_value("Conflicts").run()
    app = fine(choose(app, key("Conflicts", 1, "m4"), 0))
    assert "Accepted first" in texts(app) and "This message" in texts(app)
    app.radio(key="resolution").set_value(resolution)
    app.text_input(key="reason-conflict").set_value("called the shop")
    fine(press(app, "Settle 1 conflict"))
    [command] = sent(world)
    assert (command.type, command.target, command.payload) == (
        "message.conflict_resolve",
        "m4",
        {"resolution": resolution},
    )


def test_a_viewer_sees_and_settles_nothing(world: Home, open_page: Open) -> None:
    demote(world, "viewer")
    app = choose(open_page("messages"), QUARANTINE, 0)
    assert "Your role (viewer) may not settle messages" in captions(app)
    assert [b.label for b in app.button] == []


def test_a_file_that_is_gone_or_unknown_is_one_line(world: Home) -> None:
    gone = read_payload(world.archive, world.channels, "0" * 64, "pos", 1)
    assert gone.rows == () and "gone from the archive" in gone.problem
    sha256 = next(world.archive.glob("*/*")).name
    assert "no channel nowhere" in read_payload(world.archive, world.channels, sha256, "nowhere", 1).problem
    assert "differently by now" in read_payload(world.archive, world.channels, sha256, "pos", 99).problem
