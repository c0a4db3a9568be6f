"""Interchanges read through a window: what is found doesn't depend on how much of the file is in sight."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from test_edifact import interchange as edifact_interchange
from test_x12 import BODY
from test_x12 import interchange as x12_interchange

from oms_dagster.domain.capture import text_window
from oms_dagster.domain.capture.edifact import parse_edifact
from oms_dagster.domain.capture.messages import ParseFailure
from oms_dagster.domain.capture.x12 import parse_x12

GOOD: dict[str, tuple[Callable[..., Iterator[object]], list[str]]] = {
    "x12": (parse_x12, [x12_interchange(BODY), x12_interchange(BODY, after="\r\n"), "no interchange at all", "\n \n"]),
    "edifact": (
        parse_edifact,
        [edifact_interchange(["BGM+220+P1+9", "LIN+1++4006381333931:EN", "QTY+21:2"]), "UNA:+.? '\n", "STX=ANA", " \n"],
    ),
}


@pytest.mark.parametrize("form", GOOD)
def test_any_stretches_are_the_same_read_at_once_or_a_few_bytes_at_a_time(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse, parts = GOOD[form]
    dice = random.Random(form)
    for _ in range(200):
        text = "".join(dice.choices(parts, k=dice.randint(1, 8)))
        start, size = dice.randrange(len(text)), dice.choice((0, 0, 1, 30, 400))
        raw = (text[:start] + text[start + size :] + dice.choice(("", "ü"))).encode(dice.choice(("utf-8", "latin-1")))
        monkeypatch.setattr(text_window, "_BYTES", 1 << 20)
        whole = list(parse(raw))
        monkeypatch.setattr(text_window, "_BYTES", dice.choice((1, 7, 300)))
        assert list(parse(raw)) == whole, raw


@pytest.mark.parametrize("form", GOOD)
def test_an_interchange_without_end_is_refused_with_one_line(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parse, (good, *_) = GOOD[form]
    monkeypatch.setattr(text_window, "_BYTES", 1000)
    monkeypatch.setattr(text_window, "LONGEST", 3000)
    terminator = good.rstrip()[-1]
    read = list(parse((good + good[:-30] + f"{terminator}XXX" * 3000).encode()))
    assert not isinstance(read[0], ParseFailure)
    assert isinstance(read[-1], ParseFailure)
    assert "shorter" in read[-1].detail
