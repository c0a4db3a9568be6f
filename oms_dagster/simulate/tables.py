"""Files of records: CSV whose columns are the record's fields, in the record's order.

Belongs here: how a simulated table or document becomes bytes. Does not belong here: what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from oms_dagster.domain.capture.records import RECORDS

Column = Sequence[Any] | np.ndarray


def decimal_text(units: int, digits: int = 2) -> str:
    """Whole units (cents for 2 digits) as decimal text: 1234 -> ``12.34``."""
    sign, units, scale = ("-" if units < 0 else ""), abs(units), 10**digits
    return f"{sign}{units // scale}.{units % scale:0{digits}d}"


def decimals(values: Iterable[int], digits: int = 2) -> list[str]:
    """Decimal text of each value."""
    return [decimal_text(int(value), digits) for value in values]


def instant(epoch_s: int) -> str:
    """Seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(int(epoch_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_bytes(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_columns(path: Path, columns: Mapping[str, Column]) -> int:
    """Write a CSV with a header; None is an empty cell. Returns the number of rows."""
    table = pa.table({name: pa.array(_plain(values)) for name, values in columns.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return int(table.num_rows)


def write_record(path: Path, record: str, columns: Mapping[str, Column]) -> int:
    """Write columns of a record type, in the record's order.

    Raises
    ------
    ValueError
        When a column is no field of the record, or a required field is missing.
    """
    fields = RECORDS[record].fields
    unknown = set(columns) - {field.name for field in fields}
    missing = {field.name for field in fields if field.required} - set(columns)
    if unknown or missing:
        raise ValueError(f"{record}: unknown columns {sorted(unknown)}, missing columns {sorted(missing)}")
    return write_columns(path, {field.name: columns[field.name] for field in fields if field.name in columns})


def write_rows(path: Path, record: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    """Write rows of a record type; with no rows, no file is written."""
    if not rows:
        return 0
    return write_record(path, record, dict(zip(names, zip(*rows, strict=True), strict=True)))


def _plain(values: Column) -> Any:
    if isinstance(values, np.ndarray) and values.dtype == object:
        return values.tolist()
    if isinstance(values, tuple):
        return list(values)
    return values
