"""What the gate would do with a file, told without writing.

Belongs here: rows with their outcome, against what a published copy holds. Does not belong here: the verdict itself
(`gate`), printing (`actions`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What would become of a row.

    Attributes
    ----------
    position
        Row of the file, from 1; of a document its place among all rows that the file's documents become.
    message_key
        Natural key of the message that it belongs to.
    order_id, row_kind, line_number, sku_code, quantity
        What was read of it; None where nothing was.
    error_code, error_field, error_detail
        Its own error, else the first of its message.
    """

    position: int
    message_no: int
    message_key: str
    outcome: str
    order_id: str | None
    row_kind: str | None
    line_number: str | None
    sku_code: str | None
    quantity: str | None
    error_code: str | None
    error_field: str | None
    error_detail: str | None


@dataclass(frozen=True, slots=True)
class FileCheck:
    """Rows in the order of the file, and what isn't an error but may surprise."""

    rows: tuple[RowOutcome, ...]
    notes: tuple[str, ...]

    @property
    def messages(self) -> dict[str, int]:
        """Messages by outcome."""
        by_message = {row.message_no: row.outcome for row in self.rows}
        counts: dict[str, int] = {}
        for outcome in by_message.values():
            counts[outcome] = counts.get(outcome, 0) + 1
        return counts
