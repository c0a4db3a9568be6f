"""`oms reference rates`: a file of the feed rates for the currencies and days of open orders, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oms_dagster import settings
from oms_dagster.cli import main
from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home that publishes open orders in three currencies, a test order, and one that is over."""
    monkeypatch.setattr("oms_dagster.home.require", lambda home: None)
    home = settings.home(tmp_path / "home")
    home.published.mkdir(parents=True)
    (home.root / "home.json").touch()
    copy = home.published / "1.duckdb"
    connect.create(copy)
    with connect.writer(copy) as connection:
        connection.execute(
            "create table intermediate.int_policies__in_force as"
            " select 'reporting.currency' as policy_key, '' as scope, 'GBP' as value"
        )
        connection.execute(
            """
            create table marts.orders as
            select *, timestamptz '2024-05-12 12:00:00+00' as as_of from (values
                ('EUR', timestamptz '2024-05-08 09:00:00+00', 'open', false),
                ('USD', timestamptz '2024-05-12 09:00:00+00', 'released', false),
                ('GBP', timestamptz '2024-05-08 09:00:00+00', 'open', false),
                ('JPY', timestamptz '2024-05-08 09:00:00+00', 'closed', false),
                ('SEK', timestamptz '2024-05-08 09:00:00+00', 'open', true)
            ) as orders (currency, placed_at, fulfilment_status, is_test)
            """
        )
    home.current.symlink_to(copy.name)
    yield home


def rates(home: Home, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["reference", "rates", "--home", str(home.root)])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_open_orders_get_the_rates_of_their_day_and_of_today(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = rates(home, capsys)
    assert (code, out) == (0, "3 rates into GBP are in the inbox as ecb-2024-05-12.csv: the next cycle takes them\n")
    (file,) = (home.inbox / "rates").iterdir()
    assert [line.split(",")[::2] for line in file.read_text().splitlines()] == [
        ["currency", "rate_date"], ["EUR", "2024-05-08"], ["EUR", "2024-05-10"], ["USD", "2024-05-10"],
    ]  # fmt: skip
    before = file.read_bytes()
    rates(home, capsys)
    assert [f.read_bytes() for f in (home.inbox / "rates").iterdir()] == [before]


def test_the_gate_takes_the_file_and_what_is_known_is_not_asked_again(
    home: Home, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from datetime import UTC, datetime

    from oms_dagster.warehouse import gate

    rates(home, capsys)
    (file,) = (home.inbox / "rates").iterdir()
    with connect.writer(home.current.resolve()) as connection:
        outcome = gate.capture_file(
            connection, load_channels()[0], file, file_name=file.name, channel="rates", modified_ns=1, cycle_seq=1,
            as_of=datetime(2024, 5, 12, 12, tzinfo=UTC),
        )  # fmt: skip
        assert (outcome.accepted, outcome.messages) == (3, 3)
    file.unlink()
    assert rates(home, capsys) == (0, "every rate that open orders need is known\n")
    assert not list((home.inbox / "rates").iterdir())


def test_a_currency_that_the_bank_does_not_quote_is_named(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with connect.writer(home.current.resolve()) as connection:
        connection.execute("update marts.orders set currency = 'XAF' where currency in ('EUR', 'USD')")
    code, out = rates(home, capsys)
    assert code == 1
    assert "no reference rate of XAF on 2024-05-08, XAF on 2024-05-12: send a file to the feed rates" in out


def test_load_without_a_folder_says_what_is_missing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference", "load", "--home", str(home.root)]) == 1
    assert "oms reference load DIR" in capsys.readouterr().err
