"""The ladder: what it shows, that its rows stay, and that a click is exactly the order it said."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.alert_commands import AddAlert
from core.commands import CancelOrder, ChangeOrder, ClosePosition, OpenWithBracket, SubmitOrder
from core.depth_commands import FollowDepth
from core.events import Link
from core.model.alert import AlertKind, Way
from core.model.depth import Depth
from core.model.fill import Side
from core.model.order import Held, Intent, Order, OrderState, OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.dom_panel import DomPanel
from panels.dom_rows import ASK, BID, HALF, MY_BUYS, MY_SELLS, PRICE, VOL
from panels.dom_view import ANOTHER
from panels.feed_watch import FeedWatch
from panels.order_entry_panel import OrderEntryPanel
from panels.theme import Theme
from panels.zoom import Zoom
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import (
    ACCOUNT,
    ES_KEY,
    MES,
    MES_KEY,
    NOW,
    OTHER_ACCOUNT,
    by_id,
    flat,
    in_mode,
    link_is,
    long_two,
    order,
    position,
    quote,
)

PLACE = ("sim", "ESZ5")
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NO_GRAB = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise|grabbing)")
PLAIN = Qt.KeyboardModifier.NoModifier


def levels(best: str, step: str, *level_sizes: int) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(best) + Decimal(step) * at, Decimal(size)) for at, size in enumerate(level_sizes))


BOOK = Depth("ESZ5", levels("5051.25", "-0.25", 12, 30, 7), levels("5051.50", "0.25", 8, 25), True, NOW)


def booked(now: Snapshot | None = None, book: Depth | None = BOOK) -> Snapshot:
    depths = {} if book is None else {PLACE: book}
    return replace(now or flat(), depths=MappingProxyType(depths))


def entry(number: int, price: str, **changes: Any) -> Order:
    """Return a working limit to buy one."""
    terms: dict[str, Any] = {
        "side": Side.BUY,
        "intent": Intent.OPEN,
        "type": OrderType.LIMIT,
        "price": Decimal(price),
        "trigger_price": None,
        "quantity": Decimal(1),
    }
    return order(number, **{**terms, **changes})


class Dom:
    """The panel on a bench, with its ticket, and a hand at the pointer."""

    def __init__(self, bench: Bench, ticket: OrderEntryPanel) -> None:
        self.bench, self.ticket, self.panel = bench, ticket, bench.widget
        self.view, self.model = self.panel.view, self.panel.model
        self.now = Snapshot()

    def show(self, now: Snapshot, after_s: float = 0.0) -> "Dom":
        """Show a snapshot, some seconds later, in both."""
        self.now = now
        self.bench.clock.seconds += after_s
        self.ticket.refresh(now, self.bench.clock.now(), self.bench.clock.monotonic())
        self.bench.show(now)
        return self

    def settled(self, now: Snapshot) -> "Dom":
        """Show a snapshot and wait until presses count."""
        return self.show(now).show(now, after_s=0.3)

    def row(self, price: str) -> int:
        """Return the row of a price."""
        found = self.model.axis.row(Decimal(price))
        assert isinstance(found, int)
        return found

    def text(self, price: str, column: int) -> str:
        """Return what stands beside a price."""
        return str(self.model.text(self.row(price), column))

    def spoken(self, price: str, column: int) -> str:
        """Return what a screen reader says of it."""
        return str(self.model.data(self.model.index(self.row(price), column), Qt.ItemDataRole.AccessibleTextRole))

    def at(self, price: str, column: int) -> QPoint:
        """Return where a cell is."""
        place: QPoint = self.view.visualRect(self.model.index(self.row(price), column)).center()
        return place

    def move(self, price: str, column: int, modifiers: Qt.KeyboardModifier = PLAIN, buttons: Any = None) -> "Dom":
        """Point at a cell."""
        self._mouse(QMouseEvent.Type.MouseMove, self.at(price, column), Qt.MouseButton.NoButton, buttons, modifiers)
        return self

    def press(self, at: QPoint, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a button at a place."""
        self._mouse(QMouseEvent.Type.MouseButtonPress, at, button, button, modifiers)

    def release(self, at: QPoint, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Let it go."""
        self._mouse(QMouseEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, modifiers)

    def click(
        self, price: str, column: int, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = PLAIN
    ) -> "Dom":
        """Press and let go on a cell."""
        at = self.at(price, column)
        self.press(at, button, modifiers)
        self.release(at, button, modifiers)
        return self

    def drag(self, price: str, column: int, to: str, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Drag from a cell to another price, and do not let go yet."""
        self.press(self.at(price, column), LEFT, modifiers)
        self.move(to, column, modifiers, LEFT)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> "Dom":
        """Press a key in the ladder."""
        QTest.keyClick(self.view, key, modifiers)
        return self

    @property
    def asked(self) -> list[Any]:
        """What it asked of the engine beside depth."""
        return [one for one in self.bench.intents if not isinstance(one, FollowDepth)]

    @property
    def followed(self) -> list[tuple[str, str]]:
        """Whose depth it asked for."""
        return [(one.connection, one.symbol) for one in self.bench.intents if isinstance(one, FollowDepth)]

    @property
    def state(self) -> str:
        """The line over the ladder."""
        return str(self.panel.state.fullest)

    @property
    def said(self) -> str:
        """What stands at the pointer."""
        return "" if self.view.hover is None else str(self.view.hover.words)

    @property
    def keys(self) -> str:
        """What Enter would do, where that is something else."""
        return str(self.panel.keys.fullest)

    @property
    def reason(self) -> str:
        """What speaks against it, or why nothing was sent."""
        return str(self.panel.reason.fullest)

    def _mouse(self, kind: Any, at: QPoint, button: Any, buttons: Any, modifiers: Any) -> None:
        view = self.view.viewport()
        down = buttons if buttons is not None else Qt.MouseButton.NoButton
        QApplication.sendEvent(
            view, QMouseEvent(kind, QPointF(at), QPointF(view.mapToGlobal(at)), button, down, modifiers)
        )


@pytest.fixture
def dom(theme: Theme, ids: ActionIds, clock: HandClock, bench: Callable[[QWidget], Bench]) -> Dom:
    ticket = OrderEntryPanel(theme, ids)
    bench(ticket)
    ticket.fields.quantity.setText("2")
    panel = DomPanel(theme, ids, FeedWatch(), ticket, clock.monotonic)
    made = Dom(bench(panel), ticket)
    panel.resize(300, 900)
    panel.show()
    panel.view.setFocus()
    return made


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_the_book_stands_beside_its_prices_in_words_too(dom: Dom) -> None:
    dom.show(booked())
    assert [dom.text("5051.25", BID), dom.text("5051.00", BID), dom.text("5051.50", ASK)] == ["12", "30", "8"]
    assert dom.text("5051.50", BID) == "" and dom.text("5050.25", BID) == ""
    assert dom.spoken("5051.25", BID) == "12 bid at 5051.25"
    assert dom.spoken("5050.00", ASK) == "nothing asked at 5050.00"
    assert dom.spoken("5051.50", PRICE) == "5051.50, last price"
    assert dom.state == "" and dom.view.accessibleName() == "DOM ladder, ESZ5"


def test_it_opens_with_the_last_price_in_the_middle(dom: Dom) -> None:
    dom.show(booked())
    middle = dom.view.viewport().height() / 2
    assert abs(dom.at("5051.50", PRICE).y() - middle) <= 20


def test_the_columns_have_their_names(dom: Dom) -> None:
    dom.show(booked())
    names = [dom.model.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole) for at in range(6)]
    assert names == ["My buys", "Bid", "Price", "Ask", "My sells", "Vol"]


def test_a_change_of_the_book_draws_its_rows_and_no_others(dom: Dom) -> None:
    dom.show(booked())
    drawn: list[tuple[int, int]] = []
    dom.model.dataChanged.connect(lambda first, last: drawn.append((first.row(), last.row())))
    dom.show(booked())
    assert drawn == [], "the same book"
    dom.show(booked(book=replace(BOOK, bids=levels("5051.25", "-0.25", 13, 30, 7))))
    assert drawn == [(dom.row("5051.25"),) * 2]


def test_our_orders_stand_at_their_price_with_what_they_are(dom: Dom) -> None:
    dom.show(
        booked(
            long_two(
                orders=by_id(
                    order(1, trigger_price=Decimal("5049.00")),
                    entry(2, "5050.00", state=OrderState.PENDING_CHANGE),
                    entry(3, "5049.50"),
                    entry(4, "5049.50"),
                    entry(5, "5048.50", state=OrderState.UNKNOWN),
                )
            )
        )
    )
    assert dom.text("5049.00", MY_SELLS) == "S 2" and dom.text("5049.00", MY_BUYS) == ""
    assert dom.text("5050.00", MY_BUYS) == "L 1…", "pending"
    assert dom.text("5049.50", MY_BUYS) == "2× 2" and dom.text("5048.50", MY_BUYS) == "? L 1"
    assert dom.spoken("5049.00", MY_SELLS) == "Stop sell 2 at 5049.00, working, held by the server"


def test_an_order_this_program_holds_is_said_so(dom: Dom) -> None:
    dom.show(booked(long_two(orders=by_id(order(1, held=Held.LOCAL)))))
    assert dom.spoken("5045.25", MY_SELLS).endswith("held by this program")


def test_average_and_the_price_at_which_the_day_is_even_are_marked(dom: Dom) -> None:
    dom.show(booked(long_two()))
    assert dom.spoken("5050.25", PRICE) == "5050.25, average"
    assert dom.spoken("5049.25", PRICE) == "5049.25, day breaks even"


def test_what_traded_at_a_price_stands_in_the_last_column_and_can_be_hidden(dom: Dom) -> None:
    volumes = MappingProxyType({PLACE: MappingProxyType({Decimal("5051.25"): Decimal(345)})})
    dom.show(replace(booked(), volumes=volumes))
    assert dom.text("5051.25", VOL) == "345" and dom.spoken("5051.25", VOL) == "345 traded at 5051.25"
    dom.panel.deeds.menu._volume.trigger()
    assert dom.view.isColumnHidden(VOL)
    assert sum(dom.view.columnWidth(at) for at in range(VOL)) == dom.view.viewport().width()
    dom.panel.deeds.menu._volume.trigger()
    assert not dom.view.isColumnHidden(VOL)


def test_without_a_trade_it_opens_at_the_best_of_the_book(dom: Dom) -> None:
    dom.show(booked(flat(quotes=MappingProxyType({}))))
    assert dom.row("5051.25") == HALF


def test_the_foot_says_what_is_open_and_closes_it(dom: Dom) -> None:
    dom.show(booked(long_two()))
    texts = [dom.bench.text(name) for name in ("domSide", "domAverage", "domPnl", "domR", "domDay", "domEven")]
    assert texts == ["LONG 2", "5050.25", "+125.00 ▲", "+0.25R", "+110.20 ▲", "5049.25"]
    assert dom.bench.spoken("domClose") == "Close 2, ESZ5, long 2, account Sim1, SIM"
    dom.bench.press("domClose")
    assert dom.asked == [ClosePosition("A1", ES_KEY)]


def test_with_nothing_open_close_says_so(dom: Dom) -> None:
    dom.show(booked())
    button = dom.bench.find("domClose")
    assert not button.isEnabled() and button.accessibleDescription() == "Nothing is open here."


# -- whose depth is asked for -----------------------------------------------------------------------------------------


def test_depth_is_asked_for_while_somebody_can_see_it(dom: Dom) -> None:
    dom.show(booked()).show(booked())
    assert dom.followed == [PLACE]
    dom.panel.hide()
    dom.show(booked())
    assert dom.followed == [PLACE, ("", "")]
    dom.panel.show()
    dom.show(booked())
    assert dom.followed[2:] == [PLACE]


def test_what_comes_up_again_is_deaf_until_it_has_been_drawn(dom: Dom) -> None:
    dom.settled(booked())
    dom.panel.hide()
    other = replace(booked(), selected_symbol=MappingProxyType({"sim": "MESZ5"}))
    dom.show(other, after_s=1.0)
    dom.panel.show()
    dom.click("5049.50", BID)
    assert dom.asked == []


def test_another_symbol_is_another_book_and_other_rows(dom: Dom) -> None:
    dom.settled(booked())
    other = replace(booked(book=None), selected_symbol=MappingProxyType({"sim": "MESZ5"}))
    other = replace(other, quotes=MappingProxyType({("sim", "MESZ5"): quote("4000.00", symbol="MESZ5")}))
    dom.show(other)
    assert dom.followed[-1] == ("sim", "MESZ5") and dom.model.instrument == MES
    assert dom.text("4000.00", BID) == ""
    dom.click("4000.00", BID)
    assert dom.asked == [], "what was clicked belonged to the rows before"
    dom.show(other, after_s=0.3).click("4000.00", BID)
    assert [one.key for one in dom.asked] == [MES_KEY]


# -- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("book", "words", "tone"),
    [
        (None, "Subscribing…", "ink2"),
        (Depth("ESZ5"), "Subscribing…", "ink2"),
        (Depth("ESZ5", is_served=False), "No depth for this symbol.", "ink2"),
        (Depth("ESZ5", complete=True), "No depth for this symbol.", "ink2"),
        (Depth("ESZ5", refused="No permission"), "Depth refused: No permission.", "caution"),
        (
            replace(BOOK, bids=levels("5051.75", "-0.25", 5)),
            "Crossed book: shown as received, part of it is missing.",
            "caution",
        ),
    ],
)
def test_the_line_above_says_how_the_book_is(dom: Dom, book: Depth | None, words: str, tone: str) -> None:
    dom.settled(booked(book=book))
    assert (dom.state, dom.bench.tone("domState"), dom.view.accessibleDescription()) == (words, tone, words)
    assert dom.text("5051.50", PRICE) == "5051.50", "the prices stand without a book"
    dom.click("5049.50", BID)
    assert len(dom.asked) == 1


def test_before_a_symbol_is_chosen_it_asks_for_one(dom: Dom) -> None:
    dom.show(flat(selected_symbol=MappingProxyType({})))
    assert dom.state == "Choose a symbol." and dom.model.rowCount() == 0


def test_a_symbol_nobody_has_defined_has_no_rows(dom: Dom) -> None:
    dom.show(booked(flat(instruments=MappingProxyType({}))))
    assert dom.state == "Waiting for the definition of ESZ5…" and dom.model.rowCount() == 0


STALE = [
    booked(flat(quotes=MappingProxyType({PLACE: quote(stale=True)}))),
    booked(book=replace(BOOK, stale=True)),
    link_is(Link.OFFLINE, booked()),
]


@pytest.mark.parametrize("now", STALE, ids=["quote", "book", "line"])
def test_history_is_grey_says_so_and_takes_no_entry(dom: Dom, now: Snapshot) -> None:
    dom.settled(now)
    assert dom.state.startswith("Data stale") and dom.bench.tone("domState") == "danger" and dom.view.is_stale
    dom.click("5049.50", BID)
    assert dom.asked == [] and dom.reason == "Not sent: Data stale."


def test_over_stale_data_a_position_can_be_reduced_and_orders_cancelled(dom: Dom) -> None:
    now = booked(long_two(quotes=MappingProxyType({PLACE: quote(stale=True)})))
    now = replace(now, orders=by_id(entry(2, "5050.00")))
    dom.settled(now)
    dom.click("5052.00", ASK)
    assert [(one.side, one.price) for one in dom.asked] == [(Side.SELL, Decimal(5052))]
    dom.click("5050.00", BID)
    dom.bench.intents.clear()
    dom.key(Qt.Key.Key_Delete)
    assert dom.asked == [CancelOrder(entry(2, "5050.00").client_order_id)]


def test_an_entry_that_cannot_be_sent_is_refused_in_words(dom: Dom) -> None:
    dom.settled(booked(in_mode(Mode.LIVE, flat())))
    dom.move("5049.50", BID)
    assert dom.view.hover.refused.startswith("Arm to trade") and dom.bench.tone("domReason") == "caution"
    dom.click("5049.50", BID)
    assert dom.asked == [] and dom.reason.startswith("Not sent: Arm to trade")


def test_an_unreadable_quantity_is_refused_in_words(dom: Dom) -> None:
    dom.settled(booked())
    dom.ticket.fields.quantity.setText("many")
    dom.click("5049.50", BID)
    assert dom.asked == [] and dom.reason.startswith("Not sent: ")


# -- clicks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "side"), [(MY_BUYS, Side.BUY), (BID, Side.BUY), (ASK, Side.SELL), (MY_SELLS, Side.SELL)]
)
@pytest.mark.parametrize(("modifiers", "kind"), [(PLAIN, OrderType.LIMIT), (SHIFT, OrderType.STOP)])
def test_a_click_is_the_order_the_pointer_said(
    dom: Dom, column: int, side: Side, modifiers: Qt.KeyboardModifier, kind: OrderType
) -> None:
    dom.settled(booked()).move("5049.50", column, modifiers)
    word = "Limit" if kind is OrderType.LIMIT else "Stop"
    assert dom.view.hover.words == f"{word} {side.value} 2 @ 5049.50"
    assert dom.keys == "", "it is not said twice"
    dom.click("5049.50", column, LEFT, modifiers)
    (sent,) = dom.asked
    assert isinstance(sent, SubmitOrder) and not sent.confirmed
    assert (sent.key, sent.side, sent.type, sent.quantity) == (ES_KEY, side, kind, Decimal(2))
    price = sent.price if kind is OrderType.LIMIT else sent.trigger_price
    assert price == Decimal("5049.50") and (sent.price is None) == (kind is OrderType.STOP)


def test_what_would_fill_or_trigger_at_once_is_said_before(dom: Dom) -> None:
    dom.settled(booked())
    dom.move("5053.00", BID)
    assert (dom.said, dom.reason) == ("Limit BUY 2 @ 5053.00", "a BUY here fills at once")
    dom.move("5049.50", BID, SHIFT)
    assert dom.said == "Stop BUY 2 @ 5049.50"
    assert dom.reason == "below the market: a BUY stop here triggers at once"
    dom.move("5049.50", BID)
    assert (dom.said, dom.reason) == ("Limit BUY 2 @ 5049.50", "")


def test_where_the_money_is_real_a_click_is_asked_about_as_the_ticket_is(dom: Dom) -> None:
    now = in_mode(Mode.LIVE, booked(flat(armed=MappingProxyType({ACCOUNT: 9999.0}))))
    dom.settled(now).click("5049.50", BID)
    assert dom.asked == []
    dialog = dom.bench.find("confirmDialog")
    assert dialog.accessibleDescription() == "BUY 2 limit 5049.50 → LONG 2. 1 tick = 25.00 USD"
    dom.show(now).show(now, after_s=0.4)
    dom.bench.press("confirmYes")
    assert [(one.price, one.confirmed) for one in dom.asked] == [(Decimal("5049.50"), True)]


@pytest.mark.parametrize("column", [PRICE, VOL])
def test_prices_and_volumes_are_no_buttons(dom: Dom, column: int) -> None:
    dom.settled(booked()).move("5049.50", column).click("5049.50", column)
    assert dom.asked == [] and dom.view.hover is None


def test_two_clicks_in_a_burst_are_one_order_and_two_prices_are_two(dom: Dom) -> None:
    dom.settled(booked()).click("5049.50", BID).click("5049.50", BID).click("5049.25", BID)
    ids = [one.action_id for one in dom.asked]
    assert ids[0] == ids[1] != ids[2]


def test_a_press_that_ends_on_another_cell_sends_nothing(dom: Dom) -> None:
    dom.settled(booked())
    dom.press(dom.at("5049.50", BID))
    dom.release(dom.at("5049.25", BID))
    assert dom.asked == []


def test_a_press_that_ends_outside_sends_nothing(dom: Dom) -> None:
    dom.settled(booked())
    dom.press(dom.at("5049.50", BID))
    dom.release(QPoint(-20, -20))
    assert dom.asked == []


def test_the_hover_goes_with_the_pointer(dom: Dom) -> None:
    dom.settled(booked()).move("5049.50", BID)
    QApplication.sendEvent(dom.view, QEvent(QEvent.Type.Leave))
    assert dom.view.hover is None


# -- malice ------------------------------------------------------------------------------------------------------------


def test_a_click_on_a_size_that_has_changed_under_the_pointer_is_not_sent_and_the_next_is(dom: Dom) -> None:
    dom.settled(booked()).move("5049.50", BID)
    dom.ticket.fields.quantity.setText("3")
    dom.click("5049.50", BID)
    assert dom.asked == [] and dom.reason == ANOTHER and dom.said == "Limit BUY 3 @ 5049.50"
    dom.click("5049.50", BID)
    assert [one.quantity for one in dom.asked] == [Decimal(3)]


def test_a_size_that_changes_between_press_and_release_is_not_sent(dom: Dom) -> None:
    dom.settled(booked()).move("5049.50", BID)
    at = dom.at("5049.50", BID)
    dom.press(at)
    dom.ticket.fields.quantity.setText("3")
    dom.release(at)
    assert dom.asked == [] and dom.reason == ANOTHER


@pytest.mark.parametrize(("down", "up", "kind"), [(SHIFT, PLAIN, OrderType.STOP), (PLAIN, SHIFT, OrderType.LIMIT)])
def test_shift_let_go_or_pressed_before_the_button_is_let_go_makes_no_other_order(
    dom: Dom, down: Qt.KeyboardModifier, up: Qt.KeyboardModifier, kind: OrderType
) -> None:
    dom.settled(booked()).move("5053.00", BID, down)
    at = dom.at("5053.00", BID)
    dom.press(at, LEFT, down)
    dom.move("5053.00", BID, up, LEFT).show(dom.now)
    word = "Stop" if kind is OrderType.STOP else "Limit"
    assert dom.said == f"{word} BUY 2 @ 5053.00", "while it is held it is what was pressed"
    dom.release(at, LEFT, up)
    assert [one.type for one in dom.asked] == [kind]


def test_rows_scrolled_under_a_resting_pointer_are_said_at_once(dom: Dom) -> None:
    dom.settled(booked()).move("5049.50", BID)
    bar = dom.view.verticalScrollBar()
    bar.setValue(bar.value() + 20)
    assert dom.said == "Limit BUY 2 @ 5049.25"


def test_an_order_dragged_by_the_wheel_goes_where_it_was_said_to_go(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    at = dom.at("5050.00", MY_BUYS)
    bar = dom.view.verticalScrollBar()
    bar.setValue(bar.value() + 40)
    assert dom.said == "Move limit BUY 1 5049.50 → 5049.50"
    bar.setValue(bar.value() + 20)
    assert dom.said == "Move limit BUY 1 5049.50 → 5049.25"
    dom.release(at)
    assert [one.price for one in dom.asked] == [Decimal("5049.25")]


def test_a_drag_let_go_where_the_pointer_was_never_said_to_be_moves_nothing(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.release(dom.at("5050.50", MY_BUYS))
    assert dom.asked == []


def test_a_button_let_go_elsewhere_is_no_drag_when_the_pointer_comes_back(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.press(dom.at("5049.50", MY_BUYS))  # a question or another window takes the release
    dom.move("5050.00", MY_BUYS)
    assert dom.view.dragged is None and not dom.view.is_held
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.move("5050.25", MY_BUYS)
    assert dom.view.dragged is None
    dom.release(dom.at("5050.25", MY_BUYS))
    assert dom.asked == []


def test_an_order_that_arrives_under_the_pointer_between_press_and_release_is_left_alone(dom: Dom) -> None:
    dom.settled(booked())
    at = dom.at("5049.50", MY_BUYS)
    dom.press(at)
    dom.show(booked(flat(orders=by_id(entry(2, "5049.50")))))
    dom.move("5050.00", MY_BUYS, PLAIN, LEFT)
    assert dom.view.dragged is None
    dom.release(dom.at("5050.00", MY_BUYS))
    assert dom.asked == []


def test_a_link_lost_between_press_and_release_sends_no_entry(dom: Dom) -> None:
    dom.settled(booked())
    at = dom.at("5049.50", BID)
    dom.press(at)
    dom.show(link_is(Link.OFFLINE, booked()))
    dom.release(at)
    assert dom.asked == [] and dom.reason == "Not sent: Data stale."


def test_a_sell_that_closed_a_long_is_no_entry_once_the_long_is_gone(dom: Dom) -> None:
    held = in_mode(Mode.LIVE, booked(long_two()))
    dom.settled(held)
    at = dom.at("5052.00", ASK)
    dom.press(at)
    dom.show(in_mode(Mode.LIVE, booked(flat())))
    dom.release(at)
    assert dom.asked == [] and dom.reason.startswith("Not sent: Arm to trade")


def test_a_held_delete_cancels_once_and_held_arrows_with_control_move_once(dom: Dom) -> None:
    from PySide6.QtGui import QKeyEvent

    dom.settled(booked(long_two(orders=RESTING)))
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    for key, modifiers in ((Qt.Key.Key_Delete, PLAIN), (Qt.Key.Key_Up, CTRL)):
        for repeats in (False, True, True):
            QApplication.sendEvent(dom.view, QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers, "", repeats))
    assert [type(one) for one in dom.asked] == [CancelOrder, ChangeOrder]


# -- rows stay --------------------------------------------------------------------------------------------------------


def test_rows_stay_where_they_are_while_the_market_moves(dom: Dom) -> None:
    dom.settled(booked())
    before = dom.at("5051.50", PRICE)
    dom.show(booked(flat(quotes=MappingProxyType({PLACE: quote("5053.00")}))))
    assert dom.at("5051.50", PRICE) == before
    assert dom.spoken("5053.00", PRICE) == "5053.00, last price"


def test_a_last_price_out_of_view_is_said_and_space_centres_it(dom: Dom) -> None:
    dom.settled(booked())
    dom.show(booked(flat(quotes=MappingProxyType({PLACE: quote("5060.00")}))))
    assert dom.state == "Last 5060.00 is above: Space centres."
    dom.key(Qt.Key.Key_Space).show(dom.now)
    assert dom.state == "" and abs(dom.at("5060.00", PRICE).y() - dom.view.viewport().height() / 2) <= 20


def test_the_middle_button_centres(dom: Dom) -> None:
    dom.settled(booked())
    dom.show(booked(flat(quotes=MappingProxyType({PLACE: quote("5060.00")}))))
    dom.click("5050.00", BID, MIDDLE)
    assert abs(dom.at("5060.00", PRICE).y() - dom.view.viewport().height() / 2) <= 20
    assert dom.asked == []


def test_for_a_quarter_of_a_second_after_centring_nothing_that_is_pressed_counts(dom: Dom) -> None:
    dom.settled(booked()).key(Qt.Key.Key_Space)
    dom.click("5049.50", BID).key(Qt.Key.Key_Return)
    dom.show(dom.now, after_s=0.24).click("5049.50", BID)
    assert dom.asked == []
    dom.show(dom.now, after_s=0.02).click("5049.50", BID)
    assert len(dom.asked) == 1


@pytest.mark.parametrize(("key", "modifiers"), [(Qt.Key.Key_Delete, PLAIN), (Qt.Key.Key_Up, CTRL)])
def test_the_keys_that_act_on_an_order_are_as_deaf_as_the_pointer(
    dom: Dom, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    dom.settled(booked(long_two(orders=RESTING))).key(Qt.Key.Key_Space)
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    dom.key(key, modifiers)
    assert dom.asked == [] and dom.view.cursor_point == (dom.row("5049.50"), Side.BUY)
    dom.show(dom.now, after_s=0.26).key(key, modifiers)
    assert len(dom.asked) == 1


def test_a_press_of_before_another_account_came_on_show_is_nobodys_order(dom: Dom) -> None:
    dom.settled(booked())
    at = dom.at("5049.50", BID)
    dom.press(at)
    dom.show(booked(flat(selected_account=OTHER_ACCOUNT)))
    dom.release(at)
    dom.click("5049.50", BID)
    assert dom.asked == [] and dom.at("5049.50", BID) == at
    dom.show(dom.now, after_s=0.3).click("5049.50", BID)
    assert [one.key.account for one in dom.asked] == ["Sim2"]


def test_a_press_from_before_centring_does_not_count_after_it(dom: Dom) -> None:
    dom.settled(booked())
    at = dom.at("5049.50", BID)
    dom.press(at)
    dom.key(Qt.Key.Key_Space).show(dom.now, after_s=0.3)
    dom.release(at)
    assert dom.asked == []


def test_another_size_of_things_is_deaf_too_and_keeps_the_middle(dom: Dom) -> None:
    dom.settled(booked())
    dom.view.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # rows under it stay where they are
    dom.panel.resize(300, 700)
    QApplication.processEvents()
    assert abs(dom.at("5051.50", PRICE).y() - dom.view.viewport().height() / 2) <= 30
    dom.click("5050.50", BID)
    assert dom.asked == []


def test_who_scrolls_on_finds_more_prices_and_each_where_it_was(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.view.put_cursor(dom.row("5049.50"), Side.SELL)
    bar, axis = dom.view.verticalScrollBar(), dom.model.axis
    bar.setValue(bar.value() - 210 * 20)
    cursor = dom.view.cursor_point
    where = dom.at("5103.00", PRICE)
    dom.show(dom.now)
    assert dom.model.axis is not axis and dom.at("5103.00", PRICE) == where
    assert cursor is not None and dom.view.cursor_point == (cursor[0] + 210, Side.SELL)
    dom.move("5103.00", ASK).click("5103.00", ASK)
    assert [one.price for one in dom.asked] == [Decimal(5103)], "nothing moved, so the hand is not deaf"
    assert dom.state == "Last 5051.50 is below: Space centres."
    bar.setValue(bar.value() - 250 * 20)
    dom.show(dom.now).key(Qt.Key.Key_Space).show(dom.now)
    assert dom.state == "" and dom.text("5051.25", BID) == "12"


def test_between_press_and_release_the_rows_stay_the_same(dom: Dom) -> None:
    dom.settled(booked())
    axis, bar = dom.model.axis, dom.view.verticalScrollBar()
    dom.press(dom.at("5049.50", BID))
    bar.setValue(bar.value() - 210 * 20)
    dom.show(dom.now)
    assert dom.model.axis is axis
    dom.release(QPoint(-9, -9))
    dom.show(dom.now)
    assert dom.model.axis is not axis


def test_the_wheel_scrolls_and_never_changes_the_quantity(dom: Dom) -> None:
    dom.settled(booked())
    before, at = dom.at("5051.50", PRICE), dom.at("5049.50", BID)
    for modifiers in (PLAIN, CTRL):
        wheel = QWheelEvent(
            QPointF(at),
            QPointF(dom.view.mapToGlobal(at)),
            QPoint(0, 0),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(dom.view.viewport(), wheel)
    assert dom.at("5051.50", PRICE).y() < before.y() and dom.ticket.fields.quantity.text() == "2"


# -- drags ------------------------------------------------------------------------------------------------------------

RESTING = by_id(entry(2, "5049.50"), order(1, trigger_price=Decimal("5048.00")))


def test_a_drag_of_more_than_four_pixels_moves_an_order_on_release(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    assert dom.view.hover.is_drag and dom.view.hover.words == "Move limit BUY 1 5049.50 → 5050.00"
    assert dom.asked == []
    dom.release(dom.at("5050.00", MY_BUYS))
    assert dom.asked == [ChangeOrder("A1", entry(2, "5049.50").client_order_id, price=Decimal(5050))]


def test_a_stop_is_moved_by_its_trigger(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5048.00", MY_SELLS, "5049.00")
    dom.release(dom.at("5049.00", MY_SELLS))
    assert [(one.price, one.trigger_price) for one in dom.asked] == [(None, Decimal(5049))]


def test_four_pixels_are_no_drag_and_a_click_on_our_order_sends_nothing(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    at = dom.at("5049.50", MY_BUYS)
    dom.press(at)
    dom._mouse(QMouseEvent.Type.MouseMove, at + QPoint(0, 4), Qt.MouseButton.NoButton, LEFT, PLAIN)
    assert dom.view.dragged is None
    dom.release(at + QPoint(0, 4))
    assert dom.asked == [] and dom.reason == "Drag to move it, Delete cancels it."
    dom.view.put_cursor(dom.row("5052.00"), Side.BUY)
    dom.show(dom.now)
    assert dom.reason == "Drag to move it, a click and Delete cancel it.", "Delete would cancel elsewhere"
    assert dom.said == "Limit BUY 1 @ 5049.50 · WORKING · SERVER"


def test_escape_leaves_a_dragged_order_where_it_is(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.key(Qt.Key.Key_Escape)
    dom.release(dom.at("5050.00", MY_BUYS))
    assert dom.asked == [] and dom.view.dragged is None


def test_a_drag_that_ends_where_it_began_or_outside_asks_for_nothing(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.move("5049.50", MY_BUYS, PLAIN, LEFT)
    dom.release(dom.at("5049.50", MY_BUYS))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.release(QPoint(-30, 10))
    assert dom.asked == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": OrderState.PENDING_CHANGE}, "under way"),
        ({"state": OrderState.PENDING_CANCEL}, "being cancelled"),
        ({"state": OrderState.SENT, "server_order_id": ""}, "not confirmed"),
    ],
)
def test_a_pending_order_is_not_dragged(dom: Dom, changes: dict[str, Any], reason: str) -> None:
    dom.settled(booked(long_two(orders=by_id(entry(2, "5049.50", **changes)))))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    assert dom.view.dragged is None and reason in dom.reason
    dom.release(dom.at("5050.00", MY_BUYS))
    assert dom.asked == []


def test_an_order_that_ends_during_a_drag_is_not_moved_and_that_is_said(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.drag("5049.50", MY_BUYS, "5050.00")
    dom.show(booked(long_two(orders=by_id(entry(2, "5049.50", state=OrderState.FILLED)))))
    assert dom.view.dragged is None and dom.reason == "Not moved: This order is filled."
    dom.release(dom.at("5050.00", MY_BUYS))
    assert dom.asked == []


def test_a_drag_that_widens_the_risk_is_asked_about_where_the_money_is_real(dom: Dom) -> None:
    stop = by_id(order(1, trigger_price=Decimal("5049.00")))
    held = MappingProxyType({ES_KEY: position(initial_risk=Decimal(100))})
    dom.settled(booked(in_mode(Mode.LIVE, long_two(orders=stop, positions=held))))
    dom.drag("5049.00", MY_SELLS, "5048.00")
    dom.release(dom.at("5048.00", MY_SELLS))
    assert dom.asked == [] and dom.bench.find("confirmDialog").windowTitle().startswith("Change SELL ESZ5")


# -- the menu of a price ----------------------------------------------------------------------------------------------


def actions(dom: Dom) -> dict[str, Any]:
    return {one.objectName(): one for one in dom.panel.deeds.menu.menu.actions() if not one.isSeparator()}


@NO_GRAB
def test_a_right_click_offers_the_entry_with_the_exits_of_the_ticket(dom: Dom) -> None:
    dom.settled(booked())
    dom.ticket.fields.exits.stop.setText("10t")
    dom.press(dom.at("5049.50", BID), RIGHT)
    offered = actions(dom)
    assert offered["domLimitWithExits"].text() == "Limit BUY 2 @ 5049.50, stop 5047.00 (10t), no target"
    offered["domLimitWithExits"].trigger()
    (sent,) = dom.asked
    assert isinstance(sent, OpenWithBracket) and sent.entry.price == Decimal("5049.50")
    dom.panel.deeds.menu.menu.close()


@NO_GRAB
def test_what_the_menu_offered_for_another_account_is_not_sent(dom: Dom) -> None:
    dom.settled(booked())
    dom.ticket.fields.exits.stop.setText("10t")
    dom.press(dom.at("5049.50", BID), RIGHT)
    offered = actions(dom)["domLimitWithExits"]
    dom.settled(booked(flat(selected_account=OTHER_ACCOUNT)))
    offered.trigger()
    assert dom.asked == []
    dom.panel.deeds.menu.menu.close()


@NO_GRAB
@pytest.mark.parametrize("what", ["position", "size", "exits", "line"])
def test_what_the_menu_offered_is_not_sent_where_it_would_be_another_order_by_now(dom: Dom, what: str) -> None:
    dom.settled(booked())
    dom.ticket.fields.exits.stop.setText("10t")
    dom.press(dom.at("5049.50", BID), RIGHT)
    offered = actions(dom)["domLimitWithExits"]
    now = booked()
    if what == "position":  # it would close a short that a resting order has opened, and its stop would be one too many
        now = booked(flat(positions=MappingProxyType({ES_KEY: position(quantity="-2")})))
    elif what == "size":
        dom.ticket.fields.quantity.setText("3")
    elif what == "exits":
        dom.ticket.fields.exits.stop.setText("20t")
    else:
        now = link_is(Link.OFFLINE, booked())
    dom.show(now, after_s=1.0)
    offered.trigger()
    assert dom.asked == [] and dom.reason.startswith("Not sent: ")
    dom.panel.deeds.menu.menu.close()


@NO_GRAB
def test_without_exits_in_the_ticket_the_menu_says_what_is_missing(dom: Dom) -> None:
    dom.settled(booked()).press(dom.at("5049.50", ASK), RIGHT)
    offered = actions(dom)
    assert not offered["domLimitWithExits"].isEnabled()
    assert offered["domLimitWithExits"].text().startswith("Limit SELL with exits: Choose a bracket in the ticket")
    dom.panel.deeds.menu.menu.close()


@NO_GRAB
def test_the_menu_cancels_each_order_at_the_price(dom: Dom) -> None:
    mine = entry(2, "5049.50")
    dom.settled(booked(flat(orders=by_id(mine)))).press(dom.at("5049.50", BID), RIGHT)
    offered = actions(dom)[f"domCancel_{mine.client_order_id}"]
    assert offered.text() == "Cancel limit BUY 1 @ 5049.50"
    offered.trigger()
    assert dom.asked == [CancelOrder(mine.client_order_id)]
    dom.panel.deeds.menu.menu.close()


@NO_GRAB
@pytest.mark.parametrize(("price", "way"), [("5049.50", Way.BELOW), ("5053.00", Way.ABOVE)])
def test_the_menu_sets_an_alert_at_the_price(dom: Dom, price: str, way: Way) -> None:
    dom.settled(booked()).press(dom.at(price, BID), RIGHT)
    assert actions(dom)["domAlert"].text() == f"Alert at {price}"
    actions(dom)["domAlert"].trigger()
    assert dom.asked == [AddAlert("A1", AlertKind.PRICE, ES_KEY, way, Decimal(price))]
    dom.panel.deeds.menu.menu.close()


# -- keys -------------------------------------------------------------------------------------------------------------


def test_the_keys_do_everything_the_pointer_does(dom: Dom) -> None:
    dom.settled(booked())
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    dom.key(Qt.Key.Key_Return)
    dom.key(Qt.Key.Key_Right).key(Qt.Key.Key_Up).key(Qt.Key.Key_Return, SHIFT)
    dom.key(Qt.Key.Key_Left).key(Qt.Key.Key_Down).key(Qt.Key.Key_Down).key(Qt.Key.Key_Enter)
    assert [(one.side, one.type, one.price or one.trigger_price) for one in dom.asked] == [
        (Side.BUY, OrderType.LIMIT, Decimal("5049.50")),
        (Side.SELL, OrderType.STOP, Decimal("5049.75")),
        (Side.BUY, OrderType.LIMIT, Decimal("5049.25")),
    ]


def test_the_cursor_begins_at_the_last_price_and_pages(dom: Dom) -> None:
    dom.show(booked())
    dom.view.clearFocus()
    dom.panel.focus_first()
    assert dom.view.cursor_point == (dom.row("5051.50"), Side.BUY)
    dom.key(Qt.Key.Key_PageDown)
    row, side = dom.view.cursor_point
    assert row > dom.row("5051.50") + 5 and side is Side.BUY


def test_what_enter_would_send_is_said_before_it_is_pressed(dom: Dom, qtbot: QtBot) -> None:
    dom.settled(booked())
    with qtbot.waitActive(dom.panel):
        dom.panel.activateWindow()
    dom.view.setFocus()
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    dom.show(dom.now)
    assert dom.keys == "Enter: Limit BUY 2 @ 5049.50"
    dom.key(Qt.Key.Key_Right)
    assert (dom.keys, dom.reason) == ("Enter: Limit SELL 2 @ 5049.50", "a SELL here fills at once")
    dom.move("5049.00", BID)
    assert dom.said == "Limit BUY 2 @ 5049.00", "what a click sends stands at the pointer"
    assert dom.keys == "Enter: Limit SELL 2 @ 5049.50", "and Enter sends something else"
    dom.key(Qt.Key.Key_Return)
    assert [(one.side, one.price) for one in dom.asked] == [(Side.SELL, Decimal("5049.50"))]
    dom.click("5049.00", BID)
    assert dom.keys == "", "the cursor is where the pointer is: it is not said twice"


def test_delete_cancels_what_rests_at_the_price_and_says_when_there_is_nothing(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.view.put_cursor(dom.row("5049.50"), Side.SELL)
    dom.key(Qt.Key.Key_Delete)
    assert dom.asked == [CancelOrder(entry(2, "5049.50").client_order_id)]
    dom.key(Qt.Key.Key_Up).key(Qt.Key.Key_Delete)
    assert len(dom.asked) == 1 and dom.reason == "No order of ours to cancel at 5049.75."


def test_control_and_an_arrow_move_the_order_under_the_cursor_by_a_tick(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING)))
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    dom.key(Qt.Key.Key_Up, CTRL)
    assert [one.price for one in dom.asked] == [Decimal("5049.75")]
    assert dom.view.cursor_point == (dom.row("5049.75"), Side.BUY)
    dom.key(Qt.Key.Key_Down, CTRL)
    assert dom.reason == "No order of ours under the cursor."


def test_brackets_change_the_quantity_of_the_ticket(dom: Dom) -> None:
    dom.settled(booked()).key(Qt.Key.Key_BracketRight)
    assert dom.ticket.fields.quantity.text() == "3"
    dom.key(Qt.Key.Key_BracketLeft).key(Qt.Key.Key_BracketLeft)
    assert dom.ticket.fields.quantity.text() == "1"


def test_a_key_that_is_held_down_acts_once(dom: Dom) -> None:
    from PySide6.QtGui import QKeyEvent

    dom.settled(booked())
    dom.view.put_cursor(dom.row("5049.50"), Side.BUY)
    for repeats in (False, True, True):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, PLAIN, "\r", repeats)
        QApplication.sendEvent(dom.view, event)
    assert len(dom.asked) == 1


def test_escape_cancels_no_order(dom: Dom) -> None:
    dom.settled(booked(long_two(orders=RESTING))).key(Qt.Key.Key_Escape)
    assert dom.asked == []


# -- painting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [220, 300, 420])
def test_the_ladder_is_painted_and_the_last_price_is_on_a_plate(dom: Dom, theme: Theme, width: int) -> None:
    dom.panel.resize(width, 900)
    dom.settled(booked(long_two(orders=RESTING))).move("5049.50", BID)
    picture = dom.view.viewport().grab().toImage()
    cell = dom.view.visualRect(dom.model.index(dom.row("5051.50"), PRICE))
    assert picture.pixelColor(cell.topLeft() + QPoint(2, 2)) == theme.colour("ink.1")
    assert dom.view.columnWidth(PRICE) >= 60


def test_in_another_theme_it_is_painted_in_it(dom: Dom) -> None:
    from panels.theme import load_theme

    light = load_theme("light")
    dom.settled(booked())
    dom.view.set_theme(light)
    picture = dom.view.viewport().grab().toImage()
    assert picture.pixelColor(3, 3) == light.colour("bg.1")


def test_zoomed_rows_are_larger_keep_the_middle_and_are_deaf_for_a_moment(dom: Dom, qapp: QApplication) -> None:
    dom.settled(booked())
    zoom = Zoom(qapp)
    try:
        zoom.set_percent(150)
        zoom.spread()
        dom.show(booked())
        assert dom.view.rowHeight(0) == 30
        assert dom.view.horizontalHeader().length() == dom.view.viewport().width()
        assert abs(dom.at("5051.50", PRICE).y() - dom.view.viewport().height() / 2) <= 45
        dom.click("5050.50", BID)
        assert dom.asked == []
    finally:
        zoom.set_percent(100)
        zoom.spread()
