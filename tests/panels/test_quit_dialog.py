"""Leaving with something open: nothing happens in silence, and the program ends only when what was chosen is done."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.commands import CancelOrder, FlattenAccount
from core.model.fill import Side
from core.model.order import Intent, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.quit_dialog import CANCEL_TAKES_S, FLAT_TAKES_S, QuitDialog
from panels.theme import Theme
from tests.panels.conftest import HandClock
from tests.panels.worlds import ACCOUNT, ES_KEY, by_id, flat, in_mode, long_two, order, position

D = Decimal
ENTRY = order(
    5, side=Side.BUY, intent=Intent.OPEN, type=OrderType.LIMIT, price=D("4900"), trigger_price=None, quantity=D(2)
)
BOTH = long_two(orders=by_id(order(1), ENTRY))


class Asked:
    """The dialog, and what it said."""

    def __init__(self, theme: Theme, ids: ActionIds, clock: HandClock, parent: QWidget) -> None:
        self.parent = parent
        self.dialog = QuitDialog(theme, parent, ids)
        self.clock = clock
        self.intents: list[Any] = []
        self.left = 0
        self.dialog.intent.connect(self.intents.append)
        self.dialog.leave.connect(self._leave)

    def show(self, world: Snapshot, after_s: float = 0.0) -> "Asked":
        self.clock.seconds += after_s
        self.dialog.refresh(world, self.clock.monotonic())
        return self

    def _leave(self) -> None:
        self.left += 1


@pytest.fixture
def asked(theme: Theme, ids: ActionIds, clock: HandClock, qtbot: Any) -> Asked:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = Asked(theme, ids, clock, parent)
    made.show(BOTH)
    made.dialog.open()
    return made


@pytest.mark.row(132)
def test_it_names_what_is_open_and_what_stays(asked: Asked) -> None:
    assert asked.dialog.windowTitle() == "Quit Stanchion? · LONG 2 ESZ5 open"
    words = asked.dialog.text.text()
    assert "a stop for 2 stays at the broker" in words and "BUY 2 LIMIT 4900.00 ESZ5" in words
    assert asked.dialog.accessibleDescription() == words
    shown = [one.text() for one in (asked.dialog.flatten, asked.dialog.cancel, asked.dialog.keep, asked.dialog.stay)]
    assert shown == ["Flatten and quit", "Cancel 1 entry and quit", "Keep and quit", "Stay"]


def test_a_live_account_is_named_as_one(asked: Asked) -> None:
    asked.show(in_mode(Mode.LIVE, BOTH))
    assert "(Sim1, LIVE)" in asked.dialog.text.text() and "LIVE" in asked.dialog.band.accessibleName()


def test_keys_still_held_from_before_answer_nothing(asked: Asked) -> None:
    assert not any(one.isEnabled() for one in (asked.dialog.keep, asked.dialog.flatten, asked.dialog.cancel))
    asked.show(BOTH, after_s=0.31)
    assert asked.dialog.keep.isEnabled() and asked.dialog.flatten.isEnabled() and asked.dialog.cancel.isEnabled()


@pytest.mark.row(132)
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_return_and_escape_stay(asked: Asked, key: Qt.Key) -> None:
    asked.show(BOTH, after_s=0.4)
    QTest.keyClick(asked.dialog, key)
    assert not asked.dialog.isVisible() and asked.left == 0 and asked.intents == []


def test_without_an_answer_it_stays(asked: Asked) -> None:
    asked.show(BOTH, after_s=61)
    assert not asked.dialog.isVisible() and asked.left == 0 and asked.intents == []


@pytest.mark.row(132)
def test_keeping_leaves_at_once_and_changes_nothing(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.keep.click()
    assert asked.left == 1 and asked.intents == []


@pytest.mark.row(132)
def test_cancelling_waits_for_the_broker_and_leaves_the_exits(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.cancel.click()
    assert asked.intents == [CancelOrder(ENTRY.client_order_id)]
    pending = long_two(orders=by_id(order(1), replace(ENTRY, state=OrderState.PENDING_CANCEL)))
    asked.show(pending, after_s=1)
    assert asked.left == 0 and not asked.dialog.keep.isVisible()
    asked.show(long_two(orders=by_id(order(1), replace(ENTRY, state=OrderState.CANCELLED))))
    assert asked.left == 1 and len(asked.intents) == 1


@pytest.mark.row(132)
def test_an_entry_that_fills_before_its_cancel_is_asked_about_again(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.cancel.click()
    filled = replace(ENTRY, state=OrderState.CANCELLED, filled_quantity=D(1))
    bigger = long_two(positions=MappingProxyType({ES_KEY: position(quantity="3")}), orders=by_id(order(1), filled))
    asked.show(bigger, after_s=1)
    assert asked.left == 0 and "LONG 3" in asked.dialog.windowTitle()
    assert "filled before the cancel came" in asked.dialog.progress.text() and not asked.dialog.keep.isEnabled()


@pytest.mark.row(132)
def test_a_cancel_that_is_not_answered_is_said_and_nothing_ends_by_itself(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.cancel.click()
    asked.show(BOTH, after_s=CANCEL_TAKES_S + 1)
    assert asked.left == 0 and asked.dialog.keep.isVisible()
    assert asked.dialog.windowTitle().startswith("Not done yet")
    assert "BUY 2 LIMIT 4900.00 ESZ5: no end reported yet." in asked.dialog.text.text()


@pytest.mark.row(132)
def test_flattening_waits_until_flat_is_proven(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.flatten.click()
    assert asked.intents == [FlattenAccount("A1", ACCOUNT)]
    asked.show(BOTH, after_s=1)
    assert asked.left == 0 and "LONG 2 is open" in asked.dialog.text.text()
    unsure = flat(scopes=long_two().scopes)  # the broker's last word is still 2
    asked.show(unsure, after_s=1)
    assert asked.left == 0
    asked.show(flat(), after_s=1)
    assert asked.left == 1 and len(asked.intents) == 1


@pytest.mark.row(132)
def test_a_flatten_that_hangs_says_what_is_in_the_way_and_does_not_end(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4).dialog.flatten.click()
    asked.show(BOTH, after_s=FLAT_TAKES_S + 1)
    assert asked.left == 0 and asked.dialog.keep.isVisible() and not asked.dialog.flatten.isVisible()
    assert "Could not be done" in asked.dialog.progress.text() and "LONG 2 is open" in asked.dialog.text.text()
    asked.dialog.stay.click()
    assert asked.left == 0 and not asked.dialog.isVisible()


def test_two_presses_are_one_flatten(asked: Asked) -> None:
    asked.show(BOTH, after_s=0.4)
    for _ in range(20):
        asked.dialog.flatten.click()
    assert len(asked.intents) == 1


def test_what_has_gone_while_it_was_asked_is_not_named_any_more(asked: Asked) -> None:
    asked.show(flat(), after_s=1)
    assert asked.dialog.text.text() == "Nothing is open any more." and asked.dialog.keep.text() == "Quit"
    assert not asked.dialog.flatten.isVisible() and not asked.dialog.cancel.isVisible()


@pytest.mark.row(132)
def test_an_order_of_unknown_outcome_is_named_and_cannot_be_called_cancelled(asked: Asked) -> None:
    unknown = flat(orders=by_id(replace(ENTRY, state=OrderState.UNKNOWN)))
    asked.show(unknown, after_s=1)
    assert "without an answer" in asked.dialog.text.text()
    assert not asked.dialog.cancel.isVisible() and not asked.dialog.flatten.isVisible()
    asked.dialog.keep.click()
    assert asked.left == 1


def test_every_way_out_reads_itself_out(asked: Asked) -> None:
    for made in (asked.dialog.flatten, asked.dialog.cancel, asked.dialog.keep, asked.dialog.stay):
        assert made.accessibleName() == made.text() and made.accessibleDescription()
