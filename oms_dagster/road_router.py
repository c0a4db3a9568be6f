"""Ways by road for a day's routes: from `roads.csv` in the home, or a road router by URL, kept in the home once asked.

Belongs here: the file, the wire formats of OSRM's `table` and Valhalla's `sources_to_targets`, what is kept, and the one
line that says why roads aren't used. Does not belong here: what is planned with them (`domain.routes`).

A day of more than `MOST` places is planned on the great circle: no matrix spans it.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import product
from math import ceil
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from oms_dagster import settings
from oms_dagster.domain.routes.problem import Problem
from oms_dagster.domain.routes.roads import Place, RoadMatrix

#: Places up to which a day is asked for.
MOST = 800
#: Places of a group on each side of one request: routers take 100 in all unless told otherwise.
GROUP = 50
TIMEOUT_S = 10.0
COLUMNS = ("from_latitude", "from_longitude", "to_latitude", "to_longitude", "metres", "seconds")

#: Metres and seconds by (from, to), places as text of five decimals.
Ways = dict[tuple[str, str], tuple[int, int]]
#: (from, to, metres, seconds).
Answer = list[tuple[str, str, int, int]]


def by_road(home: settings.Home, problem: Problem) -> Problem:
    """The problem with ways by road, where the home has a file of them or a router is named; else as it came.

    What stands in the way is said in one line, `problem.travel.because`: the plan carries it.
    """
    file, url = home.root / "roads.csv", settings.router_url()
    if not file.exists() and not url:
        return problem
    try:
        if len(problem.places) > MOST:
            raise ValueError(f"{len(problem.places)} places, roads are asked for up to {MOST}")
        if file.exists():
            return replace(problem, roads=_matrix("by road (roads.csv)", problem.places, read_ways(file.read_text())))
        assert url is not None
        ways = _asked(home, url, problem.places)
        return replace(problem, roads=_matrix(f"by road ({urlsplit(url).netloc})", problem.places, ways))
    except (ValueError, OSError) as error:
        return replace(problem, travel=replace(problem.travel, because=f"roads not used, {error}"))


def read_ways(text: str) -> Ways:
    """The ways in a file with `COLUMNS`.

    Raises
    ------
    ValueError
        A column is missing, a number is none: with the line.
    """
    rows = csv.DictReader(text.splitlines())
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise ValueError(f"roads.csv needs the columns {', '.join(COLUMNS)}")
    ways: Ways = {}
    for line, row in enumerate(rows, start=2):
        try:
            at = [float(row[name]) for name in COLUMNS[:4]]
            ways[_name((at[0], at[1])), _name((at[2], at[3]))] = _whole(row["metres"]), _whole(row["seconds"])
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"roads.csv line {line}: {', '.join(str(row[name]) for name in COLUMNS)} is no way"
            ) from error
    return ways


def _whole(value: Any) -> int:
    number = float(value)
    if not 0 <= number < 10**9:
        raise ValueError(f"{value} is no length or time")
    return ceil(number)


def _name(place: Place) -> str:
    return f"{place[0]:.5f},{place[1]:.5f}"


def _matrix(source: str, places: Sequence[Place], ways: Ways) -> RoadMatrix:
    names = [_name(place) for place in places]
    for one, other in product(names, names):
        if one != other and (one, other) not in ways:
            raise ValueError(f"no way is known from {one} to {other}")
    found = [[ways.get((a, b), (0, 0)) if a != b else (0, 0) for b in names] for a in names]
    metres, seconds = (tuple(tuple(way[axis] for way in row) for row in found) for axis in (0, 1))
    return RoadMatrix(source, tuple(places), metres, seconds)


def _asked(home: settings.Home, url: str, places: Sequence[Place]) -> Ways:
    """All ways between places: what is kept of this router, and the rest group by group."""
    ask = _dialect(url)
    names = sorted({_name(place) for place in places})
    with closing(sqlite3.connect(home.root / "roads.sqlite")) as kept:
        kept.execute(
            "create table if not exists ways (router text, origin text, target text, metres integer, seconds integer,"
            " primary key (router, origin, target)) without rowid"
        )
        ways: Ways = {(a, b): (m, s) for a, b, m, s in _kept(kept, url, names)}
        new = [a for a in names if any((a, b) not in ways for b in names if b != a)]
        for origins, targets in product(_grouped(new), _grouped(names)):
            if all((a, b) in ways for a in origins for b in targets if a != b):
                continue
            try:
                answer = ask(origins, targets)
            except (KeyError, IndexError, TypeError) as error:
                raise ValueError(
                    f"the road router {urlsplit(url).netloc} answers in another form: {error!r}"
                ) from error
            with kept:
                kept.executemany("insert or replace into ways values (?, ?, ?, ?, ?)", ((url, *way) for way in answer))
            ways |= {(a, b): (m, s) for a, b, m, s in answer}
    return ways


def _kept(kept: sqlite3.Connection, url: str, names: Sequence[str]) -> Iterator[tuple[str, str, int, int]]:
    there = set(names)
    for origin in names:
        found = kept.execute("select target, metres, seconds from ways where router = ? and origin = ?", [url, origin])
        yield from ((origin, target, metres, seconds) for target, metres, seconds in found if target in there)


def _grouped(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[n : n + GROUP] for n in range(0, len(names), GROUP)]


def _dialect(url: str) -> Callable[[Sequence[str], Sequence[str]], Answer]:
    """Who to ask how: by the path of the URL."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and "/table/" in parts.path:
        return lambda origins, targets: _osrm(url, origins, targets)
    if parts.scheme in ("http", "https") and parts.path.endswith("/sources_to_targets"):
        return lambda origins, targets: _valhalla(url, origins, targets)
    raise ValueError(
        f"OMS_ROUTER_URL {url} is neither OSRM's .../table/v1/<profile> nor Valhalla's .../sources_to_targets"
    )


def _osrm(url: str, origins: Sequence[str], targets: Sequence[str]) -> Answer:
    """OSRM's table service, version 1: metres and seconds, null where there is no way."""
    points = [*origins, *targets]
    way = ";".join(",".join(reversed(point.split(","))) for point in points)
    sources = ";".join(str(n) for n in range(len(origins)))
    destinations = ";".join(str(n) for n in range(len(origins), len(points)))
    asked = f"{url.rstrip('/')}/{way}?annotations=duration,distance&sources={sources}&destinations={destinations}"
    told = _json(Request(asked))
    if told.get("code") != "Ok":
        raise ValueError(f"the road router says {told.get('code')}: {told.get('message', '')}")
    return _answer(origins, targets, told["distances"], told["durations"])


def _valhalla(url: str, origins: Sequence[str], targets: Sequence[str]) -> Answer:
    """Valhalla's matrix service: kilometres and seconds, null where there is no way; costing truck."""

    def located(points: Sequence[str]) -> list[dict[str, float]]:
        return [{"lat": float(lat), "lon": float(lon)} for lat, lon in (point.split(",") for point in points)]

    body = {"sources": located(origins), "targets": located(targets), "costing": "truck", "units": "kilometers"}
    told = _json(Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}))
    rows = told["sources_to_targets"]
    far = [[None if way["distance"] is None else 1_000 * way["distance"] for way in row] for row in rows]
    return _answer(origins, targets, far, [[way["time"] for way in row] for row in rows])


def _answer(origins: Sequence[str], targets: Sequence[str], metres: Any, seconds: Any) -> Answer:
    found: Answer = []
    for (n, origin), (k, target) in product(enumerate(origins), enumerate(targets)):
        if origin == target:
            continue
        if metres[n][k] is None or seconds[n][k] is None:
            raise ValueError(f"the road router knows no way from {origin} to {target}")
        found.append((origin, target, _whole(metres[n][k]), _whole(seconds[n][k])))
    return found


def _json(request: Request) -> dict[str, Any]:
    where = urlsplit(request.full_url).netloc
    try:
        with urlopen(request, timeout=TIMEOUT_S) as response:
            told = json.load(response)
    except (URLError, TimeoutError, ConnectionError) as error:
        raise ValueError(f"the road router {where} does not answer: {getattr(error, 'reason', error)}") from error
    except ValueError as error:
        raise ValueError(f"the road router {where} does not answer in JSON") from error
    if not isinstance(told, dict):
        raise ValueError(f"the road router {where} does not answer as one does")
    return told
