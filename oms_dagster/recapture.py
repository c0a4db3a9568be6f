"""Archived files go through the gate again: a file by its content, or the history of a channel.

Belongs here: which files, in which order, back into the inbox. Does not belong here: what becomes of them (`warehouse.gate`:
what is known ends as duplicate, what was in quarantine and fits by now is accepted).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.records import RECORDS
from oms_dagster.inbox import put
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader

#: A hash may be cut short to so many signs, as long as it names one file.
SHORTEST_HASH = 8


class NothingToReplay(LookupError):
    """No archived file is meant, or its bytes are gone: one line with what to do."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A file as it was first captured."""

    sha256: str
    channel: str
    file_name: str
    captured_at: datetime
    path: Path


_FILES = """
    select file_sha256, channel, arg_min(file_name, (cycle_seq, file_name)) as file_name, min(captured_at) as captured_at
    from facts.capture_files
    where ($sha256 is null or starts_with(file_sha256, $sha256)) and ($channel is null or channel = $channel)
    group by all
    having ($since is null or min(captured_at)::date >= $since) and ($until is null or min(captured_at)::date <= $until)
    order by min(cycle_seq), file_name, file_sha256
"""


def archived(
    home: Home,
    *,
    sha256: str | None = None,
    channel: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> list[Archived]:
    """Files of the archive, in the order in which they were captured first.

    Parameters
    ----------
    sha256
        Content hash, or its beginning.
    since, until
        Days (UTC) of their first capture, both included.

    Raises
    ------
    NothingToReplay
        None fits, a hash that names several, a file whose bytes are gone, or reference data: its old values would be in
        force again.
    """
    if sha256 is not None and (len(sha256) < SHORTEST_HASH or not set(sha256.lower()) <= set("0123456789abcdef")):
        raise NothingToReplay(f"{sha256!r} is no content hash: give at least {SHORTEST_HASH} of its hexadecimal digits")
    with reader(home.current) as connection:
        asked = {"sha256": sha256 and sha256.lower(), "channel": channel, "since": since, "until": until}
        rows = connection.execute(_FILES, asked).fetchall()
    found = [Archived(*row, path=home.archive / row[0][:2] / row[0]) for row in rows]
    if not found:
        raise NothingToReplay(
            f"no captured file of {channel or 'any channel'}"
            f"{' with the hash ' + sha256 if sha256 else ''}{f' from {since}' if since else ''}{f' to {until}' if until else ''}:"
            " `select file_sha256, channel, file_name, captured_at from marts.capture_files` shows them"
        )
    if sha256 is not None and len(found) > 1:
        raise NothingToReplay(
            f"{sha256} names {', '.join(f'{file.sha256[:16]} of {file.channel}' for file in found[:5])}: say more of it, or --channel"
        )
    known = load_channels(home.channels)[0]
    for file in found:
        record = known[file.channel].contract if file.channel in known else RECORDS.get(file.channel)
        if record is not None and record.family == "reference":
            raise NothingToReplay(
                f"{file.channel} is reference data: a replay would put old values in force again; use `oms import` if you want that"
            )
        if not file.path.exists():
            raise NothingToReplay(f"{file.path} is gone: bring the archive back from a backup")
    return found


def replay(home: Home, files: Iterable[Archived]) -> Iterator[Path]:
    """Put files back into the inboxes of their channels, one a step, under names that sort as they were captured."""
    for number, file in enumerate(files, 1):
        yield put(home, file.path, file.channel, f"replay-{number:06d}-{file.file_name}")
