"""Everything a panel may show, at one moment, immutable. A panel compares by identity and redraws what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core.announcement import Announcement
from core.binding_settings import BindingSettings
from core.link import Link
from core.model.sanity import SanityLimits
from core.model.scope import Account, AccountKey, Balance, PositionKey
from core.preferences import PnlMark
from core.unsaved_work import UnsavedWork

if TYPE_CHECKING:
    # What a snapshot holds is made elsewhere: the first frame imports only what it shows.
    from core.model.alert import Alert
    from core.model.bar import BarSeries, ChartKey
    from core.model.depth import Depth
    from core.model.entry import EntryOperation
    from core.model.fill import Fill
    from core.model.finding import Finding
    from core.model.guards import AccountGuards
    from core.model.instrument import Instrument
    from core.model.market import Quote, SessionFigures
    from core.model.operation import CloseOperation
    from core.model.order import Order
    from core.model.position import Position
    from core.model.recovery import Recovery
    from core.model.session_studies import SessionStudies
    from core.model.trade import Trade
    from core.queries import QueryResult


class Certainty(Enum):
    """How sure we are of a scope's quantity; shown wherever a position is."""

    CONFIRMED = "CONFIRMED"
    PENDING = "PENDING"
    FILLS_ONLY = "FILLS ONLY"
    MISMATCH = "MISMATCH"
    STALE = "STALE"
    UNVERIFIED = "UNVERIFIED"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """A line to a broker as the status bar shows it.

    Attributes:
        retry_at_s: monotonic seconds of the next try; None when none is planned.
        since: when it entered this state, aware UTC.
        oco_supported, brackets_supported: the broker holds linked exits, and an entry with its exits, for us.
        hedging: the broker may keep a long and a short position of one symbol apart; positions here are their nets.
        ack_ms: median time from order to acknowledgement, milliseconds; None before the first. ack_slow_ms: that of the
            slowest twentieth.
    """

    connection: str
    link: Link
    since: datetime
    text: str = ""
    server: str = ""
    attempt: int = 0
    retry_at_s: float | None = None
    trading_supported: bool = True
    oco_supported: bool = False
    brackets_supported: bool = False
    hedging: bool = False
    ack_ms: float | None = None
    ack_slow_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ScopeStatus:
    """What is known around a scope beside its position.

    Attributes:
        broker_quantity: the broker's last explicit figure, signed; None when it never said.
        broker_time: when it said so, aware UTC.
        lock: why entries are refused in this scope; empty when they are not.
        restored: the position was brought back by recovery.
    """

    key: PositionKey
    certainty: Certainty = Certainty.UNVERIFIED
    broker_quantity: Decimal | None = None
    broker_price: Decimal | None = None
    broker_time: datetime | None = None
    lock: str = ""
    restored: bool = False


@dataclass(frozen=True, slots=True)
class LedgerBalance:
    """Our own figure of an account's money: the first broker figure plus what our ledger booked since."""

    cash: Decimal | None
    day_net: Decimal | None
    time: datetime


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """The health of the store.

    Attributes:
        commit_ms: the median of recent commits, milliseconds; None before the first. slow_ms: that of the slowest
            twentieth.
        waiting: messages the engine has not handled yet.
    """

    ok: bool = True
    text: str = ""
    commit_ms: float | None = None
    slow_ms: float | None = None
    waiting: int = 0


def _empty() -> Any:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent view.

    Attributes:
        version: rises with every change.
        halted: why all entries are refused; empty in normal running.
        locked: the same by a lock, which survives a restart and can be lifted.
        unfit: why no LIVE account can be armed in this data folder; empty when it can.
        entry_block: per connection, why entries are refused there now; absent when they are not.
        depths: books of the symbols whose depth somebody looks at. volumes: what was traded in those at each price of
            the session, as far as it was seen, up to a quarter second old.
        session_figures: what the venue states of a session. studies: what we counted of it, up to a quarter second old.
        resettable: connections to a simulator of this program, whose accounts can begin anew.
        one_click: accounts whose entries inside the limits are not asked about; those that are asked are absent.
        armed: until when entries pass in an account that is not SIM, monotonic seconds; absent when they do not.
        charts: the bars of what is shown somewhere.
        positions: open positions only; flat scopes are absent.
        orders: alive ones and the most recent final ones, by client order id, oldest first.
        fills: the most recent, oldest first, at most 500.
        duplicates: how many executions were told again in this run, and dropped.
        trades: the most recent, oldest first, at most 200.
        operations: the latest close operation of each scope.
        entries: with their exits, by operation id: those not over, and the latest of each scope.
        trails: at what distance a stop follows the price, points; absent where it does not.
        findings: orders and missing stops that need the trader, or were decided and still stand; sorted.
        notices: the most recent announcements, oldest first, at most 500.
        watched: the watchlist, by (connection, symbol), in the trader's order.
        unsaved: what is shown and not in the database yet.
        selected_symbol: by connection.
        queries: the newest answer of each ticket.
        guards: of accounts that have limits of their own.
        shared: why entries are refused in an account that another connection carries too.
        clock_ahead: how far a venue's clock is ahead of ours, by connection, signed; absent while it is not measured.
        limits: where an order becomes odd, and where it is refused, today; of the settings.
        desk: the telephone of the broker's desk, by connection; of the settings.
        settings: what binds the engine, as the trader wants it.
        alerts: what the trader asked to hear of, oldest first.
        pnl_mark: what the trader wants open profit or loss shown by; nothing is decided by it.
    """

    version: int = 0
    halted: str = ""
    locked: str = ""
    unfit: str = ""
    entry_block: Mapping[str, str] = field(default_factory=_empty)
    connections: Mapping[str, ConnectionStatus] = field(default_factory=_empty)
    accounts: Mapping[AccountKey, Account] = field(default_factory=_empty)
    balances: Mapping[AccountKey, Balance] = field(default_factory=_empty)
    ledger: Mapping[AccountKey, LedgerBalance] = field(default_factory=_empty)
    armed: Mapping[AccountKey, float] = field(default_factory=_empty)
    one_click: Mapping[AccountKey, bool] = field(default_factory=_empty)
    resettable: frozenset[str] = frozenset()
    instruments: Mapping[tuple[str, str], Instrument] = field(default_factory=_empty)
    quotes: Mapping[tuple[str, str], Quote] = field(default_factory=_empty)
    depths: Mapping[tuple[str, str], Depth] = field(default_factory=_empty)
    session_figures: Mapping[tuple[str, str], SessionFigures] = field(default_factory=_empty)
    studies: Mapping[tuple[str, str], SessionStudies] = field(default_factory=_empty)
    volumes: Mapping[tuple[str, str], Mapping[Decimal, Decimal]] = field(default_factory=_empty)
    charts: Mapping[ChartKey, BarSeries] = field(default_factory=_empty)
    positions: Mapping[PositionKey, Position] = field(default_factory=_empty)
    scopes: Mapping[PositionKey, ScopeStatus] = field(default_factory=_empty)
    orders: Mapping[str, Order] = field(default_factory=_empty)
    fills: tuple[Fill, ...] = ()
    duplicates: int = 0
    trades: tuple[Trade, ...] = ()
    operations: Mapping[PositionKey, CloseOperation] = field(default_factory=_empty)
    entries: Mapping[str, EntryOperation] = field(default_factory=_empty)
    trails: Mapping[PositionKey, Decimal] = field(default_factory=_empty)
    recovery: Recovery | None = None
    findings: tuple[Finding, ...] = ()
    notices: tuple[Announcement, ...] = ()
    database: DatabaseStatus = field(default_factory=DatabaseStatus)
    unsaved: UnsavedWork = field(default_factory=UnsavedWork)
    watched: tuple[tuple[str, str], ...] = ()
    selected_account: AccountKey | None = None
    selected_symbol: Mapping[str, str] = field(default_factory=_empty)
    queries: Mapping[str, QueryResult] = field(default_factory=_empty)
    guards: Mapping[AccountKey, AccountGuards] = field(default_factory=_empty)
    shared: Mapping[AccountKey, str] = field(default_factory=_empty)
    clock_ahead: Mapping[str, timedelta] = field(default_factory=_empty)
    limits: SanityLimits = field(default_factory=SanityLimits)
    desk: Mapping[str, str] = field(default_factory=_empty)
    settings: BindingSettings = field(default_factory=BindingSettings)
    alerts: tuple[Alert, ...] = ()
    pnl_mark: PnlMark = PnlMark.GROSS
