"""The answer to an EDIFACT interchange: a CONTRL for its syntax and an ORDRSP for each of its orders.

Belongs here: segments of the answer. Does not belong here: outcomes (`answers`), where the answer is kept
(`defs.documents`). The ORDRSP says that the order was received (AB) or refused (RE), never that it is promised.

Source: UN/EDIFACT CONTRL (ISO 9735, syntax 3), ORDRSP D.96A.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from oms_dagster.domain.capture.answers import Answer, control_number
from oms_dagster.domain.capture.edifact.syntax import Envelope, Segment, part, read
from oms_dagster.domain.capture.interchanges import answer_interchanges

TEMPLATE_VERSION = "edifact_acknowledgement/1"
#: Element 0085, why a message is refused.
_ERRORS = {"NOT_AN_ORDER": "14", "UNSUPPORTED": "14"}
_FIELD_ERRORS = {"UNT 0074": "29", "UNT 0062": "28", "UNZ 0036": "29", "UNZ 0020": "28", "UNE 0036": "29"}
_NEVER_ANSWERED = ("CONTRL", "APERAK")


def acknowledge_edifact(
    source: bytes | BinaryIO, answers: Sequence[Answer], at_time: datetime, seed: str
) -> list[bytes | None]:
    """Render the answer to each interchange of a file.

    Parameters
    ----------
    answers
        One a message, in the order of the file (as `orders.parse_edifact` numbers them).
    at_time
        UTC; written as date and time of the answer.
    seed
        Names the file; control references follow from it.

    Returns
    -------
    list of bytes or None
        One an interchange; None for what can't be answered: no envelope to answer to, or itself an answer.
    """
    return answer_interchanges(
        read(source),
        answers,
        lambda message: message.kind not in _NEVER_ANSWERED,
        lambda pairs, own: _interchange(pairs, at_time, own),
        seed,
    )


def _interchange(pairs: list[tuple[Envelope, Answer]], at_time: datetime, seed: str) -> bytes:
    header = pairs[0][0].interchange
    reference = control_number(seed, 14)
    sender, recipient = _party(header, 3), _party(header, 2)
    messages = [("CONTRL:D:3:UN", _control(header, pairs))]
    for _, answer in pairs:
        if answer.is_readable and answer.order and (answer.is_taken or answer.is_refused):
            messages.append(("ORDRSP:D:96A:UN", _response(answer, header, at_time)))
    test = "++++++1" if pairs[0][0].is_test else ""
    segments = [f"UNB+UNOC:3+{sender}+{recipient}+{at_time.strftime('%y%m%d:%H%M')}+{reference}{test}"]
    for number, (kind, body) in enumerate(messages, 1):
        segments += [f"UNH+{number}+{kind}", *body, f"UNT+{len(body) + 2}+{number}"]
    segments.append(f"UNZ+{len(messages)}+{reference}")
    return "".join(f"{segment}'\n" for segment in segments).encode("latin-1", "replace")


def _control(header: Segment, pairs: list[tuple[Envelope, Answer]]) -> list[str]:
    """UCI for the interchange (8: received, each message is told of), UCM for each message."""
    body = [f"UCI+{_text(part(header, 5))}+{_party(header, 2)}+{_party(header, 3)}+8"]
    for message, answer in pairs:
        kind = ":".join(_text(piece) for piece in message.segments[0][2][:4]) if len(message.segments[0]) > 2 else ""
        verdict = "7"
        if not answer.is_readable:
            field = message.fault[1] if message.fault else ""
            verdict = f"4+{_ERRORS.get(answer.code or '') or _FIELD_ERRORS.get(field) or '12'}"
        body.append(f"UCM+{_text(message.reference)}+{kind}+{verdict}")
    return body


def _response(answer: Answer, header: Segment, at_time: datetime) -> list[str]:
    verdict = "AB" if answer.is_taken else "RE"
    order = _text(answer.order or "")
    body = [f"BGM+231+{order}+11+{verdict}", f"DTM+137:{at_time.strftime('%Y%m%d%H%M')}:203"]
    if answer.is_refused:
        told = f"{answer.code}, {answer.detail}"[:350]
        body.append("FTX+AAO+++" + ":".join(_text(told[start : start + 70]) for start in range(0, len(told), 70)))
    return [
        *body,
        f"RFF+ON:{order}",
        f"NAD+BY+{_text(part(header, 2))}::9",
        f"NAD+SU+{_text(part(header, 3))}::9",
        "UNS+S",
    ]


def _party(header: Segment, element: int) -> str:
    return ":".join(_text(piece) for piece in header[element]) if element < len(header) else ""


def _text(text: str) -> str:
    """Text with the service characters released."""
    return "".join(f"?{char}" if char in "?'+:" else char for char in " ".join(text.split()))
