"""What is wanted: imperative, from the trader (or later a rule); may be refused with a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.order import TimeInForce

if TYPE_CHECKING:
    # The first frame emits some of these commands, and has nothing else of what they carry.
    from core.model.bracket import Bracket, Offsets
    from core.model.entry import EntryOperation
    from core.model.fill import Side
    from core.model.finding import FindingChoice
    from core.model.operation import CloseChoice
    from core.model.order import Intent, OrderType
    from core.model.recovery import ClosedBy, RecoveryChoice
    from core.model.scope import AccountKey, Mode, PositionKey
    from core.queries import QueryFilter


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """Send an order.

    Attributes:
        action_id: minted per press; however often it arrives it is one order.
        quantity: positive.
        price: limit price, points; on the tick grid or refused.
        trigger_price: stop trigger, points.
        confirmed: the trader was told which soft limits it passes, and wants it all the same.
        pressed_s: when it was posted, monotonic seconds; noted by the loop, None where it did not pass its door.
    """

    action_id: str
    key: PositionKey
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    confirmed: bool = False
    pressed_s: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OpenWithBracket:
    """Send an entry together with its exits, as one operation: no part of it is left without its stop.

    Attributes:
        entry: its action is the operation's; what reduces a position is refused here.
    """

    entry: SubmitOrder
    bracket: Bracket


@dataclass(frozen=True, slots=True)
class ReducePosition:
    """Close a part of a position at the market; its exits are made smaller first, so that they cannot reverse it.

    Attributes:
        quantity: positive, less than what is open.
    """

    action_id: str
    key: PositionKey
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class TrailStop:
    """Have the stop of a position follow the best price, or leave it where it is.

    Attributes:
        distance: points, positive; None ends it.
    """

    action_id: str
    key: PositionKey
    distance: Decimal | None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel one working order."""

    client_order_id: str


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """Have a working order work under other terms; None leaves one as it is.

    Attributes:
        action_id: minted per press; however often it arrives it is one change.
        quantity: a total that includes what is filled.
        price, trigger_price: points; on the tick grid or refused.
        confirmed: the trader was told what is odd about it, and wants it all the same.
        by_rule: this program fits an exit to its position, which no guard of an entry may stand before; never said by
            a panel.
    """

    action_id: str
    client_order_id: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    confirmed: bool = False
    by_rule: bool = False


@dataclass(frozen=True, slots=True)
class MoveExit:
    """Move the nearest stop or target of a position, from the price last asked for.

    Attributes:
        stop: the stop; else the target.
        ticks: up in price where positive.
        confirmed: as of ChangeOrder.
    """

    action_id: str
    key: PositionKey
    stop: bool
    ticks: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class StopToBreakeven:
    """Move the stops of a position to its entry price, where they are worse than that."""

    action_id: str
    key: PositionKey


@dataclass(frozen=True, slots=True)
class ClosePosition:
    """Run the close procedure for a scope; a further press while one runs is inert."""

    action_id: str
    key: PositionKey


@dataclass(frozen=True, slots=True)
class ReversePosition:
    """Close a scope and, once it is proven flat, open as much on the other side; if the close fails nothing opens."""

    action_id: str
    key: PositionKey


@dataclass(frozen=True, slots=True)
class AnswerClose:
    """Answer a close that asks; ignored when the operation has moved on meanwhile."""

    operation_id: str
    choice: CloseChoice


@dataclass(frozen=True, slots=True)
class FlattenAccount:
    """Run the close procedure for every scope of an account, in parallel."""

    action_id: str
    key: AccountKey


@dataclass(frozen=True, slots=True)
class DecideRecovery:
    """Apply one row of the recovery dialog, or the choice of the reconcile dialog.

    Attributes:
        version: the row's version the trader saw; an outdated answer is refused and shown again.
        reason: why, in the trader's words; reconciling an account that is not SIM needs one.
    """

    key: PositionKey
    choice: RecoveryChoice
    version: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordClosed:
    """Book that something is closed which the broker closed already; no order is sent.

    Attributes:
        quantity: what was closed, positive, at most what is open here.
        price: points, on the tick grid; None when nobody knows it.
        closed_at: aware; None when nobody knows it.
        commission: costs, positive; None when nobody knows them.
        note: why, three characters at least.
        typed_symbol: what the trader typed; needed where the broker has not said flat outright.
    """

    key: PositionKey
    quantity: Decimal
    price: Decimal | None
    closed_at: datetime | None
    commission: Decimal | None
    closed_by: ClosedBy
    note: str
    typed_symbol: str = ""


@dataclass(frozen=True, slots=True)
class DecideFinding:
    """Apply a choice about an order, or about a position without its stop.

    Attributes:
        name: the finding's order; empty for a missing stop.
        version: the finding's version the trader saw.
        price: of CHOOSE_PRICE, points; on the tick grid and on the right side of the market, or refused.
    """

    key: PositionKey
    name: str
    choice: FindingChoice
    version: int
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SelectAccount:
    """Show another account; changes nothing but what is shown."""

    key: AccountKey


@dataclass(frozen=True, slots=True)
class SelectSymbol:
    """Show another symbol on a connection, subscribing to it."""

    connection: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ClassifyAccount:
    """Say what an account is; refused while it has a position or a working order."""

    key: AccountKey
    mode: Mode


@dataclass(frozen=True, slots=True)
class ArmAccount:
    """Let entries pass in an account of real consequence, for a while; refused while anything speaks against it."""

    key: AccountKey


@dataclass(frozen=True, slots=True)
class DisarmAccount:
    """Let no entry pass any more; never refused."""

    key: AccountKey


@dataclass(frozen=True, slots=True)
class LockSession:
    """Let no entry pass in an account until its session reset; nothing lifts it before."""

    key: AccountKey


@dataclass(frozen=True, slots=True)
class SetOneClick:
    """Say whether entries inside the limits go without a question in an account of real consequence."""

    key: AccountKey
    on: bool


@dataclass(frozen=True, slots=True)
class ResetAccount:
    """Begin an account of the built-in simulator anew; refused while anything is open or may trade in it."""

    key: AccountKey


@dataclass(frozen=True, slots=True)
class TraderActive:
    """The trader touched the window: what ends by itself without him begins anew."""


@dataclass(frozen=True, slots=True)
class ReconnectNow:
    """Try the line at once instead of waiting out the back-off."""

    connection: str


@dataclass(frozen=True, slots=True)
class AskBroker:
    """Request a fresh snapshot of a connection."""

    connection: str


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Ask the stored history; the answer stands in the snapshot under the ticket, the newest question wins.

    Attributes:
        page: of rows, newest first; 0 is the first.
    """

    ticket: str
    filter: QueryFilter
    page: int = 0


@dataclass(frozen=True, slots=True)
class PlaceExit:
    """Send an order that can only reduce a position; said by the close procedure, never by a panel.

    Attributes:
        client_order_id: minted before, and stored with the operation that wants it.
        intent: CLOSE or PROTECT.
    """

    client_order_id: str
    key: PositionKey
    side: Side
    type: OrderType
    quantity: Decimal
    intent: Intent
    cause: str
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY


@dataclass(frozen=True, slots=True)
class PlaceExitPair:
    """Send a stop and a target the broker links: what one fills, the other loses; never said by a panel."""

    stop: PlaceExit
    target: PlaceExit


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """Send the orders of an entry whose operation is stored; never said by a panel.

    Attributes:
        entry: the press.
        offsets: for each leg, where its exits are distances and go with it; else None.
    """

    operation: EntryOperation
    entry: SubmitOrder
    offsets: tuple[Offsets | None, ...]
