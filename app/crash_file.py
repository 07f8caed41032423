"""What brought the program down, in `logs/crash.txt`: a fault of the interpreter with every thread, or an exception.

The file is opened at the start and is empty when all went well. What is in it at the next start is the last run's.
"""

import faulthandler
import traceback
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Final

from app.log import masked
from core.file_in_place import put_in_place

NAME: Final = "crash.txt"
LAST: Final = "last-crash.txt"
MOST_CHARACTERS: Final = 200_000


class CrashFile:
    """The crash file of a run (main thread; `note` any thread).

    Attributes:
        last: what brought the last run down; empty when it ended well.
    """

    def __init__(self, folder: Path) -> None:
        """Take over what the last run left, and listen; where the disk refuses, there is no crash file, no more."""
        self._path = folder / NAME
        self.last = ""
        self._file: TextIOWrapper | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.last = self._left_by_the_last_run(folder)
            self._file = self._path.open("w", encoding="utf-8")
        except OSError:
            return  # the log, on the same disk, tells of it
        faulthandler.enable(self._file)

    def note(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Write down an exception that nothing caught."""
        if self._file is None or self._file.closed:
            return
        lines = traceback.format_exception(kind, error, trace)
        try:
            self._file.write(masked(f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{''.join(lines)}\n"))
            self._file.flush()
        except OSError:
            return  # the log tells of the disk

    def finish(self) -> None:
        """Listen no more; a file in which nothing stands goes."""
        if self._file is None or self._file.closed:
            return
        faulthandler.disable()
        try:
            self._file.close()
            if not self._path.stat().st_size:
                self._path.unlink()
        except OSError:
            return  # it is empty, and told of at the next start as nothing

    def _left_by_the_last_run(self, folder: Path) -> str:
        if not self._path.exists():
            return ""
        text = self._path.read_text(encoding="utf-8", errors="replace").strip()
        if text:
            put_in_place(self._path, folder / LAST)
        return text[-MOST_CHARACTERS:]
