"""What the file says is open, read before anything heavy is imported, so that a trader need not wait to see it.

Standard library only, one read-only connection, one consistent state, and the same mapping of rows as everywhere. It
proves nothing: the books are checked when the store is opened, and what is shown until then is called unverified. There
is no first look at a file that a start would have to change or refuse, or that lacks what lies in the emergency log;
opening it properly then says why.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeVar

from core.errors import PersistenceError
from core.model.instrument import Instrument
from core.model.order import Order
from core.model.position import Position
from core.model.scope import Account
from data import preflight
from data.rows import account_of, instrument_of, order_of, position_of

FIGURES: Final = frozenset(
    (
        *("qty", "filled_qty", "opened_qty", "max_qty", "quantity_step", "tick_size", "tick_value"),
        *("price", "trigger_price", "entry_price", "target_price", "stop_price", "trade_min_price", "trade_max_price"),
        *("realized_points", "realized_pnl", "commissions", "opened_value", "closed_value"),
        *("mae", "mfe", "initial_risk", "entry_vwap", "entry_cum_delta", "entry_poc"),
    )
)
TIMES: Final = frozenset(("entry_time", "heat_since", "fills_anchor", "created_at", "updated_at"))

# The words of the index `order_alive`; a test compares them with the schema.
_FINAL_STATES: Final = "'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'DENIED'"
_POSITIONS: Final = "SELECT * FROM open_position ORDER BY connection, account, symbol"
_ALIVE_ORDERS: Final = f"SELECT * FROM order_record WHERE state NOT IN ({_FINAL_STATES}) ORDER BY id"
_ACCOUNTS: Final = "SELECT * FROM account ORDER BY id"
_CONTRACTS: Final = "SELECT * FROM instrument ORDER BY id"

# A look that would have to wait for another program is not taken.
_BUSY_TIMEOUT_S: Final = 0.1

Value = TypeVar("Value")


@dataclass(frozen=True)
class FirstLook:
    """What is stored; nothing of it is proven."""

    accounts: tuple[Account, ...]
    instruments: Mapping[tuple[str, str], Instrument]
    positions: tuple[Position, ...]
    orders: tuple[Order, ...]


def first_look(path: Path) -> FirstLook | None:
    """Return what the database at a path says is open; None where it cannot be had without changing something."""
    try:
        if preflight.check(path) != preflight.SCHEMA_VERSION or path.with_name(preflight.EMERGENCY_NAME).exists():
            return None
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)) as connection:
            connection.row_factory = _row
            connection.execute("BEGIN")
            return FirstLook(
                accounts=_all(connection, _ACCOUNTS, account_of),
                instruments=dict(
                    _all(connection, _CONTRACTS, lambda row: ((row.connection, row.symbol), instrument_of(row)))
                ),
                positions=_all(connection, _POSITIONS, position_of),
                orders=_all(connection, _ALIVE_ORDERS, order_of),
            )
    except (sqlite3.Error, PersistenceError, InvalidOperation, ValueError):
        return None  # opening it properly says what is wrong


def _all(connection: sqlite3.Connection, query: str, made_of: Callable[[Any], Value]) -> tuple[Value, ...]:
    return tuple(map(made_of, connection.execute(query).fetchall()))


def _row(cursor: sqlite3.Cursor, values: tuple[object, ...]) -> SimpleNamespace:
    names = [column[0] for column in cursor.description]
    return SimpleNamespace(**{name: _value(name, value) for name, value in zip(names, values, strict=True)})


def _value(name: str, value: object) -> object:
    if isinstance(value, str) and name in FIGURES:
        return Decimal(value)
    if isinstance(value, str) and name in TIMES:
        return datetime.fromisoformat(value)
    return value
