"""Toasts: happenings told once, bottom right, newest on top, gone by themselves unless they are errors.

What the same order did again within its toast's life replaces the sentence instead of adding one; where an announcement
names no cause, sentences that differ only in their figures, of one scope and level, are taken for that. A red one stays
until it is closed or what it told of has passed (`toast_causes`). Nothing moves: a toast is there, and gone.
"""

import re
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.announcement import Announcement, Level
from core.snapshot import Snapshot
from panels.toast_causes import has_passed
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel, name_value, set_property
from panels.zoomed import px

MAX_TOASTS = 4
WIDTH = 360
# Seconds on screen; None stays until dismissed.
LIFE_S: dict[Level, float | None] = {
    Level.INFO: 4.0,
    Level.SUCCESS: 4.0,
    Level.CAUTION: 10.0,
    Level.ERROR: None,
    Level.ALARM: None,
}
TONES = {Level.SUCCESS: "ok", Level.CAUTION: "caution", Level.ERROR: "danger", Level.ALARM: "danger"}
MERGED = frozenset({Level.INFO, Level.SUCCESS})
# So long at least a red one is there to be read.
READ_S = 4.0
_FIGURES = re.compile(r"[\d.,\u2009−+-]+")


@dataclass(frozen=True, slots=True)
class Toast:
    """One on screen.

    Attributes:
        until_s: when it goes, monotonic seconds; None stays.
        since_s: when it came.
        count: how many announcements it stands for.
    """

    notice: Announcement
    until_s: float | None
    count: int = 1
    since_s: float = 0.0

    @property
    def text(self) -> str:
        """The sentence, and how often it came."""
        return self.notice.text if self.count == 1 else f"{self.notice.text}  ×{self.count}"


def kind_of(notice: Announcement) -> tuple[object, ...]:
    """Return what makes two announcements the same happening going on."""
    if notice.about is not None and notice.cause:
        return (notice.level, notice.key, notice.about, notice.cause)
    return (notice.level, notice.key, _FIGURES.sub("#", notice.text))


def add_toast(toasts: tuple[Toast, ...], notice: Announcement, monotonic_s: float) -> tuple[Toast, ...]:
    """Return the stack, newest first, with one more announcement; passing ones give way before standing ones."""
    life = LIFE_S[notice.level]
    new = Toast(notice, None if life is None else monotonic_s + life, since_s=monotonic_s)
    if notice.level in MERGED:
        for old in toasts:
            if kind_of(old.notice) == kind_of(notice):
                return (replace(new, count=old.count + 1), *(one for one in toasts if one is not old))
    stack = [new, *toasts]
    while len(stack) > MAX_TOASTS:
        passing = [one for one in stack[1:] if one.until_s is not None]
        stack.remove(passing[-1] if passing else stack[-1])
    return tuple(stack)


def expire(toasts: tuple[Toast, ...], monotonic_s: float) -> tuple[Toast, ...]:
    """Return what is still to be seen."""
    return tuple(one for one in toasts if one.until_s is None or one.until_s > monotonic_s)


def without_passed(toasts: tuple[Toast, ...], snapshot: Snapshot, monotonic_s: float) -> tuple[Toast, ...]:
    """Return the stack without the red ones whose cause has passed, once they could be read."""
    return tuple(
        one
        for one in toasts
        if one.until_s is not None or monotonic_s - one.since_s < READ_S or not has_passed(one.notice, snapshot)
    )


class _ToastFrame(QFrame):
    """One toast on screen."""

    def __init__(self, number: int):
        super().__init__()
        self.setObjectName(f"toast_{number}")
        self.setProperty("kind", "notice")
        self.setFixedWidth(WIDTH)
        self.text = TextLabel(f"toastText_{number}")
        self.close_button = button(f"toastClose_{number}", "✕", "Dismiss", "preset")
        self.close_button.setFixedSize(24, 24)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)


class ToastArea(QWidget):
    """The stack; lies over its parent's bottom right corner and never takes the focus."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("toastArea")
        self.setAccessibleName("Notifications")
        self._toasts: tuple[Toast, ...] = ()
        self._corner = QPoint()
        self._frames = [_ToastFrame(number) for number in range(MAX_TOASTS)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for number, frame in enumerate(self._frames):
            frame.close_button.clicked.connect(lambda _checked=False, at=number: self._dismiss(at))
            layout.addWidget(frame)
        self.hide()

    def announce(self, notice: Announcement, monotonic_s: float) -> None:
        """Tell one happening."""
        self._show(add_toast(expire(self._toasts, monotonic_s), notice, monotonic_s))

    def refresh(self, monotonic_s: float, snapshot: Snapshot | None = None) -> None:
        """Let go of what has been seen long enough, and of what is over."""
        left = expire(self._toasts, monotonic_s)
        self._show(left if snapshot is None else without_passed(left, snapshot, monotonic_s))

    def place(self, corner: QPoint) -> None:
        """Lie with the bottom right corner here, in the parent's coordinates."""
        self._corner = corner
        self._fit()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is on screen, newest first."""
        return tuple(one.text for one in self._toasts)

    def _show(self, toasts: tuple[Toast, ...]) -> None:
        if toasts == self._toasts:
            return
        self._toasts = toasts
        for at, frame in enumerate(self._frames):
            frame.setVisible(at < len(toasts))
            if at < len(toasts):
                set_property(frame, "tone", TONES.get(toasts[at].notice.level, ""))
                frame.text.say(toasts[at].text)
                name_value(frame, toasts[at].notice.level.value.title(), toasts[at].text)
        self.setVisible(bool(toasts))
        self._fit()
        self.raise_()

    def _fit(self) -> None:
        width, height = px(WIDTH), 0
        for frame in self._frames[: len(self._toasts)]:
            layout = frame.layout()
            assert layout is not None
            height += max(px(40), layout.heightForWidth(width)) + px(8)
        self.setGeometry(QRect(QPoint(self._corner.x() - width, self._corner.y() - height), self._corner))

    def _dismiss(self, number: int) -> None:
        self._show(self._toasts[:number] + self._toasts[number + 1 :])
