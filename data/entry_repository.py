"""Entries with their exits, and the plans for stops, so that a restart finds both where they stood."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from core.errors import DatabaseDamaged
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.scope import AccountKey, Mode
from core.model.stop_plan import StopPlan
from data.audit import AuditTrail
from data.database import Database
from data.operation_rows import SAVE, operation_row, unfinished
from data.rows import member, scope_of
from data.types import decimal_text

ENTRY, TRAIL = "ENTRY", "TRAIL"
_UNREADABLE = (ValueError, KeyError, TypeError, ArithmeticError)


class SqliteEntryRepository:
    """Entry operations and stop plans. Trading thread (or main, before it)."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def save(self, operation: EntryOperation, mode: Mode | None) -> None:
        """Commit the operation's step.

        Raises:
            PersistenceError: nothing was changed.
        """
        state = {
            "side": operation.side.value,
            "bracket": _bracket_state(operation.bracket),
            "legs": [_leg_state(leg) for leg in operation.legs],
            "text": operation.text,
            "doubt": operation.doubt,
        }
        row = operation_row(
            operation.operation_id,
            ENTRY,
            operation.key,
            mode,
            operation.step.value,
            operation.is_over,
            operation.started_at,
            operation.step_since,
            state,
        )
        text = f"entry {operation.side.value} {operation.quantity:f} {operation.key.symbol}: {operation.step.value}"
        facts = {"text": operation.text, "doubt": operation.doubt}
        self._write(row, text, operation.operation_id, {name: word for name, word in facts.items() if word})

    def unfinished(self) -> tuple[EntryOperation, ...]:
        """Return operations that had not ended, oldest first."""
        with self._database.reading() as connection:
            return tuple(_operation(row) for row in connection.execute(unfinished(ENTRY)).all())

    def save_plan(self, plan: StopPlan, mode: Mode | None) -> None:
        """Commit what is planned for the stop of a scope, in place of what was.

        Raises:
            PersistenceError: nothing was changed.
        """
        name = f"stop of {plan.key.connection} {plan.key.account} {plan.key.symbol}"
        places = {"trail": plan.trail, "breakeven_after": plan.breakeven_after, "floor": plan.floor}
        state = {word: _text(value) for word, value in places.items()}
        step = "OFF" if plan.is_over else "ON"
        row = operation_row(name, TRAIL, plan.key, mode, step, plan.is_over, plan.since, plan.since, state)
        facts = {word: text for word, text in state.items() if text is not None}
        self._write(row, f"stop plan {plan.key.symbol}: {step}", name, facts)

    def plans(self) -> tuple[StopPlan, ...]:
        """Return every plan that is not over."""
        with self._database.reading() as connection:
            return tuple(_plan(row) for row in connection.execute(unfinished(TRAIL)).all())

    def _write(self, row: dict[str, Any], text: str, cause: str, data: dict[str, str]) -> None:
        account = AccountKey(row["connection"], row["account"])
        mode = None if row["mode"] is None else Mode(row["mode"])
        with self._database.transaction() as connection:
            connection.execute(SAVE, row)
            self._audit.write(connection, "operation", text, key=account, mode=mode, cause=cause, data=data)


def _operation(row: Row[Any]) -> EntryOperation:
    try:
        state = json.loads(row.state)
        return EntryOperation(
            operation_id=row.operation_id,
            key=scope_of(row),
            side=member(Side, state["side"]),
            step=member(EntryStep, row.step),
            started_at=row.started_at,
            step_since=row.step_since,
            bracket=_bracket(state["bracket"]),
            legs=tuple(_leg(leg) for leg in state["legs"]),
            text=state["text"],
            doubt=state["doubt"],
        )
    except _UNREADABLE as error:
        raise DatabaseDamaged(f"operation {row.operation_id} holds a state that cannot be read: {error!r}") from error


def _plan(row: Row[Any]) -> StopPlan:
    try:
        state = json.loads(row.state)
        numbers = (_number(state[word]) for word in ("trail", "breakeven_after", "floor"))
        return StopPlan(scope_of(row), row.step_since, *numbers)
    except _UNREADABLE as error:
        raise DatabaseDamaged(f"operation {row.operation_id} holds a state that cannot be read: {error!r}") from error


def _bracket_state(bracket: Bracket) -> dict[str, Any]:
    return {
        "stop": _point_state(bracket.stop),
        "targets": [{"quantity": _text(one.quantity), **_point_state(one.at)} for one in bracket.targets],
        "breakeven_after": _text(bracket.breakeven_after),
        "trail": _text(bracket.trail),
    }


def _bracket(state: dict[str, Any]) -> Bracket:
    targets = (BracketTarget(Decimal(one["quantity"]), _point(one)) for one in state["targets"])
    return Bracket(_point(state["stop"]), tuple(targets), _number(state["breakeven_after"]), _number(state["trail"]))


def _point_state(point: ExitPoint) -> dict[str, Any]:
    return {"price": _text(point.price), "distance": _text(point.distance)}


def _point(state: dict[str, Any]) -> ExitPoint:
    return ExitPoint(_number(state["price"]), _number(state["distance"]))


def _leg_state(leg: EntryLeg) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in asdict(leg).items()}


def _leg(state: dict[str, Any]) -> EntryLeg:
    return EntryLeg(
        entry_id=state["entry_id"],
        stop_id=state["stop_id"],
        target_id=state["target_id"],
        again_id=state["again_id"],
        undo_id=state["undo_id"],
        by_server=state["by_server"],
        quantity=Decimal(state["quantity"]),
        stop_price=_number(state["stop_price"]),
        target_price=_number(state["target_price"]),
        stop_distance=_number(state["stop_distance"]),
        target_distance=_number(state["target_distance"]),
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else decimal_text(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
