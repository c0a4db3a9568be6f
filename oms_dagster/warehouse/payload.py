"""What a captured message says, read from the archive for a person to look at: its rows as its channel maps them, and the file.

Belongs here: reading, in memory. Does not belong here: judging (`gate`), the page that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.warehouse.flat import Unreadable
from oms_dagster.warehouse.gate.staged import message_texts

#: So much of a file is shown.
SHOWN_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Payload:
    """A message as it came.

    Attributes
    ----------
    fields, rows
        Canonical fields, and of each row its place in the file and its texts; none where the file can't be read so far.
    problem
        Why there are no rows, in one line.
    raw, is_whole
        The beginning of the file as text, and whether that is all of it.
    """

    fields: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]
    problem: str
    raw: str
    is_whole: bool


def read_payload(archive: Path, channels: Path, sha256: str, channel: str, position: int) -> Payload:
    """Read one message of an archived file."""
    path = archive / sha256[:2] / sha256
    if not path.exists():
        return Payload((), (), "its file is gone from the archive: bring it back from a backup", "", True)
    with path.open("rb") as file:
        start = file.read(SHOWN_BYTES + 1)
    raw, is_whole = start[:SHOWN_BYTES].decode(errors="replace"), len(start) <= SHOWN_BYTES
    known, errors = load_channels(channels)
    if channel not in known:
        problem = errors.get(channel) or f"there is no channel {channel}: add channels/{channel}.yml to the home"
        return Payload((), (), problem, raw, is_whole)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            fields, rows = message_texts(connection, path, known[channel], position)
        except (Unreadable, duckdb.Error) as error:
            return Payload((), (), " ".join(str(error).split())[:300], raw, is_whole)
    kept = [(int(str(row[0])), tuple(None if v is None else str(v) for v in row[1:])) for row in rows]
    return Payload(fields, tuple(kept), "" if kept else "its file is read differently by now", raw, is_whole)
