"""Diagnostics: how the program does, in words; a bundle that is seen before it is saved; the report of a crash."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication

from core.events import Link
from core.snapshot import DatabaseStatus, Snapshot
from panels.diagnostics_dialog import BUNDLE, CRASHED, BundleFile, DiagnosticsDialog
from panels.diagnostics_facts import Fact, WindowFigures, as_text, facts_of
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import NOW, flat, link_is

THREADS = (("trading", True), ("network:sim", True))
FILES = (BundleFile("state.txt", "all well\n"), BundleFile("stanchion.jsonl", '{"event": "x"}\n' * 2_000))


def facts(world: Snapshot, **named: Any) -> dict[str, Fact]:
    """Return what is said of a world, by what it is about."""
    window = named.get("window", WindowFigures(30.0, 3.2))
    found = facts_of(world, NOW, UTC, named.get("threads", THREADS), window, (("Python", "3.11.7"),))
    return {f"{one.part}: {one.what}": one for one in found}


@pytest.fixture
def dialog(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(DiagnosticsDialog(theme, None))
    made.widget.put_up()
    return made


def test_lines_threads_commits_queue_and_lateness_are_told() -> None:
    found = facts(
        flat(
            database=DatabaseStatus(commit_ms=4.25, slow_ms=9.0, waiting=7),
            clock_ahead={"sim": timedelta(seconds=-1.5)},
        )
    )
    assert found["Connection: sim"].value.startswith("ready since ")
    assert found["Connection: sim: its clock is ahead by"].value == "−1.5 s"
    assert found["Thread: trading"].value == "runs" and found["Version: Python"].value == "3.11.7"
    assert found["Engine: Commit, median"].value == "4.2 ms" and found["Engine: Messages waiting"].value == "7"
    assert found["Window: Frames drawn"].value == "30 a second"
    assert found["Window: Lateness, worst of two seconds"].value == "3.2 ms"
    assert [one for one in found.values() if one.tone] == []


def test_what_is_wrong_is_loud() -> None:
    world = link_is(
        Link.OFFLINE, flat(database=DatabaseStatus(ok=False, slow_ms=80.0, waiting=500), halted="The disk failed.")
    )
    found = facts(world, threads=(("query", False),), window=WindowFigures(None, 250.0))
    loud = {name: one.tone for name, one in found.items() if one.tone}
    assert loud == {
        "Connection: sim": "danger",
        "Thread: query": "danger",
        "Engine: Database": "danger",
        "Engine: Commit, slowest twentieth": "caution",
        "Engine: Messages waiting": "caution",
        "Engine: Entries": "danger",
        "Window: Lateness, worst of two seconds": "caution",
    }
    assert found["Window: Frames drawn"].value == "—" and found["Engine: Entries"].value == "The disk failed."


def test_the_facts_are_copied_as_text(dialog: Bench) -> None:
    shown = (Fact("Thread", "trading", "runs"), Fact("Version", "Python", "3.11.7"))
    dialog.widget.show_facts(shown, NOW)
    dialog.press("diagnosticsCopy")
    assert QGuiApplication.clipboard().text() == as_text(shown, NOW)
    assert "Thread: trading: runs" in QGuiApplication.clipboard().text()


def test_the_report_of_a_crash_is_offered_only_after_one(dialog: Bench) -> None:
    assert not dialog.is_shown("diagnosticsCopyCrash") and not dialog.is_shown("diagnosticsCrashed")
    dialog.widget.show_crash("Fatal Python error: Aborted")
    assert dialog.text("diagnosticsCrashed") == CRASHED
    dialog.press("diagnosticsCopyCrash")
    assert QGuiApplication.clipboard().text() == "Fatal Python error: Aborted"


def test_a_bundle_is_seen_before_it_is_saved(dialog: Bench, tmp_path: Path) -> None:
    wanted: list[str] = []
    saved: list[Path] = []
    dialog.widget.gather_wanted.connect(lambda: wanted.append("gather"))
    dialog.widget.save_wanted.connect(saved.append)
    dialog.press("diagnosticsBundle")
    assert wanted == ["gather"] and not dialog.find("bundleSave").isEnabled()
    assert dialog.find("bundleSave").accessibleDescription()
    dialog.widget.show_bundle(FILES)
    files = dialog.find("bundleFiles")
    assert [files.item(row).text() for row in range(files.count())] == [
        "state.txt  (9 bytes)",
        "stanchion.jsonl  (30 kB)",
    ]
    assert dialog.text("bundleNote") == BUNDLE
    assert dialog.find("bundleText").toPlainText() == "all well\n" and dialog.find("bundleText").isReadOnly()
    files.setCurrentRow(1)
    assert dialog.find("bundleText").toPlainText() == FILES[1].text
    dialog.press("bundleSave")
    asking = dialog.find("bundleFileDialog")
    asking.fileSelected.emit(str(tmp_path / "logs.zip"))
    asking.reject()
    assert saved == [tmp_path / "logs.zip"]


def test_a_bundle_that_cannot_be_gathered_says_why(dialog: Bench) -> None:
    dialog.press("diagnosticsBundle")
    dialog.widget.show_failure("The log bundle could not be made: No space left on device.")
    assert dialog.text("bundleNote").endswith("No space left on device.") and not dialog.find("bundleSave").isEnabled()
