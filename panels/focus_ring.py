"""The way of the keyboard through a window: Tab from control to control, F6 from panel to panel, in one order.

Panels come, go, float and lie behind tabs, and some of their controls are made late; so the way is looked up at each
step. What cannot be seen is passed over.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget

NOWHERE = "No panel takes the keyboard now."


@dataclass(frozen=True, slots=True)
class Stop:
    """One part of the window.

    Attributes:
        enter: puts the keyboard on it; None is its first control.
    """

    widget: QWidget
    enter: Callable[[], object] | None = None


def controls(part: QWidget) -> Iterator[QWidget]:
    """Yield the controls of a part of a window that Tab stops at, itself included, in their order."""
    seen: QWidget | None = part
    while seen is not None:
        if (seen is part or part.isAncestorOf(seen)) and _takes_tab(seen):
            yield seen
        seen = seen.nextInFocusChain()
        if seen is part:
            return


def _takes_tab(widget: QWidget) -> bool:
    able = widget.isVisible() and widget.isEnabled() and not _is_part(widget)
    wanted = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return able and wanted and not widget.visibleRegion().isEmpty()


def _is_part(widget: QWidget) -> bool:
    """Return whether a field is the inside of a larger control, which has the keyboard for it.

    Its focus proxy would say so too; but asking for that here let widgets in use be collected as garbage.
    """
    return isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), QComboBox | QAbstractSpinBox)


def first_control(part: QWidget) -> QWidget | None:
    """Return the first control of a part; None where there is none."""
    return next(controls(part), None)


def tab(parts: Sequence[QWidget], focus: QWidget | None, forward: bool) -> bool:
    """Put the keyboard on the next control over all parts, or the one before; return False where there is no other."""
    way = [control for part in parts for control in controls(part)]
    if not way or (len(way) == 1 and way[0] is focus):
        return False
    here = next((at for at, one in enumerate(way) if one is focus), None)
    if here is None:
        inside = _part_of(parts, focus)
        first = None if inside is None else next((at for at, one in enumerate(way) if one in controls(inside)), None)
        to = way[first or 0] if forward else way[(first or 0) - 1]
    else:
        to = way[(here + (1 if forward else -1)) % len(way)]
    to.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def _part_of(parts: Sequence[QWidget], widget: QWidget | None) -> QWidget | None:
    if widget is None:
        return None
    return next((part for part in parts if part is widget or part.isAncestorOf(widget)), None)


class FocusRing:
    """The parts F6 goes round."""

    def __init__(self, stops: Callable[[], Sequence[Stop]]) -> None:
        self._stops = stops

    def step(self, by: int) -> str:
        """Go on by one part, 1 or −1; return why not, "" when it went."""
        stops = [one for one in self._stops() if first_control(one.widget) is not None]
        if not stops:
            return NOWHERE
        parts = [one.widget for one in stops]
        here = _part_of(parts, parts[0].window().focusWidget())
        at = parts.index(here) if here is not None else -1 if by > 0 else 0
        for distance in range(1, len(stops) + 1):
            if _enter(stops[(at + by * distance) % len(stops)]):
                return ""
        return NOWHERE


def _enter(stop: Stop) -> bool:
    if stop.enter is not None:
        stop.enter()
    if _part_of([stop.widget], stop.widget.window().focusWidget()) is None:
        control = first_control(stop.widget)
        if control is None:
            return False
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)
    return True
