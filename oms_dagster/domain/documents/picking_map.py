"""The picking map of a wave: what to take from which bin, in the order in which a person walks.

Belongs here: what a picking map holds and how it reads. Does not belong here: which lines go into a wave, or
recording what was picked (the floor feed does).

After the picking map of the trade (WMS): zone in the header, bin as aisle-bay-level, a blank column for
anomalies, picker and checker with start and end, a page per zone, and the option to hide quantities so that a
second person counts blind.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from reportlab.lib.units import mm
from reportlab.platypus.flowables import Flowable, Spacer

from oms_dagster.domain.documents.blocks import Cell, Strong, barcode, boxed, facts, mixed, sign_boxes, table, text
from oms_dagster.domain.documents.figures import moment_text, quantity
from oms_dagster.domain.documents.paper import Head, Sheet, build, usable_width

DOCUMENT_TYPE = "picking_map"
TEMPLATE_VERSION = "picking_map/1"


@dataclass(frozen=True, slots=True)
class PickTask:
    """One task: take a quantity of a SKU from a bin.

    Attributes
    ----------
    task_id
        Printed as a barcode, to be scanned when the task is done.
    zone
        Physical structure; each starts on a new page.
    aisle, bay, level
        The bin's address.
    pick_sequence
        Place of the bin on the walk through the location.
    unit
        Name of the base unit, e.g. ``EA``.
    quantity_milli
        Thousandths of the unit to pick.
    lot
        Lot to take, or empty for any.
    load_id, stop_sequence
        Where it goes, if a load is planned already; stop 1 is delivered first, so it is loaded last.
    """

    task_id: str
    zone: str
    aisle: str
    bay: str
    level: str
    pick_sequence: int
    sku_id: str
    description: str
    unit: str
    quantity_milli: int
    lot: str = ""
    load_id: str = ""
    stop_sequence: int | None = None

    @property
    def bin_address(self) -> str:
        """Aisle-bay-level, the parts that are known."""
        return "-".join(part for part in (self.aisle, self.bay, self.level) if part)


@dataclass(frozen=True, slots=True)
class PickingMap:
    """All tasks of one wave at one location.

    Attributes
    ----------
    number, series
        Drawn by the commit.
    issued_at, cutoff_at
        Instants with a time zone; printed on the wall clock of ``timezone`` (IANA).
    picker, checker
        Names, or empty for a line to write on.
    hide_quantities
        Blind check: the quantity is left for a person to count and write.
    order_by
        ``travel``: along the walk. ``loading``: last stop of each load first, then along the walk, for a dock
        where goods go straight onto the vehicle.
    """

    number: int
    series: str
    issued_at: datetime
    timezone: str
    location_id: str
    location_name: str
    wave_id: str
    cutoff_at: datetime | None
    tasks: tuple[PickTask, ...]
    picker: str = ""
    checker: str = ""
    hide_quantities: bool = False
    order_by: Literal["travel", "loading"] = "travel"


def _walk(task: PickTask) -> tuple[int, str, str, str, str, str]:
    return (task.pick_sequence, task.aisle, task.bay, task.level, task.sku_id, task.task_id)


def _last_stop_first(task: PickTask) -> tuple[str, int]:
    """Sort key of loading: by load, from its last stop to its first; tasks without a load at the end."""
    return (task.load_id or "\uffff", -(task.stop_sequence or 0))


def zones_in_order(data: PickingMap) -> list[tuple[str, list[PickTask]]]:
    """Zones in the order in which the walk meets them, each with its tasks in printing order."""
    first: dict[str, int] = {}
    for task in sorted(data.tasks, key=_walk):
        first.setdefault(task.zone, len(first))
    loading = data.order_by == "loading"
    ordered = sorted(
        data.tasks, key=lambda t: (first[t.zone], *(_last_stop_first(t) if loading else ("", 0)), *_walk(t))
    )
    return [(name, list(tasks)) for name, tasks in groupby(ordered, key=lambda t: t.zone)]


def _item(task: PickTask) -> Flowable:
    stop = "" if task.stop_sequence is None else f", stop\u00a0{task.stop_sequence}"
    goes_to = f"{task.load_id}{stop}" if task.load_id else ""
    return mixed([(task.sku_id, True, 10), (task.description, False, 9.5), (goes_to, False, 8)])


def _tasks_table(tasks: Sequence[PickTask], hide_quantities: bool) -> Flowable:
    code_mm = 45.0
    rows: list[list[Cell]] = [
        [
            Strong(task.bin_address, 11.5),
            _item(task),
            task.unit,
            "" if hide_quantities else Strong(quantity(task.quantity_milli), 12),
            task.lot,
            barcode(task.task_id, (code_mm - 3) * mm, 7 * mm),
            "",
        ]
        for task in tasks
    ]
    counted = "Counted" if hide_quantities else "To pick"
    grid = table(
        ["Bin", "SKU and description", "Unit", counted, "Lot", "Task", "Anomaly"],
        rows,
        [25, 45, 12, 23, 18, code_mm, 18],
        "llcrlcl",
        9.5,
    )
    return boxed(grid, [3, 6] if hide_quantities else [6])


def _loading_sheet(data: PickingMap, subtitle: str) -> Sheet | None:
    """Last stop first: the order in which packed goods go onto each vehicle."""
    known = sorted((t for t in data.tasks if t.load_id and t.stop_sequence is not None), key=_last_stop_first)
    if not known:
        return None
    rows: list[list[Cell]] = []
    for load_id, of_load in groupby(known, key=lambda t: t.load_id):
        for position, (_, group) in enumerate(groupby(of_load, key=lambda t: t.stop_sequence), start=1):
            tasks = list(group)
            zones = ", ".join(sorted({t.zone for t in tasks}))
            rows.append([load_id, str(position), f"stop {tasks[0].stop_sequence}", str(len(tasks)), zones, ""])
    grid = boxed(
        table(
            ["Load", "Goes on as", "For", "Tasks", "From zones", "Loaded"], rows, [46, 24, 24, 18, 52, 22], "lccrll", 10
        ),
        [5],
    )
    words = "Last stop first: what is delivered last goes on first."
    return Sheet("Loading order", subtitle, data.wave_id, (text(words, 9.5), Spacer(1, 2 * mm), grid))


def render_picking_map(data: PickingMap) -> bytes:
    """Render the picking map of a wave as PDF (A4 portrait).

    Returns
    -------
    bytes
        The same for the same input. One run of pages per zone, a last page with the loading order where loads
        are known.

    Raises
    ------
    ValueError
        An instant without a time zone, or an unknown time zone.
    """
    title = "Picking map, blind check" if data.hide_quantities else "Picking map"
    head = Head(title, data.number, data.series, data.issued_at, data.timezone, TEMPLATE_VERSION)
    width = usable_width()
    place = f"{data.location_name} ({data.location_id})"
    cutoff = f"{moment_text(data.cutoff_at, data.timezone)} ({data.timezone})" if data.cutoff_at else "none"
    sheets: list[Sheet] = []
    zones = zones_in_order(data)
    for name, tasks in zones:
        top = facts(
            [
                ("Location", place),
                ("Wave", data.wave_id),
                ("Cut-off", cutoff),
                ("Zone", name or "no zone"),
                ("Tasks in this zone", f"{len(tasks)} of {len(data.tasks)}"),
                ("Order", "last stop first" if data.order_by == "loading" else "along the walk"),
            ],
            width,
        )
        names = [("Picker", data.picker, ["Start", "End"]), ("Checker", data.checker, ["Start", "End"])]
        story = (top, Spacer(1, 2 * mm), _tasks_table(tasks, data.hide_quantities), sign_boxes(names, width))
        sheets.append(Sheet(title, f"Zone {name or '-'} · wave {data.wave_id}\n{place}", data.wave_id, story))
    loading = _loading_sheet(data, f"Wave {data.wave_id}\n{place}")
    sheets += [loading] if loading else []
    if not zones:
        nothing = text("Nothing to pick in this wave.", 11)
        sheets = [Sheet(title, f"Wave {data.wave_id}\n{place}", data.wave_id, (nothing,))]
    words = [
        place,
        data.picker,
        data.checker,
        *(w for t in data.tasks for w in (t.description, t.sku_id, t.zone, t.lot)),
    ]
    return build(head, sheets, words)
