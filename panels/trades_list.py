"""The latest round trips of the scope on show."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model.contract import product_of
from core.model.instrument import Instrument
from core.model.session import AROUND_THE_CLOCK, SessionTemplate, trading_day
from core.model.trade import Trade
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import Shown
from panels.theme import Theme
from panels.widgets.rows import Column, Figure, RowsModel
from panels.widgets.table import RowsView

Row = tuple[Trade, Instrument | None]


def columns() -> tuple[Column[Row], ...]:
    """Return what is said of a trade beside when it was closed, and in what."""
    return (
        Column("Side", lambda row: "LONG" if row[0].direction > 0 else "SHORT", 60, tone=_side_tone),
        Column(
            "Qty",
            lambda row: f.quantity(row[0].quantity, row[1]),
            44,
            True,
            value=lambda row: row[0].quantity,
            figure=Figure.QUANTITY,
        ),
        _price("Entry", lambda trade: trade.entry_price),
        _price("Exit", lambda trade: trade.exit_price),
        Column(
            "Net",
            _net,
            112,
            True,
            tone=lambda row: f.tone_of(row[0].net),
            spoken=_net_words,
            value=lambda row: row[0].net,
            figure=Figure.MONEY,
        ),
        Column(
            "R",
            lambda row: f.r_multiple(row[0].r_multiple),
            72,
            True,
            value=lambda row: row[0].r_multiple,
            figure=Figure.R,
        ),
        _money("MAE", lambda trade: trade.mae),
        _money("MFE", lambda trade: trade.mfe),
        Column("Held", _held, 76, True, value=_held_s),
        Column("Reason", lambda row: row[0].exit_reason or row[0].note, 60),
    )


def closed_words(row: Row, now: datetime, zone: tzinfo | None) -> str:
    """Return when a trade ended: the time of day, with the date where that was not in the trading day of `now`."""
    ended, hours = row[0].exit_time, hours_of(row[0].key.symbol)
    is_today = trading_day(ended, hours) == trading_day(now, hours)
    return f.clock(ended, zone) if is_today else f"{f.day(ended, zone)} {f.clock(ended, zone)}"


def hours_of(symbol: str) -> SessionTemplate:
    """Return by which hours the trading days of a symbol are counted."""
    product = product_of(symbol)
    return AROUND_THE_CLOCK if product is None else product.hours


def closed_at(row: Row) -> datetime:
    """Return when a trade ended."""
    return row[0].exit_time


def _price(title: str, value: Callable[[Trade], Decimal | None]) -> Column[Row]:
    return Column(
        title,
        lambda row: f.average(value(row[0]), row[1]),
        92,
        True,
        value=lambda row: value(row[0]),
        figure=Figure.PRICE,
    )


def _money(title: str, value: Callable[[Trade], Decimal | None]) -> Column[Row]:
    return Column(
        title,
        lambda row: _excursion(row[0], value(row[0])),
        80,
        True,
        value=lambda row: value(row[0]),
        figure=Figure.MONEY,
    )


class TradesList(QWidget):
    """A table of round trips; asks for nothing."""

    def __init__(self, theme: Theme, zone: tzinfo | None):
        super().__init__()
        self._drawn: tuple[object, ...] = ()
        self._now = datetime.now(UTC)
        closed: Column[Row] = Column(
            "Closed",
            lambda row: closed_words(row, self._now, zone),
            160,
            True,
            value=closed_at,
            figure=Figure.MOMENT,
        )
        self._model: RowsModel[Row] = RowsModel(
            (closed, *columns()), key=lambda row: (row[0].key, row[0].exit_time, row[0].entry_time)
        )
        self.view = RowsView("tradesView", "Latest trades of this symbol", self._model, theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def refresh(self, snapshot: Snapshot, shown: Shown, now: datetime) -> None:
        """Show the scope's trades, the one that closed last on top."""
        day = None if shown.key is None else trading_day(now, hours_of(shown.key.symbol))
        drawn = (snapshot.trades, shown.key, shown.instrument, day)
        if drawn == self._drawn:
            return
        self._drawn, self._now = drawn, now
        found = [(one, shown.instrument) for one in reversed(snapshot.trades) if one.key == shown.key]
        self._model.set_rows(sorted(found, key=closed_at, reverse=True))
        self.view.say_when_empty("No trades in this symbol yet." if shown.key is not None else "")


def _side_tone(row: Row) -> str:
    return "up" if row[0].direction > 0 else "down"


def _net(row: Row) -> str:
    return f.result(row[0].net)


def _net_words(row: Row) -> str:
    return f.spoken_result(row[0].net, row[0].currency)


def _excursion(trade: Trade, money: Decimal | None) -> str:
    return f.UNKNOWN if money is None else f"{'' if trade.extremes_complete else '≥'}{f.money(money)}"


def _held_s(row: Row) -> int | None:
    start = row[0].entry_time
    return None if start is None else int((row[0].exit_time - start).total_seconds())


def _held(row: Row) -> str:
    start = row[0].entry_time
    return f.UNKNOWN if start is None else f.since(start, row[0].exit_time)
