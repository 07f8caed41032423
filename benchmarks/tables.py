"""What a frame of a table of 2,000 orders costs, beside a bare QTableView of the same size in the same run."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from PySide6.QtGui import QImage, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView

from benchmarks.measure import Row, times_ms
from core.link import Link
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import PositionKey
from core.snapshot import ConnectionStatus, Snapshot
from panels.action_ids import ActionIds
from panels.orders_panel import OrdersPanel
from panels.theme import load_theme

ROWS, CHANGED, FRAMES = 2_000, 20, 150
SIZE = (1176, 600)
NOW = datetime(2025, 11, 12, 15, 41, 7, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ25_FUT_CME")
_CANVAS = QImage(*SIZE, QImage.Format.Format_RGB32)
STATES = (OrderState.WORKING, OrderState.FILLED, OrderState.CANCELLED, OrderState.PARTIAL)


def rows() -> list[Row]:
    """Measure painting and updating."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = load_theme("dark")
    theme.apply(app)
    panel = OrdersPanel(theme, ActionIds(lambda: 0.0), UTC)
    panel.resize(*SIZE)
    panel.show()
    panel.refresh(_world(0), NOW, 0.0)
    bare = _bare(panel)
    app.processEvents()
    floor = median(times_ms(lambda _: _paint(bare), FRAMES))
    still = median(times_ms(lambda _: _paint(panel.view), FRAMES))

    def frame(number: int) -> None:
        panel.refresh(_world(number), NOW + timedelta(milliseconds=33 * number), 0.033 * number)
        _paint(panel.view)

    moving = median(times_ms(frame, FRAMES))
    words = times_ms(lambda number: panel.view.rows_model.filter_by(f"{number}"), 10, 1)
    name = "a bare QTableView of the same size, a QStandardItemModel behind it"
    return [
        Row(f"table: paint {ROWS:,} orders", still, "ms", floor, name, "≤ 2"),
        Row(f"table: {CHANGED} of {ROWS:,} orders change, and a paint", moving, "ms", floor, name, "≤ 2"),
        Row(f"table: filter {ROWS:,} orders", median(words), "ms", None),
    ]


def _paint(view: QTableView) -> None:
    """Paint the whole of what a table shows, now."""
    view.viewport().render(_CANVAS)


def _order(number: int, filled: int = 0) -> Order:
    made = NOW - timedelta(seconds=number)
    return Order(
        KEY,
        f"ST7QK2{number:016d}",
        Side.BUY if number % 2 else Side.SELL,
        Intent.OPEN,
        OrderType.LIMIT,
        Decimal(5),
        made,
        made,
        price=Decimal("5050.25") + Decimal("0.25") * (number % 40),
        state=STATES[number % len(STATES)],
        server_order_id=str(1000 + number),
        filled_quantity=Decimal(filled),
    )


_ORDERS = {one.client_order_id: one for one in map(_order, range(ROWS))}
_INSTRUMENTS = {("sim", KEY.symbol): Instrument(KEY.symbol, Decimal("0.25"), Decimal("12.50"), "USD")}
_LINKS = {"sim": ConnectionStatus("sim", Link.READY, NOW)}


def _world(number: int) -> Snapshot:
    """Return the orders, some of them another amount filled than a frame before."""
    orders: dict[str, Any] = dict(_ORDERS)
    for at in range(CHANGED):
        changed = _order((number * 7 + at) % 40, (number + at) % 5)
        orders[changed.client_order_id] = replace(changed, state=OrderState.PARTIAL)
    return Snapshot(orders=orders, instruments=_INSTRUMENTS, connections=_LINKS)


def _bare(panel: OrdersPanel) -> QTableView:
    """Return a plain table of the same texts, columns and size."""
    ours = panel.view
    seen = [at for at in range(ours.model().columnCount()) if not ours.isColumnHidden(at)]
    model = QStandardItemModel()
    for row in ours.rows_model.rows:
        model.appendRow([QStandardItem(ours.rows_model.columns[at].text(row)) for at in seen])
    bare = QTableView()
    bare.setModel(model)
    bare.setShowGrid(False)
    bare.verticalHeader().hide()
    bare.verticalHeader().setDefaultSectionSize(ours.verticalHeader().defaultSectionSize())
    for at, column in enumerate(seen):
        bare.setColumnWidth(at, ours.columnWidth(column))
    bare.resize(*SIZE)
    bare.show()
    return bare
