"""Audit: the laws, as SQL, over facts and candidates. What offends is left out of the commit with the reason.

Belongs here: running the compiled laws and sorting their findings. The laws themselves are dbt tests in
`dbt_project/tests/invariants/`: each returns offending rows (subject_type, subject_id, rule, reason).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from oms_dagster.warehouse.write import append, replace

#: Subjects that this cycle decides on: they can be left out. Anything else that a law finds is a fact from outside.
DECIDED = ("order", "line", "shipment", "wave", "load")
#: A law that can't be laid on a subject ends the cycle.
WHOLE = "cycle"


@dataclass(frozen=True, slots=True)
class Finding:
    """A subject that breaks a law."""

    law: str
    subject_type: str
    subject_id: str
    rule: str
    reason: str


class AuditFailed(RuntimeError):
    """A law is broken that no subject can be blamed for."""


def laws(compiled: Path) -> Mapping[str, str]:
    """Compiled SQL of each law, by name."""
    return {path.stem: path.read_text() for path in sorted(compiled.glob("oms/tests/invariants/*.sql"))}


def findings(connection: duckdb.DuckDBPyConnection, compiled: Mapping[str, str]) -> list[Finding]:
    """Everything that offends, law by law."""
    found = []
    for law, sql in compiled.items():
        cursor = connection.execute(f"select subject_type, subject_id, rule, reason from ({sql.strip().rstrip(';')})")
        found += [Finding(law, *map(str, row)) for row in cursor.fetchall()]
    return found


def leave_out(connection: duckdb.DuckDBPyConnection, found: list[Finding]) -> list[Finding]:
    """Keep offending subjects out of the commit, with the load that they ride on; returns what is to become exceptions.

    Raises
    ------
    AuditFailed
        A finding about the cycle as a whole.
    """
    whole = [f for f in found if f.subject_type == WHOLE]
    if whole:
        raise AuditFailed("; ".join(f"{f.rule}: {f.reason}" for f in whole))
    decided = [f for f in found if f.subject_type in DECIDED]
    out = [
        {"subject_type": f.subject_type, "subject_id": f.subject_id, "rule": f.rule, "reason": f.reason}
        for f in decided
    ]
    replace(connection, "plans.left_out", out)
    riding = connection.execute(
        """
        with offending as (
            select l.rule, l.reason, s.shipment_id from plans.left_out as l inner join plans.load_shipments as s
                on l.subject_type = 'shipment' and l.subject_id = s.shipment_id
            union all
            select l.rule, l.reason, s.shipment_id from plans.left_out as l inner join facts.shipments as s
                on (l.subject_type = 'order' and l.subject_id = s.order_id) or (l.subject_type = 'wave' and l.subject_id = s.wave_id)
            union all
            select l.rule, l.reason, s.shipment_id from plans.left_out as l inner join facts.shipment_lines as s
                on l.subject_type = 'line' and l.subject_id = s.order_line_id
        )
        select r.load_id, o.rule, min(o.reason) from offending as o inner join plans.load_shipments as r using (shipment_id)
        where not exists (select 1 from plans.left_out as l where l.subject_type = 'load' and l.subject_id = r.load_id and l.rule = o.rule)
        group by all order by 1, 2
        """
    ).fetchall()
    append(
        connection,
        "plans.left_out",
        [
            {"subject_type": "load", "subject_id": load, "rule": rule, "reason": f"carries what offends: {reason}"}
            for load, rule, reason in riding
        ],
    )
    return [f for f in found if f.subject_type not in DECIDED]
