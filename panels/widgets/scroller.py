"""What needs more room than there is scrolls; what has the room looks as if nothing were around it."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from panels.zoomed import px

LEAST = (160, 96)


class Scroller(QScrollArea):
    """A frameless place for one widget: as large as the place, and never smaller than it must be."""

    def __init__(self, content: QWidget, sideways: bool = False) -> None:
        """Put a widget into a place that scrolls down, and sideways too where that is wanted."""
        super().__init__()
        self._content, self._sideways = content, sideways
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        if not sideways:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        """Return what the content asks for."""
        return self._content.sizeHint().expandedTo(self.minimumSizeHint())

    def minimumSizeHint(self) -> QSize:
        """Return a little height, and the content's width unless it scrolls sideways too."""
        width = px(LEAST[0]) if self._sideways else self._content.minimumSizeHint().width()
        return QSize(width, min(px(LEAST[1]), self._content.minimumSizeHint().height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another size when the content does."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Strip(Scroller):
    """A row of controls as high as it must be; where the window is too narrow for it, it scrolls sideways."""

    def __init__(self, content: QWidget) -> None:
        super().__init__(content, sideways=True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._is_cut = False

    def sizeHint(self) -> QSize:
        """Return the height of the row, and of the bar where it scrolls."""
        inner, wanted = self._content, self._content.sizeHint()
        high = max(inner.minimumSizeHint().height(), wanted.height(), inner.minimumHeight())
        if inner.hasHeightForWidth():
            high = max(high, inner.heightForWidth(max(self.width(), inner.minimumSizeHint().width())))
        bar = self.horizontalScrollBar().sizeHint().height() if self._is_cut else 0
        return QSize(wanted.width(), min(high, inner.maximumHeight()) + bar)

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and next to no width."""
        return QSize(px(LEAST[0]), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the bar where it scrolls."""
        super().resizeEvent(event)
        is_cut = self.width() < self._content.minimumSizeHint().width()
        if is_cut is not self._is_cut or self._content.hasHeightForWidth():
            self._is_cut = is_cut
            self.updateGeometry()
