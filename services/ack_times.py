"""How long a broker takes to answer an order: from SENT to his first word on it, by the monotonic clock."""

from collections import deque
from statistics import median

REMEMBERED = 50
# Slow is what the slowest twentieth takes.
SLOW_SHARE = 0.95


class AckTimes:
    """The waits of the last orders of one connection (trading thread)."""

    def __init__(self) -> None:
        self._sent_s: dict[str, float] = {}
        self._waits_s: deque[float] = deque(maxlen=REMEMBERED)

    def sent(self, client_order_id: str, now_s: float) -> None:
        """Note that an order is handed to the line now."""
        self._sent_s[client_order_id] = now_s

    def forget(self, client_order_id: str) -> None:
        """Drop an order that was answered, not sent, or lost with the line: its wait says nothing of the broker."""
        self._sent_s.pop(client_order_id, None)

    def answered(self, client_order_id: str, now_s: float) -> float | None:
        """Note the first word on an order; return the median wait in milliseconds, None when it was not the first."""
        sent_s = self._sent_s.pop(client_order_id, None)
        if sent_s is None:
            return None
        self._waits_s.append(now_s - sent_s)
        return median(self._waits_s) * 1000

    def slow_ms(self) -> float | None:
        """Return the wait of the slowest twentieth in milliseconds; None before the first."""
        waits = sorted(self._waits_s)
        return 1000 * waits[min(len(waits) - 1, int(SLOW_SHARE * len(waits)))] if waits else None
