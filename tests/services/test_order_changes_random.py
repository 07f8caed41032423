"""Fills, changes, cancels and a falling line in any order: what is shown ends up as the broker has it, asked once."""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest

from core import commands
from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from tests.fakes.broker import Fate, Placed
from tests.fakes.checker import Checker
from tests.fakes.engine import ES, Desk

SEEDS = 60
STEPS = 60


@dataclass
class Run:
    """One order's life under one seed.

    Attributes:
        largest: the most the broker ever agreed to.
        ended: the final state first shown.
    """

    desk: Desk
    rng: Random
    order: Order
    placed: Placed
    largest: Decimal = Decimal(0)
    ended: OrderState | None = None
    presses: int = 0
    wishes: list[str] = field(default_factory=list)

    @property
    def shown(self) -> Order:
        """The order as the window shows it."""
        return self.desk.snapshot.orders[self.order.client_order_id]

    def step(self) -> None:
        """Do something at random, and look."""
        doing = self.rng.choice(
            (self.change, self.change, self.change, self.move, self.release, self.release, self.fill, self.say)
            if self.rng.random() < 0.9
            else (self.cancel, self.line, self.misfortune, self.refuse)
        )
        self.wishes.append(doing.__name__)
        doing()
        self.look()

    def change(self) -> None:
        self.presses += 1
        price = Decimal(4900) + self.rng.randrange(40) * Decimal("0.25")
        quantity = None if self.rng.random() < 0.5 else Decimal(self.rng.randrange(1, 9))
        name = self.order.client_order_id
        command = commands.ChangeOrder(f"p{self.presses}", name, quantity, price, confirmed=True)
        for _ in range(self.rng.choice((1, 1, 2))):  # a hand that shakes
            self.desk.deliver(command)

    def move(self) -> None:
        self.presses += 1
        self.desk.deliver(commands.MoveExit(f"m{self.presses}", ES, self.rng.random() < 0.5, self.rng.choice((1, -1))))

    def release(self) -> None:
        self.desk.broker.release_one()

    def say(self) -> None:
        for _ in range(self.rng.randrange(4)):
            if self.desk.broker.out:
                self.desk.deliver(self.desk.broker.out.popleft())

    def fill(self) -> None:
        left = self.placed.quantity - self.placed.filled
        if self.placed.alive and left > 0:
            self.desk.broker.fill(self.placed, self.rng.randrange(1, int(left) + 1), "4900")

    def cancel(self) -> None:
        self.desk.deliver(commands.CancelOrder(self.order.client_order_id))

    def refuse(self) -> None:
        self.desk.broker.script.refuse_changes = not self.desk.broker.script.refuse_changes

    def misfortune(self) -> None:
        fates = [Fate.UNSENT, Fate.UNSEEN]
        if not self.desk.broker.script.new_ids:  # nobody tells that fills under a name never told are this order's
            fates.append(Fate.SEEN)
        self.desk.broker.script.change_fate = self.rng.choice(fates)

    def line(self) -> None:
        self.desk.by_hand = False
        self.desk.broker.drop()
        self.desk.settle()
        self.desk.broker.connect()
        self.desk.tick(4)
        self.desk.by_hand = True

    def look(self) -> None:
        """Compare what must hold at every moment."""
        shown = self.shown
        self.largest = max(self.largest, self.placed.quantity)
        assert shown.filled_quantity <= self.largest, "more filled than was ever agreed to"
        if self.ended is not None:
            assert shown.state is self.ended, "a final state moved"
        if shown.is_final:
            self.ended = shown.state
        assert len(self.desk.broker.changes) <= self.presses, "a change was sent that nobody pressed"
        waiting = [wanted for _, wanted in self.desk.broker._held_requests if wanted is not None]
        assert len(waiting) <= 1, "two changes of one order under way"
        assert len(self.desk.broker.received) == 1, "an order was sent again"


def begun(seed: int) -> Run:
    desk = Desk().start()
    desk.after.append(Checker(desk).check)
    desk.press(Side.BUY, 4, OrderType.LIMIT, "4900")
    broker = desk.broker
    broker.script.hold_cancels = True
    rng = Random(seed)
    broker.script.new_ids = rng.random() < 0.5
    broker.script.position_first = rng.random() < 0.5
    desk.by_hand = True
    return Run(desk, rng, desk.order(), broker.last(), largest=Decimal(4))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_crosses_the_order_ends_up_as_the_broker_has_it(seed: int) -> None:
    run = begun(seed)
    for _ in range(STEPS):
        run.step()
    broker = run.desk.broker
    run.desk.by_hand = False
    broker.connect()
    broker.release()
    run.desk.settle()
    run.desk.tick(30)
    run.look()
    shown, placed, sent = run.shown, run.placed, len(broker.changes)
    assert (shown.is_final, shown.filled_quantity) == (not placed.alive, placed.filled), run.wishes
    if placed.alive:  # what an order that ended while nobody listened was at last, nobody tells
        assert (shown.state, shown.quantity, shown.price) == (placed.state, placed.quantity, placed.price), run.wishes
    assert run.desk.quantity() == broker.positions.get(ES, Decimal(0)) == placed.filled
    assert not shown.reason.startswith("Asked for")
    run.desk.tick(60)
    assert len(broker.changes) == sent, "something was sent long after"
