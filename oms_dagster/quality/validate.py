"""Running a suite over a batch with Great Expectations.

Belongs here: the bridge to Great Expectations, imported inside the function since it takes seconds. Does not belong
here: what is expected (`suites`), what becomes of a message (`warehouse.gate`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from oms_dagster.quality.rule import TAKEN, Rule

if TYPE_CHECKING:
    import pandas


#: Values of a rule whose verdict is remembered, at most; a rule with more (prices of a year) is asked again.
_REMEMBERED = 20_000
_VERDICTS: dict[tuple[object, ...], dict[object, bool]] = {}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in a batch.

    Attributes
    ----------
    failing
        Row labels of the frame whose value breaks the rule, ascending.
    checked
        Values that the rule looked at (nulls are none).
    """

    rule: Rule
    failing: tuple[int, ...]
    checked: int


def validate(rules: Sequence[Rule], frame: pandas.DataFrame) -> tuple[Finding, ...]:
    """Hold a batch against the rules of its suite.

    Parameters
    ----------
    rules
        Each looks at the column `Rule.column`.
    frame
        The batch; its index is a RangeIndex.

    Returns
    -------
    tuple of Finding
        One a rule, in the order given.

    Raises
    ------
    RuntimeError
        An expectation that couldn't be evaluated at all.
    """
    # A rule whose column is null throughout has nothing to look at: most files fill few of a record's fields.
    applying = [rule for rule in rules if frame[rule.column].notna().any()]
    if not applying:
        return tuple(Finding(rule, (), 0) for rule in rules)
    verdicts = {rule.column: _verdicts(rule.judge, frame[rule.column]) for rule in applying if rule.judge}
    batch = _definition().get_batch(batch_parameters={"dataframe": frame.assign(**verdicts)})
    import great_expectations as gx
    from great_expectations import expectations

    suite = gx.ExpectationSuite(name="suite")
    for rule in applying:
        kind: Any = getattr(expectations, rule.expectation)
        suite.add_expectation(kind(column=rule.column, meta={"code": rule.code}, **rule.parameters))
    result = batch.validate(suite, result_format="COMPLETE")
    by_code = {item.expectation_config.meta["code"]: item for item in result.results}
    return tuple(_finding(rule, by_code[rule.code]) if rule.code in by_code else Finding(rule, (), 0) for rule in rules)


def breaking(
    rules: Sequence[Rule], values: Mapping[str, Sequence[object]]
) -> tuple[tuple[Rule, tuple[object, ...]], ...]:
    """The values that break each rule.

    A value that Great Expectations has judged by a rule is not shown to it again by the same process: files repeat few
    values often, and a validation costs more than a small file.

    Parameters
    ----------
    values
        `Rule.column` -> the distinct values to look at: whole numbers or texts.
    """
    known = {rule.column: _verdicts_of(rule) for rule in rules}
    unseen = {column: [value for value in found if value not in known[column]] for column, found in values.items()}
    broken: dict[str, set[object]] = {}
    if any(unseen.values()):
        for rule, failing in _broken_by(rules, unseen):
            broken[rule.column] = set(failing)
    for column, found in unseen.items():
        verdicts = known[column]
        if len(verdicts) + len(found) <= _REMEMBERED:
            verdicts.update((value, value not in broken[column]) for value in found)
    return tuple(
        (
            rule,
            tuple(
                value
                for value in values[rule.column]
                if not known[rule.column].get(value, value not in broken.get(rule.column, ()))
            ),
        )
        for rule in rules
    )


def _verdicts_of(rule: Rule) -> dict[object, bool]:
    """Values judged so far by a rule, and whether each keeps it."""
    return _VERDICTS.setdefault((rule.code, rule.expectation, repr(rule.parameters), rule.judge), {})


def _broken_by(
    rules: Sequence[Rule], values: Mapping[str, Sequence[object]]
) -> tuple[tuple[Rule, tuple[object, ...]], ...]:
    """What Great Expectations says of values."""
    import pandas

    frame = pandas.DataFrame(
        {
            column: pandas.Series(found, dtype="Int64" if found and isinstance(found[0], int) else object)
            for column, found in values.items()
        }
    )
    return tuple(
        (finding.rule, tuple(values[finding.rule.column][place] for place in finding.failing))
        for finding in validate(rules, frame)
    )


def _verdicts(judge: Callable[[str], bool], values: pandas.Series) -> pandas.Series:
    """What the library says of each value, in its place; null stays null."""
    return values.map(lambda value: TAKEN if judge(value) else "refused", na_action="ignore")


@cache
def _definition() -> Any:
    """Great Expectations' view of "a data frame", built once a process: it costs more than a small batch."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # it would call home
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return (
        context.data_sources.add_pandas("batch")
        .add_dataframe_asset("batch")
        .add_batch_definition_whole_dataframe("batch")
    )


def _finding(rule: Rule, item: Any) -> Finding:
    if item.exception_info and item.exception_info.get("raised_exception"):
        raise RuntimeError(f"rule {rule.code} couldn't be evaluated: {item.exception_info.get('exception_message')}")
    details = item.result
    checked = details.get("element_count", 0) - details.get("missing_count", 0)
    return Finding(rule, tuple(sorted(details.get("unexpected_index_list") or ())), checked)
