"""The parts of a kit leave together, or none of them; the kit is offered as far as its scarcest part reaches at one place."""

from __future__ import annotations

import pytest
from planning import Planning


@pytest.fixture
def kit(planning: Planning) -> Planning:
    """An order of three kits of two TEA and a MUG: all of the tea in London, all mugs in Manchester."""
    planning.stock("TEA", 20, location="LON")
    planning.stock("MUG", 20, location="MAN")
    planning.order("o", "C1", [("TEA", 6, 5), ("MUG", 3, 5)])
    planning.connection.execute("update facts.order_lines set kit_line_id = 'o-1', kit_sku_code = 'BOX'")
    return planning


def test_parts_that_no_location_has_all_of_wait_together(kit: Planning) -> None:
    kit.cycle()
    assert (kit.promised(), set(kit.waiting())) == ({}, {"o-1", "o-2"})
    kit.stock("MUG", 3, location="LON")
    kit.cycle()
    assert {line: place for line, (place, _, _) in kit.promised().items()} == {"o-1": "LON", "o-2": "LON"}


def test_the_policy_lets_the_parts_go_apart(kit: Planning) -> None:
    kit.policy("kits.keep_together", "false")
    kit.cycle()
    assert {line: place for line, (place, _, _) in kit.promised().items()} == {"o-1": "LON", "o-2": "MAN"}
