"""Leaving a part of a position, and having its stop follow: the buttons ½ and Trail."""

from decimal import ROUND_FLOOR, Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from core.model.bracket_template import BracketBook, Unit
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.shown import Shown, protection, shown_in
from panels.widgets.controls import button, explain
from panels.widgets.labels import name_value

DISTANCES = (4, 8, 12, 20)
OFF = "Off"
TRAIL_HINT = "Has the stop follow the best price at a distance, while this program runs."


def half_of(shown: Shown) -> Decimal:
    """Return half of the open position, rounded down to the venue's step; 0 where there is none."""
    if shown.position is None or shown.instrument is None:
        return Decimal(0)
    step = shown.instrument.quantity_step
    return (abs(shown.position.quantity) / 2 / step).quantize(Decimal(1), ROUND_FLOOR) * step


def half_refusal(shown: Shown) -> str:
    """Return why no half can be closed now; "" when it can. Locks, limits and arming are no reasons."""
    if shown.position is None:
        return "Nothing is open."
    if not half_of(shown):
        return f"{f.quantity(abs(shown.position.quantity), shown.instrument)} cannot be halved."
    if shown.operation is not None and shown.operation.blocks_close:
        return "A close is running."
    return "" if shown.link_alive else "The line is down: nothing can be sent."


class PositionParts(QWidget):
    """The two buttons; there while something is open.

    Signals:
        intent: ReducePosition, TrailStop.
    """

    intent = Signal(object)

    def __init__(self, ids: ActionIds) -> None:
        super().__init__()
        self._ids = ids
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._from_brackets: tuple[int, ...] = ()
        self.half = button("p2Half", "½", "Close half of the position")
        self.half.clicked.connect(self.press_half)
        self.trail = button("p2Trail", "Trail ▾", "Trail the stop")
        self.menu = QMenu(self)
        self.menu.setObjectName("p2TrailMenu")
        self.menu.aboutToShow.connect(self._fill)
        self.trail.clicked.connect(self._open)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.half)
        layout.addWidget(self.trail)

    def offer(self, book: BracketBook) -> None:
        """Offer the distances of these brackets too."""
        trails = {one.trail.amount for one in book.templates.values() if one.trail and one.trail.unit is Unit.TICKS}
        self._from_brackets = tuple(int(amount) for amount in trails if amount % 1 == 0)

    def refresh(self, snapshot: Snapshot, shown: Shown) -> None:
        """Follow the scope on show."""
        self._snapshot, self._shown = snapshot, shown
        self.setVisible(shown.position is not None)
        if shown.position is None or shown.key is None:
            return
        scope = f"{shown.key.symbol}, account {shown.key.account}, {shown.mode_word}"
        refused = half_refusal(shown)
        amount = f.quantity(half_of(shown), shown.instrument)
        self.half.setEnabled(not refused)
        explain(self.half, refused or f"Closes {amount} at the market; its stop and target are made smaller first.")
        name_value(self.half, f"Close half{'' if refused else f', {amount}'}, {scope}")
        following = self.distance
        text = "Trail ▾" if following is None else f"Trail {f.ticks(following)} ▾"
        if self.trail.text() != text:
            self.trail.setText(text)
        has_stop = protection(snapshot, shown.position).stop is not None
        self.trail.setEnabled(has_stop or following is not None)
        explain(self.trail, TRAIL_HINT if self.trail.isEnabled() else "There is no working stop to trail.")
        name_value(self.trail, f"Trail stop, {scope}", "off" if following is None else f.ticks(following))

    @property
    def distance(self) -> Decimal | None:
        """At how many ticks the stop follows; None while it does not."""
        points = None if self._shown.key is None else self._snapshot.trails.get(self._shown.key)
        instrument = self._shown.instrument
        return None if points is None or instrument is None else instrument.ticks(points)

    def press_half(self) -> None:
        """Have half of the position closed."""
        key = self._shown.key
        if key is None or half_refusal(self._shown):
            return
        from core.commands import ReducePosition

        self.intent.emit(ReducePosition(self._ids.press(f"half {key}"), key, half_of(self._shown)))

    def choose(self, ticks: int | None) -> None:
        """Have the stop follow at so many ticks; None ends it."""
        shown = self._shown
        if shown.key is None or shown.instrument is None or shown.instrument.tick_size is None:
            return
        distance = None if ticks is None else ticks * shown.instrument.tick_size
        from core.commands import TrailStop

        self.intent.emit(TrailStop(self._ids.press(f"trail {shown.key} {ticks}"), shown.key, distance))

    def _open(self) -> None:
        self.menu.popup(self.trail.mapToGlobal(self.trail.rect().bottomLeft()))

    def _fill(self) -> None:
        self.menu.clear()
        choices: list[int | None] = [None, *sorted({*DISTANCES, *self._from_brackets})]
        for ticks in choices:
            action = self.menu.addAction(OFF if ticks is None else f.ticks(Decimal(ticks)))
            action.setCheckable(True)
            action.setChecked(self.distance == (None if ticks is None else Decimal(ticks)))
            action.triggered.connect(lambda _=False, chosen=ticks: self.choose(chosen))
