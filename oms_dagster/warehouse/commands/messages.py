"""Commands about captured messages: those in quarantine and those in conflict.

Belongs here: which of them may still be settled, and what settling does. Does not belong here: the gate, which judges a
message that is read again as it judges any other.
"""

from __future__ import annotations

from typing import Any

from oms_dagster.domain.capture.records import LATEST_COUNTS
from oms_dagster.warehouse import gate, ledger
from oms_dagster.warehouse.commands.orders import cancel_order
from oms_dagster.warehouse.commands.room import Effect, Issued, Rejected, Room
from oms_dagster.warehouse.gate.staged import Only
from oms_dagster.warehouse.read import rows

SETTLING = ("message.dismiss", "message.correct", "message.retry", "message.conflict_resolve")


def dismiss(room: Room, command: Issued) -> str:
    _unsettled(room, command, "quarantined", "conflict")
    return "dismissed: its bytes stay in the archive"


def correct(room: Room, command: Issued) -> str:
    """Read it again with some fields changed; the original stays as it came."""
    message = _unsettled(room, command, "quarantined")
    changes = tuple(_change(line) for line in str(command.payload.get("changes", "")).splitlines() if line)
    return _read_again(room, command, message, Only(message["position"], changes))


def retry(room: Room, command: Issued) -> str:
    """Read it again as it came: the channel's file or what it refers to may have been mended."""
    message = _unsettled(room, command, "quarantined")
    return _read_again(room, command, message, Only(message["position"]))


def resolve_conflict(room: Room, command: Issued) -> str:
    message = _unsettled(room, command, "conflict")
    resolution = command.payload.get("resolution")
    if resolution == "keep":
        return "the first content counts"
    record = message["record"]
    if record != "order" and (resolution == "cancel" or record not in LATEST_COUNTS):
        raise Rejected(
            f"{command.target} is a record of {record}, booked when it came: keep it, and send one that corrects it under a key of its own"
            if resolution == "replace"
            else f"{command.target} is a record of {record}: only an order can be cancelled"
        )
    if resolution == "cancel":
        return cancel_order(room, command)
    return _read_again(room, command, message, Only(message["position"], replaces=True))


def _unsettled(room: Room, command: Issued, *outcomes: str) -> dict[str, Any]:
    found = rows(room.connection, "select * from facts.capture_messages where message_id = ?", [command.target])
    if not found or found[0]["outcome"] not in outcomes:
        raise Rejected(f"{command.target} is no message in {' or '.join(_WORDS[o] for o in outcomes)} that we know")
    settled = rows(
        room.connection,
        "select type, actor from facts.commands where target = ? and outcome = 'accepted' and list_contains(?, type) limit 1",
        [command.target, list(SETTLING)],
    )
    if settled:
        raise Rejected(f"{command.target} is settled already: {settled[0]['type']} by {settled[0]['actor']}")
    return found[0]


_WORDS = {"quarantined": "quarantine", "conflict": "conflict"}


def _change(line: str) -> tuple[int | None, str, str]:
    """``ROW:FIELD=VALUE`` or ``FIELD=VALUE``, as the catalogue has checked it."""
    where, _, value = line.partition("=")
    row, colon, field = where.rpartition(":")
    return (int(row) if colon else None), field, value


def _read_again(room: Room, command: Issued, message: dict[str, Any], only: Only) -> str:
    if room.archive is None:
        raise Rejected("no archive is at hand: send it from the home that captured it")
    sha256 = message["file_sha256"]
    raw = room.archive.folder / sha256[:2] / sha256
    if not raw.exists():
        raise Rejected(f"the file {sha256} is gone from the archive: bring it back from a backup")
    try:
        outcome = gate.capture_message(
            room.connection, room.archive.channels, raw, only, file_name=f"{message['file_name']}#{message['position']}-{command.command_id[:8]}",
            channel=message["channel"], modified_ns=command.sequence, cycle_seq=room.now.cycle_seq, as_of=room.now.as_of,
        )  # fmt: skip
    except ValueError as error:
        raise Rejected(str(error)) from None
    if outcome.outcome == "conflict":
        raise Rejected(
            f"{outcome.order_id or message['message_key']} is known with other content: it would be a conflict"
        )
    if outcome.outcome == "quarantined":
        raise Rejected(f"it would be quarantined still: {outcome.error_code}, {outcome.error_detail}")
    if outcome.outcome == "duplicate":
        return "it is in already: nothing new"
    if outcome.order_id:
        ledger.settle_order(room.connection, outcome.order_id, room.now)
        return f"accepted as {outcome.order_id}"
    return "accepted"


SETTLES: dict[str, Effect] = {
    "message.dismiss": dismiss,
    "message.correct": correct,
    "message.retry": retry,
    "message.conflict_resolve": resolve_conflict,
}
