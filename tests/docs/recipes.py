"""The recipes of docs/extending.md as changes to a checkout and a home.

A fenced block says behind its language what is done with it: `file=PATH` (a new file), `append=PATH`,
`insert=PATH after=TEXT` or `before=TEXT` (the one line that contains TEXT), `home-file=PATH`, `home-sql`,
`checkout-command` (`oms …`, typed in the checkout).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from oms_dagster.settings import CHECKOUT

PAGE = CHECKOUT / "docs" / "extending.md"
_BLOCK = re.compile(
    r"^```(\w+) ([a-z-]+)(?:=(\S+))?(?: (after|before)=([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Step:
    """One block: what is done (`how`) with its text, where."""

    recipe: str
    how: str
    path: str
    side: str
    anchor: str
    text: str


def steps() -> list[Step]:
    """All blocks that change something, in the order of the page."""
    page = PAGE.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(page):
        recipe = re.findall(r"^## (.+)$", page[: match.start()], flags=re.MULTILINE)[-1]
        _, how, path, side, anchor, text = match.groups()
        found.append(Step(recipe, how, path or "", side or "", anchor or "", text))
    return found


def apply(step: Step, checkout: Path, home: Path) -> None:
    """Do one step.

    Raises
    ------
    LookupError
        No line, or more than one, contains the anchor: the page is stale.
    """
    if step.how in ("home-sql", "checkout-command"):
        return
    target = (home if step.how == "home-file" else checkout) / step.path
    if step.how in ("file", "home-file"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(step.text, encoding="utf-8")
        return
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    if step.how == "append":
        assert lines[-1].endswith("\n"), f"{step.path} ends in the middle of a line"
        at = len(lines)
    else:
        places = [number for number, line in enumerate(lines) if step.anchor in line]
        if len(places) != 1:
            raise LookupError(f"{step.recipe}: {len(places)} lines of {step.path} contain {step.anchor!r}")
        at = places[0] + (step.side == "after")
    target.write_text("".join([*lines[:at], step.text, *lines[at:]]), encoding="utf-8")
