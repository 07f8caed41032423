"""The mode band and the frame: whose money this is, told by words, pattern and colour, in grey-scale too.

Nothing here can be hidden. An account nobody classified is drawn and acts as LIVE.
"""

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.arm_button import ArmButton
from panels.shown import Shown, shown_in
from panels.theme import Theme, font, size
from panels.widgets.labels import name_value
from panels.zoomed import px, zoomed_painter

WORDS = {
    Mode.LIVE: "LIVE · real money",
    Mode.EVAL: "EVAL · firm rules apply",
    Mode.SIM: "SIM · no real money",
    Mode.REPLAY: "REPLAY",
}
UNCLASSIFIED = "LIVE · not classified yet"
NO_ACCOUNT = "No account yet"
ONE_CLICK = "one-click"
# Dash and gap of the frame's stroke, logical pixels; LIVE is solid, REPLAY is dots.
FRAME_DASHES = {Mode.EVAL: (18.0, 6.0), Mode.SIM: (12.0, 6.0), Mode.REPLAY: (4.0, 4.0)}


def band_words(shown: Shown) -> str:
    """Return the words of the band for what is on show."""
    if shown.account_key is None:
        return NO_ACCOUNT
    return UNCLASSIFIED if shown.is_unclassified else WORDS[shown.mode]


class ModeBand(QWidget):
    """The strip on top of every window that can send orders; `height` 28 in the main window, 20 in dialogs."""

    def __init__(self, theme: Theme, height: int = 0, object_name: str = "modeBand", arm: ArmButton | None = None):
        super().__init__()
        self.setObjectName(object_name)
        self._theme = theme
        self._drawn: tuple[Mode | None, str, str] = (None, NO_ACCOUNT, "")
        self.setFixedHeight(height or size("modeBand"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Mode: {NO_ACCOUNT}")
        if arm is not None:
            self.add(arm)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def refresh(self, snapshot: Snapshot) -> None:
        """Show the mode and name of the selected account."""
        shown = shown_in(snapshot)
        key = shown.account_key
        place = "" if key is None else f"{key.connection} · {key.account}"
        if key in snapshot.one_click and shown.mode in (Mode.LIVE, Mode.EVAL):
            place += f" · {ONE_CLICK}"
        drawn = (None if key is None else shown.mode, band_words(shown), place)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        name_value(self, "Mode", " · ".join(part for part in drawn[1:] if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a width that shows all words."""
        return QSize(px(600), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint fill, pattern, and the words on plates without pattern."""
        mode, words, place = self._drawn
        painter, rect = zoomed_painter(self)
        if mode is None:
            fill, ink = self._theme.colour("bg.2"), self._theme.colour("ink.1")
            painter.fillRect(rect, fill)
        else:
            fill, ink = self._theme.mode_colours(mode)
            painter.fillRect(rect, fill)
            paint_pattern(painter, rect, mode, self._theme)
        right = self._plate(painter, rect, 12.0, words, fill, ink, bold=True)
        self._plate(painter, rect, right + 12.0, place, fill, ink, bold=False)
        if self._theme.name == "light" and mode in (Mode.LIVE, Mode.EVAL):
            painter.setPen(QPen(self._theme.colour("mode.outline"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def add(self, control: QWidget) -> None:
        """Put a control at the right end of the band."""
        layout = self.layout()
        if not isinstance(layout, QHBoxLayout):
            layout = QHBoxLayout(self)
            layout.setContentsMargins(0, 0, 8, 0)
            layout.setSpacing(8)
            layout.addStretch(1)
        layout.addWidget(control)

    def _plate(
        self, painter: QPainter, band: QRectF, left: float, text: str, fill: QColor, ink: QColor, bold: bool
    ) -> float:
        if not text:
            return left
        painter.setFont(font("body" if band.height() >= 26 else "label", bold=bold))
        width = painter.fontMetrics().horizontalAdvance(text)
        plate = QRectF(left, 0, width + 20, band.height())
        painter.fillRect(plate, fill)
        painter.setPen(ink)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        return plate.right()


def paint_pattern(painter: QPainter, rect: QRectF, mode: Mode, theme: Theme) -> None:
    """Paint a mode's pattern over its fill: what tells the modes apart without colour."""
    dark = theme.colour(theme.shade)
    if mode is Mode.EVAL:
        for index in range(int(rect.width() // 24) + 1):
            painter.fillRect(QRectF(rect.left() + index * 24, rect.bottom() - 8, 6, 8), dark)
    elif mode is Mode.SIM:
        painter.save()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(theme.shade, 64), 3))
        step = 8.0 * 2**0.5
        position = rect.left() - rect.height()
        while position < rect.right():
            painter.drawLine(QLineF(position, rect.bottom(), position + rect.height(), rect.top()))
            position += step
        painter.restore()
    elif mode is Mode.REPLAY:
        painter.setPen(QPen(theme.mode_colours(mode)[1], 2, Qt.PenStyle.DotLine))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))


class FrameWidget(QWidget):
    """A frame of 4 px in the mode's colour and stroke around a content widget."""

    def __init__(self, theme: Theme, content: QWidget):
        super().__init__()
        self._theme = theme
        self._mode: Mode | None = None
        self._has_edge = True
        QHBoxLayout(self).addWidget(content)
        self.show_edge(True)

    def show_edge(self, wanted: bool) -> None:
        """Draw the frame, or give its room to the content."""
        self._has_edge = wanted
        edge = size("frame") if wanted else 0
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(edge, edge, edge, edge)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        self._theme = theme
        self.update()

    def refresh(self, snapshot: Snapshot) -> None:
        """Take the mode of the selected account."""
        shown = shown_in(snapshot)
        mode = None if shown.account_key is None else shown.mode
        if mode is not self._mode:
            self._mode = mode
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the stroke."""
        if not self._has_edge:
            return
        painter = QPainter(self)
        layout = self.layout()
        assert layout is not None
        edge = float(layout.contentsMargins().left())
        painter.fillRect(self.rect(), self._theme.colour("bg.0"))
        colour = self._theme.colour("line") if self._mode is None else self._theme.mode_colours(self._mode)[0]
        pen = QPen(colour, edge, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
        if self._mode in FRAME_DASHES:
            dash, gap = FRAME_DASHES[self._mode]
            pen.setDashPattern([dash / edge, gap / edge])
        painter.setPen(pen)
        half, area = edge / 2, QRectF(self.rect())
        for start, end in (
            (QPointF(0, half), QPointF(area.width(), half)),
            (QPointF(0, area.height() - half), QPointF(area.width(), area.height() - half)),
            (QPointF(half, 0), QPointF(half, area.height())),
            (QPointF(area.width() - half, 0), QPointF(area.width() - half, area.height())),
        ):
            painter.drawLine(start, end)
