"""The syntax of ANSI X12: interchanges, groups and transaction sets, with their control counts.

Belongs here: delimiters, segments, envelopes ISA/GS/ST and what is wrong with them. Does not belong here: what a set
means (`orders`).

Source: ASC X12.5 (interchange control structures), X12.6 (segments and elements).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from oms_dagster.domain.capture.messages import Broken, control_count
from oms_dagster.domain.capture.text_window import TooLong, Window, is_utf8, stream_of

Segment = tuple[str, ...]

#: ISA has sixteen elements: longer texts are another thing that begins alike.
_LONGEST_ISA = 400
_NEXT_ISA = re.compile(r"ISA(?=[^\w\s])")


@dataclass(slots=True)
class TransactionSet:
    """One transaction set (ST to SE), with the first thing that is wrong with it or its envelopes.

    Attributes
    ----------
    kind, control
        ST01 and ST02.
    group, interchange
        Its GS (empty outside a group) and its ISA.
    fault
        Code, element and detail.
    """

    kind: str
    control: str
    interchange: Segment
    group: Segment = ()
    segments: list[Segment] = field(default_factory=list)
    fault: tuple[str, str, str] | None = None

    def blame(self, code: str, where: str, detail: str) -> None:
        """Lay a fault on the set, unless one was found before."""
        self.fault = self.fault or (code, where, detail)

    @property
    def is_test(self) -> bool:
        """Whether the interchange says that it is a test (ISA15)."""
        return at(self.interchange, 15) == "T"


def at(segment: Segment, place: int) -> str:
    """An element by its number; empty where the segment is shorter."""
    return segment[place] if place < len(segment) else ""


def read(source: bytes | BinaryIO) -> Iterator[list[TransactionSet] | Broken]:
    """The transaction sets of each interchange, in the order of the file; a broken stretch costs no other one.

    Parameters
    ----------
    source
        The bytes, or a seekable binary stream of them: UTF-8 with or without byte order mark, else Latin-1. One interchange
        at a time is in memory.
    """
    stream = stream_of(source)
    window = Window(stream, "utf-8-sig" if is_utf8(stream) else "latin-1")
    place = 0
    try:
        while True:
            place = _skip_blanks(window.text, place)
            found = _delimiters(window.text, place)
            end = _next_isa(window.text, place) if isinstance(found, Broken) else _end(window.text, place, *found)
            if window.needs_more(place, end):
                place = 0
                continue
            if place == len(window.text):
                return
            yield found if isinstance(found, Broken) else _split(window.text[place:end], *found)
            place = end
    except TooLong as error:
        yield Broken(str(error))


def _skip_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _next_isa(text: str, place: int) -> int:
    following = _NEXT_ISA.search(text, place + 3)
    return following.start() if following else len(text)


def _split(interchange: str, separator: str, terminator: str) -> list[TransactionSet]:
    pieces = (piece.strip("\r\n\t ") for piece in interchange.split(terminator))
    return _sets([tuple(part.strip() for part in piece.split(separator)) for piece in pieces if piece])


def _delimiters(text: str, start: int) -> tuple[str, str] | Broken:
    """Element separator and segment terminator of the ISA, found by counting elements, not columns."""
    head = text[start : start + _LONGEST_ISA]
    if not head.startswith("ISA") or len(head) < 20:
        return Broken(f"expected an interchange beginning ISA, found {head[:20]!r}; send the whole interchange")
    separator = head[3]
    places = [place for place, char in enumerate(head) if char == separator][:16]
    if (separator.isascii() and separator.isalnum()) or len(places) < 16 or len(head) < places[15] + 3:
        return Broken(f"ISA has {len(places)} elements of 16; send the whole interchange")
    terminator = head[places[15] + 2]
    if (terminator.isascii() and terminator.isalnum()) or terminator == separator:
        return Broken(f"ISA ends in {terminator!r}, which is no segment terminator; send the whole interchange")
    return separator, terminator


def _end(text: str, start: int, separator: str, terminator: str) -> int:
    """Where the interchange ends: after its IEA, else before the next ISA, else with the file."""
    mark, part = re.escape(terminator), re.escape(separator)
    found = re.compile(f"{mark}\\s*(?:IEA{part}[^{mark}]*(?:{mark}|$)|(ISA){part})").search(text, start)
    if found is None:
        return len(text)
    return found.start(1) if found[1] else found.end()


def _sets(segments: Sequence[Segment]) -> list[TransactionSet]:
    """Transaction sets of an interchange; envelope faults are laid on the sets inside."""
    isa = segments[0]
    sets: list[TransactionSet] = []
    group_sets: list[TransactionSet] = []
    groups = 0
    group: Segment = ()
    current: TransactionSet | None = None
    closed = False
    for segment in segments[1:]:
        tag = segment[0]
        if tag == "GS":
            _unclosed(group_sets)
            group, group_sets, groups, current = segment, [], groups + 1, None
        elif tag == "ST":
            current = TransactionSet(at(segment, 1), at(segment, 2), isa, group, [segment])
            if not group:
                current.blame("CONTROL_MISMATCH", "GS", "the set stands outside a group (no GS before it)")
            sets.append(current)
            group_sets.append(current)
        elif tag == "SE":
            if current is not None:
                current.segments.append(segment)
                _check_set(current, segment)
            current = None
        elif tag == "GE":
            _check_pair(group_sets, "GE", segment, len(group_sets), at(group, 6), "sets")
            group, group_sets, current = (), [], None
        elif tag == "IEA":
            closed = True
            _check_pair(sets, "IEA", segment, groups, at(isa, 13), "groups")
        elif current is not None:
            current.segments.append(segment)
    for item in sets:
        if item.segments[-1][0] != "SE":
            item.blame("CONTROL_MISMATCH", "SE", "the set has no SE, the file was cut short")
        if not closed:
            item.blame("CONTROL_MISMATCH", "IEA", "the interchange has no IEA, the file was cut short")
    _unclosed(group_sets)
    return sets


def _unclosed(group_sets: list[TransactionSet]) -> None:
    for item in group_sets:
        item.blame("CONTROL_MISMATCH", "GE", "the group has no GE, the file was cut short")


def _check_set(item: TransactionSet, trailer: Segment) -> None:
    if control_count(at(trailer, 1)) != len(item.segments):
        item.blame("CONTROL_MISMATCH", "SE01", f"SE says {at(trailer, 1)!r} segments, found {len(item.segments)}")
    if at(trailer, 2) != item.control:
        item.blame("CONTROL_MISMATCH", "SE02", f"SE names set {at(trailer, 2)!r}, ST {item.control!r}")


def _check_pair(sets: list[TransactionSet], tag: str, trailer: Segment, found: int, control: str, what: str) -> None:
    for item in sets:
        if control_count(at(trailer, 1)) != found:
            item.blame("CONTROL_MISMATCH", f"{tag}01", f"{tag} says {at(trailer, 1)!r} {what}, found {found}")
        if at(trailer, 2).lstrip("0") != control.lstrip("0"):
            item.blame(
                "CONTROL_MISMATCH",
                f"{tag}02",
                f"{tag} carries control number {at(trailer, 2)!r}, its header {control!r}",
            )
