"""Where a home is, and which files of a simulated world arrive before which cycle."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from oms_dagster import demo, settings


def test_a_home_is_named_by_the_argument_else_by_the_environment_else_it_lies_in_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMS_HOME", str(tmp_path / "env"))
    assert settings.home(tmp_path / "arg").root == tmp_path / "arg"
    assert settings.home().root == tmp_path / "env"
    monkeypatch.delenv("OMS_HOME")
    assert settings.home().root == settings.CHECKOUT / "data" / "home"
    monkeypatch.chdir(tmp_path)
    assert settings.home("rel").root == tmp_path / "rel"


def test_commands_lie_in_the_home_unless_a_database_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OMS_OPERATIONS_URL", raising=False)
    home = settings.home(tmp_path)
    assert home.operations_url == f"sqlite:///{tmp_path / 'operations.sqlite'}"
    monkeypatch.setenv("OMS_OPERATIONS_URL", "postgresql://oms@db/oms")
    assert home.operations_url == "postgresql://oms@db/oms"


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("orders-20260302T1745-ST-BER.csv", time(17, 45)),
        ("orders-20260302T0730.edi", time(7, 30)),
        ("addresses.csv", time(5)),
        ("stock-20260302T0600.csv", time(6)),
    ],
)
def test_a_file_arrives_at_the_time_in_its_name(name: str, at: time) -> None:
    assert demo.file_time(Path("days/2026-03-02/pos") / name) == datetime.combine(datetime(2026, 3, 2), at, UTC)


def test_each_file_arrives_before_exactly_one_cycle(tmp_path: Path) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        for hour in range(24):
            file = tmp_path / "days" / day / "pos" / f"orders-{hour:02}00.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    moments = [datetime(2026, 3, day, at.hour, at.minute, tzinfo=UTC) for day in (2, 3) for at in demo.CYCLES]
    before, arrived = None, []
    for moment in moments:
        arrived += [file for _, file in demo.arriving(tmp_path, before, moment)]
        before = moment
    assert len(arrived) == len(set(arrived))
    assert set(arrived) == {f for f in tmp_path.glob("days/*/*/*") if demo.file_time(f) <= moments[-1]}
