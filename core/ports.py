"""What the services need from the outside, as small Protocols; `app` passes the real ones in.

Every repository belongs to the trading thread (the main thread uses them before any other thread exists), except
TradeRepository, which only reads and is the query thread's. A method that writes returns only when the transaction is
committed and synchronised, and raises PersistenceError otherwise. Writes of orders, operations, accounts and runs put
their audit row into the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from core.emergency import EmergencyEntry, EmergencyLines
from core.model.bracket import Offsets
from core.model.entry import EntryOperation
from core.model.equity import EquityPoint
from core.model.fill import Fill
from core.model.guard_day import AccountLock, GuardState
from core.model.instrument import Instrument
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.order_change import Terms
from core.model.position import Position, PositionChange
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.model.stop_plan import StopPlan
from core.model.trade import Trade
from core.queries import EquityFilter, TradeFilter

# Called with the name of a step; a test replaces it to kill the process there (core.crash_points lists the names).
Checkpoint = Callable[[str], None]


def passing(name: str) -> None:
    """Be the checkpoint of normal running: do nothing."""


class Broker(Protocol):
    """A line to a broker. Calls return at once; what becomes of them arrives as events.

    Any thread may call; the trading thread does. No method waits for the network.
    """

    @property
    def connection(self) -> str:
        """The stable slug of this connection."""
        ...

    def submit(self, order: Order) -> None:
        """Hand a committed order to the line as whole frames.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        ...

    def submit_pair(self, first: Order, second: Order) -> None:
        """Hand two committed exits to the line as one message; the broker cancels or reduces one when the other fills.

        SendStarted, SendFailed and may_have_sent name each of them, both or none.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        ...

    def submit_bracket(self, entry: Order, stop: Order, target: Order, offsets: Offsets | None = None) -> None:
        """Hand a committed entry and its two exits to the line, nothing between them; the exits wait for its fill.

        SendStarted, SendFailed and may_have_sent name each of the three, all or none.

        Args:
            offsets: the exits stand that far from the price the entry fills at; None keeps the prices they carry.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        ...

    def cancel(self, order: Order) -> None:
        """Ask to cancel an order.

        Raises:
            ConnectionLost: the line is down; nothing was queued.
        """
        ...

    def replace(self, order: Order, wanted: Terms) -> None:
        """Ask for other terms of a working order; what never left is told as SendFailed.

        Raises:
            ConnectionLost: the line is down; nothing was queued and nothing will be sent later.
        """
        ...

    def request_snapshot(self, since: datetime) -> None:
        """Ask for accounts, balances, open orders, positions and fills since a time.

        Answered by one SnapshotReceived or SnapshotFailed; a request while one runs replaces it. Does nothing when the
        line is down (the next LinkChanged tells).
        """
        ...

    def request_positions(self, key: AccountKey) -> None:
        """Ask for the positions of one account; answered by PositionsListed, or not at all."""
        ...

    def request_orders(self) -> None:
        """Ask for the open orders; answered by OrdersListed, or not at all."""
        ...

    def subscribe(self, symbol: str) -> None:
        """Ask for a symbol's definition and market data, now and after every reconnect; repeats are free."""
        ...

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Have a symbol's depth told, now and after every reconnect, or no more; repeats are free."""
        ...

    def reconnect(self) -> None:
        """Try the line at once instead of waiting out the back-off."""
        ...


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the program ended before.

    Attributes:
        clean: it ended by itself.
        alive_at: when it was last seen alive, aware UTC.
    """

    clean: bool
    alive_at: datetime


class PositionRepository(Protocol):
    """The ledger and what is folded from it; one write path for fills."""

    def record(self, change: PositionChange, mode: Mode | None, cause: str) -> None:
        """Commit ledger rows, open position, trade row, our own money figure and audit row in one transaction.

        Our own figure moves by the change's cash, once it has been anchored; money of another currency than the
        account's moves nothing.

        Args:
            cause: why this happened, in words for the audit ("order ST…", "while away", "adopted from broker").

        Raises:
            DuplicateFill: the execution is in the ledger; nothing was changed.
            PersistenceError: nothing was changed, or (I/O error at commit) the outcome is unknown.
        """
        ...

    def update_trade_extremes(self, positions: Sequence[Position]) -> None:
        """Commit the annotations (excursions, heat, exits, risk, money revaluation) of open positions, in one go."""
        ...

    def has_fill(self, key: AccountKey, execution_id: str) -> bool:
        """Say whether an execution of an account is in the ledger."""
        ...

    def fills_of(self, key: AccountKey, execution_id: str) -> tuple[Fill, ...]:
        """Return the ledger rows of an execution of an account: its legs in order, none when it is not booked."""
        ...

    def corrected_at(self, key: PositionKey) -> datetime | None:
        """Return when the broker stated what the newest correction of a scope follows; None when none is booked."""
        ...

    def get_open_position(self, key: PositionKey) -> Position | None:
        """Return the stored open position of a scope."""
        ...

    def recover_all_open_positions(self) -> tuple[Position, ...]:
        """Return every stored open position."""
        ...

    def filled_by_order(self, client_order_ids: Sequence[str]) -> Mapping[str, Decimal]:
        """Return the ledger's filled quantity per client order id; absent when nothing was filled."""
        ...

    def recent_fills(self, limit: int) -> tuple[Fill, ...]:
        """Return the newest fills, oldest first."""
        ...

    def recent_trades(self, limit: int) -> tuple[Trade, ...]:
        """Return the newest trades, oldest first."""
        ...

    def prove(self) -> None:
        """Fold the ledger and compare it with every open position.

        Raises:
            DatabaseDamaged: they differ; the text names the scope and both figures.
        """
        ...


class OrderRepository(Protocol):
    """Orders of ours and of others, by client order id."""

    def save(self, order: Order, mode: Mode | None, cause: str) -> None:
        """Commit the order as it is now."""
        ...

    def get(self, client_order_id: str) -> Order | None:
        """Return an order as it is stored."""
        ...

    def alive(self) -> tuple[Order, ...]:
        """Return every order that may still trade, oldest first."""
        ...

    def recent(self, limit: int) -> tuple[Order, ...]:
        """Return the newest orders, final ones too, oldest first."""
        ...


class OperationRepository(Protocol):
    """Stored procedures."""

    def save(self, operation: CloseOperation, mode: Mode | None) -> None:
        """Commit the operation's step."""
        ...

    def unfinished(self) -> tuple[CloseOperation, ...]:
        """Return operations that had not ended, oldest first."""
        ...


class EntryRepository(Protocol):
    """Entries with their exits, and plans for stops."""

    def save(self, operation: EntryOperation, mode: Mode | None) -> None:
        """Commit the operation's step."""
        ...

    def unfinished(self) -> tuple[EntryOperation, ...]:
        """Return operations that had not ended, oldest first."""
        ...

    def save_plan(self, plan: StopPlan, mode: Mode | None) -> None:
        """Commit what is planned for the stop of a scope, in place of what was."""
        ...

    def plans(self) -> tuple[StopPlan, ...]:
        """Return every plan that is not over."""
        ...


class AccountRepository(Protocol):
    """Accounts, instruments and money points."""

    def save(self, account: Account) -> None:
        """Commit an account."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Return every known account."""
        ...

    def fills_anchor(self, key: AccountKey) -> datetime | None:
        """Return the broker time after which every fill must be in our ledger; None before the first sync."""
        ...

    def set_fills_anchor(self, key: AccountKey, anchor: datetime) -> None:
        """Commit the anchor; set once, at the first sync of an account."""
        ...

    def save_instrument(self, connection: str, instrument: Instrument, revalued: Sequence[Position]) -> None:
        """Commit a contract's definition together with the open positions it revalues."""
        ...

    def instruments(self) -> Mapping[tuple[str, str], Instrument]:
        """Return known contracts by (connection, symbol)."""
        ...

    def add_equity_point(self, key: AccountKey, kind: str, cash: Decimal, at: datetime) -> None:
        """Commit a point of our own money figure.

        Args:
            kind: ANCHOR (first broker figure), TRADE or RESET.
        """
        ...

    def mixes_currencies(self, key: AccountKey) -> bool:
        """Say whether the account holds or ever closed something settled in another currency than its own."""
        ...

    def last_equity(self, key: AccountKey) -> Decimal | None:
        """Return our own cash figure as last stored; None before the anchor."""
        ...

    def reset_since(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return with how much money the account last began anew, at a moment or after it; None if it did not."""
        ...

    def equity_at(self, key: AccountKey, moment: datetime) -> Decimal | None:
        """Return our own cash figure as it stood at a moment: the newest point before it, else the first ever."""
        ...


class RunRepository(Protocol):
    """Sessions of the program."""

    def begin(self, now: datetime) -> LastRun | None:
        """Commit the start of a run; return how the one before ended, None at the first start."""
        ...

    def beat(self, now: datetime) -> None:
        """Commit that the program is alive."""
        ...

    def end(self, now: datetime) -> None:
        """Commit the clean end."""
        ...


class AuditLog(Protocol):
    """The append-only, hash-chained record of decisions, settings and commands that have no table of their own."""

    def append(
        self,
        kind: str,
        text: str,
        *,
        key: AccountKey | None,
        mode: Mode | None,
        cause: str,
        data: Mapping[str, str],
    ) -> None:
        """Commit one audit row."""
        ...


class EmergencyLog(Protocol):
    """Where a fact goes that the database refuses; it outlives the program."""

    def append(self, entry: EmergencyEntry) -> None:
        """Write one entry; when this returns it survives a power cut.

        Raises:
            PersistenceError: it was not written.
        """
        ...

    def read(self) -> EmergencyLines:
        """Return what it holds.

        Raises:
            PersistenceError: it is there and cannot be read.
        """
        ...

    def retire(self, aside: Sequence[EmergencyEntry]) -> None:
        """Put the log aside, everything in it being in the database, but for what is kept aside; it is empty then.

        Raises:
            PersistenceError: it is as it was.
        """
        ...


class GuardRepository(Protocol):
    """Where accounts stand against their limits, and what locks them."""

    def save(self, key: AccountKey, state: GuardState, lock: AccountLock | None, mode: Mode | None) -> None:
        """Commit where an account stands, and with it a lock."""
        ...

    def states(self) -> Mapping[AccountKey, GuardState]:
        """Return where every guarded account stood."""
        ...

    def locks(self, now: datetime) -> tuple[AccountLock, ...]:
        """Return the locks that have not ended, oldest first."""
        ...


class TradeRepository(Protocol):
    """Closed trades and equity, read beside the thread that writes them (query thread)."""

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        """Return closed trades in the order of their exits, and our own equity before the first of them."""
        ...

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        """Return our own money figure, oldest first; where the wanted time begins in between, from that moment on."""
        ...


class StoreHealth(Protocol):
    """How the store is doing."""

    def commit_ms(self, share: float = 0.5) -> float | None:
        """Return within how many milliseconds a share of recent commits was done; None before the first."""
        ...
