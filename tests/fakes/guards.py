"""Where accounts stand against their limits, and which limits of an order bind, in memory."""

from datetime import datetime
from typing import Protocol

from core.binding_settings import HeldLimits
from core.model.guard_day import AccountLock, GuardState
from core.model.scope import AccountKey, Mode


class Writes(Protocol):
    """What the next write meets."""

    def write(self) -> None:
        """Count a write, or refuse it."""
        ...


class InMemoryGuardRepository:
    """States and locks."""

    def __init__(self, disk: Writes) -> None:
        self._disk = disk
        self._states: dict[AccountKey, GuardState] = {}
        self._locks: list[AccountLock] = []

    def save(self, key: AccountKey, state: GuardState, lock: AccountLock | None, mode: Mode | None) -> None:
        self._disk.write()
        self._states[key] = state
        if lock is not None:
            self._locks.append(lock)

    def states(self) -> dict[AccountKey, GuardState]:
        return dict(self._states)

    def locks(self, now: datetime) -> tuple[AccountLock, ...]:
        return tuple(one for one in self._locks if one.until > now)


class InMemoryLimitRepository:
    """What binds of the limits of an order."""

    def __init__(self, disk: Writes) -> None:
        self._disk = disk
        self._kept: HeldLimits | None = None

    def keep(self, limits: HeldLimits) -> None:
        self._disk.write()
        self._kept = limits

    def in_force(self) -> HeldLimits | None:
        return self._kept
