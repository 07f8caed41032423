"""What an open position is worth, marked as the trader wants it. Pure, and the one place that knows how.

Whatever shows the open profit or loss of a position, or its R, takes it from here: two of them in one window would be
two truths. Limits, alerts and statistics are not shown figures: they stay gross, at the last trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.instrument import Instrument
from core.model.position import Position
from core.preferences import PnlMark
from panels import formatting as f

if TYPE_CHECKING:
    from core.model.market import Quote


@dataclass(frozen=True, slots=True)
class OpenResult:
    """An open position, valued.

    Attributes:
        price: what it is marked at, points; None unknown.
        pnl: of what is open, money, signed; None unknown.
        r: the whole trade so far, partial exits with it, in multiples of its initial risk; None unknown.
        word: how it is marked; empty for gross at the last trade.
    """

    price: Decimal | None
    pnl: Decimal | None
    r: Decimal | None
    word: str = ""

    @property
    def text(self) -> str:
        """The profit or loss as it is shown: "+125.00 ▲", "+100.00 ▲ at bid"."""
        return f"{f.result(self.pnl)} {self.word}".rstrip()

    def spoken(self, currency: str) -> str:
        """Return the profit or loss in words."""
        return f"{f.spoken_result(self.pnl, currency)} {self.word}".rstrip()


def price_marked_at(position: Position, quote: Quote | None, mark: PnlMark) -> Decimal | None:
    """Return the price a position is marked at: the last trade, or the side of the market that closes it."""
    if quote is None:
        return None
    if mark is not PnlMark.EXIT:
        return quote.last
    return quote.bid if position.quantity > 0 else quote.ask


def open_result(position: Position, instrument: Instrument, quote: Quote | None, mark: PnlMark) -> OpenResult:
    """Return what a position is worth. Net is less what entering cost, and as much again for leaving."""
    price = price_marked_at(position, quote, mark)
    pnl, path = position.open_pnl(price, instrument), position.path(price, instrument)
    word = ""
    if mark is PnlMark.EXIT:
        word = "at bid" if position.quantity > 0 else "at ask"
    elif mark is PnlMark.NET:
        word = "net"
        side = cost_of_side(position)
        pnl = None if pnl is None or side is None else pnl - 2 * side
        paid = position.commissions
        path = None if path is None or side is None or paid is None else path - paid - side
    risk = position.initial_risk
    return OpenResult(price, pnl, None if path is None or not risk else path / risk, word)


def cost_of_side(position: Position) -> Decimal | None:
    """Return what entering or leaving what is open costs, money, at the mean of this trade's fills; None unknown."""
    if position.commissions is None:
        return None
    size = abs(position.quantity)
    closed = position.opened_quantity - size
    return position.commissions / (position.opened_quantity + closed) * size
