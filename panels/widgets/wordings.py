"""One line in the fullest wording that fits: nothing is cut in the middle of a figure."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from panels.widgets.labels import ValueLabel

MORE = "…"


class Wordings(ValueLabel):
    """A line that gives way: it asks for room for its fullest wording and shows the first that fits what it gets.

    Where none fits, the last is cut, with an ellipsis, or nothing is shown if it may be left out; the fullest is then
    in the tooltip, and always in the accessible name.

    Attributes:
        may_vanish: it takes the room that others leave, and shows nothing rather than a part.
    """

    def __init__(
        self,
        object_name: str,
        name: str,
        step: str = "label",
        number: bool = True,
        bold: bool = False,
        may_vanish: bool = False,
    ) -> None:
        super().__init__(object_name, name, step, number, bold)
        self.may_vanish = may_vanish
        self._wordings: tuple[str, ...] = ()
        self._explained = ""
        self._has_place = False
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding if may_vanish else policy.Preferred, policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_wordings(self, wordings: Sequence[str], tone: str = "ink1", spoken: str = "") -> None:
        """Show a text that may be said in several ways, the fullest first."""
        if tuple(wordings) != self._wordings:
            self._wordings = tuple(wordings)
            self.updateGeometry()
        self.show_value(self._fitting(), tone, spoken or self.fullest)
        self._explain()

    def explain_more(self, words: str) -> None:
        """Set what the tooltip and the accessible description say beside what is cut."""
        if words != self._explained:
            self._explained = words
            self.setAccessibleDescription(words)
            self._explain()

    def sizeHint(self) -> QSize:
        """Return room for the fullest wording."""
        if self.may_vanish:
            return self.minimumSizeHint()
        return QSize(self._width(self.fullest), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Return next to no room: others go first."""
        return QSize(0, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the wording anew."""
        super().resizeEvent(event)
        self._has_place = True
        self.rezoom()

    def rezoom(self) -> None:
        """Choose the wording anew."""
        if self._wordings and self.text() != (text := self._fitting()):
            self.setText(text)
        self._explain()

    @property
    def fullest(self) -> str:
        """What it would say with all the room."""
        return self._wordings[0] if self._wordings else ""

    @property
    def is_cut(self) -> bool:
        """True where less than the fullest is on show."""
        return self.text() != self.fullest

    def _width(self, text: str) -> int:
        margins = self.contentsMargins()
        return self.fontMetrics().horizontalAdvance(text) + margins.left() + margins.right() + 1 if text else 0

    def _fitting(self) -> str:
        if not self._has_place or not self._wordings:
            return self.fullest
        for text in self._wordings:
            if self._width(text) <= self.width():
                return text
        if self.may_vanish:
            return ""
        return self.fontMetrics().elidedText(self._wordings[-1], Qt.TextElideMode.ElideRight, self.width() - 1)

    def _explain(self) -> None:
        cut = self.fullest if self.is_cut else ""
        tip = "\n".join(part for part in (cut, self._explained) if part)
        if self.toolTip() != tip:
            self.setToolTip(tip)
