"""Questions of the Documents page.

Belongs here: SQL over the published copy, and reading a file of the outbox. Does not belong here: drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from oms_dagster.settings import Home
from tower.data.copy import LIMIT, Copy, ask


class NoFile(RuntimeError):
    """A document without its file: one line."""


def search(copy: Copy, text: str = "", types: Sequence[str] = ()) -> pd.DataFrame:
    """Documents that match, newest first; ``found`` says how many there are. ``text``: a number, or part of an id."""
    return ask(
        copy,
        """
        select *, count(*) over () as found from marts.documents
        where ($text = '' or cast(number as varchar) = $text
               or contains(lower(concat_ws(' ', document_id, order_id, shipment_id, load_id, wave_id, series)),
               lower($text)))
          and (len($types::varchar[]) = 0 or list_contains($types::varchar[], document_type))
        order by issued_at desc, document_type, number desc limit $limit
        """,
        text=text.strip(), types=list(types), limit=LIMIT,
    )  # fmt: skip


def totals(copy: Copy) -> pd.DataFrame:
    """Documents by type: how many, how many are void, and numbers missing in their series (0 is the law)."""
    return ask(
        copy,
        """
        select document_type, sum(issued) as documents, sum(void) as void, sum(last_number - issued) as missing from (
            select document_type, series, count(*) as issued, count(*) filter (where status = 'void') as void,
                max(number) as last_number
            from marts.documents group by document_type, series)
        group by document_type order by documents desc, document_type
        """,
    )


def content(home: Home, file: object, sha256: object) -> tuple[Path, bytes]:
    """Path and bytes of a document's file, checked against its hash.

    Raises
    ------
    NoFile
        Not rendered yet, not in the outbox, or other bytes than were issued.
    """
    if not isinstance(file, str) or not file:
        raise NoFile("It has been issued and not rendered yet: the next cycle renders it.")
    path = (home.outbox / file).resolve()
    if not path.is_relative_to(home.outbox.resolve()) or not path.is_file():
        raise NoFile(f"{file} is not in the outbox ({home.outbox}): restore it from a backup; its number stays taken.")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise NoFile(f"{file} is not what was issued: its bytes have another hash. Restore it from a backup.")
    return path, data


def reports(home: Home) -> list[Path]:
    """Daily reports in the outbox, newest first."""
    return sorted((home.outbox / "reports").glob("*.html"), reverse=True)
