"""What each channel may offer, as files for the outbox: only those that changed.

Belongs here: the content and its envelope. Does not belong here: the figures (the mart `online_atp`), writing files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from oms_dagster.domain.documents.envelope import ENVELOPE_VERSION, sha256_of

FOLDER = "online_atp"
TEMPLATE_VERSION = "online_atp/1"


@dataclass(frozen=True, slots=True)
class Offer:
    """The file of one channel: path inside the outbox, bytes, envelope."""

    name: str
    content: bytes
    envelope: Mapping[str, Any]


def changed(
    connection: duckdb.DuckDBPyConnection, last: Mapping[str, str], cycle_id: str, as_of: str
) -> Iterator[Offer]:
    """The file of each channel whose content is not the last one; ``last`` has the sha256 of that by channel."""
    found = connection.execute(
        "select channel, sku_id, online_atp from marts.online_atp order by channel, sku_id"
    ).fetchall()
    for channel, rows in groupby(found, key=lambda row: str(row[0])):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("sku_id", "online_atp"))
        writer.writerows((sku, f"{quantity:f}") for _, sku, quantity in rows)
        content = text.getvalue().encode()
        digest = sha256_of(content)
        if last.get(channel) == digest:
            continue
        name = f"{FOLDER}/{channel}/{int(cycle_id):09}.csv"
        payload = {
            "title": "Online ATP", "channel": channel, "as_of": as_of, "cycle_id": cycle_id, "file": name, "media_type": "text/csv",
            "sha256": digest, "template_version": TEMPLATE_VERSION,
        }  # fmt: skip
        key = f"{FOLDER}/{channel}/{cycle_id}"
        yield Offer(
            name,
            content,
            {"id": key, "type": FOLDER, "version": ENVELOPE_VERSION, "key": key, "payload": payload},
        )
