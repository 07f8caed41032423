"""What a frame of the ladder costs: sixty rows painted anew, and what a change of the book costs on its way to them.

The floor is a bare table of the same rows and texts, painted by Qt itself without a line of ours in between and without
a style sheet.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from benchmarks.measure import Row, percentile, times_ms

ROWS, FRAMES = 60, 300
FEW = 8  # books that differ in every level, and as many that differ in three
WIDTH = 300
TICK = Decimal("0.25")
LAST = Decimal("5051.50")


def rows() -> list[Row]:
    """Measure."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from panels.theme import load_theme

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = load_theme("dark")
    theme.apply(app)
    panel, show = _ladder(theme)
    view = panel.view
    ours = quiet(_painted(view, app))
    changed = quiet(times_ms(lambda number: show(number % FEW), FRAMES))
    moved = quiet(times_ms(lambda number: show(FEW + number % FEW), FRAMES))
    unchanged = quiet(times_ms(lambda number: show(0), FRAMES))
    app.setStyleSheet("")  # it costs a table of Qt's own ten times as much: that would be no floor
    floor = quiet(_painted(_bare(panel.model, view), app))
    name = f"a bare QTableView of the same {ROWS} rows"
    return [
        Row(f"the ladder painted whole, {ROWS} rows", ours, "ms", floor, name, "<= 2"),
        Row(
            "a frame of the ladder with another book in every level, painted",
            changed,
            "ms",
            floor,
            name,
            "<= 2",
        ),
        Row("a frame of the ladder in which three sizes changed, painted", moved, "ms", floor, name, "<= 2"),
        Row("a frame of the ladder in which nothing moved", unchanged, "ms"),
    ]


def quiet(values: list[float]) -> float:
    """Return the time below which a tenth of the frames stay: painting is so short that others on the machine show."""
    return percentile(values, 0.1)


def _painted(view: Any, app: Any) -> list[float]:
    """Return what painting all rows takes."""

    def paint(_number: int) -> None:
        view.viewport().repaint()

    app.processEvents()
    return times_ms(paint, FRAMES)


def _ladder(theme: Any) -> tuple[Any, Any]:
    """Return the panel with sixty rows on show, and what shows it the book of a number."""
    from itertools import count
    from time import monotonic

    from PySide6.QtWidgets import QApplication

    from core.link import Link
    from core.model.depth import Depth
    from core.model.instrument import Instrument
    from core.model.market import Quote
    from core.model.scope import Account, AccountKey, Mode
    from core.snapshot import ConnectionStatus, Snapshot
    from panels.action_ids import ActionIds
    from panels.dom_panel import DomPanel
    from panels.feed_watch import FeedWatch
    from panels.order_entry_panel import OrderEntryPanel

    ids, place, account = ActionIds(monotonic), ("sim", "ESZ6"), AccountKey("sim", "Sim1")
    panel = DomPanel(theme, ids, FeedWatch(), OrderEntryPanel(theme, ids), monotonic)
    now, versions = datetime.now(UTC), count(1)
    volumes = MappingProxyType({LAST + TICK * at: Decimal(1000 + 37 * at % 900) for at in range(-40, 40)})

    def book(number: int) -> Depth:
        bids = tuple((LAST - TICK * (at + 1), Decimal(10 + (at * 13 + number * 7) % 90)) for at in range(30))
        asks = tuple((LAST + TICK * at, Decimal(10 + (at * 17 + number * 5) % 90)) for at in range(30))
        return Depth("ESZ6", bids, asks, True, now)

    books = [book(number) for number in range(8)]
    first = books[0]
    for number in range(FEW, FEW + 8):  # as a market moves: a size at the touch and two behind it
        bids = [(price, size + number * (at < 2)) for at, (price, size) in enumerate(first.bids)]
        asks = [(price, size + number * (at < 1)) for at, (price, size) in enumerate(first.asks)]
        books.append(replace(first, bids=tuple(bids), asks=tuple(asks)))
    start = Snapshot(
        connections=MappingProxyType({"sim": ConnectionStatus("sim", Link.READY, now)}),
        accounts=MappingProxyType({account: Account(account, Mode.SIM, "USD")}),
        instruments=MappingProxyType({place: Instrument("ESZ6", TICK, Decimal("12.5"), "USD")}),
        quotes=MappingProxyType({place: Quote("ESZ6", LAST, received_at=now)}),
        volumes=MappingProxyType({place: volumes}),
        selected_account=account,
        selected_symbol=MappingProxyType({"sim": "ESZ6"}),
    )

    def show(number: int) -> None:
        depths = MappingProxyType({place: books[number]})
        panel.refresh(replace(start, version=next(versions), depths=depths), now, monotonic())
        QApplication.processEvents()

    panel.resize(WIDTH, 200)
    panel.show()
    show(0)
    panel.resize(WIDTH, panel.height() - panel.view.viewport().height() + ROWS * panel.view.rowHeight(0))
    QApplication.processEvents()
    show(1)
    panel.recentre()
    return panel, show


def _bare(model: Any, view: Any) -> Any:
    """Return a table of Qt's own with the texts that are on show."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QStandardItem, QStandardItemModel
    from PySide6.QtWidgets import QTableView

    from panels.theme import font

    first = view.rowAt(0)
    held = QStandardItemModel(ROWS, model.columnCount())
    for row in range(ROWS):
        for column in range(model.columnCount()):
            item = QStandardItem(model.text(first + row, column))
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            held.setItem(row, column, item)
    bare = QTableView()
    bare.setFont(font("body", number=True))
    bare.setModel(held)
    bare.setShowGrid(False)
    bare.verticalHeader().hide()
    bare.verticalHeader().setDefaultSectionSize(view.rowHeight(0))
    for column in range(model.columnCount()):
        bare.setColumnWidth(column, view.columnWidth(column))
    bare.resize(view.size())
    bare.show()
    return bare
