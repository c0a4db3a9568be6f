"""An Excel workbook as CSV: one sheet, its header row and the rows below.

Belongs here: which sheet, cells as text. Does not belong here: what a column means (`mapping`).
"""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

from oms_dagster.warehouse.encoding import Unreadable

#: xlsx, xlsm, xlsb and ods are ZIP files; the older xls is a compound file.
MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def to_csv(path: Path, sheet: str | None, scratch: Path) -> Path:
    """Write a sheet as CSV in UTF-8.

    Parameters
    ----------
    sheet
        Its name; the first one when None.

    Raises
    ------
    Unreadable
        No workbook, or no such sheet.
    """
    from python_calamine import CalamineWorkbook

    try:
        # calamine tells a format by its content; the archive's files have no suffix.
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                raise Unreadable(f"the workbook has no sheet {sheet!r}, only {', '.join(names)[:200]}; rename one")
            rows = book.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=True)
    except Unreadable:
        raise
    except Exception as error:  # the library's own errors share no base with what it lets through from below
        line = " ".join(str(error).split())[:160]
        raise Unreadable(f"not readable as an Excel workbook ({line}); save it again as xlsx or CSV") from None
    copy = scratch / "sheet.csv"
    with copy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in rows:
            cells = [cell_text(cell) for cell in row]
            if any(cells):
                writer.writerow(cells)
    return copy


def cell_text(cell: object) -> str:
    """A cell as the sheet shows it without its format: ISO dates, numbers with at most 15 digits, as Excel keeps them."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        shortest = repr(cell)
        return shortest if len(shortest) <= 16 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).replace("\r\n", " ").replace("\n", " ").strip()
