"""The books of the broker in memory: orders, positions, money and fills, and what is listed and reported of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.broker_report import BrokerSnapshot, OrderReport, PositionReport, ReportKind
from core.clock import Clock
from core.model.fill import Fill
from core.model.scope import Account, AccountKey, Balance, PositionKey
from tests.fakes.broker_script import Placed, Script

TICK = Decimal("0.25")


class BrokerBooks:
    """The truth, whoever was told of it.

    Attributes:
        script: how the broker behaves.
        orders: by server order id. positions: signed. fills: oldest first.
    """

    def __init__(self, clock: Clock, connection: str, accounts: tuple[str, ...]) -> None:
        self.clock = clock
        self.script = Script()
        self.accounts = tuple(Account(AccountKey(connection, name), None, "USD") for name in accounts)
        self.cash: dict[AccountKey, Decimal] = {one.key: Decimal(50_000) for one in self.accounts}
        self.orders: dict[str, Placed] = {}
        self.positions: dict[PositionKey, Decimal] = {}
        self.averages: dict[PositionKey, Decimal] = {}
        self.fills: list[Fill] = []
        self._numbers = 0

    def find(self, client_order_id: str) -> Placed:
        """Return the order with this client id."""
        return next(one for one in self.orders.values() if one.client_order_id == client_order_id)

    def last(self) -> Placed:
        """Return the newest order."""
        return list(self.orders.values())[-1]

    def forget_orders(self) -> None:
        """Lose every order, as a server that restarted without memory."""
        self.orders.clear()

    def snapshot(self, since: datetime) -> BrokerSnapshot:
        """Return the whole truth, less what the script leaves out."""
        now = self.clock.now()
        fills = tuple(
            replace(one, client_order_id="", received_at=now, fill_time=_whole_second(one.fill_time))
            for one in self.fills
            if one.fill_time is not None and one.fill_time >= since and one.key.symbol not in self.script.omitted
        )
        return BrokerSnapshot(
            asked_at=now,
            completed_at=now,
            fills_since=since,
            accounts=self.accounts,
            balances=tuple((key, self.balance(key)) for key in self.cash),
            orders=self.order_rows(),
            positions=self.position_rows() if self.script.lists_positions else None,
            fills=fills if self.script.lists_fills else None,
        )

    def balance(self, key: AccountKey) -> Balance:
        """Return an account's money."""
        return Balance(self.cash[key], None, None, None, "USD", self.clock.now())

    def order_rows(self) -> tuple[OrderReport, ...]:
        """Return every open order as a list would."""
        return tuple(self.report(one, ReportKind.RESTATED) for one in self.orders.values() if one.alive)

    def position_rows(self) -> tuple[PositionReport, ...]:
        """Return the positions as a list would."""
        return tuple(
            self.position_row(key)
            for key, quantity in self.positions.items()
            if key.symbol not in self.script.omitted and (quantity or self.script.zeros)
        )

    def report(self, order: Placed, kind: ReportKind) -> OrderReport:
        """Return what is said about an order as it is now."""
        return OrderReport(
            key=order.key,
            client_order_id=order.client_order_id,
            server_order_id=order.server_order_id,
            kind=kind,
            state=order.state,
            received_at=self.clock.now(),
            side=order.side,
            type=order.type,
            quantity=order.quantity,
            filled_quantity=order.filled,
            price=order.price,
            trigger_price=order.trigger_price,
            time_in_force=order.time_in_force,
            parent_server_order_id="" if order.parent is None else order.parent.server_order_id,
            oco_server_order_id="" if order.other is None else order.other.server_order_id,
            waits_for_parent=order.alive and order.waiting,
        )

    def execute(self, order: Placed, quantity: Decimal, price: Decimal | None, execution_id: str) -> Fill:
        """Book an execution of an order, under an id of its own if none is given."""
        made = Fill(
            key=order.key,
            execution_id=execution_id or self.number("E"),
            side=order.side,
            quantity=quantity,
            price=price,
            fill_time=self.clock.now(),
            received_at=self.clock.now(),
            client_order_id=order.client_order_id,
            server_order_id=order.server_order_id,
        )
        self.fills.append(made)
        order.value += quantity * (price or Decimal(0))
        self.move(order.key, made.signed_quantity, price)
        return made

    def average(self, order: Placed) -> Decimal | None:
        """Return the average price of what an order traded, on the tick; None where there was no price."""
        if not order.value or not order.filled:
            return None
        return (order.value / order.filled / TICK).to_integral_value() * TICK

    def move(self, key: PositionKey, change: Decimal, price: Decimal | None) -> None:
        """Change a position by a signed quantity."""
        self.positions[key] = self.positions.get(key, Decimal(0)) + change
        if price is not None:
            self.averages[key] = price

    def position_row(self, key: PositionKey) -> PositionReport:
        """Return what is said of a position."""
        quantity = self.positions.get(key, Decimal(0))
        return PositionReport(key, quantity, self.averages.get(key) if quantity else None, self.clock.now())

    def number(self, letter: str) -> str:
        """Return an id nobody had before."""
        self._numbers += 1
        return f"{letter}{self._numbers}"


def _whole_second(time: datetime | None) -> datetime | None:
    """Return a time as the history tells it."""
    return None if time is None else time - timedelta(microseconds=time.microsecond)
