"""A lock on entries that survives a restart."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class LockKind(Enum):
    """What locked them, where no limit did.

    PANIC: everything, until somebody lifts it. SESSION: the trader one account, until its session reset.
    """

    PANIC = "PANIC"
    SESSION = "SESSION"


@dataclass(frozen=True, slots=True)
class GuardLock:
    """Entries are refused in every account, until the lock is lifted.

    Attributes:
        reason: the sentence the trader sees, with the way to lift it.
    """

    kind: LockKind
    reason: str
    created_at: datetime
