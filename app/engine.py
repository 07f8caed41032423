"""The engine: everything but the window, built, started and stopped in order. The composition root of the trading side.

Order of a start: open and migrate the database, prove the ledger, build, merge the emergency log, load (main thread, no
other thread exists) → hand the database over → trading thread → network threads. Order of a stop: network threads,
trading thread (which handles what is queued), then the clean end is written by whoever stops.
"""

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Protocol

import structlog

from app.backups import Backups
from app.binding_settings import BindingFile, binding_of
from app.config import StoredSettings
from app.folder_place import doubtful_place, file_system_of
from app.one_click_settings import OneClickFile
from app.routes import Services, routes
from app.settings_file import SettingsFile
from app.simulator_control import ControlFileClient
from app.watch_settings import WatchFile
from core import commands, events
from core.clock import Clock
from core.errors import DatabaseDamaged, EngineBusy
from core.history import HistorySource
from core.messages import Message
from core.model.commission import CommissionSchedule
from core.model.order_ids import OrderIds
from core.model.scope import Mode
from core.ports import Broker, Checkpoint, passing
from core.state_manager import StateManager
from data.emergency_log import FileEmergencyLog
from data.store import Store, open_store
from data.tick_archive import TickArchive
from services.account_reset_service import AccountResetService
from services.account_service import AccountService
from services.alert_service import AlertService
from services.archive_thread import ArchiveThread
from services.arming_service import ArmingService
from services.certainty_service import CertaintyService
from services.chart_service import ChartService
from services.clock_watch import ClockWatch
from services.close_service import CloseService
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.emergency_merge import EmergencyMerge
from services.entry_service import EntryService
from services.exit_service import ExitService
from services.exit_size_service import ExitSizeService
from services.finding_service import FindingService
from services.guard_service import GuardService
from services.market_data_service import MarketDataService
from services.notice_service import NoticeService
from services.order_reports import unheard
from services.order_service import OrderService
from services.panic.files import PanicFiles
from services.panic.gate import PanicGate
from services.panic_service import PanicService
from services.position_recovery import PositionRecoveryService, RecoveryReport
from services.position_service import PositionService
from services.query_thread import QueryThread
from services.run_service import RunService
from services.settings_service import SettingsService
from services.shared_accounts import SharedAccounts
from services.stats_service import StatsService
from services.stop_service import StopService
from services.trading_loop import TradingLoop
from services.unsaved import Unsaved
from services.watch_service import WatchService

ORDERS_LOADED = 200
FILLS_LOADED = 500
TRADES_LOADED = 200

_log = structlog.get_logger("engine")


class Line(Broker, HistorySource, Protocol):
    """A broker line as the engine runs it: with a thread of its own."""

    @property
    def thread(self) -> Thread:
        """The network thread."""
        ...

    def start(self) -> None:
        """Start the network thread."""
        ...

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the network thread and close the socket."""
        ...


@dataclass(frozen=True)
class EngineSettings:
    """What the engine is built from.

    Attributes:
        lines: the connections; the embedded simulator's port is known by then.
        simulated: slugs of simulators this program started.
        passwords: by slug; never stored, never logged.
        offered: symbols to have at hand from the start, by connection.
        schedule: what a fill costs. shipped: the same where the settings say nothing.
    """

    data_dir: Path
    stored: StoredSettings
    lines: Sequence[ConnectionSettings]
    simulated: frozenset[str] = frozenset()
    passwords: Mapping[str, str] | None = None
    classify: Mapping[str, Mode] | None = None
    account: str = ""
    symbol: str = ""
    offered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    schedule: CommissionSchedule = field(default_factory=CommissionSchedule)
    shipped: CommissionSchedule = field(default_factory=CommissionSchedule)


class Engine:
    """Built once per program; `start` and `stop` once each, on the main thread.

    Attributes:
        state: what a window reads. loop: where commands go. report: what start-up found in the store.
        queries: the thread that reads the history. backups: the one that has copies made.
        archive: the one that keeps trades for charts.
        settings_file: the one place that changes settings.toml.
    """

    def __init__(self, settings: EngineSettings, clock: Clock, reached: Checkpoint = passing) -> None:
        """Open the store and build everything; no thread runs yet.

        Raises:
            PersistenceError: the database is refused, damaged or newer; nothing was written.
        """
        self._settings = settings
        self._clock = clock
        self._stopping = False
        self._queries_ended = False
        self.state = StateManager()
        self.settings_file = SettingsFile(settings.data_dir, self._settings_kept_back)
        self._store = open_store(settings.data_dir, clock, reached)
        try:
            self._prove()
            self.archive = ArchiveThread(TickArchive(settings.data_dir), self._post_event, self.announce, clock)
            self.queries = QueryThread(StatsService(self._store.trades, self._store.events).answer, self.state)
            self.backups = Backups(settings.data_dir, self.announce, clock)
            self.lines: dict[str, Line] = {line.slug: self._client(line, reached) for line in settings.lines}
            services = self._services(self._store, reached)
            self.loop = TradingLoop(routes(services), self.state, clock)
            self.report = self._load(services)
        except BaseException:
            self._store.abandon()
            raise

    def start(self) -> None:
        """Hand the database to the trading thread and start every thread; the first frame shows the right symbol."""
        for connection in self.lines:
            symbol = self._settings.symbol or self._settings.stored.last_symbols.get(connection, "")
            if symbol:
                self.loop.handle(commands.SelectSymbol(connection, symbol))
        self._store.hand_over()
        self.loop.start()
        self.queries.start()
        self.archive.start()
        self.backups.start()
        for line in self.lines.values():
            line.start()
        for connection, symbols in self._settings.offered.items():
            for symbol in symbols:
                self.lines[connection].subscribe(symbol)
        _log.info("engine started", connections=sorted(self.lines))

    def stop(self, within_s: float = 20.0) -> None:
        """End every thread in order and write the clean end; safe to call twice.

        Args:
            within_s: seconds for all of it; a trading thread that is not done by then leaves an unclean end, no more.
        """
        if self._stopping:
            return
        self._stopping = True
        share_s = within_s / 4
        self.backups.stop(share_s)
        for line in self.lines.values():
            line.stop(share_s)
        self.loop.stop(2 * share_s)
        self.queries.stop(share_s)
        self.archive.stop(share_s)
        if not self.loop.thread.is_alive():
            if not self.state.snapshot().halted:
                self._store.runs.end(self._clock.now())
            self._store.close()
        _log.info("engine stopped")

    def thread_states(self) -> tuple[tuple[str, bool], ...]:
        """Return the name of each thread of the engine, and whether it runs."""
        own = (self.loop.thread, self.queries.thread, self.archive.thread, self.backups.thread)
        lines = (line.thread for line in self.lines.values())
        return tuple((thread.name, thread.is_alive()) for thread in (*own, *lines))

    def post(self, message: Message) -> None:
        """Queue a message for the trading thread.

        Raises:
            EngineBusy: it was refused; nothing was queued.
        """
        self.loop.post(message)

    def watch(self) -> str:
        """Return the name of a thread that has ended though it should run; else nothing.

        The GUI calls it twice a second: a dead engine under a live window is the worst failure there is, so the end of
        a core thread halts entries. That of the query thread is said once, and trading goes on.
        """
        if self._stopping or not self.loop.thread.ident:
            return ""
        threads = [self.loop.thread, *(line.thread for line in self.lines.values())]
        dead = [thread.name for thread in threads if thread.ident and not thread.is_alive()]
        if dead:
            self.state.halt(
                f"The {dead[0]} thread has ended. What is shown may be out of date; exits held by the broker keep "
                "working. Restart the program to recover."
            )
            return dead[0]
        return self._watch_queries()

    def _watch_queries(self) -> str:
        thread = self.queries.thread
        if self._queries_ended or thread.is_alive() or not thread.ident:
            return ""
        self._queries_ended = True
        text = "Statistics have ended until the next start. Trading goes on; trades are safe."
        self.announce(events.Announcement(events.Level.ERROR, text, self._clock.now()))
        return thread.name

    def announce(self, announcement: events.Announcement) -> None:
        """Have something said that happened outside the engine."""
        try:
            self.loop.post(announcement)
        except EngineBusy:
            self.state.add_notice(announcement)

    def _settings_kept_back(self, text: str) -> None:
        self.announce(events.Announcement(events.Level.ERROR, text, self._clock.now()))

    def _prove(self) -> None:
        try:
            self._store.positions.prove()
        except DatabaseDamaged as error:
            raise DatabaseDamaged(
                f"The books do not add up: {error}. Nothing was changed. `stanchion doctor` examines them, "
                "`stanchion restore FILE` puts a backup in their place."
            ) from error

    def _client(self, line: ConnectionSettings, reached: Checkpoint) -> Line:
        return DtcClient(
            line,
            (self._settings.passwords or {}).get(line.slug, ""),
            post=self._post_event,
            board=self.state,
            clock=self._clock,
            reached=reached,
            rng=random.Random(secrets.randbits(64)),
        )

    def _post_event(self, message: Message) -> None:
        self.loop.post(message)

    def _services(self, store: Store, reached: Checkpoint) -> Services:
        state, clock, settings = self.state, self._clock, self._settings
        ids = OrderIds(settings.stored.installation, secrets.randbits(32))
        brokers: Mapping[str, Broker] = self.lines
        panic_files = PanicFiles(settings.data_dir)
        gates = {slug: PanicGate(line, panic_files) for slug, line in self.lines.items()}
        controls = {slug: ControlFileClient(settings.data_dir / "simulator") for slug in settings.simulated}
        merge = EmergencyMerge(store.positions, store.orders, store.operations, store.accounts, store.audit)
        unsaved = Unsaved(FileEmergencyLog(settings.data_dir, clock), merge, state, clock, reached)
        positions = PositionService(
            store.positions, store.accounts, state, clock, ids, settings.schedule, unsaved, reached
        )
        stops = StopService(store.entries, state, clock)
        charts = ChartService(brokers, self.lines, self.archive, state, clock)
        alerts = AlertService(store.alerts, brokers, state, clock)
        counting = (positions.on_ticks, stops.on_ticks, charts.on_ticks, alerts.on_ticks, self.archive.on_ticks)
        return Services(
            positions=positions,
            orders=OrderService(store.orders, gates, state, clock, ids, unsaved, reached),
            accounts=AccountService(
                store.accounts, store.audit, state, clock, settings.simulated, settings.classify or {}, settings.account
            ),
            resets=AccountResetService(controls, store.audit, state, clock),
            market=MarketDataService(brokers, state, counting),
            certainty=CertaintyService(state, clock),
            recovery=PositionRecoveryService(
                store.positions, store.accounts, store.audit, brokers, state, clock, reached
            ),
            entries=EntryService(store.entries, state, clock, ids, reached),
            exits=ExitService(state, clock),
            sizes=ExitSizeService(state, clock, ids),
            stops=stops,
            charts=charts,
            archive=self.archive,
            findings=FindingService(store.audit, state, clock, ids),
            arming=ArmingService(
                store.audit, OneClickFile(self.settings_file), state, clock, settings.stored.arm_minutes * 60.0
            ),
            closes=CloseService(store.operations, brokers, state, clock, ids, unsaved, reached),
            settings=SettingsService(
                BindingFile(self.settings_file),
                store.limits,
                store.audit,
                state,
                clock,
                binding_of(settings.stored),
                settings.shipped,
            ),
            guards=GuardService(store.guards, store.audit, state, clock, settings.stored.guards),
            notices=NoticeService(state, clock),
            shared=SharedAccounts(state, clock, ids),
            clocks=ClockWatch(state, clock),
            runs=RunService(store.runs, store.database, state),
            panic=PanicService(store.guard_locks, panic_files, gates, state, clock),
            unsaved=unsaved,
            queries=self.queries,
            alerts=alerts,
            watch=WatchService(brokers, WatchFile(self.settings_file), state),
        )

    def _load(self, services: Services) -> RecoveryReport:
        store, state = self._store, self.state
        for told in services.unsaved.load():
            self.loop.post(told)
        folder = self._settings.data_dir.resolve()
        if doubtful := doubtful_place(folder, file_system_of(folder)):
            state.set_unfit(doubtful)
            self.loop.post(events.Announcement(events.Level.ALARM, doubtful, self._clock.now()))
        last_run = store.runs.begin(self._clock.now())
        for (connection, _), instrument in store.accounts.instruments().items():
            state.set_instrument(connection, instrument)
        alive = store.orders.alive()
        recent = [one for one in store.orders.recent(ORDERS_LOADED) if one.is_final]
        orders = (*recent, *alive)
        operations = store.operations.unfinished()
        report = services.recovery.recover_positions_on_startup(alive, operations, last_run)
        services.positions.load(report.positions)
        state.load(
            report.positions,
            orders,
            store.positions.recent_fills(FILLS_LOADED),
            store.positions.recent_trades(TRADES_LOADED),
        )
        services.accounts.load()
        filled = store.positions.filled_by_order([one.client_order_id for one in orders])
        services.orders.load(orders, filled)
        for again in unheard(state.snapshot().orders.values(), self._clock.now()) if report.unclean else ():
            self.loop.post(again)
        services.closes.load(operations)
        services.entries.load(store.entries.unfinished(), store.orders.get)
        services.stops.load(store.entries.plans())
        services.settings.load()
        services.panic.load()
        services.guards.load()
        services.alerts.load()
        services.watch.load(self._settings.stored.watch)
        services.resets.load()
        services.arming.load(self._settings.stored.one_click)
        services.findings.load(one.client_order_id for one in alive if report.unclean and one.intent.is_entry)
        return report
