"""The chart under the hand: wheel, keys, drags that ask once, an order before it is sent, and what a tick repaints."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.chart_commands import LoadOlder
from core.commands import ChangeOrder, OpenWithBracket, SubmitOrder
from core.link import Link
from core.model.fill import Side
from core.model.order import Held, OrderState, OrderType
from core.model.scope import Mode
from tests.panels.charts.chart_worlds import KEY, charted, entry, pending, series, stop, target, trading
from tests.panels.charts.hand import LEFT, Hand, ready
from tests.panels.worlds import ES_KEY, by_id, flat, in_mode, link_is, long_two, position, quote

SHIFT = Qt.KeyboardModifier.ShiftModifier
STOP, TARGET = stop().client_order_id, target().client_order_id


# ------------------------------------------------------------------------------------------------------ dragging


def test_a_stop_dragged_is_asked_for_once_and_on_the_grid(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.37")
    (asked,) = hand.orders
    assert asked == ChangeOrder("A1", STOP, trigger_price=asked.trigger_price)
    assert asked.trigger_price in (Decimal("5047.25"), Decimal("5047.50"))


def test_a_target_and_an_entry_are_dragged_by_their_own_price(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(TARGET, "5056.00")
    hand.show(trading())
    hand.drag(entry().client_order_id, "5048.00")
    assert hand.orders == [
        ChangeOrder("A1", TARGET, price=Decimal("5056.00")),
        ChangeOrder("A2", entry().client_order_id, price=Decimal("5048.00")),
    ]


def test_a_stop_limit_takes_its_limit_along(hand: Hand) -> None:
    order = stop(type=OrderType.STOP_LIMIT)
    hand.show(trading(orders=by_id(replace(order, price=Decimal("5045.00")))))
    hand.drag(STOP, "5046.25")
    assert hand.orders == [ChangeOrder("A1", STOP, price=Decimal("5046.00"), trigger_price=Decimal("5046.25"))]


def test_a_line_is_taken_hold_of_anywhere_and_does_not_jump(hand: Hand) -> None:
    hand.show(trading())
    begin = hand.at("5045.25") + QPoint(0, 3)
    hand.press(begin)
    hand.move(begin + QPoint(0, -5))
    assert hand.view.scene.drag is not None
    pixels = hand.frame.scale.y(5045.0) - hand.frame.scale.y(5045.25)
    assert hand.view.scene.drag.price == Decimal("5045.25") + round(5 / pixels) * Decimal("0.25")


def test_less_than_four_pixels_is_a_click_and_moves_nothing(hand: Hand) -> None:
    hand.show(trading())
    begin = hand.tag(STOP).box.center().toPoint()
    hand.press(begin)
    hand.move(begin + QPoint(0, 3))
    hand.release(begin + QPoint(0, 3))
    assert hand.orders == []


def test_a_line_let_go_where_it_was_asks_for_nothing(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    back = hand.tag(STOP).box.center().toPoint()
    hand.move(hand.at("5045.25", x=back.x()))
    drag = hand.view.scene.drag
    assert drag is not None
    hand.view.scene.drag = replace(drag, price=drag.line.price)
    hand.release(back)
    assert hand.orders == []


def test_escape_lets_go_and_sends_nothing(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    hand.key(Qt.Key.Key_Escape)
    assert hand.view.scene.drag is None
    hand.release(hand.at("5047.00"))
    assert hand.orders == []


def test_while_it_is_dragged_the_tag_says_what_it_would_be(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.75", let_go=False)
    tag = hand.tag(STOP).tag
    assert tag.words == "STOP 2 → 5047.75 · −250.00 · −0.5R"
    assert tag.dashed
    assert tag.strong


@pytest.mark.parametrize(
    ("name", "price"), [(STOP, "5051.50"), (TARGET, "5051.25"), ("ST7QK20000000000000003", "5051.50")]
)
def test_a_line_dragged_over_the_market_says_that_it_would_trade_at_once(hand: Hand, name: str, price: str) -> None:
    hand.show(trading())
    hand.drag(name, price, let_go=False)
    assert hand.tag(name).tag.words.endswith("trades at once")
    hand.key(Qt.Key.Key_Escape)
    hand.drag(STOP, "5051.00", let_go=False)
    assert "at once" not in hand.tag(STOP).tag.words


@pytest.mark.parametrize("state", [OrderState.SENT, OrderState.PENDING_CHANGE, OrderState.PENDING_CANCEL])
def test_a_line_of_a_pending_order_cannot_be_dragged_and_says_why(hand: Hand, state: OrderState) -> None:
    hand.show(pending(trading(), 1, state))
    hand.drag(STOP, "5047.00")
    assert hand.orders == []
    assert hand.view.scene.said == next(one for one in hand.view.scene.lines if one.name == STOP).refused
    assert hand.view.accessibleDescription() == hand.view.scene.said


def test_the_words_of_a_refusal_leave_by_themselves(hand: Hand) -> None:
    world = pending(trading(), 1, OrderState.PENDING_CANCEL)
    hand.show(world)
    hand.drag(STOP, "5047.00")
    hand.show(world, 2.0)
    assert hand.view.scene.said
    hand.show(world, 3.0)
    assert not hand.view.scene.said


def test_an_order_that_ends_under_the_hand_is_let_go_of(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    hand.show(trading(orders=by_id(target())))
    assert hand.view.scene.drag is None
    assert "ended while it was dragged" in hand.view.scene.said
    hand.release(hand.at("5047.00"))
    assert hand.orders == []


def test_a_line_that_breaks_under_the_hand_lets_go_too(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    hand.show(link_is(Link.OFFLINE, trading()))
    hand.release(hand.at("5047.00"))
    assert hand.orders == []
    assert hand.view.scene.said == "The line is down: nothing can be sent."


def test_what_is_asked_for_is_shown_as_asked_for_until_it_is_so(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00")
    hand.show(pending(trading(), 1, OrderState.PENDING_CHANGE), 0.1)
    assert hand.tag(STOP).tag.words.endswith("→ 5047.00")
    assert hand.tag(STOP).tag.price == 5045.25
    hand.show(trading(orders=by_id(stop(price="5047.00"), target(), entry())), 0.1)
    assert "→" not in hand.tag(STOP).tag.words


def test_what_was_asked_for_and_not_answered_is_shown_no_longer(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00")
    hand.show(trading(), 1.0)
    assert "→" in hand.tag(STOP).tag.words
    hand.show(trading(), 4.0)
    assert "→" not in hand.tag(STOP).tag.words


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_a_stop_widened_beyond_the_plan_is_asked_about_where_the_money_is_real(hand: Hand, mode: Mode) -> None:
    held = replace(position(), opened_quantity=Decimal(2), opened_value=Decimal("10100.50"), initial_risk=Decimal(500))
    world = in_mode(mode, trading(positions=MappingProxyType({ES_KEY: held})))
    hand.show(world)
    hand.drag(STOP, "5044.50")
    assert hand.orders == []
    hand.show(world).show(world)
    hand.bench.press("confirmYes")
    (asked,) = hand.orders
    assert asked.confirmed
    assert asked.trigger_price < Decimal("5045.25")


def test_an_order_that_cannot_be_changed_any_more_is_not_asked_for_at_the_release(hand: Hand) -> None:
    hand.show(trading())
    hand.drag(STOP, "5047.00", let_go=False)
    held = hand.view.scene.drag
    assert held is not None
    hand.show(pending(trading(), 1, OrderState.PENDING_CANCEL))
    hand.panel.trading.release(held, hand.bench.clock.monotonic())
    assert hand.orders == []
    assert hand.view.scene.said == "This order is being cancelled."


def test_the_line_of_the_entry_is_a_fact_and_pans_the_chart(hand: Hand) -> None:
    hand.show(trading())
    begin = hand.tag("ENTRY").box.center().toPoint()
    hand.press(begin)
    hand.move(begin + QPoint(60, 30))
    hand.release(begin + QPoint(60, 30))
    assert hand.orders == []
    assert not hand.view.follows


def test_a_local_stop_is_drawn_broken(hand: Hand) -> None:
    hand.show(long_two(orders=by_id(stop(held=Held.LOCAL))))
    hand.show(charted(long_two(orders=by_id(stop(held=Held.LOCAL)))))
    assert hand.tag(STOP).tag.dashed


def test_lines_beyond_the_view_are_told_of_at_its_edge_and_can_be_dragged_in(hand: Hand) -> None:
    far = trading(orders=by_id(stop(price="4950.00"), target(price="5300.00")))
    hand.show(far)
    assert hand.tag(STOP).beyond == 1
    assert hand.tag(TARGET).beyond == -1
    assert hand.tag(STOP).box.bottom() <= hand.frame.bottom
    begin = hand.tag(STOP).box.center().toPoint()
    hand.press(begin)
    hand.move(QPoint(begin.x(), hand.at("5047.00").y()))
    hand.release(QPoint(begin.x(), hand.at("5047.00").y()))
    assert hand.orders == [ChangeOrder("A1", STOP, trigger_price=Decimal("5047.00"))]


def test_tags_of_many_orders_stand_clear_of_each_other(hand: Hand) -> None:
    many = [entry(number, price=f"{5049 - number * 0.25:.2f}") for number in range(3, 11)]
    hand.show(trading(orders=by_id(stop(), target(), *many)))
    boxes = [one.box for one in hand.view._tags]
    assert len(boxes) == 11
    assert not any(one.intersects(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


# ------------------------------------------------------------------------------------------------------- preview


def test_a_preview_shows_entry_stop_target_size_and_the_r_of_the_ticket(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    preview = hand.view.scene.preview
    assert preview is not None
    assert [(str(one.price), one.words) for one in preview.lines] == [
        ("5049.00", "BUY LIMIT 2 · not sent"),
        ("5047.00", "STOP 2 · −200.00 · −1.0R"),
        ("5053.00", "TARGET 2 · +400.00 · +2.0R"),
    ]
    hand.ticket.fields.type.setCurrentText("Limit")
    hand.ticket.fields.price.setText("5049.00")
    assert preview.words[:2] == ("BUY LIMIT 2 @ 5049.00", hand.ticket.fields.exits.risk.text())
    assert "2.0R" in preview.words[1]
    assert hand.orders == []


def test_the_size_comes_from_the_risk_of_the_ticket(hand: Hand) -> None:
    ready(hand, charted(flat()), "risk 350")
    hand.move(hand.at("5049.00"))
    assert hand.view.scene.preview is not None
    assert hand.view.scene.preview.words[0] == "BUY LIMIT 3 @ 5049.00"


@pytest.mark.parametrize(
    ("price", "shift", "words"),
    [
        ("5049.00", False, "BUY LIMIT"),
        ("5053.00", False, "SELL LIMIT"),
        ("5053.00", True, "BUY STOP"),
        ("5049.00", True, "SELL STOP"),
    ],
)
def test_the_side_follows_from_where_the_pointer_is(hand: Hand, price: str, shift: bool, words: str) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at(price), SHIFT if shift else Qt.KeyboardModifier.NoModifier)
    assert hand.view.scene.preview is not None
    assert hand.view.scene.preview.words[0].startswith(words)


def test_a_click_sends_the_order_with_its_exits_once(hand: Hand) -> None:
    ready(hand, charted(flat()))
    for _ in range(3):
        hand.click(hand.at("5049.00"))
    (sent,) = hand.orders
    assert isinstance(sent, OpenWithBracket)
    order = sent.entry
    assert (order.side, order.type, order.quantity, order.price) == (
        Side.BUY,
        OrderType.LIMIT,
        Decimal(2),
        Decimal("5049.00"),
    )
    assert sent.bracket.stop.distance == Decimal("2.00")


def test_without_exits_it_is_a_plain_order(hand: Hand) -> None:
    hand.show(charted(flat())).show(charted(flat()))
    hand.panel.press_preview()
    hand.click(hand.at("5053.00"), SHIFT)
    (sent,) = hand.orders
    assert isinstance(sent, SubmitOrder)
    assert (sent.type, sent.trigger_price, sent.price) == (OrderType.STOP, Decimal("5053.00"), None)


def test_in_sim_the_preview_stays_and_where_the_money_is_real_one_order_ends_it(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.click(hand.at("5049.00"))
    assert hand.panel.trading.previews
    hand.panel.press_preview()
    armed = charted(replace(in_mode(Mode.EVAL, flat()), armed=MappingProxyType({ES_KEY.account_key: 1e9})))
    ready(hand, armed)
    hand.click(hand.at("5049.00"))
    assert not hand.panel.trading.previews
    assert len(hand.orders) == 2
    assert not hand.orders[1].entry.confirmed  # what has to be asked, the window asks


def test_a_click_just_after_the_market_turned_the_order_round_sends_nothing(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    fallen = charted(flat(quotes=MappingProxyType({("sim", "ESZ5"): quote("5048.00")})))
    hand.show(fallen, 0.1)
    place = hand.view.scene.pointer
    assert place is not None and hand.view.scene.preview is not None
    assert hand.view.scene.preview.words[0].startswith("SELL")
    hand.click(place.toPoint())
    assert hand.orders == []
    hand.show(fallen, 0.3)
    hand.click(place.toPoint())
    assert [one.entry.side for one in hand.orders] == [Side.SELL]


def test_on_prices_that_are_history_no_entry_is_sent_and_what_reduces_is(hand: Hand) -> None:
    silent = MappingProxyType({("sim", "ESZ5"): quote(age_s=600, stale=True)})
    for world, goes in ((charted(flat(quotes=silent)), False), (charted(long_two(quotes=silent)), True)):
        ready(hand, world)
        assert hand.view.scene.is_stale
        place = hand.at("5053.00")
        hand.click(place)
        assert bool(hand.orders) is goes
        assert goes or hand.view.scene.said == "Data stale."
        hand.panel.press_preview()


def test_what_cannot_be_sent_is_shown_with_its_reason_and_a_click_sends_nothing(hand: Hand) -> None:
    ready(hand, charted(in_mode(Mode.LIVE, flat())))
    hand.move(hand.at("5049.00"))
    preview = hand.view.scene.preview
    assert preview is not None
    assert preview.refused.startswith("Arm to trade")
    hand.click(hand.at("5049.00"))
    assert hand.orders == []
    assert hand.view.scene.said == preview.refused


def test_escape_leaves_the_preview_and_another_symbol_does(hand: Hand) -> None:
    ready(hand, charted(flat()))
    hand.move(hand.at("5049.00"))
    hand.key(Qt.Key.Key_Escape)
    assert hand.view.scene.preview is None
    hand.panel.press_preview()
    hand.show(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"})))
    assert not hand.panel.trading.previews


def test_a_chart_that_has_just_changed_its_symbol_takes_no_click(hand: Hand) -> None:
    world = charted(flat())
    hand.show(world)
    hand.show(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"})))
    hand.show(world)
    hand.panel.press_preview()
    hand.click(hand.at("5049.00"))
    assert hand.orders == []
    hand.show(world, 0.3)
    hand.click(hand.at("5049.00"))
    assert len(hand.orders) == 1


def test_without_a_ticket_the_preview_says_why_it_does_not_begin(hand: Hand) -> None:
    hand.panel.trading.plan_for = None
    hand.show(charted(flat()))
    hand.panel.press_preview()
    assert not hand.panel.trading.previews
    assert hand.view.scene.said == "There is no ticket to take the size from."


# ---------------------------------------------------------------------------------------------------- moving about


def test_the_wheel_zooms_where_the_pointer_is(hand: Hand) -> None:
    hand.show(trading())
    x = hand.frame.right * 0.25
    before = hand.frame.index(x)
    hand.wheel(2, x)
    assert hand.frame.view.count < 100
    assert hand.frame.index(x) == pytest.approx(before, abs=0.01)
    assert not hand.view.follows
    hand.wheel(-2, x)
    assert hand.frame.index(x) == pytest.approx(before, abs=0.01)


def test_a_wheel_sideways_and_a_drag_pan(hand: Hand) -> None:
    hand.show(trading())
    before = hand.frame.view.right
    hand.wheel(1, 300, sideways=True)
    assert hand.frame.view.right < before
    before = hand.frame.view.right
    begin = hand.at("5054.00")
    hand.press(begin)
    hand.move(begin + QPoint(70, 0))
    hand.release(begin + QPoint(70, 0))
    assert hand.frame.view.right == pytest.approx(before - 70 / hand.frame.per_bar)


def test_keys_pan_zoom_and_go_to_the_ends(hand: Hand) -> None:
    hand.show(trading())
    end = hand.frame.view
    hand.key(Qt.Key.Key_Left)
    assert hand.frame.view.right == pytest.approx(end.right - 12)
    hand.key(Qt.Key.Key_Left, SHIFT)
    assert hand.frame.view.right < end.right - 60
    hand.key(Qt.Key.Key_Home)
    assert hand.frame.view.left == pytest.approx(0)
    hand.key(Qt.Key.Key_End)
    assert hand.frame.view == end
    hand.key(Qt.Key.Key_Plus)
    assert hand.frame.view.count < end.count
    assert hand.view.follows
    hand.key(Qt.Key.Key_Minus)
    assert hand.frame.view.count == pytest.approx(end.count)


def test_near_the_left_edge_older_bars_are_asked_for_once(hand: Hand) -> None:
    held = series(200, has_older=True)
    hand.show(charted(flat(), held))
    for _ in range(5):
        hand.key(Qt.Key.Key_Home)
        hand.show(charted(flat(), held))
    assert [one for one in hand.bench.intents if isinstance(one, LoadOlder)] == [LoadOlder(KEY)]
    hand.show(charted(flat(), series(200, has_older=False)))
    assert len([one for one in hand.bench.intents if isinstance(one, LoadOlder)]) == 1


def test_older_bars_that_come_move_nothing_on_the_screen(hand: Hand) -> None:
    held = series(700)
    hand.show(charted(flat(), replace(held, chunks=held.chunks[1:])))
    hand.key(Qt.Key.Key_Home)
    before = hand.view.scene.columns.times[int(hand.frame.view.left)]
    hand.show(charted(flat(), held))
    assert hand.view.scene.columns.times[round(hand.frame.view.left)] == before
    assert hand.frame.view.left > 500


def test_the_price_axis_is_stretched_by_hand_and_fits_again_after_a_double_click(hand: Hand) -> None:
    hand.show(trading())
    before = (hand.frame.low, hand.frame.high)
    place = QPoint(round(hand.frame.right) + 10, 200)
    hand.press(place)
    hand.move(place + QPoint(0, 300))
    hand.release(place + QPoint(0, 300))
    stretched = (hand.frame.low, hand.frame.high)
    assert stretched[1] - stretched[0] > 2 * (before[1] - before[0])
    hand.show(trading())
    assert (hand.frame.low, hand.frame.high) == stretched
    QTest.mouseDClick(hand.view, LEFT, pos=place)
    assert (hand.frame.low, hand.frame.high) == pytest.approx(before)


def test_a_double_click_on_the_time_axis_shows_as_many_bars_as_at_the_beginning(hand: Hand) -> None:
    hand.show(trading())
    before = hand.frame.view
    hand.wheel(4, 200)
    QTest.mouseDClick(hand.view, LEFT, pos=QPoint(200, hand.view.height() - 6))
    assert hand.frame.view == before


# ------------------------------------------------------------------------------------------------------ painting


def test_a_tick_paints_the_last_bar_and_nothing_of_the_others(hand: Hand) -> None:
    held = series()
    hand.show(charted(trading(), held))
    painted = hand.view.static_paints
    assert held.forming is not None
    for number in range(8):
        price = Decimal("5051.50") + (number % 3) * Decimal("0.25")
        ticked = replace(held, forming=replace(held.forming, close=price, volume=Decimal(150 + number)))
        hand.show(charted(trading(quotes=MappingProxyType({("sim", "ESZ5"): quote(str(price))})), ticked), 0.1)
        assert hand.view.scene.last == price
    assert hand.view.static_paints == painted
    hand.show(charted(trading(), held.with_closed((held.forming,))))
    assert hand.view.static_paints == painted + 1


def test_a_closed_bar_that_is_mended_is_painted_anew_where_one_stays(hand: Hand) -> None:
    held = series()
    hand.show(charted(trading(), held))
    hand.view.press_follow()
    hand.show(charted(trading(), held))
    painted, chunk = hand.view.static_paints, held.chunks[0]
    mended = replace(chunk[150], open=chunk[150].close, close=chunk[150].open)
    hand.show(charted(trading(), replace(held, chunks=((*chunk[:150], mended, *chunk[151:]),))))
    assert hand.view.static_paints == painted + 1


def test_a_snapshot_about_something_else_paints_nothing(hand: Hand, qtbot: QtBot) -> None:
    world = trading()
    hand.show(world).show(world)
    painted: list[str] = []
    hand.view.update = lambda *_: painted.append("now")  # type: ignore[method-assign]
    hand.bench.show(replace(world, version=7, halted="", quotes=world.quotes), 0.1)
    assert painted == []
    hand.bench.show(replace(world, quotes=MappingProxyType({("sim", "ESZ5"): quote("5052.00")})), 0.1)
    assert painted == ["now"]


def test_the_description_says_last_position_and_stop_at_most_once_a_second(hand: Hand) -> None:
    hand.show(trading())
    words = hand.view.accessibleDescription()
    assert words.startswith(
        "Last 5051.50. Position long 2 from 5050.25, plus 125.00 USD, profit. Stop 5045.25. Arrow keys pan"
    )
    assert "Ctrl+Shift+Up and Ctrl+Shift+Down move the stop" in words
    moved = replace(trading(), quotes=MappingProxyType({("sim", "ESZ5"): quote("5052.00")}))
    hand.show(moved, 0.5)
    assert hand.view.accessibleDescription() == words
    hand.show(moved, 0.6)
    assert hand.view.accessibleDescription().startswith("Last 5052.00.")


def test_flat_and_unknown_are_told_apart_and_a_missing_stop_is_said(hand: Hand) -> None:
    hand.show(charted(flat()))
    assert "Flat." in hand.view.accessibleDescription()
    hand.show(charted(flat(scopes=MappingProxyType({}))), 2.0)
    assert "Position unknown." in hand.view.accessibleDescription()
    hand.show(charted(long_two(orders=MappingProxyType({}))), 2.0)
    assert "No working stop." in hand.view.accessibleDescription()


def test_moving_the_pointer_paints_no_bar_anew(hand: Hand) -> None:
    hand.show(trading())
    painted = hand.view.static_paints
    for x in range(100, 500, 20):
        hand.move(QPoint(x, 150))
        hand.view.grab()
    assert hand.view.static_paints == painted
    assert hand.view.scene.pointer is not None
    QApplication.sendEvent(hand.view, _leave())
    assert hand.view.scene.pointer is None


def test_while_the_pointer_moves_frames_are_at_least_16_ms_apart(hand: Hand) -> None:
    hand.show(trading())
    for x in range(100, 400):
        hand.move(QPoint(x, 150))
    assert hand.view._soon.isActive()
    assert hand.view._soon.isSingleShot()
    assert 0 <= hand.view._soon.interval() <= 16


def test_the_preview_is_reckoned_anew_only_at_another_price(hand: Hand) -> None:
    ready(hand, charted(flat()))
    place = hand.at("5049.00")
    hand.move(place)
    first = hand.view.scene.preview
    for x in range(1, 9):
        hand.move(place + QPoint(x, 0))
    assert hand.view.scene.preview is first
    hand.move(hand.at("5048.75"))
    assert hand.view.scene.preview is not first


def _leave() -> QEvent:
    return QEvent(QEvent.Type.Leave)


@pytest.mark.parametrize("zoom", [1.0, 1.25])
def test_what_is_painted_while_the_view_moves_is_what_is_kept_once_it_rests(
    hand: Hand, qapp: QApplication, zoom: float
) -> None:
    qapp.setProperty("zoom", zoom)
    try:
        hand.show(charted(trading(), series(1000)))
        for _ in range(3):
            hand.view.range.pan(-7.0, 1001)
            painted = hand.view.static_paints
            moving = hand.view.grab().toImage()
            assert hand.view.static_paints == painted + 1
        resting = hand.view.grab().toImage()
        assert hand.view.static_paints == painted + 2
        assert hand.view.grab().toImage() == resting == moving
        assert hand.view.static_paints == painted + 2
    finally:
        qapp.setProperty("zoom", None)
