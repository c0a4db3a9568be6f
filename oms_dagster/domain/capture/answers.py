"""What became of one received message, as its sender is to be told.

Belongs here: the words shared by the acknowledgements of all formats. Does not belong here: their syntax
(`x12.acknowledge`, `edifact.acknowledge`, `ubl_response`), reading the outcome (`warehouse.acknowledgements`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

#: Error codes of messages whose syntax failed; all others were read and judged by what they say.
SYNTAX_CODES = ("UNREADABLE", "UNSAFE_XML", "UNSUPPORTED", "CONTROL_MISMATCH", "NOT_AN_ORDER")


@dataclass(frozen=True, slots=True)
class Answer:
    """Outcome of a message.

    Attributes
    ----------
    outcome
        accepted, duplicate, conflict or quarantined.
    order
        The order's number, where it could be read.
    code, detail
        Of a quarantined message.
    """

    outcome: str
    order: str | None = None
    code: str | None = None
    detail: str | None = None

    @property
    def is_readable(self) -> bool:
        """Whether the syntax was right, whatever became of the order."""
        return self.code not in SYNTAX_CODES

    @property
    def is_taken(self) -> bool:
        """Whether the order stands as the message says: taken now, or before."""
        return self.outcome in ("accepted", "duplicate")

    @property
    def is_refused(self) -> bool:
        """Whether the sender must act. A conflict is for our own people to decide and is answered by neither."""
        return self.outcome == "quarantined"


def control_number(seed: str, digits: int = 9) -> int:
    """A control number from 1 that is the same whenever the same interchange is answered."""
    largest = int("9" * digits)
    return int(hashlib.sha256(seed.encode()).hexdigest()[:15], 16) % largest + 1
