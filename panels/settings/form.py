"""Fields that are taken together by a button: what they mean is one change, which may not be taken back at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QHBoxLayout, QWidget

from panels.settings.typed_field import TypedField
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel

NOTHING = "Nothing was changed."


class FormFoot(QWidget):
    """Apply and Undo under a form, and a sentence on what is wrong or what will happen."""

    def __init__(self, name: str, apply: str, pressed: Callable[[], None], undone: Callable[[], None]) -> None:
        super().__init__()
        self.apply = button(f"{name}Apply", apply, apply, "default")
        self.undo = button(f"{name}Undo", "Undo", f"Undo what was typed in {apply[0].lower()}{apply[1:]}")
        self.words = TextLabel(f"{name}Words", "label")
        self.apply.clicked.connect(pressed)
        self.undo.clicked.connect(undone)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.apply)
        layout.addWidget(self.undo)
        layout.addWidget(self.words, 1)

    def show_form(self, is_touched: bool, wrong: str, meaning: str) -> None:
        """Let the form be taken where it differs and makes sense."""
        self.undo.setEnabled(is_touched)
        self.apply.setEnabled(is_touched and not wrong)
        explain(self.apply, wrong or ("" if is_touched else NOTHING))
        self.words.say(wrong or (meaning if is_touched else ""), "danger" if is_touched and wrong else "ink2")


def show_all(fields: Mapping[str, TypedField], texts: Mapping[str, str], *, is_new: bool = False) -> None:
    """Show what is in force in every field."""
    for name, field in fields.items():
        field.show_text(texts.get(name, ""), is_new=is_new)


def typed(fields: Mapping[str, TypedField]) -> dict[str, str]:
    """Return what stands in the fields that are not empty."""
    return {name: field.value for name, field in fields.items() if field.value}
