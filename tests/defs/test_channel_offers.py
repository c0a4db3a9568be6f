"""What each channel may offer is told once, and again only when it changed."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.defs.online_atp import tell_channels
from oms_dagster.settings import Home

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_channel_is_told_when_its_figures_changed_and_not_before(tmp_path: Path) -> None:
    home, connection = Home(tmp_path), duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create table marts.online_atp (channel varchar, sku_id varchar, online_atp decimal(18,3))")
    connection.execute("insert into marts.online_atp values ('pos', 'B,1', 2), ('pos', 'A', 0), ('shop', 'A', 7.5)")
    assert tell_channels(home, connection, Cycle(4, AT, 1)) == ["pos", "shop"]
    file = home.outbox / "online_atp" / "pos" / "000000004.csv"
    assert list(csv.reader(file.open())) == [["sku_id", "online_atp"], ["A", "0.000"], ["B,1", "2.000"]]
    told = json.loads(file.with_suffix(".json").read_text())
    assert told["payload"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (told["payload"]["channel"], told["payload"]["cycle_id"]) == ("pos", "4")

    assert tell_channels(home, connection, Cycle(5, AT, 1)) == []
    connection.execute("update marts.online_atp set online_atp = 1 where channel = 'pos' and sku_id = 'A'")
    assert tell_channels(home, connection, Cycle(6, AT, 1)) == ["pos"]
    connection.execute("update marts.online_atp set online_atp = 0 where channel = 'pos' and sku_id = 'A'")
    assert tell_channels(home, connection, Cycle(7, AT, 1)) == ["pos"], "as it was before the last, but not as the last"
