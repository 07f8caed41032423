"""The line that filters a table: it appears with Ctrl+F, says how many rows are left, and goes with Escape."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from panels.theme import font
from panels.widgets.controls import field
from panels.widgets.labels import TextLabel

WIDTH, LONGEST = 280, 80
HINT = "Words in any order; Esc shows all again"


class FilterLine(QFrame):
    """A field and a count.

    Signals:
        changed: what is typed.
        left: Escape was pressed; the field is empty.
    """

    changed = Signal(str)
    left = Signal()

    def __init__(self, object_name: str, name: str) -> None:
        super().__init__()
        self.field: QLineEdit = field(object_name, name, WIDTH)
        self.field.setPlaceholderText("Filter: words in any order")
        self.field.setAccessibleDescription(HINT)
        self.field.setMaxLength(LONGEST)
        self.field.setFont(font("body"))
        self.field.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.field.textChanged.connect(self.changed)
        self.count = TextLabel(f"{object_name}Count", "label", wrap=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(12)
        layout.addWidget(self.field)
        layout.addWidget(self.count)
        layout.addStretch(1)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.field.text().strip()

    def open(self) -> None:
        """Appear, with the keyboard."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def say(self, shown: int, total: int) -> None:
        """Say how many rows are left."""
        self.count.say(f"{shown} of {total}", "ink2")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.field.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)
