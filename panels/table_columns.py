"""How the trader wants the columns of every table: put back at the start, and told of when it changes."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from panels.widgets.table import RowsView

SETTLED_MS = 2000


class TableColumns(QObject):
    """Watches the tables of a window, which all exist by then.

    Signals:
        changed: how the columns of every table that was changed stand, by the table's name; to be stored.
    """

    changed = Signal(object)

    def __init__(self, window: QWidget, kept: Mapping[str, Any]) -> None:
        """Put the columns back as they were kept; what is not understood stays as it is at first."""
        super().__init__(window)
        self._kept: dict[str, Any] = dict(kept)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLED_MS)
        self._settling.timeout.connect(self._tell)
        for view in window.findChildren(RowsView):
            stood = self._kept.get(view.objectName())
            if isinstance(stood, Mapping):
                view.restore_columns(stood)
            view.columns_changed.connect(lambda view=view: self._note(view))

    def as_now(self) -> dict[str, Any]:
        """Return how the columns stand, of tables the trader changed."""
        return self._kept

    def _note(self, view: RowsView[Any]) -> None:
        self._kept = {**self._kept, view.objectName(): view.columns()}
        self._settling.start()

    def _tell(self) -> None:
        self.changed.emit(self._kept)
