"""The words the steps of a close are written in: the facts a step looks at, and the plan it makes of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from core.events import Link
from core.messages import Message
from core.model.instrument import Instrument
from core.model.market import Quote, TradingStatus
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Order, OrderState
from core.model.position import Position
from core.model.scope import PositionKey
from core.model.trade import Trade
from core.snapshot import Certainty, ScopeStatus, Snapshot
from services.close_size import sendable

# The branch of a close that goes by the broker's figure because ours is not confirmed.
BY_BROKER = "MISMATCH"

# The branch of a close whose position the broker has not spoken of yet; the trader may have it sent all the same.
UNREAD = "UNREAD"

# How long before a close an order may have ended for its fill to be still on its way.
RECENT = timedelta(seconds=60)

# The branch of a close in a market that does not trade; the trader may have it sent all the same.
RESTING = "B9"

# The branch of a close of less than the venue trades; the trader may have it sent all the same.
DUST = "B10"

# The branch of a close at a broker who keeps a long and a short position of one symbol beside each other.
HEDGED = "B11"
_RESTING = frozenset({TradingStatus.CLOSED, TradingStatus.HALTED, TradingStatus.PRE_OPEN})
_UP = frozenset({Link.READY, Link.SYNCING, Link.DOUBTFUL})


class Ask(Enum):
    """What the broker is asked about at once, beside what the messages of a plan ask."""

    NOTHING = "NOTHING"
    ORDERS = "ORDERS"
    POSITIONS = "POSITIONS"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known around the scope of a close at this moment.

    Attributes:
        trade: the round trip that ended since the close began; None when none did.
        now: wall time, aware UTC; for records only.
        mint: makes a client order id.
    """

    key: PositionKey
    snapshot: Snapshot
    trade: Trade | None
    now: datetime
    mint: Callable[[], str]

    @property
    def position(self) -> Position | None:
        """Our position; None is flat."""
        return self.snapshot.positions.get(self.key)

    @property
    def scope(self) -> ScopeStatus:
        """What the broker said, and how sure we are."""
        return self.snapshot.scopes.get(self.key) or ScopeStatus(self.key)

    @property
    def instrument(self) -> Instrument | None:
        """The contract, once the venue has defined it."""
        return self.snapshot.instruments.get((self.key.connection, self.key.symbol))

    @property
    def mismatch(self) -> bool:
        """Whether the broker's figure is known to differ from ours."""
        return self.scope.certainty is Certainty.MISMATCH

    @property
    def differs(self) -> bool:
        """Whether the broker's last figure is another than ours, for however short a time."""
        doubtful = self.scope.certainty in (Certainty.PENDING, Certainty.MISMATCH)
        return doubtful and self.scope.broker_quantity not in (None, self._ours)

    @property
    def unread(self) -> bool:
        """Whether we hold what the broker has not confirmed on this line: a close of what is gone would reverse it."""
        return self.position is not None and self.scope.certainty is Certainty.UNVERIFIED

    @property
    def dust(self) -> bool:
        """Whether what is open is less than the venue's smallest quantity."""
        return self.position is not None and sendable(abs(self.position.quantity), self.instrument) == 0

    @property
    def quote(self) -> Quote | None:
        """The latest of the symbol."""
        return self.snapshot.quotes.get((self.key.connection, self.key.symbol))

    @property
    def hedged(self) -> bool:
        """Whether what is open may be the net of legs the broker keeps beside each other."""
        line = self.snapshot.connections.get(self.key.connection)
        return line is not None and line.hedging

    @property
    def alive(self) -> tuple[Order, ...]:
        """Every order of the scope that may still trade."""
        return tuple(one for one in self.snapshot.orders.values() if one.key == self.key and one.is_alive)

    def nothing_here(self, operation: CloseOperation) -> bool:
        """Whether nothing is open or works, by our books, the broker's last word and every report of a fill alike."""
        return self.position is None and not self.alive and not self.differs and not self.unbooked(operation)

    @property
    def unsettled(self) -> bool:
        """Whether an order is in flight, or the broker's figure still on its way."""
        in_flight = any(one.state is OrderState.SENT for one in self.alive)
        return in_flight or self.unread or self.scope.certainty is Certainty.PENDING

    def unbooked(self, operation: CloseOperation) -> bool:
        """Whether an order of the scope is reported filled by more than the ledger holds yet."""
        return bool(self._gaps(operation))

    def surely_open(self, operation: CloseOperation) -> Decimal:
        """Return the signed quantity that is open by our books, every report and the broker's last word alike."""
        theirs = self.scope.broker_quantity if self.differs else None
        stated = [self._ours + sum(self._gaps(operation)), self._ours if theirs is None else theirs]
        if any(one * self._ours <= 0 for one in stated):
            return Decimal(0)
        return min(self._ours, *stated, key=abs)

    @property
    def _ours(self) -> Decimal:
        return Decimal(0) if self.position is None else self.position.quantity

    def _gaps(self, operation: CloseOperation) -> list[Decimal]:
        """Return the signed quantities that orders of the scope are reported filled by and the ledger lacks.

        The report of an order comes before its fill; between the two our quantity is not what is open. What the broker
        confirmed after the report is no such gap. Only recent orders count: the snapshot does not hold the fills of
        old ones for ever.
        """
        since = min(operation.started_at, self.now) - RECENT  # the clock may have been set back
        told = self.scope.broker_time if self.scope.certainty is Certainty.CONFIRMED else None
        recent = [
            one
            for one in self.snapshot.orders.values()
            if one.key == self.key
            and (one.updated_at >= since or one.client_order_id in operation.cancelled)
            and (told is None or one.updated_at >= told)
        ]
        gaps = [(one.side.sign, one.filled_quantity - self._booked(one)) for one in recent]
        return [sign * gap for sign, gap in gaps if gap > 0]

    def _booked(self, order: Order) -> Decimal:
        fills = [one for one in self.snapshot.fills if one.key == self.key]
        mine = [
            one.quantity
            for one in fills
            if one.client_order_id == order.client_order_id
            or (one.server_order_id and one.server_order_id == order.server_order_id)
        ]
        return sum(mine, Decimal(0))

    def told_since(self, began: datetime) -> bool:
        """Say whether the broker has stated his figure since; a time to come was before the clock was set back."""
        told = self.scope.broker_time
        return told is not None and (told >= began or began > self.now >= told)

    @property
    def resting(self) -> TradingStatus | None:
        """What keeps the symbol from trading by the venue's own word; None while it trades, or nothing was said."""
        return None if self.quote is None or self.quote.trading not in _RESTING else self.quote.trading

    @property
    def read(self) -> bool:
        """Whether the broker's state has been read on this line."""
        status = self.snapshot.connections.get(self.key.connection)
        return status is not None and status.link is Link.READY

    @property
    def up(self) -> bool:
        """Whether anything can be sent."""
        status = self.snapshot.connections.get(self.key.connection)
        return status is not None and status.link in _UP

    def order(self, client_order_id: str) -> Order | None:
        """Return an order by our name for it."""
        return self.snapshot.orders.get(client_order_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: commit the operation, then ask, then hand on the messages.

    Attributes:
        stored: False when only the sentence on screen changed, which is no step.
    """

    operation: CloseOperation
    messages: tuple[Message, ...] = ()
    ask: Ask = Ask.NOTHING
    stored: bool = True

    def then(self, *messages: Message) -> "Plan":
        """Return the plan with more messages after its own."""
        return replace(self, messages=(*self.messages, *messages))


def step(
    operation: CloseOperation,
    to: CloseStep,
    text: str,
    facts: Facts,
    *,
    branch: str = "",
    choices: tuple[CloseChoice, ...] = (),
) -> CloseOperation:
    """Return the operation one step on; every step states its branch and choices anew."""
    return replace(operation, step=to, branch=branch, text=text, choices=choices, step_since=facts.now)
