"""Good payloads of each document format, and seeded damage to them.

Belongs here: making payloads. Does not belong here: what must hold of them (`test_gate_fuzz`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

from gate_desk import cxml, cxml_item, edifact, edifact_order, purchase_order, ubl, ubl_line, x12


def _x12_change() -> str:
    lines = ["BCH*04*SA*PO1**2*20250602", "POC*1*QI*12**EA*3.00**VN*TEA-1", "POC*2*DI*4**EA*5.00", "CTT*2"]
    return x12(lines).replace("ST*850", "ST*860")


def _x12_rich() -> str:
    lines = [
        "PO1*1*2*EA*350*HP*VN*TEA-1",
        "PID*F****Tea",
        "SAC*A*C310***100",
        "TXI*ST*2.00",
        "PO1*2*1*EA*9**UP*4006381333931",
    ]
    body = purchase_order("PO2", *lines)
    return x12([*body[:-1], "CTT*2", "AMT*TT*16.00"], purchase_order("PO3", purpose="01"))


def _edifact_rich() -> str:
    lines = [
        "LIN+1++4006381333931:EN",
        "QTY+21:2:PCE",
        "PRI+AAB:3.50:CT::10",
        "ALC+A",
        "PCD+3:20",
        "MOA+124:1",
        "DTM+2:20250610:102",
    ]
    head = ["FTX+AAI+++It?'s ?+ fine", "PAT+1++5:3:D:30", "ALC+C++++FC", "MOA+23:5"]
    body = edifact_order("PO2", *lines)
    return "UNA:+.? '\n" + edifact([*body[:5], *head, *body[5:], "MOA+86:12.00"], edifact_order("PO3", function="1"))


def _edifact_change() -> str:
    return edifact(["BGM+230+C1+4", "RFF+ON:PO1", "LIN+1+3", "QTY+21:9", "LIN+2+2", "UNS+S", "CNT+2:2"], kind="ORDCHG")


def _ubl_rich() -> str:
    charge = "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:Amount>4</cbc:Amount></cac:AllowanceCharge>"
    total = "<cac:AnticipatedMonetaryTotal><cbc:PayableAmount>18.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>"
    return ubl("PO2", ubl_line(1), ubl_line(2, extra=charge), extra=charge + total)


def _cxml_rich() -> str:
    head = '<Shipping><Money currency="EUR">1.00</Money></Shipping><Tax><Money currency="EUR">2.00</Money></Tax>'
    return cxml("PO2", cxml_item(1), cxml_item(2), head=head, total="17.00")


#: Channel -> good payloads.
GOOD: Mapping[str, tuple[str, ...]] = {
    "x12": (x12(purchase_order("PO1")), _x12_rich(), _x12_change()),
    "edifact": (edifact(edifact_order("PO1")), _edifact_rich(), _edifact_change()),
    "peppol": (
        ubl("PO1"),
        _ubl_rich(),
        ubl("PO1", name="OrderChange", head="<cbc:SequenceNumberID>2</cbc:SequenceNumberID>"),
        ubl("PO1", " ", name="OrderCancellation"),
    ),
    "cxml": (cxml("PO1"), _cxml_rich(), cxml("PO1", kind="update", version='orderVersion="2"'), cxml("PO1", kind="delete")),
}  # fmt: skip

_NASTY = (
    b"\0", b"'", b"?", b"+", b":", b"*", b"~", b"<", b"&", b">", b'"', b"\xff", b"\xc3", b"\xed\xa0\x80", b"\r\n", b"UNB+",
    b"ISA*", b"<?xml ", b"<!ENTITY x 'y'>", b"&x;", b"]]>", b"<![CDATA[", b"9" * 40, b"-1", b"NaN", b"1e400", b"0000", b"\xc2\xb2",
    b"\xd9\xa3", b"UNA", b"LIN+1", b"PO1*", b"</", b"sNaN", b"0/0", b"\xef\xbb\xbf", b"\xfe\xff",
)  # fmt: skip


def _flip(rng: random.Random, raw: bytearray) -> None:
    raw[rng.randrange(len(raw))] = rng.randrange(256)


def _drop(rng: random.Random, raw: bytearray) -> None:
    start = rng.randrange(len(raw))
    del raw[start : start + rng.choice((1, 2, 5, 30, 200))]


def _double(rng: random.Random, raw: bytearray) -> None:
    start = rng.randrange(len(raw))
    piece = raw[start : start + rng.choice((1, 3, 20, 120))]
    place = rng.randrange(len(raw))
    raw[place:place] = piece


def _insert(rng: random.Random, raw: bytearray) -> None:
    place = rng.randrange(len(raw))
    raw[place:place] = rng.choice(_NASTY)


def _cut(rng: random.Random, raw: bytearray) -> None:
    del raw[rng.randrange(len(raw)) :]


def _number(rng: random.Random, raw: bytearray) -> None:
    digits = [place for place, byte in enumerate(raw) if 48 <= byte <= 57]
    if digits:
        place = rng.choice(digits)
        raw[place : place + 1] = rng.choice(
            (b"-7", b"99999999999999999999", b"1,5", b"1.5.2", b"", b"1e9", b"\xd9\xa3", b"NaN")
        )


def _shuffle(rng: random.Random, raw: bytearray) -> None:
    lines = bytes(raw).split(b"\n")
    place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[place], lines[other] = lines[other], lines[place]
    raw[:] = b"\n".join(lines)


DAMAGES: tuple[Callable[[random.Random, bytearray], None], ...] = (
    _flip, _drop, _double, _insert, _insert, _cut, _number, _number, _shuffle,
)  # fmt: skip


def mutated(channel: str, count: int, seed: int = 1) -> Iterator[bytes]:
    """Damaged payloads of a channel, the same for the same seed; one in ten is left whole."""
    rng = random.Random(f"{channel}-{seed}")
    for place in range(count):
        raw = bytearray(rng.choice(GOOD[channel]).encode())
        for _ in range(0 if place % 10 == 0 else rng.choice((1, 1, 1, 2, 3, 8))):
            if raw:
                rng.choice(DAMAGES)(rng, raw)
        yield bytes(raw)
