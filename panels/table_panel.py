"""What the table panels share: a strip that dates the list while the line is down, a filter, the table, an export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.commands import AskBroker
from core.link import Link
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import ALIVE_LINKS, LINK_WORDS
from panels.widgets.controls import button
from panels.widgets.filter_line import FilterLine
from panels.widgets.labels import TextLabel, set_property
from panels.widgets.rows import Row
from panels.widgets.table import RowsView

if TYPE_CHECKING:
    # The first frame exports nothing.
    from panels.exporting.table_export import TableExport

WAITING = "Waiting for broker list…"


def age_of_lists(snapshot: Snapshot, zone: tzinfo | None) -> str:
    """Return since when the lists of which connections are old; "" while all lines are up."""
    old = [
        f"{name}: list as of {f.zoned(status.since, zone)} – {LINK_WORDS[status.link]}"
        for name, status in sorted(snapshot.connections.items())
        if status.link not in ALIVE_LINKS
    ]
    return "   ".join(old)


def is_explicit(snapshot: Snapshot) -> bool:
    """Return whether every connection has answered, so that an empty list means there is nothing."""
    return bool(snapshot.connections) and all(one.link is Link.READY for one in snapshot.connections.values())


def failed_lists(snapshot: Snapshot) -> dict[str, str]:
    """Return why the broker's list could not be had, by connection: the line is up, and an answer failed."""
    lines = sorted(snapshot.connections.items())
    return {name: status.text for name, status in lines if status.link is Link.SYNCING and status.text}


def is_out_of_sight(panel: QWidget) -> bool:
    """Return whether a panel's window is on screen and the panel is not: it has nothing to draw."""
    return not panel.isVisible() and panel.window().isVisible()


def draws_same(parts: tuple[object, ...], before: tuple[object, ...]) -> bool:
    """Return whether the parts of a snapshot a panel draws are those it drew; plain values are compared."""
    plain = (int, str, bool)
    return len(parts) == len(before) and all(
        one is other or (type(one) in plain and one == other) for one, other in zip(parts, before, strict=True)
    )


class TablePanel(QWidget):
    """A table under its strip.

    Ctrl+F filters it, Ctrl+E exports what it shows.

    Signals:
        intent: what the panel's rows can ask for; AskBroker where a list could not be had; ExportFile.
        columns_changed: `columns()` has something new to remember.
    """

    intent = Signal(object)
    columns_changed = Signal()

    def __init__(self, view: RowsView[Row], zone: tzinfo | None):
        super().__init__()
        self.view: RowsView[Any] = view
        self.zone = zone
        self._failed: dict[str, str] = {}
        self._missed: tuple[Snapshot, datetime, float] | None = None
        self._empty = ""
        name = view.objectName()
        self.strip = QFrame()
        self.strip.setProperty("kind", "notice")
        self.strip.setProperty("tone", "caution")
        self.strip_text = TextLabel(f"{name}Strip", "label", bold=True, wrap=False)
        self.again = button(f"{name}Again", "Ask again", "Ask the broker for the list again")
        self.again.clicked.connect(self._ask_again)
        inner = QHBoxLayout(self.strip)
        inner.setContentsMargins(8, 2, 8, 2)
        inner.addWidget(self.strip_text, 1)
        inner.addWidget(self.again)
        self.strip.hide()
        self.filter = FilterLine(f"{name}Filter", f"Filter {view.accessibleName()}")
        self.filter.hide()
        self.filter.changed.connect(self._filter)
        self.filter.left.connect(self._close_filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.filter)
        layout.addWidget(view, 1)
        self.setFocusProxy(view)
        view.columns_changed.connect(self.columns_changed)
        self._now: datetime | None = None
        for keys, act in (("Ctrl+F", self.open_filter), ("Ctrl+E", self.export)):
            key = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.setAutoRepeat(False)
            key.activated.connect(act)

    @cached_property
    def exports(self) -> TableExport:
        """What asks for a file and has the table written there."""
        from panels.exporting.table_export import TableExport

        made = TableExport(self, self.view, self.zone)
        made.intent.connect(self.intent)
        return made

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Draw a snapshot."""
        raise NotImplementedError

    def puts_off(self, snapshot: Snapshot, now: datetime, monotonic_s: float) -> bool:
        """Return whether the rows are out of sight; what is not drawn now is drawn as soon as they are seen."""
        is_away = is_out_of_sight(self)
        self._missed = (snapshot, now, monotonic_s) if is_away else None
        return is_away

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was put off, before anybody looks or exports."""
        super().showEvent(event)
        if self._missed is not None:
            self.refresh(*self._missed)

    def columns(self) -> dict[str, object]:
        """Return how the columns stand, in plain values for whoever stores the layout."""
        return self.view.columns()

    def restore_columns(self, kept: Mapping[str, Any]) -> None:
        """Put the columns as they stood."""
        self.view.restore_columns(kept)

    def set_theme(self, theme: object) -> None:
        """Leave the drawing to the table, which is given the theme itself."""

    def focus_first(self) -> None:
        """Put the keyboard on the table, on its first row when none is chosen."""
        self.view.setFocus()
        if not self.view.currentIndex().isValid() and self.view.rows_model.rowCount():
            self.view.setCurrentIndex(self.view.rows_model.index(0, 0))

    def open_filter(self) -> None:
        """Show the line that filters, with the keyboard."""
        self.filter.open()
        self._count()

    def export(self) -> None:
        """Ask where to, and have what the table shows written there."""
        about = [f"Filter: {self.filter.text}"] if self.filter.text else []
        self.exports.ask(self._now, about)

    def say_when_empty(self, text: str) -> None:
        """Set what an empty table says; that a filter hides everything is said first."""
        self._empty = text
        self._count()

    def show_age(self, snapshot: Snapshot, now: datetime) -> None:
        """Date the list while a line is down; say why it could not be had while one is up."""
        self._now = now
        self._failed = failed_lists(snapshot)
        causes = [f"{name}: {cause}" for name, cause in self._failed.items()]
        text = "   ".join([*causes, *filter(None, [age_of_lists(snapshot, self.zone)])])
        set_property(self.strip, "tone", "danger" if causes else "caution")
        self.strip.setVisible(bool(text))
        self.again.setVisible(bool(causes))
        self.strip_text.say(text)
        self.strip_text.setToolTip(text)

    def _ask_again(self) -> None:
        for name in self._failed:
            self.intent.emit(AskBroker(name))

    def _filter(self, words: str) -> None:
        self.view.rows_model.filter_by(words)
        self._count()

    def _close_filter(self) -> None:
        self.filter.hide()
        self.view.setFocus()

    def _count(self) -> None:
        model = self.view.rows_model
        shown, total = model.rowCount(), len(model.given)
        self.filter.say(shown, total)
        hides_all = total > 0 and shown == 0
        self.view.say_when_empty(f"Nothing matches “{self.filter.text}”." if hides_all else self._empty)
