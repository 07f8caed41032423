"""What is shown and not in the database yet; the writes themselves are those of core.emergency."""

from dataclasses import dataclass

from core.model.scope import PositionKey


@dataclass(frozen=True, slots=True)
class UnsavedWork:
    """What waits for the database, for the eye.

    Attributes:
        entries: how many writes wait.
        in_memory: how many of these not even the emergency log took.
        fills: the executions among them, by scope and id.
    """

    entries: int = 0
    in_memory: int = 0
    fills: frozenset[tuple[PositionKey, str]] = frozenset()

    def holds(self, key: PositionKey) -> bool:
        """Say whether what is shown of a scope rests on a fill that is not in the database."""
        return any(scope == key for scope, _ in self.fills)
