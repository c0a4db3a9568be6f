"""Ways by road: a real HTTP server on this machine speaks OSRM's and Valhalla's formats, and fails in their ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from oms_dagster import road_router, settings
from oms_dagster.domain.routes.moves import moves
from oms_dagster.domain.routes.problem import Depot, PreviousLoad, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget
from oms_dagster.road_router import COLUMNS, by_road
from oms_dagster.warehouse import dispatch

PLACES = ((51.5, -0.1), (51.55, -0.12), (51.6, 0.05), (51.48, 0.2))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the grid, and a hill to the north."""
    return 111_000 * abs(a[0] - b[0]) + 70_000 * abs(a[1] - b[1]) + (1_500.4 if b[0] > a[0] else 0)


class Router(ThreadingHTTPServer):
    """Answers `table` and `sources_to_targets`; counts what it is asked; `broken` says how it fails."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[int] = []
        self.broken = ""

    @property
    def osrm(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/table/v1/driving"

    @property
    def valhalla(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sources_to_targets"


class _Answers(BaseHTTPRequestHandler):
    server: Router

    def do_GET(self) -> None:
        parts, said = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        points = [tuple(map(float, reversed(p.split(",")))) for p in parts.path.rsplit("/", 1)[1].split(";")]
        sources, targets = ([points[int(n)] for n in said[name][0].split(";")] for name in ("sources", "destinations"))
        far: list[list[float | None]] = [[metres(a, b) for b in targets] for a in sources]
        times: list[list[float | None]] = [[metres(a, b) / 12.5 for b in targets] for a in sources]
        if self.server.broken == "island":
            times[0][1] = None
        self._tell({"code": "Ok", "distances": far, "durations": times}, len(points))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sources, targets = ([(p["lat"], p["lon"]) for p in body[name]] for name in ("sources", "targets"))
        rows = [[{"distance": metres(a, b) / 1_000, "time": metres(a, b) / 12.5} for b in targets] for a in sources]
        self._tell({"sources_to_targets": rows, "units": body["units"]}, len(sources) + len(targets))

    def _tell(self, answer: dict[str, Any], points: int) -> None:
        self.server.asked.append(points)
        if self.server.broken == "refuses":
            answer = {"code": "TooBig", "message": "too many table coordinates"}
        if self.server.broken == "short":
            answer = {"code": "Ok", "durations": [[1]]}
        told = b"<html>" if self.server.broken == "html" else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def router() -> Iterator[Router]:
    with Router() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Home:
    monkeypatch.delenv("OMS_ROUTER_URL", raising=False)
    return settings.Home(tmp_path)


def day(places: tuple[tuple[float, float], ...] = PLACES) -> Problem:
    goods = tuple(
        Shipment(f"S{n}", (f"O{n}",), f"A{n}", *place, f"{n:03d}", "GB", 1_000, 10, 100, service_s=300)
        for n, place in enumerate(places[1:], start=1)
    )
    van = Vehicle("V1", "D1", 900_000, 9_000, 40, 10**9, 0, 60_000, 40_000, 60, 2_400, 5_000)
    return Problem(Depot("LON", *places[0]), "2026-03-02", (van,), goods)


def test_without_a_file_or_a_router_the_day_is_planned_on_the_great_circle(home: settings.Home) -> None:
    problem = day()
    assert by_road(home, problem) is problem
    assert solve(problem, Budget(50)).report.size == "3 shipments, 1 vehicles, great circle x 1.30"


@pytest.mark.parametrize("dialect", ["osrm", "valhalla"])
def test_the_plan_goes_by_the_roads_that_the_router_told(
    home: settings.Home, router: Router, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    """There and back differ; the checker finds the same metres and seconds, and the plan says who told them."""
    monkeypatch.setenv("OMS_ROUTER_URL", getattr(router, dialect))
    problem = by_road(home, day())
    plan = solve(problem, Budget(50))
    assert check(problem, plan) == ()
    (load,) = plan.loads
    way = [PLACES[0], *((s.latitude, s.longitude) for s in load.stops), PLACES[0]]
    legs = [metres(a, b) for a, b in zip(way, way[1:], strict=False)]
    assert load.distance_m == pytest.approx(sum(legs), abs=len(legs))
    assert load.drive_s == pytest.approx(sum(legs) / 12.5, abs=len(legs))
    assert plan.report.size == f"3 shipments, 1 vehicles, by road (127.0.0.1:{router.server_port})"
    other = replace(problem, roads=None)
    assert check(other, plan)


def test_a_way_is_asked_once_and_only_what_is_new_is_asked_again(
    home: settings.Home, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_ROUTER_URL", router.osrm)
    monkeypatch.setattr(road_router, "GROUP", 2)
    first = by_road(home, day())
    assert set(router.asked) == {4}
    router.asked.clear()
    assert by_road(home, day()).roads == first.roads
    assert router.asked == []
    more = by_road(home, day((*PLACES, (51.7, 0.3))))
    assert more.roads is not None
    assert len(more.roads.places) == 5
    assert router.asked


def test_a_move_is_priced_by_the_ways_that_the_plan_goes_by(
    home: settings.Home, router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the plan went by road, and the cost of a move shown before it was sent by the great circle."""
    monkeypatch.setenv("OMS_ROUTER_URL", router.osrm)
    vans = tuple(replace(day().vehicles[0], vehicle_id=v, driver_id=v) for v in ("V1", "V2"))
    loads = (PreviousLoad("V1", 1, (("S1",), ("S2",))), PreviousLoad("V2", 1, (("S3",),)))
    planned = replace(day(), vehicles=vans, previous=loads)
    monkeypatch.setattr(dispatch, "_days", lambda _: iter((planned,)))
    monkeypatch.setattr(dispatch, "reader", nullcontext)
    found = dispatch.possible_moves(home.root, "S1", partial(by_road, home))
    assert found == moves(by_road(home, planned), "S1") != moves(planned, "S1")


@pytest.mark.parametrize(
    ("broken", "line"),
    [("island", "knows no way from"), ("refuses", "TooBig: too many"), ("html", "does not answer in JSON"), ("short", "another form")],
)  # fmt: skip
def test_what_the_router_can_not_tell_is_one_line_and_the_great_circle(
    home: settings.Home, router: Router, monkeypatch: pytest.MonkeyPatch, broken: str, line: str
) -> None:
    monkeypatch.setenv("OMS_ROUTER_URL", router.osrm)
    router.broken = broken
    problem = by_road(home, day())
    assert problem.roads is None
    plan = solve(problem, Budget(50))
    assert check(problem, plan) == ()
    assert line in plan.report.size
    assert "\n" not in plan.report.size


def test_a_router_that_is_not_there_or_not_one_is_said(home: settings.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for url, line in (
        ("http://127.0.0.1:9/table/v1/driving", "does not answer"),
        ("http://127.0.0.1:9/route", "is neither OSRM"),
        ("file:///etc/table/passwd", "is neither OSRM"),
    ):
        monkeypatch.setenv("OMS_ROUTER_URL", url)
        problem = by_road(home, day())
        assert problem.roads is None
        assert line in problem.travel.because


def test_a_slow_router_does_not_hold_the_plan_up(home: settings.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(road_router, "TIMEOUT_S", 0.2)
        monkeypatch.setenv("OMS_ROUTER_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/table/v1/driving")
        assert "does not answer: timed out" in by_road(home, day()).travel.because


def write_file(home: settings.Home, left_out: int = 0) -> None:
    lines = [
        f"{a[0]},{a[1]},{b[0]},{b[1]},{metres(a, b):.0f},{metres(a, b) / 10:.1f}"
        for a in PLACES
        for b in PLACES
        if a != b
    ]
    (home.root / "roads.csv").write_text("\n".join([",".join(COLUMNS), *lines[left_out:]]) + "\n")


def test_a_file_of_ways_goes_before_the_router(home: settings.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_ROUTER_URL", "http://127.0.0.1:9/table/v1/driving")
    write_file(home)
    problem = by_road(home, day())
    plan = solve(problem, Budget(50))
    assert check(problem, plan) == ()
    assert plan.report.size.endswith("by road (roads.csv)")


def test_a_file_that_lacks_a_way_or_a_number_is_said_with_the_place(home: settings.Home) -> None:
    write_file(home, left_out=1)
    assert "no way is known from 51.50000,-0.10000 to 51.55000,-0.12000" in by_road(home, day()).travel.because
    (home.root / "roads.csv").write_text(",".join(COLUMNS) + "\n51.5,-0.1,51.6,0.05,far,300\n")
    assert "roads.csv line 2: 51.5, -0.1, 51.6, 0.05, far, 300 is no way" in by_road(home, day()).travel.because
    (home.root / "roads.csv").write_text("a,b\n")
    assert "needs the columns" in by_road(home, day()).travel.because


def test_a_big_day_is_planned_on_the_great_circle(home: settings.Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road_router, "MOST", 3)
    write_file(home)
    assert by_road(home, day()).travel.because == "roads not used, 4 places, roads are asked for up to 3"
