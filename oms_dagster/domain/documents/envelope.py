"""What stands beside each file of the outbox: an envelope that a machine can read without opening the file.

Belongs here: the record of an issued document and its envelope. Does not belong here: rendering, writing files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oms_dagster.domain.documents.paper import reference

#: Version of the envelope's own shape; the template's version is in the payload.
ENVELOPE_VERSION = 1


@dataclass(frozen=True, slots=True)
class Document:
    """An issued document.

    Attributes
    ----------
    document_id
        Stable id of the document's row.
    document_type
        ``picking_map``, ``romaneio``, ``packing_slip``, ``daily_report``, ...
    title
        What a person calls it.
    number, series
        Drawn by the commit, gapless within type and series.
    issued_at
        Instant with a time zone.
    file
        Path inside the outbox, ``/`` as separator.
    sha256
        Of the file's bytes.
    template_version
        Of the renderer, with which the same bytes can be made again.
    links
        What it is about: (kind, id), e.g. ``("load", "L-7")``.
    media_type
        Of the file.
    content
        What the document says, for a machine that does not read the file: plain JSON types, or None.
    """

    document_id: str
    document_type: str
    title: str
    number: int
    series: str
    issued_at: datetime
    file: str
    sha256: str
    template_version: str
    links: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/pdf"
    content: Mapping[str, Any] | None = None


def sha256_of(content: bytes) -> str:
    """Hex digest of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def file_name(document_type: str, series: str, number: int, suffix: str = "pdf") -> str:
    """Where a document lies in the outbox: ``documents/romaneio/A-000042.pdf``; safe on any file system."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in reference(series, number))
    return f"documents/{document_type}/{safe}.{suffix}"


def envelope(document: Document) -> dict[str, Any]:
    """The envelope of a document: plain JSON types, the same for the same document.

    Returns
    -------
    dict
        ``id``, ``type``, ``version``, ``key`` (natural key: a receiver that has seen it drops the second copy)
        and ``payload``. Links are grouped by kind and sorted; the instant is UTC in ISO 8601.

    Raises
    ------
    ValueError
        ``issued_at`` has no time zone.
    """
    if document.issued_at.tzinfo is None:
        raise ValueError(f"{document.document_id}: issued_at needs a time zone")
    links: dict[str, list[str]] = {}
    for kind, subject in sorted(set(document.links)):
        links.setdefault(kind, []).append(subject)
    return {
        "id": document.document_id,
        "type": document.document_type,
        "version": ENVELOPE_VERSION,
        "key": f"{document.document_type}/{reference(document.series, document.number)}",
        "payload": {
            "title": document.title,
            "number": document.number,
            "series": document.series,
            "issued_at": document.issued_at.astimezone(UTC).isoformat(),
            "file": document.file,
            "media_type": document.media_type,
            "sha256": document.sha256,
            "template_version": document.template_version,
            "links": links,
            **({} if document.content is None else {"content": dict(document.content)}),
        },
    }
