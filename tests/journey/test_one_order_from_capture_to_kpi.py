"""One order from a shop's file to a figure in the report: what a planner sees at each step, and where each step is written.

Ann of St Albans orders three tins of tea for 10.00 each at five past five in the morning. Her shop sends the order as it
sends every order; everything after that happens through files, feeds and commands alone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from oms_dagster import cli
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.read import rows

ORDER, LINE = "shopify-4711", "shopify-4711-11"

REFERENCE = {
    "customers": [{"customer_code": "77", "name": "Ann Lee", "email": "ann@example.com", "currency": "GBP", "segment": "retail"}],
    "skus": [{"sku_code": "TEA", "name": "Tin of tea", "unit": "ea", "weight_kg": "0.5", "volume_m3": "0.002", "temperature_class": "ambient",
              "hazard_class": "none", "cost": "4.00", "currency": "GBP", "is_active": "true"}],
    "locations": [{"location_code": "LON", "name": "London", "kind": "dc", "city": "London", "country": "GB", "latitude": "51.50", "longitude": "-0.12",
                   "timezone": "Europe/London", "cutoff": "14:00", "processing_days": "0"}],
    "bins": [{"location_code": "LON", "sku_code": "TEA", "bin": "A-12-3", "zone": "A", "pick_sequence": "10"}],
    "drivers": [{"driver_code": "D1", "name": "Dee Driver", "location_code": "LON", "shift_from": "07:00", "shift_to": "18:00", "max_drive_min": "540"}],
    "vehicles": [{"vehicle_code": "VAN-1", "plate": "AB12 CDE", "location_code": "LON", "payload_kg": "500", "volume_m3": "4", "max_stops": "10",
                  "temperature_classes": "ambient", "cost_km": "0.50", "cost_hour": "20.00", "currency": "GBP", "driver_code": "D1", "is_active": "true"}],
}  # fmt: skip
SHOPIFY = {
    "id": 4711, "name": "#1001", "created_at": "2026-03-02T05:05:00Z", "updated_at": "2026-03-02T05:05:00Z", "currency": "GBP", "financial_status": "paid",
    "test": False, "taxes_included": False, "email": "ann@example.com", "customer": {"id": 77, "first_name": "Ann", "last_name": "Lee"},
    "total_price": "30.00", "total_tax": "0.00",
    "shipping_address": {"name": "Ann Lee", "address1": "1 High Street", "city": "St Albans", "zip": "AL1 1AA", "country_code": "GB", "latitude": 51.75, "longitude": -0.34},
    "line_items": [{"id": 11, "sku": "TEA", "title": "Tin of tea", "quantity": 3, "price": "10.00", "tax_lines": []}], "shipping_lines": [],
}  # fmt: skip


@dataclass
class Planner:
    """Somebody with a terminal: the only way in and out that this story uses."""

    home: Home
    desk: Path
    capsys: pytest.CaptureFixture[str]

    def oms(self, *arguments: str) -> str:
        """Run a command of the command line; what it printed."""
        self.capsys.readouterr()
        code = cli.main([*arguments, "--home", str(self.home.root)])
        said = self.capsys.readouterr()
        assert code == 0, said.err
        return said.out

    def sends(self, channel: str, name: str, content: str | Iterable[dict[str, Any]]) -> None:
        """A file arrives in a channel's inbox; rows are written as CSV."""
        file = self.desk / name
        if isinstance(content, str):
            file.write_text(content)
        else:
            table = list(content)
            with file.open("w", newline="") as out:
                writer = csv.DictWriter(out, table[0])
                writer.writeheader()
                writer.writerows(table)
        self.oms("import", str(file), "--channel", channel)

    def cycle(self, as_of: str) -> dict[str, Any]:
        """One planning cycle; its summary."""
        return dict(json.loads(self.oms("cycle", "--as-of", as_of, "--json")))

    def sees(self, sql: str) -> dict[str, Any]:
        """The one row that a query on the published copy gives."""
        with reader(self.home.current) as connection:
            found = rows(connection, sql)
        assert len(found) == 1, f"{len(found)} rows: {sql}"
        return found[0]

    def line(self) -> dict[str, int]:
        """Units of the line by ledger bucket and part of open, as published; empty ones left out."""
        row = self.sees(f"select columns('^qty_') from marts.order_lines where order_line_id = '{LINE}'")
        return {name.removeprefix("qty_"): int(units) for name, units in row.items() if units}

    def opens(self, kind: str) -> str:
        """The text of the one document of a kind, by its file in the outbox."""
        row = self.sees(f"select file, number from marts.documents where document_type = '{kind}'")
        assert row["number"] == 1
        file = self.home.outbox / row["file"]
        told = json.loads(file.with_suffix(".json").read_text())
        assert told["type"] == kind
        return self.reads(row["file"])

    def reads(self, file: str) -> str:
        """The text of a document in the outbox."""
        return "\n".join(page.extract_text() for page in PdfReader(self.home.outbox / file).pages)


@pytest.fixture
def planner(
    fresh_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Planner:
    for variable in ("OMS_HOME", "DAGSTER_HOME", "OMS_WAREHOUSE"):
        monkeypatch.setenv(variable, "")
    desk = tmp_path / "desk"
    desk.mkdir()
    return Planner(fresh_home, desk, capsys)


def test_one_order_from_capture_to_kpi(planner: Planner) -> None:
    # Half past five. The warehouse opens with 20 tins of tea, and Ann's order is in the shop's file.
    for entity, table in REFERENCE.items():
        planner.sends(entity, f"{entity}.csv", table)
    planner.sends("stock", "opening.csv", [{"movement_id": "open-1", "kind": "opening", "sku_code": "TEA", "location_code": "LON", "quantity": "20",
                                            "event_at": "2026-03-01T18:00:00Z"}])  # fmt: skip
    planner.sends("shopify", "orders.json", json.dumps({"orders": [SHOPIFY]}))
    done = planner.cycle("2026-03-02T05:30:00Z")
    assert (done["cycle_id"], done["outcome"], done["messages_accepted"], done["lines_promised"]) == (
        "1",
        "published",
        8,
        1,
    )

    # The order is there to the cent; she may still change her mind, so nothing goes to the floor; the tea is promised.
    order = planner.sees(f"select * from marts.orders where order_id = '{ORDER}'")
    assert (order["order_total"], order["currency"], order["payment_status"], order["customer_id"]) == (
        Decimal("30.00"),
        "GBP",
        "paid",
        "77",
    )
    assert planner.sees("select hold_type, status from marts.order_holds") == {
        "hold_type": "REMORSE_WINDOW",
        "status": "open",
    }
    assert planner.line() == {"ordered": 3, "open": 3, "held": 3}
    assert planner.sees("select location_id, quantity from marts.promises") == {"location_id": "LON", "quantity": 3}
    assert planner.sees("select on_hand, promised, atp from marts.inventory_positions") == {
        "on_hand": 20,
        "promised": 3,
        "atp": 17,
    }

    # A planner wants to look at it first, and holds it. Her 30 minutes are over, but nothing moves.
    planner.oms(
        "command", "hold.place", "--target", ORDER, "--reason", "is that the right address?", "--set", "scope=order"
    )
    done = planner.cycle("2026-03-02T06:00:00Z")
    assert (done["holds_placed"], done["holds_expired"]) == (1, 1)
    assert planner.sees("select type, outcome from marts.commands") == {"type": "hold.place", "outcome": "accepted"}
    hold = planner.sees("select hold_id, explanation, status from marts.order_holds where hold_type = 'MANUAL_USER'")
    assert (hold["status"], hold["explanation"]) == ("open", "is that the right address?")
    assert planner.line() == {"ordered": 3, "open": 3, "held": 3}

    # It is. Released, the order goes to the floor in a wave; its stock is reserved, the picker has a map.
    planner.oms("command", "hold.release", "--target", hold["hold_id"], "--reason", "it is", "--set", "family=manual")
    done = planner.cycle("2026-03-02T06:30:00Z")
    assert (done["holds_released"], done["lines_released"], done["documents"]) == (1, 1, 1)
    assert planner.line() == {"ordered": 3, "released": 3}
    wave = planner.sees("select wave_id, location_id, status from marts.waves")
    assert (wave["location_id"], wave["status"]) == ("LON", "released")
    task = planner.sees("select task_id, bin, qty_to_pick from marts.pick_tasks")
    assert (task["bin"], task["qty_to_pick"]) == ("A-12-3", 3)
    assert planner.sees("select on_hand, reserved, atp from marts.inventory_positions") == {
        "on_hand": 20,
        "reserved": 3,
        "atp": 17,
    }
    assert all(word in planner.opens("picking_map") for word in (wave["wave_id"], "TEA", "Tin of tea"))
    shipment = planner.sees("select shipment_id, mode, order_id from marts.shipments")
    assert (shipment["mode"], shipment["order_id"]) == ("own_fleet", ORDER)

    # Picked and packed by eight; at nine the van leaves with it, with its papers.
    scan = {"task_id": task["task_id"], "order_line_id": LINE, "quantity": "3", "package_id": "", "weight_kg": ""}
    planner.sends("floor", "scans.csv", [
        {**scan, "scan_id": "1", "kind": "pick", "actor": "pia", "event_at": "2026-03-02T07:10:00Z"},
        {**scan, "scan_id": "2", "kind": "pack", "actor": "pete", "event_at": "2026-03-02T07:40:00Z", "package_id": "BOX-1", "weight_kg": "1.7"},
    ])  # fmt: skip
    done = planner.cycle("2026-03-02T09:00:00Z")
    assert (done["loads_dispatched"], done["documents"]) == (1, 2)
    assert planner.line() == {"ordered": 3, "shipped": 3}
    load = planner.sees("select * from marts.loads")
    assert (load["vehicle_id"], load["status"], load["stops"], load["location_id"]) == ("VAN-1", "departed", 1, "LON")
    road = planner.sees("select distance_km, late_min from marts.routes")
    assert 25 < road["distance_km"] / 2 < 60, "St Albans is some 30 km from London, and back"
    assert road["late_min"] == 0
    assert planner.sees("select on_hand, reserved from marts.inventory_positions") == {"on_hand": 17, "reserved": 0}
    assert all(word in planner.opens("romaneio") for word in (load["load_id"], "St Albans", "AB12 CDE", "Dee Driver"))
    assert all(word in planner.opens("packing_slip") for word in (ORDER, "Ann Lee", "Tin of tea"))

    # Delivered before noon. One tin leaks: she asks, sends it back, it is inspected and scrapped. The night's first cycle sees it all.
    planner.sends("deliveries", "results.csv", [{"event_id": "1", "shipment_id": shipment["shipment_id"], "outcome": "delivered", "receiver": "A. Lee",
                                                 "event_at": "2026-03-02T10:50:00Z"}])  # fmt: skip
    back = {
        "return_id": "R-1",
        "order_line_id": LINE,
        "quantity": "1",
        "origin": "customer",
        "resolution": "refund",
        "location_code": "LON",
    }
    planner.sends("returns", "returns.csv", [
        {**back, "event_id": "1", "kind": "requested", "reason_code": "LEAKS", "disposition": "", "event_at": "2026-03-02T12:00:00Z"},
        {**back, "event_id": "2", "kind": "received", "reason_code": "LEAKS", "disposition": "", "event_at": "2026-03-02T16:00:00Z"},
        {**back, "event_id": "3", "kind": "inspected", "reason_code": "LEAKS", "disposition": "scrap", "event_at": "2026-03-02T16:30:00Z"},
    ])  # fmt: skip
    planner.cycle("2026-03-03T05:30:00Z")
    assert planner.line() == {"ordered": 3, "delivered": 2, "returned": 1}
    assert planner.sees("select outcome, receiver from marts.deliveries") == {
        "outcome": "delivered",
        "receiver": "A. Lee",
    }
    returned = planner.sees(
        "select qty_requested, qty_authorised, qty_accepted, qty_unexpected, refund_total, currency from marts.returns"
    )
    assert returned == {
        "qty_requested": 1,
        "qty_authorised": 1,
        "qty_accepted": 1,
        "qty_unexpected": 0,
        "refund_total": Decimal("10.00"),
        "currency": "GBP",
    }
    assert planner.sees("select on_hand from marts.inventory_positions") == {"on_hand": 17}, (
        "a scrapped tin is not sold again"
    )
    assert planner.sees(f"select fulfilment_status, is_held from marts.orders where order_id = '{ORDER}'") == {
        "fulfilment_status": "delivered",
        "is_held": False,
    }

    # The day's figures, and the report that closes it.
    def kpi(name: str) -> tuple[Decimal, Decimal, Decimal]:
        row = planner.sees(f"select numerator, denominator, value from marts.kpi_daily where kpi = '{name}' and day = '2026-03-02' and dimension = 'all'"
                           " and coalesce(anchor, 'first commitment') = 'first commitment'")  # fmt: skip
        return row["numerator"], row["denominator"], row["value"]

    assert kpi("orders") == (1, 1, 1)
    assert kpi("fill_rate_units")[2] == 1
    assert kpi("otif_orders") == (1, 1, 1)
    assert kpi("picking_accuracy")[2] == 1
    assert kpi("return_rate_units") == (1, 3, Decimal("0.333333"))
    assert "2026" in (planner.home.outbox / "reports" / "2026-03-02.html").read_text()

    # Ten minutes later nothing is new: nothing is published, but it is said that somebody looked.
    copies = sorted(file.name for file in planner.home.published.glob("*.duckdb"))
    assert planner.cycle("2026-03-03T05:40:00Z")["outcome"] == "nothing new"
    status = json.loads(planner.home.status_file.read_text())
    assert (status["outcome"], status["as_of"]) == ("nothing new", "2026-03-03T05:40:00+00:00")
    assert sorted(file.name for file in planner.home.published.glob("*.duckdb")) == copies

    # With newer code it is published, new or not: the copy gets the columns that the tower now asks for.
    planner.home.status_file.write_text(json.dumps({**status, "shape": "of older code"}))
    assert planner.cycle("2026-03-03T05:45:00Z")["outcome"] == "published"

    # No law was broken on the way, and nothing waits for a person.
    with reader(planner.home.current) as connection:
        assert rows(connection, "select * from marts.data_quality where not passed") == []
        assert rows(connection, "select * from marts.reconciliation_exceptions") == []
    tells_each_step_in_order(planner.oms("explain", ORDER))
    assert planner.oms("explain", load["load_id"]).count(shipment["shipment_id"]) >= 1


STEPS = (
    "captured shopify-4711 order from shopify", "hold placed shopify-4711 REMORSE_WINDOW",
    "command accepted shopify-4711 hold.place: is that the right address?", "hold expired shopify-4711 REMORSE_WINDOW",
    "hold placed shopify-4711 MANUAL_USER: is that the right address?",
    "command accepted MANUAL_USER-shopify-4711-1 hold.release: it is", "hold released shopify-4711 MANUAL_USER: it is", "promise first",
    "moved shopify-4711-11 3.000 open -> released at LON", "3.000 released -> picked", "3.000 picked -> packed", "3.000 packed -> loaded", "3.000 loaded -> shipped",
    "3.000 shipped -> delivered", "1.000 delivered -> returned",
)  # fmt: skip
#: Steps of one cycle have one time; the story sorts them by their kind.
SAME_TIME = ((0, 1), (2, 4), (5, 8), (11, 12))


def tells_each_step_in_order(story: str) -> None:
    """Every step is told, and never before one of an earlier cycle."""
    told = [" ".join(line.split()) for line in story.splitlines()]
    assert [line[:17] for line in told] == sorted(line[:17] for line in told), "oldest first"

    def place(step: str) -> int:
        found = [number for number, line in enumerate(told) if step in line]
        assert found, f"nobody tells: {step}\n{story}"
        return found[0]

    groups = [range(a, b + 1) for a, b in SAME_TIME] + [
        range(n, n + 1) for n in range(len(STEPS)) if not any(a <= n <= b for a, b in SAME_TIME)
    ]
    groups.sort(key=lambda steps: steps.start)
    places = [[place(STEPS[n]) for n in steps] for steps in groups]
    for earlier, later in zip(places, places[1:], strict=False):
        assert max(earlier) < min(later)
    assert any("romaneio number 1" in line for line in told) and any("packing_slip number 1" in line for line in told)
