"""Settings: where everything is kept, and the copies made of it."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QWidget

from panels.settings.page import Page, SettingsState
from panels.theme import font
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel
from panels.wishes import BackUpNow, LookAtData

MEGABYTE = 2**20
TONES = {None: "ink2", True: "ink2", False: "danger"}


class DataPage(Page):
    """The folder and its backups."""

    title = "Data & backup"
    also = "folder database copy restore export"

    def build(self) -> None:
        """Put the rows in place."""
        self.folder = TextLabel("settingsFolder")
        self.open = button("settingsOpenFolder", "Open folder", "Open the data folder")
        self.open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(self.seen.facts.folder)))
        self.part(self.folder)
        self.row("Data folder", self.open, "Database, settings, layouts, logs and backups; other programs may read it.")
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        self.back_up = button("settingsBackUp", "Back up now", "Back up now")
        self.back_up.clicked.connect(lambda: self.intent.emit(BackUpNow()))
        line.addWidget(self.back_up)
        self.backup_row = self.row("Backup", whole, also="copy now")
        self.copies = QListWidget()
        self.copies.setObjectName("settingsCopies")
        self.copies.setAccessibleName("Backups")
        self.copies.setFont(font("body", number=True))
        self.copies.setFixedHeight(200)
        self.copies.setMinimumWidth(440)
        self.row(
            "Backups",
            self.copies,
            "A whole copy is made each day and after each session, examined, and kept for seven days, four weeks and "
            "three months. `stanchion restore FILE` puts one back while the terminal is closed.",
            is_wide=True,
        )

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show the folder and its copies."""
        facts = seen.facts
        if is_new:
            self.intent.emit(LookAtData())
        self.folder.say(facts.folder or "—")
        self.open.setEnabled(bool(facts.folder))
        texts = [f"{one.taken_at:%Y-%m-%d %H:%M} UTC · {max(1, one.size // MEGABYTE)} MB" for one in facts.copies]
        if texts != [self.copies.item(at).text() for at in range(self.copies.count())]:
            self.copies.clear()
            self.copies.addItems(texts)
        trial = facts.backup
        running = trial is not None and trial.ok is None
        self.back_up.setEnabled(not running)
        explain(self.back_up, "One is being made." if running else "")
        self.backup_row.say("" if trial is None else trial.text, "ink2" if trial is None else TONES[trial.ok])
