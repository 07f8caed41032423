"""Proof that the books add up: every open position is the fold of the ledger.

The ledger is read once, in its own order (arrival), and every signed fill is summed per scope. Since a flat scope
forgets everything before it, only the fills after its last zero are kept, and those are folded with the same
`apply_fill` that booked them. A reversal lies in the ledger as two legs, the first of which ends at zero, so nothing
is cut in the middle of a trade.

Decimals are read as values and summed here: SQLite would add them as floats. Quantities and costs must be equal to the
last digit. Averages and what is computed from them carry 28 digits and may differ in the last few, where a later
version of the program rounds at another step than the one that stored them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, select

from core.errors import DatabaseDamaged
from core.model.fill import Fill
from core.model.instrument import Instrument
from core.model.position import Position, apply_fill
from core.model.scope import PositionKey
from data.rows import fill_of, instrument_of, position_of
from data.schema import FILL_RECORD, INSTRUMENT, OPEN_POSITION

_ROUNDED: Final = frozenset({"entry_price", "exit_price", "realized_points", "realized_pnl"})
_ROUNDING: Final = Decimal("1e-18")

_L: Final = FILL_RECORD.c
_SUMMED: Final = select(_L.id, _L.connection, _L.account, _L.symbol, _L.side, _L.qty).order_by(_L.id)


def prove_positions(connection: Connection) -> None:
    """Compare every open position with the fold of its ledger.

    Raises:
        DatabaseDamaged: they differ; the text names the scope and both figures.
    """
    stored = {position.key: position for position in map(position_of, connection.execute(select(OPEN_POSITION)).all())}
    open_since = _open_scopes(connection)
    for key in stored.keys() - open_since.keys():
        raise DatabaseDamaged(f"{key}: open_position holds {stored[key].quantity:+f}, the ledger sums to 0")
    contracts = stored_instruments(connection)
    for key, first_id in open_since.items():
        instrument = contracts.get((key.connection, key.symbol), Instrument(key.symbol))
        folded = _folded(_fills_since(connection, key, first_id), instrument)
        _compare(key, folded, stored.get(key))


def stored_instruments(connection: Connection) -> Mapping[tuple[str, str], Instrument]:
    """Return known contracts by (connection, symbol)."""
    return {
        (row.connection, row.symbol): instrument_of(row)
        for row in connection.execute(select(INSTRUMENT).order_by(INSTRUMENT.c.id)).all()
    }


def _open_scopes(connection: Connection) -> dict[PositionKey, int]:
    """Return the scopes whose fills do not sum to zero, with the id of the first fill after the last zero.

    Raises:
        DatabaseDamaged: a row has lost its quantity, which no row of a sound file can.
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    first: dict[tuple[str, str, str], int] = {}
    # Closed even where a row cannot be read: a cursor left open would keep the file open.
    with connection.execute(_SUMMED) as rows:
        for number, *scope, side, quantity in rows:
            key = (scope[0], scope[1], scope[2])
            if quantity is None:
                raise DatabaseDamaged(f"fill {number} of the ledger has no quantity: the file is spoilt")
            before = sums.get(key, Decimal(0))
            if not before:
                first[key] = number
            sums[key] = before + quantity if side == "BUY" else before - quantity
    return {PositionKey(*key): first[key] for key, total in sums.items() if total}


def _fills_since(connection: Connection, key: PositionKey, first_id: int) -> list[Fill]:
    rows = connection.execute(
        select(FILL_RECORD)
        .where(
            _L.id >= first_id,
            _L.connection == key.connection,
            _L.account == key.account,
            _L.symbol == key.symbol,
        )
        .order_by(_L.id)
    )
    return [fill_of(row) for row in rows.all()]


def _folded(fills: list[Fill], instrument: Instrument) -> Position | None:
    position: Position | None = None
    for fill in fills:
        position = apply_fill(position, fill, instrument).after
    return position


def _compare(key: PositionKey, folded: Position | None, stored: Position | None) -> None:
    if folded is None or stored is None:
        ledger = "0" if folded is None else f"{folded.quantity:+f}"
        row = "no position" if stored is None else f"{stored.quantity:+f}"
        raise DatabaseDamaged(f"{key}: open_position holds {row}, the ledger sums to {ledger}")
    for name in ("quantity", "entry_price", "entry_time", "realized_points", "commissions"):
        _expect_same(key, name, getattr(stored, name), getattr(folded, name))
    # Money is unknown until the contract is; it is filled in when the contract is stored.
    if stored.realized_pnl is not None:
        _expect_same(key, "realized_pnl", stored.realized_pnl, folded.realized_pnl)


def agree(name: str, stored: object, folded: object) -> bool:
    """Say whether a stored figure is the computed one, up to the rounding of averages."""
    if name in _ROUNDED and isinstance(stored, Decimal) and isinstance(folded, Decimal):
        return abs(stored - folded) <= _ROUNDING * max(abs(stored), abs(folded), Decimal(1))
    return stored == folded


def figure(value: object) -> str:
    """Return a value for a sentence."""
    return f"{value:f}" if isinstance(value, Decimal) else "nothing" if value is None else str(value)


def _expect_same(key: PositionKey, name: str, stored: object, folded: object) -> None:
    if not agree(name, stored, folded):
        raise DatabaseDamaged(f"{key}: open_position says {name} {figure(stored)}, the ledger gives {figure(folded)}")
