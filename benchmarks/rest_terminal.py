"""The terminal left alone, for `benchmarks.rest`: prints the percentage of a core its process takes.

`python -m benchmarks.rest_terminal SECONDS [WORD…]`: the words are those of the command line; symbols of a connection
named `feed` are subscribed to.
"""

import sys
import time
from typing import Any

from app import application
from app.__main__ import main as stanchion

SETTLE_MS = 5000
SYMBOLS = 20


def main() -> int:
    """Run, wait until all has settled, measure, leave."""
    seconds, words = float(sys.argv[1]), sys.argv[2:]
    shell = application.shell

    def watched(*arguments: Any) -> Any:
        app, window = shell(*arguments)
        run = app.exec

        def running() -> int:
            from PySide6.QtCore import QTimer

            QTimer.singleShot(0, lambda: _subscribe(window, words))
            QTimer.singleShot(SETTLE_MS, lambda: _measure(window, seconds))
            return int(run())

        app.exec = running  # type: ignore[method-assign]
        return app, window

    application.shell = watched  # type: ignore[assignment]
    return stanchion(words)


def _subscribe(window: Any, words: list[str]) -> None:
    from core.commands import SelectSymbol
    from panels.layouts import TRADE

    window.view.workspaces.open(TRADE)  # with chart and ladder, whatever the connection begins with
    if any("name=feed" in word for word in words):
        for number in reversed(range(SYMBOLS)):
            window.view.intent.emit(SelectSymbol("feed", f"S{number}"))


def _measure(window: Any, seconds: float) -> None:
    from PySide6.QtCore import QTimer

    began, cpu = time.perf_counter(), time.process_time()

    def end() -> None:
        share = (time.process_time() - cpu) / (time.perf_counter() - began) * 100
        sys.stdout.write(f"{share:.3f}\n")
        sys.stdout.flush()
        window.leave()

    QTimer.singleShot(int(seconds * 1000), end)


if __name__ == "__main__":
    sys.exit(main())
