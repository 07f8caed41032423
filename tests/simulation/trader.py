"""The simulated trader: sees what the window shows, and presses whatever it offers, sensibly or not."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from core import commands
from core.messages import Message
from core.model.fill import Side
from core.model.finding import FindingChoice
from core.model.order import OrderType
from core.model.recovery import ClosedBy, RecoveryChoice
from core.model.scope import AccountKey, PositionKey
from core.snapshot import Snapshot
from tests.fakes.engine import Desk
from tests.simulation.bracket_trader import TICK, BracketTrader

_TYPES = (OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)

Act = tuple[int, Callable[[], list[Message]]]


class Trader:
    """Makes the messages a trader's hand would.

    Attributes:
        price: the last price of each symbol, set by the market.
    """

    def __init__(self, random: Random, desk: Desk, scopes: tuple[PositionKey, ...], price: dict[str, Decimal]) -> None:
        self._random = random
        self._desk = desk
        self._scopes = scopes
        self._price = price
        self._presses = 0
        self.acts: list[Act] = [
            (12, self.press),
            (3, self.press_again),
            (8, self.protect),
            (4, self.cancel),
            (5, self.change),
            (3, self.move_exit),
            (2, self.reverse),
            (1, self.record_closed),
            (6, self.close),
            (1, self.flatten),
            (6, self.answer),
            (7, self.decide_row),
            (7, self.decide_finding),
            (2, self.arm),
            (1, self.ask),
            (1, self.select),
            *BracketTrader(random, lambda: self._snapshot, scopes, price).acts,
        ]

    def press(self) -> list[Message]:
        """Press BUY or SELL with some type, price and size."""
        return [self._order(self._scope(), self._side(), self._random.choice(_TYPES), self._random.randint(1, 3))]

    def press_again(self) -> list[Message]:
        """Press a button so often that the program sees one action several times."""
        order = self._order(self._scope(), self._side(), OrderType.MARKET, 1)
        return [order] * 3

    def protect(self) -> list[Message]:
        """Place a stop or a target for what is shown as open, of its size mostly."""
        positions = list(self._snapshot.positions.values())
        if not positions:
            return []
        position = self._random.choice(positions)
        size = int(abs(position.quantity)) if self._random.random() < 0.8 else self._random.randint(1, 3)
        side, type_ = Side.closing(position.quantity), self._random.choice((OrderType.STOP, OrderType.LIMIT))
        away = side.sign * (-1 if type_ is OrderType.LIMIT else 1)
        return [self._order(position.key, side, type_, size, away * self._random.randint(1, 30))]

    def cancel(self) -> list[Message]:
        """Cancel some order, perhaps twice, perhaps one that is over."""
        orders = [one for one in self._snapshot.orders.values() if one.is_alive or self._random.random() < 0.02]
        if not orders:
            return []
        return [commands.CancelOrder(self._random.choice(orders).client_order_id)] * self._random.choice((1, 1, 2))

    def change(self) -> list[Message]:
        """Have a working order work under other terms, pressed twice now and then."""
        orders = [one for one in self._snapshot.orders.values() if one.is_alive]
        if not orders:
            return []
        self._presses += 1
        order = self._random.choice(orders)
        quantity = Decimal(self._random.randint(1, 4)) if self._random.random() < 0.5 else None
        moved = self._random.randint(-8, 8) * TICK
        changed = commands.ChangeOrder(
            f"change-{self._presses}",
            order.client_order_id,
            quantity,
            None if order.price is None else order.price + moved,
            None if order.trigger_price is None else order.trigger_price + moved,
            self._random.random() < 0.5,
        )
        return [changed] * self._random.choice((1, 1, 2))

    def move_exit(self) -> list[Message]:
        """Move the stop or the target of a position, or the stop to where it was entered."""
        self._presses += 1
        name, key, sure = f"move-{self._presses}", self._scope(), self._random.random() < 0.5
        if self._random.random() < 0.3:
            return [commands.StopToBreakeven(name, key)]
        return [commands.MoveExit(name, key, self._random.random() < 0.6, self._random.randint(-5, 5), sure)]

    def reverse(self) -> list[Message]:
        """Turn a position round, pressed twice now and then."""
        self._presses += 1
        return [commands.ReversePosition(f"reverse-{self._presses}", self._scope())] * self._random.choice((1, 1, 2))

    def record_closed(self) -> list[Message]:
        """Say that a position was closed elsewhere; now and then that is not so."""
        positions = list(self._snapshot.positions.values())
        if not positions:
            return []
        one = self._random.choice(positions)
        quantity = abs(one.quantity) if self._random.random() < 0.7 else Decimal(1)
        price = None if self._random.random() < 0.5 else self._price[one.key.symbol]
        by = self._random.choice(tuple(ClosedBy))
        return [commands.RecordClosed(one.key, quantity, price, None, None, by, "simulated", one.key.symbol)]

    def close(self) -> list[Message]:
        """Press Close, several times as often as not, in one scope or different ones."""
        self._presses += 1
        times = self._random.choice((1, 1, 2, 3))
        return [commands.ClosePosition(f"close-{self._presses}-{one}", self._scope()) for one in range(times)]

    def flatten(self) -> list[Message]:
        """Flatten an account."""
        self._presses += 1
        return [commands.FlattenAccount(f"flatten-{self._presses}", self.account())]

    def answer(self) -> list[Message]:
        """Answer a close that asks."""
        asking = [one for one in self._snapshot.operations.values() if one.choices]
        if not asking:
            return []
        one = self._random.choice(asking)
        return [commands.AnswerClose(one.operation_id, self._random.choice(one.choices))]

    def decide_row(self) -> list[Message]:
        """Decide a row of recovery or reconciliation, now and then one that has changed since."""
        rows = () if self._snapshot.recovery is None else self._snapshot.recovery.rows
        if not rows:
            return []
        row = self._random.choice(rows)
        version = row.version - (self._random.random() < 0.1)
        return [commands.DecideRecovery(row.key, self._random.choice(row.choices), version, "simulated")]

    def decide_finding(self) -> list[Message]:
        """Decide about an order or a missing stop."""
        if not self._snapshot.findings:
            return []
        one = self._random.choice(self._snapshot.findings)
        choice = self._random.choice(one.choices)
        price = None
        if choice is FindingChoice.CHOOSE_PRICE and one.position is not None:
            price = self._price[one.key.symbol] - one.position.direction * TICK * self._random.randint(-3, 30)
        return [commands.DecideFinding(one.key, one.name, choice, one.version, price)]

    def arm(self) -> list[Message]:
        """Arm an account, or disarm it."""
        key = self.account()
        return [commands.ArmAccount(key) if self._random.random() < 0.8 else commands.DisarmAccount(key)]

    def ask(self) -> list[Message]:
        """Ask the broker, or have the line tried at once."""
        connection = self._scope().connection
        return [self._random.choice((commands.AskBroker(connection), commands.ReconnectNow(connection)))]

    def select(self) -> list[Message]:
        """Look at another account or symbol."""
        scope = self._scope()
        symbol = commands.SelectSymbol(scope.connection, scope.symbol)
        return [self._random.choice((commands.SelectAccount(scope.account_key), symbol))]

    def tidy(self) -> list[Message]:
        """Settle every question the safe way, as at the end of a day."""
        snapshot, settled = self._snapshot, list[Message]()
        for operation in snapshot.operations.values():
            if operation.choices:
                settled.append(commands.AnswerClose(operation.operation_id, operation.choices[-1]))
        for row in snapshot.recovery.rows if snapshot.recovery is not None else ():
            if row.decided in (None, RecoveryChoice.IGNORE):
                choice = row.choices[0] if row.choices[0] is not RecoveryChoice.VERIFY else RecoveryChoice.ADOPT
                settled.append(commands.DecideRecovery(row.key, choice, row.version, "simulated"))
        for finding in snapshot.findings:
            if finding.decided is None:
                last = FindingChoice.LEAVE if FindingChoice.LEAVE in finding.choices else finding.choices[0]
                settled.append(commands.DecideFinding(finding.key, finding.name, last, finding.version))
        for entry in snapshot.entries.values():
            working = [one for leg in entry.legs if (one := snapshot.orders.get(leg.entry_id)) and one.is_working]
            settled += [commands.CancelOrder(one.client_order_id) for one in working if not entry.is_over]
        return settled

    def account(self) -> AccountKey:
        """Return an account he trades."""
        return self._scope().account_key

    # -- private ----------------------------------------------------------------------------------------------------

    @property
    def _snapshot(self) -> Snapshot:
        return self._desk.snapshot

    def _scope(self) -> PositionKey:
        return self._random.choice(self._scopes)

    def _side(self) -> Side:
        return self._random.choice(tuple(Side))

    def _order(
        self, key: PositionKey, side: Side, type_: OrderType, size: int, away: int | None = None
    ) -> commands.SubmitOrder:
        self._presses += 1
        ticks = self._random.randint(-40, 40) if away is None else away
        price = self._price[key.symbol] + ticks * TICK
        limit = price if type_ is OrderType.LIMIT else None
        trigger = price if type_ is OrderType.STOP else None
        name, sure = f"press-{self._presses}", self._random.random() < 0.5
        return commands.SubmitOrder(name, key, side, type_, Decimal(size), limit, trigger, confirmed=sure)
