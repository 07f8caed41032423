"""What each panel says when there is nothing, not yet, not to be had, or no longer true: seen in the whole window."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from core.commands import AskBroker, ReconnectNow
from core.link import Link
from core.queries import EventFilter, EventsFound, QueryFilter, TradeFilter, TradesFound
from core.snapshot import Snapshot
from panels.deck import FILLS, LOG, ORDERS, POSITIONS, STATISTICS, WATCHLIST
from panels.widgets.table import RowsView
from panels.wishes import OpenSettings
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, answered, counted, flat, link_is, long_two, status, with_answers

READING = flat(scopes=MappingProxyType({}))
NO_BALANCE = flat(balances=MappingProxyType({}), ledger=MappingProxyType({}))
CAUSE = "did not give a complete answer: timed out."


def words(root: QWidget) -> Iterator[str]:
    """Yield every text that can be seen."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, RowsView) and not widget.rows_model.rowCount():
            yield widget.empty_text


def seen(view: Bench, world: Snapshot, panel: str = "") -> str:
    """Return everything the window says of a world, with a panel of the lists in front."""
    view.widget.show()
    if panel:
        view.widget.deck.open(panel)
    for _ in range(3):
        view.show(world, after_s=0.4)
        QApplication.processEvents()
    told = with_answers(world, *(answered(one, nothing(one.filter)) for one in view.queries))
    view.show(told, after_s=0.4)
    QApplication.processEvents()
    return "\n".join(words(view.widget))


def nothing(asked: QueryFilter) -> TradesFound | EventsFound | None:
    """Return an answer with nothing in it."""
    if isinstance(asked, TradeFilter):
        return counted(())
    return EventsFound((), 0) if isinstance(asked, EventFilter) else None


@pytest.mark.parametrize(
    ("world", "panel", "says"),
    [
        (Snapshot(), "", ["No account yet.", "Add connection"]),
        (NO_BALANCE, "", ["Balance not available", "Retry"]),
        (link_is(Link.OFFLINE, NO_BALANCE), "", ["Balance not available: the line is down.", "Retry"]),
        (link_is(Link.OFFLINE, long_two()), "", ["as of", "STALE"]),
        (flat(), "", ["Flat", "New ticket"]),
        (READING, "", ["Reading position…", "Ask broker"]),
        (link_is(Link.SYNCING, READING, text=CAUSE), "", ["Position could not be read.", CAUSE, "Ask broker"]),
        (Snapshot(), "", ["Choose a symbol."]),
        (flat(), ORDERS, ["Nothing working."]),
        (flat(), FILLS, ["No fills today."]),
        (flat(), POSITIONS, ["No open positions."]),
        (link_is(Link.SYNCING, flat()), ORDERS, ["Waiting for broker list…"]),
        (link_is(Link.SYNCING, flat(), text=CAUSE), ORDERS, [CAUSE, "Ask again"]),
        (link_is(Link.OFFLINE, flat()), ORDERS, ["list as of"]),
        (flat(), STATISTICS, ["No closed trades in this filter."]),
        (flat(), WATCHLIST, ["Add symbols (Ctrl+I)."]),
        (flat(), LOG, ["Nothing has been recorded yet."]),
    ],
)
def test_the_window_says_what_it_does_not_have_and_what_to_do(
    view: Bench, world: Snapshot, panel: str, says: list[str]
) -> None:
    found = seen(view, world, panel)
    assert [one for one in says if one not in found] == []


def test_the_way_out_of_having_no_account_is_a_connection(view: Bench) -> None:
    seen(view, Snapshot())
    asked: list[object] = []
    view.widget.account.intent.connect(asked.append)
    view.press("p1Connect")
    assert asked == [OpenSettings("connections")]


@pytest.mark.parametrize(
    ("link", "wish"), [(Link.READY, AskBroker(ACCOUNT.connection)), (Link.OFFLINE, ReconnectNow(ACCOUNT.connection))]
)
def test_a_balance_that_is_missing_is_asked_for_again(view: Bench, link: Link, wish: object) -> None:
    seen(view, link_is(link, NO_BALANCE))
    view.press("p1Retry")
    assert view.intents == [wish]


def test_a_flat_trade_leads_to_the_ticket(view: Bench) -> None:
    seen(view, flat())
    view.widget.activateWindow()
    view.press("p2New")
    assert view.widget.focusWidget().objectName() == "qtyBox"
    assert view.intents == []


def test_a_position_that_could_not_be_read_again_is_not_called_flat(view: Bench) -> None:
    known = flat(scopes=MappingProxyType({ES_KEY: status(broker="0")}))
    assert "Position could not be read." not in seen(view, known)
    unread = replace(link_is(Link.SYNCING, READING, text=CAUSE), version=9)
    view.show(unread, after_s=0.4)
    assert view.text("p2Flat") == "Position could not be read."
