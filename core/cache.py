"""A small cache whose entries expire, and of which exactly one caller sees each entry go."""

from collections import OrderedDict
from threading import RLock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ExpiringCache(Generic[Value]):
    """Values under a key until a monotonic time, bounded in number; the oldest goes first.

    Any thread may call. The lock guards the entries, is held for a dictionary operation, and nothing is called under
    it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = RLock()
        self._entries: OrderedDict[str, tuple[Value, float]] = OrderedDict()

    def put(self, key: str, value: Value, expires_s: float) -> bool:
        """Keep a value until `expires_s` (monotonic seconds); return False when the key is held already."""
        with self._lock:
            if key in self._entries:
                return False
            self._entries[key] = (value, expires_s)
            while len(self._entries) > self._limit:
                self._entries.popitem(last=False)
            return True

    def get(self, key: str, now_s: float) -> Value | None:
        """Return the value unless it is absent or its time has passed."""
        with self._lock:
            entry = self._entries.get(key)
            return entry[0] if entry is not None and entry[1] > now_s else None

    def expire(self, key: str, now_s: float) -> bool:
        """Remove an entry whose time has passed; of many callers exactly one is told True."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[1] > now_s:
                return False
            del self._entries[key]
            return True

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)
