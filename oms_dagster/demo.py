"""The demo: a simulated distributor's days, cycle by cycle, in a fresh home.

Belongs here: which files arrive before which cycle, what people do, and the summary. What the world is like is said
in `simulate`; nothing here writes a fact.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from oms_dagster import home as homes
from oms_dagster.inbox import put
from oms_dagster.operations.demo_users import PASSWORD, USERS
from oms_dagster.run import run_cycle
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader

START = date(2026, 3, 2)
ORDERS_A_DAY = 120
#: UTC times of the cycles of a day: waves, departures, evening.
CYCLES = (time(5, 30), time(9, 0), time(18, 0))
#: What the demo's manager sets before the first cycle, and why.
POLICIES = (
    ("release.horizon_days", "1", "the evening shift picks what the morning's vans take"),
    ("loads.pick_lead_min", "60", "picking and packing take an hour"),
    ("loads.own_fleet_radius_km", "60", "further away a carrier is cheaper than a van"),
    ("loads.commit_ahead_min", "120", "the first wave of the day still rides with the morning's vans"),
)


def demo(home: Home, *, days: int, seed: int, tell: Callable[[str], None] = print) -> None:
    """Fill a fresh home with ``days`` simulated days and say what happened.

    Raises
    ------
    home.HomeError
        The home holds anything but an earlier demo.
    """
    fresh(home)
    with tempfile.TemporaryDirectory(prefix="oms-demo-") as folder:
        world = Path(folder) / "world"
        from oms_dagster.simulate.filled import write_filled
        from oms_dagster.simulate.held import write_held
        from oms_dagster.simulate.world import simulate

        simulate(world, ORDERS_A_DAY, days, seed, START)
        write_held(world / "held", START)
        write_filled(world / "filled", START)
        moments = [datetime.combine(START + timedelta(days=day), at, UTC) for day in range(days) for at in CYCLES]
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as progress:
            task = progress.add_task("demo days", total=len(moments))
            before: datetime | None = None
            for moment in moments:
                progress.update(task, description=f"cycle of {moment:%a %d %b %H:%M}Z")
                play(home, world, Path(folder) / "floor", before, moment, seed)
                run_cycle(home, as_of=moment.isoformat(), seed=seed)
                before = moment
                progress.advance(task)
    homes.mark_demo(home)
    sign_ins(home)
    for line in happened(home):
        tell(line)


def sign_ins(home: Home) -> None:
    """One user a role, with the demo's password."""
    from oms_dagster.operations import demo_users
    from oms_dagster.operations.store import open_store

    store = open_store(home.operations_url)
    try:
        demo_users.make(store)
    finally:
        store.close()


def fresh(home: Home) -> None:
    """An empty home; an earlier demo is removed, anything else is refused."""
    if home.root.exists() and any(home.root.iterdir()):
        if not homes.demo_marker(home):
            raise homes.HomeError(
                f"{home.root} holds something that is no demo: choose another folder with --home or OMS_HOME"
            )
        shutil.rmtree(home.root)
    homes.create(home)
    homes.mark_demo(home)


def play(home: Home, world: Path, floor: Path, before: datetime | None, moment: datetime, seed: int) -> None:
    """Let happen what happens between two cycles: files arrive, the floor works, people send commands."""
    if before is None:
        for file in sorted((world / "reference").glob("*.csv")):
            put(home, file, file.stem)
        send(home, moment, [("policy.change", key, why, {"key": key, "value": value}) for key, value, why in POLICIES])
    for channel, file in arriving(world, before, moment):
        put(home, file, file.stem.split("-")[0] if channel == "reference" else channel)
    if before is not None and home.current.exists():
        from oms_dagster.simulate.floor import react

        shutil.rmtree(floor, ignore_errors=True)
        react(home.current.resolve(), moment, floor, seed, moment.date())
        for file in sorted(floor.glob("*/*.csv")):
            put(home, file, file.parent.name, f"{moment:%Y%m%dT%H%M}-{file.name}")
        masters(home, floor, moment)
        people(home, moment)


def masters(home: Home, floor: Path, moment: datetime) -> None:
    """On the third morning the master data is mended: an unknown SKU is loaded, a blocked customer is let go."""
    if moment.date() != START + timedelta(days=2) or moment.time() != CYCLES[0]:
        return
    import pandas as pd

    with reader(home.current) as connection:
        skus = connection.execute(
            "select distinct observed as sku_code, 'Newly listed ' || observed as name, 0.5 as weight_kg, 0.002 as volume_m3,"
            " 4 as cost, 'GBP' as currency, true as is_active from facts.hold_events"
            " where hold_type = 'SKU_INVALID' and event = 'placed' and observed <> '(none)' order by 1 limit 1"
        ).df()
        customers = connection.execute(
            "select attributes from facts.reference_versions where entity = 'customers' and json_extract_string(attributes, '$.is_blocked') = 'true'"
            " qualify row_number() over (partition by key order by version desc) = 1 order by key"
        ).fetchall()
    floor.mkdir(parents=True, exist_ok=True)
    freed = [{**json.loads(row[0]), "is_blocked": False, "block_reason": None} for row in customers]
    for entity, frame in (("skus", skus), ("customers", pd.DataFrame(freed))):
        if len(frame):
            file = floor / f"{entity}-{moment:%Y%m%dT%H%M}.csv"
            frame.to_csv(file, index=False)
            put(home, file, entity)


def arriving(world: Path, before: datetime | None, moment: datetime) -> Iterator[tuple[str, Path]]:
    """Files whose time lies between two cycles, by channel."""
    for file in sorted(file for part in ("days", "held", "filled") for file in (world / part).glob("*/*/*")):
        at = file_time(file)
        if at <= moment and (before is None or at > before):
            yield file.parent.name, file


def file_time(file: Path) -> datetime:
    """UTC time that a file's name carries."""
    day = date.fromisoformat(file.parent.parent.name)
    digits = [part for part in file.stem.replace("T", "-").split("-") if part.isdigit() and len(part) in (4, 6)]
    hhmm = digits[-1] if digits else "0500"
    return datetime.combine(day, time(int(hhmm[:2]), int(hhmm[2:4])), UTC)


def people(home: Home, moment: datetime) -> None:
    """What planners and credit managers do in the demo: hold, release, pin, lock, raise a limit."""
    with reader(home.current) as connection:
        wanted = list(_wishes(connection, moment))
    send(home, moment, wanted)


def send(home: Home, moment: datetime, wanted: Iterable[tuple[str, str, str, dict[str, object]]]) -> None:
    """Send commands as one of the demo's people: type, target, reason and payload of each."""
    from oms_dagster.operations.commands import CommandError, CommandRequest, append
    from oms_dagster.operations.store import open_store

    store = open_store(home.operations_url)
    try:
        for number, (kind, target, reason, payload) in enumerate(wanted):
            try:
                append(
                    store,
                    CommandRequest(
                        type=kind, target=target, reason=reason, payload=payload, actor="planner",
                        idempotency_key=f"demo-{moment:%Y%m%d%H%M}-{number}-{target}", issued_at=moment,
                    ),
                )  # fmt: skip
            except CommandError as error:
                raise RuntimeError(f"the demo's own command failed: {error}") from error
    finally:
        store.close()


def _wishes(connection: object, moment: datetime) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    def ids(sql: str) -> list[str]:
        return [row[0] for row in connection.execute(sql).fetchall()]  # type: ignore[attr-defined]

    open_holds = (
        "select h.hold_id from facts.hold_events as h where h.event = 'placed' and h.hold_type = '{}' and not exists"
        " (select 1 from facts.hold_events as e where e.hold_id = h.hold_id and e.event <> 'placed')"
        # what the files end by themselves is left to them
        " and not ends_with(h.order_id, h.hold_type) order by h.event_at, h.hold_id limit {}"
    )
    if moment.time() == CYCLES[1]:
        for order in ids(
            "select order_id from intermediate.int_orders__current as o where not is_test and exists (select 1 from"
            " intermediate.int_order_lines__balanced as l where l.order_id = o.order_id and l.qty_open > 0) order by placed_at desc, order_id limit 1"
        ):
            yield "hold.place", order, "customer asked to wait for a call back", {"scope": "order"}
        for hold in ids(open_holds.format("DUPLICATE_SUSPECT", 1)):
            yield "hold.release", hold, "asked the customer: both orders are wanted", {"family": "fraud"}
        for hold in ids(
            "select hold_id from facts.hold_events where hold_id = 'CREDIT_LIMIT-pos-ST-LON-CREDIT_REOPENED-1' group by 1 having count(*) = 1"
        ):
            yield "hold.release", hold, "the owner vouches for it", {"family": "credit"}
        for hold in ids(open_holds.format("DATE_UNPROMISABLE", 3)):
            yield "hold.release", hold, "asked the customer: later is fine", {"family": "logistics"}
    if moment.time() == CYCLES[2]:
        for line in ids(
            "select order_line_id from marts.substitution_suggestions where sku_id = 'FILL-TEA' and rank = 1"
        ):
            yield (
                "substitution.accept",
                line,
                "asked the customer: rooibos is fine",
                {"sku_id": "FILL-HERB", "quantity": "6"},
            )
        for hold in ids(open_holds.format("MANUAL_USER", 2)):
            yield "hold.release", hold, "customer called back", {"family": "manual"}
        for hold in ids(open_holds.format("CREDIT_LIMIT", 1)):
            yield "hold.release", hold, "guarantee received", {"family": "credit"}
        for hold in ids(open_holds.format("DATA_CONFLICT", 1)):
            yield "hold.release", hold, "looked into it: the ledger is right", {}


#: What the demo's summary counts: each line a title and the SQL of its number.
HAPPENED = (
    ("orders in", "select count(distinct order_id) from facts.orders where coalesce(message_kind, 'order') = 'order'"),
    ("messages accepted", "select count(*) from facts.capture_messages where outcome = 'accepted'"),
    ("messages duplicate", "select count(*) from facts.capture_messages where outcome = 'duplicate'"),
    ("messages in conflict", "select count(*) from facts.capture_messages where outcome = 'conflict'"),
    ("messages quarantined", "select count(*) from facts.capture_messages where outcome = 'quarantined'"),
    ("amendments", "select count(*) from (select order_id from facts.orders where coalesce(message_kind, 'order') = 'order' group by 1 having count(*) > 1)"),
    ("cancellations", "select count(distinct order_id) from facts.orders where message_kind = 'cancel'"),
    ("orders held", "select count(distinct order_id) from facts.hold_events where event = 'placed' and hold_type <> 'REMORSE_WINDOW'"),
    ("holds cleared by facts", "select count(*) from facts.hold_events where event = 'cleared'"),
    ("holds ended by time", "select count(*) from facts.hold_events where event = 'expired'"),
    ("holds released by people", "select count(*) from facts.hold_events where event = 'released'"),
    ("lines promised", "select count(distinct order_line_id) from facts.promise_events where event = 'first'"),
    ("lines short of stock", "select count(distinct order_line_id) from facts.backorder_events"),
    ("lines with a substitute", "select count(distinct substitution_of_line_id) from facts.order_lines"),
    ("waves released", "select count(*) from facts.waves"),
    ("lines released", "select count(*) from facts.pick_tasks"),
    ("purchase orders to vendors", "select count(*) from facts.documents where document_type = 'purchase_order' and shipment_id is not null"),
    ("loads dispatched", "select count(*) from facts.loads"),
    ("second trips of a day", "select count(*) from facts.loads where mode = 'own_fleet' and not ends_with(load_id, '-1')"),
    ("pick-ups on the way", "select count(distinct pickup_id || load_id) from facts.pickups where outcome = 'collected'"),
    ("km driven", "select round(coalesce(sum(distance_km), 0)) from facts.loads"),
    ("km in postal-code order", "select round(coalesce(sum(baseline_distance_km), 0)) from facts.loads"),
    ("documents issued", "select count(*) from facts.documents"),
    ("shipments delivered", "select count(distinct shipment_id) from facts.deliveries where outcome = 'delivered'"),
    ("refused at the door", "select count(distinct shipment_id) from facts.deliveries where outcome = 'refused'"),
    ("absent, went out again", "select count(distinct shipment_id) from facts.deliveries where outcome = 'absent'"),
    ("returns received", "select count(distinct return_id) from facts.returns where kind = 'received'"),
    ("exceptions for a person", "select count(*) from facts.exceptions"),
    ("commands accepted", "select count(*) from facts.commands where outcome = 'accepted'"),
)  # fmt: skip


def happened(home: Home) -> Iterator[str]:
    """The demo's summary, a line each, and how to go on."""
    with reader(home.current) as connection:
        for title, sql in HAPPENED:
            yield f"{title:<28} {connection.execute(sql).fetchall()[0][0]:>10,.0f}"
        for hold_type, *counts in connection.execute(
            "select hold_type, "
            + ", ".join(
                f"count(*) filter (where event = '{event}')" for event in ("placed", "cleared", "expired", "released")
            )
            + " from facts.hold_events group by 1 order by 1"
        ).fetchall():
            placed, *ended = counts
            ways = ", ".join(
                f"{n:,} {way}" for n, way in zip(ended, ("by facts", "by time", "by people"), strict=True) if n
            )
            yield f"  hold {hold_type:<21} {placed:>10,} placed; ended: {ways or 'none yet'}"
    yield ""
    yield "make tower    the control tower on http://127.0.0.1:8501"
    yield f"              sign in as {', '.join(USERS)} with the password {PASSWORD}"
    yield "make dagster  the asset graph on http://127.0.0.1:3000"
    yield f'oms query --home {home.root} "select * from marts.orders limit 10"'
