"""What is to become of a stop while the position runs: it goes to breakeven, it follows the price.

The stop itself is held by the broker; only its moves are this program's, so they rest while it does not run.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.model.instrument import Instrument
from core.model.position import Position
from core.model.scope import PositionKey


@dataclass(frozen=True, slots=True)
class StopPlan:
    """The moves planned for the stop of a scope.

    Attributes:
        trail: points behind the best price since `since`; None when it does not follow.
        breakeven_after: profit in points per unit after which the stop goes to the entry price; None when it does not,
            or has been earned.
        floor: where the stop belongs at least, since breakeven was earned, points; None before.
    """

    key: PositionKey
    since: datetime
    trail: Decimal | None = None
    breakeven_after: Decimal | None = None
    floor: Decimal | None = None

    @property
    def is_over(self) -> bool:
        """True when nothing is planned any more."""
        return self.trail is None and self.breakeven_after is None and self.floor is None


def wanted_stop(plan: StopPlan, best: Decimal, position: Position, instrument: Instrument) -> Decimal | None:
    """Return where the stop belongs when the price was at its best at `best`, on the grid; None when nowhere new.

    Between two ticks it is the one further from the price: a stop closer than was asked for is hit too early.
    """
    places = [] if plan.floor is None else [plan.floor]
    if plan.trail is not None and instrument.tick_size is not None:
        below, above = instrument.neighbours(best - plan.trail * position.direction)
        places.append(below if position.direction > 0 else above)
    if not places:
        return None
    return max(places) if position.direction > 0 else min(places)


def earned_breakeven(plan: StopPlan, last: Decimal, position: Position) -> bool:
    """Say whether the profit is there that sends the stop to the entry price."""
    if plan.breakeven_after is None or position.entry_price is None:
        return False
    return (last - position.entry_price) * position.direction >= plan.breakeven_after
