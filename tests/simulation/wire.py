"""A real line at the other end: client, session, codec and translation, over bytes, to the simulated venue.

Bytes keep their order and nothing else: they come late, in pieces, stop half-way, or break off with a frame cut in two.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import cast

from core.messages import Message
from core.model.order import Order
from core.model.scope import AccountKey, PositionKey
from services.simulator.broker_faults import EXITS
from services.simulator.orders import Order as VenueOrder
from services.simulator.orders import OrderKind, Side
from services.simulator.requests import NewOrder, OrderName
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.simulation.bracket_trader import TICK
from tests.simulation.counterparty import Act, Meant, Place
from tests.simulation.desk import WatchedDesk
from tests.simulation.line_client import SteppedClient, WireBroker
from tests.simulation.pipe import Pipe
from tests.simulation.truth import TrueOrder
from tests.simulation.venue import HandVenue

ORDER_UPDATE, POSITION_UPDATE = 301, 306


class Wire:
    """A venue behind bytes, driven by chance."""

    def __init__(self, random: Random, clock: ManualClock, calm: bool, place: Place, price: dict[str, Decimal]) -> None:
        self._random = random
        self._calm = calm
        self._clock = clock
        self._venue = HandVenue(place.accounts, ("ES", "MES"), clock.now())
        self._wire = WireBroker(place.connection)
        self.brokers = [cast(FakeBroker, self._wire)]
        self.scopes = place.scopes(*self._venue.symbols)
        self.price = price
        price.update(self._venue.venue.broker.last_prices())
        self._slow = False
        self.truth = VenueTruth(self._venue, self._wire)
        self.acts: list[Act] = [
            (45, self.carry),
            (8, self.market),
            (6, self.fill),
            (3, self.trade_elsewhere),
            (1, self.place_elsewhere),
            (4, self.line),
            (5, self.temper),
            (2, self.mute),
        ]

    def bind(self, desk: WatchedDesk) -> None:
        """Know the desk whose program runs the client."""
        self._desk = desk

        def made() -> SteppedClient:
            rng = Random(self._random.random())
            out, name = self._wire.out, self._wire.connection
            client = SteppedClient(out.append, desk.state, self._clock, desk._reach, rng, self._dialed, name)
            for symbol in self._venue.symbols:
                client.subscribe(symbol)
            return client

        self._wire.make = made

    def passes(self, seconds: float, handle: Callable[[Message], None]) -> None:
        """Let time pass at the venue and on the network, which carries what it can unless it is slow."""
        self._venue.pass_time(seconds, self._clock.monotonic())
        if self._slow:
            self._step()
        else:
            self._flow()
        while self._wire.out:
            handle(self._wire.out.popleft())

    def deliver(self, handle: Callable[[Message], None]) -> None:
        """Hand over some of what the network thread posted, in order: an inbox loses nothing."""
        out = self._wire.out
        for _ in range(self._random.randint(1, 80 if self._calm else 20)):
            if not out:
                return
            handle(out.popleft())

    def settle(self, handle: Callable[[Message], None]) -> None:
        """Carry everything both ways until nothing moves."""
        for _ in range(1_000):
            self._flow()
            if not self._wire.out:
                return
            while self._wire.out:
                handle(self._wire.out.popleft())
        raise AssertionError("the line never falls silent")

    def cancel_all(self, meant: Meant) -> None:
        """Cancel every order in the accounts that are meant."""
        venue = self._venue.venue
        for order in venue.records.open_orders():
            if meant(self._wire.connection, order.account):
                name = OrderName(order.server_order_id, "", order.account)
                self._venue.tell_all(venue.broker.cancel(name, venue.now_us))

    def close_all(self, meant: Meant) -> None:
        """Close every position in them."""
        for one in [one for one in self._venue.venue.records.positions if one.quantity]:
            if meant(self._wire.connection, one.account):
                self._command("set_position", account=one.account, symbol=one.symbol, quantity=Decimal(0))

    def heal(self) -> None:
        """Undo every fault."""
        control, faults = self._venue.control, self._venue.faults
        self._slow = False
        faults.refuse_logons = 0
        faults.refuse_connections = False
        faults.mute.clear()
        faults.duplicate.clear()
        control.apply("silent", {"on": False})
        control.apply("hold_acks", {"ms": 0})
        control.apply("hold_fills", {"on": False})
        control.apply("cancel_ack", {"on": True})
        control.apply("reject", {"count": 0})
        control.apply("latency", {"ms": 0})
        control.apply("reject_stop", {"count": 0})
        control.apply("reject_child", {"count": 0})
        control.apply("no_oco", {"on": False})
        self._venue.pass_time(0.1, self._clock.monotonic())
        self._wire.connect()
        self._wire.reconnect()

    # -- what happens there -----------------------------------------------------------------------------------------

    def carry(self) -> None:
        """Let bytes arrive, all or some, at one end or both; the network thread takes its turns."""
        if self._random.random() < 0.5:
            self._flow()
            return
        for _ in range(self._random.randint(1, 3)):
            pipe = self._venue.pipe
            if pipe is not None and not pipe.frozen:
                if self._random.random() < 0.7:
                    self._to_server(pipe, self._some())
                if self._random.random() < 0.7:
                    pipe.carry_to_client(self._some())
            self._step()

    def market(self) -> None:
        """Trade somewhere near; what the price reaches is filled."""
        symbol = self._random.choice(self._venue.symbols)
        self.price[symbol] += TICK * self._random.randint(-8, 8)
        self._venue.market.move(symbol, self.price[symbol])
        self._venue.pass_time(0.0, self._clock.monotonic())

    def fill(self) -> None:
        """Execute part of a working order."""
        orders = [one for one in self._venue.venue.records.open_orders() if not one.waits]
        if orders:
            order = self._random.choice(orders)
            left = min(order.remaining, Decimal(self._random.randint(1, 2)))
            if left > 0:
                self._command("fill_now", server_order_id=order.server_order_id, quantity=left)

    def trade_elsewhere(self) -> None:
        """Trade on another platform, told or not, with its fill in the history or without."""
        key = self._random.choice(self.scopes)
        held = self._venue.venue.records.position(key.account, key.symbol).quantity
        self._command(
            "set_position",
            account=key.account,
            symbol=key.symbol,
            quantity=held + self._random.choice((-2, -1, 1, 2)),
            with_fills=self._random.random() < 0.8,
            quiet=self._random.random() < 0.3,
        )

    def place_elsewhere(self) -> None:
        """Place a working order on another platform."""
        key, venue = self._random.choice(self.scopes), self._venue.venue
        price = self.price[key.symbol] - TICK * self._random.randint(1, 30)
        new = NewOrder("", key.account, key.symbol, Side.BUY, OrderKind.LIMIT, Decimal(1), price)
        self._venue.tell_all(venue.broker.submit(new, venue.now_us))

    def line(self) -> None:
        """Have the program connect, or the line end, break or freeze."""
        if not self._desk.alive:
            return
        if self._wire.client is None:
            self._wire.connect()
            return
        luck = 1.0 if self._calm and self._random.random() < 0.9 else self._random.random()
        if luck < 0.15:
            self._venue.drop_lines(reset=False)
        elif luck < 0.35:
            self._venue.drop_lines(reset=True)
        elif luck < 0.5:
            self._venue.set_silent(True)
        elif luck < 0.55:
            self._venue.log_off_lines("The server goes away", do_not_reconnect=False)
        else:
            self._venue.set_silent(False)

    def temper(self) -> None:
        """Have the venue behave differently from now on."""
        chance, choice = self._random.random, self._random.choice
        self._command("reject", count=choice((0, 0, 1, 2)))
        self._command("hold_acks", ms=choice((0, 0, 0, 1_000, 15_000)))
        self._command("hold_fills", on=chance() < 0.3)
        self._command("cancel_ack", on=chance() < 0.85, effect=chance() < 0.5)
        self._command("latency", ms=choice((0, 0, 300, 5_000)))
        self._command("reject_stop", count=int(chance() < 0.15))
        self._command("reject_child", count=int(chance() < 0.2), which=choice(EXITS))
        self._command("no_oco", on=chance() < 0.2)
        self._slow = chance() < 0.2
        self._command("refuse_connections", on=chance() < 0.1 and not self._calm)
        self._command("refuse_logon", count=choice((0, 0, 0, 0, 1)))
        if self._venue.pipe is not None:
            self._venue.pipe.room = choice((1 << 16, 1 << 16, 300, 90))

    def mute(self) -> None:
        """Have a message lost on the venue's side, or told twice."""
        verb = self._random.choice(("mute", "duplicate", "duplicate"))
        self._command(verb, types=[self._random.choice((ORDER_UPDATE, POSITION_UPDATE))], count=1)

    # -- private ----------------------------------------------------------------------------------------------------

    def _dialed(self) -> Pipe | None:
        return self._venue.dialed(self._clock.monotonic())

    def _step(self) -> None:
        if self._wire.client is not None:
            self._wire.client.step()

    def _to_server(self, pipe: Pipe, size: int) -> None:
        self._venue.take(pipe.carry_to_server(size), self._clock.monotonic())
        if pipe.client_gone and not pipe.to_server and pipe is self._venue.pipe:
            self._venue.drop_lines(reset=False)

    def _some(self) -> int:
        return self._random.choice((1 << 20, 1 << 20, self._random.randint(1, 400)))

    def _flow(self) -> None:
        """Carry everything both ways until nothing moves."""
        for _ in range(1_000):
            pipe, before = self._venue.pipe, self._venue.sent
            if pipe is not None and not pipe.frozen:
                self._to_server(pipe, 1 << 20)
                pipe.carry_to_client(1 << 20)
            self._step()
            pipe = self._venue.pipe
            still = pipe is None or pipe.frozen or not (pipe.to_client or pipe.to_server)
            if still and self._venue.sent == before:
                return
        raise AssertionError("both ends never stop talking")

    def _command(self, verb: str, **arguments: object) -> None:
        self._venue.control.apply(verb, arguments)


class VenueTruth:
    """The venue's own records."""

    def __init__(self, venue: HandVenue, broker: WireBroker) -> None:
        self._venue = venue
        self._records = venue.venue.records
        self._broker = broker

    @property
    def submitted(self) -> list[Order]:
        """Every order the line took."""
        return self._broker.submitted

    @property
    def arrived(self) -> list[str]:
        """The client ids of the orders that came in as bytes."""
        return self._venue.arrived

    def positions(self) -> Mapping[PositionKey, Decimal]:
        """Return what is open."""
        return {
            PositionKey(self._broker.connection, one.account, one.symbol): one.quantity
            for one in self._records.positions
            if one.quantity
        }

    def order(self, client_order_id: str) -> TrueOrder | None:
        """Return an order of ours."""
        found: VenueOrder | None = self._records.order_named(client_order_id)
        if found is None:
            return None
        return TrueOrder(not found.status.is_final, found.quantity, found.filled, found.server_order_id)

    def executions(self) -> Mapping[tuple[AccountKey, str], Decimal]:
        """Return every execution."""
        return {
            (AccountKey(self._broker.connection, one.account), one.execution_id): one.side.sign * one.quantity
            for one in self._records.fills
        }
