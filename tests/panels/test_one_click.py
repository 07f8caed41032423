"""In LIVE and EVAL an entry is asked about until its account is one-click; then only what is odd is."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import SetOneClick, SubmitOrder
from core.model.scope import AccountKey, Mode
from core.snapshot import Snapshot
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, OTHER_ACCOUNT, flat, in_mode, long_two

ARMED = MappingProxyType({ACCOUNT: 9999.0})


def world(mode: Mode = Mode.LIVE, *one_click: AccountKey, start: Snapshot | None = None) -> Snapshot:
    made = in_mode(mode, flat(armed=ARMED) if start is None else replace(start, armed=ARMED))
    return replace(made, one_click=MappingProxyType(dict.fromkeys(one_click, True)))


def asked(view: Bench, now: Snapshot) -> Bench:
    """Press BUY and wait until the question listens."""
    view.show(now).press("buyButton")
    return view.show(now).show(now, after_s=0.4)


def kinds(view: Bench) -> list[str]:
    return [type(one).__name__ for one in view.intents]


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_ticking_the_box_sends_the_order_and_asks_no_more_on_that_account(view: Bench, mode: Mode) -> None:
    asked(view, world(mode))
    box = view.find("confirmBox")
    assert box.text() == "Do not ask again for orders inside the limits (one-click) on Sim1" == box.accessibleName()
    assert not box.isChecked()
    box.setChecked(True)
    view.press("confirmYes")
    assert kinds(view) == ["SubmitOrder", "SetOneClick"] and view.intents[1] == SetOneClick(ACCOUNT, True)


def test_an_unticked_box_sends_the_order_alone(view: Bench) -> None:
    asked(view, world()).press("confirmYes")
    assert kinds(view) == ["SubmitOrder"]


def test_a_ticked_box_without_a_yes_changes_nothing(view: Bench) -> None:
    asked(view, world())
    view.find("confirmBox").setChecked(True)
    view.press("confirmNo")
    assert view.intents == []


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_in_a_one_click_account_an_entry_inside_the_limits_goes_at_once(view: Bench, mode: Mode) -> None:
    view.show(world(mode, ACCOUNT)).press("buyButton")
    assert kinds(view) == ["SubmitOrder"] and not view.intents[0].confirmed


def test_two_presses_in_a_burst_are_one_order(view: Bench) -> None:
    now = world(Mode.LIVE, ACCOUNT)
    for _ in range(2):
        view.show(now, after_s=0.1).press("buyButton")
    assert len({one.action_id for one in view.intents if isinstance(one, SubmitOrder)}) == 1


def test_one_click_of_another_account_does_not_count(view: Bench) -> None:
    asked(view, world(Mode.LIVE, OTHER_ACCOUNT))
    assert view.intents == [] and view.find("confirmDialog")


def test_what_is_odd_is_asked_about_and_typed_and_offers_no_box(view: Bench) -> None:
    now = world(Mode.LIVE, ACCOUNT)
    now = replace(now, limits=replace(now.limits, quantity_soft=Decimal(1)))
    view.show(now)
    view.find("qtyBox").setText("2")
    asked(view, now)
    assert view.intents == [] and view.find("confirmField") and not view.widget.findChildren(object, "confirmBox")


def test_disarmed_nothing_goes_one_click_or_not(view: Bench) -> None:
    now = replace(world(Mode.LIVE, ACCOUNT), armed=MappingProxyType({}))
    view.show(now)
    assert not view.find("buyButton").isEnabled()


def test_return_never_answers_yes_with_the_box_ticked(view: Bench) -> None:
    asked(view, world())
    view.find("confirmBox").setChecked(True)
    QTest.keyClick(view.find("confirmBox"), Qt.Key.Key_Return)
    assert view.intents == []


def test_a_reverse_is_asked_about_all_the_same(view: Bench) -> None:
    now = world(Mode.LIVE, ACCOUNT, start=long_two())
    view.show(now).press("p2Reverse")
    assert view.intents == [] and view.text("confirmTitle").startswith("Reverse")


def test_the_band_says_it_and_only_where_it_means_something(view: Bench) -> None:
    view.show(world(Mode.LIVE, ACCOUNT))
    assert view.spoken("modeBand").endswith("sim · Sim1 · one-click")
    for other in (world(Mode.LIVE), world(Mode.SIM, ACCOUNT)):
        view.show(other)
        assert view.spoken("modeBand").endswith("sim · Sim1")


def test_the_account_menu_takes_it_back(view: Bench) -> None:
    menu = view.widget.account_menu
    view.show(world(Mode.LIVE))
    menu._redraw()
    assert not menu.ask.isVisible()
    view.show(world(Mode.LIVE, ACCOUNT))
    menu._redraw()
    assert menu.ask.isVisible() and menu.ask.text() == "Ask before each entry again"
    menu.ask.trigger()
    assert view.intents == [SetOneClick(ACCOUNT, False)]
