"""The data folder: made private, held by one instance, and checked before anything heavy is imported."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.windows_desktop import let_others_come_forward
from core.errors import DataFolderBusy, PersistenceError
from data import preflight

LOCK_NAME = "stanchion.lock"
RAISE_NAME = "stanchion.raise"


class DataFolder:
    """The folder while this process holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def asked_to_raise(self) -> bool:
        """Say, once, whether a second start asked this window to come forward; polled each second."""
        request = self.path / RAISE_NAME
        if not request.exists():
            return False
        request.unlink(missing_ok=True)
        return True


@contextmanager
def occupied(path: Path) -> Iterator[DataFolder]:
    """Hold the data folder for the time of a run.

    Raises:
        DataFolderBusy: another instance holds it; it has been asked to come forward.
        PersistenceError: the folder cannot be used, or its database is newer or damaged; nothing was changed.
    """
    _prepare(path)
    lock = FileLock(path / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        let_others_come_forward()
        (path / RAISE_NAME).touch()
        raise DataFolderBusy(f"{path} is in use by another Stanchion; it was asked to show its window.") from None
    except OSError as error:
        raise PersistenceError(f"{path} cannot be used as data folder: {error.strerror or error}.") from error
    try:
        preflight.check(path / preflight.DATABASE_NAME)
        (path / RAISE_NAME).unlink(missing_ok=True)
        yield DataFolder(path)
    finally:
        lock.release()


def _prepare(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32":
            path.chmod(0o700)
    except OSError as error:
        raise PersistenceError(f"{path} cannot be used as data folder: {error.strerror or error}.") from error
    if not os.access(path, os.W_OK):
        raise PersistenceError(f"{path} cannot be written; choose another folder with --data-dir.")
