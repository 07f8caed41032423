"""The list of accounts and their modes (Ctrl+Shift+M): it opens, and shows what is chosen; no key goes on by itself.

Choosing changes what is shown. What an account is, is said in panel 1; nothing here turns a mode into another.
"""

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from core.commands import SelectAccount
from core.model.scope import AccountKey
from core.snapshot import Snapshot

EMPTY = "No account yet: waiting for the broker."


def account_words(key: AccountKey, snapshot: Snapshot) -> str:
    """Return an account with its mode; one nobody classified says what it is treated as."""
    account = snapshot.accounts.get(key)
    mode = "LIVE · not classified yet" if account is None or account.mode is None else account.mode.value
    armed = " · armed" if key in snapshot.armed else ""
    return f"{key.account} · {mode} · {key.connection}{armed}"


class AccountList(QMenu):
    """The list.

    Signals:
        intent: SelectAccount.
    """

    intent = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("accountList")
        self.setAccessibleName("Accounts and their modes")

    def open_over(self, snapshot: Snapshot, cell: QWidget) -> None:
        """Open above a cell, with nothing chosen but the account on show marked."""
        self.clear()
        for key in sorted(snapshot.accounts, key=lambda one: (one.connection, one.account)):
            action = self.addAction(account_words(key, snapshot))
            action.setCheckable(True)
            action.setChecked(key == snapshot.selected_account)
            action.triggered.connect(partial(self._choose, key))
        if self.isEmpty():
            self.addAction(EMPTY).setEnabled(False)
        self.popup(cell.mapToGlobal(QPoint(0, -self.sizeHint().height())))

    def _choose(self, key: AccountKey) -> None:
        self.intent.emit(SelectAccount(key))
