"""The terminal as it is, for `benchmarks.start`: when its frames were painted, and its memory.

`python -m benchmarks.start_terminal STARTED FOLDER` prints, for the shell frame, the first frame painted with the
stored position in it, and the event loop running with the whole engine behind it, seconds since STARTED and seconds of
CPU; then MiB at rest. With `buy` as a third word it buys two, and measures nothing.
"""

import gc
import sys
import time
from pathlib import Path
from typing import Any

gc.disable()  # as the program does before it imports what follows

from app import application  # noqa: E402
from app.__main__ import main as stanchion  # noqa: E402

HELD = "LONG 2"
AT_REST_MS = 3000


def main() -> int:
    """Run the terminal once."""
    started, folder = float(sys.argv[1]), Path(sys.argv[2])
    marks: dict[str, tuple[float, float]] = {}
    shell = application.shell

    def mark(name: str) -> None:
        marks.setdefault(name, (time.time() - started, time.process_time()))

    def watched(*arguments: Any) -> Any:
        made = shell(*arguments)
        mark("shell")
        _watch(*made, mark, marks)
        if sys.argv[3:] == ["buy"]:
            _buy(made[1])
        return made

    application.shell = watched  # type: ignore[assignment]
    return stanchion(["--data-dir", str(folder)])


def _watch(app: Any, window: Any, mark: Any, marks: dict[str, tuple[float, float]]) -> None:
    """Mark the end of the turn in which the label that says what is open was painted saying it."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    process, run, show = app.processEvents, app.exec, window.show_terminal

    def painted() -> None:
        if "painting" in marks:
            mark("real")

    class Looking(QObject):
        def eventFilter(self, label: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint and HELD in str(label.property("text")):
                mark("painting")
                QTimer.singleShot(0, painted)
            return False

    looking = Looking(app)

    def shown(view: Any) -> None:
        # On the one label alone: a filter on everything would take longer than what it looks at.
        show(view)
        view.position.side.installEventFilter(looking)

    def processed(*flags: Any) -> None:
        process(*flags)
        painted()

    def running() -> int:
        mark("running")
        QTimer.singleShot(AT_REST_MS, done)
        return int(run())

    def done() -> None:
        if "real" in marks:
            figures = [*marks["shell"], *marks["real"], *marks["running"], _resident_mib()]
            sys.stdout.write(" ".join(f"{figure:.4f}" for figure in figures) + "\n")
            sys.stdout.flush()
            window.leave()

    app.processEvents, app.exec, window.show_terminal = processed, running, shown


def _buy(window: Any) -> None:
    """Press Buy for two as soon as it can be pressed, and leave when they are held."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

    def look() -> None:
        button, box = window.findChild(QPushButton, "buyButton"), window.findChild(QLineEdit, "qtyBox")
        side = window.findChild(QLabel, "p2Side")
        if side is not None and HELD in side.text():
            window.leave()
        elif button is not None and button.isEnabled() and box.text() != "2":
            box.setText("2")
        elif button is not None and button.isEnabled():
            button.click()
            timer.stop()
            timer.timeout.disconnect()
            timer.timeout.connect(leave)
            timer.start(100)

    def leave() -> None:
        if HELD in window.findChild(QLabel, "p2Side").text():
            window.leave()

    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(300)


def _resident_mib() -> float:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
    except OSError:
        return 0.0


if __name__ == "__main__":
    sys.exit(main())
