"""`oms hold new`: the parts of a hold type, written where they belong, as a rule that already runs.

Belongs here: what a new rule consists of. Does not belong here: what it means (docs/holds.md), or running it (dbt). The draft holds
orders above a limit: it is to be edited, the shape stays.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path


class HoldError(ValueError):
    """A hold type that can't be drafted: one line with what, where and what to do."""


_SQL = """\
-- HOLD-{dashes}. One row per order with open units that is worth more than the limit.
select
    'order' as scope,
    orders.order_id as subject_id,
    orders.order_id,
    cast(null as varchar) as order_line_id,
    cast(orders.due_base as varchar) as observed,
    cast({limit} as varchar) as threshold,
    orders.due_base - {limit} as distance,
    {currency} as unit,
    'worth ' || {total} || ', more than ' || {limit_text} as explanation,
    'cut ' || {beyond} || ' off the order' as remedy,
    {{{{ evidence({{'customer': 'orders.customer_id', 'total': 'orders.due_base'}}) }}}} as evidence,
    cast(null as timestamptz) as hold_until,
    '1' as rule_version
from {{{{ ref('int_orders__outstanding') }}}} as orders
where orders.qty_open > 0 and orders.due_base > {limit}
"""

_MODEL = """\
  - name: int_holds__{lower}
    description: "One row per order with open units that is worth more than the limit."
    config:
      meta:
        hold:
          observed: what is due
          threshold: "`{key}`"
          remedy: cut the difference
    columns: *columns
"""

_TEST = """
  - name: {lower}_holds_beyond_its_limit_by_a_cent_and_not_at_it
    model: int_holds__{lower}
    given:
      - input: ref('int_policies__in_force')
        rows:
          - {{policy_key: {key}, scope: "", value: "1000"}}
          - {{policy_key: reporting.currency, scope: "", value: GBP}}
      - input: ref('int_orders__outstanding')
        rows:
          - {{order_id: at-limit, due_base: 1000.00, qty_open: 1}}
          - {{order_id: cent-beyond, due_base: 1000.01, qty_open: 1}}
          - {{order_id: nothing-left, due_base: 1000.01, qty_open: 0}}
    expect:
      rows:
        - {{order_id: cent-beyond, observed: "1000.01", threshold: "1000.00", distance: 0.01, unit: GBP, remedy: cut 0.01 GBP off the order}}
"""


def draft_hold(project: Path, name: str, family: str, about: str) -> list[Path]:
    """Write the parts of a hold type into a dbt project; the files written.

    Parameters
    ----------
    project
        The folder of the dbt project.
    family
        A family that there is: what it blocks and who may release it are taken from its first hold type.

    Raises
    ------
    HoldError
        A name that is none, or is taken, or a family that is not known.
    """
    seed = project / "seeds" / "policies" / "hold_types.csv"
    types = list(csv.DictReader(seed.read_text(encoding="utf-8").splitlines()))
    alike = next((row for row in types if row["family"] == family), None)
    if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name):
        raise HoldError(f"hold type {name!r}: use capitals, digits and single underscores, such as PRICE_BELOW_MIN")
    if any(row["hold_type"] == name for row in types):
        raise HoldError(f"hold type {name}: there is one already in {seed.name}: choose another name")
    if alike is None:
        raise HoldError(
            f"family {family!r}: not known: use one of {', '.join(sorted({row['family'] for row in types}))}"
        )
    if not about.strip() or "\n" in about:
        raise HoldError(
            "--about: say in one line what the hold states, such as 'The order is worth more than goes without a look'"
        )
    return _write(project, seed, alike, name, about.strip())


def _write(project: Path, seed: Path, alike: Mapping[str, str], name: str, about: str) -> list[Path]:
    lower, key = name.lower(), f"{name.lower()}.limit"
    folder = project / "models" / "intermediate" / "screening" / "holds"
    rule, policies, properties = (
        folder / f"int_holds__{lower}.sql",
        seed.with_name("policies.csv"),
        folder / "_holds__models.yml",
    )
    macro = project / "macros" / "holds.sql"
    limit, currency = f"{{{{ policy('{key}', 'decimal(18,2)') }}}}", "{{ policy('reporting.currency') }}"
    said = {
        "total": "{{ money_text('orders.due_base', policy('reporting.currency')) }}",
        "limit_text": f"{{{{ money_text(policy('{key}', 'decimal(18,2)'), policy('reporting.currency')) }}}}",
        "beyond": f"{{{{ money_text('orders.due_base - ' ~ policy('{key}', 'decimal(18,2)'), policy('reporting.currency')) }}}}",
    }
    rule.write_text(
        _SQL.format(dashes=name.replace("_", "-"), limit=limit, currency=currency, **said), encoding="utf-8"
    )
    _append(seed, {**alike, "hold_type": name, "band": "prepare", "sla_hours": "24", "about": about})
    _append(
        policies,
        {
            "policy_key": key,
            "scope": "",
            "value": "1000",
            "kind": "number",
            "about": f"{about}: above this (reporting currency)",
        },
    )
    text = macro.read_text(encoding="utf-8")
    end = text.index("],", text.index("'prepare': ["))
    macro.write_text(f"{text[:end].rstrip()}\n            '{lower}',\n        {text[end:]}", encoding="utf-8")
    models, tests = properties.read_text(encoding="utf-8").split("\nunit_tests:\n", 1)
    model, test = _MODEL.format(lower=lower, key=key), _TEST.format(lower=lower, key=key)
    properties.write_text(f"{models}{model}\nunit_tests:\n{tests}{test}", encoding="utf-8")
    return [rule, seed, policies, macro, properties]


def _append(path: Path, row: Mapping[str, str]) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row.values())
