"""The code location, put together once."""

from __future__ import annotations

import dagster as dg
import pytest


@pytest.fixture(scope="session")
def defs() -> dg.Definitions:
    from oms_dagster.definitions import build_defs

    return build_defs()


@pytest.fixture(scope="session")
def graph(defs: dg.Definitions) -> dg._core.definitions.assets.graph.asset_graph.AssetGraph:  # type: ignore[name-defined]
    return defs.resolve_asset_graph()
