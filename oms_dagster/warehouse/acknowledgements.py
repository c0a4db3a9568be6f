"""Between the capture log and the acknowledgement renderers: which interchanges are to be answered, and with what.

Belongs here: reading outcomes, naming the answers and their envelopes. Does not belong here: the syntax of an answer
(`domain.capture`), writing files (`defs.documents`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster.domain.capture import ubl_response
from oms_dagster.domain.capture.answers import Answer
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.edifact import acknowledge as edifact
from oms_dagster.domain.capture.x12 import acknowledge as x12
from oms_dagster.domain.documents.envelope import ENVELOPE_VERSION, sha256_of

FOLDER = "acknowledgements"

Render = Callable[[bytes, Sequence[Answer], datetime, str], list[bytes | None]]
#: Format -> renderer, version of what it renders, suffix and media type.
RENDERERS: Mapping[str, tuple[Render, str, str, str]] = {
    "x12": (x12.acknowledge_x12, x12.TEMPLATE_VERSION, "x12", "application/EDI-X12"),
    "edifact": (edifact.acknowledge_edifact, edifact.TEMPLATE_VERSION, "edi", "application/EDIFACT"),
    "ubl": (ubl_response.acknowledge_ubl, ubl_response.TEMPLATE_VERSION, "xml", "application/xml"),
}


@dataclass(frozen=True, slots=True)
class Received:
    """A captured file whose interchanges have an answer; the same bytes are one file, however often they came."""

    channel: str
    format: str
    sha256: str
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer ready for the outbox: path inside it, bytes, envelope."""

    name: str
    content: bytes
    envelope: Mapping[str, Any]


def pending(connection: duckdb.DuckDBPyConnection, home_channels: Path | None) -> list[Received]:
    """Files captured after the last published cycle: whatever came before was answered before it was published."""
    formats = {slug: channel.format for slug, channel in load_channels(home_channels)[0].items()}
    found = connection.execute(
        """
        select channel, file_sha256, min(captured_at) from facts.capture_files
        where channel in (select unnest(?)) group by 1, 2
        having max(cycle_seq) > (select coalesce(max(cycle_seq), 0) from facts.cycles where state = 'published')
        order by 3, 1, 2
        """,
        [[slug for slug, kind in formats.items() if kind in RENDERERS]],
    ).fetchall()
    return [Received(channel, formats[channel], sha256, at) for channel, sha256, at in found]


def answers(connection: duckdb.DuckDBPyConnection, file: Received, raw: bytes) -> Iterator[Acknowledgement]:
    """The answer to each interchange of a file, told by the outcomes of its first reading."""
    render, template, suffix, media_type = RENDERERS[file.format]
    outcomes = connection.execute(
        """
        select outcome, nullif(split_part(message_key, '|', 1), ''), error_code, error_detail from facts.capture_messages
        where channel = ? and file_sha256 = ?
        qualify row_number() over (partition by position order by cycle_seq, file_name, message_id) = 1 order by position
        """,
        [file.channel, file.sha256],
    ).fetchall()
    told = [Answer(*outcome) for outcome in outcomes]
    at = file.captured_at.astimezone(UTC)
    for place, content in enumerate(render(raw, told, at, f"{file.channel}/{file.sha256}"), 1):
        if content is None:
            continue
        name = f"{FOLDER}/{file.channel}/{file.sha256[:16]}-{place:04}.{suffix}"
        key = f"acknowledgement/{file.channel}/{file.sha256}/{place}"
        payload = {
            "title": "Acknowledgement",
            "channel": file.channel,
            "received_sha256": file.sha256,
            "interchange": place,
            "issued_at": at.isoformat(),
            "file": name,
            "media_type": media_type,
            "sha256": sha256_of(content),
            "template_version": template,
        }
        told_of = {"id": key, "type": "acknowledgement", "version": ENVELOPE_VERSION, "key": key, "payload": payload}
        yield Acknowledgement(name, content, told_of)
