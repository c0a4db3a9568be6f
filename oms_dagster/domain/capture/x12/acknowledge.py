"""The answer to an X12 interchange: a 997 for each of its groups and an 855 (865 for a change) for each of its orders.

Belongs here: segments of the answer. Does not belong here: outcomes (`answers`), where the answer is kept
(`defs.documents`). The 997 speaks of syntax, the 855 and 865 of the order: received (AK) or refused (RJ), never promised.

Source: ASC X12 release 004010, transaction sets 997, 855 and 865.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from oms_dagster.domain.capture.answers import Answer, control_number
from oms_dagster.domain.capture.interchanges import answer_interchanges
from oms_dagster.domain.capture.x12.syntax import Segment, TransactionSet, at, read

TEMPLATE_VERSION = "x12_acknowledgement/1"
#: Element 618, why a set is refused.
_SET_ERRORS = {"NOT_AN_ORDER": "1", "UNSUPPORTED": "1"}
_FIELD_ERRORS = {"SE": "2", "SE02": "3", "SE01": "4"}
_RESPONSES = {"850": ("855", "BAK", "PR"), "860": ("865", "BCA", "CA")}


def acknowledge_x12(
    source: bytes | BinaryIO, answers: Sequence[Answer], at_time: datetime, seed: str
) -> list[bytes | None]:
    """Render the answer to each interchange of a file.

    Parameters
    ----------
    answers
        One a message, in the order of the file (as `orders.parse_x12` numbers them).
    at_time
        UTC; written as date and time of the answer.
    seed
        Names the file; control numbers follow from it.

    Returns
    -------
    list of bytes or None
        One an interchange; None for what can't be answered: no envelope to answer to, or itself an answer.
    """
    return answer_interchanges(
        read(source),
        answers,
        lambda item: at(item.group, 1) != "FA",
        lambda pairs, own: _interchange(pairs, at_time, own),
        seed,
    )


def _interchange(pairs: list[tuple[TransactionSet, Answer]], at_time: datetime, seed: str) -> bytes:
    isa = pairs[0][0].interchange
    control = control_number(seed)
    date, clock = at_time.strftime("%Y%m%d"), at_time.strftime("%H%M")
    groups = [group for group in (_functional(pairs), *_orders(pairs, date)) if group[2]]
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*{at(isa, 7) or 'ZZ':2.2}*{_plain(at(isa, 8)):15.15}*{at(isa, 5) or 'ZZ':2.2}"
        f"*{_plain(at(isa, 6)):15.15}*{date[2:]}*{clock}*U*00401*{control:09}*0*{at(isa, 15) or 'P':1.1}*>"
    ]
    for number, (function, kind, bodies) in enumerate(groups, 1):
        group = pairs[0][0].group
        segments.append(f"GS*{function}*{_plain(at(group, 3))}*{_plain(at(group, 2))}*{date}*{clock}*{number}*X*004010")
        for place, body in enumerate(bodies, 1):
            segments += [f"ST*{kind}*{place:04}", *body, f"SE*{len(body) + 2}*{place:04}"]
        segments.append(f"GE*{len(bodies)}*{number}")
    segments.append(f"IEA*{len(groups)}*{control:09}")
    return "".join(f"{segment}~\n" for segment in segments).encode("ascii", "replace")


def _functional(pairs: list[tuple[TransactionSet, Answer]]) -> tuple[str, str, list[list[str]]]:
    bodies = []
    for group, members in groupby(pairs, key=lambda pair: pair[0].group):
        if group:
            bodies.append(_group_report(group, list(members)))
    return "FA", "997", bodies


def _group_report(group: Segment, members: list[tuple[TransactionSet, Answer]]) -> list[str]:
    body = [f"AK1*{_plain(at(group, 1)) or 'PO'}*{_plain(at(group, 6)) or '0'}"]
    accepted = 0
    for item, answer in members:
        body.append(f"AK2*{_plain(item.kind) or '000'}*{_plain(item.control) or '0000'}")
        if answer.is_readable:
            accepted += 1
            body.append("AK5*A")
        else:
            field = item.fault[1] if item.fault else ""
            body.append(f"AK5*R*{_SET_ERRORS.get(answer.code or '') or _FIELD_ERRORS.get(field) or '5'}")
    verdict = "A" if accepted == len(members) else "P" if accepted else "R"
    return [*body, f"AK9*{verdict}*{len(members)}*{len(members)}*{accepted}"]


def _orders(pairs: list[tuple[TransactionSet, Answer]], date: str) -> Iterator[tuple[str, str, list[list[str]]]]:
    for kind, (response, head, function) in _RESPONSES.items():
        bodies = []
        for item, answer in pairs:
            if item.kind == kind and answer.is_readable and answer.order and (answer.is_taken or answer.is_refused):
                verdict = "AK" if answer.is_taken else "RJ"
                number = _plain(answer.order)
                # BCA has the change's own number between the order's and the date.
                body = [f"{head}*00*{verdict}*{number}*{'**' if head == 'BCA' else ''}{date}"]
                if answer.is_refused:
                    body.append(f"REF*ZZ*{_plain(answer.code or '')}*{_plain(answer.detail or '')[:80]}")
                bodies.append(body)
        yield function, response, bodies


def _plain(text: str) -> str:
    """Text without the answer's own delimiters and line breaks."""
    return " ".join("".join(" " if char in "*~>" else char for char in text).split())
