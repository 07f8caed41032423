"""The fills: what was executed, ours and others', newest first."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.model.fill import Fill, FillSource
from core.model.instrument import Instrument
from core.snapshot import Snapshot
from panels import formatting as f
from panels.table_panel import WAITING, TablePanel, draws_same, is_explicit
from panels.theme import Theme
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, Figure, RowsModel
from panels.widgets.table import RowsView


@dataclass(frozen=True, slots=True)
class FillRow:
    """A fill and its contract; unsaved: it is not in the database yet."""

    fill: Fill
    instrument: Instrument | None
    unsaved: bool = False


def price_words(row: FillRow) -> str:
    """Return the price; one that is not on the grid says so."""
    text = f.price(row.fill.price, row.instrument)
    return f"{text} off tick" if row.fill.off_tick else text


def source_words(row: FillRow) -> str:
    """Return whose fill it is; one that the database lacks says so."""
    source = "ours" if row.fill.source is FillSource.OURS else row.fill.source.value
    return f"{source} · UNSAVED" if row.unsaved else source


def source_tone(row: FillRow) -> str:
    """Return how loud that is."""
    if row.unsaved:
        return "danger"
    return "" if row.fill.source is FillSource.OURS else "caution"


def columns(zone: tzinfo | None) -> tuple[Column[FillRow], ...]:
    """Return the columns of the fills table."""
    return (
        Column("Time", lambda row: f.clock(row.fill.fill_time, zone), 78, True, value=_filled, figure=Figure.MOMENT),
        Column(
            "Received", lambda row: f.clock(row.fill.received_at, zone), 74, True, value=_received, figure=Figure.MOMENT
        ),
        Column("Symbol", lambda row: row.fill.key.symbol, 132),
        Column("Side", lambda row: row.fill.side.value, 52, tone=_side_tone),
        Column(
            "Qty",
            lambda row: f.quantity(row.fill.quantity, row.instrument),
            52,
            True,
            value=lambda row: row.fill.quantity,
            figure=Figure.QUANTITY,
        ),
        Column("Price", price_words, 138, True, value=lambda row: row.fill.price, figure=Figure.PRICE),
        Column(
            "Cost",
            lambda row: f.money(row.fill.commission),
            70,
            True,
            value=lambda row: row.fill.commission,
            figure=Figure.MONEY,
        ),
        Column("Source", source_words, 152, tone=source_tone),
        Column("Account", lambda row: row.fill.key.account, 84),
        Column("Order", lambda row: row.fill.client_order_id or row.fill.server_order_id, 214),
        Column("Execution ID", lambda row: row.fill.execution_id, 110),
    )


def _filled(row: FillRow) -> datetime | None:
    return row.fill.fill_time


def _received(row: FillRow) -> datetime:
    return row.fill.received_at


def _side_tone(row: FillRow) -> str:
    return "up" if row.fill.side.sign > 0 else "down"


class FillsPanel(TablePanel):
    """Newest first; asks for nothing."""

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        model = RowsModel(
            columns(zone),
            key=lambda row: (row.fill.key.account_key, row.fill.execution_id, row.fill.leg),
        )
        super().__init__(RowsView("fillsView", "Fills", model, theme), zone)
        self._model = model
        self._drawn: tuple[object, ...] = ()
        self.foot = TextLabel("fillsFoot", "label", wrap=False)
        self.foot.setContentsMargins(8, 2, 8, 2)
        self.foot.hide()
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.foot)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the most recent fills of all accounts."""
        drawn = (snapshot.fills, snapshot.instruments, snapshot.unsaved.fills)
        if not self.puts_off(snapshot, now_utc, monotonic_s) and not draws_same(drawn, self._drawn):
            self._drawn = drawn
            self._fill_in(snapshot)
        self.say_when_empty("No fills today." if is_explicit(snapshot) else WAITING)
        self.show_age(snapshot, now_utc)
        self._count_duplicates(snapshot.duplicates)

    def _count_duplicates(self, count: int) -> None:
        """Say how many executions were told again: they are dropped, and the trader should know."""
        times = "once" if count == 1 else f"{count} times"
        self.foot.setVisible(count > 0)
        self.foot.say(f"Told again by the broker and dropped: {times} in this run." if count else "", "ink2")

    def _fill_in(self, snapshot: Snapshot) -> None:
        self._model.set_rows(
            [
                FillRow(
                    fill,
                    snapshot.instruments.get((fill.key.connection, fill.key.symbol)),
                    (fill.key, fill.execution_id) in snapshot.unsaved.fills,
                )
                for fill in reversed(snapshot.fills)
            ]
        )
