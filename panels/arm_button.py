"""Arming by hand: hold the button 600 ms, or Ctrl+Shift+A twice within two seconds; one press disarms.

There is nothing else that arms. Letting go early, a click, a repeated key or a press on a button that has just come up
under the pointer do not.
"""

from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPushButton

from core.model.scope import AccountKey, Mode
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import arm_refusal, shown_in
from panels.theme import font
from panels.widgets.controls import explain
from panels.widgets.labels import set_property

HOLD_MS = 600
TWICE_WITHIN_S = 2.0
HINT = "Hold for {0} ms, or press Ctrl+Shift+A twice, to let entries pass for half an hour."


class ArmButton(QPushButton):
    """The button in the mode band; there only for an account that needs arming.

    Signals:
        intent: ArmAccount, DisarmAccount.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__("Hold to arm")
        self.setObjectName("armButton")
        self.setFont(font("label", bold=True))
        self.setAutoDefault(False)
        self.setAutoRepeat(False)
        self.setProperty("kind", "arm")
        self._key: AccountKey | None = None
        self._armed = False
        self._refused = ""
        self._keyed_s: float | None = None
        self._now_s = 0.0
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(HOLD_MS)
        self._hold.timeout.connect(self._held)
        self.pressed.connect(self._press)
        self.released.connect(self._hold.stop)
        self.hide()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show whether entries pass in the account on show, and for how long."""
        shown = shown_in(snapshot)
        if shown.account_key != self._key:
            self._key, self._keyed_s = shown.account_key, None
            self._hold.stop()
        self._now_s = monotonic_s
        self.setVisible(self._key is not None and shown.mode in (Mode.LIVE, Mode.EVAL))
        until_s = None if self._key is None else snapshot.armed.get(self._key)
        self._armed = until_s is not None
        self._refused = "" if self._armed else arm_refusal(snapshot, shown)
        left = "" if until_s is None else f.duration(until_s - monotonic_s)
        self._say(f"ARMED {left}" if self._armed else "Keep holding…" if self._hold.isActive() else "Hold to arm")
        self.setEnabled(self._armed or not self._refused)
        set_property(self, "tone", "armed" if self._armed else "")
        account = "" if self._key is None else self._key.account
        self.setAccessibleName(f"Disarm {account}" if self._armed else f"Arm {account}")
        hint = f"Entries pass for {left}. One press disarms." if self._armed else HINT.format(HOLD_MS)
        explain(self, self._refused or hint)

    def press_keys(self) -> bool:
        """Take one Ctrl+Shift+A: it disarms, or, the second within two seconds, arms; return whether it did."""
        if self._key is None or not self.isVisible():
            return False
        if self._armed:
            self._disarm(self._key)
            return True
        again = self._keyed_s is not None and self._now_s - self._keyed_s <= TWICE_WITHIN_S
        self._keyed_s = None if again else self._now_s
        arms = again and not self._refused
        if arms:
            self._arm(self._key)
        return arms

    def _press(self) -> None:
        if self._armed and self._key is not None:
            self._disarm(self._key)
        elif not self._refused:
            self._hold.start()

    def _held(self) -> None:
        if self.isDown() and self._key is not None and not self._armed and not self._refused:
            self._arm(self._key)

    def _arm(self, key: AccountKey) -> None:
        from core.commands import ArmAccount

        self.intent.emit(ArmAccount(key))

    def _disarm(self, key: AccountKey) -> None:
        from core.commands import DisarmAccount

        self.intent.emit(DisarmAccount(key))

    def _say(self, text: str) -> None:
        if self.text() != text:
            self.setText(text)
