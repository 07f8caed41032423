"""A second book of one scope, in exact fractions, written from the definitions of the metrics and from nothing else.

It keeps every entry and exit of the trade that runs and computes each figure anew by its definition: average cost,
realised result of exits against the average they met, the path U (realised so far plus open result, gross), its best
and worst, the risk of the entries against the stop known at each. None is "not known".
"""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class ExactTrade:
    """A round trip by definition; money in fractions."""

    direction: int
    quantity: Fraction
    entry: Fraction | None
    leave: Fraction | None
    gross: Fraction | None
    costs: Fraction | None
    risk: Fraction | None
    worst: Fraction | None
    best: Fraction | None
    complete: bool

    @property
    def mae(self) -> Fraction | None:
        """max(0, −min U)."""
        return None if self.worst is None else max(Fraction(0), -self.worst)

    @property
    def mfe(self) -> Fraction | None:
        """max(0, max U)."""
        return None if self.best is None else max(Fraction(0), self.best)

    @property
    def r_multiple(self) -> Fraction | None:
        """(g − c) ÷ rho."""
        if self.gross is None or self.costs is None or not self.risk:
            return None
        return (self.gross - self.costs) / self.risk

    @property
    def capture(self) -> Fraction | None:
        """g ÷ MFE."""
        return None if self.gross is None or not self.mfe else self.gross / self.mfe


@dataclass
class _Entry:
    quantity: Fraction
    price: Fraction | None
    stop: Fraction | None


@dataclass
class ExactBook:
    """The running trade of one scope.

    Attributes:
        point_value: money per point and unit; None while the contract is unknown.
    """

    point_value: Fraction | None
    quantity: Fraction = Fraction(0)
    average: Fraction | None = None
    entries: list[_Entry] = field(default_factory=list)
    exits: list[tuple[Fraction, Fraction | None]] = field(default_factory=list)
    realised_points: Fraction | None = Fraction(0)
    costs: Fraction | None = Fraction(0)
    worst: Fraction | None = None
    best: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    largest: Fraction = Fraction(0)
    stop: Fraction | None = None
    complete: bool = True
    trades: list[ExactTrade] = field(default_factory=list)

    @property
    def direction(self) -> int:
        """+1 long, −1 short, 0 flat."""
        return (self.quantity > 0) - (self.quantity < 0)

    @property
    def realised(self) -> Fraction | None:
        """Realised so far, money."""
        if self.realised_points is None or self.point_value is None:
            return None
        return self.realised_points * self.point_value

    @property
    def risk(self) -> Fraction | None:
        """Sum over entries of quantity × distance to the stop known at that fill, money."""
        total = Fraction(0)
        for entry in self.entries:
            if entry.price is None or entry.stop is None or self.point_value is None:
                return None
            total += entry.quantity * abs(entry.price - entry.stop) * self.point_value
        return total

    def path(self, price: Fraction) -> Fraction | None:
        """U at a price."""
        if self.realised is None or self.average is None or self.point_value is None:
            return None
        return self.realised + (price - self.average) * self.quantity * self.point_value

    def see(self, price: Fraction) -> None:
        """A trade printed at a price."""
        self.low = price if self.low is None else min(self.low, price)
        self.high = price if self.high is None else max(self.high, price)
        value = self.path(price)
        if value is not None:
            self.worst = value if self.worst is None else min(self.worst, value)
            self.best = value if self.best is None else max(self.best, value)

    def acknowledge_stop(self, price: Fraction) -> None:
        """The first stop counts for every entry so far; a later one for the entries after it."""
        self.stop = price
        for entry in self.entries:
            if entry.stop is None:
                entry.stop = price

    def learn(self, point_value: Fraction) -> None:
        """The contract became known; what happened before in money was not seen, unless there was but one price."""
        self.point_value = point_value
        if self.quantity and self.low is not None:
            if self.low == self.high:
                self.see(self.low)
            else:
                self.complete = False

    def fill(self, signed: Fraction, price: Fraction | None, cost: Fraction | None, watched: bool = True) -> None:
        """Book a fill; what goes beyond zero is a fill of its own, with its part of the cost.

        Args:
            watched: prices were followed up to it; a correction is booked after the fact.
        """
        if self.quantity * signed < 0 and abs(signed) > abs(self.quantity):
            closing = -self.quantity
            share = None if cost is None else cost * closing / signed
            self.fill(closing, price, share, watched)
            self.fill(signed - closing, price, None if cost is None or share is None else cost - share, watched)
            return
        self.complete = self.complete and watched
        if self.quantity * signed < 0:
            self._exit(abs(signed), price, cost)
        else:
            self._enter(signed, price, cost)

    def _enter(self, signed: Fraction, price: Fraction | None, cost: Fraction | None) -> None:
        held = abs(self.quantity)
        if held == 0:
            self.average = price
        elif self.average is None or price is None:
            self.average = None
        else:
            self.average = (self.average * held + price * abs(signed)) / (held + abs(signed))
        self.quantity += signed
        self.largest = max(self.largest, abs(self.quantity))
        self.entries.append(_Entry(abs(signed), price, self.stop))
        self._settle(price, cost)

    def _exit(self, quantity: Fraction, price: Fraction | None, cost: Fraction | None) -> None:
        if self.realised_points is None or self.average is None or price is None:
            self.realised_points = None
        else:
            self.realised_points += (price - self.average) * quantity * self.direction
        direction = self.direction
        self.quantity -= quantity * direction
        self.exits.append((quantity, price))
        self._settle(price, cost)
        if self.quantity == 0:
            self._close(direction)

    def _settle(self, price: Fraction | None, cost: Fraction | None) -> None:
        self.costs = None if self.costs is None or cost is None else self.costs + cost
        if price is None:
            self.complete = False
        else:
            self.see(price)

    def _close(self, direction: int) -> None:
        entry = _average([(each.quantity, each.price) for each in self.entries])
        leave = _average(self.exits)
        size = sum((each.quantity for each in self.entries), Fraction(0))
        gross = None
        if entry is not None and leave is not None and self.point_value is not None:
            gross = (leave - entry) * direction * size * self.point_value
        self.trades.append(
            ExactTrade(
                direction, size, entry, leave, gross, self.costs, self.risk, self.worst, self.best, self.complete
            )
        )
        fresh = ExactBook(self.point_value, trades=self.trades)
        self.__dict__.update(fresh.__dict__)


def _average(fills: list[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    worth = size = Fraction(0)
    for quantity, price in fills:
        if price is None:
            return None
        worth += quantity * price
        size += quantity
    return worth / size
