"""The terminal assembled: engine, window and bridge, joined, run, and ended in order."""

import gc
import os
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType

import structlog
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.activity import Activity
from app.attention import Attention
from app.bridge import Bridge
from app.checkpoint import checkpoint_from
from app.commission_settings import schedule_of
from app.config import SIMULATOR, Options, StoredSettings, preferences_of, write_settings
from app.connections import named_lines, passwords
from app.crash_file import CrashFile
from app.data_folder import DataFolder
from app.diagnostics_desk import DiagnosticsDesk
from app.engine import Engine, EngineSettings
from app.exports import Exports
from app.faults import Faults
from app.layouts import LayoutFiles
from app.log import LogFile
from app.main_window import MainWindow
from app.session_end import WITHIN_S, SessionEnd
from app.settings_desk import SettingsDesk
from app.simulated import offered_symbols, simulated_schedule, starting_symbol
from app.simulator_child import SimulatorChild
from core.clock import SystemClock
from core.commands import TraderActive
from core.errors import ConfigurationError, EngineBusy
from core.events import Announcement, Level
from core.preferences import Preferences
from panels.diagnostics_facts import OpenDiagnostics
from panels.exporting.asking import ExportFile
from panels.look import Look
from panels.table_columns import TableColumns
from panels.terminal_view import TerminalView
from panels.window_icon import window_icon
from panels.wishes import ChangePreferences

SWITCH_INTERVAL_S = 0.0005

_log = structlog.get_logger("app")


class Terminal:
    """The assembled program (main thread)."""

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        options: Options,
        stored: StoredSettings,
        folder: DataFolder,
        child: SimulatorChild | None,
        log: LogFile | None = None,
    ) -> None:
        """Build the engine and the content of the window, which shows its shell already; no thread runs yet."""
        self._app = app
        self.window = window
        self._options = options
        self._folder = folder
        self._child = child
        self._log_file = log
        self._told_of_log = False
        self.picture_failed = False
        port = 0 if child is None else child.wait_ready()
        known = stored.slugs
        history = None if child is None else child.history_port
        lines, stored = named_lines(options.connect, port, stored, history)
        if stored.slugs != known:
            write_settings(folder.path, stored)  # a panic must know where we are connected when we hang
        simulated = frozenset({SIMULATOR}) if child is not None else frozenset()
        settings = EngineSettings(
            data_dir=folder.path,
            stored=starting_symbol(stored, simulated, datetime.now(UTC).date()),
            lines=lines,
            simulated=simulated,
            passwords=passwords(lines, is_needed=options.is_chosen),
            classify=options.classify,
            account=options.account,
            symbol=options.symbol,
            schedule=schedule_of(stored.commissions, simulated_schedule(simulated)),
            shipped=simulated_schedule(simulated),
            offered=offered_symbols(simulated, datetime.now(UTC).date()),
        )
        self.engine = Engine(settings, SystemClock(), checkpoint_from(os.environ))
        self.view = self._completed(window, stored)
        self._preferences = preferences_of(options, stored)
        in_use = {line.slug: address for line, address in zip(lines, options.connect, strict=True)}
        self.settings_desk = SettingsDesk(
            self.engine.settings_file, folder.path, stored, SystemClock(), in_use, options.is_chosen
        )
        self.view.dialogs.set_facts(self.settings_desk.facts)
        self.attention = Attention(app, window, folder.path, self._preferences)
        self.look = window.look or Look(app, self._preferences, window.theme)
        self.bridge = Bridge(self.engine.state)
        self.activity = Activity(app)
        self.session_end = SessionEnd(app)
        self._exports = Exports(self.engine.announce)
        self._crash = CrashFile(folder.path / "logs")
        self._diagnostics = self._diagnosed(settings)
        self._layout_files = LayoutFiles(folder.path)
        self._columns = self._remembered()
        self._finished = False
        self._connect()
        self._show_preferred()

    @staticmethod
    def _completed(window: MainWindow, stored: StoredSettings) -> TerminalView:
        view = window.view or TerminalView(window.theme, is_complete=False, layouts=window.layouts)
        view.complete()
        QApplication.setWindowIcon(window_icon(window.theme))
        view.ticket.offer(stored.brackets)
        view.position.parts.offer(stored.brackets)
        return view

    def _remembered(self) -> TableColumns:
        self._layout_files.read()
        columns = TableColumns(self.view, self._layout_files.read_columns())
        columns.changed.connect(self._layout_files.write_columns)
        return columns

    def _diagnosed(self, settings: EngineSettings) -> DiagnosticsDesk:
        known = settings.passwords or {}
        logons = [(line.user, known.get(line.slug, "")) for line in settings.lines if line.user]
        engine = self.engine
        return DiagnosticsDesk(
            self._folder.path, self._crash, engine, engine.state.snapshot, engine.announce, logons, SystemClock()
        )

    def run(self) -> int:
        """Start everything, run Qt until the window has gone, stop everything."""
        self.window.show_terminal(self.view)
        self.engine.start()
        self.bridge.start()
        gc.freeze()  # without collecting first: of 158,000 objects it would free 852, in 75 ms
        gc.enable()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self.session_end.listen()
        try:
            code = self._app.exec()
        finally:
            self._finish()
            self.session_end.forget()
        if self.picture_failed:
            raise ConfigurationError(f"The picture could not be written to {self._options.screenshot}.")
        return code

    def _finish(self, within_s: float = 20.0) -> None:
        if not self._finished:
            self._finished = True
            self.bridge.stop()
            self.attention.stop()
            self._layout_files.write(self.view.workspaces.as_now())
            self._layout_files.write_columns(self._columns.as_now())
            self.engine.stop(within_s)
            self._remember()
            self._layout_files.finish()
            self._crash.finish()

    def _session_ends(self, asked_by: str) -> None:
        """End while the system still lets us: nothing is asked, closed or cancelled, and the books are closed first."""
        _log.warning("the session ends", asked_by=asked_by)
        self.window.ask_no_more()
        self._finish(WITHIN_S)
        self._app.exit(0)

    def _connect(self) -> None:
        self.bridge.frame.connect(self.window.refresh)
        self.bridge.frame.connect(self._diagnostics.note_frame)
        self.bridge.announced.connect(self.view.announce, Qt.ConnectionType.QueuedConnection)
        self.bridge.announced.connect(self.attention.announce, Qt.ConnectionType.QueuedConnection)
        self.bridge.frame.connect(self.attention.refresh)
        self.attention.standing.connect(self.view.banner.stand)
        self.attention.told.connect(self.engine.announce)
        self.attention.tried.connect(self.settings_desk.note_notice)
        self.bridge.watched.connect(self._watch)
        self.activity.touched.connect(lambda: self._post(TraderActive()))
        self.activity.touched.connect(self.attention.touched)
        self.view.intent.connect(self._take)
        self.window.intent.connect(self._post)
        self.settings_desk.found.connect(self.view.dialogs.set_facts)
        self.view.workspaces.changed.connect(self._layout_files.write)
        self.window.leaving.connect(self._app.quit)
        self.session_end.came.connect(self._session_ends)
        self.engine.loop.announced.connect(self.bridge.receive)
        self._faults = Faults(self._crash, self._tell, time.monotonic)
        sys.excepthook = self._unforeseen
        threading.excepthook = self._thread_died
        if self._options.screenshot is not None:
            QTimer.singleShot(int(self._options.after_s * 1000), self._take_picture)

    def _take(self, wish: object) -> None:
        """Answer what is wanted of the program around the engine; the rest is the engine's."""
        if isinstance(wish, ChangePreferences):
            self._prefer(wish.preferences)
        elif isinstance(wish, ExportFile):
            self._exports.write(wish)
        elif isinstance(wish, OpenDiagnostics):
            self._diagnostics.open(self.window.theme, self.window)
        elif not (self.settings_desk.take(wish) or self.attention.take(wish)):
            self._post(wish)

    def _prefer(self, preferences: Preferences) -> None:
        """Show everything as preferred, at once, and have it stored."""
        self._preferences = preferences
        self._show_preferred()
        self.engine.settings_file.change(lambda stored: replace(stored, preferences=preferences))

    def _show_preferred(self) -> None:
        self.look.apply(self._preferences)
        self.attention.prefer(self._preferences)
        self.view.set_preferences(self._preferences)
        self.engine.state.set_pnl_mark(self._preferences.pnl_mark)

    def _post(self, command: object) -> None:
        try:
            self.engine.post(command)  # type: ignore[arg-type]
        except EngineBusy as busy:
            self.view.announce(Announcement(Level.ERROR, str(busy), datetime.now(UTC)))

    def _watch(self) -> None:
        """Twice a second: dead threads, a dead simulator, trades that are not kept, a second start."""
        self.activity.watch(bool(self.engine.state.snapshot().armed) or self.attention.wants_presence)
        dead = self.engine.watch()
        if dead:
            _log.critical("thread ended", thread=dead)
        if self._child is not None and self._child.revive():
            _log.warning("the simulator had ended and was started again")
        if self._log_file is not None and self._log_file.dropped and not self._told_of_log:
            self._told_of_log = True
            self._tell("Log lines cannot be written: is the disk full? Trading and the audit in the database go on.")
        self.view.banner.stand("Ticks", self.engine.archive.problem)
        if self._folder.asked_to_raise():
            self.window.come_forward()

    def _take_picture(self) -> None:
        target = self._options.screenshot
        assert target is not None
        self.picture_failed = not self.window.picture().save(str(target))
        self.window.leave()

    def _remember(self) -> None:
        """Note what was in use, in the settings as they are by now: the trader or the engine may have changed them."""
        selected, book = self.engine.state.snapshot().selected_symbol, self.view.ticket.book

        def in_use(stored: StoredSettings) -> StoredSettings:
            symbols = {**stored.last_symbols, **selected}
            theme = self._preferences.theme if self._options.theme else stored.preferences.theme
            preferences = replace(stored.preferences, theme=theme)
            return replace(stored, last_symbols=symbols, brackets=book, preferences=preferences)

        self.engine.settings_file.change(in_use)
        if not self.engine.settings_file.flush():
            _log.warning("settings not noted")  # somebody is at it by hand: it stays as he left it

    def _unforeseen(self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        """Take what escaped a slot or a paint; the engine goes on, and the trader is told."""
        if issubclass(kind, KeyboardInterrupt):
            self.window.leave()
            return
        self._faults.report(error)

    def _thread_died(self, fault: threading.ExceptHookArgs) -> None:
        _log.critical("thread fault", thread=getattr(fault.thread, "name", "?"), error=repr(fault.exc_value))
        self._crash.note(fault.exc_type, fault.exc_value, fault.exc_traceback)

    def _tell(self, text: str) -> None:
        self.engine.announce(Announcement(Level.ERROR, text, datetime.now(UTC)))
