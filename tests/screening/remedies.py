"""What the tests of remedies share: the one finding of a rule, what its remedy says, and a customer to hold."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from desk import Desk

CENT = Decimal("0.01")


def only(desk: Desk, hold_type: str) -> dict[str, Any]:
    """The one finding of a rule."""
    (found,) = desk.found(hold_type)
    assert isinstance(json.loads(found["evidence"]), dict)
    assert found["distance"] > 0
    return found


def said(remedy: str, pattern: str) -> Any:
    """What a remedy says, by a pattern that it must begin with."""
    match = re.match(pattern, remedy)
    assert match, remedy
    return match[1]


def trade(desk: Desk, **customer: Any) -> None:
    desk.customer("A", **{"credit_limit": "1000", **customer})
    desk.sku("TEA")
