"""Links by which a customer sees how far an order is, without an account: signed, and good until a day.

Belongs here: making and checking the signature. Does not belong here: the secret, the clock and what the page shows
(`apps/api`).
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, urlencode

#: Signatures of other things made with the same secret are never good for a link.
_PURPOSE = "oms order status 1"


def sign_link(secret: str, order_id: str, expires: int) -> str:
    """Hexadecimal HMAC-SHA256 over purpose, order and expiry (seconds since 1970, UTC)."""
    said = "\n".join((_PURPOSE, str(expires), order_id))
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()


def is_link_signed(secret: str, order_id: str, expires: int, signature: str) -> bool:
    """Whether the signature is that of order and expiry; takes the same time whichever sign is wrong."""
    return hmac.compare_digest(sign_link(secret, order_id, expires).encode(), signature.encode())


def link(base_url: str, secret: str, order_id: str, expires: int) -> str:
    """The address that a customer is sent."""
    query = urlencode({"expires": expires, "signature": sign_link(secret, order_id, expires)})
    return f"{base_url.rstrip('/')}/orders/{quote(order_id, safe='')}/status?{query}"
