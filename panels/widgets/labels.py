"""Labels that show a value and tell the screen reader the same.

A label whose accessible name is fixed hides its text; so the value is part of the name, and both change together.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from panels.theme import font, sized_font
from panels.zoomed import give_font, px, sizes_itself

FIT_STEPS = (15, 13, 11)


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a dynamic property the style sheet colours by; repolish only when it changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def name_value(widget: QWidget, name: str, value: str = "") -> None:
    """Give a widget the accessible name "name: value"; nothing happens when it has it already."""
    full = f"{name}: {value}" if value else name
    if widget.accessibleName() != full:
        widget.setAccessibleName(full)


class ValueLabel(QLabel):
    """A label for one figure.

    Attributes:
        name: what the figure is, in words, for the screen reader.
    """

    def __init__(self, object_name: str, name: str, step: str = "body", number: bool = True, bold: bool = False):
        super().__init__()
        self.name = name
        self.setObjectName(object_name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(step, number, bold))
        self.setAccessibleName(name)

    def show_value(self, text: str, tone: str = "ink1", spoken: str = "") -> None:
        """Show a text in a tone; `spoken` is what the screen reader says where the text is signs and arrows."""
        if self.text() != text:
            self.setText(text)
        name_value(self, self.name, spoken or text)
        set_property(self, "tone", tone)


class FitLabel(ValueLabel):
    """A figure that is never elided: where it does not fit, its type steps 15 → 13 → 11 px."""

    def __init__(self, object_name: str, name: str, bold: bool = True):
        super().__init__(object_name, name, "value", True, bold)
        self._bold = bold
        self._measure()
        sizes_itself(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, text: str, tone: str = "ink1", spoken: str = "") -> None:
        """Show a text in a tone, in the largest type that fits."""
        is_new = self.text() != text
        super().show_value(text, tone, spoken)
        if is_new:
            self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return the width of the smallest type and the height of the largest: no value may change the layout."""
        narrow, tall = self._measures[FIT_STEPS[-1]], self._measures[FIT_STEPS[0]]
        return QSize(narrow.horizontalAdvance(self.text()) + 2, tall.height())

    def sizeHint(self) -> QSize:
        """Return the same: where there is room, the cell gives it."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the type anew."""
        super().resizeEvent(event)
        self._fit()

    def rezoom(self) -> None:
        """Choose the type anew, from steps of another size."""
        self._measure()
        self._fit()

    def _measure(self) -> None:
        self._measures = {step: QFontMetrics(sized_font(px(step), True, self._bold)) for step in FIT_STEPS}

    def _fit(self) -> None:
        fitting = FIT_STEPS[-1]
        for step in FIT_STEPS:
            if self._measures[step].horizontalAdvance(self.text()) + 2 <= self.width():
                fitting = step
                break
        if self.font().pixelSize() != px(fitting):
            give_font(self, sized_font(px(fitting), True, self._bold))


class Chip(ValueLabel):
    """A short word on a plate; ok, caution, danger or neutral, never by colour alone."""

    def __init__(self, object_name: str, name: str):
        super().__init__(object_name, name, "label", number=False, bold=True)
        self.setProperty("kind", "chip")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class TextLabel(QLabel):
    """A sentence, wrapped where the place is narrow; read out as it stands."""

    def __init__(self, object_name: str = "", step: str = "body", bold: bool = False, wrap: bool = True):
        super().__init__()
        self.setObjectName(object_name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(step, bold=bold))
        self.setWordWrap(wrap)

    def say(self, text: str, tone: str = "ink1") -> None:
        """Show a sentence in a tone."""
        if self.text() != text:
            self.setText(text)
        set_property(self, "tone", tone)
