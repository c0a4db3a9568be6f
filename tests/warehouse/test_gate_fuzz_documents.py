"""Damaged payloads: nothing raises, and each message ends as exactly one outcome.

300 a format; ``OMS_FUZZ=10000`` for more, or ``python -m tests.bench fuzz``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gate_desk import Desk
from payload_mutations import GOOD, mutated

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.warehouse.gate import staged

PAYLOADS = int(os.environ.get("OMS_FUZZ", "300"))
#: Payloads of one file, where they pass the whole gate.
A_FILE = 100
CODES = {"UNREADABLE", "UNSAFE_XML", "UNSUPPORTED", "NOT_AN_ORDER", "MISSING_FIELD", "CONTROL_MISMATCH"}
FORMATS = {channel: load_channels()[0][channel].format for channel in GOOD}


def parsed(channel: str, raw: bytes) -> list[Message | ParseFailure]:
    return list((staged._STREAMS | staged._WHOLE)[FORMATS[channel]](raw))


@pytest.mark.parametrize("channel", GOOD)
def test_good_payloads_are_read(channel: str) -> None:
    """What is damaged below was whole before."""
    assert all(isinstance(item, Message) for text in GOOD[channel] for item in parsed(channel, text.encode()))


@pytest.mark.parametrize("channel", GOOD)
def test_a_damaged_payload_is_read_or_refused_with_one_clear_line(channel: str) -> None:
    fields = set(staged._FIELDS[FORMATS[channel]])
    for raw in mutated(channel, PAYLOADS):
        found = parsed(channel, raw)
        assert [item.number for item in found] == list(range(1, len(found) + 1)), raw
        assert found, raw
        for item in found:
            if isinstance(item, ParseFailure):
                assert item.code in CODES, raw
                assert "\n" not in item.detail and "; " in item.detail, (item.detail, raw)
            else:
                assert item.rows and {key for row in item.rows for key in row} <= fields, raw


@pytest.mark.parametrize("channel", GOOD)
def test_every_message_of_damaged_files_ends_as_one_outcome(desk: Desk, tmp_path: Path, channel: str) -> None:
    payloads = list(mutated(channel, PAYLOADS, seed=2))
    for start in range(0, PAYLOADS, A_FILE):
        raw = b"\n".join(payloads[start : start + A_FILE])
        outcome = desk.capture(channel, raw)
        ended = outcome.accepted + outcome.duplicate + outcome.conflict + outcome.quarantined
        assert outcome.messages == ended == len(parsed(channel, raw)), start
        lines = outcome.lines_accepted + outcome.lines_quarantined + outcome.lines_duplicate + outcome.lines_conflict
        assert outcome.lines_read == lines
    logged = desk.rows("select count(*), count(distinct message_id) from facts.capture_messages")
    assert logged[0][0] == logged[0][1]
    accepted = "select count(*) from facts.capture_messages where outcome = 'accepted' and record = 'order'"
    assert desk.rows("select count(*) from facts.orders") == desk.rows(accepted)
