"""Sending an order, after a question where it needs one; the same wherever it is asked for: ticket, ladder, chart.

Whoever wants an order says so with a plain command. What is odd about an entry is asked about in every mode, and where
the money is real every entry is, until its account is one-click. What reduces a position, what is confirmed already and
what the engine refuses anyway goes through, so that a command may pass here twice.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.commands import OpenWithBracket, SetOneClick, SubmitOrder
from core.model.scope import Mode
from core.sanity import breaches_of
from core.snapshot import Snapshot
from panels import formatting as f
from panels.bracket_draft import Plan, exit_words, holding_words, plan_of_order, risk_words
from panels.questions import Question, Questions, kinds
from panels.questions import Wish as Asking
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
        self._questions = Questions(theme, owner)
        self._snapshot, self._now = Snapshot(), datetime.now(UTC)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._questions.set_theme(theme)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Judge by this snapshot from now on."""
        self._snapshot, self._now = snapshot, now_utc
        self._questions.refresh(snapshot, monotonic_s)

    def send(self, wish: Wish) -> None:
        """Have an order sent, or ask first.

        Past a hard limit nothing is asked: the engine refuses it, with the reason.
        """
        order = wish.entry if isinstance(wish, OpenWithBracket) else wish
        if order.confirmed:
            self.intent.emit(wish)
        else:
            self._questions.put(Asking(order.action_id, partial(self._question, wish, order), partial(self._go, wish)))

    def _question(self, wish: Wish, order: SubmitOrder, again: bool) -> Question | None:
        """Return what to ask before an order; a yes is to the position and the mode it was said of.

        What would do something else by now is asked about again, also where it needs no word of its own.
        """
        shown = shown_of(self._snapshot, order.key)
        plan = plan_of_order(wish, shown)
        is_asked = is_entry(plan.draft, order.side, shown)
        odd = breaches_of(order, self._snapshot, self._now) if is_asked else ()
        needs = is_asked and needs_a_word(plan.draft, order.side, shown, self._snapshot)
        if any(one.is_hard for one in odd) or not (odd or needs or again):
            return None
        facts = [one.text for one in odd]
        held = None if shown.position is None else shown.position.quantity
        at_once = draft_preview(plan.draft, shown, with_tick=False, side=plan.side)
        return replace(self._asked(order, plan, shown, facts), about=(held, shown.mode), odd=kinds([*facts, at_once]))

    def _asked(self, order: SubmitOrder, plan: Plan, shown: Shown, odd: list[str]) -> Question:
        mode, amount = shown.mode.value, f.quantity(order.quantity, shown.instrument)
        real = shown.mode in (Mode.LIVE, Mode.EVAL)
        return Question(
            f"{order.side.value} {amount} {order.key.symbol} · {order.key.account} · {mode}",
            "\n".join([*_facts(plan, self._snapshot, shown), *odd]),
            f"{order.side.value} {amount} · {mode}",
            typed=amount if odd and real else "",
            box=f"{ASK_NO_MORE} {order.key.account}" if real and not odd else "",
        )

    def _go(self, wish: Wish, confirmed: bool, ask_no_more: bool) -> None:
        order = wish.entry if isinstance(wish, OpenWithBracket) else wish
        sent = replace(order, confirmed=confirmed)
        self.intent.emit(replace(wish, entry=sent) if isinstance(wish, OpenWithBracket) else sent)
        if ask_no_more:
            self.intent.emit(SetOneClick(order.key.account_key, True))


def _facts(plan: Plan, snapshot: Snapshot, shown: Shown) -> list[str]:
    """Return what an order would do, in lines."""
    preview = f"{side_preview(plan.draft, plan.side, shown)}. {draft_preview(plan.draft, shown, side=plan.side)}"
    exits = [_said(exit_words(plan, shown.instrument)), _said(risk_words(plan, snapshot, shown))]
    return [preview, *(one for one in (*exits, holding_words(plan, shown)) if one)]


def _said(words: str) -> str:
    """Return words as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
