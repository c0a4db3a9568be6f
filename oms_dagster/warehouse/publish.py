"""Published copies: one file a cycle, `current` a link switched by rename, and what is kept.

Readers never meet the writer: they open a copy that no one changes any more.
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from oms_dagster.crash import boundary
from oms_dagster.disk import sync
from oms_dagster.settings import Home

KEEP_LAST = 3
KEEP_DAYS = 7
CHUNK = 8 * 1024 * 1024


def publish(home: Home, cycle_seq: int) -> Path:
    """Copy the closed warehouse file to ``published/<cycle_seq>.duckdb`` and point ``current`` at it.

    The copy is written beside its name and renamed when whole and on disk, so a reader never sees half a file
    and a crash leaves the last copy in force. Publishing the same cycle again gives the same result.
    """
    target = home.published / f"{cycle_seq:08d}.duckdb"
    part = target.with_suffix(".part")
    try:
        _clone(home.warehouse, part)
        sync(part)
    except OSError:
        part.unlink(missing_ok=True)  # half a copy would keep a full disk full
        raise
    part.replace(target)
    boundary("before link")
    link = home.current.with_suffix(".link")
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.replace(home.current)
    sync(home.published)
    return target


def _clone(source: Path, target: Path) -> None:
    """Copy-on-write where the file system can, else byte by byte."""
    with source.open("rb") as src, target.open("wb") as dst:
        try:
            import fcntl

            fcntl.ioctl(dst.fileno(), 0x40049409, src.fileno())  # FICLONE
            boundary("during copy")
            return
        except OSError:
            pass
        while chunk := src.read(CHUNK):
            dst.write(chunk)
            boundary("during copy")


def retain(home: Home, as_of_by_seq: Mapping[int, datetime]) -> list[Path]:
    """Delete old copies: the last three and one a day for seven days stay. Returns what went.

    Parameters
    ----------
    as_of_by_seq
        ``as_of`` (UTC) of each published cycle.
    """
    copies = {int(path.stem): path for path in home.published.glob("*.duckdb") if path.stem.isdigit()}
    keep = set(sorted(copies)[-KEEP_LAST:])
    last_of_day: dict[Any, int] = {}
    for seq in sorted(copies):
        if seq in as_of_by_seq:
            last_of_day[as_of_by_seq[seq].date()] = seq
    keep |= {last_of_day[day] for day in sorted(last_of_day)[-KEEP_DAYS:]}
    gone = [path for seq, path in copies.items() if seq not in keep]
    for path in (*gone, *home.published.glob("*.part")):
        path.unlink(missing_ok=True)
    return gone


def write_status(home: Home, status: Mapping[str, Any]) -> None:
    """What the last cycle looked at and how it ended: read by the tower above the last good ``as_of``."""
    home.published.mkdir(parents=True, exist_ok=True)
    text = json.dumps(status, indent=1, default=str, sort_keys=True) + "\n"
    part = home.status_file.with_suffix(".part")
    try:
        part.write_text(text)
        part.replace(home.status_file)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not home.status_file.exists():
            raise
        with home.status_file.open("r+") as file:  # into the block that it has: a full disk must not hide what failed
            file.write(text)
            file.truncate()


def read_status(home: Home) -> dict[str, Any]:
    """The last written status; empty before the first cycle."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return dict(json.loads(home.status_file.read_text()))
    return {}
