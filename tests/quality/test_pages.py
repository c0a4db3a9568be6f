"""The channels' pages say what the gate does."""

from __future__ import annotations

from pathlib import Path

from oms_dagster.quality.pages import pages

FOLDER = Path(__file__).parent.parent.parent / "docs" / "channels"


def test_the_pages_are_those_that_are_printed() -> None:
    """Printed by ``python -m oms_dagster.quality.pages docs/channels``."""
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} == pages()


def test_each_page_names_its_rules() -> None:
    printed = pages()
    assert "`TOTAL_CONTRADICTED`" in printed["shopify.md"]
    assert "`NO_VALUE_NO_CUSTOMER`" in printed["online-retail.md"]
    assert "`MOVEMENT_SIGN`" in printed["stock.md"]
