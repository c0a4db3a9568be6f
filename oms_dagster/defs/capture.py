"""Capture: files leave the inbox for the archive, their messages pass the gate and become facts.

Belongs here: the inbox, the archive, one transaction a file. Does not belong here: formats and rules (`domain.capture`,
`warehouse.gate`).
"""

import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.crash import boundary
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.disk import sync
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect, gate

UNFINISHED = (".part", ".tmp")
LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Arrival:
    """A whole file in the inbox."""

    path: Path
    channel: str
    modified_ns: int


def arrivals(home: Home) -> list[Arrival]:
    """Files whose size and time were the same at two looks, oldest first; half-copied ones wait."""
    first = {path: _look(path) for path in _files(home)}
    if not first:
        return []
    time.sleep(LOOK_AGAIN_S)
    still = [path for path, look in first.items() if look is not None and _look(path) == look]
    found = [Arrival(path, path.relative_to(home.inbox).parts[0], _look(path)[1]) for path in still]  # type: ignore[index]
    return sorted(found, key=lambda a: (gate.precedence(a.channel), a.path.name, a.channel))


def _files(home: Home) -> Iterator[Path]:
    for path in home.inbox.glob("*/*"):
        if path.is_file() and not path.name.startswith(".") and path.suffix not in UNFINISHED:
            yield path


def _look(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def archive(home: Home, path: Path) -> tuple[str, Path]:
    """Keep the exact bytes under their content hash; returns the sha256 and the kept file."""
    with path.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    kept = home.archive / sha256[:2] / sha256
    if not kept.exists():
        if not kept.parent.is_dir():
            kept.parent.mkdir(parents=True, exist_ok=True)
            sync(home.archive)
        part = kept.with_suffix(".part")
        shutil.copyfile(path, part)
        sync(part)
        part.replace(kept)
        sync(kept.parent)
    return sha256, kept


@dg.asset(
    group_name="capture",
    kinds={"python", "duckdb", "greatexpectations"},
    owners=["team:integration"],
    deps=["cycle"],
    check_specs=[
        dg.AssetCheckSpec(
            "expectations",
            asset="captured",
            description="Great Expectations suites of the channels, on this cycle's files.",
        ),
        dg.AssetCheckSpec(
            "messages_conserved", asset="captured", blocking=True, description="Per file, messages in = messages out."
        ),
    ],
)
def captured(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Files of every channel and feed, gated into facts. One row of `facts.capture_messages` per message."""
    home = warehouse.home
    counts = {"accepted": 0, "duplicate": 0, "conflict": 0, "quarantined": 0}
    files = arrivals(home)
    with warehouse.connect() as connection:
        now = cycles.before_commit(connection)
        for arrival in files:
            sha256, kept = archive(home, arrival.path)
            boundary("after archive")
            if not _seen(connection, arrival, sha256):
                with connect.transaction(connection):
                    outcome = gate.capture_file(
                        connection, home.channels, kept, file_name=arrival.path.name, channel=arrival.channel,
                        modified_ns=arrival.modified_ns, cycle_seq=now.cycle_seq, as_of=now.as_of,
                    )  # fmt: skip
                    boundary("inside capture")
                for name in counts:
                    counts[name] += getattr(outcome, name)
                context.log.info(f"{arrival.channel}/{arrival.path.name}: {outcome}")
            arrival.path.unlink()
        with connect.transaction(connection):
            gate.measure_waiting(connection, now.cycle_seq, now.as_of)
        broken = connection.execute(
            "select count(*) from facts.capture_files where cycle_seq = ? and messages <>"
            " messages_accepted + messages_duplicate + messages_conflict + messages_quarantined",
            [now.cycle_seq],
        ).fetchall()[0][0]
        failed, rows, checked = connection.execute(
            "select count(*) filter (not passed), coalesce(sum(failing_rows), 0), coalesce(max(checked_rows), 0)"
            " from facts.data_quality where stage = 'capture' and cycle_seq = ?",
            [now.cycle_seq],
        ).fetchall()[0]
        shown = table_metadata(connection, "facts", "capture_messages")
    yield dg.MaterializeResult(metadata={**shown, "files": len(files), **counts})
    yield dg.AssetCheckResult(
        check_name="expectations", passed=failed == 0, severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed_expectations": failed, "quarantined_rows": int(rows), "checked_rows": int(checked), **counts},
    )  # fmt: skip
    yield dg.AssetCheckResult(check_name="messages_conserved", passed=broken == 0, metadata={"broken_files": broken})


def _seen(connection: object, arrival: Arrival, sha256: str) -> bool:
    """The very same file was captured by a cycle that died before it could remove it from the inbox."""
    return bool(
        connection.execute(  # type: ignore[attr-defined]
            "select 1 from facts.capture_files where channel = ? and file_name = ? and file_sha256 = ? and modified_ns = ?",
            [arrival.channel, arrival.path.name, sha256, arrival.modified_ns],
        ).fetchall()
    )
