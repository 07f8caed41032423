"""Orders as they stand, one row per client order id; the audit log keeps how they came there."""

from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from core.model.order import Order
from core.model.scope import Mode
from data.audit import AuditTrail
from data.database import Database
from data.rows import mode_word, order_of, scope_row
from data.schema import ALIVE, ORDER_RECORD
from data.types import decimal_text

_INSERT: Final = insert(ORDER_RECORD)
# An order keeps its number and the time it was made.
_SAVE: Final = _INSERT.on_conflict_do_update(
    index_elements=["client_order_id"],
    set_={
        column.name: _INSERT.excluded[column.name]
        for column in ORDER_RECORD.c
        if column.name not in ("id", "client_order_id", "created_at")
    },
)
_ONE: Final = select(ORDER_RECORD).where(ORDER_RECORD.c.client_order_id == bindparam("name"))
_ALIVE: Final = select(ORDER_RECORD).where(ALIVE).order_by(ORDER_RECORD.c.id)
_NEWEST: Final = select(ORDER_RECORD).order_by(ORDER_RECORD.c.id.desc())


class SqliteOrderRepository:
    """Orders of ours and of others. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def save(self, order: Order, mode: Mode | None, cause: str) -> None:
        """Commit the order as it is now.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            connection.execute(_SAVE, _row(order, mode))
            self._audit.write(
                connection,
                "order",
                _sentence(order),
                key=order.key.account_key,
                mode=mode,
                cause=cause,
                data=_facts(order),
            )

    def get(self, client_order_id: str) -> Order | None:
        """Return an order as it is stored."""
        with self._database.reading() as connection:
            row = connection.execute(_ONE, {"name": client_order_id}).one_or_none()
        return None if row is None else order_of(row)

    def alive(self) -> tuple[Order, ...]:
        """Return every order that may still trade, oldest first."""
        with self._database.reading() as connection:
            return tuple(order_of(row) for row in connection.execute(_ALIVE).all())

    def recent(self, limit: int) -> tuple[Order, ...]:
        """Return the newest orders, final ones too, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_NEWEST.limit(limit)).all()
        return tuple(order_of(row) for row in reversed(rows))


def _sentence(order: Order) -> str:
    return (
        f"{order.state.value}: {order.side.value} {decimal_text(order.quantity)} {order.key.symbol} {order.type.value}"
    )


def _facts(order: Order) -> dict[str, str]:
    facts = {
        "client_order_id": order.client_order_id,
        "server_order_id": order.server_order_id,
        "intent": order.intent.value,
        "filled": decimal_text(order.filled_quantity),
        "price": "" if order.price is None else decimal_text(order.price),
        "trigger_price": "" if order.trigger_price is None else decimal_text(order.trigger_price),
        "reason": order.reason,
        "action_id": order.action_id,
    }
    return {name: value for name, value in facts.items() if value}


def _row(order: Order, mode: Mode | None) -> dict[str, Any]:
    return {
        **scope_row(order.key),
        "mode": mode_word(mode),
        "client_order_id": order.client_order_id,
        "server_order_id": order.server_order_id,
        "side": order.side.value,
        "intent": order.intent.value,
        "type": order.type.value,
        "qty": order.quantity,
        "filled_qty": order.filled_quantity,
        "price": order.price,
        "trigger_price": order.trigger_price,
        "tif": order.time_in_force.value,
        "state": order.state.value,
        "held": order.held.value,
        "reason": order.reason,
        "action_id": order.action_id,
        "parent_client_order_id": order.parent_client_order_id,
        "oco_client_order_id": order.oco_client_order_id,
        "external": int(order.external),
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }
