"""The log: what the trader was told, newest first, with a filter."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.announcement import Announcement, Level
from core.snapshot import Snapshot
from panels import formatting as f
from panels.theme import Theme, font
from panels.widgets.controls import field
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, RowsModel
from panels.widgets.table import RowsView

LEVEL_TONES = {Level.CAUTION: "caution", Level.ERROR: "danger", Level.ALARM: "danger", Level.SUCCESS: "up"}


def columns(zone: tzinfo | None) -> tuple[Column[tuple[int, Announcement]], ...]:
    """Return the columns of the log."""
    return (
        Column("Time", lambda row: f"{f.day(row[1].at, zone)} {f.zoned(row[1].at, zone)}", 236, number=True),
        Column("Level", lambda row: row[1].level.value, 84, tone=lambda row: LEVEL_TONES.get(row[1].level, "")),
        Column("Symbol", lambda row: row[1].key.symbol if row[1].key is not None else "", 148),
        Column("Account", lambda row: row[1].key.account if row[1].key is not None else "", 96),
        Column("Text", lambda row: row[1].text, 700),
    )


def matches(notice: Announcement, words: str) -> bool:
    """Return whether every typed word occurs in the entry."""
    place = f"{notice.key.symbol} {notice.key.account}" if notice.key is not None else ""
    text = f"{notice.level.value} {place} {notice.text}".casefold()
    return all(word in text for word in words.casefold().split())


class LogPanel(QWidget):
    """Announcements under a filter box; asks for nothing."""

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        super().__init__()
        self._notices: tuple[Announcement, ...] = ()
        self._numbered: list[tuple[int, Announcement]] = []
        self._model: RowsModel[tuple[int, Announcement]] = RowsModel(columns(zone), key=lambda row: row[0])
        self.view = RowsView("logView", "Log", self._model, theme)
        self.filter = field("logFilter", "Filter the log", 280)
        self.filter.setPlaceholderText("Filter: words in any order")
        self.filter.setMaxLength(80)
        self.filter.setFont(font("body"))
        self.filter.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.filter.textChanged.connect(self._show)
        self.count = TextLabel("logCount", "label", wrap=False)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.filter)
        row.addWidget(self.count)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the latest announcements."""
        if snapshot.notices is self._notices:
            return
        self._number(snapshot.notices)
        self._show()

    def focus_first(self) -> None:
        """Put the keyboard on the filter."""
        self.filter.setFocus()

    def _number(self, notices: tuple[Announcement, ...]) -> None:
        """Keep each entry's number while the oldest fall off, so that rows stay the rows they were."""
        known = {id(notice): number for number, notice in self._numbered}
        following = self._numbered[-1][0] + 1 if self._numbered else 0
        numbered = []
        for notice in notices:
            number = known.get(id(notice))
            if number is None:
                number, following = following, following + 1
            numbered.append((number, notice))
        self._notices, self._numbered = notices, numbered

    def _show(self) -> None:
        found = [row for row in reversed(self._numbered) if matches(row[1], self.filter.text())]
        self._model.set_rows(found)
        total = len(self._numbered)
        self.count.say(f"{len(found)} of {total}" if self.filter.text() else f"{total} entries", "ink2")
        self.view.say_when_empty("No entries for this filter." if total else "Nothing has been announced yet.")
