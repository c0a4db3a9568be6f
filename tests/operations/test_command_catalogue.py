"""The types of command and their payloads: no database."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from oms_dagster.operations.access import CAPABILITIES
from oms_dagster.operations.catalogue import COMMAND_TYPES, PayloadError, describe, parse_payload, stored_payload


@pytest.mark.parametrize(
    ("command_type", "payload", "stored"),
    [
        ("hold.place", {"scope": "line"}, {"hold_type": "MANUAL_USER", "scope": "line"}),
        ("hold.release", {}, {}),
        (
            "hold.release",
            {"family": "credit", "amount": "312.4", "valid_until": "2026-01-31T21:00:00-03:00"},
            {"family": "credit", "amount": "312.400", "valid_until": "2026-02-01T00:00:00Z"},
        ),
        (
            "order.cancel",
            {"scope": "line", "quantity": "2", "reason_code": "customer"},
            {"scope": "line", "quantity": "2.000", "reason_code": "CUSTOMER"},
        ),
        ("order.amend", {"scope": "line", "quantity": Decimal("0.001")}, {"scope": "line", "quantity": "0.001"}),
        (
            "order.amend",
            {"scope": "order", "requested_to": "2026-01-31 08:00:00Z"},
            {"scope": "order", "requested_to": "2026-01-31T08:00:00Z"},
        ),
        ("order.priority", {"priority": "9"}, {"priority": 9}),
        ("promise.set", {"scope": "line", "deliver_by": " 2026-01-31 "}, {"scope": "line", "deliver_by": "2026-01-31"}),
        (
            "settlement.record",
            {"part": "money", "payment_form": " cash ", "expected": "312.4", "received": 300},
            {
                "part": "money",
                "payment_form": "cash",
                "expected": "312.40",
                "returned": "0.00",
                "received": "300.00",
                "driver_debit": "0.00",
                "driver_credit": "0.00",
            },
        ),
        ("line.pin", {"location_id": " WH1 "}, {"location_id": "WH1"}),
        ("line.unpin", {}, {}),
        ("stop.lock", {"stop_sequence": 3, "shipment_id": "S-1"}, {"stop_sequence": 3, "shipment_id": "S-1"}),
        (
            "stock.adjust",
            {"location_id": "WH1", "quantity": "-2.5", "reason_code": "LOST"},
            {"location_id": "WH1", "quantity": "-2.500", "reason_code": "LOST"},
        ),
        ("return.authorise", {"quantity": 1, "resolution": "refund"}, {"quantity": "1.000", "resolution": "refund"}),
        (
            "message.correct",
            {"changes": " quantity = 2 \n\n7:note=\n7 : unit_price=1=2"},
            {"changes": "quantity=2\n7:note=\n7:unit_price=1=2"},
        ),
        ("policy.change", {"key": "k", "value": 5000}, {"key": "k", "value": "5000"}),
        ("policy.change", {"key": "k", "value": True}, {"key": "k", "value": "true"}),
        (
            "address.correct",
            {"country": "br", "latitude": "-23.55", "longitude": "-46.63"},
            {"country": "BR", "latitude": "-23.55", "longitude": "-46.63"},
        ),
    ],
)
def test_a_payload_is_stored_in_one_form(command_type: str, payload: dict[str, Any], stored: dict[str, Any]) -> None:
    parsed = parse_payload(command_type, payload)
    assert stored_payload(parsed) == stored
    assert parse_payload(command_type, json.loads(json.dumps(stored))) == parsed


@pytest.mark.parametrize(
    ("command_type", "payload", "line"),
    [
        ("hold.place", {"scope": "bin"}, "scope: 'bin' will not do: input should be 'order' or 'line'"),
        ("hold.place", {"scope": "order", "hold_type": "CREDIT_LIMIT"}, "hold_type: 'CREDIT_LIMIT' will not do"),
        ("hold.place", {"scope": "order", "x": 1}, "'x': is no field of it: use hold_type, scope"),
        ("hold.release", {"family": "weather"}, "family: 'weather' will not do"),
        ("hold.release", {"amount": "0"}, "amount: '0' will not do: input should be greater than 0"),
        ("hold.release", {"valid_until": "2026-01-31"}, "valid_until: '2026-01-31' is no date and time: write it as"),
        ("hold.release", {"valid_until": "2026-01-31T10:00:00"}, "has no time zone: write it as"),
        ("hold.release", {"valid_until": datetime(2026, 1, 31)}, "has no time zone: write it as"),
        ("hold.release", {"valid_until": "0202-01-31T10:00:00Z"}, "is not between the years 2000 and 2199"),
        ("hold.release", {"valid_until": 20260131}, "valid_until: 20260131 is no date and time"),
        ("order.cancel", {"scope": "order"}, "reason_code: is missing: give it (why, for the reports)"),
        ("order.cancel", {"scope": "order", "reason_code": "BORED"}, "reason_code: 'BORED' will not do"),
        ("order.cancel", {"scope": "order", "reason_code": "OTHER", "quantity": 1}, "quantity: an order has none"),
        ("order.amend", {"scope": "line", "quantity": "-1"}, "quantity: '-1' will not do"),
        ("order.amend", {"scope": "line", "quantity": "nan"}, "quantity: 'nan' will not do"),
        ("order.amend", {"scope": "line", "quantity": "1e400"}, "quantity: '1e400' will not do"),
        ("order.amend", {"scope": "line", "quantity": "1.2345"}, "no more than 3 decimal places"),
        ("order.amend", {"scope": "line", "quantity": True}, "quantity: True is no number: write digits"),
        ("order.amend", {"scope": "line"}, "quantity: amending a line takes it and nothing else"),
        ("order.amend", {"scope": "order", "quantity": 1}, "requested_to: amending an order takes it"),
        ("order.priority", {"priority": 0}, "priority: 0 will not do"),
        (
            "promise.set",
            {"scope": "line", "deliver_by": "tomorrow"},
            "deliver_by: 'tomorrow' is no date: write it as 2026-01-31",
        ),
        (
            "promise.set",
            {"scope": "line", "deliver_by": "2026-02-30"},
            "deliver_by: '2026-02-30' is no date: write it as 2026-01-31",
        ),
        ("promise.set", {"scope": "line", "deliver_by": "0026-01-31"}, "is not between the years 2000 and 2199"),
        ("promise.set", {"scope": "line", "deliver_by": "2026-01-31T10:00:00Z"}, "is no date: write it as 2026-01-31"),
        ("settlement.record", {"part": "cargo"}, "part: 'cargo' will not do"),
        (
            "settlement.record",
            {"part": "money", "payment_form": "cash", "expected": -1, "received": 0},
            "expected: -1 will not do",
        ),
        (
            "settlement.record",
            {"part": "money", "payment_form": "cash", "expected": "1.005", "received": 0},
            "no more than 2 decimal places",
        ),
        (
            "settlement.record",
            {"part": "money", "payment_form": "cash", "expected": 1, "returned": 2, "received": 0},
            "returned: is more than was expected",
        ),
        ("order.priority", {"priority": 10}, "priority: 10 will not do"),
        ("line.pin", {"location_id": ""}, "location_id: '' is empty: fill it in"),
        ("line.pin", {"location_id": "a\x1bb"}, "cannot be printed: remove them"),
        ("line.pin", {"location_id": "x" * 999}, "has 999 characters: shorten it to 200"),
        ("load.lock", {"a": 1}, "'a': is no field of it: use no field at all"),
        ("stop.lock", {"stop_sequence": 0}, "stop_sequence: 0 will not do"),
        ("stock.adjust", {"location_id": "W", "quantity": 0, "reason_code": "LOST"}, "quantity: 0 changes nothing"),
        ("message.correct", {"changes": "quantity"}, "write FIELD=VALUE or ROW:FIELD=VALUE"),
        ("message.correct", {"changes": " "}, "is empty: write FIELD=VALUE"),
        ("message.correct", {"changes": "note=a\tb"}, "cannot be printed"),
        ("message.correct", {"changes": "n=1\n" * 501}, "mend so many at the sender"),
        ("message.conflict_resolve", {"resolution": "merge"}, "resolution: 'merge' will not do"),
        ("policy.change", {"key": "k", "value": 0.1}, "value: 0.1 is a float: write it as text"),
        ("address.correct", {}, "address: nothing to correct: give at least one field"),
        ("address.correct", {"latitude": 1}, "latitude: comes with longitude: give both or neither"),
        ("address.correct", {"latitude": 91, "longitude": 0}, "latitude: 91 will not do"),
        ("address.correct", {"country": "Brazil"}, "country: 'Brazil' is no country code"),
        ("load.explode", {}, "type: 'load.explode' is not known: use one of hold.place"),
    ],
)
def test_a_wrong_payload_is_refused_with_one_line(command_type: str, payload: dict[str, Any], line: str) -> None:
    with pytest.raises(PayloadError) as refusal:
        parse_payload(command_type, payload)
    assert line in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_capability_named_exists_and_every_inverse_is_a_type() -> None:
    for command in COMMAND_TYPES.values():
        assert command.capability in CAPABILITIES
        assert command.inverse is None or command.inverse in COMMAND_TYPES


def test_each_family_of_holds_has_its_capability() -> None:
    (family,) = [field for field in COMMAND_TYPES["hold.release"].payload.model_fields if field == "family"]
    (choices,) = [field.choices for row in describe() for field in row.fields if field.name == family]
    assert {f"hold.release.{choice}" for choice in choices} == {
        capability for capability in CAPABILITIES if capability.startswith("hold.release.")
    }


def test_the_description_has_a_row_a_type_with_what_a_form_needs() -> None:
    rows = describe()
    assert [row.type for row in rows] == list(COMMAND_TYPES)
    for row in rows:
        assert row.summary.endswith(".") and row.target and "admin" in row.roles
        for field in row.fields:
            assert field.description, (row.type, field.name)
            assert field.kind in {"text", "choice", "integer", "decimal", "date", "timestamp"}
            assert bool(field.choices) == (field.kind == "choice")


def test_the_description_says_who_may_send_some_form_of_it() -> None:
    roles = {row.type: row.roles for row in describe()}
    assert "credit" in roles["hold.release"]
    assert roles["load.dispatch"] == ("dispatcher", "manager", "admin")
    assert "viewer" not in {role for names in roles.values() for role in names}
