"""`oms capture replay`: archived files through the gate again. What is known ends as duplicate, never as a new order."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from oms_dagster import recapture
from oms_dagster.cli import main
from oms_dagster.defs.capture import archive, arrivals
from oms_dagster.inbox import put
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, gate, publish

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def order(number: int) -> dict[str, object]:
    return {
        "id": number, "created_at": "2026-03-01T10:00:00+00:00", "updated_at": "2026-03-01T10:00:00+00:00", "currency": "EUR",
        "email": "ann@example.com", "total_price": "7.50", "line_items": [{"id": 1, "sku": "TEA-1", "quantity": 1, "price": "7.50"}],
    }  # fmt: skip


def send(home: Home, channel: str, name: str, text: str) -> None:
    file = home.root.parent / "sent" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    put(home, file, channel)


def capture(home: Home, cycle: int) -> dict[str, int]:
    """What the asset `captured` does with the inbox, and a published copy of it."""
    counts: dict[str, int] = {}
    with connect.writer(home.warehouse) as connection:
        for arrival in arrivals(home):
            _, kept = archive(home, arrival.path)
            with connect.transaction(connection):
                outcome = gate.capture_file(
                    connection, home.channels, kept, file_name=arrival.path.name, channel=arrival.channel,
                    modified_ns=arrival.modified_ns, cycle_seq=cycle, as_of=DAY + timedelta(days=cycle - 1),
                )  # fmt: skip
            for name in gate.OUTCOMES:
                counts[name] = counts.get(name, 0) + getattr(outcome, name)
            arrival.path.unlink()
    publish.publish(home, cycle)
    return {name: count for name, count in counts.items() if count}


def facts(home: Home) -> list[tuple[object, ...]]:
    with connect.reader(home.current) as connection:
        return connection.execute(
            "select 'order', order_id, order_version, order_total from facts.orders"
            " union all select 'line', order_line_id, quantity, line_total from facts.order_lines"
            " union all select 'stock', movement_id, quantity, null from facts.stock order by all"
        ).fetchall()


@pytest.fixture
def history(fresh_home: Home) -> Home:
    """Three days of captured files: good ones, a broken one, stock and reference data."""
    home = fresh_home
    send(home, "shopify", "monday.json", json.dumps([order(1), order(2)]))
    send(home, "suppliers", "suppliers.csv", "supplier_code,name\nS1,Old name\n")
    capture(home, 1)
    send(home, "shopify", "tuesday.json", json.dumps([order(3), {"id": 4}]))
    send(
        home,
        "stock",
        "stock.csv",
        "movement_id,kind,sku_code,location_code,quantity,event_at\nM1,receipt,TEA-1,DC,5,2026-03-03T08:00:00Z\n",
    )
    capture(home, 2)
    send(home, "shopify", "wednesday.json", json.dumps(order(5)))
    capture(home, 3)
    return home


def test_a_channel_s_history_ends_as_duplicates_and_changes_no_fact(
    history: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    before = facts(history)
    assert main(["capture", "replay", "--channel", "shopify", "--home", str(history.root)]) == 0
    assert capsys.readouterr().out.startswith("3 files of shopify are in the inbox")
    assert sorted(p.name for p in (history.inbox / "shopify").iterdir()) == [
        "replay-000001-monday.json", "replay-000002-tuesday.json", "replay-000003-wednesday.json",
    ]  # fmt: skip
    assert capture(history, 4) == {"duplicate": 4, "quarantined": 1}
    assert facts(history) == before
    main(["capture", "replay", "--channel", "shopify", "--home", str(history.root)])
    assert capture(history, 5) == {"duplicate": 4, "quarantined": 1}, "again, and under names that have not grown"
    with connect.reader(history.current) as connection:
        names = connection.execute("select max(len(file_name)) from facts.capture_files").fetchall()
    assert names == [(len("replay-000003-wednesday.json"),)]


def test_one_file_by_the_beginning_of_its_hash(history: Home) -> None:
    (file,) = [f for f in recapture.archived(history, channel="shopify") if f.file_name == "tuesday.json"]
    assert main(["capture", "replay", "--file", file.sha256[:12].upper(), "--home", str(history.root)]) == 0
    assert capture(history, 4) == {"duplicate": 1, "quarantined": 1}


def test_what_was_in_quarantine_is_accepted_once_its_channel_is_mended(fresh_home: Home) -> None:
    send(fresh_home, "kiosk", "k.csv", "ticket,time,row,article,pieces,price\nK1,2026-03-02 09:00,1,TEA-1,2,3.50\n")
    assert capture(fresh_home, 1) == {"quarantined": 1}
    (fresh_home.channels / "kiosk.yml").write_text(
        "record: order\nformat: csv\nfields: {channel_order_id: ticket, currency: {value: EUR}, placed_at: time,"
        " line_number: row, sku_code: article, quantity: pieces, unit_price: price}\n"
    )
    main(["capture", "replay", "--channel", "kiosk", "--home", str(fresh_home.root)])
    assert capture(fresh_home, 2) == {"accepted": 1}


def test_from_and_to_are_days_of_the_first_capture(history: Home) -> None:
    def names(**days: object) -> list[str]:
        return [file.file_name for file in recapture.archived(history, channel="shopify", **days)]  # type: ignore[arg-type]

    tuesday = (DAY + timedelta(days=1)).date()
    assert names(since=tuesday, until=tuesday) == ["tuesday.json"]
    assert names(since=tuesday) == ["tuesday.json", "wednesday.json"]
    assert names(until=DAY.date()) == ["monday.json"]


def test_what_can_not_be_replayed_is_said_in_one_line(history: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in {
        (): "name a file by --file HASH",
        ("--file", "xyz"): "is no content hash",
        ("--file", "0" * 64): "no captured file of any channel with the hash",
        ("--channel", "pos"): "no captured file of pos",
        ("--channel", "shopify", "--from", "2030-01-01"): "from 2030-01-01",
        ("--channel", "suppliers"): "is reference data",
    }.items():
        assert main(["capture", "replay", *arguments, "--home", str(history.root)]) == 1
        said = capsys.readouterr().err
        assert said.startswith("oms: ") and words in said and said.count("\n") == 1
    assert arrivals(history) == []


def test_a_file_whose_bytes_are_gone_is_said_before_any_is_moved(
    history: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    last = recapture.archived(history, channel="shopify")[-1]
    shutil.rmtree(last.path.parent)
    assert main(["capture", "replay", "--channel", "shopify", "--home", str(history.root)]) == 1
    assert "bring the archive back" in capsys.readouterr().err and arrivals(history) == []


def test_without_a_published_copy_it_says_what_to_do(fresh_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "replay", "--channel", "pos", "--home", str(fresh_home.root)]) == 1
    assert "run `oms cycle" in capsys.readouterr().err
