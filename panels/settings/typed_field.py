"""A field that is taken when it makes sense: else the cause stands under it, and what was in force stays."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from panels.theme import font, size
from panels.widgets.controls import explain
from panels.widgets.labels import TextLabel, set_property


class TypedField(QLineEdit):
    """A line of text with a rule.

    Attributes:
        cause: why what is typed cannot be used; hidden while it can.

    Signals:
        taken: what was typed makes sense and differs from what was shown; the text, without spaces around it.
    """

    taken = Signal(str)

    def __init__(
        self,
        object_name: str,
        name: str,
        width: int,
        check: Callable[[str], str],
        number: bool = True,
        in_form: bool = False,
    ) -> None:
        """Make an empty field.

        Args:
            check: returns why a text cannot be used; empty when it can.
            in_form: it is taken with others by a button, so nothing is told of it alone.
        """
        super().__init__()
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setFont(font("body", number=number))
        self.setFixedSize(width, size("control"))
        self.setMaxLength(200)
        self._check = check
        self._in_form = in_form
        self._shown = ""
        self.cause = TextLabel(f"{object_name}Cause", "label")
        self.cause.hide()
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(self._edited)

    @property
    def value(self) -> str:
        """What is typed, without spaces around it."""
        return self.text().strip()

    @property
    def is_right(self) -> bool:
        """True when what is typed can be used."""
        return not self._check(self.value)

    @property
    def is_touched(self) -> bool:
        """True while something else is typed than what is in force."""
        return self.value != self._shown

    def show_text(self, text: str, *, is_new: bool = False) -> None:
        """Show what is in force; what is being typed stays, unless `is_new`."""
        touched = self.is_touched and not is_new
        moved = text != self._shown
        self._shown = text
        if not touched and (moved or self.text() != text):
            self.setText(text)
            self._say("")

    def refuse(self, cause: str) -> None:
        """Say why what is typed cannot be used."""
        self._say(f"{cause} {self._kept()}" if cause else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what was in force back on Esc, if something else is typed."""
        if event.key() == Qt.Key.Key_Escape and self.is_touched:
            self.setText(self._shown)
            self._say("")
            return
        super().keyPressEvent(event)

    def _kept(self) -> str:
        return f"{self._shown} stays." if self._shown else "Nothing was changed."

    def _edited(self) -> None:
        if not self.cause.isHidden() and not self._in_form:
            self.refuse(self._check(self.value))

    def _finish(self) -> None:
        if self._in_form:
            return
        if not self.is_touched:
            self._say("")
            return
        cause = self._check(self.value)
        self.refuse(cause)
        if not cause:
            self._shown = self.value
            self.taken.emit(self.value)

    def _say(self, text: str) -> None:
        self.cause.say(text, "danger")
        self.cause.setVisible(bool(text))
        set_property(self, "tone", "danger" if text else "")
        explain(self, text)
