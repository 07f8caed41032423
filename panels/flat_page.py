"""The face of the position panel while nothing is open: flat, reading, or not known; the market; the last trades."""

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.cell import Cell
from panels.shown import Shown
from panels.theme import Theme
from panels.trade_card import TradeCard, recent_trade
from panels.trades_list import TradesList
from panels.widgets.cell import CellFrame
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel

READING = "Reading position…"
UNREAD = "Position could not be read."


class FlatPage(QWidget):
    """What is said when nothing is open: flat, reading, or not known; the market; the trades of this scope."""

    def __init__(self, theme: Theme, zone: tzinfo | None) -> None:
        super().__init__()
        self._zone = zone
        self.title = TextLabel("p2Flat", "hero", bold=True, wrap=False)
        self.detail = TextLabel("p2FlatDetail")
        self.new_ticket = button("p2New", "New ticket", "New order: go to the ticket")
        self.card = TradeCard()
        self.trades = TradesList(theme, zone)
        names = {"last": "LAST", "bid": "BID", "ask": "ASK", "spread": "SPREAD", "tick": "TICK"}
        self.cells = {name: CellFrame(f"marketCell_{name}", title, title.capitalize()) for name, title in names.items()}
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self.title)
        head.addWidget(self.detail, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.new_ticket, 0, Qt.AlignmentFlag.AlignVCenter)
        grid = QGridLayout()
        grid.setSpacing(4)
        for column, cell in enumerate(self.cells.values()):
            cell.setMaximumHeight(64)
            grid.addWidget(cell, 0, column)
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        self.market = QWidget()
        grid.setContentsMargins(0, 0, 0, 0)
        self.market.setLayout(grid)
        layout.addLayout(head)
        layout.addWidget(self.market)
        layout.addWidget(self.card)
        layout.addWidget(self.trades, 1)
        self.rest = QWidget()
        layout.addWidget(self.rest, 1)

    def heightForWidth(self, width: int) -> int:
        """Return the least height, not the best: the panel takes this for what the page cannot do without."""
        layout = self.layout()
        return -1 if layout is None else layout.minimumHeightForWidth(width)

    def refresh(self, snapshot: Snapshot, shown: Shown, now: datetime) -> None:
        """Show the scope without a position."""
        title, detail = flat_words(shown, self._zone)
        self.title.say(title)
        self.detail.say(detail, "ink2")
        self.new_ticket.setVisible(shown.key is not None)
        self.market.setVisible(shown.key is not None)
        self.trades.setVisible(shown.key is not None)
        self.rest.setVisible(shown.key is None)
        for name, cell in market_cells(shown).items():
            self.cells[name].show_cell(cell)
        self.card.refresh(recent_trade(snapshot, shown.key, now), shown.instrument)
        self.trades.refresh(snapshot, shown, now)


def flat_words(shown: Shown, zone: tzinfo | None = None) -> tuple[str, str]:
    """Return title and detail of a scope without a position; "Flat" only where that is known."""
    if shown.key is None:
        if shown.account_key is None:
            return "No account yet.", "Waiting for the broker to name its accounts."
        return "Choose a symbol.", "Type it into the symbol field and press Enter."
    status = shown.status
    if shown.is_known_flat and shown.link_alive and status is not None:
        if status.certainty is Certainty.FILLS_ONLY:
            return "Flat", "By our fills: the broker's report does not name this symbol."
        return "Flat", f"Confirmed by the broker at {f.zoned(status.broker_time, zone)}."
    if status is not None and status.broker_quantity:
        return (
            "Not flat",
            f"We have no position; the broker reports {f.held(status.broker_quantity, shown.instrument)}.",
        )
    if shown.unread:
        return UNREAD, f"{shown.key.connection} {shown.unread} Nothing is concluded; it is asked again."
    if not shown.link_alive:
        since = f" since {f.zoned(shown.connection.since, zone)}" if shown.connection is not None else ""
        return READING, f"The line is not up{since}. Nothing is concluded until the broker has answered."
    return READING, "The broker has not reported this symbol yet; a missing report is never taken for flat."


def market_cells(shown: Shown) -> dict[str, Cell]:
    """Return last, bid, ask, spread and the worth of a tick."""
    quote, instrument = shown.quote, shown.instrument
    if quote is None or instrument is None:
        return {name: Cell() for name in ("last", "bid", "ask", "spread", "tick")}
    spread = None
    if quote.bid is not None and quote.ask is not None:
        spread = instrument.ticks(quote.ask - quote.bid)
    worth = f"{instrument.currency} per {f.price(instrument.tick_size, instrument)}"
    return {
        "last": Cell(f.price(quote.last, instrument), f"size {f.quantity(quote.last_size, instrument)}"),
        "bid": Cell(f.price(quote.bid, instrument), f"size {f.quantity(quote.bid_size, instrument)}"),
        "ask": Cell(f.price(quote.ask, instrument), f"size {f.quantity(quote.ask_size, instrument)}"),
        "spread": Cell(f.ticks(spread)),
        "tick": Cell(f.exact_money(instrument.tick_value), worth if instrument.tick_value is not None else ""),
    }
