"""The thread that has backups made: when due, by a child, said once when it fails, and never in anybody's way."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, get_ident

import pytest

from app.backups import Backups
from app.config import StoredSettings
from app.engine import Engine, EngineSettings
from core.clock import SystemClock
from core.events import Announcement, Level
from data.integrity import examine
from data.rolling_backup import backups_in, name_of
from data.store import open_store
from tests.data.books import StillClock, opened, put_empty_database

WITHIN_S = 60.0


class Said:
    """What was announced, and on which thread."""

    def __init__(self) -> None:
        self.heard: list[Announcement] = []
        self.threads: set[int] = set()
        self._changed = Condition()

    def __call__(self, announcement: Announcement) -> None:
        with self._changed:
            self.heard.append(announcement)
            self.threads.add(get_ident())
            self._changed.notify_all()

    def wait(self, count: int) -> list[Announcement]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, WITHIN_S)
            return list(self.heard)


def script(tmp_path: Path, text: str) -> tuple[str, ...]:
    """Return a command that does something instead of a backup; it is given `--data-dir DIR`."""
    path = tmp_path / "child.py"
    path.write_text(f"import sys\nfrom pathlib import Path\nfolder = Path(sys.argv[2])\n{text}\n")
    return (sys.executable, "-S", str(path))


@pytest.fixture
def running() -> Iterator[Callable[..., Backups]]:
    """Return a way to start one that looks all the time; ended with the test."""
    started: list[Backups] = []

    def start(folder: Path, said: Said, command: tuple[str, ...]) -> Backups:
        made = Backups(folder, said, SystemClock(), command, first_look_s=0.0, look_s=0.01, again_s=0.01)
        made.start()
        started.append(made)
        return made

    yield start
    for one in started:
        one.stop(WITHIN_S)
        assert not one.thread.is_alive()


def test_a_failure_is_said_once_and_so_is_its_end(tmp_path: Path, running: Callable[..., Backups]) -> None:
    folder, said = tmp_path / "data", Said()
    (folder / "backups").mkdir(parents=True)
    name = name_of(datetime.now(UTC))
    command = script(
        tmp_path,
        "tries = folder / 'tries'\n"
        "with tries.open('a') as file: file.write('x')\n"
        f"if tries.stat().st_size > 3: (folder / 'backups' / {name!r}).touch(); sys.exit(0)\n"
        "sys.exit('stanchion: Something is wrong.')",
    )
    running(folder, said, command)
    failed, mended = said.wait(2)
    assert failed.level is Level.ERROR and failed.text.startswith(
        "No backup was made: Something is wrong. Trading goes"
    )
    assert (mended.level, mended.text) == (Level.INFO, "A backup was made and examined again.")
    assert (folder / "tries").read_text() == "xxxx"


def test_none_is_made_while_the_newest_is_fresh(tmp_path: Path, running: Callable[..., Backups]) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / name_of(datetime.now(UTC))).touch()
    said = Said()
    backups = running(tmp_path, said, script(tmp_path, "(folder / 'made').touch()"))
    looks = backups._look()
    assert looks == 0.01 and not (tmp_path / "made").exists() and said.heard == []


def test_another_backup_under_way_is_no_failure(tmp_path: Path) -> None:
    said = Said()
    backups = Backups(tmp_path, said, SystemClock(), script(tmp_path, "sys.exit(3)"))
    assert backups._look() == 60.0 and said.heard == []


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "import os; os._exit(9)")])
def test_a_child_that_cannot_be_started_or_dies_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = Said()
    assert Backups(tmp_path, said, SystemClock(), command)._look() == 3600.0
    assert [one.level for one in said.heard] == [Level.ERROR]


def test_stopping_ends_a_backup_under_way(tmp_path: Path, running: Callable[..., Backups]) -> None:
    said = Said()
    command = script(tmp_path, "(folder / 'up').touch()\nsys.stdin.close()\nimport time\ntime.sleep(600)")
    backups = running(tmp_path, said, command)
    assert _appears(tmp_path / "up")
    backups.stop(WITHIN_S)
    assert not backups.thread.is_alive() and said.heard == []


def _appears(path: Path) -> bool:
    until = SystemClock().monotonic() + WITHIN_S
    while SystemClock().monotonic() < until:
        if path.exists():
            return True
    return False


@pytest.mark.row(106)
def test_the_real_command_makes_a_verified_backup_beside_an_open_store(tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    store = open_store(tmp_path, StillClock())
    opened(store)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "backup", "--data-dir", str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
    )
    store.close()
    (made,) = backups_in(tmp_path / "backups")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{made}: a whole copy, examined; 1 kept\n", "")
    assert examine(made) == ()


def test_the_engine_starts_and_ends_the_thread_and_a_short_run_makes_no_backup(tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    engine = Engine(EngineSettings(tmp_path, StoredSettings(installation="TEST"), ()), SystemClock())
    engine.start()
    assert engine.backups.thread.is_alive()
    engine.stop()
    assert not engine.backups.thread.is_alive() and not (tmp_path / "backups").exists()
