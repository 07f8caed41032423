"""The backups the terminal makes of itself: when one is due, what it is called, and which of them stay.

A file in `backups/` that has such a name is a whole copy in which everything added up; it gets the name only then. Kept
are the newest of each of the last seven days, four weeks and three months that have one. A file of another name is
nobody's here and stays, and so does one from the future, which a clock set back has made.
"""

import re
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from core.errors import PersistenceError
from core.model.session import GLOBEX_EQUITY_INDEX, session_of
from data.backup import GENTLE, copy_database, sound_copy
from data.schema_upgrade import synchronise_folder

FOLDER: Final = "backups"
KEPT_DAYS, KEPT_WEEKS, KEPT_MONTHS = 7, 4, 3
EVERY: Final = timedelta(hours=24)
# After a close the last fills still arrive.
AFTER_CLOSE: Final = timedelta(minutes=10)
# What a backup leaves on the disk: a full one stops trading, a missing backup does not.
LEFT_FREE_BYTES: Final = 256 * 1024 * 1024

_FORM: Final = "stanchion-%Y%m%d-%H%M%SZ.sqlite3"
_NAME: Final = re.compile(r"stanchion-\d{8}-\d{6}Z\.sqlite3", re.ASCII)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """What a backup left behind.

    Attributes:
        made: the new file.
        count: how many there are now.
        stuck: names of those that should have been deleted and could not be.
    """

    made: Path
    count: int
    stuck: tuple[str, ...] = ()


def name_of(moment: datetime) -> str:
    """Return the name of a backup."""
    return moment.astimezone(UTC).strftime(_FORM)


def taken_at(name: str) -> datetime | None:
    """Return when a backup was taken, by its name; None when it is no name of one."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return datetime.strptime(name, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def backups_in(folder: Path) -> list[Path]:
    """Return the verified backups in a folder, newest first.

    Raises:
        OSError: the folder cannot be read.
    """
    names = [path.name for path in folder.iterdir()] if folder.exists() else []
    return [folder / name for name in sorted((name for name in names if taken_at(name)), reverse=True)]


def newest_at(names: Iterable[str], now: datetime) -> datetime | None:
    """Return when the newest backup was taken, leaving out what is from the future."""
    return max((at for name in names if (at := taken_at(name)) is not None and at <= now), default=None)


def is_due(newest: datetime | None, now: datetime) -> bool:
    """Say whether a backup is due: a day has passed since the newest, or a session has ended."""
    return newest is None or now - newest >= EVERY or newest < last_close(now - AFTER_CLOSE)


def last_close(now: datetime) -> datetime:
    """Return when a session ended last, by the hours of stock index futures, which every product of CME rests in."""
    day = now.date() + _DAY
    while True:
        session = session_of(day, GLOBEX_EQUITY_INDEX)
        if session is not None and session.closes_at <= now:
            return session.closes_at
        day -= _DAY


def to_keep(names: Collection[str], now: datetime) -> frozenset[str]:
    """Return the names of files that stay."""
    taken = {name: at for name in names if (at := taken_at(name)) is not None and at <= now}
    newest_first = sorted(taken, key=lambda name: taken[name], reverse=True)
    kept = set(names) - taken.keys()
    spans: tuple[tuple[Callable[[datetime], object], int], ...] = (
        (lambda at: at.date(), KEPT_DAYS),
        (lambda at: at.isocalendar()[:2], KEPT_WEEKS),
        (lambda at: (at.year, at.month), KEPT_MONTHS),
    )
    for span, count in spans:
        newest: dict[object, str] = {}
        for name in newest_first:
            newest.setdefault(span(taken[name]), name)
        kept.update(list(newest.values())[:count])
    return frozenset(kept)


def roll(database: Path, now: datetime) -> Kept:
    """Make a backup at a gentle pace, examine it, give it its name, and delete what is not kept. One at a time.

    Raises:
        PersistenceError: none was made, and none deleted.
    """
    folder = database.parent / FOLDER
    try:
        _check_room(database)
        _clear(folder)
        made = copy_database(database, folder / name_of(now), accepted=sound_copy, pace=GENTLE)
        synchronise_folder(folder)
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise PersistenceError(f"{folder} cannot be used: {error}") from error
    stuck = [name for name in sorted(names - to_keep(names, now)) if not _deleted(folder / name)]
    return Kept(made, len(backups_in(folder)), tuple(stuck))


def _clear(folder: Path) -> None:
    """Delete what a backup that was killed has left; two are never made at once."""
    for part in folder.glob("stanchion-*.sqlite3.*.part"):
        part.unlink(missing_ok=True)


def _check_room(database: Path) -> None:
    log = database.with_name(f"{database.name}-wal")
    needed = database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    free = shutil.disk_usage(database.parent).free
    if free < needed + LEFT_FREE_BYTES:
        raise PersistenceError(
            f"{_mebibytes(free)} MB are left on the disk of {database.parent}; a backup takes {_mebibytes(needed)} and "
            f"has to leave {_mebibytes(LEFT_FREE_BYTES)} for trading. Make room"
        )


def _mebibytes(size: int) -> str:
    return f"{max(1, size // 2**20)}"


def _deleted(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
