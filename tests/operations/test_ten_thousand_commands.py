"""Twenty clients send ten thousand commands while cycles decide: none lost, none twice, each target's in order, each refusal explained.

On SQLite and on PostgreSQL. The cycles are those of the warehouse filled by hand, without planning; one of them dies
before it has committed, and its commands are decided by the next.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from house import MUG, ORDER, TEA, House, at

from oms_dagster.chain import verify
from oms_dagster.cycle import Cycle
from oms_dagster.defs.ledger import _issued
from oms_dagster.operations.access import add_user
from oms_dagster.operations.authority import authorities
from oms_dagster.operations.commands import CommandError, CommandRequest, append_all, list_commands
from oms_dagster.operations.log import links
from oms_dagster.operations.store import Store, open_store
from oms_dagster.warehouse import commands as effects
from oms_dagster.warehouse import outcomes

CLIENTS, EACH, AT_ONCE = 20, 500, 20
#: Clients beside them whose role may not send such commands.
OUTSIDERS = 2


def requests_of(client: int, draw: random.Random) -> list[CommandRequest]:
    """What one client sends: most on the same order, some on what is not there, some seen long ago."""
    said: list[CommandRequest] = []
    for number in range(EACH):
        kind = draw.choices(("order.priority", "order.amend", "line.pin", "load.lock"), (70, 5, 5, 20))[0]
        target, payload = {
            "order.priority": (ORDER, {"priority": draw.randint(1, 9)}),
            "order.amend": (draw.choice((TEA, MUG)), {"scope": "line", "quantity": draw.randint(1, 12)}),
            "line.pin": (TEA, {"location_id": "DAV"}),
            "load.lock": (f"L-{draw.randint(1, 50)}", {}),
        }[kind]
        said.append(
            CommandRequest(
                type=kind, target=target, payload=payload, reason=f"client {client}, {number}", actor=f"client-{client}",
                idempotency_key=f"{client}-{number}", seen_cycle_id=draw.choice((None, None, "1")),
            )
        )  # fmt: skip
    return said


def client(url: str, number: int) -> int:
    """Send everything, some of it twice; returns how many repeats were known as such."""
    store = open_store(url)
    said = requests_of(number, random.Random(number))
    known = 0
    for start in range(0, EACH, AT_ONCE):
        batch = said[start : start + AT_ONCE]
        append_all(store, batch)
        if start % 100 == 0:
            known += sum(result.already_issued for result in append_all(store, batch[:3]))
    store.close()
    return known


class Died(Exception):
    """The cycle was killed before it had committed."""


def cycle(house: House, store: Store, number: int, dies: bool = False) -> Counter[str]:
    """One cycle: what was sent since, decided in one transaction."""
    house.now = Cycle(number, at(12), 1)
    house.connection.execute("begin")
    known = {row[0] for row in house.rows("select command_id from facts.commands")}
    sent = list_commands(store, exclude=known)
    rights = authorities(store, sent)
    done = effects.record(house.connection, [_issued(c, rights[c.command_id]) for c in sent], house.now)
    if dies:
        house.connection.execute("rollback")
        raise Died
    house.connection.execute("commit")
    return Counter(done)


def test_none_is_lost_none_counts_twice_and_each_refusal_is_explained(store: Store, url: str) -> None:
    for number in range(CLIENTS + OUTSIDERS):
        role = "planner" if number < CLIENTS else "credit"
        add_user(store, f"client-{number}", f"Client {number}", role)
    house = House.furnished()
    stop = threading.Event()
    cycles: list[Counter[str]] = []

    def plan() -> None:
        number = 2
        while not stop.is_set() or not cycles:
            number += 1
            try:
                cycles.append(cycle(house, store, number, dies=number == 4))
            except Died:
                continue
        cycles.append(cycle(house, store, number + 1))

    refused: list[str] = []

    def send(number: int) -> int:
        try:
            return client(url, number)
        except CommandError as error:
            refused.append(str(error))
            return 0

    planner = threading.Thread(target=plan)
    planner.start()
    with ThreadPoolExecutor(CLIENTS + OUTSIDERS) as pool:
        repeats = list(pool.map(send, range(CLIENTS + OUTSIDERS)))
    stop.set()
    planner.join()

    log = list_commands(store)
    assert len(refused) == OUTSIDERS and all("may not" in line for line in refused), "credit may not set priorities"
    assert len(log) == CLIENTS * EACH == 10_000
    assert [command.sequence for command in log] == list(range(1, len(log) + 1))
    assert sum(repeats) == CLIENTS * 5 * 3, "what was sent again was known"
    decided = house.rows(
        "select command_id, target, outcome, outcome_reason, sequence, cycle_seq from facts.commands order by outcome_number"
    )
    assert Counter(row[0] for row in decided) == Counter(command.command_id for command in log), "each once"
    assert len(cycles) > 2 and sum(c["accepted"] + c["rejected"] for c in cycles) == len(log)
    last: dict[str, int] = {}
    for _, target, outcome, reason, sequence, _ in decided:
        assert sequence > last.get(target, 0), f"{target}: in the order in which they were sent"
        last[target] = sequence
        assert outcome in ("accepted", "rejected") and reason and "\n" not in reason
    said = Counter(row[3].split(" ")[-2] + " " + row[3].split(" ")[-1] for row in decided if row[2] == "rejected")
    assert {"look again", "last plan"} <= set(said), said
    assert verify("commands", links(store)).broken == ""
    assert verify("outcomes", outcomes.links(house.connection)).rows == len(log)
    assert house.buckets(TEA), "the ledger of the line still adds up"
