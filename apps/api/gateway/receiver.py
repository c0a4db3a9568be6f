"""A webhook delivery becomes a file in the inbox, once, and is on the disk before the sender is told so.

Belongs here: which deliveries are taken, the receipt that knows a repeat, the file. Does not belong here: HTTP (`web`),
how senders sign (`oms_dagster.domain.capture.webhooks`), what the file says (capture, in the next cycle).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from oms_dagster import inbox, settings
from oms_dagster.domain.capture import webhooks
from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.settings import Home

#: Formats that a webhook's body can be: JSON, as rows or as the orders of a shop.
NOT_JSON = ("csv", "parquet", "x12", "auto", "excel", "edifact", "ubl", "cxml")
#: Senders repeat a delivery for two days at most; receipts are kept much longer.
RECEIPT_DAYS = 30

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")
_NO_CHANNEL = "no channel of that name takes webhooks here: see docs/operating.md, Webhooks"
_LOCK = threading.Lock()


class Refused(Exception):
    """A delivery that isn't taken: status code of HTTP, and one line with what to do."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery: ``stored``, ``repeated`` (it was stored before) or ``ping`` (nothing to store)."""

    outcome: str
    delivery_id: str
    sha256: str


def secret_of(channel: str) -> str:
    """The secret of a channel that takes webhooks.

    Raises
    ------
    Refused
        404: no such channel, or one without a secret. The answer is the same, so that nobody learns the channels by asking.
    """
    secret = settings.webhook_secret(channel) if _SLUG.fullmatch(channel) else None
    if secret is None:
        raise Refused(404, _NO_CHANNEL)
    return secret


def _takes_webhooks(home: Home, channel: str) -> bool:
    files = sorted(home.channels.glob("*.yml"))
    known = _channels(home.channels, tuple((file.name, file.stat().st_mtime_ns) for file in files)).get(channel)
    return known is not None and known.record == "order" and known.format not in NOT_JSON


@lru_cache(maxsize=4)
def _channels(folder: Path, _written: tuple[tuple[str, int], ...]) -> Mapping[str, Channel]:
    """The channels, read again when a file of the home's own was written."""
    return load_channels(folder)[0]


def receive(home: Home, channel: str, headers: Mapping[str, str], body: bytes) -> Received:
    """Keep a delivery, if it is signed and new.

    Parameters
    ----------
    headers
        Names in lower case.

    Raises
    ------
    Refused
        404 (channel), 401 (signature), 400 (no delivery id, empty body), 409 (the id came with other content before).
    """
    secret = secret_of(channel)
    if not _takes_webhooks(home, channel):
        raise Refused(404, _NO_CHANNEL)
    if webhooks.is_ping(headers, body):
        return Received("ping", "", "")
    scheme = webhooks.scheme_of(headers)
    if scheme is None or not webhooks.is_signed(secret, body, headers[scheme.signature]):
        raise Refused(401, "the signature is missing or not that of this body: compare the secrets of both sides")
    delivery_id = headers.get(scheme.delivery_id, "").strip()
    if not delivery_id:
        raise Refused(400, f"the header {scheme.delivery_id} is missing: without it a repeat can't be told")
    if not body:
        raise Refused(400, "the body is empty: send the order as JSON")
    digest = hashlib.sha256(body).hexdigest()
    name = webhooks.file_name(delivery_id)
    receipt = home.webhooks / channel / name
    with _LOCK:
        before = _read(receipt)
        if before is None:
            inbox.put_bytes(home, body, channel, name)
            inbox.write_durably(receipt, json.dumps({"sha256": digest}).encode())
            return Received("stored", delivery_id, digest)
    if before != digest:
        raise Refused(
            409, f"delivery {delivery_id[:100]} came before with another body: give this one an id of its own"
        )
    return Received("repeated", delivery_id, digest)


def _read(receipt: Path) -> str | None:
    try:
        return str(json.loads(receipt.read_bytes())["sha256"])
    except FileNotFoundError:
        return None


def forget_old_receipts(home: Home) -> int:
    """Remove receipts that no sender repeats any more; returns how many."""
    oldest = time.time() - RECEIPT_DAYS * 86_400
    old = [path for path in home.webhooks.glob("*/*.json") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
