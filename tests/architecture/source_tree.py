"""What the tests of the architecture look at: source files, their imports and their calls, read without running them.

Belongs here: walking the checkout. Does not belong here: which import is allowed (the tests say that).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "oms_dagster"
DBT = CHECKOUT / "dbt_project"
TOWER = CHECKOUT / "apps" / "streamlit"
API = CHECKOUT / "apps" / "api"


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a file imports, with the names taken from it, and whether the import waits inside a function."""

    file: Path
    module: str
    names: tuple[str, ...]
    lazy: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(CHECKOUT)} imports {self.module}"


def python_files(*folders: Path) -> list[Path]:
    """Python files below some folders, in order."""
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


def imports(file: Path) -> Iterator[Import]:
    """Every import of a file, relative ones resolved; one for type checkers alone counts like any other."""
    inside = {
        id(node)
        for function in ast.walk(tree(file))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    package = file.relative_to(CHECKOUT).parent.parts
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, alias.name, (), id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield Import(file, module, tuple(alias.name for alias in node.names), id(node) in inside)


def project_modules(found: Import) -> tuple[str, ...]:
    """Modules of this project that an import reaches: `from oms_dagster.warehouse import read` reaches warehouse.read."""
    if found.module.split(".")[0] != "oms_dagster":
        return ()
    inside = found.module.removeprefix("oms_dagster").strip(".")
    folder = PACKAGE.joinpath(*inside.split(".")) if inside else PACKAGE
    if not folder.is_dir():
        return (inside,)
    reached = [
        f"{inside}.{name}".strip(".")
        for name in found.names
        if (folder / name).is_dir() or (folder / f"{name}.py").exists()
    ]
    return tuple(reached) or (inside,)


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute chain; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""
