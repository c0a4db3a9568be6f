"""SQL that must say what the domain says: both are asked the same generated cases."""

from __future__ import annotations

import random
from decimal import Decimal

import duckdb

from oms_dagster.domain import ledger
from oms_dagster.domain.quantities import from_cents, pro_rata, to_cents

D = Decimal


def test_fulfilment_status_in_sql_is_that_of_the_domain(built):
    """The twin: both on 400 generated ledgers."""
    dice = random.Random(7)
    cases = []
    for number in range(400):
        units = [dice.choice((0, 0, 0, 0, 1, 2)) if dice.random() < 0.8 else 0 for _ in ledger.BUCKETS]
        cases.append((number, *(units if sum(units) else [1, *units[1:]])))
    columns = ", ".join(f"qty_{bucket} decimal(18,3)" for bucket in ledger.BUCKETS)
    query = built.inline("select cases.number, {{ fulfilment_status('cases.qty_') }} as status from cases")
    with duckdb.connect() as connection:
        connection.execute(f"create table cases (number integer, {columns})")
        connection.executemany(f"insert into cases values ({', '.join('?' * 12)})", cases)
        found = dict(connection.execute(query).fetchall())
    expected = {
        n: ledger.fulfilment_status({b: D(u) for b, u in zip(ledger.BUCKETS, units, strict=True)})
        for n, *units in cases
    }
    assert found == expected
    assert len(set(expected.values())) == 8


def test_shares_of_money_in_sql_are_those_of_the_domain(built):
    """The twin: `round(total * part / whole)` in integers, at half cents too, where doubles fail (2.01 / 2)."""
    dice = random.Random(7)
    cases = [("2.01", "1", "2"), ("-2.01", "1", "2"), ("10.00", "1", "3"), ("0.05", "1", "2")]
    cases += [
        (str(D(dice.randint(-99999, 99999)) / 100), str(dice.randint(0, 9)), str(dice.randint(1, 12)))
        for _ in range(200)
    ]
    query = built.inline(
        "select cases.number, {{ pro_rata('cases.total', 'cases.part', 'cases.whole') }} as share from cases"
    )
    with duckdb.connect() as connection:
        connection.execute(
            "create table cases (number integer, total decimal(18,2), part decimal(18,3), whole decimal(18,3))"
        )
        connection.executemany("insert into cases values (?, ?, ?, ?)", [(n, *case) for n, case in enumerate(cases)])
        found = dict(connection.execute(query).fetchall())
    assert found == {n: from_cents(pro_rata(to_cents(t), int(p), int(w))) for n, (t, p, w) in enumerate(cases)}


def test_buckets_and_moves_of_the_sql_are_those_of_the_domain(built):
    assert built.inline("select '{{ ledger_buckets() | join(',') }}'") == f"select '{','.join(ledger.BUCKETS)}'"
    assert all(f"'{source}>{target}'" in built.laws["inv_01_units"] for source, target in ledger.MOVES)
    assert built.laws["inv_01_units"].count(">") >= len(ledger.MOVES)
