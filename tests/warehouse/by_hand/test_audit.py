"""The audit keeps what offends out, with the load it rides on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from house import MUG, ORDER, SHIPMENT, TEA, WAVE, House

from oms_dagster.warehouse import audit
from oms_dagster.warehouse.audit import AuditFailed, Finding


def left_out(house: House) -> list[tuple[Any, ...]]:
    return house.rows("select subject_type, subject_id, rule from plans.left_out order by all")


class TestAudit:
    def test_an_offending_shipment_is_left_out_with_its_load(self, house: House) -> None:
        house.load("L1", "S1", "S2")
        house.load("L2", "S3")
        assert audit.leave_out(house.connection, [Finding("inv_06", "shipment", "S2", "INV-06", "too heavy")]) == []
        assert left_out(house) == [("load", "L1", "INV-06"), ("shipment", "S2", "INV-06")]
        assert house.rows("select reason from plans.left_out where subject_type = 'load'") == [
            ("carries what offends: too heavy",)
        ]

    @pytest.mark.parametrize(("kind", "subject"), [("order", ORDER), ("line", TEA), ("wave", WAVE)])
    def test_so_is_the_load_of_an_offending_order_line_or_wave(self, house: House, kind: str, subject: str) -> None:
        """Regression: only a shipment took its load with it; an order whose units did not add up left the yard."""
        house.released(to="packed")
        house.load("L1", SHIPMENT)
        house.load("L2", "S9")
        audit.leave_out(house.connection, [Finding("inv_01", kind, subject, "INV-01", "units")])
        assert left_out(house) == sorted([("load", "L1", "INV-01"), (kind, subject, "INV-01")])

    def test_a_load_is_named_once_however_many_ride_and_offend(self, house: House) -> None:
        house.load("L1", "S1", "S2")
        audit.leave_out(
            house.connection,
            [Finding("l", kind, s, "R", "x") for kind, s in (("shipment", "S1"), ("shipment", "S2"), ("load", "L1"))],
        )
        assert left_out(house) == [("load", "L1", "R"), ("shipment", "S1", "R"), ("shipment", "S2", "R")]

    def test_what_the_cycle_does_not_decide_becomes_an_exception_and_stops_nothing(self, house: House) -> None:
        outside = Finding("inv_03", "sku_location", "TEA@DAV", "INV-03", "counted below what is reserved")
        assert audit.leave_out(house.connection, [outside]) == [outside]
        assert left_out(house) == []

    def test_a_law_that_nobody_can_be_blamed_for_ends_the_cycle(self, house: House) -> None:
        with pytest.raises(AuditFailed, match="INV-02: two files in one"):
            audit.leave_out(house.connection, [Finding("inv_02", "cycle", "2", "INV-02", "two files in one")])

    def test_what_was_left_out_last_time_is_judged_anew(self, house: House) -> None:
        audit.leave_out(house.connection, [Finding("l", "order", "o", "R", "x")])
        audit.leave_out(house.connection, [])
        assert left_out(house) == []

    def test_laws_are_compiled_files_and_findings_their_rows(self, house: House, tmp_path: Path) -> None:
        folder = tmp_path / "oms" / "tests" / "invariants"
        folder.mkdir(parents=True)
        (folder / "inv_b.sql").write_text(
            "select 'line' as subject_type, order_line_id as subject_id, 'R' as rule, 1 as reason from facts.order_lines;\n"
        )
        (folder / "inv_a.sql").write_text(
            "select '' as subject_type, '' as subject_id, '' as rule, '' as reason where false"
        )
        laws = audit.laws(tmp_path)
        assert list(laws) == ["inv_a", "inv_b"]
        assert {f.subject_id for f in audit.findings(house.connection, laws)} == {TEA, MUG}
