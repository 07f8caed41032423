"""Bracket templates: exits under a name, typed as texts, and which of them a ticket begins with."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.model.bracket_template import BracketBook, BracketTemplate
from core.model.bracket_texts import template_from_texts, template_to_texts
from core.settings_commands import ChangeBrackets
from panels.settings.checks import anything
from panels.settings.page import SettingsState
from panels.settings.typed_field import TypedField
from panels.widgets.controls import Choice, button, explain
from panels.widgets.labels import TextLabel

NEW = "New template…"
NONE = "none"
FIELDS = (
    ("name", "Name", "", "16 characters at most"),
    ("stop", "Stop", "20t", "20t, 5 points or 100 money"),
    ("targets", "Targets", "50% at 1R, 50% at 2R", "2R, 30t; several after commas, each with its share"),
    ("breakeven_after", "Breakeven after", "20t", "20t or 1R; empty is never"),
    ("trail", "Trail", "12t", "12t; empty is none"),
)


class BracketsBox(QWidget):
    """One template at a time.

    Signals:
        intent: ChangeBrackets.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Bracket templates")
        self._book = BracketBook()
        self.template = Choice("settingsBracket", "Bracket template", (NEW,), 220)
        self.template.activated.connect(lambda at: self._open())
        self.default = Choice("settingsBracketDefault", "A ticket begins with", (NONE,), 220)
        self.default.activated.connect(lambda at: self._begin_with())
        self.fields: dict[str, TypedField] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(_small("Template"), 0, 0)
        grid.addWidget(self.template, 0, 1)
        for at, (name, title, example, note) in enumerate(FIELDS, start=1):
            made = TypedField(f"settingsBracket_{name}", f"Template, {title.lower()}", 220, anything, False, True)
            made.setPlaceholderText(example)
            made.textEdited.connect(self._show_buttons)
            self.fields[name] = made
            grid.addWidget(_small(title), at, 0)
            grid.addWidget(made, at, 1)
            grid.addWidget(_small(note, "ink3"), at, 2)
        grid.setColumnStretch(3, 1)
        self.save = button("settingsBracketSave", "Save template", "Save template", "default")
        self.drop = button("settingsBracketDrop", "Delete", "Delete this template")
        self.save.clicked.connect(self._save)
        self.drop.clicked.connect(self._delete)
        self.words = TextLabel("settingsBracketWords", "label")
        line = QHBoxLayout()
        for part in (self.save, self.drop):
            line.addWidget(part)
        line.addWidget(self.words, 1)
        begins = QHBoxLayout()
        begins.addWidget(_small("A ticket begins with"))
        begins.addWidget(self.default)
        begins.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addLayout(line)
        layout.addLayout(begins)

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the templates; what is being typed stays."""
        book = seen.snapshot.settings.brackets
        if book != self._book or is_new:
            opened = self.template.currentText()
            self._book = book
            names = list(book.templates)
            with QSignalBlocker(self.template), QSignalBlocker(self.default):
                self.template.clear()
                self.template.addItems([*names, NEW])
                self.default.clear()
                self.default.addItems([NONE, *names])
            self.template.setCurrentText(
                opened if opened in names else NEW if opened == NEW and not is_new else names[0] if names else NEW
            )
            self.default.setCurrentText(book.default or NONE)
            self._open()
        self._show_buttons()

    def _opened(self) -> BracketTemplate | None:
        return self._book.templates.get(self.template.currentText())

    def _open(self) -> None:
        texts = _texts(self._opened())
        for name, field in self.fields.items():
            field.show_text(texts.get(name, ""), is_new=True)
        self._show_buttons()

    def _read(self) -> tuple[BracketTemplate | None, str]:
        values = {name: field.value for name, field in self.fields.items()}
        if not values["name"]:
            return None, "Give it a name."
        table: dict[str, object] = {name: values[name] for name in ("stop", "breakeven_after", "trail") if values[name]}
        if values["targets"]:
            table["targets"] = [one.strip() for one in values["targets"].split(",") if one.strip()]
        try:
            return template_from_texts(values["name"], table), ""
        except ValueError as error:
            words = str(error).removeprefix(f'[brackets."{values["name"]}"]').strip(": ")
            return None, f"{words[0].upper()}{words[1:]}."

    def _show_buttons(self) -> None:
        opened = self._opened()
        texts = _texts(opened)
        touched = any(field.value != texts.get(name, "") for name, field in self.fields.items())
        wrong = self._read()[1] if touched else "Nothing was changed."
        self.save.setEnabled(not wrong)
        explain(self.save, wrong)
        self.words.say(wrong if touched else "", "danger")
        self.drop.setEnabled(opened is not None)
        explain(self.drop, "" if opened is not None else "It is not saved yet.")

    def _save(self) -> None:
        template, _ = self._read()
        if template is None:
            return
        opened = self._opened()
        templates = {
            (template.name if opened is not None and name == opened.name else name): one
            for name, one in self._book.templates.items()
        }
        book = replace(self._book, templates={**templates, template.name: template})
        if opened is not None and opened.name != template.name:
            last = {symbol: template.name if name == opened.name else name for symbol, name in book.last.items()}
            default = template.name if book.default == opened.name else book.default
            book = replace(book, last=last, default=default)
        with QSignalBlocker(self.template):
            if self.template.findText(template.name) < 0:
                self.template.addItem(template.name)
            self.template.setCurrentText(template.name)
        self.intent.emit(ChangeBrackets(book))

    def _delete(self) -> None:
        opened = self._opened()
        if opened is None:
            return
        templates = {name: one for name, one in self._book.templates.items() if name != opened.name}
        last = {symbol: name for symbol, name in self._book.last.items() if name in templates}
        default = self._book.default if self._book.default in templates else ""
        self.intent.emit(ChangeBrackets(BracketBook(templates, default, last)))

    def _begin_with(self) -> None:
        name = self.default.currentText()
        self.intent.emit(ChangeBrackets(replace(self._book, default="" if name == NONE else name, last={})))


def _texts(template: BracketTemplate | None) -> dict[str, str]:
    if template is None:
        return {}
    texts = {"name": template.name, **template_to_texts(template)}
    return {name: ", ".join(text) if isinstance(text, list) else text for name, text in texts.items()}


def _small(text: str, tone: str = "ink2") -> TextLabel:
    label = TextLabel(step="label", wrap=False)
    label.say(text, tone)
    return label
