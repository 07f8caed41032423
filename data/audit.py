"""The audit log: what was done, why, and proof that nobody rewrote it.

Rows are chained. Each hash is the SHA-256 of the hash before it, a newline, and the row's other columns as compact
JSON with sorted keys in UTF-8; before the first row stand 64 zeros. Sequence numbers have no gap. So a row that was
changed, taken out or put in shows, and anybody can check it with a dozen lines of code. (Rows cut from the *end*
leave no trace in the chain itself.) Every repository writes its audit row inside the transaction it explains.

Excursions of an open position and the beat of a run are annotations, written many times a minute, and are not
audited.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from core.clock import Clock
from core.errors import DatabaseDamaged
from core.model.scope import AccountKey, Mode
from data.database import Database
from data.head_file import head_path, noted_head
from data.prepared import Prepared
from data.schema import AUDIT_EVENT
from data.types import utc_text

FIRST_PREVIOUS: Final = "0" * 64
MASK: Final = "•••"

_SECRET_KEY: Final = re.compile(r"pass(word|wd|phrase|$)|secret|token|api_?key|credential|authori[sz]ation", re.I)
_SECRET_IN_URL: Final = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
_SECRET_PAIR: Final = re.compile(
    r"\b(pass(?:word|wd|phrase)?|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+", re.I
)
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_HASHED: Final = tuple(column.name for column in AUDIT_EVENT.c if column.name != "hash")
_LAST: Final = select(func.max(AUDIT_EVENT.c.sequence)).scalar_subquery()
_HEAD: Final = Prepared(select(AUDIT_EVENT.c.sequence, AUDIT_EVENT.c.hash).where(AUDIT_EVENT.c.sequence == _LAST))
_APPEND: Final = Prepared(insert(AUDIT_EVENT))


class AuditTrail:
    """Appends to the chain and verifies it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def append(
        self,
        kind: str,
        text: str,
        *,
        key: AccountKey | None,
        mode: Mode | None,
        cause: str,
        data: Mapping[str, str],
    ) -> None:
        """Commit one audit row that explains no other.

        Raises:
            PersistenceError: nothing was written.
        """
        with self._database.transaction() as connection:
            self.write(connection, kind, text, key=key, mode=mode, cause=cause, data=data)

    def write(
        self,
        connection: Connection,
        kind: str,
        text: str,
        *,
        key: AccountKey | None,
        mode: Mode | None,
        cause: str,
        data: Mapping[str, str],
    ) -> None:
        """Add a row to the transaction it explains."""
        head = _HEAD.execute(connection, {}).fetchone()
        sequence, previous = (0, FIRST_PREVIOUS) if head is None else head
        now = self._clock.now()
        row: dict[str, Any] = {
            "sequence": sequence + 1,
            "time": utc_text(now),
            "kind": kind,
            "connection": key.connection if key else None,
            "account": key.account if key else None,
            "mode": mode.value if mode else None,
            "text": _masked(text),
            "cause": _masked(cause),
            "data": _compact({name: _masked_value(name, value) for name, value in data.items()}),
        }
        _APPEND.execute(connection, {**row, "time": now, "hash": chained(previous, row)})
        self._database.note_head(sequence + 1)

    def verify_chain(self, newest: int | None = None) -> int:
        """Recompute the chain: see `verify_chain`."""
        with self._database.reading() as connection:
            return verify_chain(connection, newest)

    def check_head(self) -> None:
        """Check that the log reaches as far as it once did.

        Raises:
            DatabaseDamaged: committed rows are missing at its end.
        """
        with self._database.reading() as connection:
            check_head(connection, self._database.path)


def chained(previous: str, row: Mapping[str, object]) -> str:
    """Return the hash of a row: its columns without `hash`, as they lie in the table."""
    return sha256(f"{previous}\n{_compact(row)}".encode()).hexdigest()


def verify_chain(connection: Connection, newest: int | None = None) -> int:
    """Recompute the chain and return how many rows were checked.

    Args:
        newest: check only so many rows from the end; None checks all.

    Raises:
        DatabaseDamaged: a row is missing or was changed; the text names its sequence.
    """
    head = _HEAD.execute(connection, {}).fetchone()
    if head is None:
        return 0
    start = 0 if newest is None else max(0, head[0] - newest)
    previous, expected = FIRST_PREVIOUS, start + 1
    if start:
        before = connection.execute(select(AUDIT_EVENT.c.hash).where(AUDIT_EVENT.c.sequence == start))
        previous = before.scalar_one_or_none() or ""
    # As text, not as values: the hash is of what lies in the file.
    query = f"SELECT {', '.join(_HASHED)}, hash FROM audit_event WHERE sequence > ? ORDER BY sequence"
    # Closed even where a row does not fit: a cursor left open would keep the file open.
    with connection.exec_driver_sql(query, (start,)) as rows:
        for *columns, stored in rows:
            _check_row(columns, stored, previous, expected)
            previous, expected = stored, expected + 1
    return expected - 1 - start


def check_head(connection: Connection, path: Path) -> None:
    """Compare the end of the log with the note beside the file.

    Raises:
        DatabaseDamaged: committed rows are missing.
    """
    head = _HEAD.execute(connection, {}).fetchone()
    reached, noted = 0 if head is None else head[0], noted_head(path)
    if reached < noted:
        raise DatabaseDamaged(
            f"{path} is older than it was: {reached} audit rows of {noted}. Its log {path.name}-wal was lost or is "
            f"another's, or an old copy was put in its place. Nothing was changed. If the copy is meant, delete "
            f"{head_path(path).name}."
        )


def _check_row(columns: Sequence[object], stored: str, previous: str, expected: int) -> None:
    if columns[0] != expected:
        raise DatabaseDamaged(f"the audit log has a gap: row {expected} is missing before {columns[0]}")
    try:
        computed = chained(previous, dict(zip(_HASHED, columns, strict=True)))
    except TypeError as error:
        raise DatabaseDamaged(f"row {expected} of the audit log holds what is neither text nor number") from error
    if computed != stored:
        raise DatabaseDamaged(f"the audit log was changed: row {expected} does not fit its hash")


def _compact(row: Mapping[str, object]) -> str:
    return _ENCODER.encode(row)


def _masked(text: str) -> str:
    if "://" in text:
        text = _SECRET_IN_URL.sub(rf"\1:{MASK}@", text)
    return _SECRET_PAIR.sub(rf"\1\2{MASK}", text) if "=" in text or ":" in text else text


def _masked_value(name: str, value: str) -> str:
    return MASK if _SECRET_KEY.search(name) else _masked(value)


def at_text(value: datetime | None) -> str:
    """Return a time for the data of an audit row."""
    return "" if value is None else utc_text(value)
