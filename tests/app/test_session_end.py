"""The system ends the session: it is heard in the event loop, and the engine ends in the time there is."""

import signal
import sqlite3
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.config import StoredSettings
from app.engine import Engine, EngineSettings
from app.session_end import WITHIN_S, SessionEnd
from core.announcement import Announcement, Level
from core.clock import SystemClock
from tests.data.books import put_empty_database


@pytest.mark.row(132)
def test_a_signal_is_told_in_the_event_loop_and_not_in_the_middle_of_something(
    qapp: QApplication, qtbot: QtBot
) -> None:
    end, heard = SessionEnd(qapp), list[str]()
    end.came.connect(heard.append)
    end.listen()
    try:
        signal.raise_signal(signal.SIGTERM)
        assert heard == []
        qtbot.waitUntil(lambda: heard == ["SIGTERM"], timeout=5000)
    finally:
        end.forget()


def test_it_listens_only_while_it_is_asked_to_and_leaves_what_is_ignored(qapp: QApplication) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        end = SessionEnd(qapp)
        end.listen()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        end.listen()
        assert signal.getsignal(signal.SIGTERM) == end._handle
        end.forget()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_engine_is_given_less_than_the_system_gives() -> None:
    assert WITHIN_S < 2.0


@pytest.mark.row(132)
@pytest.mark.parametrize("is_stuck", [False, True])
def test_an_end_in_a_hurry_is_clean_unless_the_trading_thread_is_stuck(is_stuck: bool, tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    engine = Engine(EngineSettings(tmp_path, StoredSettings(installation="TEST"), ()), SystemClock())
    reached, release = Event(), Event()

    def hold(sender: object, announcement: Announcement) -> None:
        reached.set()
        assert release.wait(30)

    engine.loop.announced.connect(hold)
    engine.start()
    engine.announce(Announcement(Level.INFO, "held", SystemClock().now()))
    assert reached.wait(20)
    if not is_stuck:
        release.set()
    engine.stop(within_s=0.4 if is_stuck else 20.0)
    assert engine.loop.thread.is_alive() == is_stuck
    release.set()
    engine.loop.thread.join(20)
    with sqlite3.connect(tmp_path / "stanchion.sqlite3") as database:
        ((ended_at,),) = database.execute("SELECT ended_at FROM run ORDER BY id DESC LIMIT 1").fetchall()
    assert (ended_at is None) == is_stuck


def test_no_thread_is_waited_for_longer_than_there_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_empty_database(tmp_path)
    engine = Engine(EngineSettings(tmp_path, StoredSettings(installation="TEST"), ()), SystemClock())
    waits: list[float] = []
    for part in (engine.loop, engine.queries, engine.backups):
        monkeypatch.setattr(part, "stop", waits.append)
    engine.stop(within_s=1.0)
    assert len(waits) == 3 and sum(waits) <= 1.0
