"""The header of a panel, which a dock may have as its title bar."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget


class PanelHeader(QWidget):
    """A row of one height; a dock asks for it by the size hint alone, and knows no fixed sizes."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        """Make an empty row, so many logical pixels high."""
        super().__init__(parent)
        self.setProperty("kind", "header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(height)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(12)

    def sizeHint(self) -> QSize:
        """Return the width of what is in it, and its height."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        """Return the least width of what is in it, and its height."""
        return QSize(super().minimumSizeHint().width(), self.maximumHeight())
