"""Stock measured: fifty million movements, 100,000 SKUs at 20 locations, beside the bare fold of the same table.

Belongs here: the movements (made by SQL), what is built from nothing, what a cycle with 100,000 new movements adds, and whether both
say the same. dbt makes the statements before the clock starts; they run here in one process, as a cycle would run them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
MOVEMENTS, SKUS, NEW = 50_000_000, 100_000, 100_000
#: Cycles that recorded the movements, a year's.
CYCLES = 1_000
AS_OF = "timestamptz '2026-03-01 00:00:00+00'"
BALANCES = "intermediate.int_stock__balances"
TABLES = (BALANCES, "intermediate.int_supply__open")
#: What the plan reads of it all, every SKU: positions, and ATP of each day on which it grows.
READS = {
    "positions": "select count(*), sum(on_hand), sum(unusable), sum(reserved), sum(available), sum(inbound) from intermediate.int_inventory__positions",
    "ATP by day": "select count(*), sum(day_index), sum(cumulative_atp) from intermediate.int_atp__by_day",
}
#: What else reads movements in each cycle.
REPORTS = {
    "stock snapshots": "select count(*), sum(expected), sum(drift) from marts.stock_snapshots",
    "supplier performance": "select count(*), sum(receipts), sum(lead_time_days) from marts.supplier_performance",
}


def main(movements: int = MOVEMENTS) -> None:
    """Have dbt make the statements, then measure in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("prepare", "measure"):
            command = [sys.executable, "-m", "tests.bench.stock", step, folder, str(movements)]
            subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL if step == "prepare" else None)


def prepare(folder: Path) -> None:
    """A warehouse with views, and the statements: as a first cycle builds, and as dbt adds later."""
    sys.path[:0] = [str(CHECKOUT / "tests"), str(CHECKOUT / "tests" / "inventory")]
    import desk
    from stockroom import MODELS, folds

    _, compiled = desk.prepare(folder, *MODELS)
    (folder / "compiled.json").write_text(json.dumps({"compiled": compiled, "fold": asdict(folds(folder))}))


def measure(folder: Path, movements: int) -> None:
    """Seconds of the bare fold, of a build from nothing and of a cycle's addition, and what differs between the two."""
    import duckdb

    from tests.bench.__main__ import peak_mib, row

    spent: dict[str, float] = {}

    @contextmanager
    def clock(name: str, about: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        spent[name] = time.process_time() - cpu
        row(about, f"{spent[name]:.2f} s CPU, {time.perf_counter() - wall:.2f} s wall")

    made = json.loads((folder / "compiled.json").read_text())
    whole = {name: sql for name, _, sql in made["compiled"]}
    connection = duckdb.connect(str(folder / "warehouse.duckdb"))
    connection.execute("set TimeZone = 'UTC'; set memory_limit = '8GiB'")

    def build(fold: bool) -> None:
        for name in TABLES:
            if fold and name == BALANCES:
                connection.execute(f"create or replace temp table _new as {made['fold']['new']}")
                connection.execute(made["fold"]["merge"])
            else:
                connection.execute(f"create or replace table {name} as {whole[name]}")

    def read() -> list[object]:
        return [connection.execute(sql).fetchall() for sql in (*READS.values(), *REPORTS.values())]

    skus = max(20, movements * SKUS // MOVEMENTS)
    for sql in facts(movements, skus):
        connection.execute(sql)
    connection.execute("checkpoint")
    row("movements, SKUs, locations", f"{movements:,}, {skus:,}, 20")
    for _ in range(2):
        with clock("bare", "bare fold (sum group by SKU, location)"):
            connection.execute(
                "select count(*), sum(quantity) from (select sku_id, location_id, sum(quantity) as quantity"
                " from facts.stock_movements group by sku_id, location_id)"
            ).fetchall()
    with clock("full", "tables from nothing"):
        build(fold=False)
    for name, sql in READS.items():
        with clock(name, f"read {name}, all SKUs"):
            connection.execute(sql).fetchall()
    full = spent["full"] + sum(spent[name] for name in READS)
    row("full rebuild / bare fold", f"{full / spent['bare']:.1f} times ({full:.1f} s CPU), peak {peak_mib()} MiB")
    connection.execute(_movements(movements, skus, f"range({movements}, {movements + NEW})", f"{CYCLES + 1}"))
    connection.execute(f"update plans.cycle set cycle_seq = {CYCLES + 2}, as_of = as_of + interval 1 hour")
    with clock("added", f"a cycle with {NEW:,} new movements: tables"):
        build(fold=True)
    for name, sql in READS.items():
        with clock(name, f"read {name}, all SKUs"):
            connection.execute(sql).fetchall()
    cycle = spent["added"] + sum(spent[name] for name in READS)
    row(
        "that cycle / full rebuild",
        f"1 / {full / cycle:.1f} ({cycle:.2f} s CPU); its tables alone 1 / {spent['full'] / spent['added']:.0f}",
    )
    for name, sql in REPORTS.items():
        with clock(name, f"read {name}"):
            connection.execute(sql).fetchall()
    one = "select * from intermediate.int_atp__by_day where sku_id = 'SKU-000007'"
    with clock("one", "read ATP by day of one SKU"):
        connection.execute(one).fetchall()
    added = read()
    differing = f"(from {BALANCES} except all from ({whole[BALANCES]})) union all (from ({whole[BALANCES]}) except all from {BALANCES})"
    rows = connection.execute(f"select count(*) from ({differing})").fetchall()[0][0]
    build(fold=False)
    row("rows in which the two differ", f"{rows}; reads {'agree' if read() == added else 'DIFFER'}")


def facts(movements: int, skus: int) -> list[str]:
    """SQL that fills a warehouse: a twentieth of the SKUs by lot, a fortieth of the positions with reservations, a hundredth with supply,
    a snapshot of one place in ten a day ago."""
    stamp = f"1 as cycle_seq, {AS_OF} as recorded_at"
    return [
        f"delete from plans.cycle; insert into plans.cycle values ({CYCLES + 1}, {AS_OF}, 1)",
        _movements(movements, skus, f"range({movements})", f"1 + i * {CYCLES} // {movements}"),
        "insert into facts.reference_versions by name select 'l' || i || '-' || n as message_id, 'lots' as entity, i || '|' || n as key, 1 as version,"
        " timestamptz '2025-01-01 00:00:00+00' as valid_from, json_object('sku_code', 'SKU-' || lpad(i::varchar, 6, '0'), 'lot_code', 'L' || n,"
        " 'expiry', case n when 0 then '2026-02-01' else '2026-12-01' end, 'status', case when i % 500 = 0 then 'blocked' else 'approved' end) as attributes,"
        f" {stamp} from range(0, {skus}, 20) as s(i), range(3) as r(n)",
        "create or replace table intermediate.int_reservations__active as select 'O' || i as order_line_id, 'SKU-' || lpad((i * 40 // 20)::varchar, 6, '0')"
        f" as sku_id, 'LOC-' || lpad((i * 40 % 20)::varchar, 2, '0') as location_id, null::varchar as lot_id, 2::decimal(18,3) as quantity from range({skus // 2}) as r(i)",
        "insert into facts.supply by name select 'u' || i as message_id, 'PO-' || i as supply_id, 'purchase' as kind, 'SKU-' || lpad((i * 5)::varchar, 6, '0')"
        " as sku_code, 'LOC-' || lpad((i % 20)::varchar, 2, '0') as location_code, 50 as quantity, date '2026-03-02' + cast(i % 12 as integer) as due_date,"
        f" 'confirmed' as status, {AS_OF} - to_days(cast(1 + i % 60 as integer)) as event_at, {stamp} from range({skus // 5}) as r(i)",
        "insert into facts.stock_snapshot by name select 's' || i as message_id, 'wms' as system, 'SKU-' || lpad((i // 2)::varchar, 6, '0') as sku_code,"
        f" 'LOC-' || lpad((i % 2)::varchar, 2, '0') as location_code, 9 as quantity, {AS_OF} - interval 1 day as event_at, {stamp} from range({2 * skus}) as r(i)",
    ]  # fmt: skip


def _movements(total: int, skus: int, source: str, cycle_seq: str) -> str:
    """Movements in the order of their time, a year long; places and lots are spread by a hash of their number."""
    return f"""
        insert into facts.stock_movements by name
        select 'm' || i as movement_id, case i % 7 when 0 then 'receipt' else 'ship' end as kind,
               case when i % 97 = 0 then 'quarantine' else 'usable' end as stock_status,
               'SKU-' || lpad((hash(i) % {skus})::varchar, 6, '0') as sku_id, 'LOC-' || lpad((hash(i, 1) % 20)::varchar, 2, '0') as location_id,
               case when hash(i) % {skus} % 20 = 0 then 'L' || hash(i, 2) % 3 end as lot_id,
               case i % 7 when 0 then 13 else -2 end as quantity, 'R' || i // 3 as reference,
               {AS_OF} - interval 1 year + to_seconds(i * 31536000 // {total}) as event_at, {cycle_seq} as cycle_seq,
               {AS_OF} - interval 1 year + to_seconds(i * 31536000 // {total}) as recorded_at
        from {source} as r(i)"""  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]))
    else:
        measure(Path(sys.argv[2]), int(sys.argv[3]))
