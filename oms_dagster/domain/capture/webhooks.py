"""How a channel signs what it sends by webhook, and whether a delivery is what it says.

Belongs here: the headers of each scheme and the check of a signature. Does not belong here: HTTP, secrets, or keeping
what was sent (`apps/api`).

Source: Shopify, *Verify webhook deliveries*; WooCommerce, *REST API: webhooks*. Both send base64 of HMAC-SHA256 over the
raw body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """Names of the headers of one kind of sender; HTTP compares them without regard to case."""

    name: str
    signature: str
    delivery_id: str


SCHEMES = (
    Scheme("Shopify", "x-shopify-hmac-sha256", "x-shopify-webhook-id"),
    Scheme("WooCommerce", "x-wc-webhook-signature", "x-wc-webhook-delivery-id"),
)

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PING = re.compile(rb"webhook_id=\d{1,20}")


def scheme_of(headers: Mapping[str, str]) -> Scheme | None:
    """The scheme whose signature header is there; ``headers`` has its names in lower case."""
    return next((scheme for scheme in SCHEMES if headers.get(scheme.signature)), None)


def sign(secret: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over the raw body, as both schemes send it."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Whether the signature is that of the body; takes the same time whichever sign is wrong."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.strip().encode())


def is_ping(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this is WooCommerce asking whether anybody listens: ``webhook_id=7``, unsigned, when a webhook is saved."""
    return scheme_of(headers) is None and _PING.fullmatch(body) is not None


def file_name(delivery_id: str) -> str:
    """Name of the inbox file of a delivery: the same for each repeat of it."""
    named = delivery_id if _PLAIN_ID.fullmatch(delivery_id) else hashlib.sha256(delivery_id.encode()).hexdigest()
    return f"webhook-{named}.json"
