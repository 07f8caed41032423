"""A trade: everything between two flat states of one scope, and its figures."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.model.fill import FillSource
from core.model.scope import PositionKey
from core.model.session_marks import NO_MARKS, SessionMarks


@dataclass(frozen=True, slots=True)
class Trade:
    """A closed round trip, flat to flat; a reversal ends one and starts the next.

    Attributes:
        direction: +1 it was long, -1 short.
        quantity: sum of the opening fills, positive.
        entry_price: average of the opening fills; None when one of them has no price.
        exit_price: average of the closing fills; None when one of them has no price.
        realized_pnl: gross money, signed; None when a price or the contract is unknown.
        commissions: costs, positive is paid; None unknown.
        initial_risk: money at risk at entry (METRICS rho); None without a stop.
        mae, mfe: largest excursion against and for the trade, money, never negative; None unknown.
        extremes_complete: False when prices were missed: show excursions and heat with "≥".
        heat_total_s, heat_max_s: whole seconds below zero in total, and the longest stretch; None unknown.
        entry_marks, exit_marks: the session's figures at the opening and at the closing fill.
    """

    key: PositionKey
    direction: int
    quantity: Decimal
    entry_price: Decimal | None
    exit_price: Decimal | None
    entry_time: datetime | None
    exit_time: datetime
    realized_pnl: Decimal | None
    commissions: Decimal | None
    initial_risk: Decimal | None
    mae: Decimal | None
    mfe: Decimal | None
    extremes_complete: bool
    currency: str
    exit_reason: str
    source: FillSource
    note: str = ""
    heat_total_s: int | None = None
    heat_max_s: int | None = None
    entry_marks: SessionMarks = NO_MARKS
    exit_marks: SessionMarks = NO_MARKS

    @property
    def net(self) -> Decimal | None:
        """p = g - c, signed money; None when either is unknown."""
        if self.realized_pnl is None or self.commissions is None:
            return None
        return self.realized_pnl - self.commissions

    @property
    def r_multiple(self) -> Decimal | None:
        """p ÷ rho (METRICS R-multiple); None when the risk is unknown or zero."""
        net = self.net
        return None if net is None or not self.initial_risk else net / self.initial_risk

    @property
    def capture(self) -> Decimal | None:
        """g ÷ MFE (METRICS capture, stored as efficiency), at most 1; None when MFE is zero or unknown."""
        return None if self.realized_pnl is None or not self.mfe else self.realized_pnl / self.mfe
