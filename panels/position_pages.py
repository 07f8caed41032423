"""The face of the position panel while something is open: its figures, its exits, and the risk bar."""

from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from core.preferences import Preferences
from core.snapshot import Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.cell import Cell
from panels.exit_figures import waiting_exits
from panels.exit_rows import ExitRows
from panels.feed_watch import Feed, Freshness
from panels.motion import keeps_still
from panels.position_figures import CELLS, figures
from panels.shown import Shown, protection
from panels.theme import Theme
from panels.widgets.cell import CellFrame
from panels.widgets.labels import TextLabel, ValueLabel
from panels.widgets.risk_bar import RiskBar
from panels.widgets.veil import StaleVeil
from panels.widgets.wordings import Wordings

NAMES = {
    "price": "Average entry price",
    "heat": "Time under water",
    "time": "Time in trade",
    "target": "Target",
    "stop": "Stop",
    "risk": "Money at risk",
    "rmult": "R multiple",
    "range": "Range of trade",
    "mae": "Worst excursion",
    "mfe": "Best excursion",
    "vwap": "Distance to VWAP",
    "delta": "Delta since entry",
    "poc": "Distance to point of control",
    "eff": "Efficiency",
    "pts": "Points per unit",
}
FORMULAS = {
    "heat": "How long the open result has been below zero, and the longest such time of the trade",
    "mae": "Largest loss of the trade so far, gross, at last prices and fills; ≥ where prices were missed",
    "mfe": "Largest profit of the trade so far, gross, at last prices and fills; ≥ where prices were missed",
    "eff": "Result of the trade so far ÷ its largest profit, and what has been given back of it",
}


def stale_words(shown: Shown, feed: Feed, now: datetime) -> str:
    """Return what the veil says; "" when the figures on show are current."""
    if not shown.link_alive:
        down = f.since(shown.connection.since, now) if shown.connection is not None else ""
        return f"STALE · link down {down}".rstrip()
    if feed.freshness is Freshness.SILENT:
        return "STALE" if feed.age_s is None else f"STALE {_age(feed.age_s)}"
    return ""


def pulsed(cell: Cell, monotonic_s: float) -> Cell:
    """Return a cell whose border of danger comes and goes once a second; it stays where nothing is to move."""
    is_off = cell.edge == "danger" and monotonic_s % 1.0 >= 0.5 and not keeps_still()
    return replace(cell, edge="") if is_off else cell


def _age(seconds: float) -> str:
    return f"{int(seconds)} s" if seconds < 60 else f.duration(seconds)


class LivePage(QWidget):
    """Open profit or loss, R, ticks, the risk bar, the exits, and the grid of three by five."""

    def __init__(self, theme: Theme, ids: ActionIds, zone: tzinfo | None):
        super().__init__()
        self._zone = zone
        self.preferences = Preferences()
        self.pnl = ValueLabel("p2Pnl", "Open profit or loss", "hero", bold=True)
        self.mark = TextLabel("p2Mark", "value", wrap=False)
        self.r = ValueLabel("p2R", "R multiple of the trade", "subhero")
        self.ticks = ValueLabel("p2Ticks", "Ticks per unit", "subhero")
        self.last = ValueLabel("p2Last", "Last price", "subhero", bold=True)
        self.quote = Wordings("p2Quote", "Bid and ask")
        self.veil = StaleVeil(theme)
        self.bar = RiskBar(theme)
        self.exits = ExitRows(theme, ids)
        self.cells = {name: CellFrame(f"p2Cell_{name}", title, NAMES[name]) for name, title in CELLS}
        for name, formula in FORMULAS.items():
            self.cells[name].setToolTip(formula)
        self._lay_out()

    def refresh(self, snapshot: Snapshot, shown: Shown, feed: Feed, now: datetime, monotonic_s: float) -> None:
        """Show the open position of the scope."""
        position, instrument = shown.position, shown.instrument
        assert position is not None and instrument is not None
        last = shown.quote.last if shown.quote is not None else None
        exits = protection(snapshot, position)
        account_key = position.key.account_key
        balance = snapshot.balances.get(account_key)
        is_comparable = balance is not None and balance.currency in ("", position.currency)
        drawn = figures(
            position,
            instrument,
            shown.quote,
            exits,
            now,
            equity=balance.cash if balance is not None and is_comparable else None,
            restored=shown.status is not None and shown.status.restored,
            zone=self._zone,
            studies=snapshot.studies.get((position.key.connection, position.key.symbol)),
            venue_now=None if shown.quote is None else shown.quote.venue_time(now),
            mark=shown.mark,
            heat_s=self.preferences.heat_s,
        )
        for label, cell in ((self.pnl, drawn.pnl), (self.r, drawn.r), (self.ticks, drawn.ticks)):
            label.show_value(cell.value, cell.tone, cell.spoken)
        self.mark.say(drawn.pnl.sub, "ink2")
        self.mark.setVisible(bool(drawn.pnl.sub))  # without a word it would still have the width of a letter
        self.last.show_value(f.price(last, instrument))
        self.quote.show_wordings([quote_words(shown), quote_words(shown, with_sizes=False)], "ink2")
        for name, cell in drawn.cells.items():
            self.cells[name].show_cell(pulsed(cell, monotonic_s) if name == "heat" else cell)
        self.bar.show_position(position, instrument, last, exits, waiting_exits(snapshot, position))
        is_closing = shown.operation is not None and shown.operation.blocks_close
        self.exits.refresh(snapshot, position, instrument, is_closing)
        self.veil.show_text(stale_words(shown, feed, now))

    def _lay_out(self) -> None:
        hero = QHBoxLayout()
        hero.setContentsMargins(0, 0, 0, 0)
        hero.setSpacing(8)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        market = QVBoxLayout()
        market.setSpacing(0)
        # Figures have nothing below the line: without the room for it two lines stand beside the hero.
        self.last.setFixedHeight(24)
        self.quote.setFixedHeight(14)
        market.addWidget(self.last, 0, right)
        market.addWidget(self.quote, 0, right)
        for label in (self.pnl, self.mark, self.r, self.ticks):
            hero.addWidget(label, 0, Qt.AlignmentFlag.AlignBaseline)
            hero.addSpacing(0 if label is self.pnl else 8)
        hero.addStretch(1)
        hero.addLayout(market)
        veiled = QGridLayout()
        veiled.addLayout(hero, 0, 0)
        veiled.addWidget(self.veil, 0, 0)
        grid = QGridLayout()
        grid.setSpacing(4)
        for index, cell in enumerate(self.cells.values()):
            grid.addWidget(cell, index // 5, index % 5)
        for column in range(5):
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 0, 10, 0)
        layout.setSpacing(0)
        for part in (veiled, self.bar, self.exits):
            layout.addItem(_gap())
            layout.addWidget(part) if isinstance(part, QWidget) else layout.addLayout(part)
        layout.addItem(_gap())
        layout.addLayout(grid, 1)


def _gap() -> QSpacerItem:
    """Return six pixels that are the first to go where there is not the height."""
    return QSpacerItem(0, 6, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)


def quote_words(shown: Shown, with_sizes: bool = True) -> str:
    """Return bid and ask with their sizes, "12 × 5050.00 | 5050.25 × 8", or without."""
    quote = shown.quote
    if quote is None:
        return f"{f.UNKNOWN} | {f.UNKNOWN}"
    bid, ask = f.price(quote.bid, shown.instrument), f.price(quote.ask, shown.instrument)
    bids, asks = f.quantity(quote.bid_size, shown.instrument), f.quantity(quote.ask_size, shown.instrument)
    return f"{bids} × {bid} | {ask} × {asks}" if with_sizes else f"{bid} | {ask}"
