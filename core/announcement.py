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


@dataclass(frozen=True, slots=True)
class Announcement:
    """The trader is told, once, in a sentence: what happened, what is safe, what to do."""

    level: Level
    text: str
    at: datetime
    key: PositionKey | None = None
