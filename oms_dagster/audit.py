"""Whether the logs still say what they said: commands, access, outcomes, and that outcomes and commands agree.

Belongs here: the three logs of a home together. Does not belong here: how a log is chained (`chain`), how each is kept
(`operations.log`, `operations.access_log`, `warehouse.outcomes`).
"""

from __future__ import annotations

from oms_dagster.chain import START, Link, Verdict, verify
from oms_dagster.operations import access_log, log
from oms_dagster.operations.store import Store
from oms_dagster.settings import Home


def verify_home(store: Store, home: Home) -> list[tuple[str, Verdict]]:
    """The verdict on each log, in the order in which they are written; the outcomes are those of the published copy."""
    from oms_dagster.warehouse import outcomes
    from oms_dagster.warehouse.connect import reader

    sent = log.links(store)
    verdicts = [("commands", verify("commands", sent)), ("access", verify("access", access_log.links(store)))]
    if not home.current.exists():
        return [*verdicts, ("outcomes", Verdict(0, START, ""))]
    with reader(home.current) as connection:
        decided = outcomes.links(connection) if outcomes.is_chained(connection) else []
        carried = outcomes.hashes(connection) if decided else {}
    verdict = verify("outcomes", decided)
    return [*verdicts, ("outcomes", verdict if verdict.broken else disagreement(sent, carried, verdict))]


def disagreement(sent: list[Link], carried: dict[str, str | None], verdict: Verdict) -> Verdict:
    """The verdict on the outcomes, broken where one speaks of a command that the log has not, or has otherwise.

    Whoever writes the log of commands anew with all its hashes, or cuts off its end, does not reach the outcomes, whose
    copies are published cycle by cycle.
    """
    known = {str(link.content["command_id"]): link.hash for link in sent}
    for command_id, digest in carried.items():
        if command_id not in known:
            return Verdict(
                verdict.rows, verdict.head, f"commands: {command_id} has an outcome and is gone from the log"
            )
        if digest is not None and digest != known[command_id]:
            return Verdict(
                verdict.rows,
                verdict.head,
                f"commands: {command_id} is not what a cycle decided about: its hash differs",
            )
    return verdict
