"""Ctrl+E of a table: what it shows at that moment, to a file of the trader's choice."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from panels import formatting as f
from panels.exporting.asking import ExportAsking, ExportFile, Form
from panels.exporting.sheets import paper_of, sheet_of
from panels.widgets.rows import Column
from panels.widgets.table import RowsView

_WORDS = re.compile(r"[a-z0-9]+")


class TableExport(QObject):
    """The export of a table.

    Attributes:
        view, title: of what; a panel of several tables sets them before it asks.

    Signals:
        intent: ExportFile.
    """

    intent = Signal(object)

    def __init__(self, owner: QWidget, view: RowsView[Any], zone: tzinfo | None) -> None:
        super().__init__(owner)
        self._zone = zone
        self.view, self.title = view, view.accessibleName()
        self._rows: Sequence[Any] = ()
        self._about: tuple[str, ...] = ()
        self.asking = ExportAsking(owner)
        self.asking.chosen.connect(self._write)

    def ask(self, now: datetime | None, about: Sequence[str] = (), rows: Sequence[Any] | None = None) -> None:
        """Ask for a name; what is written is what there is now.

        Args:
            about: what the rows are of, and what was filtered by.
            rows: where the table itself holds only a page of them.
        """
        self._rows = self.view.rows_model.rows if rows is None else rows
        made = [] if now is None else [f"{f.day(now, self._zone)} {f.zoned(now, self._zone)}"]
        self._about = (*about, *made)
        stamp = "" if now is None else f"-{f.day(now, self._zone)}"
        self.asking.ask(self.title, "-".join(_WORDS.findall(self.title.casefold())) + stamp)

    def _write(self, path: Path, form: Form) -> None:
        shown, hidden = _columns(self.view)
        if form is Form.PDF:
            content = paper_of(self.title, self._about, shown, self._rows)
            self.intent.emit(ExportFile(self.title, path, form, content))
        else:
            self.intent.emit(ExportFile(self.title, path, form, sheet_of([*shown, *hidden], self._rows, self._zone)))


def _columns(view: RowsView[Any]) -> tuple[list[Column[Any]], list[Column[Any]]]:
    """Return the columns on screen as they stand there, and those that are hidden."""
    header, columns = view.horizontalHeader(), view.rows_model.columns
    order = [header.logicalIndex(at) for at in range(len(columns))]
    shown = [columns[at] for at in order if not view.isColumnHidden(at)]
    return shown, [columns[at] for at in order if view.isColumnHidden(at)]
