"""A fill: the only fact that changes a position."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.scope import PositionKey

# What begins the id of an execution the broker gave none, and how much of the digest follows.
_MADE_UP = "X"
_DIGITS = 40


class Side(Enum):
    """The direction of an order or fill."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1

    @staticmethod
    def closing(quantity: Decimal) -> "Side":
        """Return the side that reduces a signed, non-zero position."""
        return Side.SELL if quantity > 0 else Side.BUY


class FillSource(Enum):
    """Where the ledger learnt of a fill."""

    OURS = "OURS"
    EXTERNAL = "EXTERNAL"
    RECON = "RECON"
    MANUAL = "MANUAL"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution.

    Attributes:
        execution_id: the broker's, or a deterministic one where it gives none.
        quantity: positive; the sign comes from the side.
        price: price points; None when the broker has not told it (yet), then money figures of the trade are unknown.
        commission: cost in account currency, positive is paid; None unknown.
        fill_time: the broker's time, aware UTC; None when unknown.
        received_at: when we learnt of it, aware UTC; the ledger's order is arrival, not fill_time.
        leg: 0; a corrected execution gets the next leg of the same id.
        off_tick: the price is not on the instrument's grid and was kept exact.

    Source: DTC ORDER_UPDATE (301) LastFill…, HISTORICAL_ORDER_FILL_RESPONSE (304).
    """

    key: PositionKey
    execution_id: str
    side: Side
    quantity: Decimal
    price: Decimal | None
    fill_time: datetime | None
    received_at: datetime
    commission: Decimal | None = None
    source: FillSource = FillSource.EXTERNAL
    client_order_id: str = ""
    server_order_id: str = ""
    leg: int = 0
    off_tick: bool = False

    @property
    def signed_quantity(self) -> Decimal:
        """Quantity with its sign: bought is positive."""
        return self.quantity * self.side.sign

    @property
    def time(self) -> datetime:
        """The broker's time where known, else ours."""
        return self.fill_time or self.received_at


def synthetic_execution_id(key: PositionKey, server_order_id: str, order_or_date: str, cumulative: Decimal) -> str:
    """Return the id of a fill whose broker gives none: a function of the facts, so a redelivery is recognised.

    Args:
        order_or_date: our client order id, or else the trading date.
        cumulative: the order's filled quantity after this fill.
    """
    facts = "\n".join(
        (
            key.connection,
            key.account,
            key.symbol,
            server_order_id,
            order_or_date,
            _spelled(cumulative),
        )
    )
    return _MADE_UP + _digest(facts)


def is_synthetic(execution_id: str) -> bool:
    """Say whether an id was made up here, so that the broker may tell the same execution by one of his own."""
    return execution_id.startswith(_MADE_UP) and len(execution_id) == len(_MADE_UP) + _DIGITS


def correction_id(key: PositionKey, cause: str, before: Decimal, after: Decimal, anchor: str) -> str:
    """Return the id of a correction, so that booking the same decision twice is booking it once.

    Args:
        cause: RECON or MANUAL.
        before: signed quantity on our books.
        after: signed quantity it becomes.
        anchor: what makes this episode unique: the execution id of the last fill booked in the scope, or "".
    """
    facts = "\n".join(
        (
            cause,
            *(key.connection, key.account, key.symbol),
            _spelled(before),
            _spelled(after),
            anchor,
        )
    )
    return cause[0] + _digest(facts)


def _spelled(quantity: Decimal) -> str:
    """Return the one spelling of a value: 2 and 2.0 are the same fact, and so are 0 and -0."""
    return f"{quantity.normalize():f}" if quantity else "0"


def _digest(facts: str) -> str:
    from hashlib import sha256  # a library of its own, which no window waits for

    return sha256(facts.encode()).hexdigest()[:_DIGITS]
