"""The engine as a process to be killed: run a script of steps against a broker, say what is known at the end.

Started by tests as `python engine_process.py DATA_DIR ADDRESS STEP…`. Steps:

    ready     wait for READY, deciding recovery rows and findings as pre-selected (VERIFY is answered once, then IGNORE)
    buy:N     buy N at market and wait until the ledger has them or the order is final
    sell:N    the same, sold
    stop:N    place a protective stop for N, far away, and wait until it works
    close_if_open  close, unless the scope is flat
    close     press Close twenty times, wait for the end of the operation
    enter:N   buy N with a bracket far away, and wait until that has succeeded or failed
    settle    wait until no order is in flight or UNKNOWN, no close runs and no entry waits for its stop in silence
    until:N   wait until the position is N
    facts     write one JSON line of what the engine knows
    storm:S   random orders, entries with exits, halves, trails, changes, cancels and closes, seeded with S, for ever
    full      let the disk be full for whatever would make a file of more than 64 KiB larger: the database, not the log
    room      let there be room again, and wait until nothing is unsaved
    mark      write {"mark": true} and wait for a line on standard input
    hang      wait for ever

Each wait has a deadline; missing it ends the process with code 9 and a JSON line of what was known.
"""

import json
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from threading import Event

from app.checkpoint import checkpoint_from
from app.config import read_settings
from app.connections import named_lines
from app.data_folder import occupied
from app.engine import Engine, EngineSettings
from app.log import LogFile
from core import commands
from core.clock import SystemClock
from core.events import Link
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryStep
from core.model.fill import Side
from core.model.finding import FindingChoice
from core.model.operation import CloseStep
from core.model.order import Order, OrderState, OrderType
from core.model.position import Position
from core.model.recovery import RecoveryChoice, RecoveryRow
from core.model.scope import Mode, PositionKey
from core.ports import Checkpoint
from core.snapshot import Snapshot

# Steps at which a close waits for the trader and for nobody else.
ASKING = (CloseStep.ASKING, CloseStep.UNVERIFIED)
WAIT_S = 20.0
FULL_BYTES = 64 * 1024
SYMBOL = "MESZ26_FUT_CME"
ACCOUNT = "Sim1"


class Missed(Exception):
    """A wait ran out of time."""


class Driver:
    """Drive an engine the way a trader would, but faster."""

    def __init__(
        self, folder: Path, address: str, environment: dict[str, str], reached: Checkpoint | None = None
    ) -> None:
        lines, stored = named_lines([address], 0, read_settings(folder))
        self.said: list[str] = []
        settings = EngineSettings(folder, stored, lines, classify={ACCOUNT: Mode.SIM, "Sim2": Mode.SIM}, symbol=SYMBOL)
        self.engine = Engine(settings, SystemClock(), reached or checkpoint_from(environment))
        self.key = PositionKey(lines[0].slug, ACCOUNT, SYMBOL)
        self._database = folder / "stanchion.sqlite3"
        self._moved = Event()
        self._asked: set[tuple[PositionKey, int]] = set()
        self.engine.state.changed.connect(self._wake)
        self.engine.loop.announced.connect(self._hear)

    def run(self, steps: list[str]) -> None:
        """Start the engine and take the steps."""
        self.engine.start()
        for step in steps:
            name, _, amount = step.partition(":")
            getattr(self, name)(*([Decimal(amount)] if amount else []))
        self.engine.stop()

    def ready(self) -> None:
        self.wait(self._ready, "ready")

    def buy(self, quantity: Decimal) -> None:
        self._order(Side.BUY, quantity)

    def sell(self, quantity: Decimal) -> None:
        self._order(Side.SELL, quantity)

    def enter(self, quantity: Decimal) -> None:
        """Buy with a bracket, and wait until that is over."""
        self.wait(lambda s: (self.key.connection, SYMBOL) in s.quotes, "a price")
        targets = (BracketTarget(quantity, ExitPoint(distance=Decimal(60))),)
        action = f"enter-{time.monotonic_ns()}"
        entry = commands.SubmitOrder(action, self.key, Side.BUY, OrderType.MARKET, quantity, confirmed=True)
        self.engine.post(commands.OpenWithBracket(entry, Bracket(ExitPoint(distance=Decimal(40)), targets)))
        self.wait(lambda s: action in s.entries and s.entries[action].is_over, "an entry")

    def stop(self, quantity: Decimal) -> None:
        position = self.engine.state.snapshot().positions[self.key]
        assert position.entry_price is not None
        trigger = position.entry_price.quantize(Decimal(1)) - 200 * position.direction
        side = Side.closing(position.quantity)
        action = f"stop-{time.monotonic_ns()}"
        self.engine.post(commands.SubmitOrder(action, self.key, side, OrderType.STOP, quantity, trigger_price=trigger))
        self.wait(
            lambda s: any(o.action_id == action and o.state is OrderState.WORKING for o in s.orders.values()), "stop"
        )

    def move_stop(self) -> None:
        stop = next(one for one in self.engine.state.snapshot().orders.values() if one.type is OrderType.STOP)
        assert stop.trigger_price is not None
        wanted = stop.trigger_price - 1
        action = f"move-{time.monotonic_ns()}"
        self.engine.post(commands.ChangeOrder(action, stop.client_order_id, trigger_price=wanted, confirmed=True))
        self.wait(lambda s: s.orders[stop.client_order_id].trigger_price == wanted, "another stop price")

    def close(self) -> None:
        action = f"close-{time.monotonic_ns()}"
        for press in range(20):
            self.engine.post(commands.ClosePosition(f"{action}-{press}", self.key))

        def over(snapshot: Snapshot) -> bool:
            operation = snapshot.operations.get(self.key)
            return operation is not None and operation.operation_id == f"{action}-0" and operation.is_over

        self.wait(over, "close")

    def until(self, quantity: Decimal) -> None:
        def reached(snapshot: Snapshot) -> bool:
            position = snapshot.positions.get(self.key)
            return (Decimal(0) if position is None else position.quantity) == quantity

        self.wait(reached, f"a position of {quantity}")

    def close_if_open(self) -> None:
        if self.key in self.engine.state.snapshot().positions:
            self.close()

    def settle(self) -> None:
        self.wait(
            lambda s: (
                all(o.state not in (OrderState.SENT, OrderState.UNKNOWN) for o in s.orders.values())
                and all(one.is_over or one.step in ASKING for one in s.operations.values())
                and all(one.is_over or one.doubt or one.step is EntryStep.ENTRY_PLACED for one in s.entries.values())
            ),
            "settle",
        )

    def facts(self) -> None:
        sys.stdout.write(json.dumps(self.known()) + "\n")
        sys.stdout.flush()

    def full(self) -> None:
        if sys.platform == "win32":  # no limits there: the database is held by somebody else instead
            self._holder = sqlite3.connect(self._database, isolation_level=None)
            self._holder.execute("BEGIN IMMEDIATE")
            return
        import resource

        log = self._database.with_name(self._database.name + "-wal")
        self.wait(lambda _: log.stat().st_size > FULL_BYTES, "a log that would have to grow")
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    def room(self) -> None:
        if sys.platform == "win32":
            self._holder.close()
        else:
            import resource

            most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        self.wait(
            lambda s: not s.unsaved.entries and any("takes writes again" in one for one in self.said[-3:]), "saved"
        )

    def mark(self) -> None:
        sys.stdout.write('{"mark": true}\n')
        sys.stdout.flush()
        sys.stdin.readline()

    def storm(self, seed: Decimal) -> None:
        dice = random.Random(int(seed))
        while True:
            snapshot = self.engine.state.snapshot()
            position = snapshot.positions.get(self.key)
            quote = snapshot.quotes.get((self.key.connection, SYMBOL))
            self._decide_findings(snapshot)
            self._gamble(dice, position, None if quote is None else quote.last)
            self._moved.clear()
            self._moved.wait(dice.uniform(0.0, 0.05))

    def _gamble(self, dice: random.Random, position: Position | None, last: Decimal | None) -> None:
        kinds = (
            "market",
            "limit",
            "stop",
            "bracket",
            "bracket",
            "half",
            "trail",
            "cancel",
            "close",
            "change",
            "change",
        )
        kind = dice.choice(kinds)
        side, size, action = dice.choice(list(Side)), Decimal(dice.randint(1, 3)), f"{kind}-{time.monotonic_ns()}"
        away = Decimal(dice.randint(1, 12)) / 4 * side.sign
        orders = [one for one in self.engine.state.snapshot().orders.values() if one.state is OrderState.WORKING]
        if kind == "close" and position is not None:
            self.engine.post(commands.ClosePosition(action, self.key))
        elif kind == "cancel" and orders:
            self.engine.post(commands.CancelOrder(dice.choice(orders).client_order_id))
        elif kind == "change" and orders:
            self.engine.post(_elsewhere(dice.choice(orders), away, dice.randint(1, 3), action))
        elif kind == "bracket" and last is not None and len(orders) < 10:
            self._gamble_on_a_bracket(dice, side, size, action, last - away if dice.random() < 0.5 else None)
        elif kind == "half" and position is not None and abs(position.quantity) > 1:
            self.engine.post(commands.ReducePosition(action, self.key, Decimal(1)))
        elif kind == "trail" and position is not None:
            self.engine.post(commands.TrailStop(action, self.key, Decimal(dice.randint(1, 8))))
        elif kind == "market":
            self.engine.post(commands.SubmitOrder(action, self.key, side, OrderType.MARKET, size, confirmed=True))
        elif kind == "limit" and last is not None and len(orders) < 10:
            price = last - away
            self.engine.post(commands.SubmitOrder(action, self.key, side, OrderType.LIMIT, size, price, confirmed=True))
        elif kind == "stop" and last is not None and len(orders) < 10:
            trigger = last + away
            stop = commands.SubmitOrder(action, self.key, side, OrderType.STOP, size, None, trigger, confirmed=True)
            self.engine.post(stop)

    def _gamble_on_a_bracket(
        self, dice: random.Random, side: Side, size: Decimal, action: str, price: Decimal | None
    ) -> None:
        def near() -> ExitPoint:
            return ExitPoint(distance=Decimal(dice.randint(1, 12)) / 4)

        targets = tuple(BracketTarget(Decimal(1), near()) for _ in range(dice.randint(0, int(size))))
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        entry = commands.SubmitOrder(action, self.key, side, kind, size, price, confirmed=True)
        self.engine.post(commands.OpenWithBracket(entry, Bracket(near(), targets)))

    def hang(self) -> None:
        Event().wait()

    def known(self) -> dict[str, object]:
        """Return what the engine knows, as plain values."""
        snapshot = self.engine.state.snapshot()
        position = snapshot.positions.get(self.key)
        return {
            "quantity": "0" if position is None else str(position.quantity),
            "orders": {o.client_order_id: o.state.value for o in snapshot.orders.values()},
            "links": {name: one.link.value for name, one in snapshot.connections.items()},
            "halted": snapshot.halted,
            "locked": snapshot.locked,
            "recovery": [
                f"{row.key.symbol} {row.situation.value} {row.decided.value if row.decided else 'open'}"
                for row in (snapshot.recovery.rows if snapshot.recovery else ())
            ],
            "operations": {str(key): f"{one.step.value} {one.text}" for key, one in snapshot.operations.items()},
            "certainty": {str(key): one.certainty.value for key, one in snapshot.scopes.items()},
            "trades": len(snapshot.trades),
            "entries": {name: f"{one.step.value} {one.text} {one.doubt}" for name, one in snapshot.entries.items()},
            "unsaved": snapshot.unsaved.entries,
            "in_memory": snapshot.unsaved.in_memory,
            "said": self.said,
        }

    def wait(self, done: Callable[[Snapshot], bool], what: str) -> None:
        """Wait until the state satisfies a condition.

        Raises:
            Missed: it did not in time.
        """
        deadline = time.monotonic() + WAIT_S
        while True:
            self._moved.clear()
            if done(self.engine.state.snapshot()):
                return
            if time.monotonic() > deadline:
                raise Missed(what)
            self._moved.wait(0.05)

    def _ready(self, snapshot: Snapshot) -> bool:
        if snapshot.recovery is not None:
            for row in snapshot.recovery.undecided:
                if row.key.connection not in snapshot.recovery.asking and (row.key, row.version) not in self._asked:
                    self._asked.add((row.key, row.version))
                    self._decide(row)
        self._decide_findings(snapshot)
        status = snapshot.connections.get(self.key.connection)
        known = (self.key.connection, SYMBOL) in snapshot.instruments
        return status is not None and status.link is Link.READY and known

    def _decide(self, row: RecoveryRow) -> None:
        choice = row.choices[0]
        choice = RecoveryChoice.IGNORE if choice is RecoveryChoice.VERIFY else choice
        self.engine.post(commands.DecideRecovery(row.key, choice, row.version))

    def _decide_findings(self, snapshot: Snapshot) -> None:
        """Choose what is pre-selected; what asking did not settle is let go."""
        for one in snapshot.findings:
            if one.decided is None:
                asks = one.choices[0] is FindingChoice.ASK_BROKER
                choice = FindingChoice.TREAT_AS_EXTERNAL if asks else one.choices[0]
                self.engine.post(commands.DecideFinding(one.key, one.name, choice, one.version))

    def _order(self, side: Side, quantity: Decimal) -> None:
        action = f"{side.value}-{time.monotonic_ns()}"
        held = self.engine.state.snapshot().positions.get(self.key)
        aim = (held.quantity if held is not None else Decimal(0)) + side.sign * quantity
        self.engine.post(commands.SubmitOrder(action, self.key, side, OrderType.MARKET, quantity, confirmed=True))

        def done(snapshot: Snapshot) -> bool:
            position = snapshot.positions.get(self.key)
            reached = (position.quantity if position is not None else Decimal(0)) == aim
            mine = [o for o in snapshot.orders.values() if o.action_id == action]
            refused = any(o.state in (OrderState.REJECTED, OrderState.DENIED) for o in mine)
            return refused or (reached and all(o.state is OrderState.FILLED for o in mine))

        self.wait(done, f"{side.value} {quantity}")

    def _wake(self, sender: object) -> None:
        self._moved.set()

    def _hear(self, sender: object, announcement: object) -> None:
        self.said.append(getattr(announcement, "text", ""))


def _elsewhere(order: Order, away: Decimal, quantity: int, action: str) -> commands.ChangeOrder:
    """Return a change of an order to another price, and sometimes to another size."""
    size = Decimal(quantity) if quantity > 1 else None
    price = None if order.price is None else order.price - away
    trigger = None if order.trigger_price is None else order.trigger_price + away
    return commands.ChangeOrder(action, order.client_order_id, size, price, trigger, confirmed=True)


def main() -> int:
    """Run the steps of the command line."""
    log = LogFile(Path(sys.argv[1]) / "logs")
    log.start()
    with occupied(Path(sys.argv[1])):
        driver = Driver(Path(sys.argv[1]), sys.argv[2], dict(os.environ))
        try:
            driver.run(sys.argv[3:])
        except Missed as missed:
            sys.stdout.write(json.dumps({"missed": str(missed), **driver.known()}) + "\n")
            sys.stdout.flush()
            log.stop()
            os._exit(9)
    log.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
