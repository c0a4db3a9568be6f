"""Screening measured: a million open lines through all hold models, beside the bare joins of the same tables.

Belongs here: the facts (made by SQL, a few percent of the orders held), the two timings, and how they grow. dbt compiles the
models before the clock starts: its start-up is apart.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
SIZES = (10_000, 100_000, 1_000_000)
AS_OF = "timestamptz '2026-03-04 12:00:00+00'"
#: What screening builds, in its order; the rest of the band is capture's.
SCREENING = (
    "int_orders__outstanding",
    "int_customers__exposure",
    "int_holds__remembered",
    "int_holds__prepared",
    "int_holds__blocking",
)

#: The 26 questions asked barely: which further table, and which condition, over lines, orders, customers and SKUs.
BARE = (
    ("join open_of as i on i.customer_id = c.customer_id", "i.open_amount + o.order_total > c.credit_limit"),
    ("", "c.credit_limit_expiry < date '2026-03-04'"),
    ("", "c.risk_class > 'c'"),
    ("join open_of as i on i.customer_id = c.customer_id", "i.due_date < date '2026-02-02'"),
    ("join held as h on h.order_id = o.order_id", "h.event = 'released'"),
    ("left join paid_of as p on p.channel_order_id = o.channel_order_id", "o.payment_status = 'pending' and coalesce(p.amount, 0) < o.order_total"),
    ("", "abs(o.declared_total - o.order_total) > 0.05"),
    ("left join paid_of as p on p.channel_order_id = o.channel_order_id", "c.prepayment_pct > 0 and coalesce(p.amount, 0) < o.order_total"),
    ("join paid_of as p on p.channel_order_id = o.channel_order_id", "p.event_at < timestamptz '2026-02-25 12:00:00+00'"),
    ("join many as m on m.customer_id = o.customer_id", "m.orders > 4 and o.bill_to_country <> o.ship_to_country"),
    ("join many as m on m.customer_id = o.customer_id", "m.orders > 1 and m.items = o.items_total"),
    ("join prices as r on r.price_list = c.price_list and r.sku_id = l.sku_id", "l.line_total < r.min_price * l.qty_ordered"),
    ("", "l.line_total < s.cost * l.qty_ordered"),
    ("", "o.discount_total * 4 > o.items_total"),
    ("", "o.order_total < 2"),
    ("", "o.order_total > 25000"),
    ("", "c.is_blocked"),
    ("", "o.latitude is null or o.ship_to_country is null"),
    ("", "not s.is_active"),
    ("join plans.backorders as b on b.order_line_id = l.order_line_id", "b.quantity > 0"),
    ("", "o.ship_to_country = 'KP'"),
    ("join plans.promises as q on q.order_line_id = l.order_line_id", "q.deliver_date > cast(o.requested_to as date) + 2"),
    ("join held as h on h.order_id = o.order_id", "h.event = 'placed'"),
    ("join blocked as k on k.sku_id = l.sku_id", "k.quantity > 0"),
    ("", "o.placed_at > timestamptz '2026-03-04 11:30:00+00'"),
    ("join plans.promises as q on q.order_line_id = l.order_line_id", "q.location_id = 'LOC-9'"),
)  # fmt: skip


def main(row: Any) -> None:
    """Each size in a process of its own, so that peak memory is its own; then the exponents."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled.json"
        subprocess.run(
            [sys.executable, "-m", "tests.bench.screening", folder], cwd=CHECKOUT, check=True, capture_output=True
        )
        seconds: dict[str, list[float]] = {"models": [], "bare": []}
        for lines in SIZES:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.screening", str(compiled), str(lines)], cwd=CHECKOUT, check=True, capture_output=True, text=True
            )  # fmt: skip
            told = json.loads(done.stdout.splitlines()[-1])
            for what, value in seconds.items():
                value.append(told[what])
            row(
                f"{lines:,} open lines",
                f"all models {told['models']:.2f} s CPU, bare joins {told['bare']:.2f} s CPU: {told['models'] / told['bare']:.1f} times;"
                f" {told['holds']:,} findings, peak {told['peak_mib']} MiB (facts and both included)",
            )
        for what, (small, middle, large) in seconds.items():
            row(
                f"exponent of the {what}",
                f"{math.log10(middle / small):.2f} from 10k to 100k, {math.log10(large / middle):.2f} from 100k to 1M",
            )


def compile_models(folder: Path) -> None:
    """The project's SQL, and the seeds, for the processes that measure."""
    from dbt.cli.main import dbtRunner

    sys.path.insert(0, str(CHECKOUT / "tests" / "screening"))
    from desk import statements

    from oms_dagster import settings
    from oms_dagster.warehouse import connect

    warehouse, project = folder / "warehouse.duckdb", str(settings.DBT_PROJECT)
    os.environ.update(OMS_WAREHOUSE=str(warehouse), DO_NOT_TRACK="1")
    fixed = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(folder / "target"), "--quiet", "--log-level-file", "none"]  # fmt: skip
    manifest = dbtRunner().invoke(["parse", *fixed]).result

    def dbt(*command: str) -> Any:
        outcome = dbtRunner(manifest=manifest).invoke([*command, *fixed])
        assert outcome.success, outcome.exception
        return outcome.result

    connect.create(warehouse)
    dbt("seed")
    (folder / "compiled.json").write_text(json.dumps(statements(dbt)))


def measure(compiled: Path, lines: int) -> dict[str, float]:
    """Facts of so many open lines; CPU seconds of all hold models and of the bare joins."""
    import duckdb

    from tests.bench.__main__ import peak_mib

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "warehouse.duckdb"
        place.write_bytes((compiled.parent / "warehouse.duckdb").read_bytes())
        connection = duckdb.connect(str(place))
        connection.execute("set TimeZone = 'UTC'; set memory_limit = '4GiB'")
        for sql in facts(lines):
            connection.execute(sql)
        built = json.loads(compiled.read_text())
        for name, materialised, sql in built:
            if name.split(".")[1] not in SCREENING:
                connection.execute(f"create or replace {materialised} {name} as {sql}")
            else:
                connection.execute(f"create or replace table {name} as select * from ({sql}) limit 0")
        began = time.process_time()
        for name, _, sql in built:
            if name.split(".")[1] in SCREENING:
                connection.execute(f"create or replace table {name} as {sql}")
        connection.execute("create temp table sourced as select * from intermediate.int_holds__sourced")
        models = time.process_time() - began
        found = connection.execute(
            "select hold_type, count(*) from intermediate.int_holds__prepared group by 1 order by 1"
        ).fetchall()
        found += connection.execute("select hold_type, count(*) from sourced group by 1 order by 1").fetchall()
        print(found)
        for sql in bare_tables():
            connection.execute(sql)
        began = time.process_time()
        for join, condition in BARE:
            connection.execute(
                "select count(distinct o.order_id), sum(l.line_total), max(o.placed_at) from intermediate.int_order_lines__balanced as l"
                " join intermediate.int_orders__current as o on l.order_id = o.order_id join customers as c on o.customer_id = c.customer_id"
                f" join skus as s on l.sku_id = s.sku_id {join} where l.qty_open > 0 and {condition}"
            ).fetchall()
        bare = time.process_time() - began
        holds = sum(n for _, n in found)
        return {"models": models, "bare": bare, "holds": holds, "peak_mib": peak_mib()}


def facts(lines: int) -> list[str]:
    """SQL that fills a warehouse: three lines an order, ten orders a customer, 5,000 SKUs."""
    orders, stamp = lines // 3, "1 as cycle_seq, timestamptz '2026-03-04 12:00:00+00' as recorded_at"
    customers, skus = max(50, orders // 20) * 2, 5000
    reference = "1 as version, timestamptz '2026-01-01 00:00:00+00' as valid_from"
    return [
        f"insert into plans.cycle values (1, {AS_OF}, 1)",
        f"insert into facts.reference_versions by name select 'c' || i as message_id, 'customers' as entity, 'C' || i as key, {reference}, {stamp},"
        " json_object('customer_code', 'C' || i, 'name', 'C' || i, 'currency', 'GBP', 'credit_limit', case when i % 2 = 0 then 4000 + i % 40 * 100 end,"
        " 'credit_limit_expiry', case when i % 50 = 0 then '2026-03-01' end, 'is_blocked', i % 100 = 1, 'price_list', 'L',"
        " 'risk_class', case when i % 60 = 0 then 'e' else 'b' end, 'prepayment_pct', case when i % 80 = 2 then 30 end,"
        f" 'parent_code', case when i % 10 = 4 then 'C' || (i - 2) end) as attributes from range({customers}) as r(i)",
        f"insert into facts.reference_versions by name select 's' || i as message_id, 'skus' as entity, 'S' || i as key, {reference}, {stamp},"
        " json_object('sku_code', 'S' || i, 'name', 'Thing ' || i, 'weight_kg', 1, 'volume_m3', 0.01, 'cost', i % 50 + 1, 'currency', 'GBP',"
        f" 'is_active', i % 1000 <> 7) as attributes from range({skus}) as r(i)",
        f"insert into facts.reference_versions by name select 'p' || i as message_id, 'prices' as entity, 'L|S' || i as key, {reference}, {stamp},"
        " json_object('price_list', 'L', 'sku_code', 'S' || i, 'unit_price', i % 50 + 5, 'min_price', (i % 50 + 2) * 1.05, 'currency', 'GBP') as attributes"
        f" from range({skus}) as r(i)",
        f"insert into facts.reference_versions by name select 'l' || i as message_id, 'locations' as entity, 'LOC-' || i as key, {reference}, {stamp},"
        " json_object('location_code', 'LOC-' || i, 'name', 'x', 'kind', 'dc', 'city', 'x', 'country', 'GB', 'latitude', 51, 'longitude', 0, 'timezone',"
        " 'Europe/London', 'not_ready_until', case when i = 9 then '2026-03-04T14:00:00Z' end) as attributes from range(10) as r(i)",
        f"insert into facts.orders by name select 'm' || i as message_id, 'O' || i as order_id, 'web' as channel, 'W' || i as channel_order_id,"
        f" 'C' || (i % {customers}) as customer_id, '1' as order_version, 'order' as message_kind, {AS_OF} - to_minutes(20 + i % 9000) as placed_at,"
        " 'GBP' as currency, case when i % 2 = 0 then 'on_account' when i % 11 = 0 then 'pending' else 'paid' end as payment_status,"
        " timestamptz '2026-03-05 17:00:00+00' + to_hours(i % 200) as requested_to, i % 9 + 1 as priority,"
        " 100 + i % 700 as items_total, case when i % 90 = 0 then 60 else 0 end as discount_total, 0 as shipping_total, 0 as charge_total, 0 as tax_total,"
        " 0 as rounding_total, 100 + i % 700 - case when i % 90 = 0 then 60 else 0 end as order_total,"
        " 100 + i % 700 - case when i % 90 = 0 then 60 else 0 end + case when i % 300 = 0 then 1 else 0 end as declared_total,"
        " case when i % 400 = 3 then 'KP' else 'GB' end as ship_to_country, case when i % 30 = 1 then 'DE' else 'GB' end as bill_to_country,"
        " 'AL1 1AA' as ship_to_postcode, 'AL1 1AA' as bill_to_postcode, 'St Albans' as ship_to_city, case when i % 200 <> 5 then 51.75 end as latitude,"
        f" -0.34 as longitude, {stamp} from range({orders}) as r(i)",
        f"insert into facts.order_lines by name select 'm' || i // 3 as message_id, 'O' || i // 3 as order_id, '1' as order_version,"
        f" 'O' || i // 3 || '-' || i % 3 as order_line_id, cast(i % 3 as varchar) as line_number, 'S' || (i * 7919 % {skus}) as sku_code, 3 as quantity,"
        f" 3 as quantity_added, i * 7919 % {skus} % 50 + 5 as unit_price, 0 as discount_share,"
        f" 3 * (i * 7919 % {skus} % 50 + case when i % 100 = 0 then 1 else 5 end) as line_total, 0 as tax_amount, {stamp} from range({orders * 3}) as r(i)",
        "insert into facts.payments by name select 'y' || i as message_id, 'y' || i as payment_id, 'web' as channel, 'W' || i as channel_order_id,"
        " 'card' as method, case when i % 13 = 1 then 'authorised' else 'captured' end as event, 100 + i % 700 as amount, 'GBP' as currency,"
        f" {AS_OF} - to_days(case when i % 13 = 1 then 9 else 1 end) as event_at, {stamp} from range({orders}) as r(i) where i % 2 = 1",
        "insert into facts.receivables by name select 'r' || i as message_id, 'I' || i as invoice_number, 'C' || i as customer_code, 500 as open_amount,"
        f" 'GBP' as currency, date '2026-03-20' - cast(i % 60 as integer) as due_date, {AS_OF} - to_days(5) as event_at, {stamp}"
        f" from range({customers}) as r(i)",
        "insert into facts.stock_movements by name select 't' || i as movement_id, 'receipt' as kind, case when i % 40 = 1 then 'on_hold' else 'usable' end"
        f" as stock_status, 'S' || (i % {skus}) as sku_id, 'LOC-' || i % 10 as location_id, {lines} as quantity, {AS_OF} - to_days(1) as event_at, {stamp}"
        f" from range({skus}) as r(i)",
        "insert into facts.hold_events by name select 'CREDIT_LIMIT-O' || i || '-1' as hold_id, case when e = 0 then 'placed' else 'released' end as event,"
        " 'CREDIT_LIMIT' as hold_type, 'credit' as family, 'order' as scope, 'O' || i as order_id, 'carol' as actor,"
        f" {AS_OF} - to_hours(6 - e) as event_at, {stamp} from range(0, {orders}, 100) as r(i), range(2) as x(e)",
        "insert into plans.promises by name select 'O' || i // 3 || '-' || i % 3 as order_line_id, 'O' || i // 3 as order_id, 'S' || i % 5 as sku_id,"
        " 'LOC-' || case when i % 100 = 0 then 9 else i % 9 end as location_id, 3 as quantity, date '2026-03-05' as ship_date,"
        f" date '2026-03-05' + case when i % 50 = 0 then 12 else 1 end as deliver_date from range({orders * 3}) as r(i)",
        "insert into plans.backorders by name select 'O' || i // 3 || '-' || i % 3 as order_line_id, 'O' || i // 3 as order_id, 'S1' as sku_id, 1 as quantity,"
        f" 'none' as reason from range(0, {orders * 3}, 50) as r(i)",
    ]


def bare_tables() -> list[str]:
    """What the bare joins join, as plain tables."""
    return [
        "create temp table customers as select * from intermediate.int_customers__in_force",
        "create temp table skus as select * from intermediate.int_skus__in_force",
        "create temp table prices as select * from intermediate.int_prices__in_force",
        "create temp table open_of as select customer_code as customer_id, sum(open_amount) as open_amount, min(due_date) as due_date from facts.receivables group by 1",
        "create temp table paid_of as select channel_order_id, sum(amount) as amount, min(event_at) as event_at from facts.payments group by 1",
        "create temp table many as select customer_id, count(*) as orders, max(items_total) as items from facts.orders group by 1",
        "create temp table held as select order_id, max(event) as event from facts.hold_events group by 1",
        "create temp table blocked as select sku_id, sum(quantity) as quantity from facts.stock_movements where stock_status = 'on_hold' group by 1",
    ]  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 2:
        compile_models(Path(sys.argv[1]))
    else:
        print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
