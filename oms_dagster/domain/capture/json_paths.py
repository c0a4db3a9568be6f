"""Paths into JSON, and the expressions of a mapping read by them.

Belongs here: the language of paths, sums and lookups over one document. Does not belong here: the same language over
columns of a flat file (`warehouse.mapping`), or rows and messages (`json_orders`).

A path is keys with points between them. After a key may stand ``[0]`` (the element at that place), ``[*]`` (each
element), ``[type=TAX]`` (elements whose ``type`` is TAX; ``TAX*`` for a beginning, nothing for none, ``$id`` for what the row's
element has as ``id``) or ``[=text]`` (elements that are this text); a filter asks what is no list itself. A path that begins with ``^.``
starts at the order, not at the element of its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from oms_dagster.domain.capture.channel import Expression

_STEP = re.compile(r"([^.\[\]]+|\^)((?:\[[^\]]*\])*)(?:\.|$)")
_MICRO = Decimal("0.000001")
#: Wide enough for the ratio of the largest to the smallest number that `number_of` lets through.
_WIDE = Context(prec=120)
#: No amount has so many digits; more would make sums of Decimals inexact.
_LONGEST = 24


class BadValue(ValueError):
    """A value that is no number, where one is needed to go on."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a document: the value, and the order that it belongs to."""

    value: Any
    top: Node | None = None


Read = Callable[[Node], str | None]
#: A key, a place, or a filter (key or None, text, whether the text is only the beginning); "*" is each element.
_Step = str | int | tuple[str | None, str, bool]


def check_path(path: str) -> str | None:
    """What is wrong with a path, or None."""
    try:
        _steps(path)
    except ValueError as error:
        return str(error)
    return None


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[bool, tuple[tuple[str, _Step], ...]]:
    """Whether the path starts at the order, and its steps: ``key``, ``each``, ``at``, ``if``."""
    steps: list[tuple[str, _Step]] = []
    end = 0
    while end < len(path):
        match = _STEP.match(path, end)
        if match is None or match.end() == end:
            raise ValueError(f"no path at {path[end:]!r}: write keys with points, as shipping.lines[*].price")
        steps.append(("key", match[1]))
        for inside in re.findall(r"\[([^\]]*)\]", match[2]):
            steps.append(_bracket(inside))
        end = match.end()
    if not steps:
        raise ValueError("an empty path")
    upward = steps[0] == ("key", "^")
    return upward, tuple(steps[1:] if upward else steps)


def _bracket(inside: str) -> tuple[str, _Step]:
    if inside == "*":
        return ("each", "*")
    if inside.isdigit():
        return ("at", int(inside))
    key, sign, text = inside.partition("=")
    if not sign:
        raise ValueError(f"no path at [{inside}]: write [0], [*], [key=text] or [=text]")
    return ("if", (key or None, text.removesuffix("*"), text.endswith("*")))


def matches(path: str, node: Node) -> list[Any]:
    """All values that a path leads to, nulls left out."""
    upward, steps = _steps(path)
    values = [(node.top or node).value if upward else node.value]
    for kind, step in steps:
        if kind == "key":
            values = [value[step] for value in values if isinstance(value, dict) and value.get(step) is not None]
        elif kind == "at":
            values = [v[step] for v in values if isinstance(v, list) and isinstance(step, int) and step < len(v)]
        else:
            lists = [
                value if isinstance(value, list) else [value]
                for value in values
                if kind == "if" or isinstance(value, list)
            ]
            values = [item for value in lists for item in value]
            if kind == "if" and isinstance(step, tuple):
                values = [item for item in values if _is_chosen(item, step, node)]
    return [value for value in values if value is not None]


def _is_chosen(item: Any, step: tuple[str | None, str, bool], node: Node) -> bool:
    key, wanted, begins = step
    if wanted.startswith("$"):
        own = text_of(node.value.get(wanted[1:])) if isinstance(node.value, dict) else None
        if own is None:
            return False
        wanted = own
    found = item if key is None else item.get(key) if isinstance(item, dict) else None
    text = text_of(found) or ""
    return text.startswith(wanted) if begins else text == wanted


def found_by(path: str, node: Node) -> Any:
    """The first value that a path leads to, or None."""
    found = matches(path, node)
    return found[0] if found else None


def text_of(value: Any) -> str | None:
    """A JSON value as trimmed text; None for null, blank, objects and lists."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None or isinstance(value, dict | list):
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def number_of(value: Any) -> Decimal | None:
    """A JSON value as a number; None for what is blank.

    Raises
    ------
    BadValue
        Something else than a finite number of believable length.
    """
    text = text_of(value)
    if text is None:
        return None
    try:
        number = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        raise BadValue(f"found {text[:40]!r}; expected a number such as 12.50")
    return number


def plain(number: Decimal) -> str:
    """A number as plain text, without exponent, at most six decimals."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        number = number.quantize(_MICRO, ROUND_HALF_UP, _WIDE)
    return format(number, "f")


def reads(fields: Mapping[str, Expression]) -> tuple[tuple[str, Read], ...]:
    """The expressions of a mapping, ready to be read from documents."""
    return tuple((name, read_of(expression)) for name, expression in fields.items())


def read_of(expression: Expression) -> Read:
    """An expression, ready to be read from documents."""
    plainly = _plainly(expression)
    numeric = expression.scale != 0 or expression.negate or expression.absolute
    if not numeric and expression.part is None and not expression.lookup and not expression.is_closed:
        return plainly

    def read(node: Node) -> str | None:
        text = plainly(node)
        if text is not None and expression.part is not None:
            separator, place = expression.part
            pieces = text.split(separator)
            text = pieces[place - 1].strip() or None if place <= len(pieces) else None
        if text is not None and numeric:
            text = _turned(text, expression)
        if expression.lookup or expression.is_closed:
            rest = expression.otherwise if expression.is_closed else text
            return rest if text is None else expression.lookup.get(text.lower(), rest)
        return text

    return read


def _turned(text: str, expression: Expression) -> str:
    number = number_of(text) or Decimal(0)
    number = number.scaleb(expression.scale)
    number = abs(number) if expression.absolute else number
    return plain(-number if expression.negate else number)


def _plainly(expression: Expression) -> Read:
    how, columns = expression.how, expression.columns
    if how == "value":
        return lambda node: expression.value
    if how in ("column", "first"):
        return _simple(columns[0]) if len(columns) == 1 else lambda node: _first(columns, node)
    if how == "join":
        return lambda node: (
            expression.separator.join(
                text for column in columns for value in matches(column, node) if (text := text_of(value))
            )
            or None
        )
    return {"product": _product, "ratio": _ratio, "sum": _sum}[how](expression)


def _simple(path: str) -> Read:
    upward, steps = _steps(path)
    keys = [step for kind, step in steps if kind == "key" and isinstance(step, str)]
    if len(keys) < len(steps):
        return lambda node: _first((path,), node)

    def read(node: Node) -> str | None:
        value = (node.top or node).value if upward else node.value
        for key in keys:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return text_of(value)

    return read


def _first(paths: tuple[str, ...], node: Node) -> str | None:
    for path in paths:
        for value in matches(path, node):
            text = text_of(value)
            if text is not None:
                return text
    return None


def _pair(expression: Expression, node: Node) -> tuple[Decimal, Decimal] | None:
    first, second = (number_of(_first((column,), node)) for column in expression.columns)
    return None if first is None or second is None else (first, second)


def _product(expression: Expression) -> Read:
    def read(node: Node) -> str | None:
        pair = _pair(expression, node)
        return None if pair is None else plain(pair[0] * pair[1])

    return read


def _ratio(expression: Expression) -> Read:
    def read(node: Node) -> str | None:
        pair = _pair(expression, node)
        return (
            None if pair is None or not pair[1] else plain((pair[0] / pair[1]).quantize(_MICRO, ROUND_HALF_UP, _WIDE))
        )

    return read


def _sum(expression: Expression) -> Read:
    def read(node: Node) -> str | None:
        added = _numbers(expression.columns, node)
        taken = _numbers(expression.less, node)
        return plain(sum(added, Decimal(0)) - sum(taken, Decimal(0))) if added else None

    return read


def _numbers(paths: tuple[str, ...], node: Node) -> list[Decimal]:
    found = (number_of(value) for path in paths for value in matches(path, node))
    return [number for number in found if number is not None]
