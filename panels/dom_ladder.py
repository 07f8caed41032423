"""Building what stands in the ladder out of a snapshot; parts whose source is the same object are not built again."""

from core.model.fill import Side
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.dom_rows import Axis, Ladder, Marks, largest_of, own_orders, sizes


class LadderBuilder:
    """Remembers what the last ladder was built from."""

    def __init__(self) -> None:
        self._book: object = self
        self._orders: object = self
        self._volumes: object = self
        self._key: PositionKey | None = None

    def begin(self) -> None:
        """Build everything anew: the rows are others."""
        self._book = self._orders = self._volumes = self

    def build(self, axis: Axis, snapshot: Snapshot, key: PositionKey, marks: Marks, before: Ladder) -> Ladder:
        """Return the ladder of a scope; `before` itself where nothing in it has changed."""
        place = (key.connection, key.symbol)
        depth, volumes = snapshot.depths.get(place), snapshot.volumes.get(place)
        same_orders = snapshot.orders is self._orders and key == self._key
        same_book, same_volumes = depth is self._book, volumes is self._volumes
        if same_orders and same_book and same_volumes and marks == before.marks:
            return before
        self._book, self._orders, self._volumes, self._key = depth, snapshot.orders, volumes, key
        bids, asks, largest = before.bids, before.asks, before.largest
        if not same_book:
            largest = largest_of(depth)
            bids = sizes(axis, () if depth is None else depth.bids)
            asks = sizes(axis, () if depth is None else depth.asks)
        buys, sells = before.buys, before.sells
        if not same_orders:
            orders = snapshot.orders.values()
            buys, sells = (own_orders(axis, orders, key, side) for side in (Side.BUY, Side.SELL))
        traded = before.volumes if same_volumes else sizes(axis, (volumes or {}).items())
        return Ladder(bids, asks, buys, sells, traded, marks, largest)
