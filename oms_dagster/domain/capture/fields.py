"""What a record type is made of.

Belongs here: fields, their kinds and limits. Does not belong here: which records there are (`records`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text", "code", "quantity", "amount", "price", "number", "integer", "timestamp", "date", "time", "boolean"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes
    ----------
    kind
        How text becomes a value: ``quantity`` decimal(18,3), ``amount`` decimal(18,2), ``price`` and ``number``
        decimal(18,6), ``timestamp`` UTC, ``time`` HH:MM local to its location, ``code`` trimmed text.
    required
        Missing or blank quarantines the record (MISSING_FIELD).
    choices
        Closed list, compared in lower case (NOT_IN_LIST).
    minimum, maximum
        Inclusive limits of a number (OUT_OF_RANGE).
    about
        One line for the documentation.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A record type: its natural key and its fields.

    Attributes
    ----------
    family
        ``order``, ``feed`` or ``reference``.
    key
        Fields that name the record: the same key with the same content is a duplicate, with other content a
        conflict (a new version for reference data).
    """

    name: str
    family: Literal["order", "feed", "reference"]
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    about: str

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields, in their order."""
        return tuple(field.name for field in self.fields)


def code(name: str, about: str = "", required: bool = False) -> Field:
    """A field of trimmed text: a key, or a word of a list that we don't close."""
    return Field(name, "code", required, about=about)


def choice(name: str, *choices: str, about: str = "", required: bool = True) -> Field:
    """A field with a closed list of values."""
    return Field(name, "code", required, choices, about=about)
