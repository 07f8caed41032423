"""What the broker's balance has beyond our own figure: money moved by hand, fees we do not know.

The two figures move at different moments: ours with the fill, his with a message of its own. So a difference counts
only when he spoke after our figure moved last, and when it has stood for a while.
"""

from decimal import Decimal

from core.model.scope import AccountKey
from core.snapshot import Snapshot

STANDS_S = 3.0
ZERO = Decimal(0)


class BalanceGap:
    """The settled difference of each account (trading thread)."""

    def __init__(self) -> None:
        self._settled: dict[AccountKey, Decimal] = {}
        self._seen: dict[AccountKey, tuple[Decimal, float]] = {}

    def of(self, key: AccountKey) -> Decimal:
        """Return the broker's balance less ours, money, signed; zero until it is settled."""
        return self._settled.get(key, ZERO)

    def look(self, key: AccountKey, snapshot: Snapshot, monotonic_s: float) -> None:
        """Compare the two figures as they are now."""
        balance, ledger = snapshot.balances.get(key), snapshot.ledger.get(key)
        if balance is None or balance.cash is None or ledger is None or ledger.cash is None:
            return
        if balance.time < ledger.time:
            self._seen.pop(key, None)
            return
        gap = balance.cash - ledger.cash
        seen = self._seen.get(key)
        if seen is None or seen[0] != gap:
            self._seen[key] = (gap, monotonic_s)
        elif monotonic_s - seen[1] >= STANDS_S:
            self._settled[key] = gap
