"""How a stored procedure stands in the table `operation`.

What is asked of every kind of procedure has a column; what only one kind knows is JSON in `state`.
"""

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.dialects.sqlite import insert

from core.model.scope import Mode, PositionKey
from data.rows import mode_word, scope_row
from data.schema import OPERATION, UNFINISHED

_INSERT: Final = insert(OPERATION)
SAVE: Final = _INSERT.on_conflict_do_update(
    index_elements=["operation_id"],
    set_={name: _INSERT.excluded[name] for name in ("mode", "step", "is_over", "step_since", "state")},
)


def unfinished(kind: str) -> Select[Any]:
    """Return the question for the operations of a kind that had not ended, oldest first."""
    return select(OPERATION).where(UNFINISHED).where(OPERATION.c.kind == kind).order_by(OPERATION.c.id)


def operation_row(
    operation_id: str,
    kind: str,
    key: PositionKey,
    mode: Mode | None,
    step: str,
    is_over: bool,
    started_at: datetime,
    step_since: datetime,
    state: dict[str, Any],
) -> dict[str, Any]:
    """Return the row of an operation."""
    return {
        **scope_row(key),
        "operation_id": operation_id,
        "kind": kind,
        "mode": mode_word(mode),
        "step": step,
        "is_over": int(is_over),
        "started_at": started_at,
        "step_since": step_since,
        "state": json.dumps(state, separators=(",", ":"), ensure_ascii=False),
    }
