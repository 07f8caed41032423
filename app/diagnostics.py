"""The bundle of logs that can be sent to somebody: what goes into it, masked, and the file."""

import platform
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Final

from app.commands.doctor import findings_of_folder
from app.config import SETTINGS_NAME
from app.crash_file import LAST
from app.masking import Masking
from core.clock import Clock
from core.errors import PersistenceError

TAIL: Final = 2_000_000
LOGS: Final = ("stanchion.jsonl", "stanchion.jsonl.1")
PACKAGES: Final = ("PySide6-Essentials", "sqlalchemy", "alembic", "duckdb", "msgspec", "keyring", "structlog", "tzdata")
# A zip says when each of its files was made; the bundle says that in words.
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the bundle, as it will be saved."""

    name: str
    text: str


def versions() -> tuple[tuple[str, str], ...]:
    """Return what runs here: the program, the interpreter, the system, the packages that matter."""
    own = (("Stanchion", _version("stanchion")), ("Python", sys.version.split()[0]), ("System", platform.platform()))
    return (*own, *((name, _version(name)) for name in PACKAGES))


def entries_of(folder: Path, facts: str, masking: Masking, clock: Clock) -> tuple[Entry, ...]:
    """Return what a bundle holds, masked: facts, versions, doctor, settings, logs, the last crash. Any thread.

    Args:
        facts: what the window shows of the state of the program.
    """
    found = [
        ("state.txt", facts),
        ("versions.txt", "".join(f"{name} {what}\n" for name, what in versions())),
        ("doctor.txt", _doctor(folder, clock)),
    ]
    for path in (folder / SETTINGS_NAME, folder / "logs" / LAST, *(folder / "logs" / name for name in LOGS)):
        text = _tail(path)
        if text:
            found.append((path.name, text))
    return tuple(Entry(name, masking.text(text)) for name, text in found)


def zipped(entries: tuple[Entry, ...]) -> bytes:
    """Return the bundle as a zip file."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for entry in entries:
            bundle.writestr(zipfile.ZipInfo(entry.name, _ZIP_TIME), entry.text, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _doctor(folder: Path, clock: Clock) -> str:
    def lines() -> Iterator[str]:
        try:
            for finding in findings_of_folder(folder, clock):
                yield finding.line
        except PersistenceError as error:
            yield f"The examination ended: {error}"

    return "".join(f"{line}\n" for line in lines())


def _tail(path: Path) -> str:
    """Return the end of a text file, from a whole line on; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL))
            text = file.read().decode("utf-8", errors="replace")
    except OSError as error:
        return "" if isinstance(error, FileNotFoundError) else f"{path.name} could not be read: {error.strerror}\n"
    return text if size <= TAIL else text.partition("\n")[2]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
