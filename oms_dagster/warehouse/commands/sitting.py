"""One cycle decides about the commands that were sent: each in its order, against what the ones before it left.

Belongs here: the order, who may, four eyes, the outcome of each. Does not belong here: what a command does (`orders`,
`floor`, …), the lookups (`shelf`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import outcomes
from oms_dagster.warehouse.commands.room import Archive, Effect, Issued, Rejected, Room
from oms_dagster.warehouse.commands.shelf import Shelf
from oms_dagster.warehouse.commands.stakes import at_stake

#: Commands that write orders, or read outcomes, themselves: what was looked up for the batch is written before, and
#: looked up again after them.
BY_THEMSELVES = frozenset(
    {"order.create", "message.correct", "message.retry", "message.dismiss", "message.conflict_resolve"}
)


class Sitting:
    """Decides about a batch of commands.

    Parameters
    ----------
    connection
        The writer, in a transaction.
    fresh
        Commands without an outcome, in the order in which they were sent.
    effects
        Type -> what it does.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        fresh: Sequence[Issued],
        now: Cycle,
        effects: Mapping[str, Effect],
        archive: Archive | None = None,
    ) -> None:
        self._connection = connection
        self._fresh = fresh
        self._now = now
        self._effects = effects
        self._archive = archive
        self._shelf = Shelf(connection, now, fresh)
        self._waiting = {command.command_id: command for command in fresh if command.needs_approval}
        self._kept: list[dict[str, Any]] = []
        self._ended: Counter[str] = Counter()

    def decide(self) -> dict[str, int]:
        """Decide about all; returns how many were accepted and rejected, and how many still wait for a second person."""
        for command in self._fresh:
            if not command.needs_approval:
                self._decide(command)
        self._write()
        return {**{name: self._ended[name] for name in ("accepted", "rejected")}, "awaiting": len(self._waiting)}

    def _decide(self, command: Issued, approved_by: Issued | None = None) -> tuple[str, str]:
        alone = command.type in BY_THEMSELVES
        if alone:
            self._write()
        book = self._shelf.book_for(command)
        room = Room(self._connection, self._now, book, self._archive, self._approve, self._reject)
        try:
            self._refuse(command, approved_by)
            effect = self._effects.get(command.type)
            if effect is None:
                raise Rejected(f"this version does not know commands of type {command.type}")
            reason = effect(room, command)
            outcome = "accepted"
            self._shelf.keep(command, book)
        except Rejected as rejection:
            outcome, reason = "rejected", str(rejection)
        if approved_by is not None:
            reason = f"{reason} (approved by {approved_by.actor})"
        self._end(command, outcome, reason)
        if alone and outcome == "accepted":
            self._write()
            self._shelf.look()
        return outcome, reason

    def _refuse(self, command: Issued, approved_by: Issued | None) -> None:
        """Refuse what its author may not, or no longer, or not alone, and what is not as he saw it."""
        if command.refused:
            raise Rejected(command.refused)
        if approved_by is None and command.type not in ("command.approve", "command.reject"):
            self._refuse_above(command.limit, command, command.actor, "send it again, for a second person to approve")
        objection = self._shelf.objection(command)
        if objection:
            raise Rejected(objection)

    def _refuse_above(self, limit: Decimal | None, command: Issued, actor: str, remedy: str) -> None:
        if limit is None:
            return
        stake = at_stake(self._connection, command.type, command.target, command.payload)
        if stake is None:
            raise Rejected(f"nobody knows what is at stake, and {actor} may {limit:,.2f} alone: {remedy}")
        if stake > limit:
            raise Rejected(f"{stake:,.2f} are at stake, and {actor} may {limit:,.2f} alone: {remedy}")

    def _waits(self, command_id: str, decision: Issued) -> Issued:
        target = self._waiting.get(command_id)
        if target is None:
            raise Rejected(f"{command_id} is no command that waits: it is decided already, or was never sent")
        if target.actor == decision.actor:
            raise Rejected(f"{decision.actor} sent it: somebody else must decide (four eyes)")
        return target

    def _approve(self, command_id: str, decision: Issued) -> str:
        """Let a waiting command go."""
        target = self._waits(command_id, decision)
        self._refuse_above(decision.limit, target, decision.actor, "ask somebody with a higher limit")
        del self._waiting[command_id]
        outcome, reason = self._decide(target, approved_by=decision)
        return f"{target.type} on {target.target} {outcome}: {reason}"

    def _reject(self, command_id: str, decision: Issued) -> str:
        """End a waiting command."""
        target = self._waits(command_id, decision)
        del self._waiting[command_id]
        self._end(target, "rejected", f"rejected by {decision.actor}: {decision.reason}")
        return f"{target.type} on {target.target} rejected"

    def _end(self, command: Issued, outcome: str, reason: str) -> None:
        self._ended[outcome] += 1
        self._kept.append(
            {
                "command_id": command.command_id, "sequence": command.sequence, "type": command.type, "target": command.target,
                "payload": json.dumps(dict(command.payload), default=str, sort_keys=True), "actor": command.actor,
                "reason": command.reason, "issued_at": command.issued_at, "seen_cycle_id": command.seen_cycle_id,
                "outcome": outcome, "outcome_reason": reason, "cycle_seq": self._now.cycle_seq, "recorded_at": self._now.as_of,
                "command_hash": command.hash,
            }
        )  # fmt: skip

    def _write(self) -> None:
        self._shelf.write()
        outcomes.keep(self._connection, self._kept)
        self._kept.clear()
