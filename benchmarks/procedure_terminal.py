"""The engine as a trader who opens and closes, for `benchmarks.procedures`: prints a JSON list of measured presses.

`python -m benchmarks.procedure_terminal DATA_DIR ADDRESS`. A press is measured until its outcome stands in the state a
window draws from. Beside each: the commits the engine made meanwhile, and what that many raw ones took right after it.
A press falls anywhere between two ticks of the engine's clock, as a trader's does, and meets a confirmed position.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from threading import Event

from sqlalchemy import Engine, event

from app.log import LogFile
from benchmarks.fills import raw_committer
from core import commands
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import OrderType
from core.model.protection import protection_of
from core.snapshot import Certainty, Snapshot
from services.trading_loop import CLOCK_INTERVAL_S
from tests.end_to_end.engine_process import SYMBOL, Driver

ROUNDS = 30
ONE = Decimal(1)
Outcomes = dict[str, Callable[[Snapshot], bool]]
FAR = Bracket(ExitPoint(distance=Decimal(40)), (BracketTarget(ONE, ExitPoint(distance=Decimal(60))),))


class Presses:
    """What was pressed and how long it took (main thread).

    Attributes:
        measured: what was waited for, milliseconds to it, commits, milliseconds of so many raw commits.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.measured: list[tuple[str, float, int, float]] = []
        self._commits = 0
        self._raw = raw_committer(folder / "raw.sqlite3")
        self._driver = Driver(folder, address, {})
        self._dice = random.Random(5)

    def play(self) -> None:
        """Open and close, with and without exits, again and again."""
        driver = self._driver
        driver.engine.start()
        driver.ready()
        driver.wait(lambda s: (driver.key.connection, SYMBOL) in s.quotes, "a price")
        event.listen(Engine, "commit", self._count)
        for number in range(ROUNDS):
            entry = commands.OpenWithBracket(self._buy(f"entry-{number}"), FAR)
            self._press(entry, {"covered": self._covered})
            self._close(f"close-{number}", "with exits, ")
            driver.engine.post(self._buy(f"buy-{number}"))
            self._close(f"bare-{number}", "")
        driver.engine.stop()

    def _buy(self, action: str) -> commands.SubmitOrder:
        return commands.SubmitOrder(action, self._driver.key, Side.BUY, OrderType.MARKET, ONE, confirmed=True)

    def _close(self, action: str, kind: str) -> None:
        def confirmed(snapshot: Snapshot) -> bool:
            held = snapshot.operations.get(self._driver.key)
            return held is not None and held.operation_id == action and held.step is CloseStep.DONE

        self._driver.wait(self._certain, "a confirmed position")
        press = commands.ClosePosition(action, self._driver.key)
        self._press(press, {f"{kind}flat": self._flat, f"{kind}confirmed": confirmed})

    def _press(self, press: commands.OpenWithBracket | commands.ClosePosition, outcomes: Outcomes) -> None:
        self._driver.settle()
        Event().wait(self._dice.uniform(0.0, CLOCK_INTERVAL_S))
        before, began, took = self._commits, time.perf_counter(), []
        self._driver.engine.post(press)
        for name, reached in outcomes.items():
            self._driver.wait(reached, name)
            took.append((name, (time.perf_counter() - began) * 1000, self._commits - before))
        self._driver.settle()
        for name, took_ms, made in took:
            began = time.perf_counter()
            for number in range(made):
                self._raw(number)
            self.measured.append((name, took_ms, made, (time.perf_counter() - began) * 1000))

    def _flat(self, snapshot: Snapshot) -> bool:
        return self._driver.key not in snapshot.positions

    def _covered(self, snapshot: Snapshot) -> bool:
        position = snapshot.positions.get(self._driver.key)
        return position is not None and protection_of(position, snapshot.orders.values()).stop_quantity == ONE

    def _certain(self, snapshot: Snapshot) -> bool:
        scope = snapshot.scopes.get(self._driver.key)
        return not self._flat(snapshot) and scope is not None and scope.certainty is Certainty.CONFIRMED

    def _count(self, connection: object) -> None:
        self._commits += 1


def main() -> int:
    """Run, measure, leave."""
    folder = Path(sys.argv[1])
    log = LogFile(folder / "logs")
    log.start()
    presses = Presses(folder, sys.argv[2])
    presses.play()
    log.stop()
    sys.stdout.write(json.dumps(presses.measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
