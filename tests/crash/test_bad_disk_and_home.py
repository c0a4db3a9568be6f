"""A full disk, a file that is still being copied, a home of a newer version: one clear line, and nothing is lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_world import HALF_COPIED, Prepared, Unharmed
from cycle_process import Ended, cycle, oms
from same_home import contents, differences, documents_wrong, doubled

from oms_dagster.settings import HOME_VERSION, Home
from oms_dagster.warehouse.connect import reader

pytestmark = pytest.mark.crash

MB = 1_000_000


class Disk:
    """A disk of a given size for one home: a mount of its own for root, else a limit on the size of a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mounted = os.geteuid() == 0 and shutil.which("mount") is not None and self._mount("size=1g")
        self._limit: int | None = None

    def _mount(self, options: str) -> bool:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "oms-test", str(self.folder)], capture_output=True, check=False
        )
        return done.returncode == 0

    def leave(self, free_bytes: int, home: Home) -> None:
        """Only so much is left to write."""
        if self.mounted:
            used = shutil.disk_usage(self.folder).used
            self._resize(used + free_bytes)
        else:
            self._limit = home.warehouse.stat().st_size - MB

    def free(self) -> None:
        """Somebody made room."""
        self._limit = None
        if self.mounted:
            self._resize(1000 * MB)

    def _resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True, capture_output=True)

    def before(self) -> None:
        """What a process that writes to this disk does first."""
        if self._limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self._limit, self._limit))

    def remove(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    found = Disk(folder)
    yield found
    found.remove()


@pytest.mark.parametrize("free_bytes", [200_000, 12 * MB], ids=["no-room-to-capture", "no-room-for-the-copy"])
def test_a_full_disk_fails_the_cycle_and_the_next_one_goes_on(
    free_bytes: int, disk: Disk, prepared: Prepared, unharmed: Unharmed
) -> None:
    home = Home(disk.folder / "home")
    shutil.copytree(prepared.home, home.root, symlinks=True)
    last = home.current.resolve()
    disk.leave(free_bytes, home)

    def run() -> Ended:
        return oms(home.root, "cycle", "--as-of", prepared.as_of, before=disk.before).wait()

    failed = run()
    assert failed.code == 1, failed
    lines = failed.err.splitlines()
    assert len(lines) == 1, failed.err
    assert lines[0].startswith("oms: ")
    assert "no space left on the disk" in lines[0]
    assert str(home.root) in lines[0]
    status = json.loads(home.status_file.read_text())
    assert status["outcome"] == "failed"
    assert "no space left" in status["message"]
    assert status["failed_asset"] in lines[0]
    assert home.current.resolve() == last
    with reader(home.current) as connection:
        assert connection.execute("select count(*) > 0 from marts.orders").fetchall() == [(True,)]

    disk.free()
    mended = run()
    assert mended.code == 0, mended.err
    assert differences(unharmed.home.current.resolve(), home.current.resolve())[:6] == []
    assert documents_wrong(home.root, home.warehouse) == []
    assert doubled(home.warehouse) == []
    assert contents(home.inbox) == contents(unharmed.home.inbox)
    assert json.loads(home.status_file.read_text())["outcome"] in ("published", "nothing new")


def test_a_file_that_still_grows_waits_for_the_next_cycle(prepared: Prepared, tmp_path: Path) -> None:
    """A copy without `.part` is known by its size and time at two looks."""
    from oms_dagster.defs.capture import arrivals

    home = Home(tmp_path / "home")
    folder = home.inbox / "pos"
    folder.mkdir(parents=True)
    (folder / "whole.csv").write_text("a\n")
    (folder / HALF_COPIED.name).write_text("half")
    growing, enough = folder / "growing.csv", threading.Event()

    def copy_slowly() -> None:
        with growing.open("w") as file:
            while not enough.wait(0.002):
                file.write("a line of an order\n")
                file.flush()

    copying = threading.Thread(target=copy_slowly)
    copying.start()
    try:
        while not (growing.exists() and growing.stat().st_size):
            enough.wait(0.002)
        assert [arrival.path.name for arrival in arrivals(home)] == ["whole.csv"]
    finally:
        enough.set()
        copying.join()
    assert sorted(arrival.path.name for arrival in arrivals(home)) == ["growing.csv", "whole.csv"]


def test_a_home_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.inbox.mkdir(parents=True)
    home.version_file.write_text(json.dumps({"home_version": HOME_VERSION + 1, "code_version": "9.9"}))
    before = contents(home.root)
    for ended in (cycle(home.root, "2026-03-03T09:00:00Z").wait(60), oms(home.root, "init").wait(60)):
        assert ended.code == 1
        lines = ended.err.splitlines()
        assert len(lines) == 1, lines
        assert "newer version" in lines[0]
        assert str(home.root) in lines[0]
        assert "upgrade" in lines[0]
    assert contents(home.root) == before
