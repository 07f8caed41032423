"""What nothing in the window caught: logged, noted and told once for each cause, however often it comes.

A panel that cannot be drawn fails at every frame, and so does what is painted: told each time, it would bury the log
and everything else the trader is to read. A cause is news again once it has stayed away.
"""

from collections.abc import Callable, Iterator
from traceback import extract_tb
from typing import Final

import structlog

from app.crash_file import CrashFile

GOES_ON: Final = "The engine runs on; the log has the details."
AWAY_S: Final = 5.0
# How many causes are remembered; a program with more of them has other worries.
MOST: Final = 256
Cause = tuple[str, str, int | None, str]

_log = structlog.get_logger("app")


def single(error: BaseException) -> Iterator[BaseException]:
    """Return what a group holds, one by one; or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from single(one)
    else:
        yield error


def part_of(error: BaseException) -> str:
    """Return which part of the window failed, as `panels.each` notes it; "" unknown."""
    notes: list[str] = getattr(error, "__notes__", [])
    return notes[0] if notes else ""


def cause_of(error: BaseException) -> Cause:
    """Return what makes two errors the same: kind, part and place; what they say may have figures in it."""
    frames = extract_tb(error.__traceback__)
    place = (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)
    return (type(error).__name__, *place, part_of(error))


class Faults:
    """Tells the trader of faults (GUI thread)."""

    def __init__(self, crash: CrashFile, tell: Callable[[str], None], monotonic: Callable[[], float]) -> None:
        self._crash, self._tell, self._monotonic = crash, tell, monotonic
        self._seen: dict[Cause, float] = {}

    def report(self, error: BaseException) -> None:
        """Log what escaped a slot or a paint, and say so; the engine goes on."""
        for one in single(error):
            if self._is_news(cause_of(one)):
                _log.critical("window fault", error=repr(one), exc_info=one)
                self._crash.note(type(one), one, one.__traceback__)
                self._tell(f"{part_of(one) or 'A part of the window'} failed ({type(one).__name__}). {GOES_ON}")

    def _is_news(self, cause: Cause) -> bool:
        now = self._monotonic()
        before = self._seen.pop(cause, None)
        self._seen[cause] = now
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]
        return before is None or now - before >= AWAY_S
