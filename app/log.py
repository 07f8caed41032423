"""The log: JSON lines in `logs/`, rotated, written by a thread of its own; secrets never reach it.

A logging call can never change what the program does: whatever goes wrong inside it (a value that cannot be written, a
full disk, a wrong keyword) is counted and swallowed here, the one place where that is right.
"""

import logging
import logging.handlers
import os
import queue
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

MAX_BYTES = 5_000_000
FILES_KEPT = 5
MASK = "••••"
_SECRET_NAME = re.compile(r"pass(word|wd|phrase)?|secret|token|api_?key|credential", re.IGNORECASE)
# user:password@ in anything that looks like an address, and name=value pairs of secret names.
_IN_ADDRESS = re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@")
_IN_PAIR = re.compile(r"(?i)\b(pass(?:word|wd|phrase)?|secret|token|api_?key)(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+")

Event = MutableMapping[str, Any]


def masked(text: str) -> str:
    """Return the text with passwords in addresses and secret name-value pairs blotted out."""
    return _IN_PAIR.sub(rf"\1\2{MASK}", _IN_ADDRESS.sub(rf"\1:{MASK}@", text))


def mask_secrets(logger: object, method: str, event: Event) -> Event:
    """Blot out secrets by the name of their field and by their shape in texts, at any depth; make all values plain."""
    for name, value in event.items():
        if not name.startswith("_"):
            event[name] = _plain(name, value)
    return event


def _plain(name: object, value: object) -> object:
    if _SECRET_NAME.search(str(name)):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {str(key): _plain(key, one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(name, one) for one in value]
    try:
        return masked(repr(value))
    except Exception:
        return f"<a {type(value).__name__} that cannot be shown>"


class LogFile:
    """The running log: a queue, the thread that empties it, and the file.

    Attributes:
        dropped: lines that could not be made or written; told to the trader once, never raised at him.
        lines: from every thread to the one that writes.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.dropped = 0
        self.lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self._file = _File(self, folder / "stanchion.jsonl")
        self._listener = logging.handlers.QueueListener(self.lines, self._file)
        self._handler = _Queue(self)
        self._handler.setFormatter(_FORMAT)

    def start(self) -> None:
        """Begin writing; configures structlog and the standard library's root logger for the whole process."""
        self._listener.start()
        root = logging.getLogger()
        root.addHandler(self._handler)
        root.setLevel(logging.INFO)
        configure()

    def stop(self) -> None:
        """Write what is queued and close the file."""
        logging.getLogger().removeHandler(self._handler)
        self._listener.stop()
        self._file.close()


_ALIKE: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    mask_secrets,
)
# The line is made in the thread that logs, so it holds what was true then; the file's thread only writes.
_FORMAT = structlog.stdlib.ProcessorFormatter(
    foreign_pre_chain=_ALIKE,
    processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(default=repr),
    ],
)


def configure() -> None:
    """Send structlog through the standard library's loggers as JSON lines."""
    structlog.configure(
        processors=[*_ALIKE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=SafeLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class SafeLogger(structlog.stdlib.BoundLogger):
    """A logger whose calls cannot raise."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._proxy_to_logger(method_name, event, *args, **kwargs)
        except Exception:
            logging.getLogger("log").warning('{"event": "a log line could not be made"}')
            return None


class _Queue(logging.handlers.QueueHandler):
    def __init__(self, owner: LogFile) -> None:
        super().__init__(owner.lines)
        self._owner = owner

    def handleError(self, record: logging.LogRecord) -> None:
        """Count what could not be made into a line."""
        self._owner.dropped += 1


class _File(logging.handlers.RotatingFileHandler):
    def __init__(self, owner: LogFile, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)
        self._owner = owner

    def doRollover(self) -> None:
        """Begin a new file; while somebody has the old one open, which on Windows keeps its name, go on in that."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        try:
            os.rename(self.baseFilename, self.baseFilename)  # before any of the older ones moves up
        except OSError:
            self.stream = self._open()
            return
        super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:
        """Count what the disk refused; trading goes on."""
        self._owner.dropped += 1
