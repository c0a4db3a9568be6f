"""Answers to received interchanges: in kind, one an interchange, the same whenever they are made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from gate_desk import AS_OF, Desk, edifact, edifact_order, purchase_order, ubl, x12
from lxml import etree
from payload_mutations import GOOD, mutated

from oms_dagster.defs.documents import answer_pending
from oms_dagster.domain.capture.edifact.syntax import read as read_edifact
from oms_dagster.domain.capture.messages import Broken as NoInterchange
from oms_dagster.domain.capture.x12.syntax import TransactionSet
from oms_dagster.domain.capture.x12.syntax import read as read_x12
from oms_dagster.warehouse import acknowledgements
from oms_dagster.warehouse.acknowledgements import Acknowledgement


def told(desk: Desk, channel: str, raw: str | bytes) -> list[Acknowledgement]:
    """Capture a file and read the answers to it."""
    content = raw.encode() if isinstance(raw, str) else raw
    desk.capture(channel, content)
    (file,) = [f for f in acknowledgements.pending(desk.connection, None) if f.channel == channel]
    return list(acknowledgements.answers(desk.connection, file, content))


def sets_of(answer: Acknowledgement) -> list[TransactionSet]:
    (sets,) = read_x12(answer.content)
    assert isinstance(sets, list)
    assert all(item.fault is None for item in sets), "an answer's own counts and numbers are right"
    return sets


def segments(item: TransactionSet) -> list[str]:
    return ["*".join(segment) for segment in item.segments[1:-1]]


def test_an_x12_interchange_is_answered_by_a_997_and_an_855_an_order(desk: Desk) -> None:
    bad = purchase_order("PO2", "PO1*1*two*EA*3.50**VN*TEA-1")
    text = x12(purchase_order("PO1"), bad, purchase_order("PO3"))
    (answer,) = told(desk, "x12", text.replace("SE*10*0003", "SE*9*0003"))
    functional, *orders = sets_of(answer)
    assert functional.kind == "997"
    assert segments(functional) == [
        "AK1*PO*7",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*A",
        "AK2*850*0003",
        "AK5*R*4",
        "AK9*P*3*3*2",
    ]
    assert [item.kind for item in orders] == ["855", "855"]
    assert segments(orders[0]) == ["BAK*00*AK*PO1*20250602"]
    assert segments(orders[1])[0] == "BAK*00*RJ*PO2*20250602"
    assert segments(orders[1])[1].startswith("REF*ZZ*BAD_NUMBER*message 2, quantity: found 'two'")
    head = functional.interchange
    assert (head[6].strip(), head[8].strip()) == ("US", "SENDER"), "from us to the sender"


def test_a_change_is_answered_by_an_865(desk: Desk) -> None:
    change = (
        x12(["BCH*04*SA*PO1***20250602", "POC*1*QI*12**EA*3.50"]).replace("ST*850", "ST*860").replace("*PO*S", "*PC*S")
    )
    (answer,) = told(desk, "x12", x12(purchase_order("PO1")) + change)[1:]
    functional, response = sets_of(answer)
    assert segments(functional)[1:3] == ["AK2*860*0001", "AK5*A"]
    assert (response.kind, segments(response)) == ("865", ["BCA*00*AK*PO1***20250602"])


def test_each_interchange_of_a_file_has_its_answer_and_a_997_has_none(desk: Desk) -> None:
    functional = x12(["AK1*PO*7", "AK9*A*1*1*1"]).replace("ST*850", "ST*997").replace("GS*PO", "GS*FA")
    answers = told(desk, "x12", x12(purchase_order("A")) + functional + "rubbish~\n" + x12(purchase_order("B")))
    assert [answer.envelope["payload"]["interchange"] for answer in answers] == [1, 4]
    assert len({answer.name for answer in answers}) == 2


def test_an_edifact_interchange_is_answered_by_a_contrl_and_an_ordrsp_an_order(desk: Desk) -> None:
    bad = [segment.replace("QTY+21:2", "QTY+21:two") for segment in edifact_order("P?+2")]
    text = edifact(edifact_order("PO1"), bad, edifact_order("PO3")).replace("UNT+13+3", "UNT+12+3")
    (answer,) = told(desk, "edifact", text)
    (messages,) = read_edifact(answer.content)
    assert not isinstance(messages, NoInterchange)
    assert [(message.kind, message.fault) for message in messages] == [
        ("CONTRL", None),
        ("ORDRSP", None),
        ("ORDRSP", None),
    ]
    control = ["+".join(":".join(item) for item in segment) for segment in messages[0].segments[1:-1]]
    assert control == [
        "UCI+7+SENDER:14+US:14+8",
        "UCM+1+ORDERS:D:96A:UN+7",
        "UCM+2+ORDERS:D:96A:UN+7",
        "UCM+3+ORDERS:D:96A:UN+4+29",
    ]
    assert messages[1].segments[1] == (("BGM",), ("231",), ("PO1",), ("11",), ("AB",))
    assert messages[2].segments[1] == (("BGM",), ("231",), ("P+2",), ("11",), ("RE",))
    assert messages[2].segments[3][4][0].startswith("BAD_NUMBER, message 2, quantity: found 'two'")


@pytest.mark.parametrize(
    ("document", "number", "verdict"),
    [
        (ubl("PO1"), "PO1", "AB"),
        (ubl("PO1", name="OrderChange", head="<cbc:SequenceNumberID>1</cbc:SequenceNumberID>"), "PO1", "AB"),
        (ubl("PO2", " "), "PO2", "RE"),
        (ubl("PO3").replace(">2<", ">two<"), "PO3", "RE"),
    ],
)
def test_a_ubl_document_is_answered_by_an_order_response(desk: Desk, document: str, number: str, verdict: str) -> None:
    (answer,) = told(desk, "peppol", document)
    root = etree.fromstring(answer.content)
    names = {"b": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}
    assert etree.QName(root).localname == "OrderResponse"
    assert root.findtext("b:OrderResponseCode", namespaces=names) == verdict
    assert [node.text for node in root.findall(".//b:ID", names)][1] == number
    assert (root.findtext("b:Note", namespaces=names) is not None) == (verdict == "RE")


def test_an_invoice_has_no_answer(desk: Desk) -> None:
    space = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    assert told(desk, "peppol", f'<Invoice xmlns="{space}"/>') == []


def test_a_conflict_is_neither_taken_nor_refused(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1")))
    other = x12(purchase_order("PO1", "PO1*1*3*EA*3.50**VN*TEA-1"))
    desk.capture("x12", other)
    file = acknowledgements.pending(desk.connection, None)
    by_kind = [
        [
            item.kind
            for answer in acknowledgements.answers(desk.connection, one, text.encode())
            for item in sets_of(answer)
        ]
        for one in file
        for text in (x12(purchase_order("PO1")), other)
        if one.sha256 == acknowledgements.sha256_of(text.encode())
    ]
    assert sorted(by_kind) == [["997"], ["997", "855"]]


# ---- the outbox ------------------------------------------------------------------------------------------------------


def outbox(desk: Desk, tmp_path: Path, files: Sequence[bytes]) -> SimpleNamespace:
    home = SimpleNamespace(outbox=tmp_path / "outbox", archive=tmp_path / "archive", channels=None)
    for raw in files:
        sha256 = acknowledgements.sha256_of(raw)
        (home.archive / sha256[:2]).mkdir(parents=True, exist_ok=True)
        (home.archive / sha256[:2] / sha256).write_bytes(raw)
    return home


def content(home: SimpleNamespace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.outbox.rglob("*") if path.is_file()}


def test_an_answer_is_written_once_with_its_envelope_and_again_the_same(desk: Desk, tmp_path: Path) -> None:
    raw = edifact(edifact_order("PO1")).encode()
    desk.capture("edifact", raw)
    home = outbox(desk, tmp_path, [raw])
    assert answer_pending(home, desk.connection) == 1  # type: ignore[arg-type]
    first = content(home)
    assert sorted(name.rpartition(".")[2] for name in first) == ["edi", "json"]
    assert answer_pending(home, desk.connection) == 0, "it stands"  # type: ignore[arg-type]
    for path in home.outbox.rglob("*.json"):
        path.unlink()
    assert answer_pending(home, desk.connection) == 1, "a cycle died between file and envelope"  # type: ignore[arg-type]
    assert content(home) == first


def test_the_same_bytes_sent_twice_have_one_answer_and_published_cycles_are_left_alone(
    desk: Desk, tmp_path: Path
) -> None:
    raw = x12(purchase_order("PO1")).encode()
    desk.capture("x12", raw, name="a")
    desk.capture("x12", raw, name="b")
    home = outbox(desk, tmp_path, [raw])
    assert answer_pending(home, desk.connection) == 1  # type: ignore[arg-type]
    desk.connection.execute(
        "insert into facts.cycles by name select 1 as cycle_seq, 'published' as state, ? as as_of, ? as recorded_at, 1 as seed",
        [AS_OF, AS_OF],
    )
    assert acknowledgements.pending(desk.connection, None) == []
    desk.connection.execute("delete from facts.cycles")


@pytest.mark.parametrize("channel", ["x12", "edifact", "peppol"])
def test_no_damaged_payload_keeps_a_cycle_from_answering(desk: Desk, channel: str) -> None:
    """A renderer that raised would stop every cycle after it."""
    raw = b"\n".join(mutated(channel, 150, seed=3))
    answers = told(desk, channel, raw)
    assert answers
    for answer in answers:
        if channel == "x12":
            sets_of(answer)
        elif channel == "edifact":
            (messages,) = read_edifact(answer.content)
            assert not isinstance(messages, NoInterchange)
            assert all(message.fault is None for message in messages)
        else:
            etree.fromstring(answer.content)
    assert set(GOOD) >= {channel}
