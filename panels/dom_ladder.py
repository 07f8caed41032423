"""Building what stands in the ladder out of a snapshot; parts whose source has not changed are not built again."""

from collections.abc import Iterable
from decimal import Decimal

from core.model.depth import Depth, Level
from core.model.fill import Side
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.dom_rows import Axis, Ladder, Marks, Sizes, full_bar, own_orders

_NOTHING = Depth("")
_NOT_YET: tuple[Level, ...] = ((Decimal("NaN"), Decimal(0)),)


class LadderBuilder:
    """Remembers what the last ladder was built from, and at which row each price stands."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Build everything anew: the rows are others."""
        self._book: object = self
        self._bids = self._asks = _NOT_YET
        self._orders: object = self
        self._volumes: object = self
        self._key: PositionKey | None = None
        self._rows: dict[Decimal, int | None] = {}

    def build(self, axis: Axis, snapshot: Snapshot, key: PositionKey, marks: Marks, before: Ladder) -> Ladder:
        """Return the ladder of a scope; `before` itself where nothing in it has changed."""
        place = (key.connection, key.symbol)
        depth, volumes = snapshot.depths.get(place), snapshot.volumes.get(place)
        same_orders = snapshot.orders is self._orders and key == self._key
        same_book, same_volumes = depth is self._book, volumes is self._volumes
        if same_orders and same_book and same_volumes and marks == before.marks:
            return before
        self._book, self._orders, self._volumes, self._key = depth, snapshot.orders, volumes, key
        bids, asks = self._sides(axis, depth or _NOTHING, before)
        largest = before.largest if bids is before.bids and asks is before.asks else full_bar(bids, asks)
        buys, sells = before.buys, before.sells
        if not same_orders:
            orders = snapshot.orders.values()
            buys, sells = (own_orders(axis, orders, key, side) for side in (Side.BUY, Side.SELL))
        traded = before.volumes if same_volumes else self._sizes(axis, (volumes or {}).items())
        return Ladder(bids, asks, buys, sells, traded, marks, largest)

    def _sides(self, axis: Axis, depth: Depth, before: Ladder) -> tuple[Sizes, Sizes]:
        """Return both sides; one that says the same as before is the one from before."""
        bids = before.bids if depth.bids == self._bids else self._sizes(axis, depth.bids)
        asks = before.asks if depth.asks == self._asks else self._sizes(axis, depth.asks)
        self._bids, self._asks = depth.bids, depth.asks
        return bids, asks

    def _sizes(self, axis: Axis, levels: Iterable[Level]) -> Sizes:
        """Return sizes by row; levels off the grid count to the row nearest."""
        rows, found = self._rows, dict[int, Decimal]()
        for price, size in levels:
            row = rows[price] if price in rows else rows.setdefault(price, axis.row(price))
            if row is not None:
                found[row] = found[row] + size if row in found else size
        return found
