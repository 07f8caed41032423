"""The limits of the account in panel 1: the floor gauge, and what of each limit is used."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.model.guard_rules import Guard
from core.model.guards import RUNS_ONLY_HERE, AccountGuards
from panels import formatting as f
from panels.charts.floor_gauge import FloorBar, distance_words
from panels.guard_words import LimitLine, line_of
from panels.theme import Theme
from panels.widgets.controls import explain
from panels.widgets.labels import TextLabel, ValueLabel

ROWS = 8


class GuardBox(QWidget):
    """Shown only for an account that has limits of its own."""

    def __init__(self, theme: Theme, zone: tzinfo | None):
        super().__init__()
        self.setObjectName("p1Guards")
        self._zone = zone
        self.state = TextLabel("p1GuardState", "label")
        self.floor = FloorBar(theme)
        self.distance = TextLabel("p1FloorDistance", "label", wrap=False)
        self.rule = TextLabel("p1FloorRule", "label", wrap=False)
        self.lines: list[tuple[TextLabel, ValueLabel]] = []
        self.note = TextLabel("p1GuardNote", "label")
        self.note.say(RUNS_ONLY_HERE, "ink3")
        self._lay_out()
        self.hide()

    def refresh(self, guards: AccountGuards | None, now: datetime) -> None:
        """Show where the account stands; nothing for one without limits."""
        limited = guards is not None and bool(guards.verdicts or guards.locked or guards.paused)
        self.setVisible(limited)
        if guards is None or not limited:
            return
        self._say_state(guards)
        gauge = guards.gauge
        for part in (self.floor, self.distance, self.rule):
            part.setVisible(gauge is not None)
        if gauge is not None:
            self.floor.show_gauge(gauge)
            self.distance.say(distance_words(gauge), "ink1")
            self.rule.say(f"Floor: {gauge.rule}", "ink2")
        # The gauge says of the floor what a line would.
        listed = [one for one in guards.verdicts if gauge is None or one.guard is not Guard.PROP_FLOOR]
        shown = [line_of(one, now, self._zone) for one in listed[:ROWS]]
        for at, (title, value) in enumerate(self.lines):
            line = shown[at] if at < len(shown) else None
            title.setVisible(line is not None)
            value.setVisible(line is not None)
            if line is not None:
                _show(title, value, line)

    def _say_state(self, guards: AccountGuards) -> None:
        if guards.locked and guards.locked_until is not None:
            text, tone = f"Entries locked until {f.zoned(guards.locked_until, self._zone)}", "danger"
        else:
            text, tone = guards.paused, "caution"
        self.state.setVisible(bool(text))
        self.state.say(text, tone)
        explain(self.state, guards.locked or guards.paused)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for at in range(ROWS):
            title, value = TextLabel(step="label", wrap=False), ValueLabel(f"p1Limit_{at}", "", "label")
            grid.addWidget(title, at, 0)
            grid.addWidget(value, at, 1)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.lines.append((title, value))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(1)
        for part in (self.state, self.floor, self.distance, self.rule):
            layout.addWidget(part)
        layout.addLayout(grid)
        layout.addWidget(self.note)


def _show(title: TextLabel, value: ValueLabel, line: LimitLine) -> None:
    title.say(line.name, "ink2")
    value.name = line.name
    value.show_value(line.value, line.tone, line.spoken)
    explain(value, line.tip)
