"""The whole view: one way in, one way out, nothing cut off, everything by keyboard."""

from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from core.commands import CancelOrder, ClosePosition, DecideRecovery, FlattenAccount, SubmitOrder
from core.events import Level, Link
from core.model.entry import EntryStep
from core.model.equity import performance
from core.model.operation import CloseChoice, CloseStep
from core.model.order import OrderState
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import Account
from core.queries import EquityFound
from core.snapshot import Certainty, Snapshot
from panels.action_ids import ActionIds
from panels.deck import LISTS, ORDERS
from panels.terminal_view import TerminalView
from panels.theme import Theme, load_theme
from panels.widgets.table import RowsView
from tests.panels.bracketed import bracketed_two, entering, entry_operation, with_waiting
from tests.panels.conftest import Bench, HandClock
from tests.panels.guarded import guarded, guards_of
from tests.panels.legibility import clipped
from tests.panels.worlds import (
    ACCOUNT,
    ES_KEY,
    MES_KEY,
    NOW,
    OTHER_ACCOUNT,
    announcement,
    answered,
    by_id,
    closing,
    counted,
    equity_of,
    fill,
    flat,
    in_mode,
    link_is,
    long_two,
    order,
    position,
    quote,
    recovery,
    row,
    several_trades,
    status,
    trade,
    with_answers,
)

NAMES = [
    "modeBand",
    "armButton",
    "toolbar",
    "ticket",
    "symbolBox",
    "qtyBox",
    "buyButton",
    "sellButton",
    "flattenButton",
    "statusOrders",
    "statusData",
    "statusAccount",
    "statusCertainty",
    "statusDb",
    "statusClock",
    "panel1",
    "p1Balance",
    "p1Equity",
    "panel2",
    "p2Side",
    "p2Pnl",
    "p2R",
    "p2Close",
    "p2Half",
    "p2Trail",
    "p2Certainty",
    "staleVeil",
    "typeBox",
    "priceBox",
    "triggerBox",
    "tifBox",
    "bracketBox",
    "stopBox",
    "targetBox",
    "chartView",
    "ordersView",
    "fillsView",
    "positionsView",
    "panel3",
    "logView",
    "recoveryDialog",
    "recoveryTable",
    "recoveryApply",
    "recoveryLater",
    "closeState",
    "emergencyCard",
    "toastArea",
    "bannerArea",
]
CELLS = [
    "price",
    "heat",
    "time",
    "target",
    "stop",
    "risk",
    "rmult",
    "range",
    "mae",
    "mfe",
    "vwap",
    "delta",
    "poc",
    "eff",
    "pts",
]

BUSY = long_two(
    orders=by_id(*(order(at, state=state, reason="as the broker said") for at, state in enumerate(OrderState))),
    fills=tuple(fill(at) for at in range(4)),
    notices=tuple(announcement(f"Note {at}.", level) for at, level in enumerate(Level)),
    positions=MappingProxyType({ES_KEY: position(), MES_KEY: position(MES_KEY, "-12", extremes_complete=False)}),
)
WORLDS: dict[str, Snapshot] = {
    "empty": Snapshot(),
    "busy": BUSY,
    "flat": flat(trades=(trade(),)),
    "down": link_is(Link.OFFLINE, BUSY, text="the server closed the connection", attempt=12, retry_at_s=131.0),
    "card": link_is(Link.OFFLINE, closing(CloseStep.LINK_DOWN, CloseChoice.DISMISS, text="Nothing was sent.")),
    "unclassified": in_mode(None, BUSY),
    "asking": closing(
        CloseStep.ASKING,
        CloseChoice.ASK_BROKER,
        CloseChoice.CLOSE_BROKER_QUANTITY,
        CloseChoice.CANCEL,
        text="Position is not confirmed (MISMATCH: here LONG 2, broker LONG 1).",
    ),
    "crowded": replace(
        closing(CloseStep.ASKING, CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.LEAVE_PROTECTED),
        halted="the database does not take writes",
        scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH, "1")}),
        accounts=MappingProxyType({ACCOUNT: Account(ACCOUNT, None, "USD")}),
    ),
    "bracketed": with_waiting(),
    "stop pending": entering(entry_operation(EntryStep.STOP_PENDING, text="Not confirmed."), world=bracketed_two()),
    "undecided": long_two(recovery=recovery(row(Situation.MATCH), row(Situation.NO_ANSWER, MES_KEY))),
}


def test_every_promised_name_is_there_once(view: Bench) -> None:
    # The engine always says what it found at the start; before it does, there is nothing to decide.
    view.show(replace(BUSY, recovery=recovery(wants=False)))
    for name in [*NAMES, *(f"p2Cell_{cell}" for cell in CELLS)]:
        assert view.find(name).objectName() == name


def test_controls_of_later_issues_are_absent(view: Bench) -> None:
    view.show(BUSY)
    for name in ("strategiesView", "backtestView"):
        assert view.widget.findChildren(QWidget, name) == []


def titles_of(view: Bench) -> list[str]:
    """Return the words on the tabs of the panels."""
    return [dock.windowTitle() for dock in view.widget.deck.docks.values()]


def told(view: Bench, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with an answer, as long as they come, to everything that was asked."""
    trades = tuple(
        replace(one, realized_pnl=(one.realized_pnl or Decimal(0)) * 1000, extremes_complete=False)
        for one in several_trades(12)
    )
    points = equity_of(trades)
    answers = {"statistics": counted((*trades, replace(trades[0], commissions=None)), total=4321)}
    return with_answers(
        snapshot,
        *(answered(one, answers.get(one.ticket) or EquityFound(points, performance(points))) for one in view.queries),
    )


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("size", [(1200, 720), (1440, 900)])
def test_nothing_is_cut_off(qapp: QApplication, bench: Any, clock: HandClock, size: tuple[int, int], name: str) -> None:
    theme = load_theme(name)
    theme.apply(qapp)
    made: Bench = bench(TerminalView(theme, clock, zone=UTC))
    made.widget.resize(*size)
    made.widget.show()
    found = {}
    for world, snapshot in WORLDS.items():
        for tab in LISTS:
            made.widget.deck.docks[tab].raise_()
            made.show(snapshot, after_s=0.4)
            made.show(told(made, snapshot), after_s=0.4)
            for _ in range(4):
                QApplication.processEvents()
            found[world, tab] = clipped(made.widget)
        assert (made.widget.width(), made.widget.height()) == size
    assert {at: texts for at, texts in found.items() if texts} == {}


def test_the_lists_of_a_low_window_are_a_bar_until_one_is_wanted_and_take_nothing_from_the_panels(view: Bench) -> None:
    view.widget.resize(1200, 720)
    view.widget.show()
    for snapshot in (guarded(guards_of()), *(WORLDS[name] for name in ("bracketed", "stop pending"))):
        for _ in range(3):
            view.show(snapshot, after_s=0.4)
            QApplication.processEvents()
        for panel in (view.widget.account, view.widget.position):
            assert panel.height() >= panel.minimumSizeHint().height()
    assert not view.find("ordersView").isVisible()
    view.widget.deck.open(ORDERS)
    QApplication.processEvents()
    assert view.find("ordersView").isVisible()


FREE_TEXT = {"Reason", "Text", "Client ID", "Order", "Execution ID"}


@pytest.mark.parametrize("world", ["busy", "flat"])
def test_no_figure_in_a_list_is_elided(view: Bench, world: str) -> None:
    view.widget.show()
    view.show(WORLDS[world])
    cut = []
    for table in view.widget.findChildren(RowsView):
        model = table.rows_model
        for at, column in enumerate(model.columns):
            is_seen = column.title not in FREE_TEXT and not table.isColumnHidden(at)
            for row_at in range(model.rowCount() if is_seen else 0):
                index = model.index(row_at, at)
                if table.sizeHintForIndex(index).width() > table.columnWidth(at):
                    cut.append(f"{table.objectName()} {column.title}: {index.data()}")
    assert cut == []


@pytest.mark.parametrize("snapshot", WORLDS.values(), ids=WORLDS)
def test_every_control_on_show_has_a_name_and_disabled_ones_a_reason(view: Bench, snapshot: Snapshot) -> None:
    view.widget.show()
    view.show(snapshot)
    for control in view.widget.findChildren(QWidget):
        if not control.isVisible() or not isinstance(control, QAbstractButton | QComboBox):
            continue
        if not control.objectName() or control.objectName().startswith("qt_"):
            continue
        assert control.accessibleName(), control.objectName()
        if control.objectName() in ("buyButton", "sellButton", "p2Close") and not control.isEnabled():
            assert control.accessibleDescription(), control.objectName()


def test_the_intents_of_all_panels_leave_by_one_door(view: Bench) -> None:
    view.show(long_two())
    view.press("buyButton")
    view.press("p2Close")
    view.press("flattenButton")
    view.widget.orders.view.setCurrentIndex(view.widget.orders.view.rows_model.index(0, 0))
    QTest.keyClick(view.widget.orders.view, Qt.Key.Key_Delete)
    assert [type(one) for one in view.intents] == [SubmitOrder, ClosePosition, FlattenAccount, CancelOrder]


def test_keys_close_flatten_and_move_the_focus(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(view.widget, Qt.Key.Key_X, both)
    QTest.keyClick(view.widget, Qt.Key.Key_X, both)
    QTest.keyClick(view.widget, Qt.Key.Key_F, both)
    assert view.intents == [ClosePosition("A1", ES_KEY)] * 2 + [FlattenAccount("A2", ACCOUNT)]
    for key, name in ((Qt.Key.Key_1, "p1Account"), (Qt.Key.Key_2, "p2Close"), (Qt.Key.Key_6, "ordersView")):
        QTest.keyClick(view.widget, key, Qt.KeyboardModifier.ControlModifier)
        assert view.widget.focusWidget().objectName() == name


def test_close_by_key_works_while_a_field_has_the_focus(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    view.find("qtyBox").setFocus()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(view.find("qtyBox"), Qt.Key.Key_X, both)
    assert view.intents == [ClosePosition("A1", ES_KEY)]


def test_the_recovery_dialog_opens_once_and_closes_when_all_is_decided(view: Bench) -> None:
    view.widget.show()
    asked = long_two(recovery=recovery(row(Situation.MATCH)))
    view.show(asked).show(asked, after_s=0.4)
    assert view.widget.dialogs.recovery.isVisible()
    view.press("recoveryApply")
    assert view.intents == [DecideRecovery(ES_KEY, RecoveryChoice.ADOPT, 1)]
    decided = recovery(row(Situation.MATCH, decided=RecoveryChoice.ADOPT), wants=False)
    view.show(long_two(recovery=decided))
    assert not view.widget.dialogs.recovery.isVisible()
    assert len(view.intents) == 1


def test_what_was_put_off_can_be_taken_up_from_the_banner(view: Bench) -> None:
    view.widget.show()
    asked = long_two(recovery=recovery(row(Situation.NO_ANSWER)))
    view.show(asked).show(asked, after_s=0.4)
    view.press("recoveryLater")
    put_off = long_two(recovery=recovery(row(Situation.NO_ANSWER, decided=RecoveryChoice.IGNORE), wants=False))
    view.show(asked).show(put_off)
    assert not view.widget.dialogs.recovery.isVisible()
    view.press("bannerAction_0")
    view.show(put_off, after_s=0.4)
    assert view.widget.dialogs.recovery.isVisible()
    view.find("recoveryChoice_0").setCurrentIndex(1)
    view.press("recoveryApply")
    assert view.intents[-1] == DecideRecovery(ES_KEY, RecoveryChoice.ADOPT, 1)


def test_a_happening_becomes_a_toast_and_takes_no_focus(view: Bench) -> None:
    view.widget.show()
    view.show(flat())
    view.find("qtyBox").setFocus()
    view.widget.announce(announcement("Bought 2 ESZ5 @ 5050.25.", Level.SUCCESS))
    assert view.widget.toasts.texts == ("Bought 2 ESZ5 @ 5050.25.",)
    assert view.widget.focusWidget().objectName() == "qtyBox"
    view.show(flat(), after_s=4.1)
    assert view.widget.toasts.texts == ()


@pytest.mark.parametrize(
    ("snapshot", "title"),
    [
        (long_two(), "[SIM] Sim1 · ESZ5 LONG 2 · +125.00 · Stanchion"),
        (flat(), "[SIM] Sim1 · ESZ5 FLAT · Stanchion"),
        (in_mode(None, flat(scopes=MappingProxyType({}))), "[LIVE] Sim1 · ESZ5 — · Stanchion"),
        (Snapshot(), "Stanchion"),
    ],
)
def test_the_title_names_mode_account_and_position(view: Bench, snapshot: Snapshot, title: str) -> None:
    view.show(snapshot)
    assert view.widget.title() == title


def test_a_theme_is_switched_at_once_and_back(view: Bench, qapp: QApplication) -> None:
    view.widget.show()
    view.show(long_two())
    QApplication.processEvents()
    before = view.widget.grab().toImage()
    for name in ("light", "dark"):
        theme = load_theme(name)
        theme.apply(qapp)
        view.widget.set_theme(theme)
        ground = view.widget.grab().toImage().pixelColor(view.widget.width() // 2, 120)
        assert ground.lightness() > 200 if name == "light" else ground.lightness() < 60
    assert view.widget.grab().toImage() == before


def test_the_same_snapshot_again_moves_only_the_times(view: Bench) -> None:
    world = long_two()
    view.show(world)
    before = view.text("p2Cell_time")
    view.show(world, after_s=61)
    assert (before, view.text("p2Cell_time")) == ("12:30", "13:31")
    assert view.text("statusClock").startswith((NOW + timedelta(seconds=61)).strftime("%H:%M:%S"))


def test_panel_one_narrows_in_a_narrow_window(view: Bench) -> None:
    view.widget.show()
    for width, expected in ((1200, 280), (1440, 320)):
        view.widget.resize(width, 900)
        QApplication.processEvents()
        assert view.find("panel1").width() == expected


def test_action_ids_default_to_unique_ones(theme: Any, bench: Any, clock: HandClock) -> None:
    made: Bench = bench(TerminalView(theme, clock, ActionIds(clock.monotonic)))
    made.show(long_two()).press("p2Close")
    made.clock.seconds += 1
    made.press("p2Close")
    assert len({one.action_id for one in made.intents}) == 2


def test_tab_walks_from_the_ticket_over_the_panels_to_the_status(view: Bench, qtbot: QtBot) -> None:
    view.widget.resize(1440, 900)
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    QApplication.processEvents()
    view.find("symbolBox").setFocus()
    order_of: list[str] = []
    while (name := view.widget.focusWidget().objectName()) not in order_of:
        order_of.append(name)
        QTest.keyClick(view.widget.focusWidget(), Qt.Key.Key_Tab)
    stops = ["symbolBox", "qtyBox", "buyButton", "sellButton", "flattenButton", "p1Account", "p2Close", "ordersView"]
    stops.append("statusOrders")
    assert [name for name in order_of if name in stops] == stops


def test_focus_of_a_flat_scope_goes_to_its_trades(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(flat(trades=(trade(),)))
    view.widget.position.focus_first()
    assert view.widget.focusWidget().objectName() == "tradesView"


def test_a_view_that_was_not_complete_shows_the_same_once_it_is(bench: Any, theme: Theme, clock: HandClock) -> None:
    made: Bench = bench(TerminalView(theme, clock, zone=UTC, is_complete=False))
    made.show(BUSY)
    titles = titles_of(made)
    assert made.widget.findChildren(QWidget, "fillsView") == []
    for _ in range(2):
        made.widget.complete()
        made.show(BUSY)
        assert titles_of(made) == titles
        assert len(made.widget.findChildren(QWidget, "fillsView")) == 1


def test_reverse_is_no_key_while_a_field_is_typed_in(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    keys, both = Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    view.find("qtyBox").setFocus()
    QTest.keyClick(view.find("qtyBox"), keys, both)
    assert view.intents == []
    view.find("p2Close").setFocus()
    QTest.keyClick(view.find("p2Close"), keys, both)
    assert [type(one).__name__ for one in view.intents] == ["ReversePosition"]


def test_prices_are_drawn_at_once_with_what_they_make_and_the_rest_keeps_up(view: Bench) -> None:
    view.widget.show()
    world = long_two()
    view.show(world)
    place = (ES_KEY.connection, ES_KEY.symbol)

    def at(price: str) -> Snapshot:
        return replace(world, quotes=MappingProxyType({**world.quotes, place: quote(price)}))

    view.show(at("5052.50"), after_s=0.05)
    assert (view.text("p2Pnl"), view.text("p1OpenPnl")) == ("+225.00 ▲", "+225.00 ▲")
    told = view.text("p2Pnl")
    before = view.widget.title()
    view.show(at("5053.50"), after_s=0.05)
    assert view.text("p2Pnl") != told and before != view.widget.title()
    view.show(at("5053.50"), after_s=0.3)
    assert "5053.50" in view.find("ticketPreview").text()


@pytest.mark.parametrize(
    "name", ["buyButton", "sellButton", "flattenButton", "p2Close", "p2Reverse", "domClose", "chartClose"]
)
def test_a_button_pressed_before_another_account_came_on_show_does_nothing_in_that_one(view: Bench, name: str) -> None:
    view.widget.show()
    both = {ES_KEY: position(), replace(ES_KEY, account="Sim2"): position(replace(ES_KEY, account="Sim2"))}
    here = long_two(positions=MappingProxyType(both))
    there = replace(here, selected_account=OTHER_ACCOUNT)
    view.show(here).show(here, after_s=1)
    pressed = view.find(name)
    QTest.mousePress(pressed, Qt.MouseButton.LeftButton)
    view.show(there, after_s=1)
    QTest.mouseMove(pressed)
    QTest.mouseRelease(pressed, Qt.MouseButton.LeftButton)
    assert view.intents == []
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    assert len(view.intents) == 1
