"""The hand of a trader who enters with exits: brackets of every shape, parts closed, stops that follow, regrets."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from core import commands
from core.messages import Message
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import PositionKey
from core.snapshot import Snapshot

TICK = Decimal("0.25")
_TYPES = (OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.LIMIT, OrderType.STOP)

Act = tuple[int, Callable[[], list[Message]]]


class BracketTrader:
    """Makes the messages his hand would."""

    def __init__(
        self,
        random: Random,
        seen: Callable[[], Snapshot],
        scopes: tuple[PositionKey, ...],
        price: dict[str, Decimal],
    ) -> None:
        self._random = random
        self._seen = seen
        self._scopes = scopes
        self._price = price
        self._presses = 0
        self.acts: list[Act] = [
            (12, self.enter),
            (3, self.reduce),
            (2, self.trail),
            (3, self.think_better_of_an_entry),
        ]

    def enter(self) -> list[Message]:
        """Press BUY or SELL with a bracket, twice now and then."""
        key, side, type_ = self._scope(), self._random.choice(tuple(Side)), self._random.choice(_TYPES)
        size = self._random.randint(1, 3)
        away = 0 if type_ is OrderType.MARKET else self._random.randint(-12, 12)
        at = self._price[key.symbol] + away * TICK
        entry = commands.SubmitOrder(
            self._press("entry"),
            key,
            side,
            type_,
            Decimal(size),
            at if type_ is OrderType.LIMIT else None,
            at if type_ is OrderType.STOP else None,
            confirmed=self._random.random() < 0.8,
        )
        wanted = commands.OpenWithBracket(entry, self._bracket(side, size, at))
        return [wanted] * self._random.choice((1, 1, 1, 2))

    def reduce(self) -> list[Message]:
        """Close a half, or some other part, twice now and then."""
        positions = list(self._seen().positions.values())
        if not positions:
            return []
        position = self._random.choice(positions)
        half = max(Decimal(1), abs(position.quantity) // 2)
        quantity = half if self._random.random() < 0.8 else Decimal(self._random.randint(1, 3))
        pressed = commands.ReducePosition(self._press("reduce"), position.key, quantity)
        return [pressed] * self._random.choice((1, 1, 2))

    def trail(self) -> list[Message]:
        """Have a stop follow the price, or stay."""
        distance = None if self._random.random() < 0.3 else self._random.randint(2, 20) * TICK
        return [commands.TrailStop(self._press("trail"), self._scope(), distance)]

    def think_better_of_an_entry(self) -> list[Message]:
        """Cancel an entry that is under way, or one of its exits."""
        running = [one for one in self._seen().entries.values() if not one.is_over]
        if not running:
            return []
        legs = self._random.choice(running).legs
        entries = [leg.entry_id for leg in legs]
        exits = [name for leg in legs for name in (leg.stop_id, leg.target_id, leg.again_id) if name]
        return [commands.CancelOrder(self._random.choice(entries if self._random.random() < 0.6 else exits))]

    # -- private ----------------------------------------------------------------------------------------------------

    def _bracket(self, side: Side, size: int, at: Decimal) -> Bracket:
        """Return exits of some shape, now and then on the wrong side of the entry."""
        chance, pick = self._random.random, self._random.randint
        ways = (True, True, False, False, None)  # by price, by distance, each its own way
        way = self._random.choice(ways)
        stop = self._point(at, -side.sign, pick(2, 24), way)
        number = self._random.choice((0, 1, 1, 1, 2))
        rest, targets = size, list[BracketTarget]()
        for one in range(number):
            quantity = rest if one == number - 1 and chance() < 0.7 else pick(1, max(1, rest - (number - 1 - one)))
            if quantity > 0:
                targets.append(BracketTarget(Decimal(quantity), self._point(at, side.sign, pick(2, 30), way)))
            rest -= quantity
        breakeven = None if chance() < 0.7 else pick(1, 12) * TICK
        trail = None if chance() < 0.7 else pick(2, 20) * TICK
        return Bracket(stop, tuple(targets), breakeven, trail)

    def _point(self, at: Decimal, sign: int, ticks: int, by_price: bool | None) -> ExitPoint:
        if self._random.random() < 0.02:
            sign = -sign
        if self._random.random() < 0.5 if by_price is None else by_price:
            return ExitPoint(price=at + sign * ticks * TICK)
        return ExitPoint(distance=ticks * TICK)

    def _scope(self) -> PositionKey:
        return self._random.choice(self._scopes)

    def _press(self, what: str) -> str:
        self._presses += 1
        return f"{what}-{self._presses}"
