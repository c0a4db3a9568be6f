"""Prints docs/commands.md from the catalogue of commands: `python docs/print_commands.py`."""

from __future__ import annotations

from pathlib import Path

from oms_dagster.operations.access import CAPABILITIES, ROLE_LIMITS, ROLES, includes
from oms_dagster.operations.catalogue import CommandDescription, FieldDescription, describe

PAGE = Path(__file__).with_name("commands.md")

_INTRODUCTION = """# Commands

Printed from `oms_dagster/operations/catalogue.py` by `python docs/print_commands.py`; a test compares the two.

A command is what a person or a device asks for: type, target, reason, and fields of its type. It is appended to the
operations store and never changed. The next cycle accepts or rejects it against the state that it finds and publishes
the outcome with the reason in `marts.commands`; until then it is pending. The same idempotency key appends nothing twice.

```
oms command TYPE --target ID --reason TEXT [--set field=value]...
```
"""


def as_markdown() -> str:
    """The page: all types in a table, then each with its fields, then the roles."""
    found = describe()
    parts = [
        _INTRODUCTION,
        "| type | acts on | what it does | may be sent by | undone by |",
        "| --- | --- | --- | --- | --- |",
    ]
    for c in found:
        link = f"[{c.type}](#{c.type.replace('.', '')})"
        parts.append(f"| {link} | {c.target} | {c.summary} | {', '.join(c.roles)} | {c.inverse or '-'} |")
    for command in found:
        parts.append(_section(command))
    parts += [
        "\n## Roles\n",
        "Above the amount (reporting currency) a command waits until somebody else, whose limit covers it, approves it.\n",
        "| role | capabilities | alone up to |",
        "| --- | --- | --- |",
    ]
    parts += [
        f"| {role} | {', '.join(f'`{c}`' for c in sorted(held)) or 'looks, sends nothing'} | {_limits(role)} |"
        for role, held in ROLES.items()
    ]
    parts += [
        "\n## Capabilities\n",
        "Holding one includes those below it.\n",
        "| capability | allows to | roles |",
        "| --- | --- | --- |",
    ]
    for name, what in CAPABILITIES.items():
        roles = [role for role, held in ROLES.items() if any(includes(one, name) for one in held)]
        parts.append(f"| `{name}` | {what} | {', '.join(roles) or '-'} |")
    return "\n".join(parts) + "\n"


def _limits(role: str) -> str:
    said = ", ".join(f"`{name}` {top:,.0f}" for name, top in ROLE_LIMITS.get(role, {}).items())
    return said or ("no limit" if ROLES[role] else "-")


def _section(command: CommandDescription) -> str:
    lines = [f"\n## {command.type}\n", f"{command.summary} Needs `{command.capability}`.\n"]
    if not command.fields:
        return "\n".join([*lines, "No fields: type and target say it all.\n", _example(command)])
    lines += ["| field | kind | required | what |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{f.name}` | {_kind(f)} | {'yes' if f.required else _default(f)} | {f.description} |"
        for f in command.fields
    ]
    return "\n".join([*lines, "", _example(command)])


def _kind(field: FieldDescription) -> str:
    return " \\| ".join(f"`{choice}`" for choice in field.choices) or field.kind


def _default(field: FieldDescription) -> str:
    return f"no: `{field.default}`" if field.default else "no"


def _example(command: CommandDescription) -> str:
    sets = "".join(
        f" --set {f.name}={f.choices[0] if f.choices else f.name.upper()}" for f in command.fields if f.required
    )
    return f'```\noms command {command.type} --target ID --reason "why"{sets}\n```'


if __name__ == "__main__":
    PAGE.write_text(as_markdown(), encoding="utf-8")
