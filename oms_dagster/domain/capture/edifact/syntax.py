"""The syntax of UN/EDIFACT: interchanges and messages, with their control counts.

Belongs here: service characters, release, segments, envelopes UNB/UNG/UNH and what is wrong with them. Does not belong
here: what a message means (`orders`).

Source: ISO 9735 versions 1 to 4 (syntax rules), parts 1 and 2.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from oms_dagster.domain.capture.messages import Broken, control_count
from oms_dagster.domain.capture.text_window import TooLong, Window, is_utf8, stream_of

#: A segment: its tag, then elements as tuples of components.
Segment = tuple[tuple[str, ...], ...]

#: Character sets by syntax identifier (S001, element 0001); the others are subsets of Latin-1.
_ENCODINGS = {
    b"UNOD": "iso8859-2", b"UNOE": "iso8859-5", b"UNOF": "iso8859-7", b"UNOG": "iso8859-3", b"UNOH": "iso8859-4",
    b"UNOI": "iso8859-6", b"UNOJ": "iso8859-8", b"UNOK": "iso8859-9", b"UNOC": "latin-1",
}  # fmt: skip
_MARK = "[^A-Za-z0-9 \r\n]"
_START = re.compile(f"(?<![A-Za-z0-9 ])(?:UNA{_MARK}{{2}}[^\r\n]{{3}}[^A-Za-z0-9 ]\\s*UNB|UNB(?={_MARK}))")
_HEAD = re.compile(rb"UNB[^A-Za-z0-9](UNO[A-Z])")


@dataclass(frozen=True, slots=True)
class Service:
    """Service characters of an interchange (UNA)."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"


@dataclass(slots=True)
class Envelope:
    """One message (UNH to UNT), with the first thing that is wrong with it or its envelopes.

    Attributes
    ----------
    reference
        UNH 0062.
    kind, directory
        Type of message (ORDERS) and its directory (D96A).
    interchange, group
        Its UNB and UNG (empty outside a group).
    fault
        Code, element and detail.
    """

    reference: str
    kind: str
    directory: str
    interchange: Segment
    service: Service
    group: Segment = ()
    segments: list[Segment] = field(default_factory=list)
    fault: tuple[str, str, str] | None = None

    def blame(self, code: str, where: str, detail: str) -> None:
        """Lay a fault on the message, unless one was found before."""
        self.fault = self.fault or (code, where, detail)

    @property
    def is_test(self) -> bool:
        """Whether the interchange says that it is a test (UNB 0035)."""
        return part(self.interchange, 11) == "1"


def _window(stream: BinaryIO) -> Window:
    """The file's text, by the character set that its first UNB names; UTF-8 where it fits and none forbids it."""
    head = stream.read(2000)
    stream.seek(0)
    named = _HEAD.search(head)
    encoding = _ENCODINGS.get(named[1]) if named else None
    if encoding is None or encoding == "latin-1":
        encoding = "utf-8" if is_utf8(stream) else "latin-1"
    if head.startswith(codecs.BOM_UTF8):
        stream.seek(len(codecs.BOM_UTF8))
    return Window(stream, encoding)


def part(segment: Segment, element: int, component: int = 0) -> str:
    """A component by the number of its element (1 is the first after the tag) and its own from 0; empty when absent."""
    if element < len(segment) and component < len(segment[element]):
        return segment[element][component]
    return ""


def parts(segment: Segment, element: int) -> tuple[str, ...]:
    """All components of an element that aren't empty."""
    return tuple(text for text in segment[element] if text) if element < len(segment) else ()


def read(source: bytes | BinaryIO) -> Iterator[list[Envelope] | Broken]:
    """The messages of each interchange, in the order of the file; a broken stretch costs no other one.

    Parameters
    ----------
    source
        The bytes, or a seekable binary stream of them. One interchange at a time is in memory.
    """
    window = _window(stream_of(source))
    place = 0
    try:
        while True:
            text = window.text
            while place < len(text) and text[place].isspace():
                place += 1
            found = _START.match(text, place)
            following = _START.search(text, place + (len(found[0]) if found else 1))
            end = following.start() if following else len(text)
            if found is not None:
                service = _service(found[0])
                end = _end(text, found.end() - 3, service, end)
            # What stands before an interchange says whether it is one: a letter is kept in sight.
            before = min(place, 1)
            if window.needs_more(place - before, end):
                place = before
                continue
            if place == len(text):
                return
            if found is None:
                yield _stranger(text[place:end])
            else:
                yield _messages(list(_segments(text[found.end() - 3 : end], service)), service)
            place = end
    except TooLong as error:
        yield Broken(str(error))


def _stranger(stretch: str) -> Broken:
    if re.match(r"STX[=+]", stretch):
        detail = "found a TRADACOMS transmission (STX), expected UN/EDIFACT (UNB); ask the partner for ORDERS"
        return Broken(detail, "UNSUPPORTED")
    detail = f"expected an interchange beginning UNA or UNB, found {stretch[:20]!r}; send the whole interchange"
    return Broken(detail)


def _service(head: str) -> Service:
    if not head.startswith("UNA"):
        return Service()
    # A blank release character means that there is none.
    return Service(head[3], head[4], head[5], head[6].replace(" ", ""), head[8])


def _end(text: str, start: int, service: Service, limit: int) -> int:
    """Where the interchange ends: after its UNZ, else before the next UNB, else with the file."""
    mark = re.escape(service.terminator)
    pattern = _trailer(mark, re.escape(service.element))
    found = pattern.search(text, start, limit)
    return found.end() if found else limit


@lru_cache(maxsize=64)
def _trailer(mark: str, element: str) -> re.Pattern[str]:
    return re.compile(f"{mark}\\s*UNZ{element}[^{mark}]*(?:{mark}|$)")


def _segments(text: str, service: Service) -> Iterator[Segment]:
    """Segments of an interchange; the quick way where no character is released."""
    if service.release and service.release in text:
        yield from _released(text, service)
        return
    element, component = service.element, service.component
    if service.terminator not in "\r\n":
        # Line breaks are no characters of any EDIFACT set: they come from wrapping, also in the middle of a segment.
        text = text.replace("\r", "").replace("\n", "")
    for piece in text.split(service.terminator):
        piece = piece.strip("\r\n\t ")
        if piece:
            yield tuple(tuple(item.split(component)) for item in piece.split(element))


def _released(text: str, service: Service) -> Iterator[Segment]:
    """The same where the release character stands before a service character: those are set aside while splitting."""
    marks = (service.release, service.terminator, service.element, service.component)
    hidden = {mark: chr(0xE000 + place) for place, mark in enumerate(marks)}
    text = re.sub("[\ue000-\ue003]", "\ufffd", text)
    text = re.sub(re.escape(service.release) + "(.)", lambda m: hidden.get(m[1], m[1]), text, flags=re.DOTALL)
    shown = {ord(code): mark for mark, code in hidden.items()}
    for segment in _segments(
        text, Service(service.component, service.element, service.decimal, "", service.terminator)
    ):
        yield tuple(tuple(item.translate(shown) for item in items) for items in segment)


def _messages(segments: list[Segment], service: Service) -> list[Envelope]:
    """Messages of an interchange; envelope faults are laid on the messages inside."""
    header = segments[0]
    messages: list[Envelope] = []
    inside: list[Envelope] = []
    group: Segment = ()
    groups = 0
    current: Envelope | None = None
    closed = False
    for segment in segments[1:]:
        tag = segment[0][0]
        if tag == "UNH":
            current = _opened(segment, header, group, service)
            messages.append(current)
            inside.append(current)
        elif tag == "UNT":
            if current is not None:
                current.segments.append(segment)
                _check_message(current, segment)
            current = None
        elif tag == "UNG":
            group, inside, groups, current = segment, [], groups + 1, None
        elif tag == "UNE":
            _check_pair(inside, "UNE", segment, len(inside), part(group, 5), "messages")
            group, inside, current = (), [], None
        elif tag == "UNZ":
            closed = True
            _check_pair(messages, "UNZ", segment, groups or len(messages), part(header, 5), "messages or groups")
        elif current is not None:
            current.segments.append(segment)
    for message in messages:
        if message.segments[-1][0][0] != "UNT":
            message.blame("CONTROL_MISMATCH", "UNT", "the message has no UNT, the file was cut short")
        if not closed:
            message.blame("CONTROL_MISMATCH", "UNZ", "the interchange has no UNZ, the file was cut short")
    if group:
        for message in inside:
            message.blame("CONTROL_MISMATCH", "UNE", "the group has no UNE, the file was cut short")
    return messages


def _opened(segment: Segment, header: Segment, group: Segment, service: Service) -> Envelope:
    directory = part(segment, 2, 1) + part(segment, 2, 2)
    return Envelope(part(segment, 1), part(segment, 2), directory, header, service, group, [segment])


def _check_message(message: Envelope, trailer: Segment) -> None:
    said = part(trailer, 1)
    if control_count(said) != len(message.segments):
        message.blame("CONTROL_MISMATCH", "UNT 0074", f"UNT says {said[:20]!r} segments, found {len(message.segments)}")
    if part(trailer, 2) != message.reference:
        detail = f"UNT names message {part(trailer, 2)[:20]!r}, UNH {message.reference[:20]!r}"
        message.blame("CONTROL_MISMATCH", "UNT 0062", detail)


def _check_pair(messages: list[Envelope], tag: str, trailer: Segment, found: int, control: str, what: str) -> None:
    said, named = part(trailer, 1), part(trailer, 2)
    for message in messages:
        if control_count(said) != found:
            message.blame("CONTROL_MISMATCH", f"{tag} 0036", f"{tag} says {said[:20]!r} {what}, found {found}")
        if named != control:
            detail = f"{tag} carries control reference {named[:20]!r}, its header {control[:20]!r}"
            message.blame("CONTROL_MISMATCH", f"{tag} 0020", detail)
