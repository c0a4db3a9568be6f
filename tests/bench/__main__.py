"""`make bench`: speed and memory, printed. Medians and ratios: machines are noisy, so nothing here passes or fails.

Belongs here: measuring whole paths on real input. Does not belong here: anything that a test asserts.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = CHECKOUT.parent / "shared"
IDLE_RUNS = 3


def main() -> None:
    """Each bench in a process of its own, so that peak memory is its own."""
    chosen = sys.argv[1:] or list(BENCHES)
    if len(chosen) == 1:
        BENCHES[chosen[0]]()
        return
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in chosen:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", "tests.bench", name], cwd=CHECKOUT, check=False)


def row(what: str, value: object) -> None:
    print(f"{what:<52} {value}", flush=True)


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def timed(what: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    row(what, f"{time.perf_counter() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU, peak {peak_mib()} MiB")


def cycles() -> None:
    """A small demo day, then idle cycles: where the time goes, and the share of orchestration."""
    from oms_dagster import demo, home, settings
    from oms_dagster.defs import dbt
    from oms_dagster.run import run_cycle

    with tempfile.TemporaryDirectory() as folder:
        place = settings.home(Path(folder) / "home")
        os.environ |= {"OMS_HOME": str(place.root), "DAGSTER_HOME": str(place.dagster)}
        with timed("demo, 2 days"):
            demo.demo(place, days=2, seed=1, tell=lambda _: None)
        home.require(place)
        walls, shares = [], []
        for _ in range(IDLE_RUNS):
            sql: list[float] = []
            real = dbt.invoke

            def counted(*args: object, real: Callable = real, sql: list = sql, **kwargs: object) -> object:
                results = real(*args, **kwargs)
                sql.extend(r.execution_time for r in results)
                return results

            began = time.perf_counter()
            with mock.patch.object(dbt, "invoke", counted):
                run_cycle(place)
            walls.append(time.perf_counter() - began)
            shares.append(1 - sum(sql) / walls[-1])
        row("idle cycle, median in one process", f"{statistics.median(walls):.1f} s")
        row("orchestration (all but dbt's nodes), share", f"{statistics.median(shares):.0%}")
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "oms_dagster.cli", "cycle"], check=True, capture_output=True)
        row("idle cycle, `oms cycle` as a new process", f"{time.perf_counter() - began:.1f} s")
        steps(place.dagster)


def steps(folder: Path) -> None:
    """Median seconds of each step over all runs of the home."""
    import dagster as dg

    spent: dict[str, list[float]] = defaultdict(list)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        for run in instance.get_runs():
            for step in instance.get_run_step_stats(run.run_id):
                if step.end_time and step.start_time:
                    spent[step.step_key].append(step.end_time - step.start_time)
    for name, seconds in sorted(spent.items(), key=lambda item: -statistics.median(item[1])):
        row(f"  step {name}, median of {len(seconds)}", f"{statistics.median(seconds):.2f} s")


def real_year() -> None:
    """541,909 real lines through the gate, beside DuckDB reading and grouping the same file."""
    import duckdb

    from oms_dagster.warehouse import connect, gate

    file = SHARED / "data" / "orders" / "online_retail_2010_2011_cc0.parquet"
    if not file.exists():
        row("real year", f"skipped: {file} is not there")
        return
    with timed("bare DuckDB: read and group the same file"):
        duckdb.sql(f"select invoice_no, count(*), sum(quantity * unit_price_gbp) from '{file}' group by 1").fetchall()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "warehouse.duckdb"
        connect.create(place)
        from datetime import UTC, datetime

        with connect.writer(place) as connection, timed("capture: read, map, type, validate (GX), judge, append"):
            with connect.transaction(connection):
                outcome = gate.capture_file(
                    connection, Path(folder), file, file_name=file.name, channel="online-retail", modified_ns=1,
                    cycle_seq=1, as_of=datetime(2011, 12, 31, tzinfo=UTC),
                )  # fmt: skip
            row("outcome by message", outcome)
            row("outcome by line", f"{outcome.lines_read:,} read = {outcome.lines_accepted:,} accepted + {outcome.lines_quarantined:,}"
                f" quarantined + {outcome.lines_duplicate:,} duplicate + {outcome.lines_conflict:,} conflict")  # fmt: skip
            for code, lines in connection.execute(
                "select error_code, sum(lines) from facts.capture_messages where outcome = 'quarantined' group by 1 order by 2 desc"
            ).fetchall():
                row(f"  quarantined {code}", f"{lines:,} lines")


def real_plan() -> None:
    """The real year screened and positioned; its busiest week planned cycle by cycle, then all of it at once."""
    from tests.bench import real_orders

    orders = SHARED / "data" / "orders" / "online_retail_2010_2011_cc0.parquet"
    if not orders.exists():
        row("real orders", f"skipped: {orders} is not there")
        return
    told = real_orders.year(orders)
    row("year captured, screened and positioned", f"{told.pop('wall'):.1f} s wall, peak {peak_mib()} MiB")
    for name, value in {**told.pop("steps"), **told}.items():
        row(f"  {name}", f"{value:,}")
    for cycle in real_orders.week(orders):
        row(f"week, cycle of {cycle.pop('moment'):%a %d %b %H:%M}", ", ".join(f"{k} {v}" for k, v in cycle.items()))
    row("week at once", ", ".join(f"{k} {v}" for k, v in real_orders.whole_week(orders).items()))


def stability() -> None:
    """The real year's busiest week, cycle by cycle: promises found, promises moved, and why."""
    from tests.bench import real_orders

    orders = SHARED / "data" / "orders" / "online_retail_2010_2011_cc0.parquet"
    if not orders.exists():
        row("real orders", f"skipped: {orders} is not there")
        return
    for cycle in real_orders.week(orders):
        told = cycle["promises"]
        share = told["ours"] / told["found"] if told["found"] else 0
        why = "; ".join(f"{count} {reason}" for reason, count in told["why"].items())
        row(
            f"cycle of {cycle['moment']:%a %d %b %H:%M}",
            f"{told['ours']:,} by the plan, {told['moved']:,} in all, of {told['found']:,} ({share:.2%}) {why}",
        )


def pages() -> None:
    """Each page of the control tower on the home in OMS_HOME: median of five drawings."""
    from streamlit.testing.v1 import AppTest

    app = CHECKOUT / "apps" / "streamlit"
    sys.path.insert(0, str(app))
    from tower import access

    from oms_dagster.operations.access import current_user

    access.me = current_user  # pages are measured, not the door: in the demo's home it would be drawn in their place
    for page in sorted((app / "app_pages").glob("*.py")):
        shown = AppTest.from_file(app / "streamlit_app.py", default_timeout=60).run()
        drawn = []
        for _ in range(5):
            began = time.perf_counter()
            shown = shown.switch_page(f"app_pages/{page.name}").run()
            drawn.append(time.perf_counter() - began)
        row(f"page {page.stem}, first and median", f"{drawn[0]:.2f} s, {statistics.median(drawn):.2f} s")


def documents() -> None:
    """Orders a second of each document format: the parser alone, and the whole gate with its suite."""
    import duckdb

    sys.path.insert(0, str(CHECKOUT / "tests" / "warehouse"))
    from gate_desk import AS_OF, Desk, cxml, cxml_item, edifact, edifact_order, purchase_order, ubl, ubl_line, x12

    from oms_dagster.warehouse.gate import staged

    def lines(pattern: Callable[[int], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(segment for place in range(1, 6) for segment in pattern(place))

    po1 = lines(lambda n: (f"PO1*{n}*2*EA*3.50**VN*TEA-{n}", "PID*F****Tea"))
    lin = lines(
        lambda n: (f"LIN+{n}++4006381333931:EN", f"PIA+5+TEA-{n}:SA", "IMD+F++:::Tea", "QTY+21:2", "PRI+AAA:3.50")
    )
    orders = range(5000)
    files = {
        "x12": x12(*([*purchase_order(f"P{n}", *po1)[:-1], "CTT*5"] for n in orders)),
        "edifact": edifact(*(edifact_order(f"P{n}", *lin) for n in orders)),
        "peppol": "".join(ubl(f"P{n}", *(ubl_line(place) for place in range(1, 6))) for n in orders),
        "cxml": "".join(cxml(f"P{n}", *(cxml_item(place) for place in range(1, 6)), total="35.00") for n in orders),
    }
    for channel, text in files.items():
        raw = text.encode()
        began = time.process_time()
        found = list((staged._STREAMS | staged._WHOLE)["ubl" if channel == "peppol" else channel](raw))
        parse = len(orders) / (time.process_time() - began)
        with tempfile.TemporaryDirectory() as folder:
            desk = Desk(Path(folder))
            desk.connection.execute("set threads = 1")
            desk.capture("suppliers", "supplier_code,name,lead_time_days\nS1,One,5\n", as_of=AS_OF)
            began = time.process_time()
            outcome = desk.capture(channel, raw, as_of=AS_OF)
            gate = len(orders) / (time.process_time() - began)
        assert outcome.accepted == len(found) == len(orders), outcome
        row(
            f"{channel}, 5 lines an order, {len(raw) >> 20} MiB",
            f"{parse:,.0f} orders/s parsed, {gate:,.0f} through the gate",
        )
    row("DuckDB", duckdb.__version__)


def fuzz() -> None:
    """10,000 damaged payloads of each document format: no exception, each message one outcome."""
    environment = os.environ | {"OMS_FUZZ": os.environ.get("OMS_FUZZ", "10000")}
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "tests/warehouse/test_gate_fuzz.py",
        "tests/warehouse/test_gate_fuzz_documents.py",
    ]
    subprocess.run(tests, cwd=CHECKOUT, check=False, env=environment)


def sourcing() -> None:
    """The public instances, 100 locations, two cycles, one order alone; each in a process of its own."""
    for what in ("1k", "10k", "100k", "100x100", "cycles", "promise"):
        subprocess.run([sys.executable, "-m", "tests.domain.sourcing.bench", what], cwd=CHECKOUT, check=False)


#: Optima of `gapc.txt` in file order (OR-Library); `gapa.txt` is solved to proof.
GAPC = (1931, 3456, 1402, 2806, 1243, 2391)


def gap() -> None:
    """Generalised assignment, 10 s a file: each instance against its optimum, or against the proved bound."""
    from oms_dagster.benchmarks import solve_file

    for name in ("gapa", "gapc"):
        file = SHARED / "bench" / "gap" / f"{name}.txt"
        if not file.exists():
            row(name, "skipped: no shared instances")
            continue
        cpu = time.process_time()
        found = solve_file("gap", file, 10, 1)["instances"]
        optima = GAPC if name == "gapc" else [one["bound"] for one in found]
        if any(one["cost"] is None for one in found):
            row(
                f"gap {name}, {time.process_time() - cpu:.1f} s CPU",
                "no answer to one of them in the time: is the machine busy?",
            )
            continue
        gaps = [one["cost"] / best - 1 for one, best in zip(found, optima, strict=True)]
        said = ", ".join(f"{one['cost']} ({over:.2%})" for one, over in zip(found, gaps, strict=True))
        row(
            f"gap {name}, {time.process_time() - cpu:.1f} s CPU",
            f"median {statistics.median(gaps):.2%}, worst {max(gaps):.2%}: {said}",
        )


#: File, seconds, processes.
PUBLIC = (
    ("C101.txt", 20, 1), ("RC208.txt", 20, 1), ("R1_2_1.txt", 20, 1), ("X-n101-k25.vrp", 20, 1), ("X-n502-k39.vrp", 20, 1),
    ("X214-HVRP.vrp", 20, 1), ("PR11A.vrp", 20, 1), ("X-n1001-k43.vrp", 60, 1), ("R1_10_1.txt", 60, 1), ("R1_10_1.txt", 60, 2),
)  # fmt: skip


def solvers() -> None:
    """Public instances through the pipeline's solver, median of three seeds: gap to the best known."""
    from oms_dagster.benchmarks import solve_file

    vrp = SHARED / "bench" / "vrp"
    for name, seconds, workers in PUBLIC:
        if not (vrp / name).exists():
            row(name, "skipped: no shared instances")
            continue
        lines = (vrp / name).with_suffix(".sol").read_text().splitlines()
        best = float(next(line for line in lines if line.startswith("Cost")).replace(":", " ").split()[1])
        cpu = time.process_time()
        found = [solve_file("vrp", vrp / name, seconds, seed, workers) for seed in (1, 2, 3)]
        gaps = sorted(answer["cost"] / best - 1 for answer in found)
        spent = (time.process_time() - cpu) / len(found)
        row(
            f"vrp {name}, {seconds} s, {workers} process{'es' * (workers > 1)}",
            f"{gaps[1]:.2%} above the best known ({gaps[0]:.2%} to {gaps[2]:.2%}), {spent:.0f} s CPU here,"
            f" {sum(answer['feasible'] for answer in found)} of 3 feasible",
        )


def routes() -> None:
    """A clustered day of 250 to 10,000 stops through the pipeline's solver: cost and time against size."""
    from tests.bench.routes import report

    report(row)


def replan() -> None:
    """A day of 1,000 stops that changes by 5 %: time, stops that move, cost against a cold plan; one rush order."""
    from tests.bench.replan import report

    report(row)


def loads() -> None:
    """500 to 10,000 line-haul orders through the pipeline's load building, and public bin packing files: over the bound."""
    from tests.bench.loads import report

    report(row)


def capture() -> None:
    """Flat files and order documents through the gate: lines and orders a second."""
    from tests.bench.capture import report

    report(row)


def screening() -> None:
    """10k, 100k and 1M open lines through all hold models, beside the bare joins."""
    from tests.bench.screening import main as measure

    measure(row)


def stock() -> None:
    """Positions and ATP by day over fifty million movements: built from nothing, and by what is new."""
    from tests.bench.stock import main as measure

    measure()


def forecast() -> None:
    """The demand forecast on a real year, a month held out, against two naive ones."""
    from tests.bench.forecast import ORDERS, run

    for name, found in run().items() if ORDERS.exists() else [("forecast", f"no {ORDERS.name} here")]:
        row(f"forecast {name}", str(found))


def memory() -> None:
    """Peak memory of capture against the size of the file."""
    from tests.bench.capture import memory as report

    report(row)


BENCHES: dict[str, Callable[[], None]] = {
    "cycles": cycles,
    "real_year": real_year,
    "real_plan": real_plan,
    "stability": stability,
    "pages": pages,
    "documents": documents,
    "fuzz": fuzz,
    "capture": capture,
    "memory": memory,
    "sourcing": sourcing,
    "solvers": solvers,
    "routes": routes,
    "replan": replan,
    "loads": loads,
    "gap": gap,
    "screening": screening,
    "stock": stock,
    "forecast": forecast,
}

if __name__ == "__main__":
    main()
