"""Payloads that nobody would write: nothing raises, and each message has exactly one outcome.

`OMS_FUZZ=10000` sets how many payloads a format gets; the suite takes 300 of each.
"""

from __future__ import annotations

import io
import json
import os
import random
import string
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from gate_desk import Desk, pos_csv, pos_row, shopify_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_documents import ORDERS, amazon_report, amazon_row
from workbook import xlsx

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.warehouse.encoding import Unreadable
from oms_dagster.warehouse.flat import open_flat

PAYLOADS = int(os.environ.get("OMS_FUZZ", "300"))
#: Documents are handed in so many to a file, as JSON lines: a file costs more than a message.
_A_FILE = 100
#: One flat file in so many goes through the whole gate, the others are read to the last row.
_WHOLE = 10
CHANNELS = load_channels()[0]
ODD = (None, True, "", " ", "NaN", "1e400", -1, 0, 10**30, 0.1, "½", "\u0000", "\ud800", "'; drop table", [], {}, [[]], [None], [{}],
       {"amount": []}, "2025-13-45", "9999-12-31T23:59:59+14:00", "0001-01-01", "x" * 5000, "\u202e", "1,5", "--", "=1+1")  # fmt: skip
DOCUMENTS: dict[str, Callable[..., dict[str, object]]] = {**ORDERS, "shopify": shopify_order}


def mutated(value: object, dice: random.Random, depth: int = 0) -> object:
    """A JSON value with one place of it changed, removed, doubled or put elsewhere."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(list(value))
        act = dice.randrange(6)
        if act == 0:
            return {k: v for k, v in value.items() if k != key}
        if act == 1:
            return value | {key: dice.choice(ODD)}
        if act == 2:
            return value | {dice.choice(list(value)): value[key]}
        return value | {key: mutated(value[key], dice, depth + 1)}
    if isinstance(value, list) and value and dice.random() < 0.9:
        place = dice.randrange(len(value))
        act = dice.randrange(4)
        if act == 0:
            return value[:place] + value[place + 1 :]
        if act == 1:
            return [*value, value[place]]
        return [*value[:place], mutated(value[place], dice, depth + 1), *value[place + 1 :]]
    return dice.choice(ODD)


def scrambled(raw: bytes, dice: random.Random) -> bytes:
    """Bytes with a few changed, cut out, doubled or cut off."""
    data = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(max(len(data), 1))
        act = dice.randrange(5)
        if act == 0:
            data[place : place + 1] = bytes([dice.randrange(256)])
        elif act == 1:
            del data[place : place + dice.randint(1, 40)]
        elif act == 2:
            data[place:place] = data[place : place + dice.randint(1, 60)]
        elif act == 3:
            data[place:place] = dice.choice(
                [b'"', b"'", b",", b";", b"\t", b"\n", b"\r\n", b"\xff\xfe", b"\0", b"{", b"\xc3"]
            )
        elif dice.random() < 0.2:
            del data[place:]
    return bytes(data)


def is_conserved(desk: Desk, channel: str, content: bytes, at_least: int = 1) -> None:
    """Nothing raises; messages and rows of the file are those of the four outcomes; each message stands in the log once."""
    outcome = desk.capture(channel, content)
    assert outcome.messages == outcome.accepted + outcome.duplicate + outcome.conflict + outcome.quarantined >= at_least
    parts = (outcome.lines_accepted, outcome.lines_duplicate, outcome.lines_conflict, outcome.lines_quarantined)
    assert outcome.lines_read == sum(parts)
    logged = desk.rows(
        f"select count(*), count(distinct message_id) from facts.capture_messages where file_name = 'file-{desk.files}'"
    )
    assert logged == [(outcome.messages, outcome.messages)]
    unsaid = (
        "outcome = 'quarantined' and (error_code is null or error_detail is null or contains(error_detail, chr(10)))"
    )
    assert desk.rows(f"select count(*) from facts.capture_messages where {unsaid}") == [(0,)]


@pytest.mark.parametrize("channel", DOCUMENTS)
def test_mutated_order_documents_end_each_with_one_outcome(desk: Desk, channel: str) -> None:
    left = PAYLOADS
    dice = random.Random(channel)
    while left > 0:
        lines = []
        for number in range(min(_A_FILE, left)):
            order: object = DOCUMENTS[channel](number + 1)
            for _ in range(dice.randint(1, 3)):
                order = mutated(order, dice)
            lines.append(json.dumps(order).encode())
        # The first line must be an object for the file to be one of lines.
        lines.insert(0, json.dumps(DOCUMENTS[channel](0)).encode())
        is_conserved(desk, channel, b"\n".join(lines), len(lines))
        left -= _A_FILE


@pytest.mark.parametrize("channel", DOCUMENTS)
@settings(
    max_examples=max(PAYLOADS // 10, 30), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 2**32))
def test_scrambled_bytes_of_order_documents_never_raise(channel: str, seed: int) -> None:
    from oms_dagster.domain.capture.json_orders import parse_json_orders
    from oms_dagster.domain.capture.shopify import parse_shopify

    dice = random.Random(seed)
    raw = scrambled(json.dumps([DOCUMENTS[channel](), DOCUMENTS[channel](2)]).encode(), dice)
    found = list(parse_shopify(raw)) if channel == "shopify" else list(parse_json_orders(raw, CHANNELS[channel]))
    assert [message.number for message in found] == list(range(1, len(found) + 1)) != []


def _parquet(folder: Path) -> bytes:
    path = folder / "rows.parquet"
    duckdb.sql(f"copy (select unnest({[pos_row(order_no=n) for n in range(4)]}) as r) to '{path}'")
    duckdb.sql(f"copy (select r.* from '{path}') to '{folder / 'flat.parquet'}'")
    return (folder / "flat.parquet").read_bytes()


_ROWS = [pos_row(order_no=number, line_no=line) for number in (1, 2, 3) for line in (1, 2)]
FLAT: dict[str, Callable[[Path], bytes]] = {
    "csv": lambda _: pos_csv(*_ROWS).encode(),
    "tsv": lambda _: amazon_report(amazon_row(), amazon_row(2), amazon_row(3, sku="Ö-1")).encode("cp1252"),
    "json": lambda _: json.dumps(_ROWS).encode(),
    "lines": lambda _: "\n".join(json.dumps(row) for row in _ROWS).encode(),
    "excel": lambda _: xlsx([list(_ROWS[0]), *(list(row.values()) for row in _ROWS)]),
    "parquet": _parquet,
}


@pytest.mark.parametrize("form", FLAT)
def test_scrambled_flat_files_end_with_their_messages_conserved(desk: Desk, tmp_path: Path, form: str) -> None:
    pos = load_channels()[0]["pos"]
    desk.channels = {"amazon": CHANNELS["amazon"], "pos": type(pos)(**_settings(pos) | {"format": "auto"})}
    good, dice = FLAT[form](tmp_path), random.Random(form)
    channel = "amazon" if form == "tsv" else "pos"
    for number in range(PAYLOADS):
        content = scrambled(good, dice)
        if number % _WHOLE == 0:
            is_conserved(desk, channel, content)
        else:
            is_read(desk, channel, content, tmp_path)


def is_read(desk: Desk, channel: str, content: bytes, folder: Path) -> None:
    """The file is refused as a whole, or all its rows can be read."""
    path = folder / "payload"
    path.write_bytes(content)
    try:
        flat = open_flat(desk.connection, path, desk.channels[channel], folder)  # type: ignore[index]
    except Unreadable as error:
        assert "\n" not in str(error)
        return
    assert len(desk.rows(flat.sql)) == flat.rows
    assert flat.rows + len(flat.bad_rows) > 0


def _settings(channel: object) -> dict[str, object]:
    return {name: getattr(channel, name) for name in channel.__dataclass_fields__}  # type: ignore[attr-defined]


def test_random_text_is_never_too_odd_for_any_channel(desk: Desk) -> None:
    dice = random.Random(7)
    out = io.StringIO()
    for _ in range(40):
        out.write("".join(dice.choices(string.printable + "äß€", k=dice.randint(0, 80))) + "\n")
    for channel in (*DOCUMENTS, "pos", "amazon", "stock"):
        is_conserved(desk, channel, out.getvalue().encode())
