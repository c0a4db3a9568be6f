"""A small wave, trip and shipment, and ways to read a PDF back: its words and its barcodes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from pypdf import PdfReader
from reportlab.graphics.barcode.code128 import _patterns

from oms_dagster.domain.documents.packing_slip import PackingSlip, Parcel, RemainingLine, ShippedLine
from oms_dagster.domain.documents.picking_map import PickingMap, PickTask
from oms_dagster.domain.documents.purchase_order import OrderedLine, PurchaseOrder
from oms_dagster.domain.documents.romaneio import Romaneio, Stop

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def picking_map() -> PickingMap:
    """Four tasks in two zones; two of them ride on a load with stops 1 and 2."""
    tasks = (
        PickTask("T-4", "COLD", "C01", "02", "1", 40, "MILK", "Milk 1 l", "EA", 3_000),
        PickTask("T-2", "DRY", "A02", "01", "0", 20, "RICE", "Rice 5 kg", "EA", 12_000, "", "L-1", 1),
        PickTask("T-1", "DRY", "A01", "07", "2", 10, "SALT", "Salt", "KG", 2_500, "LOT-9"),
        PickTask("T-3", "DRY", "A03", "04", "1", 30, "TEA", "Tea", "EA", 7_000, "", "L-1", 2),
    )
    return PickingMap(
        42, "A", NOON, "Europe/Lisbon", "LIS1", "Armazém Central", "W-2026-07-01-LIS1", NOON + timedelta(hours=2), tasks
    )


@pytest.fixture
def romaneio() -> Romaneio:
    """Two stops in two currencies, given in the wrong order."""
    second = Stop(
        2, "Mercearia São Paulo", ("Rua 1", "Porto"), None, None, NOON, 3, 1_250, 7, 1_050, "EUR", ("S-2",), ("FT/12",)
    )
    hours = (NOON, NOON + timedelta(hours=2), NOON)
    first = Stop(1, "Köln GmbH", ("Weg 5",), *hours, 2, 10_500, 30, 999, "GBP", ("S-1",), (), "ring twice")
    return Romaneio(
        7, "B", NOON, "Europe/Lisbon", "LIS1", "Armazém Central", "L-2026-07-01-V1-1", (second, first),
        NOON + timedelta(hours=1), vehicle="AA-12-BB", driver="João Conceição", dock="D3",
        freight_basis="gross weight × distance", distance_m=183_400,
    )  # fmt: skip


@pytest.fixture
def packing_slip() -> PackingSlip:
    """Six of twelve shipped, six backordered; one package with a tracking number."""
    return PackingSlip(
        1234, "", NOON, "Europe/Lisbon", "Armazém Central", "S-1001-LIS1-1", "ORD-1001", "#1001", NOON,
        ("Ελένη Παπαδοπούλου", "Ερμού 5", "Αθήνα"),
        (ShippedLine(1, "RICE", "Rice 5 kg", "EA", 12_000, 6_000),),
        (RemainingLine(1, "RICE", "Rice 5 kg", "EA", 6_000, date(2026, 7, 20), True),),
        (Parcel("P-1", "M", 4_200, "1Z999AA1", "340123450000000016"),),
        "UPS", "Standard",
    )  # fmt: skip


@pytest.fixture
def purchase_order() -> PurchaseOrder:
    """Two lines that a vendor ships to a customer; of one no cost is known."""
    lines = (
        OrderedLine(
            1, "ORD-1001-1", "RICE", "Rice 5 kg", "EA", 12_000, 0, date(2026, 7, 3), Decimal("2.100000"), 130, "EUR"
        ),
        OrderedLine(2, "ORD-1001-2", "SALT", "Salt", "KG", 2_500, 0, date(2026, 7, 3), None, 0, "EUR"),
    )
    return PurchaseOrder(
        12, "A", NOON, "Europe/Lisbon", "PO-12", True, ("Elbe Technik", "Weg 5"), ("Ελένη Παπαδοπούλου", "Ερμού 5"), "#1001",
        "S-1001-ELB-1", lines,
    )  # fmt: skip


def _pages(pdf: bytes) -> list[str]:
    words = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return [page.replace("\u202f", " ").replace("\u00a0", " ") for page in words]


@pytest.fixture
def pages() -> Callable[[bytes], list[str]]:
    """Words of each page, special spaces made plain."""
    return _pages


_BAR = re.compile(r"n ([\d.]+) 0 ([\d.]+) ([\d.]+) re f\*\n")
_VALUE_OF = {tuple("abcd".index(c.lower()) + 1 for c in pattern): value for value, pattern in _patterns.items()}


def _code128(bars: list[tuple[float, float]]) -> str:
    """What a run of (x, width) bars says, by ISO/IEC 15417: widths to symbols, check digit, code sets A, B and C."""
    module = min(width for _, width in bars)
    gaps = [following - (x + width) for (x, width), (following, _) in pairwise(bars)]
    widths = [round(w / module) for pair in zip((w for _, w in bars), [*gaps, 0.0], strict=True) for w in pair][:-1]
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2], "no stop symbol"
    body = widths[:-7]
    symbols = [_VALUE_OF[tuple(body[i : i + 6])] for i in range(0, len(body), 6)]
    *payload, check = symbols
    assert (payload[0] + sum(i * v for i, v in enumerate(payload[1:], 1))) % 103 == check, "check digit"
    code_set, said = {103: "A", 104: "B", 105: "C"}[payload[0]], ""
    for value in payload[1:]:
        if value in (99, 100, 101) and {99: "C", 100: "B", 101: "A"}[value] != code_set:
            code_set = {99: "C", 100: "B", 101: "A"}[value]
        else:
            said += f"{value:02d}" if code_set == "C" else chr(value + 32)
    return said


def _barcodes(pdf: bytes) -> list[list[str]]:
    found = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        stream = page.get_contents().get_data().decode("latin-1")
        runs = re.findall(rf"(?:{_BAR.pattern.replace('(', '(?:')})+", stream)
        found.append([_code128([(float(x), float(w)) for x, w, _ in _BAR.findall(run)]) for run in runs])
    return found


@pytest.fixture
def barcodes() -> Callable[[bytes], list[list[str]]]:
    """What the Code 128 barcodes of each page say, decoded from the drawn bars."""
    return _barcodes
