"""Names from everywhere are drawn or visibly missing; figures read one way; an envelope says what the file is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.documents import figures, fonts
from oms_dagster.domain.documents.blocks import text
from oms_dagster.domain.documents.envelope import Document, envelope, file_name, sha256_of
from oms_dagster.domain.documents.packing_slip import render_packing_slip
from oms_dagster.domain.quantities import from_cents, from_milli

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Köln", "São Paulo", "Ελλάδα", "Łódź", "Москва", "北京", "東京", "さくら", "서울"])
def test_a_name_is_drawn_in_some_font(name, packing_slip, pages):
    assert fonts.printable(name) == name
    assert name in pages(render_packing_slip(replace(packing_slip, ship_to=(name,))))[0]


def test_the_footer_says_when_glyphs_come_from_the_viewer(packing_slip, pages):
    assert "viewer's own fonts" not in pages(render_packing_slip(packing_slip))[0]
    assert "viewer's own fonts" in pages(render_packing_slip(replace(packing_slip, ship_to=("北京",))))[0]


def test_what_no_font_draws_is_visibly_missing():
    assert fonts.printable("a🚚b") == "a\ufffdb"
    assert fonts.printable("שלום") == "\ufffd" * 4, "unshaped right-to-left letters would be a wrong name"
    assert fonts.printable("e\u0301") == "é"
    assert fonts.printable("tab\there\u200d\u202e") == "tab here"


def test_without_dejavu_the_western_fallback_still_prints(monkeypatch):
    """Regression: a lean install without the package that carries DejaVu must still print, with visible marks."""
    monkeypatch.setattr(fonts, "glyphs", lambda: frozenset(range(32, 127)) | {0xE3})
    assert fonts.printable("São Paulo 1\u202f234 Ελλ") == "São Paulo 1\u00a0234 ???"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_set(words):
    paragraph = text(words)
    assert paragraph.wrap(200, 10_000)[1] >= 0


@given(st.integers(-(10**15), 10**15))
def test_a_printed_figure_reads_back_to_the_same_number(value):
    def read(words):
        return Decimal(words.replace(figures.GROUP, ""))

    assert read(figures.quantity(value)) == from_milli(value)
    assert read(figures.kilograms(value)) == from_milli(value)
    assert all(read(figures.amount(value, c)) == from_cents(value) for c in ("EUR", "JPY", "KWD"))


def test_figures_as_printed():
    assert figures.quantity(12_500) == "12.5"
    assert figures.quantity(12_000_000) == f"12{figures.GROUP}000"
    assert figures.money(123_456, "EUR") == f"1{figures.GROUP}234.56\u00a0EUR"
    assert figures.money(120_000, "JPY") == f"1{figures.GROUP}200\u00a0JPY"
    assert figures.window_text(NOON, NOON + timedelta(hours=2), "UTC") == "2026-07-01 12:00–14:00"
    assert figures.window_text(NOON, NOON + timedelta(days=1), "UTC") == "2026-07-01 12:00 – 2026-07-02 12:00"
    assert figures.window_text(None, NOON, "UTC") == "by 2026-07-01 12:00"
    assert figures.window_text(NOON, None, "UTC") == "from 2026-07-01 12:00"


@pytest.fixture
def document():
    links = (("shipment", "S-2"), ("load", "L-1"), ("shipment", "S-1"), ("load", "L-1"))
    file, digest = file_name("romaneio", "B", 7), sha256_of(b"%PDF-")
    return Document("D-7", "romaneio", "Romaneio", 7, "B", NOON, file, digest, "romaneio/1", links)


def test_an_envelope_is_plain_json_and_names_file_hash_and_links(document):
    sealed = envelope(document)
    assert json.loads(json.dumps(sealed)) == sealed
    assert set(sealed) == {"id", "type", "version", "key", "payload"}
    assert sealed["key"] == "romaneio/B-000007"
    assert sealed["payload"]["file"] == "documents/romaneio/B-000007.pdf"
    assert sealed["payload"]["links"] == {"load": ["L-1"], "shipment": ["S-1", "S-2"]}
    assert sealed["payload"]["sha256"] == hashlib.sha256(b"%PDF-").hexdigest()


def test_an_envelope_does_not_depend_on_the_zone_or_order_in_which_it_was_described(document):
    elsewhere = replace(
        document, issued_at=NOON.astimezone(timezone(timedelta(hours=9))), links=tuple(reversed(document.links))
    )
    assert envelope(elsewhere) == envelope(document)
    with pytest.raises(ValueError, match="time zone"):
        envelope(replace(document, issued_at=datetime(2026, 7, 1)))


def test_a_series_cannot_leave_the_outbox():
    assert file_name("romaneio", "../../etc/A ç", 7) == "documents/romaneio/______etc_A__-000007.pdf"
