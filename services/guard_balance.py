"""What the broker's balance has beyond our own figure: money moved by hand, fees we do not know.

The two figures move at different moments: ours with the fill, his with a message of its own. So a difference counts
only when he spoke after our figure moved last, and when it has stood for a while. The first of a life is believed at
once where no order of the account may trade: then nothing is on its way that could move one of them alone.
"""

from decimal import Decimal

from core.model.scope import AccountKey
from core.snapshot import Snapshot

STANDS_S = 3.0
# A figure that never stands, because it moves with the market, is taken as it is by then: better than none.
PATIENCE_S = 10.0
ZERO = Decimal(0)


class BalanceGap:
    """The settled difference of each account (trading thread)."""

    def __init__(self) -> None:
        self._settled: dict[AccountKey, Decimal] = {}
        self._seen: dict[AccountKey, tuple[Decimal, float]] = {}
        self._since_s: dict[AccountKey, float] = {}

    def of(self, key: AccountKey, snapshot: Snapshot) -> Decimal | None:
        """Return the broker's balance less ours, money, signed; zero where he states none.

        None until it is settled in this life. What was settled before a restart is not known after it, and a limit
        judged by our figure alone would lock, or close, for money that was paid in or out long ago.
        """
        balance = snapshot.balances.get(key)
        silent = balance is None or balance.cash is None
        return self._settled.get(key, ZERO if silent else None)

    def outdated(self, key: AccountKey, snapshot: Snapshot) -> bool:
        """Say whether it cannot be settled because he has not spoken since our figure moved."""
        balance, ledger = snapshot.balances.get(key), snapshot.ledger.get(key)
        return (
            self.of(key, snapshot) is None and balance is not None and ledger is not None and balance.time < ledger.time
        )

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
        waited_s = monotonic_s - self._since_s.setdefault(key, monotonic_s)
        if key not in self._settled and (waited_s >= PATIENCE_S or not _may_trade(key, snapshot)):
            self._settled[key] = gap
        if seen is None or seen[0] != gap:
            self._seen[key] = (gap, monotonic_s)
        elif monotonic_s - seen[1] >= STANDS_S:
            self._settled[key] = gap


def _may_trade(key: AccountKey, snapshot: Snapshot) -> bool:
    return any(one.is_alive and one.key.account_key == key for one in snapshot.orders.values())
