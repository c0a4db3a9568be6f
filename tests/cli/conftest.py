"""The `oms` command as a test calls it, and a home with something published."""

from __future__ import annotations

import pytest
from said import Oms, Said

from oms_dagster import cli
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, publish, write


@pytest.fixture
def oms(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Oms:
    for variable in ("OMS_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(variable, "")  # the command sets them; put back afterwards
    monkeypatch.delenv("OMS_TRACEBACK", raising=False)

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = cli.main([str(a) for a in arguments])
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def published_home(fresh_home: Home) -> Home:
    """A home with a published copy of an empty warehouse but for two facts."""
    with connect.writer(fresh_home.warehouse) as connection:
        write.append(
            connection, "facts.policy_changes", [{"policy_key": 'a, "b"', "value": "[WAVE]"}, {"policy_key": "c"}]
        )
    publish.publish(fresh_home, 1)
    publish.write_status(fresh_home, {"cycle_id": "1", "outcome": "published"})
    return fresh_home
