"""A session in which everything happens: seeded, so that a number is the whole story.

The trader presses, cancels, closes and decides; the broker fills in parts, refuses, falls silent and is traded from
elsewhere; the line falls before, during and after; messages come late, twice, swapped or not at all; the program dies
and is started again. After every message the invariants hold, and once all faults have passed everybody agrees.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from core import commands
from core.events import FillReceived, GapDetected, PositionReported
from core.messages import Message
from core.model.fill import Side
from core.model.operation import CloseChoice
from core.model.order import OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import PositionKey
from services.line_watch import GIVE_UP_S
from tests.fakes.broker import Answers, FakeBroker, Fate, Placed, Script
from tests.fakes.checker import Checker, at_rest
from tests.fakes.clock import ManualClock
from tests.fakes.engine import Desk

SCOPES = (
    PositionKey("sim", "Sim1", "ESZ6"),
    PositionKey("sim", "Sim1", "MESZ6"),
    PositionKey("sim", "Sim2", "ESZ6"),
)
TYPES = (OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)


class RandomSession:
    """One seeded session on a store in memory.

    Attributes:
        story: what was done, in order, for the reader of a failure.
    """

    def __init__(self, seed: int) -> None:
        self.story: list[str] = []
        self._random = Random(seed)
        clock = ManualClock()
        self._broker = FakeBroker(clock, accounts=("Sim1", "Sim2"))
        self._desk = Desk(brokers=[self._broker], clock=clock)
        self._checker = Checker(self._desk)
        self._desk.after.append(self._checker.check)
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (12, self._press),
            (10, self._fill),
            (6, self._time_passes),
            (4, self._close),
            (4, self._decide),
            (3, self._answer),
            (3, self._cancel),
            (3, self._by_hand),
            (3, self._temper),
            (4, self._line),
            (2, self._press_again),
            (1, self._gap),
            (1, self._end),
        ]

    def run(self, events: int) -> None:
        """Let things happen, then let all faults pass and see that everybody agrees."""
        self._desk.start()
        weights = [weight for weight, _ in self._acts]
        acts = [act for _, act in self._acts]
        for act in self._random.choices(acts, weights, k=events):
            self._desk.by_hand = True
            self._note(act.__name__.strip("_"))
            act()
            self._deliver()
        self._heal()

    # -- what happens -----------------------------------------------------------------------------------------------

    def _press(self) -> None:
        side, type_ = self._random.choice(tuple(Side)), self._random.choice(TYPES)
        price = None if type_ is OrderType.MARKET else str(5000 + self._random.randint(-40, 40) * Decimal("0.25"))
        self._desk.press(side, self._random.randint(1, 3), type_, price, key=self._scope())

    def _press_again(self) -> None:
        key, side = self._scope(), self._random.choice(tuple(Side))
        for _ in range(3):
            self._desk.press(side, 1, key=key, action_id=f"again-{len(self.story)}")

    def _cancel(self) -> None:
        orders = [order for order in self._desk.snapshot.orders.values() if order.is_alive]
        if orders:
            self._desk.handle(commands.CancelOrder(self._random.choice(orders).client_order_id))

    def _close(self) -> None:
        for _ in range(self._random.randint(1, 3)):
            self._desk.close(self._scope())

    def _answer(self) -> None:
        asking = [one for one in self._desk.snapshot.operations.values() if one.choices]
        if asking:
            one = self._random.choice(asking)
            self._desk.handle(commands.AnswerClose(one.operation_id, self._random.choice(one.choices)))

    def _decide(self) -> None:
        recovery = self._desk.snapshot.recovery
        rows = () if recovery is None else recovery.rows
        if rows:
            row = self._random.choice(rows)
            old = self._random.random() < 0.1
            choice = self._random.choice(row.choices)
            self._note(f"{row.key.symbol} {row.situation.value} {choice.value}")
            self._desk.handle(commands.DecideRecovery(row.key, choice, row.version - old))

    def _fill(self) -> None:
        orders = [order for order in self._broker.orders.values() if order.alive]
        if orders:
            order = self._random.choice(orders)
            self._execute(order, min(order.quantity - order.filled, Decimal(self._random.randint(1, 2))))

    def _execute(self, order: Placed, quantity: Decimal) -> None:
        if quantity > 0:
            price = str(5000 + self._random.randint(-40, 40) * Decimal("0.25"))
            self._broker.fill(order, quantity, price, report=self._random.random() < 0.9)

    def _by_hand(self) -> None:
        side, quantity = self._random.choice(tuple(Side)), self._random.randint(1, 2)
        told, trace = self._random.random() < 0.7, self._random.random() < 0.8
        self._broker.by_hand(self._scope(), side, quantity, told=told, trace=trace)

    def _line(self) -> None:
        if not self._broker.up:
            self._broker.connect()
        elif self._random.random() < 0.4:
            self._broker.drop()

    def _gap(self) -> None:
        if self._broker.up:
            self._broker.out.append(GapDetected("sim", "The server dropped 1 message."))

    def _temper(self) -> None:
        """Have the broker behave differently from now on."""
        script, chance = self._broker.script, self._random.random
        script.fate = self._random.choice((Fate.TAKEN,) * 3 + tuple(Fate))
        script.cancel_fate = self._random.choice((Fate.TAKEN,) * 3 + tuple(Fate))
        script.market_price = None if chance() < 0.3 else Decimal(5000)
        script.hold_acks = chance() < 0.2
        script.hold_cancels = chance() < 0.2
        script.refuse = ["Not now"] * self._random.randint(0, 2)
        script.refuse_cancels = chance() < 0.1
        script.position_first = chance() < 0.5
        script.snapshot = self._random.choice((Answers.COMPLETE, Answers.COMPLETE, *Answers))
        script.lists_fills = chance() < 0.9
        script.zeros = chance() < 0.7
        if chance() < 0.5:
            self._broker.release()

    def _time_passes(self) -> None:
        self._desk.tick(self._random.choice((0.25, 0.25, 0.5, 1.0, 3.5, 11.0)))

    def _end(self) -> None:
        """Die, or end cleanly, and start again, perhaps with trades meanwhile."""
        if self._random.random() < 0.5:
            self._desk.kill()
        else:
            self._desk.stop()
        self._desk.clock.advance(self._random.choice((1, 60, 86_400)))
        if self._random.random() < 0.5:
            self._by_hand()
            self._fill()
        self._desk.start(connect=self._random.random() < 0.9)

    # -- delivery ---------------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Hand some of what the broker said to the engine: late, twice, swapped, or never."""
        out = self._broker.out
        for _ in range(self._random.randint(0, 12)):
            if not out:
                return
            message = out.popleft()
            luck = self._random.random()
            if luck < 0.04 and _may_be_lost(message):
                self._note(f"lost: {type(message).__name__}")
                continue
            if luck < 0.10 and out and _may_swap(message, out[0]):
                out[0], message = message, out[0]
            self._desk.deliver(message)
            if luck > 0.92 and isinstance(message, FillReceived):
                self._desk.deliver(message)

    # -- the end ----------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Let every fault pass, have the trader decide what is open, and see that both sides agree."""
        self._note("heal")
        self._desk.by_hand = False
        self._broker.release()
        self._broker.script = Script()
        self._broker.connect()
        self._desk.settle()
        self._desk.tick(GIVE_UP_S)  # a question whose answer was lost
        for _ in range(6):
            self._desk.tick(20, step_s=1.0)
            self._settle_questions()
        self._desk.tick(40, step_s=1.0)
        at_rest(self._desk)
        for key in {*self._desk.snapshot.positions, *self._broker.positions}:
            ours, theirs = self._desk.quantity(key), self._broker.positions.get(key, Decimal(0))
            assert ours == theirs, f"{key}: here {ours}, broker {theirs}, though every fault has passed"
        assert not self._desk.snapshot.halted, self._desk.snapshot.halted

    def _settle_questions(self) -> None:
        snapshot = self._desk.snapshot
        for operation in snapshot.operations.values():
            if operation.choices:
                safe = CloseChoice.DISMISS if CloseChoice.DISMISS in operation.choices else operation.choices[0]
                self._desk.handle(commands.AnswerClose(operation.operation_id, safe))
        for row in snapshot.recovery.rows if snapshot.recovery is not None else ():
            if row.decided in (None, RecoveryChoice.IGNORE):
                choice = row.choices[0] if row.choices[0] is not RecoveryChoice.VERIFY else RecoveryChoice.ADOPT
                self._desk.handle(commands.DecideRecovery(row.key, choice, row.version))

    def _scope(self) -> PositionKey:
        return self._random.choice(SCOPES)

    def _note(self, text: str) -> None:
        self.story.append(text)


def _may_be_lost(message: Message) -> bool:
    """Say whether this is a message whose loss nothing else would tell: the silent kind."""
    return isinstance(message, FillReceived | PositionReported)


def _may_swap(first: Message, second: Message) -> bool:
    """Say whether a venue may tell these two in either order."""
    kinds = (FillReceived, PositionReported)
    return isinstance(first, kinds) and isinstance(second, kinds) and type(first) is not type(second)
