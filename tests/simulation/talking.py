"""The broker in memory at the other end: whole messages, and every fault a venue may have, its memory included."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from core import events
from core.messages import Message
from core.model.fill import Side
from core.model.market import Aggressor, Quote, Tick
from core.model.order import OrderState, OrderType
from tests.fakes.broker import Answers, FakeBroker, Fate, Placed, Script
from tests.fakes.clock import ManualClock
from tests.simulation.bracket_trader import TICK
from tests.simulation.counterparty import Act, Meant, Place
from tests.simulation.desk import WatchedDesk
from tests.simulation.truth import FakeTruth

SYMBOLS = ("ESZ6", "MESZ6")
_BETRAYALS = (frozenset({OrderType.STOP}), frozenset({OrderType.LIMIT}), frozenset({OrderType.STOP, OrderType.LIMIT}))
_UNTOLD = (events.FillReceived, events.PositionReported)


class Venue(FakeBroker):
    """A broker who holds linked exits and brackets, or does not.

    Attributes:
        links: he holds linked exits. brackets: an entry with its exits.
    """

    links = brackets = True

    def _say(self, message: Message) -> None:
        if isinstance(message, events.LinkChanged) and message.oco_supported:
            message = replace(message, oco_supported=self.links, brackets_supported=self.brackets)
        super()._say(message)


class Talking:
    """A scripted broker driven by chance."""

    def __init__(self, random: Random, clock: ManualClock, calm: bool, place: Place, price: dict[str, Decimal]) -> None:
        self.scopes = place.scopes(*SYMBOLS)
        self.price = price
        price.update({symbol: Decimal(5000) for symbol in SYMBOLS if symbol not in price})
        self.broker = venue = Venue(clock, place.connection, place.accounts)
        self.brokers: list[FakeBroker] = [venue]
        venue.links, venue.brackets = random.choice(((True, True), (True, True), (True, False), (False, False)))
        self.truth = FakeTruth(self.broker)
        self._random = random
        self._clock = clock
        self._calm = calm
        self._ticks = 0
        self.acts: list[Act] = [
            (8, self.market),
            (14, self.fill),
            (4, self.trade_elsewhere),
            (1, self.place_elsewhere),
            (2, self.end_order),
            (1, self.rename_order),
            (5, self.line),
            (5, self.temper),
            (1, self.gap),
        ]

    def bind(self, desk: WatchedDesk) -> None:
        """Know the desk whose market board the prices are put on."""
        self._desk = desk

    def passes(self, seconds: float, handle: Callable[[Message], None]) -> None:
        """Let time pass; nothing here depends on it."""

    def deliver(self, handle: Callable[[Message], None]) -> None:
        """Hand over some messages as a bad day would."""
        out = self.broker.out
        for _ in range(self._random.randint(1, 60 if self._calm else 12)):
            if not out:
                return
            message, luck = out.popleft(), self._random.random()
            if luck < 0.03 and isinstance(message, _UNTOLD):
                continue
            if luck < 0.10 and out and _may_swap(message, out[0]):
                out[0], message = message, out[0]
            handle(message)
            if luck > 0.92 and isinstance(message, events.FillReceived):
                handle(message)

    def settle(self, handle: Callable[[Message], None]) -> None:
        """Hand over everything."""
        for _ in range(10_000):
            if not self.broker.out:
                return
            handle(self.broker.out.popleft())
        raise AssertionError("the broker never falls silent")

    def cancel_all(self, meant: Meant) -> None:
        """Cancel every order in the accounts that are meant."""
        for order in [one for one in self.broker.orders.values() if one.alive]:
            if order.alive and meant(order.key.connection, order.key.account):
                self.broker.end(order, OrderState.CANCELLED, "Panic")

    def close_all(self, meant: Meant) -> None:
        """Close every position in them."""
        for key, held in list(self.broker.positions.items()):
            if held and meant(key.connection, key.account):
                self.broker.by_hand(key, Side.closing(held), int(abs(held)), str(self.price[key.symbol]))

    def heal(self) -> None:
        """Release what is held, forget the script, come up."""
        self.broker.release()
        self.broker.script = Script()
        self.broker.connect()

    # -- what happens there -----------------------------------------------------------------------------------------

    def market(self) -> None:
        """Trade somewhere near; the board is drained by its wake-up or the clock."""
        symbol, connection = self._random.choice(SYMBOLS), self.broker.connection
        price = self.price[symbol] = self.price[symbol] + TICK * self._random.randint(-8, 8)
        if not self._desk.alive:
            return
        now, state, self._ticks = self._clock.now(), self._desk.state, self._ticks + 1
        state.put_quote(connection, Quote(symbol, price, Decimal(1), price, Decimal(1), price + TICK, Decimal(1), now))
        tick = Tick(symbol, price, Decimal(1), Aggressor.BUYER, now, now, self._ticks)
        if state.put_tick(connection, tick):
            self._desk.deliver(events.TicksWaiting())

    def fill(self) -> None:
        """Execute part of an order; rarely more than was ordered, or one that has ended."""
        orders = [one for one in self.broker.orders.values() if one.alive and not one.waiting]
        if not orders:
            return
        order = self._random.choice(orders)
        left = order.quantity - order.filled
        quantity = min(left, Decimal(self._random.randint(1, 3)))
        if self._random.random() < 0.01:
            quantity += 1
        if quantity > 0:
            self.broker.fill(order, quantity, self._near(order), report=self._random.random() < 0.9)

    def trade_elsewhere(self) -> None:
        """Trade in another program on the same account, with or without a trace."""
        key, side = self._random.choice(self.scopes), self._random.choice(tuple(Side))
        told, trace = self._random.random() < 0.7, self._random.random() < 0.8
        self.broker.by_hand(key, side, self._random.randint(1, 2), str(self.price[key.symbol]), told=told, trace=trace)

    def place_elsewhere(self) -> None:
        """Place a working order in another program."""
        key, type_ = self._random.choice(self.scopes), self._random.choice((OrderType.LIMIT, OrderType.STOP))
        price = self.price[key.symbol] + TICK * self._random.randint(-30, 30)
        self.broker.place_by_hand(key, self._random.choice(tuple(Side)), type_, self._random.randint(1, 2), str(price))

    def end_order(self) -> None:
        """Have the venue end an order on its own."""
        orders = [one for one in self.broker.orders.values() if one.alive]
        if orders:
            state = self._random.choice((OrderState.CANCELLED, OrderState.REJECTED))
            self.broker.end(self._random.choice(orders), state, "The venue says so")

    def rename_order(self) -> None:
        """Have the venue give an order another id."""
        orders = [one for one in self.broker.orders.values() if one.alive]
        if orders:
            self.broker.replace_id(self._random.choice(orders))

    def line(self) -> None:
        """Have the line fall, or come up."""
        if not self.broker.up:
            self.broker.connect()
        elif self._random.random() < (0.05 if self._calm else 0.4):
            self.broker.drop()

    def gap(self) -> None:
        """Tell that something was lost."""
        if self.broker.up:
            self.broker.out.append(events.GapDetected(self.broker.connection, "The server dropped 1 message."))

    def temper(self) -> None:
        """Have the broker behave differently from now on."""
        script, chance = self.broker.script, self._random.random
        fates = (Fate.TAKEN,) * (40 if self._calm else 3) + tuple(Fate)
        script.fate, script.cancel_fate = self._random.choice(fates), self._random.choice(fates)
        script.market_price = None if chance() < 0.3 else self.price[self.scopes[0].symbol]
        script.hold_acks = chance() < 0.2
        script.hold_cancels = chance() < 0.2
        script.refuse = ["Not now"] * self._random.randint(0, 2)
        script.refuse_cancels = chance() < 0.1
        script.refuse_changes = chance() < 0.1
        script.new_ids = chance() < 0.2
        script.refuse_stop = "Not this stop" if chance() < 0.15 else ""
        script.refuse_exits = self._random.choice(_BETRAYALS) if chance() < 0.25 else frozenset()
        script.no_oco = chance() < 0.2
        script.position_first = chance() < 0.5
        script.snapshot = self._random.choice((Answers.COMPLETE,) * (12 if self._calm else 2) + tuple(Answers))
        script.lists_fills = chance() < 0.9
        script.lists_orders = chance() < 0.9
        script.lists_positions = chance() < 0.95
        script.zeros = chance() < 0.7
        if chance() < 0.5:
            self.broker.release()

    def _near(self, order: Placed) -> str:
        return str(self.price[order.key.symbol] + TICK * self._random.randint(-2, 2))


def _may_swap(first: Message, second: Message) -> bool:
    """Say whether a venue may tell these two in either order."""
    return isinstance(first, _UNTOLD) and isinstance(second, _UNTOLD) and type(first) is not type(second)
