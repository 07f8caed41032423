"""Every open position of every account, with a way out of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import QModelIndex

from core.commands import ClosePosition, SelectAccount, SelectSymbol
from core.model.instrument import Instrument
from core.model.position import Position
from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.action_ids import ActionIds
from panels.open_result import OpenResult, open_result
from panels.shown import ALIVE_LINKS, protection
from panels.table_panel import WAITING, TablePanel, is_explicit
from panels.theme import Theme
from panels.widgets.rows import KIND_ROLE, Column, Figure, RowsModel
from panels.widgets.table import RowsView
from panels.wishes import OpenReconcile

RECONCILE = "Differs"
OLD_S = 24 * 3600
CERTAINTY_TONES = {
    Certainty.MISMATCH: "danger",
    Certainty.STALE: "danger",
    Certainty.PENDING: "caution",
    Certainty.FILLS_ONLY: "caution",
    Certainty.UNVERIFIED: "caution",
}


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position with all its row says.

    Attributes:
        bare: what no stop covers. surplus: what its exits are too many, which would open a position.
    """

    position: Position
    instrument: Instrument
    mode: str
    last: Decimal | None
    worth: OpenResult
    stop: Decimal | None
    target: Decimal | None
    bare: Decimal
    certainty: Certainty
    closing: bool
    age: str
    unsaved: bool = False
    surplus: Decimal = Decimal(0)
    age_s: int | None = None


def columns() -> tuple[Column[PositionRow], ...]:
    """Return the columns of the positions table: what matters first, so that a narrow window shows it."""
    return (
        Column("Symbol", lambda row: row.position.key.symbol, 130),
        Column("Side", lambda row: row.position.side_word, 60, tone=lambda row: _side_tone(row.position)),
        Column(
            "Qty",
            lambda row: f.quantity(abs(row.position.quantity), row.instrument),
            46,
            True,
            value=lambda row: abs(row.position.quantity),
            figure=Figure.QUANTITY,
        ),
        Column(
            "Avg",
            lambda row: f.average(row.position.entry_price, row.instrument),
            90,
            True,
            value=lambda row: row.position.entry_price,
            figure=Figure.PRICE,
        ),
        _price("Last", lambda row: row.last),
        Column(
            "Open P&L",
            lambda row: row.worth.text,
            150,
            True,
            tone=lambda row: f.tone_of(row.worth.pnl),
            spoken=lambda row: row.worth.spoken(row.position.currency),
            value=lambda row: row.worth.pnl,
            figure=Figure.MONEY,
        ),
        Column(
            "R",
            lambda row: f.r_multiple(row.worth.r),
            68,
            True,
            tone=lambda row: f.tone_of(row.worth.r),
            value=lambda row: row.worth.r,
            figure=Figure.R,
        ),
        Column("Action", lambda row: "Closing…" if row.closing else "Close", 72, action=True, spoken=_close_words),
        _price("Stop", lambda row: row.stop),
        _price("Target", lambda row: row.target),
        Column("Protection", _protection, 130, tone=_protection_tone),
        Column(
            "Certainty",
            lambda row: f"{row.certainty.value} · UNSAVED" if row.unsaved else row.certainty.value,
            150,
            tone=lambda row: "danger" if row.unsaved else CERTAINTY_TONES.get(row.certainty, ""),
        ),
        Column(RECONCILE, lambda row: "Reconcile…" if _differs(row) else "", 84, tone=lambda _: "danger"),
        Column("Age", lambda row: row.age, 72, True, tone=_age_tone, value=lambda row: row.age_s),
        Column("Account", lambda row: row.position.key.account, 90),
        Column("Mode", lambda row: row.mode, 60),
        Column("P&L marked", lambda row: row.worth.word or "gross, at last", 104, hidden=True),
    )


def _price(title: str, value: Callable[[PositionRow], Decimal | None]) -> Column[PositionRow]:
    return Column(title, lambda row: f.price(value(row), row.instrument), 76, True, value=value, figure=Figure.PRICE)


class PositionsPanel(TablePanel):
    """All scopes.

    Signals:
        intent: ClosePosition; SelectAccount and SelectSymbol for a row that was entered; OpenReconcile, which stays in
            the window.
    """

    def __init__(self, theme: Theme, ids: ActionIds, zone: tzinfo | None = None):
        model = RowsModel(columns(), key=lambda row: row.position.key)
        super().__init__(RowsView("positionsView", "Positions", model, theme), zone)
        self._model = model
        self._ids = ids
        self._snapshot = Snapshot()
        self.view.pressed_action.connect(self._close)
        self.view.activated.connect(self._show_scope)
        self.view.clicked.connect(self._reconcile)

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show every open position, the latest opened first."""
        self._snapshot = snapshot
        if not self.puts_off(snapshot, now_utc, monotonic_s):
            self._fill_in(snapshot, now_utc)
        self.say_when_empty("No open positions." if self._proven_flat(snapshot) else WAITING)
        self.show_age(snapshot, now_utc)

    def _fill_in(self, snapshot: Snapshot, now: datetime) -> None:
        positions = sorted(snapshot.positions.values(), key=lambda one: one.key)
        positions.sort(key=lambda one: one.entry_time.timestamp() if one.entry_time is not None else 0.0, reverse=True)
        self._model.set_rows([self._row(snapshot, one, now) for one in positions])

    def _row(self, snapshot: Snapshot, position: Position, now: datetime) -> PositionRow:
        key = position.key
        quote = snapshot.quotes.get((key.connection, key.symbol))
        exits = protection(snapshot, position)
        connection = snapshot.connections.get(key.connection)
        status = snapshot.scopes.get(key)
        alive = connection is not None and connection.link in ALIVE_LINKS
        known = status.certainty if status is not None else Certainty.UNVERIFIED
        account = snapshot.accounts.get(key.account_key)
        operation = snapshot.operations.get(key)
        venue_now = now if quote is None else quote.venue_time(now)
        opened, held = position.entry_time, abs(position.quantity)
        instrument = snapshot.instruments.get((key.connection, key.symbol), Instrument(key.symbol))
        return PositionRow(
            position=position,
            instrument=instrument,
            mode=account.acting_mode.value if account is not None else "LIVE",
            last=quote.last if quote is not None else None,
            worth=open_result(position, instrument, quote, snapshot.pnl_mark),
            stop=exits.stop.trigger_price if exits.stop is not None else None,
            target=exits.target.price if exits.target is not None else None,
            bare=exits.unprotected(position),
            surplus=max(exits.stop_quantity, exits.target_quantity, held) - held,
            age_s=None if opened is None else max(0, int((venue_now - opened).total_seconds())),
            certainty=known if alive else Certainty.STALE,
            closing=operation is not None and operation.blocks_close,
            unsaved=snapshot.unsaved.holds(key),
            age=f.since(opened, venue_now) if opened is not None else f.UNKNOWN,
        )

    @staticmethod
    def _proven_flat(snapshot: Snapshot) -> bool:
        return is_explicit(snapshot) and not any(status.broker_quantity for status in snapshot.scopes.values())

    def _close(self, row: PositionRow) -> None:
        if not row.closing:
            key = row.position.key
            self.intent.emit(ClosePosition(self._ids.press(f"close {key}"), key))

    def _reconcile(self, index: QModelIndex) -> None:
        """Open the dialog for a row that differs (by keyboard: Enter brings its scope on show, then Ctrl+Shift+Y)."""
        row = self._model.at(index.row())
        if self._model.columns[index.column()].title == RECONCILE and _differs(row):
            self.intent.emit(OpenReconcile(row.position.key))

    def _show_scope(self, index: QModelIndex) -> None:
        """Bring a row's scope on show (double click, Enter)."""
        if index.data(KIND_ROLE):
            return
        key = self._model.at(index.row()).position.key
        if key.account_key != self._snapshot.selected_account:
            self.intent.emit(SelectAccount(key.account_key))
        if key.symbol != self._snapshot.selected_symbol.get(key.connection):
            self.intent.emit(SelectSymbol(key.connection, key.symbol))


def _differs(row: PositionRow) -> bool:
    return row.certainty is Certainty.MISMATCH


def _side_tone(position: Position) -> str:
    return "up" if position.direction > 0 else "down"


def _protection(row: PositionRow) -> str:
    if row.bare:
        return f"UNPROTECTED {f.quantity(row.bare, row.instrument)}"
    return f"ORPHAN {f.quantity(row.surplus, row.instrument)}" if row.surplus else "OK"


def _protection_tone(row: PositionRow) -> str:
    return "danger" if row.bare or row.surplus else ""


def _age_tone(row: PositionRow) -> str:
    """Return how loud an age is: a label, no more; an old position is as open as a young one."""
    return "caution" if row.age_s is not None and row.age_s >= OLD_S else ""


def _close_words(row: PositionRow) -> str:
    key = row.position.key
    word = "Closing" if row.closing else "Close position"
    held = f.held(row.position.quantity, row.instrument).lower()
    return f"{word}, {key.symbol}, {held}, account {key.account}, {row.mode}"
