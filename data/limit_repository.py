"""The limits of an order that bind in a session, and until when; one row, for a person to read."""

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from core.binding_settings import HeldLimits
from core.clock import Clock
from core.errors import DatabaseDamaged
from core.model.sanity_texts import limits_from_texts, limits_to_texts
from data.database import Database
from data.schema import ORDER_LIMITS

_NEW: Final = insert(ORDER_LIMITS)
_SAVE: Final = _NEW.on_conflict_do_update(
    index_elements=["id"], set_={name: _NEW.excluded[name] for name in ("limits", "until", "updated_at")}
)
_ONLY: Final = 1


class SqliteLimitRepository:
    """What binds. Trading thread (or main, before it)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def keep(self, limits: HeldLimits) -> None:
        """Commit what binds, in place of what did.

        Raises:
            PersistenceError: nothing was changed.
        """
        text = json.dumps(limits_to_texts(limits.limits), separators=(",", ":"))
        row = {"id": _ONLY, "limits": text, "until": limits.until, "updated_at": self._clock.now()}
        with self._database.transaction() as connection:
            connection.execute(_SAVE, row)

    def in_force(self) -> HeldLimits | None:
        """Return what bound last; None where nothing ever did.

        Raises:
            DatabaseDamaged: it cannot be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(ORDER_LIMITS)).one_or_none()
        if row is None:
            return None
        try:
            return HeldLimits(limits_from_texts(json.loads(row.limits)), row.until)
        except ValueError as error:
            raise DatabaseDamaged(f"the limits of an order cannot be read: {error}") from error
