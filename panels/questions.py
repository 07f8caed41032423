"""Questions over a window, one after another, each judged anew whenever that matters.

A question may stand for a minute, or wait behind another, and what it is about goes on meanwhile: a stop fills, a price
is passed, the position turns. So whoever asks says once more what there is to ask when its turn comes, and again when
yes is pressed: a yes counts for what was on screen and for nothing else. Nothing that was wanted is lost in silence.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from core.snapshot import Snapshot
from panels.confirm_dialog import ConfirmDialog
from panels.theme import Theme


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        typed, box: as `ConfirmDialog` has them.
        about: what a yes to it rests on; where that is another by then, the yes was to something else.
        odd: what speaks against it, by its kinds; some of it may have gone by then, and nothing have come.
    """

    title: str
    body: str
    yes: str
    no: str = "Cancel"
    typed: str = ""
    box: str = ""
    about: object = None
    odd: frozenset[str] = frozenset()

    def is_answered_by(self, asked: "Question") -> bool:
        """Say whether a yes to another question is a yes to this one."""
        return self.about == asked.about and self.odd <= asked.odd


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants and may have to be asked about first; all of it is asked of the present.

    Attributes:
        name: the same wish again, while it waits for its answer, asks nothing more.
        ask: returns the question, or None where nothing needs one; it is told whether there was one before.
        go: does it; whether yes was said to a question, and whether the box in it was ticked.
        gone: says why there is nothing to ask about any more, in a sentence; "" while there is.
    """

    name: Hashable
    ask: Callable[[bool], Question | None]
    go: Callable[[bool, bool], None]
    gone: Callable[[], str] = str


def kinds(sentences: Iterable[str]) -> frozenset[str]:
    """Return what sentences say without their figures, which move with the market. Pure."""
    return frozenset("".join(mark for mark in one if mark.isalpha() or mark == " ") for one in sentences)


class Questions(QObject):
    """The questions of one asker."""

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        super().__init__(owner)
        self._theme, self._owner = theme, owner
        self._waiting: list[tuple[Wish, Question]] = []  # the first is being asked
        self._dialog: ConfirmDialog | None = None
        self._asked: Question | None = None

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, monotonic_s: float) -> None:
        """Let the open question go on; what it asks about is said to be gone once it is."""
        if self._dialog is None:
            return
        if gone := self._waiting[0][0].gone():
            self._dialog.withdraw(gone)
        self._dialog.refresh(snapshot, monotonic_s)

    def put(self, wish: Wish) -> None:
        """Have a wish done, or ask first; behind another question it is asked about next."""
        if any(one.name == wish.name for one, _ in self._waiting):
            return
        question = None if wish.gone() else wish.ask(False)
        if question is None:
            wish.go(False, False)
            return
        self._waiting.append((wish, question))
        self._next()

    def _next(self) -> None:
        while self._waiting and self._dialog is None:
            wish, before = self._waiting[0]
            if gone := wish.gone():
                self._open(before).withdraw(gone)
            elif (question := wish.ask(False)) is not None:
                self._open(question)
            else:
                self._waiting.pop(0)
                wish.go(False, False)

    def _open(self, asked: Question) -> ConfirmDialog:
        """Ask; Enter does not answer it."""
        made = self._dialog = ConfirmDialog(
            self._theme,
            self._owner.window(),
            asked.title,
            asked.body,
            asked.yes,
            asked.no,
            yes_default=False,
            typed=asked.typed,
            box=asked.box,
        )
        self._asked = asked
        made.finished.connect(lambda result: self._answered(made, result == QDialog.DialogCode.Accepted))
        made.open()
        return made

    def _answered(self, dialog: ConfirmDialog, is_yes: bool) -> None:
        wish, asked, ticked = self._waiting[0][0], self._asked, dialog.is_ticked
        self._dialog = None
        if is_yes:
            assert asked is not None
            if gone := wish.gone():
                self._open(asked).withdraw(gone)
                return
            now = wish.ask(True)
            if now is not None and not now.is_answered_by(asked):
                self._open(now)
                return
        self._waiting.pop(0)
        if is_yes:
            wish.go(True, ticked)
        self._next()
