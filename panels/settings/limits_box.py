"""Where an order becomes odd, and where it is refused: soft and hard figures, taken together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.model.guard_day import in_chicago, next_reset
from core.model.sanity import SanityLimits
from core.settings_commands import ChangeSanityLimits
from panels.settings.checks import amount, plain
from panels.settings.form import FormFoot, show_all
from panels.settings.page import SettingsState
from panels.settings.typed_field import TypedField
from panels.widgets.labels import TextLabel

_PERCENT = Decimal(100)
# Title, soft field, hard field, whether it is a share shown in percent.
LINES = (
    ("Size of one order", "quantity_soft", "quantity_hard", False),
    ("Price away from the market, %", "distance_soft", "distance_hard", True),
    ("Cost of a move of 1 %, % of equity", "move_soft", "move_hard", True),
)
SHARES = frozenset(name for _, soft, hard, share in LINES for name in (soft, hard) if share)
REPEAT = "repeat_within"


class LimitsBox(QWidget):
    """The limits of an order.

    Signals:
        intent: ChangeSanityLimits.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Limits of an order")
        self._seen = SettingsState()
        self.fields: dict[str, TypedField] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for column, words in ((1, "asks from"), (2, "refuses from")):
            grid.addWidget(_small(words), 0, column)
        for at, (title, soft, hard, _) in enumerate(LINES, start=1):
            grid.addWidget(_small(title, "ink2"), at, 0)
            for column, (name, what) in enumerate(((soft, "asks above"), (hard, "refuses above")), start=1):
                grid.addWidget(self._field(name, f"{title}: {what}"), at, column)
        grid.addWidget(_small("Same order again within, seconds", "ink2"), len(LINES) + 1, 0)
        grid.addWidget(self._field(REPEAT, "Same order again: asks within, seconds"), len(LINES) + 1, 1)
        grid.setColumnStretch(3, 1)
        self.binding = TextLabel("settingsLimitsBinding", "label")
        self.foot = FormFoot("settingsLimits", "Apply order limits", self._apply, self.undo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addWidget(self.binding)
        layout.addWidget(self.foot)

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show what is wanted, and what binds today beside it."""
        self._seen = seen
        show_all(self.fields, texts_of(seen.snapshot.settings.limits), is_new=is_new)
        held = seen.snapshot.settings.held
        self.binding.setVisible(held is not None)
        if held is not None:
            self.binding.say(_binding(seen.snapshot.limits, seen.snapshot.settings.limits, held.until), "caution")
        self._show_foot()

    def undo(self) -> None:
        """Drop what was typed."""
        self.show_state(self._seen, is_new=True)

    def _field(self, name: str, spoken: str) -> TypedField:
        made = TypedField(f"settingsLimit_{name}", spoken, 84, amount("The limit"), in_form=True)
        made.textEdited.connect(self._show_foot)
        self.fields[name] = made
        return made

    def _read(self) -> tuple[SanityLimits, str]:
        wanted = self._seen.snapshot.settings.limits
        for field in self.fields.values():
            if wrong := amount("The limit")(field.value):
                return wanted, wrong
        limits = limits_from({name: field.value for name, field in self.fields.items()})
        for title, soft, hard, _ in LINES:
            if getattr(limits, soft) > getattr(limits, hard):
                return wanted, f"{title}: it would refuse before it asks."
        return limits, ""

    def _show_foot(self) -> None:
        limits, wrong = self._read()
        touched = bool(wrong) or limits != self._seen.snapshot.settings.limits
        reset = in_chicago(next_reset(self._seen.now))
        meaning = f"What is tighter counts at once, and stays until {reset}; what is looser counts from then."
        self.foot.show_form(touched, wrong, meaning)

    def _apply(self) -> None:
        limits, wrong = self._read()
        if not wrong:
            self.intent.emit(ChangeSanityLimits(limits))


def texts_of(limits: SanityLimits) -> dict[str, str]:
    """Return limits as they are typed; shares in percent."""
    numbers = {name: getattr(limits, name) for _, soft, hard, _ in LINES for name in (soft, hard)}
    texts = {name: plain(value * _PERCENT if name in SHARES else value) for name, value in numbers.items()}
    return {**texts, REPEAT: plain(Decimal(str(limits.repeat_within.total_seconds())))}


def limits_from(texts: Mapping[str, str]) -> SanityLimits:
    """Return the limits of texts that can be read."""
    numbers = {name: Decimal(text) / (_PERCENT if name in SHARES else 1) for name, text in texts.items()}
    seconds = float(numbers.pop(REPEAT))
    return replace(SanityLimits(), **numbers, repeat_within=timedelta(seconds=seconds))


def _binding(now: SanityLimits, wanted: SanityLimits, until: datetime) -> str:
    bound, asked = texts_of(now), texts_of(wanted)
    titles = {soft: f"{title}, asks" for title, soft, _, _ in LINES}
    titles |= {hard: f"{title}, refuses" for title, _, hard, _ in LINES}
    titles[REPEAT] = "Same order again"
    parts = [f"{titles[name]} {bound[name]}" for name in bound if bound[name] != asked[name]]
    return f"Until {in_chicago(until)} still binds: {'; '.join(parts)}."


def _small(text: str, tone: str = "ink3") -> TextLabel:
    label = TextLabel(step="label", wrap=False)
    label.say(text, tone)
    return label
