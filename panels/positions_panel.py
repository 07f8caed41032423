"""Every open position of every account, with a way out of each."""

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
from panels.shown import ALIVE_LINKS, protection
from panels.table_panel import WAITING, TablePanel, is_explicit
from panels.theme import Theme
from panels.widgets.table import KIND_ROLE, Column, RowsModel, RowsView
from panels.wishes import OpenReconcile

RECONCILE = "Differs"
CERTAINTY_TONES = {
    Certainty.MISMATCH: "danger",
    Certainty.STALE: "danger",
    Certainty.PENDING: "caution",
    Certainty.FILLS_ONLY: "caution",
    Certainty.UNVERIFIED: "caution",
}


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position with all its row says."""

    position: Position
    instrument: Instrument
    mode: str
    last: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    bare: Decimal
    certainty: Certainty
    closing: bool
    age: str
    unsaved: bool = False

    @property
    def pnl(self) -> Decimal | None:
        """Open profit or loss, gross, marked at last."""
        return self.position.open_pnl(self.last, self.instrument)

    @property
    def r(self) -> Decimal | None:
        """The trade so far in multiples of its initial risk."""
        path, risk = self.position.path(self.last, self.instrument), self.position.initial_risk
        return None if path is None or not risk else path / risk


def columns() -> tuple[Column[PositionRow], ...]:
    """Return the columns of the positions table."""
    return (
        Column("Symbol", lambda row: row.position.key.symbol, 148),
        Column("Side", lambda row: row.position.side_word, 72, tone=lambda row: _side_tone(row.position)),
        Column("Qty", lambda row: f.quantity(abs(row.position.quantity), row.instrument), 60, number=True),
        Column("Avg", lambda row: f.average(row.position.entry_price, row.instrument), 104, number=True),
        Column("Last", lambda row: f.price(row.last, row.instrument), 104, number=True),
        Column(
            "Open P&L",
            lambda row: f.result(row.pnl),
            132,
            number=True,
            tone=lambda row: f.tone_of(row.pnl),
            spoken=lambda row: f.spoken_result(row.pnl, row.position.currency),
        ),
        Column("R", lambda row: f.r_multiple(row.r), 84, number=True, tone=lambda row: f.tone_of(row.r)),
        Column("Action", lambda row: "Closing…" if row.closing else "Close", 80, action=True, spoken=_close_words),
        Column("Stop", lambda row: f.price(row.stop, row.instrument), 96, number=True),
        Column("Target", lambda row: f.price(row.target, row.instrument), 96, number=True),
        Column("Protection", _protection, 140, tone=lambda row: "danger" if row.bare else ""),
        Column(
            "Certainty",
            lambda row: f"{row.certainty.value} · UNSAVED" if row.unsaved else row.certainty.value,
            172,
            tone=lambda row: "danger" if row.unsaved else CERTAINTY_TONES.get(row.certainty, ""),
        ),
        Column(RECONCILE, lambda row: "Reconcile…" if _differs(row) else "", 88, tone=lambda _: "danger"),
        Column("Account", lambda row: row.position.key.account, 108),
        Column("Mode", lambda row: row.mode, 72),
        Column("Age", lambda row: row.age, 84, number=True),
    )


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
        positions = sorted(snapshot.positions.values(), key=lambda one: one.key)
        positions.sort(key=lambda one: one.entry_time.timestamp() if one.entry_time is not None else 0.0, reverse=True)
        self._model.set_rows([self._row(snapshot, one, now_utc) for one in positions])
        self.view.say_when_empty("No open positions." if self._proven_flat(snapshot) else WAITING)
        self.show_age(snapshot)

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
        return PositionRow(
            position=position,
            instrument=snapshot.instruments.get((key.connection, key.symbol), Instrument(key.symbol)),
            mode=account.acting_mode.value if account is not None else "LIVE",
            last=quote.last if quote is not None else None,
            stop=exits.stop.trigger_price if exits.stop is not None else None,
            target=exits.target.price if exits.target is not None else None,
            bare=exits.unprotected(position),
            certainty=known if alive else Certainty.STALE,
            closing=operation is not None and operation.blocks_close,
            unsaved=snapshot.unsaved.holds(key),
            age=f.since(position.entry_time, venue_now) if position.entry_time is not None else f.UNKNOWN,
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
        row = self._model.rows[index.row()]
        if self._model.columns[index.column()].title == RECONCILE and _differs(row):
            self.intent.emit(OpenReconcile(row.position.key))

    def _show_scope(self, index: QModelIndex) -> None:
        """Bring a row's scope on show (double click, Enter)."""
        if index.data(KIND_ROLE):
            return
        key = self._model.rows[index.row()].position.key
        if key.account_key != self._snapshot.selected_account:
            self.intent.emit(SelectAccount(key.account_key))
        if key.symbol != self._snapshot.selected_symbol.get(key.connection):
            self.intent.emit(SelectSymbol(key.connection, key.symbol))


def _differs(row: PositionRow) -> bool:
    return row.certainty is Certainty.MISMATCH


def _side_tone(position: Position) -> str:
    return "up" if position.direction > 0 else "down"


def _protection(row: PositionRow) -> str:
    return f"UNPROTECTED {f.quantity(row.bare, row.instrument)}" if row.bare else "OK"


def _close_words(row: PositionRow) -> str:
    key = row.position.key
    word = "Closing" if row.closing else "Close position"
    held = f.held(row.position.quantity, row.instrument).lower()
    return f"{word}, {key.symbol}, {held}, account {key.account}, {row.mode}"
