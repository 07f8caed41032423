"""Diagnostics: how the program does, and a bundle of its logs to be sent, seen before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QStandardPaths, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from panels.diagnostics_facts import Fact, as_text, columns
from panels.theme import Theme, font
from panels.widgets.controls import button, explain
from panels.widgets.flow import FlowRow
from panels.widgets.labels import TextLabel
from panels.widgets.rows import RowsModel
from panels.widgets.table import RowsView

SIZE = (760, 520)
CRASHED = "The last run was brought down by a fault. Its report can be copied, or goes with the log bundle."
BUNDLE = (
    "This is what will be saved. Passwords, logon names and account numbers are replaced; look through it before you "
    "send it to anybody."
)
GATHERING = "Gathering…"
# A text box of megabytes would hold the window up; the file holds all of it.
MOST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file of the bundle as it will be saved."""

    name: str
    text: str


class DiagnosticsDialog(QDialog):
    """The facts on its first page, the bundle on its second.

    Signals:
        gather_wanted: the bundle is wanted, to be looked at.
        save_wanted: the bundle that was looked at is to be saved under a path.
    """

    gather_wanted = Signal()
    save_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("diagnosticsDialog")
        self.setWindowTitle("Diagnostics")
        self.setAccessibleName("Diagnostics")
        self.resize(*SIZE)
        self._facts: tuple[Fact, ...] = ()
        self._now: datetime | None = None
        self._crash = ""
        self._files: tuple[BundleFile, ...] = ()
        model: RowsModel[Fact] = RowsModel(columns(), key=lambda row: (row.part, row.what))
        self.view = RowsView("diagnosticsView", "State of the program", model, theme)
        self._model = model
        self.crashed = TextLabel("diagnosticsCrashed", bold=True)
        self.crashed.say(CRASHED, "danger")
        self.copy = button("diagnosticsCopy", "Copy", "Copy the state of the program")
        self.copy_crash = button("diagnosticsCopyCrash", "Copy crash report", "Copy the report of the last crash")
        self.bundle = button("diagnosticsBundle", "Save log bundle…", "Gather the log bundle, to look at and save")
        self.list = QListWidget()
        self.list.setObjectName("bundleFiles")
        self.list.setAccessibleName("Files of the bundle")
        self.text = QPlainTextEdit()
        self.text.setObjectName("bundleText")
        self.text.setAccessibleName("Content of the chosen file")
        self.text.setReadOnly(True)
        self.text.setFont(font("label", number=True))
        self.note = TextLabel("bundleNote")
        self.back = button("bundleBack", "Back", "Back to the state of the program")
        self.save = button("bundleSave", "Save as…", "Save this bundle as a zip file", "default")
        self.pages = QStackedWidget()
        self._lay_out()
        self.show_crash("")

    def show_facts(self, facts: tuple[Fact, ...], now: datetime) -> None:
        """Show how everything stands."""
        self._facts, self._now = facts, now
        self._model.set_rows(facts)

    def show_crash(self, report: str) -> None:
        """Offer the report of the last run's crash; nothing for an empty one."""
        self._crash = report
        self.crashed.setVisible(bool(report))
        self.copy_crash.setVisible(bool(report))

    def show_bundle(self, files: Sequence[BundleFile]) -> None:
        """Show what was gathered."""
        self._files = tuple(files)
        self.list.clear()
        self.list.addItems([f"{one.name}  ({_size(one.text)})" for one in self._files])
        self.note.say(BUNDLE)
        self.save.setEnabled(bool(self._files))
        explain(self.save, "" if self._files else GATHERING)
        if self._files:
            self.list.setCurrentRow(0, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def show_failure(self, text: str) -> None:
        """Say why there is no bundle."""
        self.note.say(text, "danger")

    def put_up(self) -> None:
        """Show the state of the program."""
        self.pages.setCurrentIndex(0)
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus()

    def _gather(self) -> None:
        self.list.clear()
        self.text.clear()
        self._files = ()
        self.note.say(GATHERING, "ink2")
        self.save.setEnabled(False)
        explain(self.save, GATHERING)
        self.pages.setCurrentIndex(1)
        self.gather_wanted.emit()

    def _show_file(self, row: int) -> None:
        if 0 <= row < len(self._files):
            text = self._files[row].text
            shown = text if len(text) <= MOST_SHOWN else f"… {text[-MOST_SHOWN:]}"
            self.text.setPlainText(shown)

    def _copy(self) -> None:
        if self._now is not None:
            QGuiApplication.clipboard().setText(as_text(self._facts, self._now))

    def _copy_crash(self) -> None:
        QGuiApplication.clipboard().setText(self._crash)

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "Save the log bundle", folder)
        dialog.setObjectName("bundleFileDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Zip file (*.zip)")
        dialog.setDefaultSuffix("zip")
        stamp = "" if self._now is None else f"-{self._now:%Y-%m-%d}"
        dialog.selectFile(f"stanchion-logs{stamp}.zip")
        dialog.fileSelected.connect(lambda name: self.save_wanted.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        self.copy.clicked.connect(self._copy)
        self.copy_crash.clicked.connect(self._copy_crash)
        self.bundle.clicked.connect(self._gather)
        self.back.clicked.connect(lambda: self.pages.setCurrentIndex(0))
        self.save.clicked.connect(self._ask_where)
        self.list.currentRowChanged.connect(self._show_file)
        first, second = QWidget(), QWidget()
        state = QVBoxLayout(first)
        state.addWidget(self.crashed)
        state.addWidget(self.view, 1)
        state.addWidget(FlowRow(self.copy, self.copy_crash, self.bundle))
        bundle = QVBoxLayout(second)
        bundle.addWidget(self.note)
        files = QHBoxLayout()
        files.addWidget(self.list, 1)
        files.addWidget(self.text, 2)
        bundle.addLayout(files, 1)
        bundle.addWidget(FlowRow(self.back, self.save))
        for page in (first, second):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.pages)


def _size(text: str) -> str:
    size = len(text.encode())
    return f"{size} bytes" if size < 10_000 else f"{size / 1000:.0f} kB"
