"""Online ATP: what each channel may offer, written to the outbox with an envelope when it changed.

Belongs here: files and the asset. The figures are a mart, their file is made in `warehouse.online_atp`.
"""

import json

import dagster as dg
import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.cycle import Cycle
from oms_dagster.defs.documents import write_whole
from oms_dagster.defs.resources import Warehouse
from oms_dagster.settings import Home
from oms_dagster.warehouse import online_atp


def last_told(home: Home) -> dict[str, str]:
    """sha256 of the newest file of each channel; a file stands when its envelope does."""
    newest = {path.parent.name: path for path in sorted((home.outbox / online_atp.FOLDER).glob("*/*.json"))}
    return {channel: str(json.loads(path.read_text())["payload"]["sha256"]) for channel, path in newest.items()}


def tell_channels(home: Home, connection: duckdb.DuckDBPyConnection, now: Cycle) -> list[str]:
    """Write the file of each channel whose figures changed; returns the channels."""
    told = []
    for offer in online_atp.changed(connection, last_told(home), str(now.cycle_seq), now.as_of.isoformat()):
        target = home.outbox / offer.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, offer.content)
        write_whole(target.with_suffix(".json"), (json.dumps(offer.envelope, indent=1, sort_keys=True) + "\n").encode())
        told.append(target.parent.name)
    return told


def tell_what_is_owed(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """Write the files of the last published cycle, should it have died before it could."""
    published = connection.execute(
        "select cycle_seq, max(as_of), max(seed) from facts.cycles where state = 'published' group by 1 order by 1 desc limit 1"
    ).fetchall()
    built = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'online_atp'"
    ).fetchall()
    if published and built:
        cycle_seq, as_of, seed = published[0]
        tell_channels(home, connection, Cycle(cycle_seq=cycle_seq, as_of=as_of, seed=seed))


@dg.asset(group_name="inventory", kinds={"python"}, owners=["team:inventory"], deps=["published"])
def channel_offers(warehouse: Warehouse) -> dg.MaterializeResult:
    """What each channel may offer, a file a channel in the outbox. Written when it changed; publishing never waits for it."""
    with warehouse.connect() as connection:
        told = tell_channels(warehouse.home, connection, cycles.current(connection))
    return dg.MaterializeResult(metadata={"channels": len(told)})
