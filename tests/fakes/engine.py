"""The trading side on one thread: the real routes, services, state and store around brokers in memory.

A test hands messages to `handle`, which handles them and everything the brokers answer before it returns; time passes
only in `tick`. `kill` forgets everything that was not stored and `start` builds anew on the same store, as a restart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from app.routes import Services, routes
from core import commands, events
from core.alert_ports import AlertRepository
from core.binding_settings import BindingSettings
from core.clock import Clock
from core.errors import PersistenceError
from core.messages import Message
from core.model.commission import CommissionSchedule
from core.model.fill import Side
from core.model.guard_rules import GuardRules
from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseOperation
from core.model.order import Order, OrderState, OrderType
from core.model.order_ids import OrderIds
from core.model.position import Position
from core.model.recovery import RecoveryChoice, RecoveryRow
from core.model.scope import AccountKey, Mode, PositionKey
from core.ports import (
    AccountRepository,
    AuditLog,
    Broker,
    Checkpoint,
    EntryRepository,
    GuardRepository,
    OperationRepository,
    OrderRepository,
    PositionRepository,
    RunRepository,
    StoreHealth,
    TradeRepository,
    passing,
)
from core.snapshot import ScopeStatus, Snapshot
from core.state_manager import StateManager
from data.store import Store, open_store
from data.tick_archive import TickArchive
from services.account_reset_service import AccountResetService, ResetAnswer
from services.account_service import AccountService
from services.alert_service import AlertService
from services.archive_thread import ArchiveThread
from services.arming_service import ArmingService
from services.certainty_service import CertaintyService
from services.chart_service import ChartService
from services.clock_watch import ClockWatch
from services.close_service import CloseService
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
from services.panic.gate import PanicGate
from services.panic_service import PanicService
from services.position_recovery import PositionRecoveryService
from services.position_service import PositionService
from services.query_thread import QueryThread
from services.run_service import RunService
from services.settings_service import LimitRepository, SettingsService
from services.shared_accounts import SharedAccounts
from services.stats_service import StatsService
from services.stop_service import StopService
from services.trading_loop import TradingLoop
from services.unsaved import Unsaved
from services.watch_service import WatchService
from tests.data.books import put_empty_database
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.emergency import InMemoryEmergencyLog
from tests.fakes.panic import InMemoryGuardLocks, InMemoryPanicFiles
from tests.fakes.repositories import InMemoryStore

ES = PositionKey("sim", "Sim1", "ESZ6")
MES = PositionKey("sim", "Sim1", "MESZ6")
ACCOUNT = AccountKey("sim", "Sim1")
RATES = CommissionSchedule(defaults={"sim": {"ES": Decimal("2.10"), "MES": Decimal("0.60")}})
STEP_S = 0.25


class Killed(BaseException):
    """The process died at a named step; what is in memory is gone."""


class Repositories(Protocol):
    """What the services need of a store, by the names of the real one."""

    @property
    def positions(self) -> PositionRepository: ...
    @property
    def orders(self) -> OrderRepository: ...
    @property
    def operations(self) -> OperationRepository: ...
    @property
    def entries(self) -> EntryRepository: ...
    @property
    def accounts(self) -> AccountRepository: ...
    @property
    def runs(self) -> RunRepository: ...
    @property
    def trades(self) -> TradeRepository: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def guards(self) -> GuardRepository: ...
    @property
    def limits(self) -> LimitRepository: ...
    @property
    def alerts(self) -> AlertRepository: ...


@dataclass
class Built:
    """One life of the program."""

    state: StateManager
    loop: TradingLoop
    services: Services


class InMemoryOneClick:
    """Which accounts are not asked about entries; refuses while it has an error."""

    def __init__(self) -> None:
        self.keys: frozenset[AccountKey] = frozenset()
        self.error: PersistenceError | None = None

    def save(self, keys: Iterable[AccountKey]) -> None:
        if self.error is not None:
            raise self.error
        self.keys = frozenset(keys)


class InMemorySettings:
    """What binds the engine, as it is stored."""

    def __init__(self, held: BindingSettings) -> None:
        self.held = held

    def save(self, before: BindingSettings, after: BindingSettings) -> None:
        self.held = replace(after, held=None)


class InMemoryWatch:
    """Where the watchlist is kept."""

    def __init__(self) -> None:
        self.kept: tuple[tuple[str, str], ...] | None = None

    def save(self, places: Iterable[tuple[str, str]]) -> None:
        self.kept = tuple(places)


class FakeSimulatorControl:
    """The simulator's ear; what it answers is put there by the test."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, ResetAnswer] = {}
        self.error: PersistenceError | None = None

    def ask_reset(self, account: str) -> str:
        if self.error is not None:
            raise self.error
        self.asked.append(account)
        return f"Q{len(self.asked)}"

    def answer(self, name: str) -> ResetAnswer | None:
        return self.answers.get(name)


class Desk:
    """A terminal without threads, and its brokers.

    Attributes:
        clock: moved by `tick` only.
        brokers: by connection slug.
        said: every announcement of this life, oldest first. before: those of earlier lives.
        unsaved: the test has let the store fail, so that what was sent need not be stored.
        after: called after every message handled.
        by_hand: what the brokers say stays in their `out` until the test delivers it.
        memory: the store in memory, when there is no folder.
        panic_files, guard_locks: of a panic; in memory always, and outliving every life.
        emergency: where a fact goes that the store refuses; in memory always, and outliving every life.
        classify: what the command line of the next life says of accounts. guards: what its settings say of limits.

    Args:
        opened: opens the store of a life, where it is neither a folder nor `memory`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        brokers: Iterable[FakeBroker] = (),
        clock: ManualClock | None = None,
        simulated: frozenset[str] = frozenset({"sim"}),
        classify: Mapping[str, Mode] | None = None,
        guards: Mapping[AccountKey, GuardRules] | None = None,
        schedule: CommissionSchedule = RATES,
        opened: Callable[[Clock, Checkpoint], Store] | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.brokers = {one.connection: one for one in brokers} or {"sim": FakeBroker(self.clock)}
        self.folder = folder
        self.memory = InMemoryStore()
        self.panic_files = InMemoryPanicFiles()
        self.guard_locks = InMemoryGuardLocks()
        self.emergency = InMemoryEmergencyLog()
        self.one_click = InMemoryOneClick()
        self.simulator = FakeSimulatorControl()
        self.watch_memory = InMemoryWatch()
        self.said: list[events.Announcement] = []
        self.before: list[events.Announcement] = []
        self.unsaved = False
        self.by_hand = False
        self.after: list[Callable[[], None]] = []
        self.reached: Checkpoint = passing
        self._simulated = simulated
        self.classify: Mapping[str, Mode] = classify or {}
        self.settings = InMemorySettings(BindingSettings(guards=guards or {}))
        self._schedule = schedule
        self._opened = opened
        self._store: Store | None = None
        self._built: Built | None = None
        self._presses = 0
        self._lives = 0
        if folder is not None:
            put_empty_database(folder)

    # -- lives ------------------------------------------------------------------------------------------------------

    def start(self, *, connect: bool = True) -> "Desk":
        """Build everything on the store and, unless told otherwise, let every line come up and be read."""
        assert self._built is None, "it runs"
        if self._opened is not None:
            self._store = self._opened(self.clock, self._reach)
        elif self.folder is not None:
            self._store = open_store(self.folder, self.clock, self._reach)
        store: Repositories = self._store or self.memory
        store.positions.prove()
        self.before += self.said
        self.said = []
        self._built = self._build(store)
        if connect:
            for broker in self.brokers.values():
                broker.connect()
            self.settle()
        return self

    def kill(self) -> None:
        """Die: nothing is stored any more, every line falls, nobody says goodbye."""
        for broker in self.brokers.values():
            broker.drop()
            broker.out.clear()
        self._built = None
        if self._store is not None:
            self._store.close()
            self._store = None

    def stop(self) -> None:
        """End as a program should."""
        store: Repositories = self._store or self.memory
        if not self.snapshot.halted:
            store.runs.end(self.clock.now())
        self.kill()

    def restart(self, *, clean: bool = True, away_s: float = 60.0) -> "Desk":
        """End, cleanly or not, and start again a while later."""
        if clean:
            self.stop()
        else:
            self.kill()
        self.clock.advance(away_s)
        return self.start()

    def dies_at(self, name: str, times: int = 1) -> None:
        """Have the process die when a step is reached for the n-th time from now."""
        left = [times]

        def reached(step: str) -> None:
            if step == name:
                left[0] -= 1
                if left[0] == 0:
                    self.reached = passing
                    raise Killed(name)

        self.reached = reached

    def dies_in(self, act: Callable[[], object]) -> bool:
        """Do something in which the process may die; return whether it did. Then it is dead: `start` it again."""
        try:
            act()
        except Killed:
            self.kill()
            return True
        return False

    # -- messages and time ------------------------------------------------------------------------------------------

    def handle(self, *messages: Message) -> None:
        """Handle messages and all that the brokers answer."""
        for message in messages:
            self._step(message)
            self.settle()

    def settle(self) -> None:
        """Handle what the brokers said, until they are silent; nothing while a test delivers by itself."""
        if self.by_hand:
            return
        for _ in range(10_000):
            waiting = [broker for broker in self.brokers.values() if broker.out]
            if not waiting:
                return
            self._step(waiting[0].out.popleft())
        raise AssertionError("the brokers never fall silent")

    def deliver(self, message: Message) -> None:
        """Handle one message and nothing that the brokers answer."""
        self._step(message)

    def tick(self, seconds: float = STEP_S, step_s: float = STEP_S) -> None:
        """Let time pass in the steps the loop takes it in, or larger ones, handling what the brokers say meanwhile."""
        steps = max(1, round(seconds / step_s))
        for _ in range(steps):
            self.clock.advance(step_s)
            self._step(events.ClockTicked(self.clock.now(), self.clock.monotonic()))
            self.settle()

    def _step(self, message: Message) -> None:
        self.loop.handle(message)
        for look in self.after:
            look()

    # -- what a trader does -----------------------------------------------------------------------------------------

    def press(
        self,
        side: Side,
        quantity: int | str = 1,
        type_: OrderType = OrderType.MARKET,
        price: str | None = None,
        *,
        key: PositionKey = ES,
        action_id: str = "",
        confirmed: bool = True,
    ) -> None:
        """Press BUY or SELL; what is odd about it is confirmed, unless said otherwise."""
        self._presses += 1
        stop = type_ is OrderType.STOP
        at = None if price is None else Decimal(price)
        self.handle(
            commands.SubmitOrder(
                action_id or f"press-{self._presses}",
                key,
                side,
                type_,
                Decimal(quantity),
                None if stop else at,
                at if stop else None,
                confirmed=confirmed,
            )
        )

    def buy(self, quantity: int | str = 1, *, key: PositionKey = ES) -> None:
        """Buy at the market."""
        self.press(Side.BUY, quantity, key=key)

    def sell(self, quantity: int | str = 1, *, key: PositionKey = ES) -> None:
        """Sell at the market."""
        self.press(Side.SELL, quantity, key=key)

    def close(self, key: PositionKey = ES, action_id: str = "") -> None:
        """Press Close."""
        self._presses += 1
        self.handle(commands.ClosePosition(action_id or f"close-{self._presses}", key))

    def answer(self, choice: CloseChoice, key: PositionKey = ES) -> None:
        """Answer the close of a scope."""
        self.handle(commands.AnswerClose(self.operation(key).operation_id, choice))

    def decide(self, choice: RecoveryChoice, key: PositionKey = ES) -> None:
        """Decide a row of the recovery dialog as it stands now."""
        self.handle(commands.DecideRecovery(key, choice, self.row(key).version))

    # -- what a trader sees -----------------------------------------------------------------------------------------

    @property
    def guards(self) -> Mapping[AccountKey, GuardRules]:
        """What the settings say of limits; set, it is read by the next life."""
        return self.settings.held.guards

    @guards.setter
    def guards(self, guards: Mapping[AccountKey, GuardRules]) -> None:
        self.settings.held = replace(self.settings.held, guards=guards)

    @property
    def alive(self) -> bool:
        """True between `start` and its end."""
        return self._built is not None

    @property
    def loop(self) -> TradingLoop:
        """The loop of this life."""
        assert self._built is not None, "it is dead"
        return self._built.loop

    @property
    def services(self) -> Services:
        """The services of this life."""
        assert self._built is not None, "it is dead"
        return self._built.services

    @property
    def snapshot(self) -> Snapshot:
        """What the window would show."""
        assert self._built is not None, "it is dead"
        return self._built.state.snapshot()

    @property
    def state(self) -> StateManager:
        """What the window reads."""
        assert self._built is not None, "it is dead"
        return self._built.state

    @property
    def store(self) -> Repositories:
        """The store of this life."""
        return self._store or self.memory

    @property
    def broker(self) -> FakeBroker:
        """The broker, when there is one."""
        (only,) = self.brokers.values()
        return only

    def position(self, key: PositionKey = ES) -> Position:
        """Return the open position of a scope."""
        return self.snapshot.positions[key]

    def quantity(self, key: PositionKey = ES) -> Decimal:
        """Return the signed quantity shown; zero when flat."""
        held = self.snapshot.positions.get(key)
        return Decimal(0) if held is None else held.quantity

    def scope(self, key: PositionKey = ES) -> ScopeStatus:
        """Return what is shown around a scope."""
        return self.snapshot.scopes[key]

    def row(self, key: PositionKey = ES) -> RecoveryRow:
        """Return a row of the recovery dialog."""
        assert self.snapshot.recovery is not None
        return next(row for row in self.snapshot.recovery.rows if row.key == key)

    def has_row(self, key: PositionKey = ES) -> bool:
        """Say whether a scope has an undecided row."""
        assert self.snapshot.recovery is not None
        return any(row.key == key for row in self.snapshot.recovery.undecided)

    def operation(self, key: PositionKey = ES) -> CloseOperation:
        """Return the latest close of a scope."""
        return self.snapshot.operations[key]

    def orders(self, *states: OrderState) -> list[Order]:
        """Return the orders shown, oldest first; only those in the given states, if any are given."""
        return [one for one in self.snapshot.orders.values() if not states or one.state in states]

    def order(self) -> Order:
        """Return the newest order shown."""
        return self.orders()[-1]

    def texts(self) -> list[str]:
        """Return what was said in this life."""
        return [one.text for one in self.said]

    def heard(self, part: str, level: events.Level | None = None) -> bool:
        """Say whether a sentence containing `part` was said, loud enough if a level is given."""
        return any(part in one.text and level in (None, one.level) for one in self.said)

    def ever_heard(self, part: str) -> bool:
        """Say whether a sentence containing `part` was said in any life."""
        return any(part in one.text for one in (*self.before, *self.said))

    # -- private ----------------------------------------------------------------------------------------------------

    def _build(self, store: Repositories) -> Built:
        state, clock = StateManager(), self.clock
        self._lives += 1
        ids = OrderIds("TEST", self._lives * 1_000_000)
        brokers: Mapping[str, Broker] = self.brokers
        gates = {name: PanicGate(one, self.panic_files) for name, one in self.brokers.items()}
        health: StoreHealth = self.memory if self._store is None else self._store.database

        merge = EmergencyMerge(store.positions, store.orders, store.operations, store.accounts, store.audit)
        unsaved = Unsaved(self.emergency, merge, state, clock, self._reach)
        positions = PositionService(
            store.positions, store.accounts, state, clock, ids, self._schedule, unsaved, self._reach
        )
        stops = StopService(store.entries, state, clock)
        charts = ChartService(brokers, {}, None, state, clock)
        alerts = AlertService(store.alerts, brokers, state, clock)
        services = Services(
            positions=positions,
            orders=OrderService(store.orders, gates, state, clock, ids, unsaved, self._reach),
            accounts=AccountService(store.accounts, store.audit, state, clock, self._simulated, self.classify),
            resets=AccountResetService({"sim": self.simulator}, store.audit, state, clock),
            market=MarketDataService(
                brokers, state, (positions.on_ticks, stops.on_ticks, charts.on_ticks, alerts.on_ticks)
            ),
            certainty=CertaintyService(state, clock),
            recovery=PositionRecoveryService(
                store.positions, store.accounts, store.audit, brokers, state, clock, self._reach
            ),
            entries=EntryService(store.entries, state, clock, ids, self._reach),
            exits=ExitService(state, clock),
            sizes=ExitSizeService(state, clock, ids),
            stops=stops,
            charts=charts,
            archive=ArchiveThread(TickArchive(Path("unused")), lambda _: None, lambda _: None, clock),
            findings=FindingService(store.audit, state, clock, ids),
            arming=ArmingService(store.audit, self.one_click, state, clock),
            closes=CloseService(store.operations, brokers, state, clock, ids, unsaved, self._reach),
            settings=SettingsService(
                self.settings, store.limits, store.audit, state, clock, self.settings.held, self._schedule
            ),
            guards=GuardService(store.guards, store.audit, state, clock, self.settings.held.guards),
            notices=NoticeService(state, clock),
            shared=SharedAccounts(state, clock, ids),
            clocks=ClockWatch(state, clock),
            runs=RunService(store.runs, health, state),
            panic=PanicService(self.guard_locks, self.panic_files, gates, state, clock),
            unsaved=unsaved,
            queries=QueryThread(StatsService(store.trades).answer, state),
            alerts=alerts,
            watch=WatchService(brokers, self.watch_memory, state),
        )
        loop = TradingLoop(routes(services), state, clock)
        loop.announced.connect(self._hear, weak=False)
        built = Built(state, loop, services)
        self._load(built, store)
        return built

    def _load(self, built: Built, store: Repositories) -> None:
        """Load as `app.engine` does."""
        services, state = built.services, built.state
        told = services.unsaved.load()
        last_run = store.runs.begin(self.clock.now())
        for (connection, _), instrument in store.accounts.instruments().items():
            state.set_instrument(connection, instrument)
        services.accounts.load()
        alive = store.orders.alive()
        orders = (*(one for one in store.orders.recent(200) if one.is_final), *alive)
        operations = store.operations.unfinished()
        report = services.recovery.recover_positions_on_startup(alive, operations, last_run)
        services.positions.load(report.positions)
        fills, trades = store.positions.recent_fills(500), store.positions.recent_trades(200)
        state.load(report.positions, orders, fills, trades)
        services.orders.load(orders, store.positions.filled_by_order([one.client_order_id for one in orders]))
        services.closes.load(operations)
        services.entries.load(store.entries.unfinished(), store.orders.get)
        services.stops.load(store.entries.plans())
        services.panic.load()
        services.settings.load()
        services.guards.load()
        services.alerts.load()
        services.resets.load()
        services.arming.load(self.one_click.keys)
        services.findings.load(one.client_order_id for one in alive if report.unclean and one.intent.is_entry)
        again = unheard(state.snapshot().orders.values(), self.clock.now()) if report.unclean else []
        for message in (*told, *again):
            built.loop.handle(message)

    def _reach(self, name: str) -> None:
        self.reached(name)

    def _hear(self, sender: object, announcement: events.Announcement) -> None:
        self.said.append(announcement)


def seen(*values: object) -> tuple[object, ...]:
    """Return the values as they are, to be compared with plain numbers."""
    return values


def contract(desk: Desk, instrument: Instrument, connection: str = "sim") -> None:
    """Have the venue define a contract."""
    desk.handle(events.InstrumentReported(connection, instrument))
