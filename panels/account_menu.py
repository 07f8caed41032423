"""What can be done to the account on show besides trading in it; opened from its cell in the status bar.

Lock trading for the session (Ctrl+Shift+L too): asked about in SIM, typed where the money is real, since nothing takes
it back before the session reset. Ask before each entry again: where one-click was switched on in the question of one.
Reset: an account of the built-in simulator, flat and quiet.
"""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from core.account_reset import reset_refusal
from core.commands import LockSession, ResetAccount, SetOneClick
from core.model.guard_day import in_chicago, next_reset
from core.model.scope import AccountKey, Mode
from core.snapshot import Snapshot
from panels import formatting as f
from panels.confirm_dialog import ConfirmDialog
from panels.shown import Shown, shown_in
from panels.theme import Theme

LOCK_WORD = "LOCK"
REAL = (Mode.LIVE, Mode.EVAL)


class AccountMenu(QMenu):
    """The menu, and the questions it asks.

    Signals:
        intent: LockSession, SetOneClick, ResetAccount.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, zone: tzinfo | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("accountMenu")
        self.setToolTipsVisible(True)
        self._theme, self._zone, self._parent = theme, zone, parent
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._now = datetime.now(UTC)
        self._confirm: ConfirmDialog | None = None
        self.detail = self._action("accountDetail", "")
        self.detail.setEnabled(False)
        self.addSeparator()
        self.lock = self._action("accountLock", "Lock trading for this session…\tCtrl+Shift+L")
        self.lock.triggered.connect(self.press_lock)
        self.ask = self._action("accountAskEntries", "Ask before each entry again")
        self.ask.triggered.connect(self._ask_entries)
        self.reset = self._action("accountReset", "Reset this simulated account…")
        self.reset.triggered.connect(self._ask_reset)

    def set_theme(self, theme: Theme) -> None:
        """Ask questions in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Follow the account on show."""
        self._snapshot, self._shown, self._now = snapshot, shown_in(snapshot), now_utc
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)
        if self.isVisible():
            self._redraw()

    def open_over(self, cell: QWidget) -> None:
        """Open above the cell that was pressed, or below where there is no room."""
        self._redraw()
        self.popup(cell.mapToGlobal(QPoint(0, -self.sizeHint().height())))

    def press_lock(self) -> None:
        """Ask whether the account on show is to be locked until its session reset; the button and Ctrl+Shift+L."""
        key = self._shown.account_key
        if key is None or self._confirm is not None:
            return
        reset = next_reset(self._now)
        at = in_chicago(reset)
        left = f.duration((reset - self._now).total_seconds())
        body = (
            f"Entries of {key.account} are refused until the session reset, {at} ({f.zoned(reset, self._zone)}, in "
            f"{left}). Entries of this program that work are cancelled and the account is disarmed.\n"
            "Nothing lifts or shortens it before, not even a restart. Closing, reducing, tightening a stop and "
            "cancelling work as ever."
        )
        title = f"Lock trading · {key.account} · {self._shown.mode_word}"
        typed = LOCK_WORD if self._shown.mode in REAL else ""
        self._ask(title, body, f"Lock until {at}", LockSession(key), typed)

    def _ask_entries(self) -> None:
        if self._shown.account_key is not None:
            self.intent.emit(SetOneClick(self._shown.account_key, False))

    def _ask_reset(self) -> None:
        """Ask whether the account on show is to begin anew."""
        key = self._shown.account_key
        if key is None or self._confirm is not None or reset_refusal(key, self._snapshot):
            return
        balance = self._snapshot.balances.get(key)
        has = () if balance is None else ("It has", f.money(balance.cash), balance.currency, "now.")
        body = (
            f"{key.account} begins anew with the money the simulator opened it with. {' '.join(has)}\n"
            "Trades, statistics, orders and the log stay; the curve marks the reset and does not count it as a result. "
            "The day's net begins at zero. A lock stays until its end."
        )
        title = f"Reset account · {key.account} · {self._shown.mode_word}"
        self._ask(title, body, f"Reset {key.account}", ResetAccount(key), "")

    def _ask(self, title: str, body: str, yes: str, command: object, typed: str) -> None:
        window = self._parent.window()  # a menu is a window of its own
        dialog = ConfirmDialog(self._theme, window, title, body, yes, "Cancel", yes_default=False, typed=typed)
        self._confirm = dialog
        dialog.agreed.connect(lambda: self.intent.emit(command))
        dialog.finished.connect(self._forget)
        dialog.open()

    def _redraw(self) -> None:
        key = self._shown.account_key
        self.detail.setText(_words(self._shown))
        locked = _locked(self._snapshot, key)
        self.lock.setEnabled(key is not None)
        one_click = key in self._snapshot.one_click and self._shown.mode in REAL
        self.ask.setVisible(one_click)
        refused = "" if key is None else reset_refusal(key, self._snapshot)
        self.reset.setVisible(key is not None and key.connection in self._snapshot.resettable)
        self.reset.setEnabled(not refused)
        self.reset.setToolTip(refused or "It begins anew with its first money; trades and statistics stay.")
        self.ask.setToolTip("One-click is on: entries inside the limits go at once." if one_click else "")
        self.lock.setToolTip(locked or "No entry passes until the session reset; nothing takes it back before.")

    def _action(self, object_name: str, text: str) -> QAction:
        made = self.addAction(text)
        made.setObjectName(object_name)
        return made

    def _forget(self) -> None:
        self._confirm = None


def _words(shown: Shown) -> str:
    key = shown.account_key
    return "No account yet" if key is None else f"{key.account} on {key.connection} · {shown.mode_word}"


def _locked(snapshot: Snapshot, key: AccountKey | None) -> str:
    guards = None if key is None else snapshot.guards.get(key)
    return "" if guards is None else guards.locked
