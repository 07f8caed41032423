"""The last round trip of a scope, shown for half a minute after it ended."""

from datetime import datetime

from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout

from core.model.instrument import Instrument
from core.model.scope import PositionKey
from core.model.trade import Trade
from core.snapshot import Snapshot
from panels import formatting as f
from panels.cell import Cell
from panels.study_figures import marks_words
from panels.widgets.cell import CellFrame
from panels.widgets.labels import TextLabel, name_value

SHOWN_S = 30.0
TITLES = {"net": "NET", "r": "R", "mae": "MAE", "mfe": "MFE", "eff": "EFF"}


def recent_trade(snapshot: Snapshot, key: PositionKey | None, now: datetime) -> Trade | None:
    """Return the trade that ended last in the scope, if that was within the last 30 s."""
    ended = (one for one in reversed(snapshot.trades) if one.key == key)
    last = max(ended, key=lambda one: one.exit_time, default=None)
    return last if last is not None and (now - last.exit_time).total_seconds() < SHOWN_S else None


def trade_sentence(trade: Trade, instrument: Instrument | None) -> str:
    """Return what was done: "Closed LONG 2 ESZ5: 5050.25 → 5052.75"."""
    entry, leave = f.average(trade.entry_price, instrument), f.average(trade.exit_price, instrument)
    reason = f" · {trade.exit_reason}" if trade.exit_reason else ""
    held = f.held(trade.quantity * trade.direction, instrument)
    return f"Closed {held} {trade.key.symbol}: {entry} → {leave}{reason}"


def trade_cells(trade: Trade) -> dict[str, Cell]:
    """Return the figures of a round trip; gross where costs are unknown, and said so."""
    at_least = "" if trade.extremes_complete else "≥"
    net = trade.net
    shown = net if net is not None else trade.realized_pnl
    costs = "costs unknown, gross" if net is None else f"costs {f.money(trade.commissions)}"
    mae, mfe = (f.UNKNOWN if value is None else at_least + f.money(value) for value in (trade.mae, trade.mfe))
    heat = "heat —" if trade.heat_total_s is None else f"heat {at_least}{f.duration(trade.heat_total_s)}"
    return {
        "net": Cell(f.result(shown), costs, f.tone_of(shown), spoken=f.spoken_result(shown, trade.currency)),
        "r": Cell(f.r_multiple(trade.r_multiple), f"1R = {f.money(trade.initial_risk)}", f.tone_of(trade.r_multiple)),
        "mae": Cell(mae, heat),
        "mfe": Cell(mfe, _held(trade)),
        "eff": Cell(f.ratio(trade.capture), "of the best"),
    }


def _held(trade: Trade) -> str:
    return "" if trade.entry_time is None else f"held {f.since(trade.entry_time, trade.exit_time)}"


class TradeCard(QFrame):
    """Sentence and five figures."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tradeCard")
        self._drawn: tuple[Trade, Instrument | None] | None = None
        self._title = TextLabel("tradeTitle", "value", bold=True)
        self._cells = {
            name: CellFrame(f"tradeCell_{name}", title, f"Last trade {title}") for name, title in TITLES.items()
        }
        grid = QGridLayout()
        grid.setSpacing(4)
        for column, cell in enumerate(self._cells.values()):
            grid.addWidget(cell, 0, column)
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addLayout(grid)
        self.hide()

    def refresh(self, trade: Trade | None, instrument: Instrument | None) -> None:
        """Show a trade, or nothing."""
        self.setVisible(trade is not None)
        if trade is None or (trade, instrument) == self._drawn:
            return
        self._drawn = (trade, instrument)
        sentence = trade_sentence(trade, instrument)
        self._title.say(sentence)
        name_value(self, "Last trade", sentence)
        self.setToolTip(marks_words(trade.entry_marks, trade.exit_marks, instrument))
        self.setAccessibleDescription(self.toolTip())
        for name, cell in trade_cells(trade).items():
            self._cells[name].show_cell(cell)
