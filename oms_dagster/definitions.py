"""The one place where the code location is put together.

`build_defs` is the seam for tests: pass other resources instead of patching. Assets, jobs, schedules and sensors
live in `defs/`, one file a stage, and are found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg


def build_defs(resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """All definitions of the project, with ``resources`` laid over the default ones."""
    from oms_dagster.defs.resources import default_resources

    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    return dg.Definitions.merge(
        found,
        dg.Definitions(resources={**default_resources(), **(resources or {})}, executor=dg.in_process_executor),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location `oms`."""
    return build_defs()
