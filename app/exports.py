"""Tables written to files beside the window's thread; where they went, or why they did not, is announced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from core.announcement import Announcement, Level
from core.errors import ConfigurationError
from core.sheet import Sheet

if TYPE_CHECKING:
    from panels.exporting.asking import ExportFile

_log = structlog.get_logger("export")


class Exports:
    """Writes what is exported, each file on a thread of its own that ends with it."""

    def __init__(self, announce: Callable[[Announcement], None]) -> None:
        """Prepare.

        Args:
            announce: called on the thread that wrote.
        """
        self._announce = announce
        self.thread: Thread | None = None

    def write(self, wanted: ExportFile) -> None:
        """Begin to write a file (main thread); it is whole under its name, or not there."""
        self.thread = Thread(target=self._run, args=(wanted,), name="export")
        self.thread.start()

    def _run(self, wanted: ExportFile) -> None:
        count = len(wanted.content.rows)
        try:
            _write(wanted)
        except (OSError, ConfigurationError) as error:
            _log.warning("export failed", title=wanted.title, error=str(error))
            cause = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            self._say(Level.ERROR, f"{wanted.title} could not be written to {wanted.path}: {cause.rstrip('.')}.")
        except Exception as error:
            _log.critical("export fault", title=wanted.title, error=repr(error), exc_info=True)
            self._say(Level.ERROR, f"{wanted.title} could not be exported ({type(error).__name__}). The log has more.")
        else:
            rows = f"{count} row{'' if count == 1 else 's'}"
            self._say(Level.SUCCESS, f"{wanted.title}: {rows} written to {wanted.path}.")

    def _say(self, level: Level, text: str) -> None:
        self._announce(Announcement(level, text, datetime.now(UTC)))


def _write(wanted: ExportFile) -> None:
    # What writes files is not waited for at the start.
    from data.export.file import Format, write_sheet, write_whole
    from panels.exporting.report import printed

    content = wanted.content
    if isinstance(content, Sheet):
        write_sheet(content, Format(wanted.form.value), wanted.path)
    else:
        write_whole(wanted.path, printed(content))
