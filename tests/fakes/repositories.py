"""The books in memory: satisfies the ports as the database does, minus the disk.

`tests/contracts/test_repositories.py` runs one suite over these and the real ones, so they cannot drift apart. Set
`InMemoryStore.disk.error` and every write raises it, changing nothing, until it is None again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from core.errors import DatabaseDamaged, DuplicateFill, PersistenceError
from core.model.entry import EntryOperation
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import Fill, FillSource
from core.model.instrument import Instrument
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import Position, PositionChange, apply_fill
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.model.stop_plan import StopPlan
from core.model.trade import Trade
from core.ports import LastRun
from core.queries import EquityFilter, TradeFilter
from tests.fakes.alerts import InMemoryAlertRepository
from tests.fakes.guards import InMemoryGuardRepository, InMemoryLimitRepository


@dataclass
class Disk:
    """What the next write meets.

    Attributes:
        error: raised by every write while set.
        commits: how many writes succeeded.
    """

    error: PersistenceError | None = None
    commits: int = 0

    def write(self) -> None:
        """Count a write, or refuse it."""
        if self.error is not None:
            raise self.error
        self.commits += 1


@dataclass(frozen=True)
class AuditRow:
    """One row of the audit log, as far as a test asks."""

    kind: str
    text: str
    key: AccountKey | None
    mode: Mode | None
    cause: str
    data: Mapping[str, str]


class InMemoryAuditLog:
    """An AuditLog that keeps its rows in a list.

    Attributes:
        rows: everything appended, by the repositories too.
    """

    def __init__(self, disk: Disk) -> None:
        self.rows: list[AuditRow] = []
        self._disk = disk

    def append(
        self, kind: str, text: str, *, key: AccountKey | None, mode: Mode | None, cause: str, data: Mapping[str, str]
    ) -> None:
        """Append one row."""
        self._disk.write()
        self.explain(kind, text, key, mode, cause, data)

    def explain(
        self,
        kind: str,
        text: str,
        key: AccountKey | None = None,
        mode: Mode | None = None,
        cause: str = "",
        data: Mapping[str, str] | None = None,
    ) -> None:
        """Append the row of another write."""
        self.rows.append(AuditRow(kind, text, key, mode, cause, dict(data or {})))


class InMemoryPositionRepository:
    """A PositionRepository.

    Attributes:
        fills: the ledger, in order of arrival.
        trades: every round trip, in order. trade_modes: the mode each was booked in.
        modes: the mode each scope was last recorded with.
        points: our own money figure, by account. currencies: of the accounts.
    """

    def __init__(self, disk: Disk, audit: InMemoryAuditLog) -> None:
        self.fills: list[Fill] = []
        self.trades: list[Trade] = []
        self.trade_modes: list[Mode | None] = []
        self.modes: dict[PositionKey, Mode | None] = {}
        self.contracts: dict[tuple[str, str], Instrument] = {}
        self.points: dict[AccountKey, list[EquityPoint]] = {}
        self.currencies: dict[AccountKey, str] = {}
        self._open: dict[PositionKey, Position] = {}
        self._booked: set[tuple[AccountKey, str, int]] = set()
        self._disk = disk
        self._audit = audit

    def record(self, change: PositionChange, mode: Mode | None, cause: str) -> None:
        """Book a fill and what follows from it."""
        ids = [(leg.key.account_key, leg.execution_id, leg.leg) for leg in change.legs]
        for each in ids:
            if each in self._booked:
                raise DuplicateFill(f"execution {each[1]} (leg {each[2]}) of {each[0]} is booked already")
        self._expect(change.key, change.before)
        self._disk.write()
        self._booked.update(ids)
        self.fills += change.legs
        self.modes[change.key] = mode
        if change.after is None:
            del self._open[change.key]
        else:
            self._open[change.key] = change.after
        if change.trade is not None:
            self.trades.append(change.trade)
            self.trade_modes.append(mode)
        self._move_equity(change)
        self._audit.explain("fill", change.fill.execution_id, change.key.account_key, mode, cause)

    def _move_equity(self, change: PositionChange) -> None:
        key = change.key.account_key
        foreign = "" not in (change.currency, self.currencies.get(key, "")) and change.currency != self.currencies[key]
        if change.cash and self.points.get(key) and not foreign:
            cash = self.points[key][-1].cash + change.cash
            self.points[key].append(EquityPoint(change.fill.received_at, cash))

    def mixes_currencies(self, key: AccountKey) -> bool:
        """Say whether the account holds or ever closed something settled in another currency than its own."""
        own = self.currencies.get(key, "")
        held = [one.currency for one in self._open.values() if one.key.account_key == key]
        closed = [one.currency for one in self.trades if one.key.account_key == key]
        return bool(own) and any(currency not in ("", own) for currency in held + closed)

    def update_trade_extremes(self, positions: Sequence[Position]) -> None:
        """Store the annotations of open positions."""
        for position in positions:
            self._expect(position.key, position)
        if positions:
            self._disk.write()
        self.annotate(positions)

    def annotate(self, positions: Sequence[Position]) -> None:
        """Take over what moves without a fill, and nothing else."""
        for new in positions:
            self._open[new.key] = replace(
                self._open[new.key],
                **{
                    name: getattr(new, name)
                    for name in (
                        "realized_pnl",
                        "currency",
                        "mae",
                        "mfe",
                        "min_price",
                        "max_price",
                        "extremes_complete",
                        "heat_since",
                        "heat_total_s",
                        "heat_max_s",
                        "initial_risk",
                        "stop_price",
                        "target_price",
                    )
                },
            )

    def has_fill(self, key: AccountKey, execution_id: str) -> bool:
        """Say whether an execution of an account is in the ledger."""
        return any(account == key and booked == execution_id for account, booked, _ in self._booked)

    def fills_of(self, key: AccountKey, execution_id: str) -> tuple[Fill, ...]:
        """Return the ledger rows of an execution."""
        return tuple(one for one in self.fills if (one.key.account_key, one.execution_id) == (key, execution_id))

    def corrected_at(self, key: PositionKey) -> datetime | None:
        """Return the time of the newest correction of a scope."""
        theirs = (FillSource.RECON, FillSource.MANUAL)
        return next((one.received_at for one in reversed(self.fills) if one.key == key and one.source in theirs), None)

    def get_open_position(self, key: PositionKey) -> Position | None:
        """Return the open position of a scope."""
        return self._open.get(key)

    def recover_all_open_positions(self) -> tuple[Position, ...]:
        """Return every open position, by scope."""
        return tuple(self._open[key] for key in sorted(self._open))

    def filled_by_order(self, client_order_ids: Sequence[str]) -> Mapping[str, Decimal]:
        """Return the filled quantity per client order id."""
        filled: dict[str, Decimal] = {}
        for fill in self.fills:
            if fill.client_order_id and fill.client_order_id in client_order_ids:
                filled[fill.client_order_id] = filled.get(fill.client_order_id, Decimal(0)) + fill.quantity
        return filled

    def recent_fills(self, limit: int) -> tuple[Fill, ...]:
        """Return the newest fills, oldest first."""
        return tuple(self.fills[-limit:])

    def recent_trades(self, limit: int) -> tuple[Trade, ...]:
        """Return the newest trades, oldest first."""
        return tuple(self.trades[-limit:])

    def prove(self) -> None:
        """Fold the ledger and compare."""
        folded: dict[PositionKey, Position | None] = {}
        for fill in self.fills:
            contract = self.contracts.get((fill.key.connection, fill.key.symbol), Instrument(fill.key.symbol))
            folded[fill.key] = apply_fill(folded.get(fill.key), fill, contract).after
        quantities = {key: position.quantity for key, position in folded.items() if position is not None}
        if quantities != {key: position.quantity for key, position in self._open.items()}:
            raise DatabaseDamaged(f"positions {self._open} are not the fold of the ledger {quantities}")

    def _expect(self, key: PositionKey, expected: Position | None) -> None:
        stored = self._open.get(key)
        if (stored and stored.quantity) != (expected and expected.quantity):
            raise PersistenceError(f"{key}: our books had {expected}, the repository holds {stored}")


class InMemoryOrderRepository:
    """An OrderRepository.

    Attributes:
        orders: the newest state by client order id, in order of first saving.
        saved: every state saved, in order.
    """

    def __init__(self, disk: Disk, audit: InMemoryAuditLog) -> None:
        self.orders: dict[str, Order] = {}
        self.saved: list[Order] = []
        self._disk = disk
        self._audit = audit

    def save(self, order: Order, mode: Mode | None, cause: str) -> None:
        """Keep the order as it is now."""
        self._disk.write()
        self.orders[order.client_order_id] = order
        self.saved.append(order)
        self._audit.explain("order", f"{order.client_order_id} {order.state.value}", order.key.account_key, mode, cause)

    def get(self, client_order_id: str) -> Order | None:
        """Return an order as it is kept."""
        return self.orders.get(client_order_id)

    def alive(self) -> tuple[Order, ...]:
        """Return every order that may still trade, oldest first."""
        return tuple(order for order in self.orders.values() if order.is_alive)

    def recent(self, limit: int) -> tuple[Order, ...]:
        """Return the newest orders, oldest first."""
        return tuple(self.orders.values())[-limit:]


class InMemoryOperationRepository:
    """An OperationRepository.

    Attributes:
        operations: the newest step by operation id, in order of first saving.
        saved: every step saved, in order.
    """

    def __init__(self, disk: Disk, audit: InMemoryAuditLog) -> None:
        self.operations: dict[str, CloseOperation] = {}
        self.saved: list[CloseOperation] = []
        self._disk = disk
        self._audit = audit

    def save(self, operation: CloseOperation, mode: Mode | None) -> None:
        """Keep the operation's step."""
        self._disk.write()
        self.operations[operation.operation_id] = operation
        self.saved.append(operation)
        self._audit.explain("operation", operation.step.value, operation.key.account_key, mode, operation.operation_id)

    def unfinished(self) -> tuple[CloseOperation, ...]:
        """Return operations that had not ended, or still ask something, oldest first."""
        return tuple(operation for operation in self.operations.values() if not operation.is_settled)


class InMemoryEntryRepository:
    """An EntryRepository.

    Attributes:
        operations: the newest step by operation id, in order of first saving.
        saved: every step saved, in order. planned: the newest plan of each scope.
    """

    def __init__(self, disk: Disk, audit: InMemoryAuditLog) -> None:
        self.operations: dict[str, EntryOperation] = {}
        self.saved: list[EntryOperation] = []
        self.planned: dict[PositionKey, StopPlan] = {}
        self._disk = disk
        self._audit = audit

    def save(self, operation: EntryOperation, mode: Mode | None) -> None:
        """Keep the operation's step."""
        self._disk.write()
        self.operations[operation.operation_id] = operation
        self.saved.append(operation)
        self._audit.explain("operation", operation.step.value, operation.key.account_key, mode, operation.operation_id)

    def unfinished(self) -> tuple[EntryOperation, ...]:
        """Return operations that had not ended, oldest first."""
        return tuple(operation for operation in self.operations.values() if not operation.is_over)

    def save_plan(self, plan: StopPlan, mode: Mode | None) -> None:
        """Keep what is planned for a stop."""
        self._disk.write()
        self.planned[plan.key] = plan
        self._audit.explain("operation", "stop plan", plan.key.account_key, mode, "stop plan")

    def plans(self) -> tuple[StopPlan, ...]:
        """Return every plan that is not over."""
        return tuple(plan for plan in self.planned.values() if not plan.is_over)


class InMemoryAccountRepository:
    """An AccountRepository."""

    def __init__(self, disk: Disk, audit: InMemoryAuditLog, positions: InMemoryPositionRepository) -> None:
        self._accounts: dict[AccountKey, Account] = {}
        self._anchors: dict[AccountKey, datetime] = {}
        self.points = positions.points
        self._disk = disk
        self._audit = audit
        self._positions = positions

    def save(self, account: Account) -> None:
        """Keep an account."""
        self._disk.write()
        self._accounts[account.key] = account
        self._positions.currencies[account.key] = account.currency
        self._audit.explain("account", str(account), account.key, account.mode, "account")

    def accounts(self) -> tuple[Account, ...]:
        """Return every known account, in the order they were first seen."""
        return tuple(self._accounts.values())

    def fills_anchor(self, key: AccountKey) -> datetime | None:
        """Return the anchor; None before the first sync."""
        return self._anchors.get(key)

    def set_fills_anchor(self, key: AccountKey, anchor: datetime) -> None:
        """Keep the first anchor."""
        self._disk.write()
        self._accounts.setdefault(key, Account(key))
        if key not in self._anchors:
            self._anchors[key] = anchor
            self._audit.explain("account", str(anchor), key, None, "first sync")

    def save_instrument(self, connection: str, instrument: Instrument, revalued: Sequence[Position]) -> None:
        """Keep a contract's definition with the positions it revalues."""
        contracts = self._positions.contracts
        if not revalued and contracts.get((connection, instrument.symbol)) == instrument:
            return
        self._disk.write()
        contracts[connection, instrument.symbol] = instrument
        self._positions.annotate(revalued)
        self._audit.explain("instrument", instrument.symbol, None, None, "security definition")

    def instruments(self) -> Mapping[tuple[str, str], Instrument]:
        """Return known contracts by (connection, symbol)."""
        return dict(self._positions.contracts)

    def add_equity_point(self, key: AccountKey, kind: str, cash: Decimal, at: datetime) -> None:
        """Keep a point of our own money figure."""
        self._disk.write()
        self.points.setdefault(key, []).append(EquityPoint(at, cash, EquityKind(kind)))
        self._audit.explain("equity", str(cash), key, None, kind.lower())

    def mixes_currencies(self, key: AccountKey) -> bool:
        """Say whether the account holds or ever closed something settled in another currency than its own."""
        return self._positions.mixes_currencies(key)

    def last_equity(self, key: AccountKey) -> Decimal | None:
        """Return our own cash figure as last kept."""
        points = self.points.get(key)
        return points[-1].cash if points else None

    def reset_since(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return with how much money the account last began anew since a moment."""
        points = self.points.get(key, [])
        resets = [one.cash for one in points if one.kind is EquityKind.RESET and one.at >= moment]
        return resets[-1] if resets else None

    def equity_at(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return our own cash figure as it stood at a moment."""
        points = self.points.get(key, [])
        before = [point.cash for point in points if point.at < moment]
        return before[-1] if before else points[0].cash if points else None


class InMemoryTradeRepository:
    """A TradeRepository over what the others keep."""

    def __init__(self, positions: InMemoryPositionRepository, accounts: InMemoryAccountRepository) -> None:
        self._positions = positions
        self._accounts = accounts

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        """Return closed trades, and our own equity before the first of them."""
        since = wanted.since or datetime.min.replace(tzinfo=UTC)
        both = zip(self._positions.trades, self._positions.trade_modes, strict=True)
        found = [
            trade
            for trade, mode in both
            if trade.key.account_key == wanted.account
            and mode in (wanted.mode, *wanted.others)
            and trade.exit_time >= since
        ]
        mixed = self._accounts.mixes_currencies(wanted.account)
        base = None if mixed else self._accounts.equity_at(wanted.account, since)
        return tuple(sorted(found, key=lambda one: one.exit_time)), base

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        """Return our own money figure since a time."""
        if self._accounts.mixes_currencies(wanted.account):
            return ()
        points, since = self._accounts.points.get(wanted.account, []), wanted.since
        if since is None:
            return tuple(points)
        before = [EquityPoint(since, point.cash, EquityKind.ANCHOR) for point in points if point.at < since]
        return (*before[-1:], *(point for point in points if point.at >= since))


class InMemoryRunRepository:
    """A RunRepository.

    Attributes:
        last: how the run before ended; set it before `begin` to play a crash.
    """

    def __init__(self, disk: Disk, audit: InMemoryAuditLog) -> None:
        self.last: LastRun | None = None
        self._disk = disk
        self._audit = audit

    def begin(self, now: datetime) -> LastRun | None:
        """Begin a run; return how the one before ended."""
        self._disk.write()
        before, self.last = self.last, LastRun(clean=False, alive_at=now)
        self._audit.explain("run", "begins", cause="program")
        return before

    def beat(self, now: datetime) -> None:
        """Say that the program is alive."""
        self._disk.write()
        self.last = LastRun(clean=False, alive_at=now)

    def end(self, now: datetime) -> None:
        """End cleanly."""
        self._disk.write()
        self.last = LastRun(clean=True, alive_at=now)
        self._audit.explain("run", "ends", cause="program")


@dataclass
class InMemoryStore:
    """All repositories on one disk, with the names of the real store."""

    disk: Disk = field(default_factory=Disk)
    audit: InMemoryAuditLog = field(init=False)
    positions: InMemoryPositionRepository = field(init=False)
    orders: InMemoryOrderRepository = field(init=False)
    operations: InMemoryOperationRepository = field(init=False)
    entries: InMemoryEntryRepository = field(init=False)
    accounts: InMemoryAccountRepository = field(init=False)
    runs: InMemoryRunRepository = field(init=False)
    trades: InMemoryTradeRepository = field(init=False)
    guards: InMemoryGuardRepository = field(init=False)
    limits: InMemoryLimitRepository = field(init=False)
    alerts: InMemoryAlertRepository = field(init=False)

    def __post_init__(self) -> None:
        self.audit = InMemoryAuditLog(self.disk)
        self.positions = InMemoryPositionRepository(self.disk, self.audit)
        self.orders = InMemoryOrderRepository(self.disk, self.audit)
        self.operations = InMemoryOperationRepository(self.disk, self.audit)
        self.entries = InMemoryEntryRepository(self.disk, self.audit)
        self.accounts = InMemoryAccountRepository(self.disk, self.audit, self.positions)
        self.runs = InMemoryRunRepository(self.disk, self.audit)
        self.trades = InMemoryTradeRepository(self.positions, self.accounts)
        self.guards = InMemoryGuardRepository(self.disk)
        self.limits = InMemoryLimitRepository(self.disk)
        self.alerts = InMemoryAlertRepository(self.disk)

    def commit_ms(self, share: float = 0.5) -> float | None:
        """Be the health of a disk that takes no time."""
        return 0.0 if self.disk.commits else None
