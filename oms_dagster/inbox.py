"""Files into a channel's inbox: whole or not at all, and on the disk before anybody is told so.

Belongs here: what `oms import`, the demo, a replay and the webhooks share. Does not belong here: taking files out
(`defs.capture`).
"""

from __future__ import annotations

import filecmp
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from oms_dagster.disk import sync
from oms_dagster.settings import Home


def put(home: Home, file: Path, channel: str, name: str | None = None) -> Path:
    """Copy a file into a channel's inbox. Returns where it waits.

    Raises
    ------
    FileNotFoundError, ValueError
        No such file, or a name that capture passes over.
    """
    if not file.is_file():
        raise FileNotFoundError(f"{file} is no file: name an existing one")
    target = name or file.name
    folder = _folder(home, channel, target)
    return _write(_free(folder / target, file), lambda part: shutil.copyfile(file, part))


def put_bytes(home: Home, content: bytes, channel: str, name: str) -> Path:
    """Write content into a channel's inbox under this very name; a waiting file of that name is replaced."""
    return _write(_folder(home, channel, name) / name, lambda part: part.write_bytes(content))


def write_durably(target: Path, content: bytes) -> Path:
    """Write a file by way of another one, so that it is whole whenever it is there, and there after a power cut."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return _write(target, lambda part: part.write_bytes(content))


def _folder(home: Home, channel: str, name: str) -> Path:
    if name.startswith(".") or name.endswith((".part", ".tmp")):
        raise ValueError(f"{name}: files of that name are taken for unfinished ones and wait: rename it")
    if not channel or "/" in channel or channel.startswith("."):
        raise ValueError(f"{channel!r} is no channel name")
    folder = home.inbox / channel
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync(home.inbox)
    return folder


def _write(target: Path, fill: Callable[[Path], object]) -> Path:
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        fill(part)
        sync(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(target.parent)
    return target


def _free(wanted: Path, file: Path) -> Path:
    """A name that no other waiting file has: one that nobody has captured yet must not be written over."""
    found, number = wanted, 1
    while found.exists() and not filecmp.cmp(found, file, shallow=False):
        number += 1
        found = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return found
