"""What may stand in a channel's YAML does something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import oms_dagster
from oms_dagster.domain.capture.channel import Channel, Expectations
from oms_dagster.domain.capture.channel_file import parse_text

PACKAGE = Path(oms_dagster.__file__).parent
#: What parses the settings and what prints them for people reads all of them, and does nothing with them.
_NO_READERS = ("channel_file.py", "channel_mapping.py", "pages.py")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name not in _NO_READERS)


@pytest.mark.parametrize("key", sorted({*Channel.__dataclass_fields__, *Expectations.__dataclass_fields__} - {"about"}))
def test_each_setting_of_a_channel_is_read_by_something(key: str) -> None:
    """Regression: `unknown_customer: hold`, the remorse window and the cut-off stood in shipped files and did nothing."""
    assert re.search(rf"\b(?:channel|settings|expect)\.{key}\b", CODE)


def test_a_channel_without_a_remorse_window_has_that_of_the_policies() -> None:
    assert parse_text("a", "record: order\nformat: csv\n", "a.yml").remorse_minutes is None
    assert parse_text("a", "record: order\nformat: csv\nremorse_minutes: 0\n", "a.yml").remorse_minutes == 0
