"""The terminal and a trader who buys and sells, for `benchmarks.clicks`: prints two lists of milliseconds as JSON.

`python -m benchmarks.click_terminal DATA_DIR PORT SYMBOLS`: from the intent a panel emits to the moment the socket has
the whole order; and, turn by turn with it, the floor: one raw synchronous commit, then a socket write of as many bytes.
"""

import json
import socket
import sys
import time
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QTimer

from app import terminal as assembled
from app.application import shell
from app.config import parse_options, read_settings
from app.data_folder import occupied
from app.log import LogFile
from benchmarks.fills import raw_committer
from benchmarks.measure import times_ms
from core import commands
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import SubmitNewSingleOrder

COUNT = 150
WARM = 10
SETTLE_MS = 2500
LOOK_MS = 20
KEY = PositionKey("feed", "Sim1", "S0")


class Trader:
    """Press Buy and Sell in turn, each when the press before it has been filled (main thread)."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[float] = []
        self.floor: list[float] = []
        self._began = self._left = 0.0
        self._commit = raw_committer(folder / "raw.sqlite3")
        listener = socket.create_server(("127.0.0.1", 0))
        self._near = socket.create_connection(listener.getsockname())
        self._far, _ = listener.accept()
        listener.close()
        self._frame = encode(SubmitNewSingleOrder(Symbol=KEY.symbol), EncodingEnum.BINARY_ENCODING)

    def reached(self, step: str) -> None:
        """Note when an order has left (network thread)."""
        if step == "send.done":
            self._left = time.perf_counter()

    def look(self, terminal: assembled.Terminal) -> bool:
        """Press if the last press is done with; False when there is nothing more to press."""
        if self._began and not (self._left and _at_rest(terminal.engine.state.snapshot())):
            return True
        if self._began:
            self.taken.append((self._left - self._began) * 1000)
        self.floor.extend(times_ms(self._write, 1, warm=0))
        if len(self.taken) >= COUNT + WARM:
            return False
        number = len(self.taken)
        side = Side.BUY if number % 2 == 0 else Side.SELL
        press = commands.SubmitOrder(f"click-{number}", KEY, side, OrderType.MARKET, Decimal(1), confirmed=True)
        self._left, self._began = 0.0, time.perf_counter()
        terminal.view.intent.emit(press)
        return True

    def close(self) -> None:
        """Give the sockets back."""
        self._near.close()
        self._far.close()

    def _write(self, number: int) -> None:
        self._commit(number)
        self._near.sendall(self._frame)


def main() -> int:
    """Run, measure, leave."""
    folder, port, symbols = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    address = f"dtc://127.0.0.1:{port}?encoding=binary&name=feed"
    words = ["--data-dir", str(folder), "--connect", address, "--symbol", KEY.symbol, "--classify", "Sim1=SIM"]
    options, log, trader = parse_options(words), LogFile(folder / "logs"), Trader(folder)
    log.start()
    with occupied(folder) as held:
        stored = read_settings(folder)
        app, window = shell(options, stored)
        assembled.checkpoint_from = lambda *_: trader.reached  # type: ignore[attr-defined]
        terminal = assembled.Terminal(app, window, options, stored, held, None)
        timer = QTimer()

        def look() -> None:
            if not trader.look(terminal):
                timer.stop()
                window.leave()

        timer.timeout.connect(look)
        for number in reversed(range(symbols)):
            terminal.engine.post(commands.SelectSymbol("feed", f"S{number}"))
        QTimer.singleShot(SETTLE_MS, lambda: timer.start(LOOK_MS))
        code = terminal.run()
    trader.close()
    log.stop()
    sys.stdout.write(json.dumps([trader.taken[WARM:], trader.floor[WARM:]]))
    return code


def _at_rest(snapshot: Snapshot) -> bool:
    """Say whether every order is filled and its fill booked; the first and every other press leaves a position."""
    return bool(snapshot.orders) and all(one.state is OrderState.FILLED for one in snapshot.orders.values())


if __name__ == "__main__":
    sys.exit(main())
