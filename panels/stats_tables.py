"""The tables of the statistics: the trades themselves, and the figures as rows for an export."""

from dataclasses import dataclass
from datetime import tzinfo

from core.model.breakdown import DayResult
from core.model.statistics import Statistics
from core.queries import PAGE_ROWS, TradesFound
from core.snapshot import Snapshot
from panels import formatting as f
from panels.stats_figures import CELLS, SHARPE, Figure, figures
from panels.theme import Theme
from panels.trades_list import Row, closed_at
from panels.trades_list import columns as trade_columns
from panels.widgets.rows import Column, RowsModel
from panels.widgets.rows import Figure as Kind
from panels.widgets.table import RowsView


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of the summary."""

    name: str
    figure: Figure
    count: int

    @staticmethod
    def all_of(stats: Statistics) -> list["FigureRow"]:
        """Return every figure, in the order of the grid."""
        made = figures(stats)
        names = [(name, full) for name, _, full in CELLS] + [(SHARPE, "Sharpe ratio, daily")]
        return [FigureRow(full, made[name], stats.count) for name, full in names]


def figures_view(theme: Theme) -> RowsView[FigureRow]:
    """Return the figures as a table; it is exported and never shown."""
    columns: tuple[Column[FigureRow], ...] = (
        Column("Figure", lambda row: row.name, 180),
        Column("Value", lambda row: row.figure.value, 120, True),
        Column("n", lambda row: str(row.count), 50, True),
        Column("Formula", lambda row: row.figure.formula, 260),
        Column("Details", lambda row: "; ".join(row.figure.details), 400),
    )
    return RowsView("p3Figures", "Statistics", RowsModel(columns, key=lambda row: row.name), theme)


def days_view(theme: Theme) -> RowsView[DayResult]:
    """Return the trading days as a table, one in a row; it is exported, the calendar is shown."""
    columns: tuple[Column[DayResult], ...] = (
        Column("Trading day", lambda row: row.day.isoformat(), 100),
        Column("Net", lambda row: f.result(row.net), 120, True, value=lambda row: row.net, figure=Kind.MONEY),
        Column("Trades", lambda row: str(row.count), 60, True),
        Column("Won", lambda row: str(row.wins), 60, True),
        Column("Lost", lambda row: str(row.losses), 60, True),
    )
    return RowsView("p3Days", "Results by trading day", RowsModel(columns, key=lambda row: row.day), theme)


def columns(zone: tzinfo | None) -> tuple[Column[Row], ...]:
    """Return the columns of the trades: those of the latest trades, dated, with their symbol."""

    def dated(row: Row) -> str:
        return f"{f.day(row[0].exit_time, zone)} {f.clock(row[0].exit_time, zone)}"

    return (
        Column("Closed", dated, 178, True, value=closed_at, figure=Kind.MOMENT),
        Column("Symbol", lambda row: row[0].key.symbol, 136),
        *trade_columns(),
    )


def trades_view(theme: Theme, zone: tzinfo | None) -> RowsView[Row]:
    """Return the table of trades."""
    model: RowsModel[Row] = RowsModel(
        columns(zone), key=lambda row: (row[0].key, row[0].exit_time, row[0].entry_time, row[0].quantity)
    )
    return RowsView("p3Trades", "Closed trades", model, theme)


def rows_of(snapshot: Snapshot, found: TradesFound | None) -> list[Row]:
    """Return trades with their contracts."""
    trades = found.trades if found is not None else ()
    return [(one, snapshot.instruments.get((one.key.connection, one.key.symbol))) for one in trades]


def page_of(total: int, page: int) -> tuple[str, bool, bool]:
    """Return which rows are on a page, in words, and whether there are newer and older ones."""
    first = page * PAGE_ROWS
    return f"{first + 1}–{min(total, first + PAGE_ROWS)} of {total}", page > 0, first + PAGE_ROWS < total
