"""Drawing the whole program larger or smaller while it runs, 80 to 200 %, whatever the scale of the system.

Every widget is made in the sizes of 100 %. What it was given then (least, largest and fixed sizes, margins, spacings,
its font, columns and rows) is noted once, on the widget itself, and set anew times the zoom; the style sheet and the
font of the program come multiplied from the Theme. What is made while the zoom is not 100 % is taken as it is polished,
which is before it is laid out, and looked at again when it is first shown: some are polished while they are being made.
At 100 % nothing is watched, and everything is as it was made.

A size that the style sheet has given is left to the style sheet; windows keep their size.
"""

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHeaderView,
    QLayout,
    QMainWindow,
    QMenu,
    QSpacerItem,
    QTabBar,
    QWidget,
)

from panels.zoomed import PROPERTY, factor, give_font, px

LEAST, MOST = 80, 200
NOTED, SEEN = "sizesAt100", "seenZoomed"
FIRST = (QEvent.Type.Polish, QEvent.Type.Show)
UNBOUNDED = 16_384
SIDES = ("left", "top", "right", "bottom")

Size = tuple[str, int, Callable[[int], None]]


class Zoom(QObject):
    """Multiplies what widgets were given."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app

    @property
    def percent(self) -> int:
        """The zoom now."""
        return round(factor() * 100)

    def set_percent(self, percent: int) -> None:
        """Note every size as it is at the old zoom, and change the zoom; `spread` then draws it."""
        percent = min(max(percent, LEAST), MOST)
        self._app.removeEventFilter(self)  # a style sheet laid on in between sends each widget some thirty events
        for widget in self._app.allWidgets():
            widget.setProperty(SEEN, True)  # what it is given from now on is of the size it is seen in
            _note(widget)
        self._app.setProperty(PROPERTY, percent / 100)

    def spread(self) -> None:
        """Give every widget there is its sizes at the zoom, and each that is made from now on."""
        widgets = self._app.allWidgets()
        for widget in widgets:
            _resize(widget)
        for widget in widgets:  # when what they are made of has its sizes
            _tell(widget)
        if self.percent != 100:
            self._app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give a widget made since its sizes: before it is laid out, and when it is shown what it was given since."""
        if event.type() in FIRST and isinstance(watched, QWidget) and not watched.property(SEEN):
            watched.setProperty(SEEN, event.type() is QEvent.Type.Show)
            if watched.isWindow() and event.type() is QEvent.Type.Polish:
                _widen(watched)
            _note(watched, fresh=True)
            _resize(watched)
            _tell(watched)
        return False


def _note(widget: QWidget, fresh: bool = False) -> None:
    """Note what a widget and its layout were given: as made where fresh, else as it stands at the zoom there is."""
    by = 1.0 if fresh else factor()
    for holder, sizes in _sized(widget):
        noted = dict(holder.property(NOTED) or {})
        for name, pixels, _set in sizes:
            base, shown = noted.get(name, (None, None))
            if base is None or shown != pixels:
                noted[name] = (pixels / by, pixels)
        holder.setProperty(NOTED, noted)


def _resize(widget: QWidget) -> None:
    by = factor()
    for holder, sizes in _sized(widget):
        noted = dict(holder.property(NOTED) or {})
        for name, pixels, give in sizes:
            base = noted[name][0] if name in noted else pixels
            wanted = round(base * by)
            if wanted != pixels:
                give(wanted)
            noted[name] = (base, wanted)
        holder.setProperty(NOTED, noted)


def _tell(widget: QWidget) -> None:
    """Have a widget work out anew what it sizes itself."""
    rezoom = getattr(widget, "rezoom", None)
    if rezoom is not None:
        rezoom()
    widget.updateGeometry()
    widget.update()


def _sized(widget: QWidget) -> Iterator[tuple[QObject, list[Size]]]:
    """Return who carries sizes of a widget: itself and its layouts."""
    if isinstance(widget, QMenu):
        return
    yield widget, _of_widget(widget)
    layout = widget.layout()
    if layout is not None:
        yield from _of_layouts(layout)


def _of_widget(widget: QWidget) -> list[Size]:
    sizes: list[Size] = []
    if not widget.property("sizesItself"):
        sizes += _bounds(widget)
        is_own = widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and not _follows(widget)
        if is_own and widget.font().pixelSize() > 0:
            sizes.append(("font", widget.font().pixelSize(), lambda pixels: _set_font(widget, pixels)))
    if isinstance(widget, QAbstractButton | QTabBar):
        sizes.append(("icon", widget.iconSize().width(), lambda pixels: widget.setIconSize(QSize(pixels, pixels))))
    if isinstance(widget, QHeaderView) and widget.property(SEEN):
        sizes += _of_header(widget)  # not before: it is polished as it gets its columns
    return sizes


def _bounds(widget: QWidget) -> list[Size]:
    """Return least and largest sizes that were set: not those of the style sheet, nor what a layout gives a window."""
    if widget.isWindow():
        return []
    found: list[Size] = []
    for name, mark, pixels, give in (
        ("minw", "_q_stylesheet_minw", widget.minimumWidth(), widget.setMinimumWidth),
        ("minh", "_q_stylesheet_minh", widget.minimumHeight(), widget.setMinimumHeight),
        ("maxw", "_q_stylesheet_maxw", widget.maximumWidth(), widget.setMaximumWidth),
        ("maxh", "_q_stylesheet_maxh", widget.maximumHeight(), widget.setMaximumHeight),
    ):
        if 1 < pixels < UNBOUNDED and not widget.property(mark):  # a hairline stays one
            found.append((name, pixels, give))
    return found


def _widen(window: QWidget) -> None:
    """Have a dialog be no smaller than it was meant to be, as far as the screen goes."""
    room, least = window.screen().availableSize(), window.minimumSize()
    if not isinstance(window, QMainWindow) and not window.property("sizesItself"):
        window.setMinimumWidth(max(least.width(), min(px(least.width()), room.width())))
        window.setMinimumHeight(max(least.height(), min(px(least.height()), room.height())))


def _follows(widget: QWidget) -> bool:
    """Say whether Qt gives a widget the font of what it is in: the line of a drop-down, what scrolls in an area."""
    holder = widget.parentWidget()
    if isinstance(holder, QAbstractScrollArea):
        return holder.viewport() is widget
    return isinstance(holder, QComboBox)


def _set_font(widget: QWidget, pixels: int) -> None:
    font = widget.font()
    font.setPixelSize(pixels)
    give_font(widget, font)


def _of_header(header: QHeaderView) -> list[Size]:
    found: list[Size] = [
        ("least", header.minimumSectionSize(), header.setMinimumSectionSize),
        ("default", header.defaultSectionSize(), header.setDefaultSectionSize),
    ]
    # A table that works out its own columns when it is zoomed is left to it.
    if header.orientation() is Qt.Orientation.Horizontal and not hasattr(header.parentWidget(), "rezoom"):
        for at in range(header.count()):
            if header.sectionResizeMode(at) is not QHeaderView.ResizeMode.Stretch and not header.isSectionHidden(at):
                found.append((f"section{at}", header.sectionSize(at), partial(header.resizeSection, at)))
    return found


def _of_layouts(layout: QLayout) -> Iterator[tuple[QObject, list[Size]]]:
    sizes: list[Size] = []
    for at, (name, pixels) in enumerate(zip(SIDES, _sides(layout), strict=True)):
        sizes.append((name, pixels, partial(_set_side, layout, at)))
    if isinstance(layout, QGridLayout | QFormLayout):
        sizes.append(("across", layout.horizontalSpacing(), layout.setHorizontalSpacing))
        sizes.append(("down", layout.verticalSpacing(), layout.setVerticalSpacing))
    else:
        sizes.append(("spacing", layout.spacing(), layout.setSpacing))
    if isinstance(layout, QGridLayout):
        for row in range(layout.rowCount()):
            sizes.append((f"row{row}", layout.rowMinimumHeight(row), partial(layout.setRowMinimumHeight, row)))
        for column in range(layout.columnCount()):
            least = layout.columnMinimumWidth(column)
            sizes.append((f"column{column}", least, partial(layout.setColumnMinimumWidth, column)))
    nested: list[QLayout] = []
    for at in range(layout.count()):
        item = layout.itemAt(at)
        inner, spacer = (None, None) if item is None else (item.layout(), item.spacerItem())
        if inner is not None:
            nested.append(inner)
        elif spacer is not None:
            room = spacer.sizeHint()
            sizes.append((f"wide{at}", room.width(), partial(_set_room, spacer, True)))
            sizes.append((f"high{at}", room.height(), partial(_set_room, spacer, False)))
    yield layout, [one for one in sizes if one[1] > 0]
    for inner in nested:
        yield from _of_layouts(inner)
    layout.invalidate()


def _sides(layout: QLayout) -> tuple[int, int, int, int]:
    margins = layout.contentsMargins()
    return margins.left(), margins.top(), margins.right(), margins.bottom()


def _set_side(layout: QLayout, at: int, pixels: int) -> None:
    sides = list(_sides(layout))
    sides[at] = pixels
    layout.setContentsMargins(*sides)


def _set_room(spacer: QSpacerItem, is_width: bool, pixels: int) -> None:
    room, policy = spacer.sizeHint(), spacer.sizePolicy()
    wide, high = (pixels, room.height()) if is_width else (room.width(), pixels)
    spacer.changeSize(wide, high, policy.horizontalPolicy(), policy.verticalPolicy())
