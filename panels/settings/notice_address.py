"""Where notices go: an address that is typed once, kept in the system's keyring, and never shown again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.settings_facts import Trial
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel
from panels.wishes import StoreNoticeAddress, TryNotice

FORMS = "ntfy://topic · mailto://user:password@host · pover://user@token · tgram://token/chat and others of apprise"


class NoticeAddress(QWidget):
    """A hidden field, and three buttons.

    Signals:
        intent: StoreNoticeAddress, TryNotice.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("settingsNoticeAddressBox")
        self.setAccessibleName("Address for notices")
        self.address = QLineEdit()
        self.address.setObjectName("settingsNoticeAddress")
        self.address.setAccessibleName("Address for notices, hidden as it is typed")
        self.address.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.setPlaceholderText("typed once, then in the system's keyring")
        self.address.setMinimumWidth(300)
        self.store = button("settingsNoticeStore", "Store", "Store the address in the system's keyring")
        self.remove = button("settingsNoticeRemove", "Remove", "Remove the address from the system's keyring")
        self.test = button("settingsNoticeTest", "Send a test", "Send a test notice now")
        forms = TextLabel("settingsNoticeForms", "label")
        forms.say(FORMS, "ink2")
        self.address.textChanged.connect(self._follow)
        self.address.returnPressed.connect(self._store)
        self.store.clicked.connect(self._store)
        self.remove.clicked.connect(lambda: self.intent.emit(StoreNoticeAddress("")))
        self.test.clicked.connect(lambda: self.intent.emit(TryNotice()))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (self.address, self.store, self.remove, self.test):
            line.addWidget(widget)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(forms)
        self.words = TextLabel("settingsNoticeWords", "label")
        layout.addWidget(self.words)
        self._follow()

    def say(self, trial: Trial | None) -> None:
        """Say what became of the address, or of the last test."""
        self.words.setVisible(trial is not None)
        if trial is not None:
            self.words.say(trial.text, "ink2" if trial.ok else "danger")

    def _follow(self) -> None:
        typed = bool(self.address.text().strip())
        self.store.setEnabled(typed)
        explain(self.store, "" if typed else "Type an address first.")

    def _store(self) -> None:
        """Hand the address on, and keep nothing of it here."""
        typed = self.address.text().strip()
        self.address.clear()
        if typed:
            self.intent.emit(StoreNoticeAddress(typed))
