"""Stored closes: where each one stands, so that a restart finds it there."""

import json
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from core.errors import DatabaseDamaged
from core.model.operation import CloseChoice, CloseOperation, CloseStep, CloseWay
from core.model.scope import Mode
from data.audit import AuditTrail
from data.database import Database
from data.operation_rows import SAVE, operation_row, unfinished
from data.rows import member, scope_of
from data.types import decimal_text

CLOSE = "CLOSE"


class SqliteOperationRepository:
    """Close operations. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def save(self, operation: CloseOperation, mode: Mode | None) -> None:
        """Commit the operation's step.

        Raises:
            PersistenceError: nothing was changed.
        """
        with self._database.transaction() as connection:
            connection.execute(SAVE, _row(operation, mode))
            self._audit.write(
                connection,
                "operation",
                f"close {operation.key.symbol}: {operation.step.value}",
                key=operation.key.account_key,
                mode=mode,
                cause=operation.operation_id,
                data=_facts(operation),
            )

    def unfinished(self) -> tuple[CloseOperation, ...]:
        """Return operations that had not ended, or still ask something, oldest first."""
        with self._database.reading() as connection:
            return tuple(_operation(row) for row in connection.execute(unfinished(CLOSE)).all())


def _facts(operation: CloseOperation) -> dict[str, str]:
    facts = {
        "branch": operation.branch,
        "text": operation.text,
        "quantity": "" if operation.quantity is None else decimal_text(operation.quantity),
        "close_order_id": operation.close_order_id,
    }
    return {name: value for name, value in facts.items() if value}


def _row(operation: CloseOperation, mode: Mode | None) -> dict[str, Any]:
    state = {
        "branch": operation.branch,
        "text": operation.text,
        "choices": [choice.value for choice in operation.choices],
        "quantity": None if operation.quantity is None else decimal_text(operation.quantity),
        "close_order_id": operation.close_order_id,
        "cancelled": list(operation.cancelled),
        "attempts": operation.attempts,
        "reverse": None if operation.reverse is None else decimal_text(operation.reverse),
        "way": operation.way.value,
        "clip": None if operation.clip is None else decimal_text(operation.clip),
        "put_back": list(operation.put_back),
    }
    return operation_row(
        operation.operation_id,
        CLOSE,
        operation.key,
        mode,
        operation.step.value,
        operation.is_settled,
        operation.started_at,
        operation.step_since,
        state,
    )


def _operation(row: Row[Any]) -> CloseOperation:
    try:
        state = json.loads(row.state)
        return CloseOperation(
            operation_id=row.operation_id,
            key=scope_of(row),
            step=member(CloseStep, row.step),
            started_at=row.started_at,
            step_since=row.step_since,
            branch=state["branch"],
            text=state["text"],
            choices=tuple(member(CloseChoice, word) for word in state["choices"]),
            quantity=None if state["quantity"] is None else Decimal(state["quantity"]),
            close_order_id=state["close_order_id"],
            cancelled=tuple(state["cancelled"]),
            attempts=state["attempts"],
            # What follows was added later: an operation of an older program lacks it.
            reverse=None if state.get("reverse") is None else Decimal(state["reverse"]),
            way=member(CloseWay, state.get("way", CloseWay.MARKET.value)),
            clip=None if state.get("clip") is None else Decimal(state["clip"]),
            put_back=tuple(state.get("put_back", ())),
        )
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise DatabaseDamaged(f"operation {row.operation_id} holds a state that cannot be read: {error!r}") from error
