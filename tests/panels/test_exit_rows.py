"""Each exit of the open position has its row; its price is changed in its place, and what waits protects nothing."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.commands import ChangeOrder
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import Held, Intent, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.feed_watch import FeedWatch
from panels.position_panel import PositionPanel
from panels.shown import protection
from panels.theme import Theme
from panels.widgets.risk_bar import Mark, scale_of
from tests.panels.bracketed import (
    FIRST,
    SECOND,
    WAITING,
    WAITING_ENTRY,
    bracketed_two,
    entry_order,
    exit_pair,
    with_waiting,
)
from tests.panels.conftest import Bench, tab_to
from tests.panels.legibility import clipped
from tests.panels.worlds import ES, ES_KEY, by_id, closing, flat, in_mode, long_two, order, position

D = Decimal


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, bench: Any, qtbot: QtBot) -> Bench:
    made: Bench = bench(PositionPanel(theme, ids, FeedWatch()))
    made.widget.resize(900, 420)
    with qtbot.waitActive(made.widget):
        made.widget.show()
        made.widget.activateWindow()
    return made


def type_in(panel: Bench, name: str, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    field = panel.find(name)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key)


def rows(panel: Bench, word: str) -> list[tuple[str, str]]:
    """Return price and figures of each row on show."""
    found = []
    for number in range(8):
        name = f"p2{word}Edit_{number}"
        if panel.widget.findChildren(type(panel.find(f"p2{word}Edit_0")), name) and panel.is_shown(name):
            found.append((panel.find(name).text(), panel.text(f"p2{word}Figures_{number}")))
    return found


def test_every_exit_says_quantity_ticks_money_r_and_who_holds_it(panel: Bench) -> None:
    panel.show(bracketed_two())
    assert rows(panel, "Stop") == [("5045.25", "1 · −20t · −250.00 ▼ · −0.50R · SERVER")] * 2
    assert rows(panel, "Target") == [
        ("5055.25", "1 · +20t · +250.00 ▲ · +0.50R · SERVER"),
        ("5060.25", "1 · +40t · +500.00 ▲ · +1.00R · SERVER"),
    ]
    assert panel.spoken("p2TargetEdit_1") == "Target price, ESZ5: 5060.25"
    assert panel.spoken("p2TargetFigures_1") == "Target: 1 · +40t · +500.00 ▲ · +1.00R · SERVER"


def test_a_price_is_changed_in_its_row_by_enter(panel: Bench) -> None:
    panel.show(bracketed_two())
    type_in(panel, "p2StopEdit_0", "5047.25")
    assert panel.intents == [ChangeOrder("A1", FIRST[0].client_order_id, trigger_price=D("5047.25"))]
    assert panel.find("p2StopEdit_0").text() == "5045.25"  # until the broker's word


def test_ticks_count_from_the_entry(panel: Bench) -> None:
    panel.show(bracketed_two())
    type_in(panel, "p2StopEdit_0", "8t")
    type_in(panel, "p2TargetEdit_1", "60t")
    assert [(one.trigger_price, one.price) for one in panel.intents] == [(D("5048.25"), None), (None, D("5065.25"))]


def test_ticks_of_a_short_count_the_other_way(panel: Bench) -> None:
    stop = order(1, side=Side.BUY, trigger_price=D("5055.25"))
    held = position(quantity="-2")
    panel.show(long_two(positions=MappingProxyType({ES_KEY: held}), orders=by_id(stop)))
    assert rows(panel, "Stop") == [("5055.25", "2 · −20t · −500.00 ▼ · −1.00R · SERVER")]
    type_in(panel, "p2StopEdit_0", "8t")
    assert panel.intents[0].trigger_price == D("5052.25")


def test_escape_puts_back_what_the_broker_confirmed(panel: Bench) -> None:
    panel.show(bracketed_two())
    type_in(panel, "p2StopEdit_0", "5047.30", Qt.Key.Key_Escape)
    assert panel.find("p2StopEdit_0").text() == "5045.25"
    assert panel.intents == []


def test_what_is_being_typed_outlives_a_frame_and_another_field_ends_it(panel: Bench) -> None:
    panel.show(bracketed_two())
    field = panel.find("p2StopEdit_0")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "5046")
    panel.show(bracketed_two(), 0.1)
    assert field.text() == "5046"
    panel.find("p2TargetEdit_0").setFocus()
    panel.show(bracketed_two(), 0.1)
    assert field.text() == "5045.25"
    assert panel.intents == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5047.30", "5047.30 is between ticks: 5047.25 or 5047.50?"),
        ("near", "Stop price: 'near' is not a number"),
        ("0t", "Stop must be more than zero."),
    ],
)
def test_what_cannot_be_a_price_stays_with_its_reason(panel: Bench, text: str, says: str) -> None:
    panel.show(bracketed_two())
    type_in(panel, "p2StopEdit_0", text)
    panel.show(bracketed_two(), 0.1)
    assert panel.find("p2StopEdit_0").text() == text
    assert says in panel.text("p2ExitLine") and panel.is_shown("p2ExitLine")
    assert says in panel.find("p2StopEdit_0").accessibleDescription()
    assert panel.tone("p2StopEdit_0") == "danger"
    QTest.keyClick(panel.find("p2StopEdit_0"), Qt.Key.Key_Escape)
    assert not panel.is_shown("p2ExitLine")
    assert panel.intents == []


def test_the_same_price_again_sends_nothing(panel: Bench) -> None:
    panel.show(bracketed_two())
    type_in(panel, "p2StopEdit_0", "20t")
    type_in(panel, "p2TargetEdit_0", "5055.25")
    assert panel.intents == []


def test_a_stop_beyond_the_plan_is_asked_about_where_the_money_is_real(panel: Bench) -> None:
    world = in_mode(Mode.LIVE, bracketed_two())
    panel.show(world)
    type_in(panel, "p2StopEdit_0", "5000")
    assert panel.intents == []
    assert "Stop price 5045.25 → 5000.00" in panel.text("confirmText")
    panel.show(world)
    panel.show(world, 0.4)
    panel.press("confirmYes")
    (sent,) = panel.intents
    assert sent.confirmed and sent.trigger_price == D("5000")


def test_a_question_about_an_exit_of_a_position_that_has_ended_since_takes_no_yes(panel: Bench) -> None:
    now = in_mode(Mode.LIVE, bracketed_two())
    panel.show(now)
    type_in(panel, "p2StopEdit_0", "5000")
    panel.show(now).show(now, 1)
    assert panel.find("confirmYes").isEnabled()
    panel.show(in_mode(Mode.LIVE, flat(orders=by_id(replace(FIRST[0], state=OrderState.FILLED)))), 0.1)
    assert panel.text("confirmText") == "This order is filled. Nothing was changed."
    assert not panel.find("confirmYes").isEnabled()


def test_an_order_in_between_says_so_and_cannot_be_typed_over(panel: Bench) -> None:
    ending, unknown = (
        replace(one, state=state)
        for one, state in zip(FIRST, (OrderState.PENDING_CANCEL, OrderState.UNKNOWN), strict=True)
    )
    panel.show(long_two(orders=by_id(ending, unknown, replace(SECOND[0], held=Held.LOCAL))))
    assert panel.text("p2StopFigures_0").endswith("being cancelled")
    assert not panel.find("p2StopEdit_0").isEnabled()
    assert panel.find("p2StopEdit_0").accessibleDescription() == "This order is being cancelled."
    assert panel.text("p2TargetFigures_0").endswith("UNKNOWN")
    assert panel.tone("p2TargetFigures_0") == "danger"
    assert panel.text("p2StopFigures_1").endswith("LOCAL")


def test_rows_go_with_their_orders_and_hide_while_a_close_runs(panel: Bench) -> None:
    panel.show(bracketed_two())
    panel.show(long_two(orders=by_id(SECOND[0])))
    assert len(rows(panel, "Stop")) == 1 and not panel.is_shown("p2TargetEdit_0")
    panel.show(long_two(orders=MappingProxyType({})))
    assert not panel.is_shown("p2Exits")
    panel.show(closing(CloseStep.CANCELLING))
    assert not panel.is_shown("p2Exits")


def test_exits_are_reached_by_tab_before_the_buttons(panel: Bench) -> None:
    panel.show(bracketed_two())
    panel.find("p2StopEdit_0").setFocus()
    for name in ("p2StopEdit_1", "p2TargetEdit_0", "p2TargetEdit_1", "p2Close"):
        QTest.keyClick(panel.widget.focusWidget(), Qt.Key.Key_Tab)
        assert panel.widget.focusWidget().objectName() == name


def test_an_exit_that_waits_for_its_entry_is_no_protection(panel: Bench) -> None:
    panel.show(with_waiting())
    assert rows(panel, "Stop")[2] == ("5042.25", "1 · waits for entry")
    assert [price for price, _ in rows(panel, "Target")] == ["5055.25", "5060.25", "5057.25"]
    assert panel.tone("p2StopFigures_2") == "ink3"
    alone = long_two(orders=by_id(WAITING_ENTRY, *WAITING))
    panel.show(alone)
    assert panel.text("p2Cell_stop") == "NONE"
    exits = protection(alone, alone.positions[ES_KEY])
    assert (exits.stop, exits.target, exits.stop_quantity) == (None, None, D(0))


def test_an_entry_that_fills_in_part_makes_as_much_of_its_exits_live() -> None:
    entry = entry_order(31, quantity=D(3), filled_quantity=D(2), state=OrderState.PARTIAL)
    stop, target = exit_pair(32, "5057.25", entry.client_order_id, quantity=D(3))
    world = long_two(orders=by_id(entry, stop, target))
    exits = protection(world, world.positions[ES_KEY])
    assert (exits.stop_quantity, exits.target_quantity) == (D(2), D(2))
    assert exits.stop is not None and exits.stop.client_order_id == stop.client_order_id
    done = by_id(replace(entry, state=OrderState.CANCELLED), stop, target)
    assert protection(replace(world, orders=done), world.positions[ES_KEY]).stop_quantity == 3


def test_the_risk_bar_draws_what_waits_dashed_and_in_grey() -> None:
    world: Snapshot = with_waiting()
    held = world.positions[ES_KEY]
    scale = scale_of(held, ES, D("5051.50"), protection(world, held), WAITING)
    assert scale is not None
    waiting = [mark for mark in scale.marks if mark.dashed]
    assert waiting == [
        Mark(D("5042.25"), "STOP 5042.25 waits for entry", "ink.3", True, True),
        Mark(D("5057.25"), "TARGET 5057.25 waits for entry", "ink.3", True, True),
    ]
    assert scale.low < D("5042.25")
    assert [mark.words for mark in scale.marks if mark.tone == "danger"] == ["STOP 5045.25 −500.00 ▼"]


def test_a_market_or_an_entry_order_is_no_exit(panel: Bench) -> None:
    leaving = order(40, type=OrderType.MARKET, trigger_price=None)
    turning = order(41, type=OrderType.LIMIT, trigger_price=None, price=D("5058.25"), intent=Intent.REVERSE)
    panel.show(bracketed_two(leaving, turning, WAITING_ENTRY))
    assert (len(rows(panel, "Stop")), len(rows(panel, "Target"))) == (2, 2)


def test_keys_lead_from_the_position_to_a_sent_change(panel: Bench) -> None:
    panel.show(bracketed_two())
    panel.widget.focus_first()
    tab_to(panel, "p2TargetEdit_0")
    field = panel.find("p2TargetEdit_0")
    field.selectAll()
    QTest.keyClicks(field, "24t")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.intents == [ChangeOrder("A1", FIRST[1].client_order_id, price=D("5056.25"))]


def test_where_the_panel_is_narrow_a_row_says_less_and_its_tooltip_all(panel: Bench) -> None:
    panel.widget.resize(600, 420)
    for _ in range(2):
        panel.show(bracketed_two(), 0.1)
        QApplication.processEvents()
    stop, target = panel.find("p2StopEdit_0").parentWidget(), panel.find("p2TargetEdit_0").parentWidget()
    assert (stop.x() < target.x(), stop.y() == target.y()) == (True, True)
    figures = panel.find("p2TargetFigures_0")
    assert figures.text() == "1 · +20t · SERVER"
    assert figures.toolTip() == "1 · +20t · +250.00 ▲ · +0.50R · SERVER"
    assert clipped(panel.widget) == []


def test_stops_alone_have_the_whole_width(panel: Bench) -> None:
    panel.widget.resize(600, 420)
    for _ in range(2):
        panel.show(long_two(), 0.1)
        QApplication.processEvents()
    assert panel.text("p2StopFigures_0") == "2 · −20t · −500.00 ▼ · −1.00R · SERVER"


def test_in_the_least_room_of_the_panel_everything_of_a_bracket_is_in_sight(panel: Bench) -> None:
    pair = exit_pair(1, "5055.25")
    panel.widget.resize(600, 356)
    for _ in range(2):
        panel.show(long_two(orders=by_id(*pair)), 0.1)
        QApplication.processEvents()
    assert (panel.widget.width(), panel.widget.height()) == (600, 356)
    assert clipped(panel.widget) == []
    for name in ("p2StopEdit_0", "p2TargetEdit_0", "p2RiskBar", "p2Cell_pts", "p2Close", "p2Trail"):
        shown = panel.find(name)
        assert shown.visibleRegion().boundingRect().height() >= shown.height() - 1, name


def test_more_rows_than_there_is_room_for_scroll_by_whole_rows(panel: Bench) -> None:
    panel.widget.resize(600, 370)
    for _ in range(2):
        panel.show(with_waiting(), 0.1)
        QApplication.processEvents()
    seen = [panel.find(f"p2StopEdit_{at}").visibleRegion().boundingRect().height() for at in range(3)]
    assert seen == [24, 0, 0]
    panel.widget.resize(600, 440)
    panel.show(with_waiting(), 0.1)
    QApplication.processEvents()
    assert [panel.find(f"p2StopEdit_{at}").visibleRegion().boundingRect().height() for at in range(3)] == [24, 24, 24]


def test_the_risk_bar_says_of_each_exit_what_leaves_there_makes() -> None:
    world = bracketed_two()
    held = world.positions[ES_KEY]
    scale = scale_of(held, ES, D("5051.50"), protection(world, held))
    assert scale is not None
    words = {mark.words for mark in scale.marks}
    assert {"TARGET 5055.25 +250.00 ▲", "TARGET 5060.25 +500.00 ▲", "STOP 5045.25 −500.00 ▼"} <= words
