"""The ladder on the real engine and the real simulator, over a socket: its book is there, and a click is an order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.config import StoredSettings
from app.engine import Engine, EngineSettings
from core.clock import SystemClock
from core.link import Link
from core.model.fill import Side
from core.model.order import Order, OrderState, OrderType
from core.snapshot import Snapshot
from data.simulator_store import SqliteSimulatorStore
from panels.action_ids import ActionIds
from panels.dom_panel import DomPanel
from panels.dom_rows import BID, MY_BUYS
from panels.feed_watch import FeedWatch
from panels.order_entry_panel import OrderEntryPanel
from panels.theme import load_theme
from services.dtc.address import ConnectionSettings
from services.simulator.contracts import listed_contracts
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.data.books import put_empty_database

WITHIN_MS = 20_000
SYMBOL = listed_contracts(datetime.now(UTC).date())[0].symbol


class Desk(QWidget):
    """Simulator, engine, and the panels as the window joins them."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.store = SqliteSimulatorStore(folder / "simulator.sqlite3")
        self.server = SimulatorServer(SimulatorSettings(folder), self.store)
        line = ConnectionSettings("sim", "127.0.0.1", self.server.start())
        put_empty_database(folder)
        stored = StoredSettings(installation="TEST")
        settings = EngineSettings(folder, stored, (line,), frozenset({"sim"}), symbol=SYMBOL)
        self.engine = Engine(settings, SystemClock())
        theme, ids = load_theme("dark"), ActionIds(monotonic)
        self.ticket = OrderEntryPanel(theme, ids)
        self.dom = DomPanel(theme, ids, FeedWatch(), self.ticket, monotonic)
        self.dom.intent.connect(self.engine.post)
        self.dom.resize(300, 700)
        self.dom.show()
        self.engine.start()

    def until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """Show what there is, as the bridge does, until it is so."""

        def shown() -> bool:
            now = self.engine.state.snapshot()
            for panel in (self.ticket, self.dom):
                panel.refresh(now, datetime.now(UTC), monotonic())
            return condition(now)

        self._qtbot.waitUntil(shown, timeout=WITHIN_MS)
        return self.engine.state.snapshot()

    def orders(self, now: Snapshot) -> list[Order]:
        """Return what works."""
        return [one for one in now.orders.values() if one.state is OrderState.WORKING]

    def place(self, row: int, column: int) -> QPoint:
        """Return where a cell is."""
        return self.dom.view.visualRect(self.dom.model.index(row, column)).center()

    def shut(self) -> None:
        """End everything, in order."""
        self.dom.hide()
        self.engine.stop()
        self.server.stop()
        self.store.close()
        for panel in (self.dom, self.ticket, self):
            panel.deleteLater()


def ready(now: Snapshot) -> bool:
    """Say whether entries are open on the line."""
    line = now.connections.get("sim")
    return line is not None and line.link is Link.READY


@pytest.fixture
def desk(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, qtbot)
    yield made
    made.shut()


def test_the_book_of_the_simulator_stands_in_the_ladder_and_a_click_rests_at_its_price(desk: Desk) -> None:
    ladder = desk.dom.model
    now = desk.until(lambda now: ready(now) and len(ladder.ladder.bids) == 10)
    assert len(ladder.ladder.asks) == 10 and desk.dom.state.fullest == ""
    assert max(ladder.ladder.asks) < min(ladder.ladder.bids), "asks stand over bids"
    desk.until(lambda now: not desk.dom.view.is_deaf and bool(ladder.ladder.volumes))
    row = max(ladder.ladder.bids) + 1
    assert ladder.axis is not None
    price = ladder.axis.price(row)
    QTest.mouseClick(desk.dom.view.viewport(), Qt.MouseButton.LeftButton, pos=desk.place(row, BID))
    now = desk.until(lambda now: row in ladder.ladder.buys and bool(desk.orders(now)))
    (order,) = desk.orders(now)
    assert (order.side, order.type, order.price, order.quantity) == (Side.BUY, OrderType.LIMIT, price, Decimal(1))
    assert ladder.text(row, MY_BUYS) == "L 1"


def test_an_order_is_dragged_to_another_price_and_cancelled_by_key(desk: Desk) -> None:
    ladder, view = desk.dom.model, desk.dom.view
    desk.until(lambda now: ready(now) and bool(ladder.ladder.bids) and not view.is_deaf)
    row = max(ladder.ladder.bids) + 1
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=desk.place(row, BID))
    desk.until(lambda now: bool(desk.orders(now)))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=desk.place(row, MY_BUYS))
    QTest.mouseMove(view.viewport(), desk.place(row - 1, MY_BUYS))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=desk.place(row - 1, MY_BUYS))
    assert ladder.axis is not None
    price = ladder.axis.price(row - 1)
    desk.until(lambda now: [one.price for one in desk.orders(now)] == [price])
    desk.until(lambda now: list(ladder.ladder.buys) == [row - 1])
    view.put_cursor(row - 1, Side.BUY)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    desk.until(lambda now: not any(one.is_alive for one in now.orders.values()) and not ladder.ladder.buys)


def test_a_ladder_nobody_sees_follows_no_depth(desk: Desk) -> None:
    desk.until(lambda now: bool(now.depths))
    desk.dom.hide()
    desk.until(lambda now: not now.depths)
    desk.dom.show()
    desk.until(lambda now: bool(now.depths) and len(desk.dom.model.ladder.bids) == 10)
