"""dbt in this very process: the bands, their lineage to the Python assets, and what a run of one reports.

Belongs here: how dbt is called and shown. A band is one dbt invocation; which models are in it is said by path.
dbt's subprocess costs 10-20 s a call, its runner in process a second.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from oms_dagster import journey, settings
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse.connect import writer
from oms_dagster.warehouse.shape import project_fingerprint

PREPARE = tuple(f"fqn:oms.intermediate.{s}" for s in ("capture", "screening", "inventory", "sourcing"))
RELEASE = (*(f"fqn:oms.intermediate.{s}" for s in ("release", "loads")), "tag:release_band")
REPORT = (
    *(f"fqn:oms.intermediate.{s}" for s in ("fulfilment", "delivery", "settlement", "returns", "reporting")),
    "fqn:oms.marts",
)
#: Views never change between two versions of the code: they are built with the schema, not by each cycle.
VIEWS = "config.materialized:view"
#: Rules of screening that need sourcing's answer run with the release.
AFTER_SOURCING = "tag:release_band"

#: Who writes the tables that dbt reads as sources. What an earlier cycle committed has no asset of this cycle.
WRITTEN_BY = {
    "captured": ("orders", "order_lines", "order_charges", "capture_files", "capture_messages", "reference_versions",
                 "stock", "stock_snapshot", "supply", "payments", "receivables", "rates", "floor", "deliveries", "vendors",
                 "returns", "empties", "pickups", "yard", "opening"),
    "ledger": ("line_events", "stock_movements", "commands", "policy_changes", "hold_events", "exceptions"),
    "promises": ("promises", "backorders", "stock_prices"),
    "demand_forecasts": ("demand_forecasts",),
    "routes": ("route_stops", "pickups", "route_what_ifs", "snapshots"),
    "carrier_loads": ("shipment_modes", "freight_quotes", "loads", "load_shipments", "dropped_shipments", "solver_runs"),
    "audit": ("left_out", "quality"),
    "documents": ("document_renderings",),
}  # fmt: skip
_ASSET_OF = {("plans", table): asset for asset, tables in WRITTEN_BY.items() for table in tables} | {
    ("facts", table): asset for asset in ("captured", "ledger", "documents") for table in WRITTEN_BY[asset]
}
COMMITTED = "committed_facts"


class Translator(DagsterDbtTranslator):
    """Asset keys are `<schema>/<model>`, groups are stages, sources are the Python assets that write them."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
        )
        self._specs: dict[tuple[int, str], dg.AssetSpec] = {}

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """A model that reads through a view also depends on who writes what the view shows.

        Views are built with the schema and are in no cycle, and Dagster orders nothing through an asset that is not
        selected: without these edges the ledger could be booked after it was read.
        """
        key = (id(manifest), unique_id)
        if key not in self._specs:
            self._specs[key] = self._spec_through_views(manifest, unique_id, project)
        return self._specs[key]

    def _spec_through_views(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        if props["resource_type"] != "model" or _is_view(props):
            return spec
        through = {
            self.get_asset_key(self.get_resource_props(manifest, parent))
            for parent in _behind_views(manifest, unique_id)
        }
        known = {dep.asset_key for dep in spec.deps}
        return spec.replace_attributes(deps=[*spec.deps, *(dg.AssetDep(key) for key in sorted(through - known))])

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        props = dbt_resource_props
        if props["resource_type"] != "source":
            return dg.AssetKey([props["schema"], props["name"]])
        if props["source_name"] == "committed":
            return dg.AssetKey("commit")
        if (props["source_name"], props["name"]) == ("plans", "cycle"):
            return dg.AssetKey("cycle")
        return dg.AssetKey(_ASSET_OF.get((props["source_name"], props["name"]), COMMITTED))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return stage_of(dbt_resource_props) or "cycle"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        return [journey.owner(stage_of(dbt_resource_props) or "cycle")]

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        props = dbt_resource_props
        fixed = props["resource_type"] == "seed" or _is_view(props)
        return {**super().get_tags(props), **({"oms/band": "schema"} if fixed else {})}


def _is_view(props: Mapping[str, Any]) -> bool:
    return bool(props.get("config", {}).get("materialized") == "view")


def _behind_views(manifest: Mapping[str, Any], unique_id: str) -> set[str]:
    """Sources and tables that a node reads through views."""
    found: set[str] = set()
    for parent in manifest["parent_map"].get(unique_id, ()):
        if parent in manifest["nodes"] and _is_view(manifest["nodes"][parent]):
            for behind in manifest["parent_map"][parent]:
                is_view = behind in manifest["nodes"] and _is_view(manifest["nodes"][behind])
                found |= _behind_views(manifest, parent) if is_view else {behind}
    return found


def stage_of(props: Mapping[str, Any]) -> str | None:
    """Stage of a model: the folder below its layer."""
    return next((folder for folder in props["fqn"] if folder in journey.STAGE), None)


def manifest_path() -> Path:
    """The parsed graph as a file, parsed again when a file of the project changed.

    Its name says what it was made from, and it appears whole: other processes read it, and any may be killed.
    """
    target = settings.DBT_PROJECT / "target"
    manifest = target / f"manifest-{project_fingerprint()[:16]}.json"
    if not manifest.exists():
        parsed = _parsed()
        written = manifest.with_suffix(f".{os.getpid()}")
        parsed.write(str(written))
        written.replace(manifest)
        for former in target.glob("manifest-*"):
            if not former.name.startswith(manifest.stem):  # what starts so, another process writes just now
                former.unlink(missing_ok=True)
    return manifest


def parse() -> Any:
    """dbt's own graph object.

    Only what changed is parsed; dbt parses all of it again when a variable of the profile differs.
    """
    from dbt.cli.main import dbtRunner

    os.environ["OMS_WAREHOUSE"] = "warehouse.duckdb"  # only the name counts: it becomes the catalog's
    outcome = dbtRunner().invoke(_arguments(["parse"], settings.DBT_PROJECT / "target"))
    if not outcome.success:
        raise DbtFailed(str(outcome.exception))
    return outcome.result


@lru_cache(maxsize=1)
def _parsed() -> Any:
    """The graph, kept: no invocation of this process parses again."""
    return parse()


def _arguments(command: Sequence[str], target: Path) -> list[str]:
    """`command` with what all have; dbt's own manifest.json takes a second to write, each time, and is half there meanwhile."""
    project = str(settings.DBT_PROJECT)
    fixed = ["--project-dir", project, "--profiles-dir", project, "--quiet", "--log-level-file", "none"]
    return [*command, *fixed, "--no-write-json", "--target-path", str(target)]


class DbtFailed(RuntimeError):
    """A model or test of a band failed: its name and dbt's message."""


def invoke(command: Sequence[str], warehouse: Path, target: Path) -> list[Any]:
    """Run dbt here and return its results, one a node.

    Raises
    ------
    DbtFailed
        A node failed, or dbt could not start.
    """
    from dbt.cli.main import dbtRunner

    manifest = _parsed()
    os.environ["OMS_WAREHOUSE"] = str(warehouse)
    with writer(
        warehouse
    ):  # dbt opens and closes the file for each node: a quarter of its time, unless it is open anyway
        outcome = dbtRunner(manifest=manifest).invoke(_arguments(command, target))
    results = list(getattr(outcome.result, "results", []) or [])
    if not outcome.success and command[0] != "test":
        failed = [f"{r.node.name}: {r.message}" for r in results if str(r.status) in ("error", "fail")]
        raise DbtFailed("; ".join(failed) or str(outcome.exception))
    return results


def band(name: str, select: Sequence[str], exclude: str = VIEWS) -> dg.AssetsDefinition:
    """One dbt invocation as a group of assets."""

    @dbt_assets(
        name=name,
        manifest=manifest_path(),
        select=" ".join(select),
        exclude=exclude,
        dagster_dbt_translator=Translator(),
    )
    def run(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
        command = ["run", "--select", *select, "--exclude", *exclude.split()]
        results = invoke(command, warehouse.home.warehouse, warehouse.home.dbt_target)
        translator = Translator()
        with warehouse.connect() as connection:
            shown = [
                (r.node, r.execution_time, table_metadata(connection, r.node.schema, r.node.name)) for r in results
            ]
        for node, seconds, metadata in shown:
            key = translator.get_asset_key(node.to_dict())
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=key, metadata={**metadata, "seconds": round(seconds, 3)})

    return run


def schema_specs() -> list[dg.AssetSpec]:
    """Views and seeds: in the graph for their lineage, made with the schema by the asset `cycle`, by no step of their own."""
    manifest, translator = json.loads(manifest_path().read_text()), Translator()
    fixed = (u for u, n in manifest["nodes"].items() if n["resource_type"] == "seed" or _is_view(n))
    return [translator.get_asset_spec(manifest, unique_id, None) for unique_id in sorted(fixed)]


def dbt_tests() -> dg.AssetChecksDefinition:
    """All data tests of dbt as asset checks of the models they guard; the laws are checks of `audit`."""
    manifest, translator = json.loads(manifest_path().read_text()), Translator()
    specs = []
    for _, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] == "test":
            model = manifest["nodes"].get(node.get("attached_node") or "")
            key = translator.get_asset_key(model) if model else dg.AssetKey("audit")
            specs.append(dg.AssetCheckSpec(node["name"], asset=key, description=node.get("description") or None))

    @dg.multi_asset_check(name="dbt_tests", specs=specs, can_subset=True)
    def run(context: dg.AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        chosen = context.selected_asset_check_keys
        names = [] if len(chosen) == len(specs) else ["--select", *sorted(key.name for key in chosen)]
        command = ["test", *names, "--exclude-resource-type", "unit_test"]
        asked = {key.name: key for key in chosen}
        for result in invoke(command, warehouse.home.warehouse, warehouse.home.dbt_target):
            if result.node.name in asked:
                is_error = str(result.node.config.severity).lower() == "error"
                yield dg.AssetCheckResult(
                    passed=str(result.status) == "pass",
                    asset_key=asked[result.node.name].asset_key,
                    check_name=result.node.name,
                    severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
                    metadata={"failing_rows": result.failures or 0, "message": result.message or ""},
                )

    return run


def ensure_schema(warehouse: Warehouse) -> bool:
    """Build the staging views and seeds, and compile the laws, when the dbt project changed since they were last built. Returns whether it did."""
    mark = warehouse.home.dbt_target / "schema.json"
    fingerprint = project_fingerprint()
    if mark.exists() and json.loads(mark.read_text())["fingerprint"] == fingerprint:
        return False
    invoke(["seed", "--full-refresh"], warehouse.home.warehouse, warehouse.home.dbt_target)
    rebuild = ["run", "--full-refresh", "--select", f"+{VIEWS}"]  # what was folded, was by the code of before
    invoke(rebuild, warehouse.home.warehouse, warehouse.home.dbt_target)
    shutil.rmtree(warehouse.home.dbt_target / "compiled", ignore_errors=True)
    invoke(["compile", "--select", "tag:invariant"], warehouse.home.warehouse, warehouse.home.dbt_target)
    mark.write_text(json.dumps({"fingerprint": fingerprint}))
    return True


prepare = band("prepare", PREPARE, exclude=f"{VIEWS} {AFTER_SOURCING}")
release = band("release", RELEASE)
report = band("report", REPORT)
schema = schema_specs()
checks = dbt_tests()
