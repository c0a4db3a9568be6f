"""The code location as Dagster sees it: what is in it, who owns it, in which order a cycle runs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from oms_dagster import journey

CHECKOUT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("code_location.txt")
MODULE = "oms_dagster.definitions"


def described(defs: dg.Definitions, graph: Any) -> str:
    """Everything that somebody outside may name: one thing a line."""
    jobs = {job.name: job for job in defs.jobs or ()}
    lines = [
        f"asset {key.to_user_string()} [{graph.get(key).group_name}]" for key in sorted(graph.get_all_asset_keys())
    ]
    lines += [f"job {name}" for name in sorted(jobs)]
    lines += [
        f"schedule {s.name} {s.cron_schedule} -> {s.job_name}"
        for s in sorted(defs.schedules or (), key=lambda s: s.name)
    ]
    lines += [f"sensor {s.name} -> {s.job_name}" for s in sorted(defs.sensors or (), key=lambda s: s.name)]
    return "\n".join(lines) + "\n"


def test_the_graph_can_not_change_unseen(defs: dg.Definitions, graph: Any) -> None:
    """After a change that is meant: UPDATE_SNAPSHOTS=1 pytest tests/defs, and commit code_location.txt."""
    now = described(defs, graph)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(now)
    assert now.splitlines() == SNAPSHOT.read_text().splitlines(), (
        "run UPDATE_SNAPSHOTS=1 pytest tests/defs if this is meant"
    )


def test_both_ways_of_starting_dagster_load_this_module() -> None:
    (entry,) = yaml.safe_load((CHECKOUT / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"] == {"module_name": MODULE, "working_directory": ".", "location_name": "oms"}
    dg_tool = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["dg"]
    assert dg_tool["directory_type"] == "project"
    assert dg_tool["project"]["code_location_target_module"] == MODULE
    assert dg_tool["project"]["defs_module"] == "oms_dagster.defs"


def test_what_dagster_finds_in_the_module_are_the_same_keys(graph: Any) -> None:
    """`dagster dev` looks for one definitions object in the module; `dg dev` asks for the same module."""
    from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module

    (target,) = loadable_targets_from_python_module(MODULE, working_directory=str(CHECKOUT))
    found = target.target_definition
    loaded = found() if callable(found) else found
    assert set(loaded.resolve_asset_graph().get_all_asset_keys()) == set(graph.get_all_asset_keys())


def materializable(graph: Any) -> list[Any]:
    return [graph.get(key) for key in sorted(graph.get_all_asset_keys())]


def test_every_asset_says_what_it_is_who_owns_it_and_what_it_is_made_with(graph: Any) -> None:
    wrong = []
    for node in materializable(graph):
        name = node.key.to_user_string()
        if not (node.description or "").strip():
            wrong.append(f"{name}: no description")
        if not node.owners:
            wrong.append(f"{name}: no owner")
        if not node.kinds:
            wrong.append(f"{name}: no kinds")
    assert not wrong, "\n".join(wrong)


def test_every_asset_is_in_a_group_of_the_journey_and_owned_by_its_team(graph: Any) -> None:
    allowed = {stage.name for stage in journey.STAGES} | set(journey.BESIDE)
    wrong = [
        f"{node.key.to_user_string()}: group {node.group_name}, owners {node.owners}"
        for node in materializable(graph)
        if node.group_name not in allowed or list(node.owners) != [journey.owner(node.group_name)]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_stage_has_assets(graph: Any) -> None:
    assert {node.group_name for node in materializable(graph)} == {stage.name for stage in journey.STAGES} | set(
        journey.BESIDE
    )


def test_models_are_named_by_schema_and_what_they_read_is_an_asset(graph: Any) -> None:
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {
        "marts/orders",
        "marts/order_lines",
        "marts/kpi_daily",
        "intermediate/int_orders__current",
        "captured",
        "promises",
        "published",
    } <= keys
    assert not [key for key in keys if "/" in key and key.split("/")[0] not in ("staging", "intermediate", "marts")]
    assert not [node.key.to_user_string() for node in materializable(graph) if not node.parent_keys and node.is_materializable and "staging" not in node.key.path
                and node.key.path[-1] not in ("cycle",)]  # fmt: skip


class TestCycle:
    @pytest.fixture(scope="class")
    def job(self, defs: dg.Definitions) -> dg.JobDefinition:
        return defs.resolve_job_def("planning_cycle")

    @pytest.fixture(scope="class")
    def before(self, job: dg.JobDefinition) -> dict[str, set[str]]:
        """Steps that must have ended before each step begins."""
        graph = job.graph
        direct = {
            node.name: {
                o.node_name
                for outs in graph.dependency_structure.input_to_upstream_outputs_for_node(node.name).values()
                for o in outs
            }
            for node in graph.nodes
        }

        def all_of(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
            return {name for parent in direct[name] - seen for name in {parent} | all_of(parent, seen | {parent})}

        return {name: all_of(name) for name in direct}

    def test_each_band_is_one_invocation_of_dbt(self, before: dict[str, set[str]]) -> None:
        """Regression: a cycle between a band and a Python asset made Dagster cut the bands into ten anonymous steps."""
        assert set(before) == {
            "cycle", "captured", "ledger", "prepare", "promises", "demand_forecasts", "release", "loads", "routes", "carrier_loads", "audit", "commit", "documents", "report",
            "daily_reports", "published", "channel_offers",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("step", "earlier"),
        [
            ("captured", ("cycle",)),
            ("ledger", ("captured",)),
            ("prepare", ("captured", "ledger")),
            ("promises", ("prepare",)),
            ("release", ("prepare", "ledger", "promises")),
            ("loads", ("release",)),
            ("routes", ("loads",)),
            ("carrier_loads", ("routes",)),
            ("audit", ("release", "carrier_loads")),
            ("commit", ("audit",)),
            ("documents", ("commit",)),
            ("report", ("commit", "documents")),
            ("daily_reports", ("report",)),
            ("published", ("documents", "report")),
        ],
    )
    def test_a_cycle_runs_in_the_order_of_the_journey(
        self, before: dict[str, set[str]], step: str, earlier: Iterable[str]
    ) -> None:
        """Regression: dbt reads facts through views that are in no cycle, and Dagster orders nothing through them: the
        ledger was booked after it had been read, and every cycle planned on the state of the one before."""
        assert set(earlier) <= before[step]

    def test_nothing_waits_for_what_comes_after_it(self, before: dict[str, set[str]]) -> None:
        assert not [name for name, earlier in before.items() if name in earlier]

    def test_it_holds_what_a_cycle_needs(self, job: dg.JobDefinition, graph: Any) -> None:
        chosen = set(job.asset_layer.selected_asset_keys)
        fixed = {n.key for n in materializable(graph) if "oms/band" in n.tags}
        assert chosen == {n.key for n in materializable(graph) if n.is_materializable} - fixed

    def test_it_runs_the_blocking_checks_and_none_of_dbts(self, job: dg.JobDefinition) -> None:
        checks = {(key.asset_key.to_user_string(), key.name) for key in job.asset_layer.asset_graph.asset_check_keys}
        assert checks == {
            ("captured", "expectations"), ("captured", "messages_conserved"), ("promises", "plan_verified"), ("routes", "plan_verified"), ("carrier_loads", "plan_verified"),
            ("audit", "invariants"),
        }  # fmt: skip

    def test_the_night_runs_all_other_checks(self, defs: dg.Definitions, graph: Any, job: dg.JobDefinition) -> None:
        nightly = defs.resolve_job_def("nightly_checks")
        every = set(graph.asset_check_keys)
        assert every - set(job.asset_layer.asset_graph.asset_check_keys) == set(
            nightly.asset_layer.asset_graph.asset_check_keys
        )
        assert len(every) > 100

    def test_steps_run_in_one_process(self, defs: dg.Definitions) -> None:
        """A process a step would cost an interpreter each, and the lock on the home is one process's."""
        assert defs.executor is dg.in_process_executor


def test_the_published_copy_has_a_freshness_policy(graph: Any) -> None:
    policy = graph.get(dg.AssetKey("published")).freshness_policy
    assert policy is not None
    assert policy.fail_window.to_timedelta().total_seconds() == 24 * 3600
    assert policy.warn_window.to_timedelta().total_seconds() == 4 * 3600


def test_the_cycle_runs_by_itself_through_the_working_day_and_the_checks_at_night(defs: dg.Definitions) -> None:
    schedules = {s.name: s for s in defs.schedules or ()}
    assert {name: (s.cron_schedule, s.execution_timezone, s.job_name) for name, s in schedules.items()} == {
        "planning_cycle_schedule": ("*/30 5-20 * * *", "UTC", "planning_cycle"),
        "nightly_checks_schedule": ("30 2 * * *", "UTC", "nightly_checks"),
    }
    assert all(s.default_status is dg.DefaultScheduleStatus.RUNNING for s in schedules.values())


def test_a_resource_may_be_laid_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seam for tests: other resources instead of patches."""
    from oms_dagster import definitions

    monkeypatch.setattr(dg, "load_from_defs_folder", lambda path_within_project: dg.Definitions())
    other = definitions.build_defs({"warehouse": "mine"})
    assert other.resources == {"warehouse": "mine"}
