"""The terminal under a feed, for `benchmarks.feed`: prints messages/s, CPU %, GUI lateness p50 p99 max in ms."""

import sys
import time
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from app.application import shell
from app.config import parse_options, read_settings
from app.data_folder import occupied
from app.log import LogFile
from app.terminal import Terminal
from benchmarks.measure import percentile
from core import commands
from panels.layouts import TRADE

TIMER_MS = 5
SETTLE_S = 2.0


def main() -> int:
    """Run, measure, leave."""
    folder, port, symbols, seconds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    address = f"dtc://127.0.0.1:{port}?encoding=binary&name=feed"
    options = parse_options(["--data-dir", str(folder), "--connect", address, "--symbol", "S0"])
    log = LogFile(folder / "logs")
    log.start()
    with occupied(folder) as held:
        stored = read_settings(folder)
        app, window = shell(options, stored)
        terminal = Terminal(app, window, options, stored, held, None)
        terminal.view.workspaces.open(TRADE)  # with chart and ladder
        late: list[float] = []
        state = {"began": 0.0, "cpu": 0.0, "last": time.perf_counter()}
        counted = [0]
        board = terminal.engine.state
        put_quote, put_tick = board.put_quote, board.put_tick

        def count_quote(connection: str, quote: object) -> None:
            counted[0] += 1
            put_quote(connection, quote)  # type: ignore[arg-type]

        def count_tick(connection: str, tick: object) -> bool:
            counted[0] += 1
            return put_tick(connection, tick)  # type: ignore[arg-type]

        board.put_quote = count_quote  # type: ignore[method-assign]
        board.put_tick = count_tick  # type: ignore[method-assign]

        def look() -> None:
            now = time.perf_counter()
            if state["began"]:
                late.append(max(0.0, (now - state["last"]) * 1000 - TIMER_MS))
            state["last"] = now

        def begin() -> None:
            state["began"], state["cpu"] = time.perf_counter(), time.process_time()
            counted[0] = 0
            QTimer.singleShot(int(seconds * 1000), end)

        def end() -> None:
            took = time.perf_counter() - state["began"]
            cpu = (time.process_time() - state["cpu"]) / took * 100
            figures = (counted[0] / took, cpu, percentile(late, 0.5), percentile(late, 0.99), max(late))
            sys.stdout.write(" ".join(f"{figure:.3f}" for figure in figures) + "\n")
            sys.stdout.flush()
            window.leave()

        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(look)
        timer.start(TIMER_MS)
        for number in range(1, symbols):
            terminal.engine.post(commands.SelectSymbol("feed", f"S{number}"))
        terminal.engine.post(commands.SelectSymbol("feed", "S0"))
        QTimer.singleShot(int(SETTLE_S * 1000), begin)
        code = terminal.run()
    log.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
