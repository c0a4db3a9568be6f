"""The Great Expectations suite of each channel, said as data.

Belongs here: which rules a channel has. Does not belong here: whether a text is a number (`warehouse.gate.typed`),
running a suite (`validate`), holds (the screening stage: a rule means that the message can't be right, a hold that the
order must wait).
"""

from __future__ import annotations

from collections.abc import Mapping

from oms_dagster.domain.capture import cxml, edifact, json_orders, shopify, ubl, x12
from oms_dagster.domain.capture.channel import Channel, Expression
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.quality.orders import order_rules
from oms_dagster.quality.records import FEED_RULES, REFERENCE_RULES
from oms_dagster.quality.rule import Rule, matches

_DOCUMENT_FIELDS = {
    "shopify": frozenset(shopify.FIELDS), "x12": frozenset(x12.FIELDS), "edifact": frozenset(edifact.FIELDS),
    "ubl": frozenset(ubl.FIELDS), "cxml": frozenset(cxml.FIELDS),
}  # fmt: skip


def _given(channel: Channel) -> frozenset[str] | None:
    """Fields that the channel's documents can give; None for rows and columns."""
    if channel.format == "json-orders":
        return frozenset(json_orders.fields_of(channel))
    return _DOCUMENT_FIELDS.get(channel.format)


def _is_idle(rule: Rule, channel: Channel) -> bool:
    """Whether the channel's mapping alone keeps the rule: a constant, or both ends of a window from one column."""
    mappings = [shape.fields for shape in channel.documents] or [channel.fields]
    return all(_is_kept_by(mapping, rule) for mapping in mappings)


def _is_kept_by(mapping: Mapping[str, Expression], rule: Rule) -> bool:
    sources = [mapping.get(need) for need in rule.needs]
    return any(source is not None and source.how == "value" for source in sources) or (
        len(sources) == 2 and sources[0] is not None and sources[0] == sources[1]
    )


def rules_for(channel: Channel) -> tuple[Rule, ...]:
    """The channel's suite, in the order in which a message that breaks several is named."""
    record = channel.contract
    if record is ORDER:
        given = _given(channel)
        rules = (r for r in order_rules(channel) if not _is_idle(r, channel))
        # A document has one header, and gives some fields only.
        return tuple(r for r in rules if given is None or (set(r.needs) <= given and r.code != "HEADER_DIFFERS"))
    if record.family == "feed":
        return FEED_RULES[record.name]
    key = record.key[0]
    code = matches(
        "KEY_PATTERN",
        key,
        key,
        r"^[^|\s](?:[^|]{0,62}[^|\s])?$",
        "a code of at most 64 characters without |",
        "keys are joined by | where there are several",
    )
    return (code, *REFERENCE_RULES.get(record.name, ()))
