"""The diagnostics at work: their dialog, the figures it shows, and the bundle, gathered and saved beside the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Protocol

import structlog
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.crash_file import CrashFile
from core.announcement import Announcement, Level
from core.clock import Clock
from core.snapshot import Snapshot
from panels.diagnostics_facts import Fact, WindowFigures, as_text, facts_of
from panels.theme import Theme
from panels.ui_lag import UiLag

if TYPE_CHECKING:
    # The dialog and what gathers the bundle are imported when somebody asks for them.
    from app.diagnostics import Entry
    from app.masking import Masking
    from panels.diagnostics_dialog import DiagnosticsDialog

EVERY_MS = 500

_log = structlog.get_logger("diagnostics")


class Watched(Protocol):
    """What the desk asks of the engine."""

    def thread_states(self) -> Iterable[tuple[str, bool]]:
        """Return the name of each thread, and whether it runs."""
        ...


class DiagnosticsDesk(QObject):
    """Opens the dialog and serves it (main thread).

    Signals:
        gathered, failed: from the thread that gathered, across to the dialog: the entries, or why there are none.
    """

    gathered = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        folder: Path,
        crash: CrashFile,
        engine: Watched,
        snapshot: Callable[[], Snapshot],
        announce: Callable[[Announcement], None],
        secrets: Iterable[tuple[str, str]],
        clock: Clock,
        zone: tzinfo | None = None,
    ) -> None:
        """Prepare; the dialog is made when it is first wanted.

        Args:
            announce: called on the thread that saved.
            secrets: logon names with their passwords; they are replaced wherever they stand.
        """
        super().__init__()
        self._folder, self._crash, self._engine, self._clock, self._zone = folder, crash, engine, clock, zone
        self._snapshot, self._announce, self._secrets = snapshot, announce, tuple(secrets)
        self._versions: tuple[tuple[str, str], ...] = ()
        self._entries: tuple[Entry, ...] = ()
        self._frames, self._frames_s = 0, None  # type: tuple[int, float | None]
        self._lag = UiLag(self)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._refresh)
        self.dialog: DiagnosticsDialog | None = None
        self.thread_of_work: Thread | None = None
        self.gathered.connect(self._show_bundle)
        self.failed.connect(self._show_failure)

    def open(self, theme: Theme, owner: QWidget | None) -> None:
        """Show the dialog."""
        if self.dialog is None:
            from app.diagnostics import versions
            from panels.diagnostics_dialog import DiagnosticsDialog

            self.dialog = DiagnosticsDialog(theme, owner)
            self.dialog.gather_wanted.connect(self._gather)
            self.dialog.save_wanted.connect(self._save)
            self.dialog.show_crash(self._crash.last)
            self._versions = versions()
        self.dialog.put_up()
        self._lag.start()
        self._timer.start()
        self._refresh()

    def note_frame(self, *_: object) -> None:
        """Count a frame that was drawn."""
        self._frames += 1

    def _refresh(self) -> None:
        if self.dialog is None:
            return
        if not self.dialog.isVisible():
            self._timer.stop()
            self._lag.stop()
            return
        self._frames_s, self._frames = self._frames * 1000 / EVERY_MS, 0
        self.dialog.show_facts(self._facts(), datetime.now(UTC))

    def _facts(self) -> tuple[Fact, ...]:
        figures = WindowFigures(self._frames_s, self._lag.worst_ms())
        threads = self._engine.thread_states()
        return facts_of(self._snapshot(), datetime.now(UTC), self._zone, threads, figures, self._versions)

    def _masking(self) -> Masking:
        from app.masking import Masking

        snapshot = self._snapshot()
        accounts = [key.account for key in (*snapshot.accounts, *snapshot.guards, *snapshot.balances)]
        users = [user for user, _ in self._secrets]
        return Masking([*accounts, *users], [password for _, password in self._secrets], Path.home())

    def _gather(self) -> None:
        from app.diagnostics import entries_of

        facts, masking = as_text(self._facts(), datetime.now(UTC)), self._masking()
        self._work(lambda: self.gathered.emit(entries_of(self._folder, facts, masking, self._clock)))

    def _save(self, path: Path) -> None:
        entries = self._entries

        def write() -> None:
            from app.diagnostics import zipped
            from data.export.file import write_whole

            write_whole(path, zipped(entries))
            text = f"Log bundle: {len(entries)} files written to {path}."
            self._announce(Announcement(Level.SUCCESS, text, datetime.now(UTC)))

        self._work(write)

    def _work(self, act: Callable[[], None]) -> None:
        """Do something beside the window; what goes wrong is said."""

        def run() -> None:
            try:
                act()
            except Exception as error:
                _log.error("log bundle failed", error=repr(error), exc_info=True)
                cause = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
                self._say_failure(f"The log bundle could not be made: {cause}.")

        self.thread_of_work = Thread(target=run, name="bundle")
        self.thread_of_work.start()

    def _say_failure(self, text: str) -> None:
        self.failed.emit(text)
        self._announce(Announcement(Level.ERROR, text, datetime.now(UTC)))

    def _show_bundle(self, entries: tuple[Entry, ...]) -> None:
        self._entries = entries
        from panels.diagnostics_dialog import BundleFile

        if self.dialog is not None:
            self.dialog.show_bundle([BundleFile(one.name, one.text) for one in entries])

    def _show_failure(self, text: str) -> None:
        if self.dialog is not None:
            self.dialog.show_failure(text)
