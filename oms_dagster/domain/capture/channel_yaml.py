"""Values out of a channel's YAML, and what is said when one is wrong.

Belongs here: types of values. Does not belong here: which keys a channel has (`channel_file`, `channel_mapping`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ChannelError(ValueError):
    """A channel file that can't be used: one line with file, key and what is expected."""


class Reader:
    """Takes values out of a parsed YAML mapping and says what is wrong with them."""

    def __init__(self, where: str, content: Mapping[str, Any]) -> None:
        self.where = where
        self.content = content

    def fail(self, key: str, expected: str, found: object) -> ChannelError:
        """The error of a key: what is expected and what was found."""
        return ChannelError(f"{self.where}: {key}: expected {expected}, found {found!r}")

    def text(self, key: str, default: Any, expected: str = "a text", allowed: tuple[str, ...] = ()) -> Any:
        """A text, or the default where the key is missing."""
        value = self.content.get(key, default)
        if value is None and default is None:
            return None
        if not isinstance(value, str) or not value or (allowed and value not in allowed):
            raise self.fail(key, f"one of {', '.join(allowed)}" if allowed else expected, value)
        return value

    def whole(self, key: str, default: int | None) -> int | None:
        """A whole number, 0 or more."""
        value = self.content.get(key, default)
        if value is None and default is not None:
            raise self.fail(key, "a whole number, 0 or more", value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.fail(key, "a whole number, 0 or more", value)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "true or false", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "a list of texts (quote those that YAML reads otherwise, as 'NO')", value)
        return tuple(value)

    def only(self, known: tuple[str, ...]) -> None:
        """Refuse keys that are not known."""
        for key in self.content:
            if key not in known:
                raise self.fail(str(key), f"one of the keys {', '.join(known)}", key)

    def inner(self, key: str) -> Reader:
        """The mapping under a key."""
        value = self.content.get(key)
        if not isinstance(value, dict):
            raise self.fail(key, "a mapping", value)
        return Reader(f"{self.where}: {key}", value)
