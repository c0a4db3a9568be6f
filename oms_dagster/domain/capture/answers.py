"""What became of one received message, as its sender is to be told.

Belongs here: the words shared by the acknowledgements of all formats. Does not belong here: their syntax
(`x12.acknowledge`, `edifact.acknowledge`, `ubl_response`), reading the outcome (`warehouse.acknowledgements`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from oms_dagster.domain.capture.messages import Broken

Item = TypeVar("Item")

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


def answer_interchanges(
    interchanges: Iterable[Sequence[Item] | Broken],
    answers: Sequence[Answer],
    is_answered: Callable[[Item], bool],
    render: Callable[[list[tuple[Item, Answer]], str], bytes],
    seed: str,
) -> list[bytes | None]:
    """Pair each interchange's messages with what became of them, and render its answer.

    Parameters
    ----------
    answers
        One a message, in the order of the file, as its parser numbers them: a broken stretch and an empty interchange count as one.
    is_answered
        False for what is itself an answer.
    render
        Takes an interchange's pairs, and a seed of its own.
    seed
        Names the file; control numbers follow from it.

    Returns
    -------
    list of bytes or None
        One an interchange; None for what can't be answered: no envelope to answer to, or itself an answer.
    """
    told: list[bytes | None] = []
    place = 0
    for found in interchanges:
        messages: Sequence[Item] = () if isinstance(found, Broken) else found
        mine = answers[place : place + max(len(messages), 1)]
        place += max(len(messages), 1)
        pairs = [pair for pair in zip(messages, mine, strict=False) if is_answered(pair[0])]
        told.append(render(pairs, f"{seed}/{len(told)}") if pairs else None)
    return told


def control_number(seed: str, digits: int = 9) -> int:
    """A control number from 1 that is the same whenever the same interchange is answered."""
    largest = int("9" * digits)
    return int(hashlib.sha256(seed.encode()).hexdigest()[:15], 16) % largest + 1
