"""Every real EDI and XML file ends as its table says: accepted with its facts, or quarantined under its code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from channel_file_table import ACCEPTED, FOLDERS, OTHERS, REFUSED, Accepted
from gate_desk import Desk

from oms_dagster.domain.capture.messages import Message
from oms_dagster.warehouse.gate import staged


def files(shared: Path) -> Iterator[tuple[str, str, Path]]:
    """Channel, name inside its folder, and path of each file."""
    for channel, folder in FOLDERS.items():
        root = shared / "data" / "channels" / folder
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.name != "_SOURCES.tsv":
                yield channel, path.relative_to(root).as_posix(), path


def others(channel: str, name: str) -> list[str]:
    return [code for (where, pattern), code in OTHERS.items() if where == channel and fnmatchcase(name, pattern)]


def test_every_file_stands_in_the_table_once(shared: Path) -> None:
    wrong = [
        (channel, name)
        for channel, name, _ in files(shared)
        if ((channel, name) in ACCEPTED) + ((channel, name) in REFUSED) + len(others(channel, name)) != 1
    ]
    assert not wrong


def test_no_entry_of_the_table_is_without_its_file(shared: Path) -> None:
    there = [(channel, name) for channel, name, _ in files(shared)]
    assert not [key for key in (*ACCEPTED, *REFUSED) if key not in there]
    unused = [key for key in OTHERS if not any(key[0] == c and fnmatchcase(n, key[1]) for c, n in there)]
    assert not unused


@pytest.mark.parametrize("key", ACCEPTED, ids="/".join)
def test_a_real_order_is_accepted_with_its_facts(full_desk: Desk, shared: Path, key: tuple[str, str]) -> None:
    channel, name = key
    full_desk.capture(channel, (shared / "data" / "channels" / FOLDERS[channel] / name).read_bytes())
    codes = full_desk.rows("select coalesce(error_code, outcome) from facts.capture_messages")
    assert codes == [("accepted",)]
    assert seen(full_desk) == ACCEPTED[key]


def seen(desk: Desk) -> Accepted:
    """The facts of the only order."""
    ((order, kind, customer, ship_to, currency, placed, total, declared, first, last, version, is_test),) = desk.rows(
        """
        select channel_order_id, message_kind, customer_id, nullif(concat_ws(', ', ship_to_name, ship_to_city, ship_to_country), ''),
               currency, strftime(placed_at, '%Y-%m-%d'), order_total::varchar, declared_total::varchar,
               strftime(requested_from, '%Y-%m-%d'), strftime(requested_to, '%Y-%m-%d'), order_version, is_test
        from facts.orders
        """
    )
    lines = desk.rows("select sku_code, quantity::integer from facts.order_lines order by line_number")
    window = (str(first), str(last)) if first else None
    return Accepted(
        order, kind, customer, ship_to, currency, placed, tuple(lines), total, declared, window, version, is_test  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("key", REFUSED, ids="/".join)
def test_a_real_order_that_cannot_be_taken_is_quarantined_under_its_code(
    full_desk: Desk, shared: Path, key: tuple[str, str]
) -> None:
    channel, name = key
    full_desk.capture(channel, (shared / "data" / "channels" / FOLDERS[channel] / name).read_bytes())
    codes = full_desk.rows("select coalesce(error_code, outcome) from facts.capture_messages order by position")
    assert tuple(row[0] for row in codes) == REFUSED[key]
    assert full_desk.rows("select count(*) from facts.orders") == [(0,)]


def test_every_other_document_is_named_as_what_it_is_not(shared: Path) -> None:
    wrong = []
    for channel, name, path in files(shared):
        expected = others(channel, name)
        found = (
            list((staged._STREAMS | staged._WHOLE)["ubl" if channel == "peppol" else channel](path.read_bytes()))
            if expected
            else []
        )
        codes = Counter("accepted" if isinstance(item, Message) else item.code for item in found)
        if expected and set(codes) != set(expected):
            wrong.append((channel, name, codes))
    assert not wrong


def test_the_messages_of_every_file_are_numbered_without_gap(shared: Path) -> None:
    for channel, name, path in files(shared):
        found = list((staged._STREAMS | staged._WHOLE)["ubl" if channel == "peppol" else channel](path.read_bytes()))
        assert [item.number for item in found] == list(range(1, len(found) + 1)), (channel, name)
        assert found, (channel, name)
