"""XML documents of a file, read so that nothing outside the file is opened and nothing inside it swells.

Belongs here: parsing, and looking things up by local name. Does not belong here: what a document means (`ubl`, `cxml`).

A document type declaration is allowed (cXML requires one) and never followed. Entities declared in the document are
refused before the parser sees them: no order needs one, and they are what entity bombs and file thieves are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lxml import etree

from oms_dagster.domain.capture.messages import Broken, Message, ParseFailure, Row, unstorable

#: An lxml element; the library ships no types.
Element = Any

_DECLARATION = re.compile(rb"(?<!^)<\?xml[ \t\r\n]")
_ENTITY = re.compile(r"<!\s*ENTITY", re.IGNORECASE)
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


class Fault(Exception):
    """A document that is no usable order: error code, field at fault, one line, and its order where that could be read."""

    def __init__(self, code: str, field: str, detail: str, order: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.field, self.detail, self.order = code, field, detail, order


def messages_of(raw: bytes, rows: Callable[[Element], Sequence[Row]]) -> Iterator[Message | ParseFailure]:
    """One message a document of a file, in its order; a document that ``rows`` raises `Fault` for fails alone."""
    for place, root in enumerate(documents(raw), 1):
        if isinstance(root, Broken):
            yield ParseFailure(place, root.code, "file", f"message {place}: {root.detail}")
            continue
        try:
            yield unstorable(Message(place, tuple(rows(root))))
        except Fault as fault:
            detail = f"message {place}: {fault.detail}"
            yield unstorable(ParseFailure(place, fault.code, fault.field, detail, fault.order))


def documents(raw: bytes) -> Iterator[Element | Broken]:
    """Root of each document of a file; several may follow each other, each with its own XML declaration."""
    if not raw.strip():
        yield Broken(f"the file has {len(raw)} bytes and no XML; send it again")
        return
    places = [0, *(found.start() for found in _DECLARATION.finditer(raw)), len(raw)]
    pieces = (raw[start:end].strip() for start, end in zip(places, places[1:], strict=False))
    for piece in pieces if _wide(raw) is None else [raw]:
        if piece.removeprefix(b"\xef\xbb\xbf"):
            yield _parsed(piece)


def _wide(raw: bytes) -> str | None:
    return _WIDE.get(raw[:2])


def _parsed(raw: bytes) -> Element | Broken:
    wide = _wide(raw)
    if _ENTITY.search(raw.decode(wide or "latin-1", errors="replace")):
        return _declares_entities()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        told = " ".join(str(error).split())[:160]
        return Broken(f"not readable as XML, perhaps cut short: {told}; send it again")
    declared = root.getroottree().docinfo.internalDTD
    # An encoding that hides the declaration from the search (EBCDIC, UTF-7) hides it from no parser.
    if declared is not None and any(True for _ in declared.iterentities()):
        return _declares_entities()
    return root


def _declares_entities() -> Broken:
    detail = "the document declares entities, which this channel never expands; ask the partner to send it without"
    return Broken(detail, "UNSAFE_XML")


def local(element: Element) -> str:
    """Name of an element without its namespace; empty for what is no element (an entity reference)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """Namespace of an element; empty where it has none."""
    return str(element.tag).partition("}")[0].lstrip("{") if "}" in str(element.tag) else ""


def children(element: Element | None, name: str) -> list[Element]:
    """Children of that local name."""
    return [] if element is None else [child for child in element if local(child) == name]


def find(element: Element | None, *path: str) -> Element | None:
    """The first descendant along a path of local names."""
    for name in path:
        element = next(iter(children(element, name)), None)
    return element


def text(element: Element | None, *path: str) -> str | None:
    """Text of the first descendant along a path of local names, blanks cleared; None when empty or absent."""
    found = find(element, *path) if path else element
    if found is None:
        return None
    return " ".join("".join(str(piece) for piece in found.itertext()).split()) or None


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute's text, blanks cleared; None when empty or absent."""
    value = None if element is None else element.get(name)
    return (value or "").strip() or None
