"""`oms solve`: the project's own solvers on public benchmark files.

Belongs here: choosing the solver by the kind of file. Readers, conventions and checkers stand beside each solver.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def solve_file(kind: str, file: Path, seconds: float, seed: int, workers: int = 1) -> dict[str, Any]:
    """Solve one file within a wall-clock budget; the result in the instance's own convention.

    `workers` are processes for a big file of kind ``vrp``.

    Raises
    ------
    ValueError
        The file can't be read as an instance of its kind.
    """
    text = file.read_text()
    if kind == "vrp":
        from oms_dagster.domain.routes.vrplib.solve import solve_vrp_file

        return solve_vrp_file(text, file.name, seconds, seed, workers)
    if kind == "binpack":
        from oms_dagster.domain.loads.building.solve import solve_binpack_file as solve
    else:
        from oms_dagster.domain.loads.assignment.solve import solve_gap_file as solve
    return solve(text, file.name, seconds, seed)
