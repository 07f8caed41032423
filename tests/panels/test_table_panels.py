"""Orders, fills, positions: newest first, selection stays, actions act once, an empty list says what it knows."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabWidget, QWidget

from core.commands import AskBroker, CancelOrder, ClosePosition, SelectAccount, SelectSymbol
from core.events import Link
from core.model.fill import FillSource
from core.model.operation import CloseStep
from core.model.order import OrderState
from core.snapshot import Certainty, Snapshot
from core.unsaved_work import UnsavedWork
from panels.action_ids import ActionIds
from panels.fills_panel import FillsPanel
from panels.orders_panel import OrdersPanel
from panels.positions_panel import PositionsPanel
from panels.theme import Theme
from panels.widgets.cell_paint import CellDelegate
from panels.widgets.rows import INVERTED_ROLE, KIND_ROLE, TONE_ROLE
from tests.panels.conftest import Bench
from tests.panels.worlds import (
    ES_KEY,
    MES_KEY,
    NOW,
    OTHER_ACCOUNT,
    ago,
    by_id,
    closing,
    fill,
    flat,
    link_is,
    long_two,
    order,
    position,
    quote,
    status,
)


def column(bench: Bench, title: str, role: int = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    """Return what a table shows under a title, top to bottom."""
    model = bench.widget.view.rows_model
    at = [one.title for one in model.columns].index(title)
    return [model.data(model.index(number, at), role) for number in range(model.rowCount())]


def action_at(bench: Bench, row: int) -> Any:
    """Return the index of a row's action cell."""
    model = bench.widget.view.rows_model
    at = [one.action for one in model.columns].index(True)
    return model.index(row, at)


def click_action(bench: Bench, row: int) -> None:
    """Click a row's action cell."""
    view = bench.widget.view
    bench.widget.resize(1800, 300)
    bench.widget.show()
    view.scrollTo(action_at(bench, row))
    spot = view.visualRect(action_at(bench, row)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


@pytest.fixture
def orders(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(OrdersPanel(theme, ids, UTC))
    return made


@pytest.fixture
def fills(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(FillsPanel(theme, UTC))
    return made


@pytest.fixture
def positions(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(PositionsPanel(theme, ids, UTC))
    return made


def test_delete_meant_for_a_row_that_has_just_gone_presses_no_other(positions: Bench) -> None:
    both = {ES_KEY: position(), MES_KEY: position(MES_KEY)}
    positions.show(long_two(positions=MappingProxyType(both)))
    view = positions.find("positionsView")
    for gone, left in ((ES_KEY, MES_KEY), (MES_KEY, ES_KEY)):
        positions.show(long_two(positions=MappingProxyType(both)))
        view.setCurrentIndex(view.rows_model.index(view.rows_model.place_of(gone), 0))
        positions.show(long_two(positions=MappingProxyType({left: both[left]})), after_s=1)
        QTest.keyClick(view, Qt.Key.Key_Delete)
    assert positions.intents == []


def test_orders_stand_newest_first(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1), order(2), order(3))))
    assert column(orders, "Broker ID") == ["1003", "1002", "1001"]
    assert column(orders, "Time") == ["15:29:30", "15:29:29", "15:29:28"]


def test_only_what_may_still_trade_can_be_cancelled(orders: Bench) -> None:
    states = list(OrderState)
    orders.show(long_two(orders=by_id(*(order(at, state=state) for at, state in enumerate(states)))))
    offered = {state for state, kind in zip(reversed(states), column(orders, "Action", KIND_ROLE), strict=True) if kind}
    assert offered == {
        OrderState.SENT,
        OrderState.WORKING,
        OrderState.PARTIAL,
        OrderState.PENDING_CHANGE,
        OrderState.UNKNOWN,
    }


def test_a_click_on_cancel_cancels_that_order(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1), order(2))))
    click_action(orders, 1)
    assert orders.intents == [CancelOrder(order(1).client_order_id)]


def test_a_click_just_after_rows_moved_under_the_pointer_does_nothing(
    orders: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.widget.resize(1800, 300)
    orders.widget.show()
    orders.show(long_two(orders=by_id(order(1))))
    orders.widget.view.rows_model.is_held = True
    orders.show(long_two(orders=by_id(order(1), order(2))))
    click_action(orders, 0)
    assert orders.intents == [], "the order that was meant is one row lower now"
    monkeypatch.setattr("panels.widgets.table.DEAD_MS", 0)
    click_action(orders, 1)
    assert orders.intents == [CancelOrder(order(1).client_order_id)]


def test_delete_cancels_the_chosen_order(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1), order(2, state=OrderState.FILLED))))
    view = orders.widget.view
    for at in (0, 1):
        view.setCurrentIndex(view.rows_model.index(at, 0))
        QTest.keyClick(view, Qt.Key.Key_Delete)
    assert orders.intents == [CancelOrder(order(1).client_order_id)]


def test_an_unknown_order_is_marked_in_words(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1, state=OrderState.UNKNOWN))))
    assert column(orders, "State") == ["? UNKNOWN"]


def test_what_was_refused_in_this_run_stays_on_top_until_its_row_was_looked_at(orders: Bench) -> None:
    older = order(9, state=OrderState.REJECTED, updated_at=ago(60))
    orders.widget.show()
    orders.show(long_two(orders=by_id(older, order(1))))
    refused = order(2, state=OrderState.REJECTED, updated_at=NOW)
    world = long_two(orders=by_id(older, order(1), refused, order(3)))
    orders.show(world, after_s=1)
    assert column(orders, "Broker ID") == ["1002", "1009", "1003", "1001"]
    view = orders.widget.view
    view.setFocus()
    view.setCurrentIndex(view.rows_model.index(0, 0))
    orders.show(world)
    assert column(orders, "Broker ID") == ["1009", "1003", "1002", "1001"]
    assert view.rows_model.at(view.currentIndex().row()).order == refused


def test_the_reason_of_the_chosen_order_stands_whole_under_the_table(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1), order(2, state=OrderState.REJECTED, reason="Price off the grid."))))
    view = orders.widget.view
    view.setCurrentIndex(view.rows_model.index(0, 0))
    assert orders.text("ordersReason") == "REJECTED · SELL 2 ESZ5: Price off the grid."
    view.setCurrentIndex(view.rows_model.index(1, 0))
    assert not orders.is_shown("ordersReason")


def test_an_unanswered_order_grows_amber_and_then_red(orders: Bench) -> None:
    made = order(1, state=OrderState.SENT, created_at=NOW)
    tones = []
    for after_s in (1, 3, 7):
        orders.show(long_two(orders=by_id(made)), after_s=after_s)
        tones.append((column(orders, "Age")[0], column(orders, "Age", TONE_ROLE)[0]))
    assert tones == [("0:01", ""), ("0:04", "caution"), ("0:11", "danger")]


def test_an_unknown_order_is_drawn_in_swapped_colours(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1, state=OrderState.UNKNOWN), order(2))))
    assert column(orders, "State", INVERTED_ROLE) == [False, True]


def test_a_list_that_could_not_be_had_says_why_and_asks_again(orders: Bench) -> None:
    world = link_is(Link.SYNCING, long_two())
    failed = replace(world.connections["sim"], text="did not give a complete answer: no list of orders.")
    orders.show(world)
    assert not orders.is_shown("ordersViewStrip")
    orders.show(replace(world, connections=MappingProxyType({"sim": failed})))
    assert orders.text("ordersViewStrip") == "sim: did not give a complete answer: no list of orders."
    assert orders.widget.strip.property("tone") == "danger"
    orders.press("ordersViewAgain")
    assert orders.intents == [AskBroker("sim")]


def test_what_matters_of_an_order_is_seen_in_a_window_of_1200(orders: Bench) -> None:
    orders.widget.resize(1176, 200)
    orders.widget.show()
    orders.show(long_two())
    view = orders.widget.view
    assert view.horizontalScrollBar().maximum() == 0
    titles = [one.title for one in view.rows_model.columns if not one.hidden]
    assert titles[-1] == "Reason" and {"Client ID", "Broker ID"}.isdisjoint(titles)


def test_every_column_of_the_lists_is_there(orders: Bench, fills: Bench, positions: Bench) -> None:
    def titles(panel: Bench) -> set[str]:
        return {one.title for one in panel.widget.view.rows_model.columns}

    words = "Time Account Symbol Side Intent Type Qty Filled Price Trigger TIF State Held Age Reason"
    assert {*words.split(), "Client ID", "Broker ID"} <= titles(orders)
    assert {
        *["Time", "Received", "Symbol", "Side", "Qty", "Price", "Cost", "Order", "Source"],
        "Execution ID",
    } <= titles(fills)
    words = "Symbol Side Qty Avg Last R Stop Target Protection Certainty Age"
    assert {*words.split(), "Open P&L"} <= titles(positions)


def test_a_position_with_too_many_exits_says_orphan_and_an_old_one_turns_amber(positions: Bench) -> None:
    doubled = by_id(order(1), order(2))
    old = position(entry_time=ago(25 * 3600))
    positions.show(long_two(orders=doubled, positions=MappingProxyType({ES_KEY: old})))
    assert (column(positions, "Protection"), column(positions, "Protection", TONE_ROLE)) == (["ORPHAN 2"], ["danger"])
    assert column(positions, "Age", TONE_ROLE) == ["caution"]


def test_behind_another_page_nothing_is_drawn(orders: Bench) -> None:
    tabs = QTabWidget()
    tabs.addTab(QWidget(), "front")
    tabs.addTab(orders.widget, "behind")
    tabs.show()
    orders.show(long_two(orders=by_id(order(1))))
    assert orders.widget.view.rows_model.rows == ()
    tabs.setCurrentIndex(1)
    assert len(orders.widget.view.rows_model.rows) == 1, "and it is there as soon as it is looked at"
    tabs.removeTab(1)
    orders.widget.setParent(None)
    tabs.deleteLater()


def test_the_selection_stays_on_its_order_while_others_come_and_go(orders: Bench) -> None:
    orders.show(long_two(orders=by_id(order(1), order(2))))
    view = orders.widget.view
    view.setCurrentIndex(view.rows_model.index(1, 0))
    orders.show(long_two(orders=by_id(order(1), order(2), order(3), order(4))))
    assert view.rows_model.rows[view.currentIndex().row()].order == order(1)
    orders.show(long_two(orders=by_id(order(1), order(4, state=OrderState.FILLED))))
    assert view.rows_model.rows[view.currentIndex().row()].order == order(1)


def test_an_unchanged_list_tells_nobody(orders: Bench) -> None:
    world = long_two(orders=by_id(order(1, state=OrderState.FILLED)))
    orders.show(world)
    told: list[str] = []
    model = orders.widget.view.rows_model
    for name in ("dataChanged", "rowsInserted", "rowsRemoved", "modelReset"):
        getattr(model, name).connect(lambda *_, name=name: told.append(name))
    orders.show(world).show(replace(world, version=2), after_s=5)
    assert told == []
    orders.show(long_two(orders=by_id(order(1, state=OrderState.CANCELLED))))
    assert told == ["dataChanged"]


def test_cells_are_read_out_in_words(orders: Bench) -> None:
    orders.show(long_two())
    words = column(orders, "State", Qt.ItemDataRole.AccessibleTextRole)
    assert words == ["State: WORKING"]
    assert column(orders, "Action", Qt.ItemDataRole.AccessibleTextRole) == ["Action: Cancel SELL 2 ESZ5"]


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (flat(), "Nothing working."),
        (link_is(Link.SYNCING, flat()), "Waiting for broker list…"),
        (link_is(Link.OFFLINE, flat()), "Waiting for broker list…"),
        (Snapshot(), "Waiting for broker list…"),
    ],
)
def test_an_empty_order_list_means_nothing_only_after_the_broker_said_so(
    orders: Bench, snapshot: Snapshot, text: str
) -> None:
    orders.show(snapshot)
    assert orders.widget.view.empty_text == text
    assert orders.widget.view.accessibleDescription() == text


def test_lists_are_dated_while_the_line_is_down(orders: Bench, positions: Bench) -> None:
    for panel, name in ((orders, "ordersViewStrip"), (positions, "positionsViewStrip")):
        panel.show(link_is(Link.OFFLINE, long_two()))
        assert panel.text(name) == "sim: list as of 15:40:53 UTC – link down"
        assert panel.is_shown(name)
        panel.show(long_two())
        assert not panel.is_shown(name)


def test_fills_say_whose_they_are_and_what_is_off_the_grid(fills: Bench) -> None:
    strange = fill(2, source=FillSource.EXTERNAL, price=Decimal("5050.30"), off_tick=True, commission=None)
    fills.show(flat(fills=(fill(1), strange)))
    assert column(fills, "Source") == ["EXTERNAL", "ours"]
    assert column(fills, "Price") == ["5050.30 off tick", "5050.25"]
    assert column(fills, "Cost") == ["—", "2.25"]


def test_a_fill_the_database_lacks_says_so_and_its_position_too(fills: Bench, positions: Bench) -> None:
    work = UnsavedWork(2, 0, frozenset({(ES_KEY, fill(2).execution_id)}))
    world = long_two(fills=(fill(1), fill(2)), unsaved=work)
    fills.show(world)
    positions.show(world)
    assert column(fills, "Source") == ["ours · UNSAVED", "ours"]
    assert column(positions, "Certainty") == ["CONFIRMED · UNSAVED"]
    fills.show(long_two(fills=world.fills))
    assert column(fills, "Source") == ["ours", "ours"]


def test_the_foot_of_the_fills_counts_what_was_told_again(fills: Bench) -> None:
    fills.show(flat(fills=(fill(1),)))
    assert not fills.is_shown("fillsFoot")
    fills.show(flat(fills=(fill(1),), duplicates=3))
    assert fills.text("fillsFoot") == "Told again by the broker and dropped: 3 times in this run."


def test_fills_of_a_correction_without_price_show_a_dash(fills: Bench) -> None:
    fills.show(flat(fills=(fill(1, source=FillSource.RECON, price=None, fill_time=None),)))
    assert (column(fills, "Price"), column(fills, "Time")) == (["—"], ["—"])


def test_positions_of_all_scopes_stand_with_result_protection_and_certainty(positions: Bench) -> None:
    short = position(MES_KEY, "-1", "5052.00", entry_time=ago(60))
    world = long_two(
        positions=MappingProxyType({ES_KEY: position(), MES_KEY: short}),
        quotes=MappingProxyType({("sim", "ESZ5"): quote(), ("sim", "MESZ5"): quote("5053.00", symbol="MESZ5")}),
        scopes=MappingProxyType({ES_KEY: status(), MES_KEY: status(Certainty.MISMATCH, "-2", key=MES_KEY)}),
    )
    positions.show(world)
    assert column(positions, "Symbol") == ["MESZ5", "ESZ5"]
    assert column(positions, "Open P&L") == ["−5.00 ▼", "+125.00 ▲"]
    assert column(positions, "Protection") == ["UNPROTECTED 1", "OK"]
    assert column(positions, "Certainty") == ["MISMATCH", "CONFIRMED"]
    spoken = column(positions, "Open P&L", Qt.ItemDataRole.AccessibleTextRole)
    assert spoken[0] == "Open P&L: minus 5.00 USD, loss"


def test_close_in_a_row_shares_the_action_of_other_close_buttons(positions: Bench, ids: ActionIds) -> None:
    positions.show(long_two())
    shared = ids.press(f"close {ES_KEY}")
    for _ in range(5):
        click_action(positions, 0)
    assert set(positions.intents) == {ClosePosition(shared, ES_KEY)}


def test_an_entered_row_brings_its_scope_on_show(positions: Bench) -> None:
    other = replace(MES_KEY, account="Sim2")
    positions.show(
        long_two(positions=MappingProxyType({ES_KEY: position(), other: position(other, entry_time=ago(1))}))
    )
    view = positions.widget.view
    for at in (0, 1):
        view.activated.emit(view.rows_model.index(at, 0))
    assert positions.intents == [SelectAccount(OTHER_ACCOUNT), SelectSymbol("sim", "MESZ5")]


def test_a_row_being_closed_does_not_ask_again(positions: Bench) -> None:
    positions.show(closing(CloseStep.SENT))
    assert column(positions, "Action") == ["Closing…"]
    click_action(positions, 0)
    assert positions.intents == []


def test_positions_of_a_line_that_is_down_are_stale(positions: Bench) -> None:
    positions.show(link_is(Link.OFFLINE, long_two()))
    assert column(positions, "Certainty") == ["STALE"]


def test_no_open_positions_is_said_only_when_no_broker_reports_one(positions: Bench) -> None:
    positions.show(flat())
    assert positions.widget.view.empty_text == "No open positions."
    positions.show(flat(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")})))
    assert positions.widget.view.empty_text == "Waiting for broker list…"


@pytest.mark.parametrize("scrolled", [0, 40])
def test_no_figure_is_cut_in_the_middle_by_the_edge_of_its_table(
    fills: Bench, monkeypatch: pytest.MonkeyPatch, scrolled: int
) -> None:
    written: list[QRect] = []

    def note(self: CellDelegate, painter: Any, rect: QRect, text: str, number: bool, centred: bool) -> None:
        if number:
            written.append(QRect(rect))

    monkeypatch.setattr(CellDelegate, "_write", note)
    view = fills.widget.view
    fills.widget.resize(360, 200)
    fills.widget.show()
    fills.show(long_two(fills=(fill(1), fill(2))))
    view.horizontalScrollBar().setValue(scrolled)
    written.clear()
    view.viewport().grab()
    assert written
    assert all(rect.left() >= 0 and rect.right() < view.viewport().width() for rect in written)
