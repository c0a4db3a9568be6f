"""Which days wait for their report, and that it is written once, with the same bytes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from marts_by_hand import AS_OF, CLOSES, DAY, OPENS, Marts, hold, order

from oms_dagster.defs.reporting import last_reported, write_reports
from oms_dagster.domain.reporting.report import render_report
from oms_dagster.settings import Home
from oms_dagster.warehouse.daily import days_waiting
from oms_dagster.warehouse.daily.day import bucket, local_day


def test_a_day_waits_once_it_has_ended_where_the_reports_are_read(marts: Marts) -> None:
    """At 23:30 UTC it is already tomorrow in London's summer: the day has closed."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    assert days_waiting(marts.connection, None) == []
    marts.cycle(2, CLOSES - timedelta(minutes=1))
    assert days_waiting(marts.connection, None) == []
    marts.cycle(3, CLOSES + timedelta(minutes=30))
    assert days_waiting(marts.connection, None) == [DAY]
    assert days_waiting(marts.connection, DAY) == []


def test_days_without_a_cycle_are_made_up_for_oldest_first(marts: Marts) -> None:
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, AS_OF + timedelta(days=2))
    assert days_waiting(marts.connection, None) == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert days_waiting(marts.connection, DAY) == [DAY + timedelta(days=1), DAY + timedelta(days=2)]


def test_nothing_is_reported_from_the_marts_of_a_cycle_that_is_not_published(marts: Marts) -> None:
    """Regression: a cycle that died before its copy would have been reported before anybody could look it up."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, AS_OF, "committed")
    assert days_waiting(marts.connection, None) == []


def test_reports_are_written_once_and_never_again(told: Marts, home: Home) -> None:
    order(told, "A-1")
    (page,) = write_reports(home, told.connection)
    first = page.read_bytes()
    assert page == home.outbox / "reports" / "2026-06-03.html" and last_reported(home) == DAY
    order(told, "A-2")
    assert write_reports(home, told.connection) == [] and page.read_bytes() == first


def test_a_report_whose_envelope_is_missing_is_made_again_with_the_same_bytes(told: Marts, home: Home) -> None:
    """The cycle died between the two files; nobody was told of the first."""
    (page,) = write_reports(home, told.connection)
    first, envelope = page.read_bytes(), page.with_suffix(".json")
    said = envelope.read_bytes()
    envelope.unlink()
    assert write_reports(home, told.connection) == [page]
    assert (page.read_bytes(), envelope.read_bytes()) == (first, said)


def test_the_envelope_names_the_file_and_its_hash(told: Marts, home: Home) -> None:
    from hashlib import sha256

    (page,) = write_reports(home, told.connection)
    envelope = json.loads(page.with_suffix(".json").read_text())
    assert envelope["key"] == "daily_report/2026-06-03" and envelope["type"] == "daily_report"
    assert home.outbox / envelope["payload"]["file"] == page
    assert envelope["payload"]["sha256"] == sha256(page.read_bytes()).hexdigest()
    assert envelope["payload"]["as_of"] == AS_OF.isoformat() and envelope["payload"]["cycle_id"] == "3"
    assert not list(page.parent.glob("*.part"))


def test_a_day_has_twenty_three_hours_where_the_clock_goes_forward() -> None:
    spring = local_day(date(2026, 3, 29), "Europe/London")
    assert spring.closes - spring.opens == timedelta(hours=23)
    assert [bucket(Decimal(age)) for age in ("0.5", "2.9", "3", "14.99", "15", "31")] == [
        "0-2 days",
        "0-2 days",
        "3-7 days",
        "8-14 days",
        "15-30 days",
        "over 30 days",
    ]


def test_the_same_facts_give_the_same_bytes(told: Marts) -> None:
    for number in range(20):
        order(told, f"A-{number}")
        hold(told, f"H-{number}", f"A-{number}", hold_type=("CREDIT_LIMIT", "ADDRESS_INVALID")[number % 2])
    first = render_report(told.report())
    told.connection.execute("create table marts.shuffled as select * from marts.order_holds order by hold_id desc")
    told.connection.execute("delete from marts.order_holds")
    told.connection.execute("insert into marts.order_holds from marts.shuffled")
    assert render_report(told.report()) == first
