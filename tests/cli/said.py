"""What the `oms` command answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def failed_with(self, *words: str) -> bool:
        """Exit code 1 and one line on standard error with these words, which starts by saying who speaks."""
        one_line = self.err.startswith("oms: ") and self.err.count("\n") == 1 and "Traceback" not in self.err
        return self.code == 1 and one_line and all(word in self.err for word in words)


Oms = Callable[..., Said]
