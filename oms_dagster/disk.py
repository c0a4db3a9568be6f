"""What has been written reaches the disk, before anybody is told so or anything else is removed.

Belongs here: `sync`, which the inbox, the archive and the published copies share.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's list of names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
