"""The walls between the layers, read off the imports: dependencies point downwards only."""

from __future__ import annotations

import ast
import re

import pytest
from source_tree import API, CHECKOUT, DBT, PACKAGE, TOWER, dotted, imports, project_modules, python_files, tree

#: What each layer may import of this project, by the first part of the module (`warehouse.connect`: exactly that one).
MAY_IMPORT = {
    "domain": ("domain",),
    "operations": ("operations", "chain"),
    "quality": ("quality", "domain", "settings"),
    "warehouse": ("warehouse", "domain", "quality", "settings", "cycle", "crash", "disk", "chain"),
    "defs": (
        "defs",
        "domain",
        "warehouse",
        "operations",
        "quality",
        "settings",
        "cycle",
        "journey",
        "home",
        "crash",
        "disk",
        "road_router",
    ),
}
#: The tower reads published tables and appends commands; it never meets the writer, the assets or the job.
TOWER_MAY_IMPORT = (
    "operations", "domain", "journey", "settings", "home", "cycle", "warehouse.connect", "warehouse.publish", "warehouse.story",
    "warehouse.commands", "warehouse.payload", "warehouse.outcomes", "warehouse.policies", "warehouse.rehearsal", "warehouse.phone_promise",
    "warehouse.why", "warehouse.dispatch", "warehouse.run_sheet", "warehouse.shape", "road_router", "chain", "audit", "access_actions",
)  # fmt: skip
#: The API writes into the inbox, reads published tables and appends commands: no cycle, no capture.
API_MAY_IMPORT = ("domain", "inbox", "settings", "home", "operations", "warehouse.connect", "warehouse.commands.stakes")
OUTSIDE_THE_DOMAIN = (
    "dagster",
    "dagster_dbt",
    "duckdb",
    "sqlalchemy",
    "streamlit",
    "pandas",
    "dbt",
    "great_expectations",
    "os",
)


def allowed(module: str, walls: tuple[str, ...]) -> bool:
    return any(module == wall or module.startswith(f"{wall}.") for wall in walls)


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    wrong = [
        str(found)
        for file in python_files(PACKAGE / layer)
        for found in imports(file)
        for module in project_modules(found)
        if not allowed(module, MAY_IMPORT[layer])
    ]
    assert not wrong, "\n".join(wrong)


def test_the_domain_knows_no_framework_no_database_and_no_environment() -> None:
    wrong = [
        str(found)
        for file in python_files(PACKAGE / "domain")
        for found in imports(file)
        if allowed(found.module, OUTSIDE_THE_DOMAIN)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_tower_reads_published_tables_and_appends_commands_and_touches_nothing_else() -> None:
    wrong = []
    for file in python_files(TOWER):
        for found in imports(file):
            if allowed(found.module, ("dagster", "dbt", "dagster_dbt")):
                wrong.append(str(found))
            wrong += [str(found) for module in project_modules(found) if not allowed(module, TOWER_MAY_IMPORT)]
            if "writer" in found.names:
                wrong.append(f"{found}.writer")
    assert not wrong, "\n".join(wrong)


def test_the_api_reads_published_tables_appends_commands_and_writes_into_the_inbox_alone() -> None:
    wrong = [
        str(found)
        for file in python_files(API)
        for found in imports(file)
        if allowed(found.module, ("dagster", "dbt", "duckdb", "sqlalchemy", "streamlit"))
        or "writer" in found.names
        or any(not allowed(module, API_MAY_IMPORT) for module in project_modules(found))
    ]
    assert not wrong, "\n".join(wrong)


def test_dagster_and_great_expectations_are_not_imported_before_they_are_needed() -> None:
    """`oms --help`, `oms query` and the tower must not pay seconds for what they do not use."""
    slow = ("dagster", "dagster_dbt", "great_expectations", "dbt", "streamlit", "pandas")
    files = [f for f in python_files(PACKAGE) if not {"defs", "quality"} & set(f.parts) and f.name != "definitions.py"]
    gate = ("oms_dagster.quality.validate", "oms_dagster.definitions", "oms_dagster.defs")
    wrong = [
        str(found)
        for file in files
        for found in imports(file)
        if not found.lazy and allowed(found.module, (*slow, *gate))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_settings_reads_the_environment() -> None:
    """Writing it is how a child library is told: dbt's profile (defs/dbt), Dagster's home (cli), Great Expectations' silence (quality)."""
    may_write = {"oms_dagster/cli.py", "oms_dagster/defs/dbt.py", "oms_dagster/quality/validate.py"}
    wrong = []
    for file in python_files(PACKAGE, TOWER, API):
        name = str(file.relative_to(CHECKOUT))
        if name == "oms_dagster/settings.py":
            continue
        written = {
            id(node)
            for statement in ast.walk(tree(file))
            for node in (
                [t.value for t in statement.targets if isinstance(t, ast.Subscript)]
                if isinstance(statement, ast.Assign)
                else [statement.func.value]
                if isinstance(statement, ast.Call)
                and isinstance(statement.func, ast.Attribute)
                and statement.func.attr == "setdefault"
                else []
            )
        }
        for node in ast.walk(tree(file)):
            if dotted(node) in ("os.environ", "os.getenv", "os.environb") and not (
                id(node) in written and name in may_write
            ):
                wrong.append(f"{name}:{node.lineno} {dotted(node)}")
    assert not wrong, "\n".join(wrong)


CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now", "datetime.datetime.utcnow", "date.today",
    "datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.sleep",
}  # fmt: skip


def test_the_domain_reads_no_clock_and_draws_nothing_without_a_seed() -> None:
    """`time.monotonic` is allowed: it is the fuse, and what it did is recorded in the report."""
    wrong = []
    for file in python_files(PACKAGE / "domain"):
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.Call):
                continue
            called = dotted(node.func)
            seeded = called in ("random.Random", "np.random.default_rng", "numpy.random.default_rng") and (
                node.args or node.keywords
            )
            drawn = called.startswith(("random.", "np.random.", "numpy.random.", "secrets.", "uuid.")) and not seeded
            if called in CLOCKS or drawn:
                wrong.append(f"{file.relative_to(CHECKOUT)}:{node.lineno} {called}")
        wrong += [
            str(found)
            for found in imports(file)
            if (found.module == "time" and set(found.names) - {"monotonic"})
            or (found.module == "random" and set(found.names) - {"Random"})
        ]
    assert not wrong, "\n".join(wrong)


_VOLATILE = re.compile(
    r"\b(now|today|random|uuid|uuidv[47]|gen_random_uuid|get_current_timestamp|get_current_time|setseed|txid_current)\s*\("
    r"|\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b",
    re.IGNORECASE,
)


def test_no_model_macro_or_law_reads_a_clock_or_draws() -> None:
    wrong = []
    for file in sorted(path for folder in ("models", "macros", "tests") for path in (DBT / folder).rglob("*.sql")):
        text = re.sub(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/|'[^']*'", " ", file.read_text(), flags=re.DOTALL)
        wrong += [f"{file.relative_to(CHECKOUT)}: {found.group()}" for found in _VOLATILE.finditer(text)]
    assert not wrong, "\n".join(wrong)


def test_no_file_outgrows_four_hundred_lines() -> None:
    """A file that outgrows about 300 lines becomes a folder of the same name."""
    lines = {
        str(f.relative_to(CHECKOUT)): len(f.read_text().splitlines()) for f in python_files(PACKAGE, CHECKOUT / "apps")
    }
    assert not {name: count for name, count in lines.items() if count > 400}


def test_every_public_function_of_the_domain_says_what_it_is() -> None:
    silent = []
    for file in python_files(PACKAGE / "domain"):
        found = [(node, "") for node in tree(file).body]
        found += [
            (inner, f"{node.name}.")
            for node, _ in found
            if isinstance(node, ast.ClassDef) and node.name[0] != "_"
            for inner in node.body
        ]
        silent += [
            f"{file.relative_to(CHECKOUT)}:{node.lineno} {owner}{node.name}"
            for node, owner in found
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert not silent, "\n".join(silent)


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [
        str(f.relative_to(CHECKOUT))
        for f in python_files(PACKAGE)
        if f.read_text().strip() and not ast.get_docstring(tree(f))
    ]
    assert not [name for name in silent if "/migrations/" not in name], silent


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    found = [
        str(f.relative_to(CHECKOUT))
        for f in python_files(PACKAGE, CHECKOUT / "apps")
        if drawers & {f.stem, f.parent.name}
    ]
    assert not found


def test_importing_the_domain_imports_no_framework() -> None:
    """The empty `oms_dagster/__init__.py` is what lets a notebook use a solver with nothing else in the room."""
    assert not (PACKAGE / "__init__.py").read_text().strip()
    assert not (TOWER / "__init__.py").exists(), "it would shadow the library"
    assert not (CHECKOUT / "apps" / "__init__.py").exists()
