"""settings.toml while the program runs: one place that changes it, one thread that touches the disk.

Whoever wants a change hands in what makes the new settings of the old. It is laid over the file as it is by then, so
what somebody wrote by hand meanwhile stays; changes that wait together become one write. A file that cannot be used is
left as it is, and said: its changes wait for the next write, and for the end.

The thread is made when something is to be written and ends when nothing is left, so nothing waits for it but `flush`.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from pathlib import Path
from threading import Condition, Thread

from app.config import StoredSettings, read_settings, write_settings
from core.errors import ConfigurationError, PersistenceError

Change = Callable[[StoredSettings], StoredSettings]
AT_ONCE_S = 10.0


class SettingsFile:
    """The reader and writer of settings.toml (any thread)."""

    def __init__(self, folder: Path, told: Callable[[str], None] = lambda text: None) -> None:
        """Touch nothing yet.

        Args:
            told: hears one sentence, on the writing thread, when a change could not be stored.
        """
        self._folder = folder
        self._told = told
        self._ready = Condition()
        self._waiting: deque[tuple[Change, Future[None] | None]] = deque()
        self._thread: Thread | None = None

    def change(self, change: Change) -> None:
        """Have the settings changed soon; never waits, never raises. Any thread, the GUI's too.

        Args:
            change: makes the new settings of those in the file; it may be called again, and must only compute.
        """
        self._queue(change, None)

    def change_now(self, change: Change) -> None:
        """Change the settings and return when they are on the disk; not for the GUI thread.

        Raises:
            PersistenceError: they could not be stored; the file is as it was, and this change is dropped.
        """
        done: Future[None] = Future()
        self._queue(change, done)
        try:
            done.result(AT_ONCE_S)
        except TookTooLong as error:
            raise PersistenceError(f"settings.toml was not written within {AT_ONCE_S:.0f} s.") from error

    def flush(self, within_s: float = 5.0) -> bool:
        """Try again what could not be written, and wait; return whether nothing is left unwritten."""
        deadline_s = time.monotonic() + within_s
        self._begin()
        with self._ready:
            while self._thread is not None and (left_s := deadline_s - time.monotonic()) > 0:
                self._ready.wait(left_s)
            return self._thread is None and not self._waiting

    # -- private ----------------------------------------------------------------------------------------------------

    def _queue(self, change: Change, done: Future[None] | None) -> None:
        with self._ready:
            self._waiting.append((change, done))
        self._begin()

    def _begin(self) -> None:
        """Have a thread write what waits, unless one does."""
        with self._ready:
            if self._thread is not None or not self._waiting:
                return
            thread = self._thread = Thread(target=self._write_all, name="settings")
        thread.start()

    def _write_all(self) -> None:
        """Write until nothing is left, or until the file refuses."""
        try:
            self._write_batches()
        except BaseException:  # a change that cannot compute is our mistake; those after it are written all the same
            with self._ready:
                self._ended()
            raise

    def _write_batches(self) -> None:
        while batch := self._taken():
            failed = self._written(batch)
            for _, done in batch:
                if done is not None:
                    done.set_exception(PersistenceError(failed)) if failed else done.set_result(None)
            kept = [one for one in batch if failed and one[1] is None]
            if kept:
                self._told(f"{failed} What you changed holds until the end of the program.")
            if failed:
                self._put_back(kept)
                return

    def _taken(self) -> Sequence[tuple[Change, Future[None] | None]]:
        """Return what waits; nothing means that this thread ends."""
        with self._ready:
            batch = tuple(self._waiting)
            self._waiting.clear()
            if not batch:
                self._ended()
            return batch

    def _put_back(self, kept: Sequence[tuple[Change, Future[None] | None]]) -> None:
        with self._ready:
            self._waiting.extendleft(reversed(kept))
            self._ended()

    def _ended(self) -> None:
        """Note that no thread writes; the lock is held."""
        self._thread = None
        self._ready.notify_all()

    def _written(self, batch: Sequence[tuple[Change, Future[None] | None]]) -> str:
        """Return why a batch could not be written; empty when it is."""
        try:
            before = settings = read_settings(self._folder)
            for change, _ in batch:
                settings = change(settings)
            if settings != before:
                write_settings(self._folder, settings)
        except (OSError, ConfigurationError) as error:
            return f"settings.toml could not be written: {error}"
        return ""
