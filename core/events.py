"""What happened. Names are in the past tense; values are immutable; times are aware UTC.

Events from outside carry their connection. Those at the foot follow from others and never enter through the inbox.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.announcement import Announcement as Announcement  # noqa: PLC0414
from core.announcement import Level as Level  # noqa: PLC0414
from core.broker_report import BrokerSnapshot, OrderReport, PositionReport
from core.link import Link as Link  # noqa: PLC0414
from core.model.commission import CommissionSchedule
from core.model.entry import EntryOperation
from core.model.fill import Fill
from core.model.instrument import Instrument
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import PositionChange
from core.model.scope import Account, AccountKey, Balance, PositionKey
from core.model.trade import Trade


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The line went up, down, or into doubt.

    Attributes:
        text: why, in words for the trader; empty when it needs none.
        attempt: how many tries since it was last up.
        retry_in_s: seconds until the next try; None when none is planned.
        oco_supported, brackets_supported: the broker holds linked exits, and an entry with its exits, for us.
        hedging: the broker may keep a long and a short position of one symbol beside each other.
        may_have_sent: client order ids whose bytes may have left before the line fell.
    """

    connection: str
    link: Link
    at: datetime
    text: str = ""
    attempt: int = 0
    retry_in_s: float | None = None
    server: str = ""
    trading_supported: bool = True
    oco_supported: bool = False
    brackets_supported: bool = False
    hedging: bool = False
    may_have_sent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceReported:
    """The broker stated an account's money."""

    key: AccountKey
    balance: Balance


@dataclass(frozen=True, slots=True)
class InstrumentReported:
    """The venue defined a symbol, or refused to (then tick_size is None and the description says why)."""

    connection: str
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class OrderReported:
    """The broker reported on one order."""

    report: OrderReport


@dataclass(frozen=True, slots=True)
class FillReceived:
    """The broker executed something."""

    fill: Fill


@dataclass(frozen=True, slots=True)
class PositionReported:
    """The broker stated one position, asked or unasked."""

    report: PositionReport


@dataclass(frozen=True, slots=True)
class PositionsListed:
    """A complete answer to a position query of one account; rows hold explicit zeros too."""

    key: AccountKey
    rows: tuple[PositionReport, ...]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class OrdersListed:
    """A complete answer to an open-order query over all accounts of a connection."""

    connection: str
    rows: tuple[OrderReport, ...]
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotReceived:
    """Everything recovery needs arrived, complete."""

    connection: str
    snapshot: BrokerSnapshot


@dataclass(frozen=True, slots=True)
class SnapshotFailed:
    """The broker did not give a complete answer in time; nothing is concluded from what it left out."""

    connection: str
    text: str


@dataclass(frozen=True, slots=True)
class GapDetected:
    """Messages were or may have been lost; only a fresh snapshot makes the connection READY again."""

    connection: str
    text: str


@dataclass(frozen=True, slots=True)
class SendStarted:
    """The first byte of an order or cancel is on its way; from here its outcome is ambiguous until told."""

    connection: str
    client_order_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SendFailed:
    """Not one byte of this order left: proven unsent."""

    connection: str
    client_order_id: str
    text: str


@dataclass(frozen=True, slots=True)
class VenueSpoke:
    """The broker sent a text for the trader (DTC USER_MESSAGE 700, GENERAL_LOG_MESSAGE 701)."""

    connection: str
    text: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class TicksWaiting:
    """The market board holds ticks; posted once until it is drained."""


@dataclass(frozen=True, slots=True)
class ClockTicked:
    """Time passed: four times a second.

    Attributes:
        now: wall time, aware UTC; for records.
        monotonic_s: seconds on the monotonic clock; for deadlines.
        waiting: messages queued behind it.
    """

    now: datetime
    monotonic_s: float
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class FillApplied:
    """A fill is committed and published.

    Attributes:
        away: it happened while we were not connected.
    """

    change: PositionChange
    away: bool = False


@dataclass(frozen=True, slots=True)
class TradeClosed:
    """A round trip ended; committed."""

    trade: Trade


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order's stored state moved; committed."""

    order: Order
    before: Order | None = None


@dataclass(frozen=True, slots=True)
class FillsWhileAway:
    """Executions from a snapshot that are to be booked before anything is compared."""

    connection: str
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class SnapshotDigested:
    """Accounts, orders and missed fills of a snapshot are booked: positions may now be compared."""

    connection: str
    snapshot: BrokerSnapshot


@dataclass(frozen=True, slots=True)
class SnapshotOrdersTaken:
    """The accounts and orders of a snapshot are taken over: its missed fills may now find their orders."""

    connection: str
    snapshot: BrokerSnapshot


@dataclass(frozen=True, slots=True)
class AbsenceProven:
    """Two complete snapshots, apart in time, have neither this order nor an unbooked fill of it."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class OrderDisowned:
    """The trader has an order of unknown outcome treated as somebody else's: it waits for nobody any more."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class StopPlanDropped:
    """The trader leaves a position without the stop it had: it is not asked about again."""

    key: PositionKey


@dataclass(frozen=True, slots=True)
class AccountsListed:
    """The broker named its accounts, as part of a complete snapshot."""

    connection: str
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class AccountReset:
    """A simulated account began anew.

    Attributes:
        cash: what it has from now on, account currency.
    """

    key: AccountKey
    cash: Decimal


@dataclass(frozen=True, slots=True)
class DecisionCarriedOut:
    """What the trader decided about a recovered scope is booked: the connection may be opened if it was the last."""

    connection: str


@dataclass(frozen=True, slots=True)
class ConnectionReconciled:
    """Every scope of the connection is decided or explicitly left locked; entries may open."""

    connection: str


@dataclass(frozen=True, slots=True)
class OperationMoved:
    """A stored procedure took a step; committed."""

    operation: CloseOperation


@dataclass(frozen=True, slots=True)
class EntryMoved:
    """An entry with its exits took a step; committed."""

    operation: EntryOperation


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """An entry with its exits was refused before a byte of it left."""

    operation_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ScheduleChanged:
    """What fills cost from now on."""

    schedule: CommissionSchedule


@dataclass(frozen=True, slots=True)
class CorrectionDecided:
    """The trader decided that a scope's books change without an order; carries the deterministic fill."""

    fill: Fill
    reason: str
    expected_before: Decimal
    audit: dict[str, str] = field(default_factory=dict)

    @property
    def after(self) -> Decimal:
        """The signed quantity it leaves."""
        return self.expected_before + self.fill.signed_quantity
