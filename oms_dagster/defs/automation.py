"""When assets run unattended: the planning job, its schedule, and the sensors on the inbox and on commands.

Belongs here: jobs, schedules, sensors. Nothing that computes.
"""

import hashlib
from collections.abc import Iterator

import dagster as dg

from oms_dagster import settings

IN_CYCLE = dg.AssetSelection.checks(
    *(
        dg.AssetCheckKey(dg.AssetKey(asset), check)
        for asset, check in (
            ("captured", "expectations"),
            ("captured", "messages_conserved"),
            ("promises", "plan_verified"),
            ("routes", "plan_verified"),
            ("carrier_loads", "plan_verified"),
            ("audit", "invariants"),
        )
    )
)

planning_cycle = dg.define_asset_job(
    "planning_cycle",
    selection=dg.AssetSelection.all().materializable().without_checks() | IN_CYCLE,
    description="Start here: one whole cycle. Capture, plan, audit, commit, documents, publish. It may be started at any time, waits for"
    " a cycle that runs, and does nothing where nothing is new; schedules and sensors start it by themselves.",
)

nightly_checks = dg.define_asset_job(
    "nightly_checks",
    selection=dg.AssetSelection.all_asset_checks() - IN_CYCLE,
    description="All dbt tests on everything: the slow-moving guarantees that a cycle does not repeat. It plans and writes nothing.",
)

every_half_hour = dg.ScheduleDefinition(
    job=planning_cycle,
    cron_schedule="*/30 5-20 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="A cycle each half hour of the working day.",
)

every_night = dg.ScheduleDefinition(
    job=nightly_checks,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="The whole test suite of the warehouse, once a night.",
)


@dg.sensor(job=planning_cycle, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A whole file in the inbox starts a cycle. The run key names the files, so the same ones start no second run."""
    home = settings.home()
    names = sorted(
        f"{path.parent.name}/{path.name}@{path.stat().st_mtime_ns}"
        for path in home.inbox.glob("*/*")
        if path.is_file() and path.suffix not in (".part", ".tmp") and not path.name.startswith(".")
    )
    if not names:
        yield dg.SkipReason(f"nothing in {home.inbox}")
        return
    yield dg.RunRequest(
        run_key=hashlib.sha256("\n".join(names).encode()).hexdigest(), tags={"oms/cause": f"{len(names)} files"}
    )


@dg.sensor(job=planning_cycle, minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def command_sensor(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """A command that no published cycle has looked at starts a cycle."""
    from oms_dagster.operations.commands import list_commands
    from oms_dagster.operations.store import open_store

    home = settings.home()
    store = open_store(home.operations_url)
    try:
        issued = [command.command_id for command in list_commands(store)]
    finally:
        store.close()
    if not issued or issued[-1] == context.cursor:
        yield dg.SkipReason("no new command")
        return
    context.update_cursor(issued[-1])
    yield dg.RunRequest(run_key=issued[-1], tags={"oms/cause": "command"})
