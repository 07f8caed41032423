"""The terminal in a fast market, with a trader who opens and closes: run by test_fast_market, prints figures as JSON.

`python -m tests.acceptance.fast_market DATA_DIR PORT SYMBOLS SECONDS`: how late the GUI thread was (a 5 ms timer's
lateness), and the time from the press of Close to the last byte of its order on the line, milliseconds each.
"""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from app import terminal as assembled
from app.application import shell
from app.config import parse_options, read_settings
from app.data_folder import occupied
from app.log import LogFile
from core import commands
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from panels.layouts import TRADE

KEY = PositionKey("feed", "Sim1", "S0")
SETTLE_MS, LOOK_MS, TIMER_MS = 3000, 20, 5


class Trader:
    """Buy, and close when the fill is booked, over and over (main thread)."""

    def __init__(self) -> None:
        self.closes: list[float] = []
        self._pressed = self._left = 0.0
        self._closing = False
        self._number = 0

    def reached(self, step: str) -> None:
        """Note when the order of a close has left (network thread)."""
        if step == "send.done" and self._closing and not self._left:
            self._left = time.perf_counter()

    def look(self, terminal: assembled.Terminal) -> None:
        """Press what is next, if the press before is done with."""
        snapshot = terminal.engine.state.snapshot()
        held = snapshot.positions.get(KEY)
        if held is not None and not self._closing:
            self._closing, self._left, self._pressed = True, 0.0, time.perf_counter()
            terminal.view.intent.emit(commands.ClosePosition(f"close-{self._number}", KEY))
        elif self._closing and held is None and _is_over(snapshot):
            self.closes.append((self._left - self._pressed) * 1000)
            self._closing = False
        elif held is None and not self._closing and _is_over(snapshot) and self._number == len(self.closes):
            self._number += 1
            terminal.view.intent.emit(
                commands.SubmitOrder(f"buy-{self._number}", KEY, Side.BUY, OrderType.MARKET, Decimal(1), confirmed=True)
            )


def main() -> int:
    """Run, measure, leave."""
    folder, port, symbols, seconds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    address = f"dtc://127.0.0.1:{port}?encoding=binary&name=feed"
    words = ["--data-dir", str(folder), "--connect", address, "--symbol", KEY.symbol, "--classify", "Sim1=SIM"]
    options, log, trader = parse_options(words), LogFile(folder / "logs"), Trader()
    late: list[float] = []
    last = [0.0]
    log.start()
    with occupied(folder) as held:
        app, window = shell(options, read_settings(folder))
        assembled.checkpoint_from = lambda *_: trader.reached  # type: ignore[attr-defined]
        terminal = assembled.Terminal(app, window, options, read_settings(folder), held, None)
        terminal.view.workspaces.open(TRADE)

        def tick() -> None:
            now = time.perf_counter()
            if last[0]:
                late.append(max(0.0, (now - last[0]) * 1000 - TIMER_MS))
            last[0] = now

        ticker, looker = QTimer(), QTimer()
        ticker.setTimerType(Qt.TimerType.PreciseTimer)
        ticker.timeout.connect(tick)
        looker.timeout.connect(lambda: trader.look(terminal))
        for number in reversed(range(symbols)):
            terminal.engine.post(commands.SelectSymbol("feed", f"S{number}"))
        QTimer.singleShot(SETTLE_MS, lambda: (ticker.start(TIMER_MS), looker.start(LOOK_MS)))
        QTimer.singleShot(int(SETTLE_MS + seconds * 1000), window.leave)
        code = terminal.run()
    log.stop()
    sys.stdout.write(json.dumps({"late": sorted(late), "closes": sorted(trader.closes)}))
    return code


def _is_over(snapshot: Snapshot) -> bool:
    status, operation = snapshot.scopes.get(KEY), snapshot.operations.get(KEY)
    resting = not any(one.is_alive for one in snapshot.orders.values())
    known = KEY not in snapshot.operations or (status is not None and status.certainty is Certainty.CONFIRMED)
    return resting and known and (operation is None or not operation.blocks_close)


if __name__ == "__main__":
    sys.exit(main())
