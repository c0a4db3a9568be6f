"""The messages of a file of EDI interchanges, numbered alike where they are read and where they are answered.

Belongs here: counting. A broken stretch and an empty interchange count as one message each. Does not belong here: segments and
envelopes (`x12.syntax`, `edifact.syntax`), what a message says (their `orders`), what is answered (`answers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, TypeVar

from oms_dagster.domain.capture.answers import Answer
from oms_dagster.domain.capture.messages import Broken, Message, ParseFailure, unstorable
from oms_dagster.domain.capture.text_window import stream_of

Item = TypeVar("Item")
Read = Callable[[BinaryIO], Iterable[Sequence[Item] | Broken]]


def read_interchanges(
    source: bytes | BinaryIO,
    read: Read[Item],
    message: Callable[[int, Item], Message | ParseFailure],
    *,
    envelope: str,
    start: str,
    name: str,
) -> Iterator[Message | ParseFailure]:
    """Read each message of each interchange, in the order of the file; what can't be read is a failure in its place.

    Parameters
    ----------
    source
        The bytes, or a seekable binary stream of them.
    read
        The interchanges of a stream.
    message
        What one message says, by its number in the file.
    envelope, start, name
        The segments that begin an interchange and a message, and what the format calls a message.
    """
    number = 0
    stream = stream_of(source)
    for found in read(stream):
        if isinstance(found, Broken):
            number += 1
            yield ParseFailure(number, found.code, envelope, found.detail)
            continue
        if not found:
            number += 1
            yield ParseFailure(number, "UNREADABLE", start, f"the interchange holds no {name}; send it again")
        for item in found:
            number += 1
            yield unstorable(message(number, item))
    if not number:
        yield ParseFailure(
            1, "UNREADABLE", "file", f"the file has {stream.tell()} bytes and no interchange; send it again"
        )


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
        One a message, in the order of the file, as `read_interchanges` numbers them.
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
