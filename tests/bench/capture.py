"""Capture measured: lines and orders a second through the whole gate, and peak memory against the size of the file.

Belongs here: writing the files and timing the gate. Does not belong here: anything that a test asserts.

`OMS_BENCH_MIB=2048 python -m tests.bench memory` shows files of 2 GiB; it needs 20 GiB of disk and an hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LINES = 300_000
ORDERS = 20_000
AS_OF = datetime(2025, 6, 2, 12, tzinfo=UTC)


def write_csv(path: Path, lines: int) -> None:
    """Orders of three lines at the counter."""
    import duckdb

    duckdb.sql(
        f"copy (select (i // 3)::varchar as order_no, 'S' || i % 7 // 7 as store, 'C' || i // 3 % 5000 as customer_no,"
        f" '2025-06-02 09:30' as placed_at, 'GBP' as currency, i % 3 + 1 as line_no, 'SKU-' || i % 4000 as sku, 'Tea, green' as"
        f" description, i % 9 + 1 as qty, (i % 2000)::decimal(9,2) / 100 + 1 as unit_price, '' as discount, '' as tax, 'card' as payment,"
        f" 'Ann' as ship_name, '1 High St' as street, 'E1 6AN' as postcode, 'London' as city, 'GB' as country,"
        f" '2025-06-05' as requested_date, '' as order_total from range({lines}) as r(i)) to '{path}' (header)"
    )


def write_parquet(path: Path, lines: int) -> None:
    import duckdb

    write_csv(path.with_suffix(".csv"), lines)
    duckdb.sql(
        f"copy (select * from read_csv('{path.with_suffix('.csv')}', all_varchar=true)) to '{path}' (format parquet)"
    )
    path.with_suffix(".csv").unlink()


def write_lines(path: Path, lines: int) -> None:
    """The same rows as JSON lines."""
    import duckdb

    write_csv(path.with_suffix(".csv"), lines)
    duckdb.sql(
        f"copy (select * from read_csv('{path.with_suffix('.csv')}', all_varchar=true)) to '{path}' (format json)"
    )
    path.with_suffix(".csv").unlink()


def write_orders(path: Path, orders: int) -> None:
    """WooCommerce orders, one a line."""
    sys.path.insert(0, str(CHECKOUT / "tests" / "warehouse"))
    from shop_documents import woo_order

    with path.open("w") as out:
        for number in range(orders):
            out.write(json.dumps(woo_order(number)) + "\n")


def _write_interchanges(path: Path, orders: int, interchange: Callable[[range], str]) -> None:
    """A file of interchanges of a hundred orders each."""
    with path.open("w") as out:
        for start in range(0, orders, 100):
            out.write(interchange(range(start, min(start + 100, orders))))


def write_x12(path: Path, orders: int) -> None:
    """Orders (850) of five lines."""
    sys.path.insert(0, str(CHECKOUT / "tests" / "warehouse"))
    from gate_desk import purchase_order, x12

    lines = [segment for n in range(1, 6) for segment in (f"PO1*{n}*2*EA*3.50**VN*TEA-{n}", "PID*F****Tea")]
    _write_interchanges(
        path, orders, lambda some: x12(*([*purchase_order(f"P{n}", *lines)[:-1], "CTT*5"] for n in some))
    )


def write_edifact(path: Path, orders: int) -> None:
    """Orders (ORDERS D.96A) of five lines."""
    sys.path.insert(0, str(CHECKOUT / "tests" / "warehouse"))
    from gate_desk import edifact, edifact_order

    lines = [
        segment
        for n in range(1, 6)
        for segment in (f"LIN+{n}++4006381333931:EN", f"PIA+5+TEA-{n}:SA", "IMD+F++:::Tea", "QTY+21:2", "PRI+AAA:3.50")
    ]
    _write_interchanges(path, orders, lambda some: edifact(*(edifact_order(f"P{n}", *lines) for n in some)))


#: Name -> how the file is written, the channel that takes it, its usual size, what is counted.
FORMS: dict[str, tuple[Callable[[Path, int], None], str, int, str]] = {
    "csv": (write_csv, "pos", LINES, "lines"),
    "parquet": (write_parquet, "counter", LINES, "lines"),
    "jsonl": (write_lines, "counter", LINES, "lines"),
    "orders": (write_orders, "woocommerce", ORDERS, "orders"),
    "x12": (write_x12, "x12", ORDERS // 4, "orders"),
    "edifact": (write_edifact, "edifact", ORDERS // 4, "orders"),
}

#: Size of the largest file whose memory is measured, as text; documents, which take ten times as long, are an eighth of it.
LARGEST_MIB = int(os.environ.get("OMS_BENCH_MIB", "160"))
DOCUMENT_SHARE = 8


def one(form: str, size: int) -> dict[str, float]:
    """Capture one file in this process."""
    import resource
    from dataclasses import replace

    from oms_dagster.domain.capture.channel_file import load_channels
    from oms_dagster.quality.validate import _definition
    from oms_dagster.warehouse import connect, gate

    _, channel, _, _ = FORMS[form]
    channels = load_channels()[0]
    channels["counter"] = replace(channels["pos"], slug="counter", format="auto")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"file.{form}"
        subprocess.run(
            [sys.executable, "-m", "tests.bench.capture", "write", form, str(size), str(file)], cwd=CHECKOUT, check=True
        )
        connect.create(Path(folder) / "warehouse.duckdb")
        with connect.writer(Path(folder) / "warehouse.duckdb") as connection:
            # Great Expectations is loaded once a cycle, not once a file.
            _definition()
            wall, cpu = time.perf_counter(), time.process_time()
            with connect.transaction(connection):
                outcome = gate.capture_file(
                    connection,
                    channels,
                    file,
                    file_name=file.name,
                    channel=channel,
                    modified_ns=1,
                    cycle_seq=1,
                    as_of=AS_OF,
                )
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        bytes_ = file.stat().st_size
    assert outcome.accepted == outcome.messages, outcome
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"wall": wall, "cpu": cpu, "peak_mib": peak, "mib": bytes_ / 1048576, "size": size}


def measure(form: str, size: int) -> dict[str, float]:
    """The same in a process of its own, so that peak memory is its own."""
    command = [sys.executable, "-m", "tests.bench.capture", "one", form, str(size)]
    return dict(json.loads(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True).stdout))


def report(row: Callable[[str, object], None]) -> None:
    """Speed of each form."""
    for form, (_, channel, size, what) in FORMS.items():
        found = measure(form, size)
        row(
            f"{form} ({channel}), {size:,} {what}, {found['mib']:.0f} MiB",
            f"{size / found['wall']:,.0f} {what}/s wall, {size / found['cpu']:,.0f} CPU, peak {found['peak_mib']:.0f} MiB",
        )


def memory(row: Callable[[str, object], None]) -> None:
    """Peak memory of each form at an eighth, a half and the whole of `LARGEST_MIB`; Parquet has the lines of the CSV."""
    for form, (_, _, usual, what) in FORMS.items():
        largest = LARGEST_MIB if what == "lines" else LARGEST_MIB / DOCUMENT_SHARE
        for share in (0.125, 0.5, 1):
            size = int(largest * share * (1 << 20) / _bytes_of_one("csv" if form == "parquet" else form, usual // 20))
            found = measure(form, size)
            row(
                f"{form}, {size:,} {what}, {found['mib']:.0f} MiB",
                f"peak {found['peak_mib']:.0f} MiB, {size / found['cpu']:,.0f} {what}/s CPU",
            )


def _bytes_of_one(form: str, sample: int) -> float:
    """What a line or an order takes in a file of this form."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        FORMS[form][0](path, sample)
        return path.stat().st_size / sample


if __name__ == "__main__":
    deed, form, size, *rest = sys.argv[1:]
    if deed == "write":
        FORMS[form][0](Path(rest[0]), int(size))
    else:
        print(json.dumps(one(form, int(size))))
