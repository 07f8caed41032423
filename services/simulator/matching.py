"""Price-time matching of our clients' orders against a market that does not know us.

The market is what a feed shows: a displayed book and prints. Our orders do not change it; what they could
have got from it is decided here, always to the cautious side.

- **Marketable orders** take the displayed depth level by level, at the level's price. What they took of a
  level is gone for the next order until the market shows another size there. What depth does not cover
  waits for the next book (market) or rests (limit).
- **The place in the queue: a resting limit joins behind the displayed size of its level.** Prints at its price
  by the opposite aggressor first use up the size ahead of it, then fill it. Whoever cancels is taken to stand
  behind it, as long as that can be: size ahead never exceeds what the level displays. A level inside the
  displayed range without size, or better than the best, has nobody ahead. A level outside the displayed depth
  is joined when it comes into view. After a restart an order joins its level anew, at the back.
- **Prints through the limit** fill it up to the size printed; a book that moves through it fills it up to
  the size displayed there. Both at the limit: whoever crossed came to us. Among our own orders price goes
  before time, and all of them together never get more than was printed or displayed.
- **Stops** trigger on a print at or through the stop price and become market (or limit) orders at once; one that
  comes when the last trade was there already, at once.
- **Linked orders** (OCO) never get more than one of them wants: what one trades is gone for the other before the same
  print or book comes to it. A full fill takes the other out; so does a partial one where that was asked for.
- **Exits** grow with their entry as it fills, and go to the back of their level with it. The one that has closed all of
  it takes the rest of the entry out, since nothing would close what that still filled.
- No execution is ever better than the touched price: a buy never below the best displayed offer it took or
  its own limit, a sell never above the best bid.

While `held` nothing is matched and no stop triggers; on release the present book and last price count, not
the missed ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.simulator.orders import Order, OrderKind, Side, TimeInForce
from services.simulator.ports import BookChanged, Level, Traded

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Execution:
    """Part of an order traded."""

    server_order_id: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Triggered:
    """A stop was reached; the order works as a market or limit order from now on."""

    server_order_id: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The rest of an immediate order found nothing and is gone."""

    server_order_id: str


Outcome = Execution | Triggered | Lapsed


@dataclass(slots=True)
class _Working:
    """An order in the book. `ahead` is the market's size before it, None while its level is out of view.

    `room` is what an exit may still grow by as its parent fills.
    """

    id: str
    side: Side
    limit: Decimal | None
    stop: Decimal | None
    remaining: Decimal
    sequence: int
    time_in_force: TimeInForce
    linked: str = ""
    cancels_linked: bool = False
    parent: str = ""
    room: Decimal = _ZERO
    rests: bool = False
    ahead: Decimal | None = None

    @property
    def priority(self) -> tuple[bool, Decimal, int]:
        return (
            self.limit is not None,
            _ZERO if self.limit is None else -self.side.sign * self.limit,
            self.sequence,
        )

    def is_reached(self, last: Decimal) -> bool:
        return self.stop is not None and self.side.sign * (last - self.stop) >= 0

    def accepts(self, price: Decimal) -> bool:
        return self.limit is None or self.side.sign * (self.limit - price) >= 0


class SymbolBook:
    """The book of one symbol: the market's displayed levels and our working orders.

    Attributes:
        held: nothing is matched.
        honours_links: what an exit or one of two linked orders trades has an effect on others; off for tests.
    """

    def __init__(self) -> None:
        self.bids: tuple[Level, ...] = ()
        self.asks: tuple[Level, ...] = ()
        self.last: Decimal | None = None
        self.held = False
        self.honours_links = True
        self._taken: dict[tuple[Side, Decimal], Decimal] = {}
        self._working: dict[str, _Working] = {}

    def on_book(self, event: BookChanged) -> list[Outcome]:
        """Take over a new displayed book and match what it makes possible."""
        before = self._shown() if self._taken else {}
        self.bids, self.asks, self.last = event.bids, event.asks, event.last
        if self._taken:
            now = self._shown()
            self._taken = {key: size for key, size in self._taken.items() if before.get(key) == now.get(key)}
        return self._match_all()

    def on_trade(self, event: Traded) -> list[Outcome]:
        """Fill what a print reaches, then trigger the stops it reaches."""
        self.last = event.price
        if self.held:
            return []
        return self._hit(event) + self._trigger(event.price)

    def add(self, order: Order) -> list[Outcome]:
        """Enter an order and match it at once."""
        self._working[order.server_order_id] = working = _working(order)
        if working.stop is not None and self.last is not None and not self.held and working.is_reached(self.last):
            return self._trigger_one(working)
        return self._match(working)

    def restore(self, order: Order) -> None:
        """Enter an order after a restart; the next book matches it."""
        self._working[order.server_order_id] = _working(order)

    def change(self, order: Order, keeps_place: bool) -> list[Outcome]:
        """Give a working order new terms; it keeps its place only if nothing but its size shrank."""
        if not keeps_place:
            self.remove(order.server_order_id)
            return self.add(order)
        self.resize(order)
        return []

    def reduce(self, server_order_id: str, quantity: Decimal) -> None:
        """Take a quantity off an order that was traded elsewhere; one that does not work yet has nothing to lose."""
        if server_order_id in self._working:
            self._executed(self._working[server_order_id], quantity)

    def resize(self, order: Order) -> None:
        """Let a working order have the size it has now."""
        working = self._working.get(order.server_order_id)
        if working is not None:
            working.remaining, working.room = order.remaining, _room(order)

    def remove(self, server_order_id: str) -> None:
        """Take an order out of the book; absent is fine, it may just have filled."""
        self._working.pop(server_order_id, None)

    def release(self) -> list[Outcome]:
        """End a hold: trigger and match against the market as it stands."""
        self.held = False
        triggered = [] if self.last is None else self._trigger(self.last)
        return triggered + self._match_all()

    def depth(self, side: Side) -> tuple[Level, ...]:
        """Return what an order of a side can take, best first, without what we took already."""
        levels = self.asks if side is Side.BUY else self.bids
        return tuple((price, size - self._taken.get((side.other, price), _ZERO)) for price, size in levels)

    def _match_all(self) -> list[Outcome]:
        if self.held:
            return []
        outcomes: list[Outcome] = []
        for working in sorted(self._working.values(), key=lambda each: each.priority):
            outcomes += self._match(working)
        return outcomes

    def _match(self, working: _Working) -> list[Outcome]:
        if self.held or working.stop is not None:
            return []
        if working.time_in_force is TimeInForce.FOK and self._available(working) < working.remaining:
            return self._lapse(working)
        outcomes = self._take(working)
        if working.remaining and working.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            return outcomes + self._lapse(working)
        if working.remaining and working.limit is not None:
            working.rests = True
            self._keep_place(working)
        return outcomes

    def _take(self, working: _Working) -> list[Outcome]:
        """Take displayed depth: an arriving order at the level's price, a resting one at its own limit."""
        outcomes: list[Outcome] = []
        for price, size in self.depth(working.side):
            if not working.remaining or not working.accepts(price):
                break
            quantity = min(size, working.remaining)
            if quantity <= 0:
                continue
            key = (working.side.other, price)
            self._taken[key] = self._taken.get(key, _ZERO) + quantity
            paid = working.limit if working.rests and working.limit is not None else price
            outcomes.append(self._execute(working, quantity, paid))
        return outcomes

    def _available(self, working: _Working) -> Decimal:
        return sum((size for price, size in self.depth(working.side) if working.accepts(price)), _ZERO)

    def _lapse(self, working: _Working) -> list[Outcome]:
        self.remove(working.id)
        return [Lapsed(working.id)]

    def _hit(self, print_: Traded) -> list[Outcome]:
        """Share a print among our resting orders, behind the market's size ahead of each."""
        outcomes: list[Outcome] = []
        makers = print_.aggressor.other
        volume, walked = print_.size, _ZERO
        resting = [each for each in self._working.values() if each.rests and each.side is makers]
        for working in sorted(resting, key=lambda each: each.priority):
            if not working.accepts(print_.price):
                break
            if not working.remaining:
                continue
            if working.limit == print_.price:
                if working.ahead is None:
                    continue
                step = min(max(working.ahead - walked, _ZERO), volume)
                walked, volume = walked + step, volume - step
            if volume > 0:
                quantity = min(volume, working.remaining)
                volume -= quantity
                outcomes.append(self._execute(working, quantity, _limit(working)))
        for working in resting:
            if working.limit == print_.price and working.ahead is not None:
                working.ahead = max(working.ahead - walked, _ZERO)
        return outcomes

    def _trigger(self, last: Decimal) -> list[Outcome]:
        outcomes: list[Outcome] = []
        reached = [each for each in self._working.values() if each.is_reached(last)]
        for working in sorted(reached, key=lambda each: each.sequence):
            if working.remaining:
                outcomes += self._trigger_one(working)
        return outcomes

    def _trigger_one(self, working: _Working) -> list[Outcome]:
        working.stop = None
        return [Triggered(working.id), *self._match(working)]

    def _keep_place(self, working: _Working) -> None:
        """Join the queue of the level, or move up to what the level still displays."""
        limit, sign = _limit(working), working.side.sign
        levels = self.bids if working.side is Side.BUY else self.asks
        if not levels or sign * (levels[-1][0] - limit) > 0:
            return
        shown = next((size for price, size in levels if price == limit), _ZERO)
        working.ahead = shown if working.ahead is None else min(working.ahead, shown)

    def _execute(self, working: _Working, quantity: Decimal, price: Decimal) -> Execution:
        self._executed(working, quantity)
        return Execution(working.id, quantity, price)

    def _executed(self, working: _Working, quantity: Decimal) -> None:
        working.remaining -= quantity
        if working.remaining <= 0:
            self.remove(working.id)
        for child in self._working.values():
            if child.parent == working.id and (more := min(quantity, child.room)) > 0:
                child.remaining, child.room, child.ahead = child.remaining + more, child.room - more, None
        if self.honours_links:
            self._follow(working, quantity)

    def _follow(self, working: _Working, quantity: Decimal) -> None:
        """Take what one order traded off the other of its pair, and the rest of an entry out with what it filled."""
        is_filled = working.remaining <= 0
        linked, parent = self._working.get(working.linked), self._working.get(working.parent)
        if linked is not None:
            ends = is_filled or working.cancels_linked
            linked.remaining = _ZERO if ends else max(linked.remaining - quantity, _ZERO)
        if parent is not None and is_filled:
            parent.remaining = _ZERO
        for each in (linked, parent):
            if each is not None and not each.remaining:
                self.remove(each.id)

    def _shown(self) -> dict[tuple[Side, Decimal], Decimal]:
        sizes = {(Side.BUY, price): size for price, size in self.bids}
        sizes.update({(Side.SELL, price): size for price, size in self.asks})
        return sizes


def _working(order: Order) -> _Working:
    waits = order.kind in (OrderKind.STOP, OrderKind.STOP_LIMIT) and not order.triggered
    return _Working(
        id=order.server_order_id,
        side=order.side,
        limit=order.limit_price if order.kind in (OrderKind.LIMIT, OrderKind.STOP_LIMIT) else None,
        stop=order.stop_price if waits else None,
        remaining=order.quantity - order.filled,
        sequence=order.sequence,
        time_in_force=order.time_in_force,
        linked=order.linked_id,
        cancels_linked=order.cancels_linked,
        parent=order.parent_id,
        room=_room(order),
    )


def _room(order: Order) -> Decimal:
    return max(order.wanted - order.taken - order.quantity, _ZERO) if order.parent_id else _ZERO


def _limit(working: _Working) -> Decimal:
    assert working.limit is not None, f"order {working.id} rests without a limit"
    return working.limit
