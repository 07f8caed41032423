"""The files of a panic and the stored locks, in memory; both outlive a restart."""

from dataclasses import dataclass, field
from datetime import datetime

from core.model.guard_lock import GuardLock, LockKind
from services.panic.files import Act, Answer, Request


@dataclass
class InMemoryPanicFiles:
    """What a panic process and the terminal have left for each other.

    Attributes:
        acting: a panic process holds the claim.
    """

    requested: Request | None = None
    acted: Act | None = None
    answers: list[Answer] = field(default_factory=list)
    lift: bool = False
    acting: bool = False

    def request(self) -> Request | None:
        return self.requested

    def act(self) -> Act | None:
        return self.acted

    def wants_lift(self) -> bool:
        return self.lift

    def somebody_acts(self) -> bool:
        return self.acting

    def write(self, content: Answer) -> None:
        self.answers.append(content)

    def clear(self) -> None:
        self.requested = self.acted = None
        self.lift = False
        self.answers.clear()


class InMemoryGuardLocks:
    """Stored locks."""

    def __init__(self) -> None:
        self._locks: list[GuardLock] = []

    def add(self, lock: GuardLock) -> None:
        self._locks.append(lock)

    def release(self, kind: LockKind, at: datetime) -> None:
        self._locks = [one for one in self._locks if one.kind is not kind]

    def standing(self) -> tuple[GuardLock, ...]:
        return tuple(self._locks)
