"""Whatever is asked about: nothing wanted is lost in silence, and a yes counts for what was on screen only."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.commands import CancelOrder, ChangeOrder, MoveExit, SubmitOrder
from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.order_change import Terms
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.cancel_asking import CancelAsking
from panels.change_asking import ChangeAsking
from panels.confirm_dialog import EXPIRES_S, ConfirmDialog
from panels.order_asking import OrderAsking
from panels.questions import kinds
from panels.shown import shown_in
from panels.stop_moves import StopMoves
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, by_id, flat, in_mode, long_two, order, position, quote

D = Decimal
HALVES = (order(1, quantity=D(1)), order(2, quantity=D(1)))
PAIR = (order(1), order(2))
ENTRY = order(3, side=Side.BUY, intent=Intent.ADD, type=OrderType.LIMIT, price=D("4990"), trigger_price=None)
BUY = SubmitOrder("A1", ES_KEY, Side.BUY, OrderType.LIMIT, D(2), D("5049.50"))
ARMED = MappingProxyType({ACCOUNT: 9999.0})


class Asker(QWidget):
    """A window that does nothing but ask."""

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds) -> None:
        super().__init__()
        self.cancels, self.changes = CancelAsking(theme, self), ChangeAsking(theme, ids, self)
        self.orders, self.moves = OrderAsking(theme, self), StopMoves(theme, ids)
        self.moves.setParent(self)
        for one in (self.cancels, self.changes, self.orders, self.moves):
            one.intent.connect(self.intent)

    def refresh(self, snapshot: Snapshot, now: Any, monotonic_s: float) -> None:
        """Pass it on."""
        self.cancels.refresh(snapshot, monotonic_s)
        self.changes.refresh(snapshot, now, monotonic_s)
        self.orders.refresh(snapshot, now, monotonic_s)
        self.moves.refresh(snapshot, shown_in(snapshot), now, monotonic_s)


class Asked:
    """The asker on a bench, and the question that is open."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.widget = bench, bench.widget

    def show(self, now: Snapshot, after_s: float = 0.4) -> "Asked":
        """Let time pass, until an open question listens."""
        self.bench.show(now).show(now, after_s)
        return self

    def cancel(self, *orders: Order) -> None:
        """Press Cancel of each, in one breath."""
        for one in orders:
            self.widget.cancels.send(CancelOrder(one.client_order_id))

    @property
    def dialogs(self) -> list[ConfirmDialog]:
        """What is open."""
        return [one for one in self.widget.findChildren(ConfirmDialog) if one.isVisible()]

    @property
    def body(self) -> str:
        """What the one open question says."""
        (dialog,) = self.dialogs
        return dialog.accessibleDescription()

    def yes(self) -> None:
        """Press yes."""
        (dialog,) = self.dialogs
        dialog.yes.click()

    def no(self) -> None:
        """Press no."""
        (dialog,) = self.dialogs
        dialog.no.click()

    @property
    def sent(self) -> list[Any]:
        """What went."""
        return self.bench.intents

    @property
    def cancelled(self) -> list[str]:
        """Whose cancel went."""
        return [one.client_order_id for one in self.sent if isinstance(one, CancelOrder)]


@pytest.fixture
def asked(theme: Theme, ids: ActionIds, bench: Callable[[QWidget], Bench]) -> Asked:
    return Asked(bench(Asker(theme, ids)))


def world(*orders: Order, mode: Mode = Mode.LIVE, **changes: Any) -> Snapshot:
    return in_mode(mode, replace(long_two(orders=by_id(*orders)), armed=ARMED, **changes))


def names(*orders: Order) -> list[str]:
    return [one.client_order_id for one in orders]


# -- one after another ------------------------------------------------------------------------------------------------


def test_two_cancels_that_each_bare_something_are_asked_about_one_after_the_other(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(*HALVES)
    asked.show(world(*HALVES))
    assert asked.body.startswith("It leaves 1 unprotected")
    asked.yes()
    asked.show(world(*HALVES))
    assert asked.cancelled == names(HALVES[0]) and asked.body.startswith("It leaves 2 unprotected")
    asked.yes()
    assert asked.cancelled == names(*HALVES) and asked.dialogs == []


def test_a_no_to_the_first_leaves_the_second_to_be_asked_about(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(*HALVES)
    asked.show(world(*HALVES)).no()
    asked.show(world(*HALVES)).yes()
    assert asked.cancelled == names(HALVES[1])


def test_the_same_cancel_pressed_again_while_it_is_asked_about_is_one_question(asked: Asked) -> None:
    asked.show(world(order(1)))
    asked.cancel(order(1), order(1))
    asked.show(world(order(1))).no()
    assert asked.dialogs == [] and asked.sent == []


def test_what_needs_no_question_goes_at_once_also_while_one_is_open(asked: Asked) -> None:
    asked.show(world(order(1), ENTRY))
    asked.cancel(order(1), ENTRY)
    assert asked.cancelled == names(ENTRY) and len(asked.dialogs) == 1


def test_of_two_stops_cancelled_in_one_breath_the_second_is_the_last_and_asked_about(asked: Asked) -> None:
    asked.show(world(*PAIR))
    asked.cancel(*PAIR)
    assert asked.cancelled == names(PAIR[0])
    assert asked.show(world(*PAIR)).body.startswith("It leaves 2 unprotected")


def test_a_stop_whose_cancel_came_to_nothing_protects_again(asked: Asked) -> None:
    asked.show(world(*PAIR))
    asked.cancel(PAIR[0])
    asked.show(world(*PAIR), after_s=10)
    asked.cancel(PAIR[1])
    assert asked.cancelled == names(*PAIR) and asked.dialogs == []


def test_two_changes_are_asked_about_one_after_the_other(asked: Asked) -> None:
    now = world(*PAIR)
    asked.show(now)
    for one in PAIR:
        asked.widget.changes.send(one, Terms(trigger_price=D("5000")))
    asked.show(now).yes()
    asked.show(now).yes()
    assert [one.client_order_id for one in asked.sent] == names(*PAIR)
    assert all(isinstance(one, ChangeOrder) and one.confirmed for one in asked.sent)


def test_two_steps_of_the_stop_beyond_the_plan_are_two_questions(asked: Asked) -> None:
    planned = MappingProxyType({ES_KEY: position(initial_risk=D(500))})
    now = world(order(1), positions=planned)
    asked.show(now)
    asked.widget.moves.press_stop(-1)
    asked.widget.moves.press_stop(-1)
    asked.show(now).yes()
    asked.show(now).yes()
    assert [(one.ticks, one.confirmed) for one in asked.sent if isinstance(one, MoveExit)] == [(-1, True)] * 2


def test_a_question_that_is_left_open_makes_room_for_the_next(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(*HALVES)
    asked.show(world(*HALVES), after_s=EXPIRES_S + 1).show(world(*HALVES))
    assert len(asked.dialogs) == 1
    asked.yes()
    assert asked.cancelled == names(HALVES[1])


# -- what it is about goes on -----------------------------------------------------------------------------------------


def filled(one: Order) -> Order:
    return replace(one, state=OrderState.FILLED)


def test_an_open_question_about_an_order_that_has_filled_says_so_and_takes_no_yes(asked: Asked) -> None:
    asked.show(world(order(1)))
    asked.cancel(order(1))
    asked.show(world(filled(order(1))))
    assert asked.body == "This order is filled by now: nothing is left to cancel."
    (dialog,) = asked.dialogs
    assert not dialog.yes.isEnabled() and dialog.no.text() == "Close" and dialog.text.text() == asked.body
    asked.no()
    assert asked.sent == []


def test_the_next_in_turn_that_has_ended_is_told_and_not_asked(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(*HALVES)
    gone = world(HALVES[0], filled(HALVES[1]))
    asked.show(gone).no()
    asked.show(gone)
    assert "nothing is left to cancel" in asked.body
    (dialog,) = asked.dialogs
    assert not dialog.yes.isEnabled()


def test_the_next_in_turn_that_bares_nothing_any_more_goes_without_a_question(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(*HALVES)
    covered = world(*HALVES, order(4))
    asked.show(covered).no()
    assert asked.cancelled == names(HALVES[1]) and asked.dialogs == []


def test_a_yes_to_baring_less_than_it_would_by_now_is_asked_again(asked: Asked) -> None:
    asked.show(world(*HALVES))
    asked.cancel(HALVES[0])
    asked.show(world(*HALVES))
    assert asked.body.startswith("It leaves 1 unprotected")
    asked.show(world(HALVES[0], filled(HALVES[1]))).yes()
    assert asked.sent == [] and asked.body.startswith("It leaves 2 unprotected")


def wider(asked: Asked, now: Snapshot) -> None:
    asked.show(now)
    asked.widget.changes.send(now.orders[order(1).client_order_id], Terms(trigger_price=D("5000")))
    asked.show(now)


def test_a_yes_to_a_change_of_a_stop_that_has_moved_since_is_asked_again(asked: Asked) -> None:
    wider(asked, world(order(1)))
    assert asked.body.startswith("Stop price 5045.25 → 5000.00")
    asked.show(world(order(1, trigger_price=D("5047.00")))).yes()
    assert asked.sent == [] and asked.body.startswith("Stop price 5047.00 → 5000.00")


def test_a_change_of_an_order_that_is_being_cancelled_is_withdrawn(asked: Asked) -> None:
    wider(asked, world(order(1)))
    asked.show(world(order(1, state=OrderState.PENDING_CANCEL)))
    assert asked.body == "This order is being cancelled. Nothing was changed."
    asked.yes()
    assert asked.sent == []


def test_a_yes_to_a_change_against_which_something_new_speaks_is_asked_again(asked: Asked) -> None:
    now = world(order(1), ENTRY)
    asked.show(now)
    asked.widget.changes.send(ENTRY, Terms(price=D("4995")))
    asked.show(now)
    assert "away from the last trade" not in asked.body
    far = replace(now, quotes=MappingProxyType({("sim", "ESZ5"): quote("5150.00")}))
    asked.show(far).yes()
    assert asked.sent == [] and "away from the last trade" in asked.body
    asked.show(far).yes()
    assert [one.confirmed for one in asked.sent] == [True]


def test_a_yes_to_a_step_of_a_stop_that_has_moved_since_is_asked_again(asked: Asked) -> None:
    planned = MappingProxyType({ES_KEY: position(initial_risk=D(500))})
    asked.show(world(order(1), positions=planned))
    asked.widget.moves.press_stop(-1)
    moved = world(order(1, trigger_price=D("5044.00")), positions=planned)
    asked.show(moved).yes()
    assert asked.sent == [] and asked.body.startswith("Stop price 5044.00")


def test_a_step_of_a_stop_that_is_gone_is_withdrawn(asked: Asked) -> None:
    planned = MappingProxyType({ES_KEY: position(initial_risk=D(500))})
    asked.show(world(order(1), positions=planned))
    asked.widget.moves.press_stop(-1)
    asked.show(world(filled(order(1)), positions=planned))
    assert asked.body == "No stop works any more. Nothing was moved."


def test_a_yes_to_an_entry_that_would_close_by_now_is_asked_again(asked: Asked) -> None:
    now = in_mode(Mode.LIVE, flat(armed=ARMED))
    asked.show(now)
    asked.widget.orders.send(BUY)
    asked.show(now)
    assert "→ LONG 2" in asked.body
    short = in_mode(Mode.LIVE, flat(armed=ARMED, positions=MappingProxyType({ES_KEY: position(quantity="-2")})))
    asked.show(short).yes()
    assert asked.sent == [] and "→ LONG 2" not in asked.body and "→ FLAT" in asked.body.upper()
    asked.show(short).yes()
    assert [one.action_id for one in asked.sent] == ["A1"]


def test_a_yes_to_a_limit_that_rested_and_would_fill_at_once_is_asked_again(asked: Asked) -> None:
    now = in_mode(Mode.LIVE, flat(armed=ARMED))
    asked.show(now)
    asked.widget.orders.send(BUY)
    below = in_mode(Mode.LIVE, flat(armed=ARMED, quotes=MappingProxyType({("sim", "ESZ5"): quote("5048.00")})))
    asked.show(now).show(below).yes()
    assert asked.sent == [] and "fills at once" in asked.body


def test_a_yes_given_while_the_account_was_sim_is_no_yes_once_it_is_live(asked: Asked) -> None:
    large = replace(BUY, quantity=D(11))
    now = flat(armed=ARMED)
    asked.show(now)
    asked.widget.orders.send(large)
    asked.show(now).show(in_mode(Mode.LIVE, now)).yes()
    assert asked.sent == []
    (dialog,) = asked.dialogs
    assert dialog.windowTitle().endswith("LIVE") and dialog.field is not None


def test_sentences_that_differ_in_their_figures_say_the_same() -> None:
    assert kinds(["3.0 % away from 5051.50"]) == kinds(["3.1 % away from 5053.25"]) != kinds(["a large order"])


def test_a_question_holds_what_it_says_while_the_pointer_is_over_it(asked: Asked) -> None:
    asked.show(world(order(1)))
    asked.cancel(order(1))
    asked.show(world(order(1)))
    (dialog,) = asked.dialogs
    QTest.qWait(0)
    before = dialog.yes.geometry(), dialog.no.geometry(), dialog.size()
    asked.show(world(filled(order(1))))
    QTest.qWait(0)
    assert (dialog.yes.geometry(), dialog.no.geometry(), dialog.size()) == before
