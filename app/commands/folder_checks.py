"""What the doctor looks at in the data folder: database, privacy, room, log, emergency file, locks, backups."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from app.commands.finding import Finding, bad, note, ok
from core.clock import SystemClock
from core.errors import PersistenceError
from core.model.guard_lock import LockKind
from data.emergency_log import FileEmergencyLog
from data.integrity import examine
from data.preflight import DATABASE_NAME, EMERGENCY_NAME
from data.rolling_backup import EVERY, FOLDER, LEFT_FREE_BYTES, backups_in, newest_at
from data.standing_locks import standing_locks
from services.panic.files import LIFT_WITH, PanicFiles

LOGS: Final = "logs"
_SCARCE_BYTES: Final = 2 * 1024**3


def database(folder: Path) -> Iterator[Finding]:
    """Examine the database, on a copy in memory."""
    path = folder / DATABASE_NAME
    findings = examine(path)
    if not findings:
        yield ok("database", f"{path}: the file, positions = ledger, the trades and the audit chain add up")
    for finding in findings:
        yield bad("database", finding)


def privacy(folder: Path) -> Iterator[Finding]:
    """Check that the folder is the user's alone and can be written."""
    if sys.platform != "win32" and folder.stat().st_mode & 0o077:
        yield bad("folder", f"Others of this machine may look into {folder}. Close it with: chmod 700 '{folder}'")
    elif not os.access(folder, os.W_OK):
        yield bad("folder", f"{folder} cannot be written, so nothing can be traded from it. Make it writable again.")
    else:
        yield ok("folder", f"{folder} is yours alone and can be written")


def room(folder: Path) -> Iterator[Finding]:
    """Check what is left on the disk."""
    free = shutil.disk_usage(folder).free
    left = f"{free / 1024**3:.1f} GB are left on the disk of {folder}"
    if free < LEFT_FREE_BYTES:
        yield bad("disk", f"{left}. Trading stops when it is full, and no backup is made now. Make room.")
    elif free < _SCARCE_BYTES:
        yield note("disk", f"{left}. That is enough to trade, but make room soon.")
    else:
        yield ok("disk", left)


def log(folder: Path) -> Iterator[Finding]:
    """Check that the log can be written."""
    logs = folder / LOGS
    refusing = [path for path in (logs, *logs.glob("*.jsonl")) if path.exists() and not os.access(path, os.W_OK)]
    if refusing:
        yield bad("log", f"{refusing[0]} cannot be written, so what happens is not logged. Make it writable again.")
    elif logs.exists():
        yield ok("log", f"{logs} can be written")
    else:
        yield note("log", f"{logs} is not there yet; the first start makes it.")


def emergency(folder: Path) -> Iterator[Finding]:
    """Say when something was written beside a database that failed; nothing is normal."""
    path = folder / EMERGENCY_NAME
    for aside in sorted(folder.glob(f"{path.stem}-*.aside.jsonl")):
        yield note("emergency", f"{aside} holds what contradicts the database. Compare it with the broker's statement.")
    if not path.exists():
        return
    try:
        held = FileEmergencyLog(folder, SystemClock()).read()
    except PersistenceError as error:
        yield bad("emergency", f"{error}. The terminal does not start until it can be read.")
        return
    damaged = f", and {held.unreadable} lines that cannot be read" if held.unreadable else ""
    yield bad(
        "emergency",
        f"{path} holds {len(held.entries)} entries the database did not take{damaged}. It is not lost: leave the file "
        "where it is. The terminal brings it into the database as soon as it can, at its start before anything else.",
    )


def locks(folder: Path, now: datetime) -> Iterator[Finding]:
    """Say which accounts take no entries because of a lock, and what ends it."""
    try:
        standing = standing_locks(folder / DATABASE_NAME, now)
        asked = PanicFiles(folder).request()
    except PersistenceError as error:
        yield bad("locks", f"they cannot be read: {error}")
        return
    for one in standing:
        yield note(f"lock of {one.place or 'every account'}", f"since {one.since:%Y-%m-%d %H:%M} UTC. {one.reason}")
    if asked is not None and not any(one.kind == LockKind.PANIC.value for one in standing):
        yield note("lock of every account", f"panic was pressed at {asked.at:%Y-%m-%d %H:%M} UTC; the next start locks "
                   f"entries. Lift it with `{LIFT_WITH}`.")  # fmt: skip
    elif not standing:
        yield ok("locks", "none stands")


def backups(folder: Path, now: datetime) -> Iterator[Finding]:
    """Say which backup is the newest, how old it is, and whether it still adds up."""
    found = [path for path in backups_in(folder / FOLDER) if newest_at([path.name], now)]
    if not found:
        yield note("backups", f"There is none in {folder / FOLDER} yet. A running terminal makes them; so does "
                   "`stanchion backup`.")  # fmt: skip
        return
    newest = found[0]
    taken = newest_at([newest.name], now)
    assert taken is not None
    wrong = examine(newest)
    if wrong:
        yield bad("backups", f"The newest, {newest}, no longer adds up: {wrong[0]}. Make another: `stanchion backup`.")
        return
    text = f"the newest of {len(found)}, {newest}, is {_age(now - taken)} old and adds up"
    written = datetime.fromtimestamp((folder / DATABASE_NAME).stat().st_mtime, now.tzinfo)
    if written - taken > 2 * EVERY:
        yield note("backups", f"{text}; what was booked since is in no backup. A running terminal makes one each day.")
    else:
        yield ok("backups", text)


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds()) // 3600
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h" if hours else f"{int(age.total_seconds()) // 60} min"
