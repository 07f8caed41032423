"""Where to? The dialog that asks for the name of an export, and what is asked of the program then."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.sheet import Paper, Sheet


class Form(Enum):
    """The form of an export, with the words of the dialog."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


NAMES = {
    Form.CSV: "Comma-separated values (*.csv)",
    Form.XLSX: "Excel workbook (*.xlsx)",
    Form.PDF: "PDF report (*.pdf)",
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """Have a table written to a file, beside the window's thread.

    Attributes:
        title: what is exported, for the sentence that says where it went.
        content: a Paper for a PDF, a Sheet for the others.
    """

    title: str
    path: Path
    form: Form
    content: Sheet | Paper


class ExportAsking(QObject):
    """Asks for a file name.

    Signals:
        chosen: path and Form.
    """

    chosen = Signal(object, object)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._folder = ""
        self.dialog: QFileDialog | None = None

    def ask(self, title: str, stem: str) -> None:
        """Open the dialog; nothing waits for it."""
        folder = self._folder or QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.dialog = dialog = QFileDialog(self._owner, f"Export {title}", folder)
        dialog.setObjectName("exportDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(NAMES.values()))
        dialog.setDefaultSuffix(Form.CSV.value)
        dialog.selectFile(f"{stem}.csv")
        dialog.filterSelected.connect(lambda name: self._take_form(dialog, stem, name))
        dialog.fileSelected.connect(self._choose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_form(self, dialog: QFileDialog, stem: str, name: str) -> None:
        form = next(form for form, words in NAMES.items() if words == name)
        dialog.setDefaultSuffix(form.value)
        named = Path((dialog.selectedFiles() or [stem])[0]).with_suffix(f".{form.value}")
        dialog.selectFile(named.name)

    def _choose(self, chosen: str) -> None:
        path = Path(chosen)
        self._folder = str(path.parent)
        self.chosen.emit(path, form_of(path))


def form_of(path: Path) -> Form:
    """Return the form a name asks for; one that names none is CSV."""
    return next((form for form in Form if path.suffix.casefold() == f".{form.value}"), Form.CSV)
