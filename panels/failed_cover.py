"""What stands in place of a panel that could not be drawn: its figures would be old, and look like new ones."""

from datetime import datetime

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from panels import formatting as f
from panels.widgets.labels import TextLabel, name_value


class FailedCover(QFrame):
    """Lies over a panel, or over its attribute `figures` where it has one and the rest still does what it says.

    What is covered takes neither clicks nor keys: they would act on what cannot be seen.
    """

    def __init__(self, parent: QWidget, name: str, title: str) -> None:
        super().__init__(parent)
        self.setObjectName(f"failed_{name}")
        self.setProperty("kind", "notice")
        self.setProperty("tone", "danger")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title, self._covered = title, QWidget()
        self.since: datetime | None = None
        self.text = TextLabel(f"failedText_{name}", "value", bold=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        self.hide()

    def lie_over(self, panel: QWidget, now: datetime) -> None:
        """Cover a panel that has failed at this time, and lie where it lies by now."""
        figures, parent = getattr(panel, "figures", panel), self.parentWidget()
        assert isinstance(figures, QWidget) and parent is not None
        self.setGeometry(QRect(figures.mapTo(parent, QPoint(0, 0)), figures.size()))
        self.show()
        self.raise_()
        if self.since is not None:
            return
        self.since, self._covered = now, figures
        words = f"{self._title} could not be drawn since {f.zoned(now)}. What it showed would be old by now."
        self.text.say(words, "danger")
        name_value(self, words)
        focus = figures.window().focusWidget()
        if focus is not None and (focus is figures or figures.isAncestorOf(focus)):
            self.setFocus()  # or the keyboard would go on to a button elsewhere
        figures.setEnabled(False)

    def lift(self) -> None:
        """Show what is under it again."""
        if self.since is not None:
            self.since = None
            self._covered.setEnabled(True)
            self.hide()
