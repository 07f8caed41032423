"""Pictures of what cannot be had to order from a running market: drawn by the same window from made-up snapshots.

    python docs/demo_pictures.py FOLDER [--every]

Started by pictures.py, with a screen to pretend. `--every` adds the scenes and the size that are only looked at.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from core.model.entry import EntryStep
from core.model.recovery import Situation
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.terminal_view import TerminalView
from panels.theme import Theme, load_theme
from panels.wishes import OpenReconcile
from tests.panels import mixed_worlds as worlds
from tests.panels.bracketed import BOOK, bracketed_two, entering, entry_operation, with_waiting
from tests.panels.conftest import HandClock
from tests.panels.guarded import breached, guarded, guards_of
from tests.panels.worlds import ES_KEY, MES_KEY, flat, in_mode, long_two

SIZES = {"": (1440, 900), "-small": (1200, 720)}
SHOWN = (
    "recovery-mixed",
    "reconcile",
    "orphan-alarm",
    "limits",
    "limits-breach",
    "bracket-ticket",
    "bracket-long",
    "bracket-pending",
)
LATER_S = 0.4


def _nothing(_view: TerminalView) -> None:
    """Leave the window as it stands."""


def _reconcile(view: TerminalView) -> None:
    """Ask for the reconcile dialog, as the banner does."""
    view.banner.intent.emit(OpenReconcile())


PENDING = "The entry is filled; its stop at 5047.75 is not confirmed yet."
UNDONE = "The stop was refused (price band). What was opened is being closed."
_TRAILING = bracketed_two(trails=MappingProxyType({ES_KEY: Decimal("2.00")}))


def _bracket(view: TerminalView) -> None:
    """Choose a bracket and a size from risk, as a hand does."""
    view.ticket.offer(BOOK)
    view.ticket.fields.exits.bracket.setCurrentText("20t + 1R/2R")
    view.ticket.fields.quantity.setText("risk 1000.00")


_IN_SESSION = tuple(replace(one, at_start=False) for one in (worlds.ORPHAN, worlds.BARE, worlds.EXCESS))
SCENES: dict[str, tuple[Snapshot, Callable[[TerminalView], None]]] = {
    "recovery-mixed": (worlds.mixed(), _nothing),
    "reconcile": (in_mode(Mode.LIVE, worlds.differing()), _reconcile),
    "reconcile-only-at-broker": (worlds.differing(MES_KEY, "0", "1", Situation.ONLY_AT_BROKER), _reconcile),
    "reconcile-notes": (worlds.differing(worlds.ZN_KEY, "2", "1", entry="110.515625"), _reconcile),
    "limits": (guarded(guards_of(), in_mode(Mode.EVAL, long_two())), _nothing),
    "limits-breach": (breached(in_mode(Mode.EVAL, long_two())), _nothing),
    "bracket-ticket": (guarded(guards_of(held="", ticks=None), in_mode(Mode.SIM, flat())), _bracket),
    "bracket-long": (with_waiting(), _nothing),
    "bracket-pending": (entering(entry_operation(EntryStep.STOP_PENDING, text=PENDING), world=_TRAILING), _nothing),
    "bracket-undone": (entering(entry_operation(EntryStep.ROLLING_BACK, text=UNDONE), world=long_two()), _nothing),
    "orphan-alarm": (worlds.world_of(long_two(), _IN_SESSION), _nothing),
}


def main() -> int:
    """Take the pictures; returns 0."""
    folder, is_every = Path(sys.argv[1]), "--every" in sys.argv
    app = QApplication(sys.argv[:1])
    for name in ("dark", "light"):
        theme = load_theme(name)
        theme.apply(app)
        for scene in SCENES if is_every else SHOWN:
            for suffix in SIZES if is_every else ("",):
                _picture(app, theme, scene, SIZES[suffix]).save(str(folder / f"{scene}-{name}{suffix}.png"))
    return 0


def _picture(app: QApplication, theme: Theme, scene: str, size: tuple[int, int]) -> QPixmap:
    """Return a scene as the window shows it."""
    snapshot, act = SCENES[scene]
    clock = HandClock()
    view = TerminalView(theme, clock, zone=UTC)
    view.resize(*size)
    view.show()
    view.refresh(snapshot, clock.now(), clock.monotonic())
    act(view)
    for _ in range(3):
        clock.seconds += LATER_S
        view.refresh(snapshot, clock.now(), clock.monotonic())
        app.processEvents()
    picture = _with_dialogs(view)
    view.close()
    view.deleteLater()
    app.processEvents()
    return picture


def _with_dialogs(view: TerminalView) -> QPixmap:
    """Return the window with the dialogs that stand over it, in its middle."""
    picture = view.grab()
    painter = QPainter(picture)
    for dialog in (view.recovery, view.reconcile):
        if dialog.isVisible():
            left, top = (view.width() - dialog.width()) // 2, (view.height() - dialog.height()) // 2
            painter.drawPixmap(QPoint(left, top), dialog.grab())
    painter.end()
    return picture


if __name__ == "__main__":
    sys.exit(main())
