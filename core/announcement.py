"""What the trader is told. By itself, since panels show it and need nothing else that happens."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from core.model.scope import PositionKey


class Level(Enum):
    """How loud an announcement is."""

    INFO = "INFO"
    SUCCESS = "SUCCESS"
    CAUTION = "CAUTION"
    ERROR = "ERROR"
    ALARM = "ALARM"


class About(Enum):
    """What an announcement is of, where a sound, a notice or its end depends on it."""

    FILL = "fill"
    TARGET = "target"
    STOP = "stop"
    REJECT = "reject"
    LINE = "line"
    MISMATCH = "mismatch"
    PROTECTION = "protection"
    STORE = "store"
    LIMIT_NEAR = "limit near"
    LIMIT_HIT = "limit hit"
    CLOSE = "close"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Announcement:
    """The trader is told, once, in a sentence: what happened, what is safe, what to do.

    Attributes:
        about: None where nothing depends on it.
        cause: what it belongs to: the order of a fill, the connection of a line; several of one cause go on as one.
        is_last: of a cause that comes in parts, this was the last; an order that is filled.
    """

    level: Level
    text: str
    at: datetime
    key: PositionKey | None = None
    about: About | None = None
    cause: str = ""
    is_last: bool = True
