"""The diagnostics at work: the figures of the running program, and a bundle gathered and saved beside the window."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from app.crash_file import CrashFile
from app.diagnostics_desk import DiagnosticsDesk
from core.announcement import Announcement, Level
from core.clock import SystemClock
from panels.theme import load_theme
from tests.app.test_diagnostics import folder_of
from tests.panels.worlds import flat


class Threads:
    """An engine with two threads."""

    def thread_states(self) -> tuple[tuple[str, bool], ...]:
        return (("trading", True), ("query", False))


@pytest.fixture
def said() -> list[Announcement]:
    return []


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot, said: list[Announcement]) -> Iterator[DiagnosticsDesk]:
    crash = CrashFile(tmp_path / "crash")
    crash.finish()
    crash.last = "RuntimeError: it broke"
    made = DiagnosticsDesk(
        folder_of(tmp_path), crash, Threads(), flat, said.append, [("jane", "hunter2")], SystemClock()
    )
    made.open(load_theme("dark"), None)
    assert made.dialog is not None
    qtbot.addWidget(made.dialog)
    yield made
    # Gone here and now, timers and all, and not whenever another thread happens to collect it.
    made.dialog.hide()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def joined(desk: DiagnosticsDesk, qtbot: QtBot, until: Callable[[], bool]) -> None:
    """Wait for the work beside the window, and for what it tells the dialog."""
    assert desk.thread_of_work is not None
    desk.thread_of_work.join(20)
    qtbot.waitUntil(until, timeout=5000)


def test_the_dialog_shows_the_state_and_the_last_crash(desk: DiagnosticsDesk) -> None:
    assert desk.dialog is not None
    shown = {(row.part, row.what): row.value for row in desk.dialog.view.rows_model.rows}
    assert shown["Thread", "query"] == "HAS ENDED" and ("Version", "Stanchion") in shown
    assert desk.dialog.crashed.isVisible()


def test_what_was_looked_at_is_what_is_saved(
    desk: DiagnosticsDesk, qtbot: QtBot, said: list[Announcement], tmp_path: Path
) -> None:
    dialog = desk.dialog
    assert dialog is not None
    dialog.bundle.click()
    joined(desk, qtbot, lambda: dialog.list.count() > 0)
    target = tmp_path / "out.zip"
    dialog.save_wanted.emit(target)
    joined(desk, qtbot, lambda: bool(said))
    with zipfile.ZipFile(target) as bundle:
        content = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert {"state.txt", "doctor.txt", "settings.toml", "stanchion.jsonl"} <= set(content)
    every = "\n".join(content.values())
    assert "hunter2" not in every and "jane" not in every and "Sim1" not in every
    assert (said[0].level, said[0].text) == (Level.SUCCESS, f"Log bundle: {len(content)} files written to {target}.")


def test_a_place_that_cannot_be_written_is_said(
    desk: DiagnosticsDesk, qtbot: QtBot, said: list[Announcement], tmp_path: Path
) -> None:
    assert desk.dialog is not None
    desk.dialog.save_wanted.emit(tmp_path / "no" / "such.zip")
    joined(desk, qtbot, lambda: bool(said))
    assert said[0].level is Level.ERROR and said[0].text.startswith("The log bundle could not be made: ")
