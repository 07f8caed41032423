"""A broker in memory: its own book of orders, positions and fills is the truth, and its line is scripted.

Nothing is handled inside a call: what the broker says is put into `out`, and the test (or `Desk.settle`) hands it to
the engine, in order or not. While the line is down the truth moves on and nothing is said.
"""

from collections import deque
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.broker_report import ReportKind
from core.clock import Clock
from core.errors import ConnectionLost
from core.events import (
    FillReceived,
    InstrumentReported,
    Link,
    LinkChanged,
    OrderReported,
    OrdersListed,
    PositionReported,
    PositionsListed,
    SendFailed,
    SendStarted,
    SnapshotFailed,
    SnapshotReceived,
)
from core.messages import Message
from core.model.bracket import Offsets
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order import Order, OrderState, OrderType
from core.model.order_change import Terms
from core.model.scope import AccountKey, PositionKey
from tests.fakes import linked_orders
from tests.fakes.broker_books import BrokerBooks
from tests.fakes.broker_script import Answers, Fate, Placed, Script

__all__ = ["ES_CONTRACT", "MES_CONTRACT", "Answers", "FakeBroker", "Fate", "Placed", "Script"]

ES_CONTRACT = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD", "E-mini S&P 500")
MES_CONTRACT = Instrument("MESZ6", Decimal("0.25"), Decimal("1.25"), "USD", "Micro E-mini S&P 500")


class FakeBroker(BrokerBooks):
    """A Broker whose truth is in plain sight.

    Attributes:
        out: what was said and not yet handled.
        received: every order that arrived, in order, however often.
        cancels: server order ids of cancels that arrived. changes: those of changes, with what was wanted.
        asked: the windows of the snapshots asked for.
    """

    def __init__(
        self,
        clock: Clock,
        connection: str = "sim",
        accounts: tuple[str, ...] = ("Sim1",),
        contracts: tuple[Instrument, ...] = (ES_CONTRACT, MES_CONTRACT),
    ) -> None:
        super().__init__(clock, connection, accounts)
        self.up = False
        self.out: deque[Message] = deque()
        self.contracts = contracts
        self.received: list[Order] = []
        self.cancels: list[str] = []
        self.changes: list[tuple[str, Terms]] = []
        self.asked: list[datetime] = []
        self.subscribed: list[str] = []
        self.depth_wishes: list[tuple[str, bool]] = []
        self.position_requests = 0
        self.order_requests = 0
        self._connection = connection
        self._held: deque[Message] = deque()
        self._held_requests: deque[tuple[str, Terms | None]] = deque()
        self._renamed: dict[str, str] = {}

    # -- Broker -----------------------------------------------------------------------------------------------------

    @property
    def connection(self) -> str:
        """The stable slug of this connection."""
        return self._connection

    def submit(self, order: Order) -> None:
        """Take an order as the script says."""
        self._submit((order,))

    def submit_pair(self, first: Order, second: Order) -> None:
        """Take two linked exits as the script says."""
        self._submit((first, second))

    def submit_bracket(self, entry: Order, stop: Order, target: Order, offsets: Offsets | None = None) -> None:
        """Take an entry with its exits as the script says."""
        self._submit((entry, stop, target), offsets)

    def cancel(self, order: Order) -> None:
        """Take a cancel as the script says."""
        if not self.up:
            raise ConnectionLost("The line is down; nothing was queued.")
        fate, self.script.cancel_fate = self.script.cancel_fate, Fate.TAKEN
        if fate in (Fate.UNSENT, Fate.UNSEEN):
            self.drop()
            return
        self.cancels.append(order.server_order_id)
        if fate is Fate.SEEN:
            self.drop()
        self._request(order.server_order_id, None)

    def replace(self, order: Order, wanted: Terms) -> None:
        """Take a change as the script says."""
        if not self.up:
            raise ConnectionLost("The line is down; nothing was queued.")
        fate, self.script.change_fate = self.script.change_fate, Fate.TAKEN
        name = order.client_order_id
        if fate is Fate.UNSENT:
            self._say(SendFailed(self.connection, name, "The line fell before it was sent."))
            self.drop()
            return
        self._say(SendStarted(self.connection, name, self.clock.now()))
        if fate is Fate.UNSEEN:
            self.drop(name)
            return
        self.changes.append((order.server_order_id, wanted))
        if fate is Fate.SEEN:
            self.drop(name)
            self._act(order.server_order_id, wanted)
        else:
            self._request(order.server_order_id, wanted)

    def request_snapshot(self, since: datetime) -> None:
        """Answer as the script says."""
        if not self.up:
            return
        self.asked.append(since)
        if self.script.snapshot is Answers.FAILS:
            self._say(SnapshotFailed(self.connection, "No complete answer within 10 s."))
        elif self.script.snapshot is Answers.COMPLETE:
            self._say(SnapshotReceived(self.connection, self.snapshot(since)))

    def request_positions(self, key: AccountKey) -> None:
        """List the positions of one account, unless positions are refused."""
        self.position_requests += 1
        rows = tuple(row for row in self.position_rows() if row.key.account_key == key)
        if self.script.lists_positions:
            self._say(PositionsListed(key, rows, self.clock.now()))

    def request_orders(self) -> None:
        """List the open orders."""
        self.order_requests += 1
        if self.script.lists_orders:
            self._say(OrdersListed(self.connection, self.order_rows(), self.clock.now()))

    def subscribe(self, symbol: str) -> None:
        """Note the symbol."""
        self.subscribed.append(symbol)

    def follow_depth(self, symbol: str, wanted: bool) -> None:
        """Note the wish."""
        self.depth_wishes.append((symbol, wanted))

    def reconnect(self) -> None:
        """Come up at once."""
        self.connect()

    # -- the line ---------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Come up: logged on, contracts told."""
        if self.up:
            return
        self.up = True
        told = LinkChanged(self.connection, Link.SYNCING, self.clock.now(), server="Fake")
        self._say(replace(told, oco_supported=True, brackets_supported=True))
        for contract in self.contracts:
            self._say(InstrumentReported(self.connection, contract))

    def drop(self, *may_have_sent: str) -> None:
        """Lose the line; what was held back is never said."""
        if not self.up:
            return
        self._say(
            LinkChanged(
                self.connection,
                Link.OFFLINE,
                self.clock.now(),
                "The line fell.",
                retry_in_s=1.0,
                may_have_sent=may_have_sent,
            )
        )
        self.up = False
        self._held.clear()
        self._held_requests.clear()

    def release(self) -> None:
        """Say what was held back, and act on the cancels and changes that were, in their order."""
        self.script.hold_acks = self.script.hold_cancels = False
        self.out.extend(self._held)
        self._held.clear()
        while self._held_requests:
            self._act(*self._held_requests.popleft())

    def release_one(self) -> None:
        """Act on the oldest cancel or change that is held back, if there is one, and go on holding the others."""
        if self._held_requests:
            self._act(*self._held_requests.popleft())

    # -- what happens at the broker ---------------------------------------------------------------------------------

    def fill(
        self,
        order: Placed,
        quantity: Decimal | int | None = None,
        price: Decimal | str | None = "5000",
        *,
        execution_id: str = "",
        report: bool = True,
    ) -> Fill:
        """Execute part of an order (all that is left by default), whatever its state; say so, and keep the fill."""
        amount = order.quantity - order.filled if quantity is None else Decimal(quantity)
        order.filled += amount
        if order.alive:
            order.state = OrderState.FILLED if order.filled >= order.quantity else OrderState.PARTIAL
        kind = ReportKind.FILLED if order.filled >= order.quantity else ReportKind.PARTLY_FILLED
        made = self.execute(order, amount, None if price is None else Decimal(price), execution_id)
        moved = PositionReported(self.position_row(order.key))
        said: list[Message] = [OrderReported(self.report(order, kind))] if report else []
        said.append(FillReceived(made))
        if self.script.tells_positions and self.script.lists_positions:
            said = [moved, *said] if self.script.position_first else [*said, moved]
        for message in said:
            self._say(message)
        linked = not self.script.no_oco
        self._follow(linked_orders.after_fill(order, amount, self.average(order), self.orders.values(), linked))
        return made

    def by_hand(
        self, key: PositionKey, side: Side, quantity: int, price: str = "5000", *, told: bool = True, trace: bool = True
    ) -> None:
        """Trade in another program on the same account.

        Args:
            told: with its order, fill and position reported live.
            trace: with an execution in the history; without, only the position moves.
        """
        if not trace:
            self.move(key, Decimal(quantity) * side.sign, Decimal(price))
            if told and self.script.lists_positions:
                self._say(PositionReported(self.position_row(key)))
            return
        order = Placed(self.number("S"), "", key, side, OrderType.MARKET, Decimal(quantity))
        self.orders[order.server_order_id] = order
        up, self.up = self.up, self.up and told
        self._say(OrderReported(self.report(order, ReportKind.ACCEPTED)))
        self.fill(order, quantity, price)
        self.up = up

    def place_by_hand(self, key: PositionKey, side: Side, type_: OrderType, quantity: int, price: str) -> Placed:
        """Place a working order in another program on the same account."""
        stop = type_ is OrderType.STOP
        order = Placed(
            self.number("S"),
            "",
            key,
            side,
            type_,
            Decimal(quantity),
            None if stop else Decimal(price),
            Decimal(price) if stop else None,
        )
        self.orders[order.server_order_id] = order
        self._say(OrderReported(self.report(order, ReportKind.ACCEPTED)))
        return order

    def end(self, order: Placed, state: OrderState, text: str = "") -> None:
        """End an order: cancelled, expired or rejected after all; exits that wait for it end with it."""
        order.state = state
        kind = ReportKind.REJECTED if state is OrderState.REJECTED else ReportKind.CANCELLED
        self._say(OrderReported(replace(self.report(order, kind), text=text)))
        self._follow(linked_orders.after_end(order, self.orders.values()))

    def replace_id(self, order: Placed) -> None:
        """Give an order another server order id, as a venue does when it changes one."""
        before = order.server_order_id
        del self.orders[before]
        order.server_order_id = self.number("S")
        self._renamed[before] = order.server_order_id
        self.orders[order.server_order_id] = order
        report = replace(self.report(order, ReportKind.REPLACED), previous_server_order_id=before)
        self._say(OrderReported(report))

    # -- private ----------------------------------------------------------------------------------------------------

    def _say(self, message: Message) -> None:
        if self.up:
            self.out.append(message)

    def _submit(self, orders: tuple[Order, ...], offsets: Offsets | None = None) -> None:
        if not self.up:
            raise ConnectionLost("The line is down; nothing was queued.")
        fate, self.script.fate = self.script.fate, Fate.TAKEN
        names = [order.client_order_id for order in orders]
        if fate is Fate.UNSENT:
            for name in names:
                self._say(SendFailed(self.connection, name, "The line fell before it was sent."))
            self.drop()
            return
        for name in names:
            self._say(SendStarted(self.connection, name, self.clock.now()))
        if fate is Fate.UNSEEN:
            self.drop(*names)
            return
        self.received.extend(orders)
        if fate is Fate.SEEN:
            self.drop(*names)
        self._take([self._placed(order) for order in orders], offsets)

    def _placed(self, order: Order) -> Placed:
        number = self.number("S")
        self.orders[number] = Placed(
            number,
            order.client_order_id,
            order.key,
            order.side,
            order.type,
            order.quantity,
            order.price,
            order.trigger_price,
            order.time_in_force,
            asked=order.quantity,
        )
        return self.orders[number]

    def _take(self, group: list[Placed], offsets: Offsets | None) -> None:
        """Take one order, two linked exits, or an entry with its exits."""
        linked_orders.link(group, offsets)
        if self.script.refuse and (group[0].type is OrderType.MARKET or not self.script.refuse_market):
            text = self.script.refuse.pop(0)
            for one in group:
                one.state = OrderState.REJECTED
            for one in group:
                self.end(one, OrderState.REJECTED, text)
            return
        betrayed = [one for one in group if one.parent is not None and one.type in self.script.refuse_exits]
        for one in group:
            if one in betrayed:
                continue
            accepted = OrderReported(self.report(one, ReportKind.ACCEPTED))
            if self.script.hold_acks and self.up:
                self._held.append(accepted)
            else:
                self._say(accepted)
        for one in betrayed:
            self.script.refuse_exits = frozenset()
            self.end(one, OrderState.REJECTED, "Refused alone")
        if group[0].type is OrderType.MARKET and self.script.market_price is not None and not self.script.hold_acks:
            self.fill(group[0], None, self.script.market_price)

    def _follow(self, moved: list[Placed]) -> None:
        """Say what became of orders that are linked with one that traded or ended."""
        for one in moved:
            working = one.parent is not None and one.alive and not one.waiting
            if self.script.refuse_stop and one.is_stop and working:
                text, self.script.refuse_stop = self.script.refuse_stop, ""
                self.end(one, OrderState.REJECTED, text)
            elif one.alive:
                self._say(OrderReported(self.report(one, ReportKind.CHANGED)))
            else:
                self.end(one, one.state)

    def _request(self, server_order_id: str, wanted: Terms | None) -> None:
        if self.script.hold_cancels:
            self._held_requests.append((server_order_id, wanted))
        else:
            self._act(server_order_id, wanted)

    def _act(self, server_order_id: str, wanted: Terms | None) -> None:
        """Carry out a cancel or a change; an order keeps every name it ever had."""
        while server_order_id in self._renamed:
            server_order_id = self._renamed[server_order_id]
        order = self.orders.get(server_order_id)
        if order is None:
            return
        if wanted is None:
            self._cancel(order)
        else:
            self._change(order, wanted)

    def _change(self, order: Placed, wanted: Terms) -> None:
        too_little = wanted.quantity is not None and wanted.quantity <= order.filled
        if self.script.refuse_changes or not order.alive or too_little:
            text = f"Order is {order.state.value}" if not order.alive else "No such change"
            report = replace(self.report(order, ReportKind.REPLACE_REFUSED), text=text)
            self._say(OrderReported(report))
            return
        before = order.quantity
        if wanted.quantity is not None:
            order.asked = wanted.quantity + order.taken
            tied = order.parent is not None and order.parent.alive
            order.quantity = linked_orders.exposed(order) if tied else wanted.quantity
        if wanted.price is not None or wanted.trigger_price is not None:
            order.distance = None
        order.price = order.price if wanted.price is None else wanted.price
        order.trigger_price = order.trigger_price if wanted.trigger_price is None else wanted.trigger_price
        if self.script.new_ids:
            self.replace_id(order)
        else:
            self._say(OrderReported(self.report(order, ReportKind.REPLACED)))
        self._follow(linked_orders.after_change(order, before, self.orders.values()))

    def _cancel(self, order: Placed) -> None:
        if self.script.refuse_cancels or not order.alive:
            report = replace(self.report(order, ReportKind.CANCEL_REFUSED), text="Too late to cancel")
            self._say(OrderReported(report))
            return
        self.end(order, OrderState.CANCELLED)
