"""One writer of the contest in test_command_writers.py: run as a thread, or as a process with its own interpreter."""

from __future__ import annotations

import random
import sys

from oms_dagster.operations.commands import CommandError, CommandRequest, append
from oms_dagster.operations.store import open_store

TARGETS = 100


def write(url: str, writer: int, targets: int = TARGETS) -> tuple[list[str], list[str], int]:
    """Claim each target under a key that all writers share, and append one command of its own on each.

    Returns the ids of the claims won, the ids of its own commands, and how many claims were refused.
    """
    store = open_store(url)
    order = list(range(targets))
    random.Random(writer).shuffle(order)
    won: list[str] = []
    own: list[str] = []
    refused = 0
    for number in order:
        load = f"load-{number}"
        claim = CommandRequest(
            type="load.lock", target=load, reason=f"writer {writer}", idempotency_key=f"claim {load}"
        )
        try:
            won.append(append(store, claim).command.command_id)
        except CommandError:
            refused += 1
        own.append(append(store, CommandRequest(type="load.unlock", target=load, reason="own")).command.command_id)
        print(own[-1], flush=True) if __name__ == "__main__" else None
    store.close()
    return won, own, refused


if __name__ == "__main__":
    claims, _, lost = write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    print("won", *claims)
    print("refused", lost)
