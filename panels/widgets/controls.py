"""Buttons, fields, boxes and drop-downs with their names; tick and arrow are painted here, in the theme's ink."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QStyle, QStyleOptionButton, QWidget

from panels.theme import font, size
from panels.zoomed import at_100, px, zoomed_painter

LEAST = (112, 36)


class OrderButton(QPushButton):
    """A button of consequence: 112 × 36 logical pixels, and as wide as its words where they are longer."""

    def sizeHint(self) -> QSize:
        """Return room for the words, and no less than the size of its kind."""
        return super().sizeHint().expandedTo(QSize(px(LEAST[0]), px(LEAST[1])))

    def minimumSizeHint(self) -> QSize:
        """Return the same: words are never cut."""
        return self.sizeHint()


def button(object_name: str, text: str, name: str, kind: str = "") -> QPushButton:
    """Make a push button; `name` is what a screen reader calls it."""
    is_large = kind in ("buy", "sell", "flatten", "close")
    made = OrderButton(text) if is_large else QPushButton(text)
    made.setObjectName(object_name)
    made.setAccessibleName(name)
    made.setFont(font("body", bold=kind in ("buy", "sell", "flatten", "close", "default")))
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if not is_large and kind != "status":
        made.setFixedHeight(size("control"))
    return made


def field(object_name: str, name: str, width: int) -> QLineEdit:
    """Make a field for a figure."""
    made = QLineEdit()
    made.setObjectName(object_name)
    made.setAccessibleName(name)
    made.setFont(font("body", number=True))
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setMaxLength(24)
    made.setFixedSize(width, size("control"))
    return made


def on_press(pressed: QPushButton, scope: Callable[[], object], act: Callable[[], object]) -> None:
    """Have a button act where it is let go in the scope it was pressed in; what came on show since was not meant."""
    meant: list[object] = [None]

    def note() -> None:
        meant[0] = scope()

    def let_go() -> None:
        if scope() == meant[0]:
            act()

    pressed.pressed.connect(note)
    pressed.clicked.connect(let_go)


def explain(widget: QWidget, reason: str) -> None:
    """Say a control's state or why it is disabled, in tooltip and accessible description."""
    if widget.accessibleDescription() != reason:
        widget.setAccessibleDescription(reason)
        widget.setToolTip(reason)


class Tick(QCheckBox):
    """A box to be ticked; it paints its own tick, in the ink of its words."""

    def __init__(self, object_name: str, words: str, description: str) -> None:
        super().__init__(words)
        self.setObjectName(object_name)
        self.setAccessibleName(words)
        self.setAccessibleDescription(description)
        self.setFont(font("body"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, the words and the tick."""
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = QRectF(self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self))
        painter, _ = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 2.0))
        middle = at_100(box.center())
        x, y = middle.x(), middle.y()
        painter.drawPolyline([QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4, y - 4)])


class Choice(QComboBox):
    """A drop-down that the wheel changes only when it has the focus.

    Where Qt speaks to a Linux screen reader, a drop-down is called by what is chosen in it; what it chooses has to be a
    label beside it, so there is one that is only heard.
    """

    def __init__(self, object_name: str, name: str, items: Iterable[str] = (), width: int = 0):
        super().__init__()
        self._heard = QLabel()
        self._heard.setBuddy(self)
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setFont(font("body"))
        self.setFixedHeight(size("control"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(20)
        if width:
            self.setFixedWidth(width)
        self.addItems(list(items))

    def setAccessibleName(self, name: str) -> None:
        """Say what is chosen here."""
        super().setAccessibleName(name)
        self._heard.setAccessibleName(name)
        self._name_line()

    def setEditable(self, editable: bool) -> None:
        """Let something be typed, in a field of the same name."""
        super().setEditable(editable)
        self._name_line()

    def event(self, event: QEvent) -> bool:
        """Take the label along."""
        if event.type() == QEvent.Type.ParentChange:
            self._heard.setParent(self.parentWidget())
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to others unless focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field and the arrow."""
        super().paintEvent(event)
        painter, area = zoomed_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(QPen(self.palette().color(group, QPalette.ColorRole.Text), 1.6))
        x, y = area.width() - 13.0, area.height() / 2
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])

    def _name_line(self) -> None:
        line = self.lineEdit()
        if line is not None:
            line.setAccessibleName(self.accessibleName())
