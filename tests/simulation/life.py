"""One seed is one life of a terminal: everything that happens in it, in one thread, from one source of chance.

A step is one thing that happens: the trader presses, the line delivers, the market moves, time passes, or something
breaks. The program may die at any named step of its own code and is started again on what was committed. After every
message the invariants hold; once all faults have passed, everybody agrees within a bound of clock ticks.
"""

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from unittest.mock import patch

from core import events
from core.crash_points import CRASH_POINTS
from core.errors import DiskFull
from core.link import Link
from core.messages import Message
from core.model.order import OrderState
from core.model.scope import Mode
from services.dtc import line
from services.line_watch import GIVE_UP_S
from services.unsaved import TRY_AGAIN_MAX_S
from tests.fakes.clock import ManualClock
from tests.fakes.engine import Killed
from tests.simulation.both import Both
from tests.simulation.counterparty import Act, Counterparty, Place
from tests.simulation.database import Disk, Refusal
from tests.simulation.desk import WatchedDesk
from tests.simulation.invariants import Invariants
from tests.simulation.limit_trader import LimitTrader
from tests.simulation.panic import PanicProcess
from tests.simulation.talking import Talking
from tests.simulation.trader import Trader
from tests.simulation.wire import Wire

STEPS = 150
MOMENT_S = 0.001  # no two things happen at the same time
DAY_S = 86_400
BYTES_EVERY = 3
CALM = 0.5
LIMITED = 0.3
PANICKED = 0.2
SECOND = 0.2
ROUNDS = 15
QUIET_ROUNDS = 3  # longer than the pause between two looks at a quiet line
PLACES = (Place("sim", ("Sim1", "Sim2")), Place("own", ("Own1", "Own2")))
MODES = {"Sim1": Mode.SIM, "Sim2": Mode.EVAL, "Own1": Mode.SIM, "Own2": Mode.EVAL}


class Life:
    """One seeded life.

    Attributes:
        story: what happened, a line each, for the reader of a failure.
    """

    def __init__(self, seed: int, tell: Callable[[str], None] | None = None) -> None:
        self._tell = tell
        self._random = Random(seed)
        self._clock = ManualClock()
        self._disk = Disk()
        # On a calm day disk and line mostly hold, and the broker alone is fickle: entries get further than their line.
        calm = self._random.random() < CALM
        self._other = self._counterparty(seed, calm)
        self._desk = WatchedDesk(
            brokers=self._other.brokers,
            clock=self._clock,
            simulated=frozenset(),
            classify=dict.fromkeys(MODES, Mode.SIM) if calm else MODES,
            opened=self._disk.open,
        )
        self._desk.by_hand = True
        self._other.bind(self._desk)
        self._trader = Trader(self._random, self._desk, self._other.scopes, self._other.price)
        self._panic = PanicProcess(self._random, self._desk, self._other)
        self._invariants = Invariants(self._desk, self._disk, self._other, self._panic)
        self._desk.watch(self._invariants.before, self._invariants.after)
        if tell is not None:
            self._desk.keep_trace(tell)
        own: list[Act] = [
            (45, self._deliver),
            (24 if calm else 12, self._time_passes),
            (3 - 2 * calm, self._press_dies),
            *([] if calm else [(2, self._disk_refuses), (1, self._wall_clock_jumps), (1, self._sleeps)]),
            (1, self._ends),
        ]
        pressed = list(self._trader.acts)
        if self._random.random() < LIMITED:
            pressed += LimitTrader(self._random, self._trader.account).acts
        hand: list[Act] = [(weight, self._hand(act)) for weight, act in pressed]
        outside = [*self._other.acts, *(self._panic.acts if self._random.random() < PANICKED else ())]
        self._outside = [act for _, act in outside]
        self._acts = [*own, *hand, *outside]

    def _counterparty(self, seed: int, calm: bool) -> Counterparty:
        """Return who is at the other end; now and then there are two."""
        # Whole messages are cheap and know every fault a venue has; bytes are dear, and run the real line.
        made: type[Talking] | type[Wire] = Wire if seed % BYTES_EVERY == 0 else Talking
        price: dict[str, Decimal] = {}
        first = made(self._random, self._clock, calm, PLACES[0], price)
        if self._random.random() >= SECOND:
            return first
        return Both(first, Talking(self._random, self._clock, calm, PLACES[1], price))

    def run(self, steps: int = STEPS) -> None:
        """Let things happen, then let all faults pass and see that everybody agrees."""
        try:
            with patch.object(line, "SLICE_S", math.inf):  # a network thread looks at a clock nobody here can hold
                self._live(steps)
        finally:
            if self._desk.alive:
                self._desk.kill()
            self._disk.close()

    def _live(self, steps: int) -> None:
        self._start(connect=True)
        weights = [weight for weight, _ in self._acts]
        for act in self._random.choices([act for _, act in self._acts], weights, k=steps):
            self._note(act.__name__.strip("_"))
            self._clock.advance(MOMENT_S)
            self._survive(act)
        self._note("--- every fault passes")
        self._survive(self._heal)
        self._at_rest()

    # -- lives ------------------------------------------------------------------------------------------------------

    def _start(self, *, connect: bool) -> None:
        """Start, however often the start itself dies."""
        self._disk.refusal = self._desk.emergency.error = None
        for _ in range(10):
            try:
                self._desk.start(connect=False)
            except Killed as died:
                self._note(f"died at {died}")
                self._die()
                continue
            self._invariants.born()
            if connect:
                for broker in self._other.brokers:
                    broker.connect()
            return
        raise AssertionError("it never starts")

    def _survive(self, act: Callable[[], None]) -> None:
        """Do something; where the program dies of it, start it again."""
        try:
            act()
        except Killed as died:
            self._note(f"died at {died}")
            self._die()
            self._clock.advance(self._random.choice((1, 60)))
            self._start(connect=self._random.random() < 0.9)

    def _die(self) -> None:
        self._invariants.died()
        self._desk.kill()

    def _restart(self, away_s: float) -> None:
        """End, cleanly or not, and start again a while later, perhaps after trades elsewhere."""
        if self._disk.refusal is None and self._random.random() < 0.5:
            self._tick(0.25, 0.25)  # the last thing the loop handles is the clock
            self._desk.stop()
        else:
            self._die()
        self._clock.advance(away_s)
        if self._random.random() < 0.5:
            self._random.choice(self._outside)()
        self._start(connect=self._random.random() < 0.9)

    # -- what happens -----------------------------------------------------------------------------------------------

    def _hand(self, act: Callable[[], list[Message]]) -> Callable[[], None]:
        def pressed() -> None:
            for message in act():
                self._desk.deliver(message)

        pressed.__name__ = act.__name__
        return pressed

    def _deliver(self) -> None:
        self._other.deliver(self._desk.deliver)

    def _time_passes(self) -> None:
        self._tick(self._random.choice((0.25, 0.25, 0.5, 1.0, 3.5, 11.0)), 0.25)

    def _tick(self, seconds: float, step_s: float, settle: bool = False) -> None:
        for _ in range(max(1, round(seconds / step_s))):
            self._clock.advance(step_s)
            self._other.passes(step_s, self._desk.deliver)
            self._desk.deliver(events.ClockTicked(self._clock.now(), self._clock.monotonic()))
            if settle:
                self._other.settle(self._desk.deliver)

    def _press_dies(self) -> None:
        """Have the program die when it reaches some step of its own for the n-th time from now."""
        point = self._random.choice(CRASH_POINTS)
        self._note(f"    will die at {point}")
        self._desk.dies_at(point, self._random.randint(1, 3))

    def _disk_refuses(self) -> None:
        """Have the disk refuse from now on, or work again."""
        held = self._disk.refusal
        self._disk.refusal = self._random.choice(tuple(Refusal)) if held is None else None
        both = held is None and self._random.random() < 0.1
        self._desk.emergency.error = DiskFull("simulated: no emergency log either") if both else None
        self._note(f"    the disk: {self._disk.refusal}, the emergency log: {self._desk.emergency.error}")

    def _wall_clock_jumps(self) -> None:
        self._clock.jump_wall(self._random.choice((-3600, -60, -2, 2, 60, 3600)))

    def _sleeps(self) -> None:
        """The computer sleeps: wall time goes on, the monotonic clock may not."""
        asleep_s = self._random.choice((30, 600, 8 * 3600))
        self._clock.wall += timedelta(seconds=asleep_s)
        if self._random.random() < 0.5:
            self._clock.mono += asleep_s

    def _ends(self) -> None:
        self._restart(self._random.choice((1, 60, DAY_S)))

    # -- the end ----------------------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Let every fault pass, and have the trader decide what is open."""
        self._desk.reached = _nothing
        self._disk.refusal = self._desk.emergency.error = None
        self._tick(TRY_AGAIN_MAX_S + 2, 1.0)
        if self._desk.snapshot.halted:
            self._invariants.rested()
            self._restart(5)
        self._panic.heal()
        self._other.heal()
        self._other.settle(self._desk.deliver)
        self._tick(GIVE_UP_S + 8, 8.0, settle=True)  # a question whose answer was lost
        quiet = 0
        for _ in range(ROUNDS):
            self._tick(20, 2.5, settle=True)
            decided = self._trader.tidy()
            quiet = 0 if decided else quiet + 1
            if quiet == QUIET_ROUNDS:
                return
            for message in decided:
                self._desk.deliver(message)
                self._other.settle(self._desk.deliver)
        raise AssertionError("the questions never end")

    def _at_rest(self) -> None:
        """Both sides agree, and whatever is not plain is said."""
        now, truth = self._desk.snapshot, self._other.truth
        ours = {key: position.quantity for key, position in now.positions.items()}
        assert ours == dict(truth.positions()), f"I2: here {ours}, broker {truth.positions()}"
        assert not now.halted, f"halted: {now.halted}"
        links = {name: one.link for name, one in now.connections.items()}
        assert set(links.values()) == {Link.READY}, f"the lines: {links}; rows {now.recovery}"
        open_findings = [one for one in now.findings if one.decided is None]
        assert not open_findings, f"decided and still open: {open_findings}"
        found = {one.name for one in now.findings}
        unknown = [one for one in now.orders.values() if one.state is OrderState.UNKNOWN and not one.external]
        assert all(one.client_order_id in found for one in unknown), f"unknown, and nobody is told: {unknown}"
        rows = {row.key for row in now.recovery.rows} if now.recovery is not None else set()
        locked = [key for key, scope in now.scopes.items() if scope.lock and key not in rows]
        assert not locked, f"locked without a row: {locked}"
        for order in now.orders.values():
            true = truth.order(order.client_order_id)
            if not order.external and order.is_alive:
                assert true is not None and true.alive, f"I2: {order} is alive here, the broker has {true}"
        self._invariants.settled()

    def _note(self, text: str) -> None:
        if self._tell is not None:
            self._tell(f"{self._clock.mono:10.2f} {text}")


def _nothing(name: str) -> None:
    """Live on."""
