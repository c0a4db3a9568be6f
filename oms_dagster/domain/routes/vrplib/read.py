"""Readers of VRPLIB (CVRP, mixed fleet, several depots, windows, durations) and Solomon / Gehring-Homberger text.

Conventions, those of the published solutions:

- Solomon, Gehring-Homberger: distances and times x 10, truncated (DIMACS); cost = distance / 10.
- VRPLIB CVRP (Uchoa et al.): Euclidean distance to the nearest integer.
- VRPLIB HFVRP: the same distances; fixed and unit costs are in hundredths, so cost / 100.
- VRPLIB with time windows or durations (MDVRPTW, VRPTW): distances and times x 1000, to the nearest integer.
"""

from __future__ import annotations

from oms_dagster.domain.routes.vrplib.instance import FleetVehicle, Instance, Rounding

DIMACS = Rounding(scale=10, truncate=True, cost_divisor=10)
NEAREST = Rounding(scale=1, truncate=False, cost_divisor=1)
HUNDREDTHS = Rounding(scale=1, truncate=False, cost_divisor=100)
EXACT = Rounding(scale=1000, truncate=False, cost_divisor=1)

_SECTIONS = {
    "NODE_COORD_SECTION", "DEMAND_SECTION", "CAPACITY_SECTION", "VEHICLES_FIXED_COST_SECTION", "SERVICE_TIME_SECTION",
    "VEHICLES_UNIT_DISTANCE_COST_SECTION", "VEHICLES_MAX_DURATION_SECTION", "VEHICLES_DEPOT_SECTION", "DEPOT_SECTION",
    "TIME_WINDOW_SECTION",
}  # fmt: skip


def read_instance(text: str) -> Instance:
    """An instance from the text of a VRPLIB or Solomon file.

    Raises
    ------
    ValueError
        The text is neither, a value isn't a number, a section is missing or one that isn't supported stands in it.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(line.startswith("NODE_COORD_SECTION") for line in lines):
        return _vrplib(lines)
    if "VEHICLE" in lines and "CUSTOMER" in lines:
        return _solomon(lines)
    raise ValueError("neither a VRPLIB file (NODE_COORD_SECTION) nor a Solomon one (VEHICLE, CUSTOMER)")


def _numbers(line: str, count: int) -> list[float]:
    try:
        values = [float(part) for part in line.split()]
    except ValueError:
        raise ValueError(f"not a row of numbers: {line!r}") from None
    if len(values) < count:
        raise ValueError(f"{len(values)} numbers where {count} belong: {line!r}")
    return values


def _solomon(lines: list[str]) -> Instance:
    fleet = _numbers(lines[lines.index("VEHICLE") + 2], 2)
    rows = [_numbers(line, 7) for line in lines[lines.index("CUSTOMER") + 2 :]]
    if not rows:
        raise ValueError("no customers under CUSTOMER")
    return Instance(
        name=lines[0],
        points=tuple((row[1], row[2]) for row in rows),
        demands=tuple(int(row[3]) for row in rows),
        depots=(0,),
        vehicles=(FleetVehicle(0, int(fleet[1])),) * int(fleet[0]),
        rounding=DIMACS,
        services=tuple(DIMACS.integer(row[6]) for row in rows),
        windows=tuple((DIMACS.integer(row[4]), DIMACS.integer(row[5])) for row in rows),
    )


def _vrplib(lines: list[str]) -> Instance:
    header, sections = _split(lines)
    if header.get("EDGE_WEIGHT_TYPE", "EUC_2D") != "EUC_2D":
        raise ValueError(f"EDGE_WEIGHT_TYPE {header['EDGE_WEIGHT_TYPE']} isn't supported, only EUC_2D")
    nodes = [(int(row[0]), (row[1], row[2])) for row in (_numbers(r, 3) for r in sections["NODE_COORD_SECTION"])]
    index = {node: i for i, (node, _) in enumerate(nodes)}
    if int(header.get("DIMENSION", len(nodes))) != len(nodes):
        raise ValueError(f"DIMENSION says {header['DIMENSION']}, there are {len(nodes)} nodes")
    depots = [index[int(float(row.split()[0]))] for row in sections["DEPOT_SECTION"] if row.split()[0] != "-1"]
    timed = "TIME_WINDOW_SECTION" in sections or any(
        key.startswith("VEHICLES_MAX_DURATION") for key in (*header, *sections)
    )
    rounding = EXACT if timed else HUNDREDTHS if header.get("TYPE") == "HFVRP" else NEAREST
    windows = _by_node(sections, "TIME_WINDOW_SECTION", index)
    services = _by_node(sections, "SERVICE_TIME_SECTION", index)
    everywhere = rounding.integer(float(header.get("SERVICE_TIME", 0)))
    return Instance(
        name=header.get("NAME", ""),
        points=tuple(point for _, point in nodes),
        demands=tuple(int(row[0]) for row in _by_node(sections, "DEMAND_SECTION", index) or []),
        depots=tuple(depots),
        vehicles=_fleet(header, sections, index, depots, len(nodes), rounding),
        rounding=rounding,
        services=tuple(rounding.integer(row[0]) for row in services)
        if services
        else tuple(0 if i in depots else everywhere for i in range(len(nodes))),
        windows=tuple((rounding.integer(row[0]), rounding.integer(row[1])) for row in windows) if windows else None,
    )


def _split(lines: list[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    header: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if line == "EOF":
            break
        if line.endswith("_SECTION"):
            if line not in _SECTIONS:
                raise ValueError(f"{line} isn't supported")
            current = sections.setdefault(line, [])
        elif ":" in line and current is None:
            key, value = line.split(":", 1)
            header[key.strip()] = value.strip().strip('"')
        elif current is not None:
            current.append(line)
    for needed in ("NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION"):
        if not sections.get(needed):
            raise ValueError(f"{needed} is missing")
    return header, sections


def _by_node(sections: dict[str, list[str]], name: str, index: dict[int, int]) -> list[list[float]] | None:
    """The rows of a section in node order, without their node number."""
    if name not in sections:
        return None
    rows: dict[int, list[float]] = {}
    for line in sections[name]:
        values = _numbers(line, 2)
        if int(values[0]) not in index:
            raise ValueError(f"{name}: no node {int(values[0])}")
        rows[index[int(values[0])]] = values[1:]
    if len(rows) != len(index):
        raise ValueError(f"{name}: {len(rows)} rows for {len(index)} nodes")
    return [rows[i] for i in range(len(index))]


def _fleet(
    header: dict[str, str],
    sections: dict[str, list[str]],
    index: dict[int, int],
    depots: list[int],
    nodes: int,
    rounding: Rounding,
) -> tuple[FleetVehicle, ...]:
    """The vehicles in file order; a file that names no number has one for each client."""
    count = int(header.get("VEHICLES", nodes - len(depots)))

    def column(name: str, default: float | None) -> list[float | None]:
        if f"{name}_SECTION" in sections:
            values = [_numbers(line, 2)[1] for line in sections[f"{name}_SECTION"]]
            if len(values) != count:
                raise ValueError(f"{name}_SECTION: {len(values)} rows for {count} vehicles")
            return list(values)
        return [float(header[name]) if name in header else default] * count

    capacities = column("CAPACITY", None)
    if None in capacities:
        raise ValueError("CAPACITY is missing")
    fixed, unit = column("VEHICLES_FIXED_COST", 0), column("VEHICLES_UNIT_DISTANCE_COST", 1)
    durations = column("VEHICLES_MAX_DURATION", None)
    homes = column("VEHICLES_DEPOT", None)
    return tuple(
        FleetVehicle(
            depot=depots[0] if home is None else index[int(home)],
            capacity=int(capacity or 0),
            fixed_cost=int(fix or 0),
            unit_cost=int(per or 0),
            max_duration=None if longest is None else rounding.integer(longest),
        )
        for home, capacity, fix, per, longest in zip(homes, capacities, fixed, unit, durations, strict=True)
    )
