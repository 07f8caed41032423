"""What a chart must not send: what nobody saw, what stood elsewhere a moment ago, what was let go of unheard."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.snapshot import Snapshot
from panels.charts.chart_trading import JUST_CHANGED
from panels.charts.crosshair import price_at
from tests.panels.charts.chart_worlds import charted, series, stop, trading
from tests.panels.charts.hand import LEFT, Hand, ready
from tests.panels.worlds import ES, ES_KEY, flat, quote

STOP = stop().client_order_id


def leapt(world: Snapshot, high: str = "5095.00") -> Snapshot:
    """Return a world whose last bar reached far up, so that prices are fitted anew."""
    held = series()
    assert held.forming is not None
    return charted(world, replace(held, forming=replace(held.forming, high=Decimal(high))))


def at_last(last: str) -> Snapshot:
    """Return a flat world at another last price."""
    return charted(flat(quotes=MappingProxyType({("sim", "ESZ5"): quote(last)})))


def click(hand: Hand, at: QPoint) -> None:
    """Click without having moved the pointer there."""
    QTest.mouseClick(hand.view, LEFT, pos=at)


def pointed(hand: Hand) -> QPoint:
    """Return where the pointer is."""
    assert hand.view.scene.pointer is not None
    return hand.view.scene.pointer.toPoint()


def head(hand: Hand) -> str:
    """Return what the preview says the order is."""
    assert hand.view.scene.preview is not None
    return hand.view.scene.preview.words[0]


def test_prices_fitted_anew_under_the_pointer_take_no_click_and_the_preview_stays_under_it(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    hand.show(leapt(flat()), 0.1)
    preview, place = hand.view.scene.preview, pointed(hand)
    assert preview is not None
    assert preview.price == price_at(place.y(), hand.frame.scale, ES) != Decimal("5049.00")
    click(hand, place)
    assert hand.orders == []
    assert hand.view.scene.said == JUST_CHANGED
    hand.show(leapt(flat()), 0.3)
    click(hand, place)
    assert [one.entry.price or one.entry.trigger_price for one in hand.orders] == [preview.price]


def act_stretch(hand: Hand) -> None:
    """Pull the price axis."""
    hand.view.range.stretch(90.0, hand.frame)
    hand.view._changed()


def act_resize(hand: Hand) -> None:
    """Make the panel lower."""
    hand.panel.resize(900, 400)


@pytest.mark.parametrize("act", [act_stretch, act_resize])
def test_whatever_makes_a_place_mean_another_price_takes_no_click(hand: Hand, act: Callable[[Hand], None]) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    before = hand.view.scene.preview
    act(hand)
    now = hand.view.scene.preview
    assert before is not None and now is not None
    assert before.price != now.price
    click(hand, pointed(hand))
    assert hand.orders == []


def test_what_was_not_shown_before_the_press_is_shown_by_it_and_sent_by_the_next(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    click(hand, hand.at("5050.00"))
    assert hand.orders == []
    assert hand.view.scene.preview is not None
    assert hand.view.scene.preview.price == Decimal("5050.00")
    click(hand, hand.at("5050.00"))
    assert [one.entry.price for one in hand.orders] == [Decimal("5050.00")]


def test_shift_shows_the_stop_order_and_letting_go_of_it_the_limit_again(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5053.00"))
    limit = head(hand)
    QTest.keyPress(hand.view, Qt.Key.Key_Shift)
    assert (limit.split(" 2 ")[0], head(hand).split(" 2 ")[0]) == ("SELL LIMIT", "BUY STOP")
    QTest.keyRelease(hand.view, Qt.Key.Key_Shift)
    assert head(hand) == limit
    QTest.mouseClick(hand.view, LEFT, Qt.KeyboardModifier.ShiftModifier, pointed(hand))
    assert hand.orders == []


def test_an_order_that_was_away_and_comes_back_the_other_way_round_takes_no_click(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    hand.show(charted(flat(quotes=MappingProxyType({}))), 1.0)
    assert hand.view.scene.preview is None
    hand.show(at_last("5048.50"), 1.0)
    assert head(hand).startswith("SELL")
    click(hand, pointed(hand))
    assert hand.orders == []


def test_another_size_under_a_resting_pointer_takes_no_click_for_a_moment(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    hand.ticket.fields.quantity.setText("7")
    hand.show(charted(flat()), 1.0)
    click(hand, pointed(hand))
    assert hand.orders == []
    hand.show(charted(flat()), 0.3)
    click(hand, pointed(hand))
    assert [one.entry.quantity for one in hand.orders] == [Decimal(7)]


def test_a_click_that_brings_the_window_to_the_front_sends_nothing(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    monkeypatch.setattr(hand.view, "isActiveWindow", lambda: True)
    QApplication.sendEvent(hand.view, QEvent(QEvent.Type.ActivationChange))
    click(hand, pointed(hand))
    assert hand.orders == []
    hand.show(charted(flat()), 0.3)
    click(hand, pointed(hand))
    assert len(hand.orders) == 1


def test_a_chart_that_is_hidden_previews_nothing_when_it_comes_back(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.panel.hide()
    hand.panel.show()
    assert not hand.panel.trading.previews
    click(hand, hand.at("5049.00"))
    assert hand.orders == []


def test_while_a_line_is_dragged_prices_stand_still(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    held = hand.frame.scale
    hand.show(leapt(trading()), 0.1)
    assert hand.frame.scale == held
    hand.release(hand.at("5047.00"))
    assert [one.trigger_price for one in hand.orders] == [Decimal("5047.00")]
    hand.show(leapt(trading()), 0.1)
    assert hand.frame.scale != held


def test_a_button_let_go_where_the_chart_did_not_hear_of_it_moves_nothing(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    assert hand.view.scene.drag is not None
    hand.is_pressed = False
    hand.move(hand.at("5048.00"))
    assert hand.view.scene.drag is None
    hand.release(hand.at("5048.00"))
    assert hand.orders == []


def test_an_order_of_the_menu_names_its_price_and_goes_wherever_the_chart_has_moved(hand: Hand) -> None:
    ready(hand, charted(flat()))
    offered = hand.panel.trading.order_at(Decimal("5049.00"), is_stop=False)
    assert offered is not None
    hand.show(leapt(flat()), 0.1)
    hand.panel.trading.send_offered(offered, ES_KEY, hand.view.scene)
    assert [one.entry.price for one in hand.orders] == [Decimal("5049.00")]
