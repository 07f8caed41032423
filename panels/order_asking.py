"""Sending an order, after a question where it needs one; the same wherever it is asked for: ticket, ladder, chart.

Whoever wants an order says so with a plain command. What is odd about an entry is asked about in every mode, and where
the money is real every entry is, until its account is one-click. What reduces a position, what is confirmed already and
what the engine refuses anyway goes through, so that a command may pass here twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.commands import OpenWithBracket, SetOneClick, SubmitOrder
from core.model.scope import Mode
from core.sanity import breaches_of
from core.snapshot import Snapshot
from panels import formatting as f
from panels.bracket_draft import Plan, exit_words, holding_words, plan_of_order, risk_words
from panels.confirm_dialog import ConfirmDialog
from panels.shown import Shown, shown_of
from panels.theme import Theme
from panels.ticket_draft import draft_preview, is_entry, needs_a_word, side_preview

ASK_NO_MORE = "Do not ask again for orders inside the limits (one-click) on"

Wish = SubmitOrder | OpenWithBracket


class OrderAsking(QObject):
    """What stands between a wish for an order and the engine.

    Signals:
        intent: SubmitOrder, OpenWithBracket, SetOneClick.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        super().__init__(owner)
        self._theme, self._owner = theme, owner
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)
        self._confirm: ConfirmDialog | None = None

    @property
    def is_open(self) -> bool:
        """True while a question waits for its answer; what is sent meanwhile and needs one is not asked."""
        return self._confirm is not None

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Judge by this snapshot from now on."""
        self._snapshot, self._now = snapshot, now_utc
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def send(self, wish: Wish) -> None:
        """Have an order sent, or ask first.

        Past a hard limit nothing is asked: the engine refuses it, with the reason.
        """
        order = wish.entry if isinstance(wish, OpenWithBracket) else wish
        shown = shown_of(self._snapshot, order.key)
        plan = plan_of_order(wish, shown)
        is_asked = is_entry(plan.draft, order.side, shown) and not order.confirmed
        odd = breaches_of(order, self._snapshot, self._now) if is_asked else ()
        needs = is_asked and needs_a_word(plan.draft, order.side, shown, self._snapshot)
        if (odd or needs) and not any(one.is_hard for one in odd):
            self._ask(wish, order, plan, shown, [one.text for one in odd])
        else:
            self.intent.emit(wish)

    def _ask(self, wish: Wish, order: SubmitOrder, plan: Plan, shown: Shown, odd: Sequence[str]) -> None:
        """Ask; Enter does not answer it."""
        if self._confirm is not None:
            return
        mode, amount = shown.mode.value, f.quantity(order.quantity, shown.instrument)
        real = shown.mode in (Mode.LIVE, Mode.EVAL)
        self._confirm = ConfirmDialog(
            self._theme,
            self._owner.window(),
            f"{order.side.value} {amount} {order.key.symbol} · {order.key.account} · {mode}",
            "\n".join([*_facts(plan, self._snapshot, shown), *odd]),
            f"{order.side.value} {amount} · {mode}",
            "Cancel",
            yes_default=False,
            typed=amount if odd and real else "",
            box=f"{ASK_NO_MORE} {order.key.account}" if real and not odd else "",
        )
        asked, held = self._confirm, _held(shown)
        asked.agreed.connect(lambda: self._agreed(wish, asked.is_ticked, odd, held))
        asked.finished.connect(self._forget)
        asked.open()

    def _agreed(self, wish: Wish, ask_no_more: bool, odd: Sequence[str], held: Decimal) -> None:
        """Send what was agreed to; asked again where the position is another by now, or something new is odd."""
        order = wish.entry if isinstance(wish, OpenWithBracket) else wish
        known = {_kind(one) for one in odd}
        fresh = [one for one in breaches_of(order, self._snapshot, self._now) if _kind(one.text) not in known]
        if fresh or _held(shown_of(self._snapshot, order.key)) != held:
            self.send(wish)
            return
        if isinstance(wish, OpenWithBracket):
            self.intent.emit(replace(wish, entry=replace(order, confirmed=True)))
        else:
            self.intent.emit(replace(order, confirmed=True))
        if ask_no_more:
            self.intent.emit(SetOneClick(order.key.account_key, True))

    def _forget(self) -> None:
        self._confirm = None


def _held(shown: Shown) -> Decimal:
    return Decimal(0) if shown.position is None else shown.position.quantity


def _kind(sentence: str) -> str:
    """Return what a sentence says without its figures, which move with the market."""
    return "".join(one for one in sentence if one.isalpha() or one == " ")


def _facts(plan: Plan, snapshot: Snapshot, shown: Shown) -> list[str]:
    """Return what an order would do, in lines."""
    preview = f"{side_preview(plan.draft, plan.side, shown)}. {draft_preview(plan.draft, shown, side=plan.side)}"
    exits = [_said(exit_words(plan, shown.instrument)), _said(risk_words(plan, snapshot, shown))]
    return [preview, *(one for one in (*exits, holding_words(plan, shown)) if one)]


def _said(words: str) -> str:
    """Return words as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
