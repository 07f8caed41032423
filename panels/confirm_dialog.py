"""The one question box: title = verb and scope, body = facts, the safer button is the default."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.snapshot import Snapshot
from panels.mode_band import ModeBand
from panels.theme import Theme
from panels.widgets.controls import Tick, button, field
from panels.widgets.labels import TextLabel

# Keys still held down from before must not answer a question that has just appeared.
DEAF_S = 0.3
# What was asked a minute ago was asked about another market.
EXPIRES_S = 60.0
DIALOG_BAND = 20


class ConfirmDialog(QDialog):
    """A yes and a no, deaf for its first 300 ms and gone, as if by no, after a minute.

    Where `typed` is given, yes also waits for it to be typed.

    Attributes:
        box: something to be ticked beside the answer, where `box` is given; it counts only with a yes.

    Signals:
        agreed: yes was pressed.
    """

    agreed = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        title: str,
        body: str,
        yes: str,
        no: str,
        yes_default: bool,
        typed: str = "",
        box: str = "",
    ):
        super().__init__(parent)
        self.setObjectName("confirmDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(body)
        self._opened_s: float | None = None
        self._is_withdrawn = False
        self.band = ModeBand(theme, DIALOG_BAND, "confirmBand")
        heading = TextLabel("confirmTitle", "value", bold=True)
        heading.say(title)
        self.text = TextLabel("confirmText")
        self.text.say(body)
        self.yes = button("confirmYes", yes, yes, "default" if yes_default else "")
        self.no = button("confirmNo", no, no, "" if yes_default else "default")
        (self.yes if yes_default else self.no).setDefault(True)
        self.yes.clicked.connect(self._agree)
        self.no.clicked.connect(self.reject)
        for made in (self.yes, self.no):
            made.setEnabled(False)
        self._typed = typed
        self.field = field("confirmField", f"Type {typed} to confirm", 100) if typed else None
        self.box = Tick("confirmBox", box, "Counts only with a yes.") if box else None
        buttons = QHBoxLayout()
        if self.field is not None:
            hint = TextLabel("confirmHint", wrap=False)
            hint.say(f"Type {typed} to confirm:", "ink2")
            buttons.addWidget(hint)
            buttons.addWidget(self.field)
        buttons.addStretch(1)
        buttons.addWidget(self.yes)
        buttons.addWidget(self.no)
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 12, 16, 16)
        inner.setSpacing(12)
        inner.addWidget(heading)
        inner.addWidget(self.text)
        if self.box is not None:
            inner.addWidget(self.box)
        inner.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.band)
        layout.addLayout(inner)
        self.setMinimumWidth(440)

    def refresh(self, snapshot: Snapshot, monotonic_s: float) -> None:
        """Show the mode; listen once 300 ms have passed since the first call, and no longer than a minute."""
        self.band.refresh(snapshot)
        if self._opened_s is None:
            self._opened_s = monotonic_s
        if monotonic_s - self._opened_s > EXPIRES_S:
            self.reject()
            return
        awake = monotonic_s - self._opened_s >= DEAF_S
        said = self.field is None or self.field.text().strip() == self._typed
        self.yes.setEnabled(awake and said and not self._is_withdrawn)
        self.no.setEnabled(awake)

    def withdraw(self, reason: str) -> None:
        """Say why there is nothing to answer any more, and take no yes; nothing moves under the hand."""
        if self._is_withdrawn:
            return
        self._is_withdrawn = True
        self.text.say(reason)
        self.setAccessibleDescription(reason)
        self.yes.setEnabled(False)
        self.no.setFixedWidth(self.no.width())
        self.no.setText("Close")
        self.no.setAccessibleName("Close")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear over a question, too, what is heard in every window of the program: the ways out."""
        pressed, top = QKeySequence(event.keyCombination()), self.parentWidget()
        while top is not None and (above := top.parentWidget()) is not None:
            top = above
        for one in [] if top is None else top.findChildren(QShortcut):
            is_meant = one.context() is Qt.ShortcutContext.ApplicationShortcut and one.isEnabled()
            if is_meant and one.key() == pressed:
                if not event.isAutoRepeat():
                    one.activated.emit()
                return
        super().keyPressEvent(event)

    @property
    def is_ticked(self) -> bool:
        """True when there is a box and it was ticked."""
        return self.box is not None and self.box.isChecked()

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit()
