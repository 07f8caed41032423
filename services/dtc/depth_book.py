"""One symbol's order book as messages build it: a snapshot in parts, then changes in batches (DTC 102 and its answers).

Nothing is shown until the first snapshot is whole: what changes before that changes a book nobody knows. Changes told
between the parts of a snapshot are newer than the snapshot and are put on top of it at its end. A batch is shown when
its last part is there; a change that says nothing of batches is shown at once.
"""

from bisect import bisect_left
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from core.model.depth import Depth, Level
from services.dtc.enums import AtBidOrAskEnum, FinalUpdateInBatchEnum, MarketDepthUpdateTypeEnum
from services.dtc.messages.base import Message
from services.dtc.messages.market_depth import (
    MarketDepthSnapshotLevel,
    MarketDepthSnapshotLevelFloat,
    MarketDepthUpdateLevel,
    MarketDepthUpdateLevelFloatWithMilliseconds,
    MarketDepthUpdateLevelNoTimestamp,
    MarketDepthUpdateLevelV2,
)
from services.dtc.price_scale import PriceScale, tidy
from services.dtc.refusal import ABSURD, Refused

SNAPSHOTS: Final[tuple[type[Message], ...]] = (MarketDepthSnapshotLevel, MarketDepthSnapshotLevelFloat)
UPDATES: Final[tuple[type[Message], ...]] = (
    MarketDepthUpdateLevel,
    MarketDepthUpdateLevelV2,
    MarketDepthUpdateLevelFloatWithMilliseconds,
    MarketDepthUpdateLevelNoTimestamp,
)
LEVELS_HELD: Final = 10_000  # of one side; a book that grows beyond it is no book
LATE_HELD: Final = 10_000
_MORE: Final = (FinalUpdateInBatchEnum.FINAL_UPDATE_FALSE, FinalUpdateInBatchEnum.FINAL_UPDATE_BEGIN_BATCH)
_PRICE: Final = itemgetter(0)


class DepthBook:
    """The book of one symbol on one connection (network thread).

    Attributes:
        shown: as it can be shown now.
    """

    def __init__(self, symbol: str) -> None:
        self.shown = Depth(symbol)
        self._sides: dict[int, list[Level]] = {}
        self._building: dict[int, list[Level]] | None = None
        self._late: list[Message] = []
        self._begin()

    def begin(self) -> None:
        """Start on a new connection: the book that was is dropped."""
        self.shown = Depth(self.shown.symbol)
        self._begin()

    def mark_stale(self) -> None:
        """Call what is shown history."""
        self.shown = replace(self.shown, stale=True)

    def refuse(self, text: str) -> None:
        """Take the venue's refusal to tell it."""
        self._begin()
        self.shown = Depth(self.shown.symbol, refused=text)

    def read(self, message: Any, scale: PriceScale, at: datetime) -> bool:
        """Take a message of SNAPSHOTS or UPDATES; say whether there is something else to show.

        Raises:
            Refused: it says something impossible; nothing has changed.
        """
        told = self._snapshot(message, scale) if isinstance(message, SNAPSHOTS) else self._update(message, scale)
        if not told:
            return False
        bids, asks = (self._sides[side] for side in (AtBidOrAskEnum.AT_BID, AtBidOrAskEnum.AT_ASK))
        self.shown = Depth(self.shown.symbol, tuple(reversed(bids)), tuple(asks), complete=True, received_at=at)
        return True

    def _begin(self) -> None:
        self._is_known = False
        self._sides = _sides()
        self._building = None
        self._late = []

    def _snapshot(self, message: Any, scale: PriceScale) -> bool:
        first, last = _place(message, is_building=self._building is not None)
        level = _level(message, scale)
        if first:
            self._building, self._late = _sides(), []
        if self._building is None:
            raise Refused("a part of a snapshot that has not begun")
        if level is not None:
            _put(self._building[message.Side], level)
        if not last:
            return False
        self._sides, self._building = self._building, None
        self._is_known = True
        late, self._late = self._late, []
        for change in late:
            self._change(change, scale)
        return True

    def _update(self, message: Any, scale: PriceScale) -> bool:
        if self._building is not None:
            _checked(message, scale)
            if len(self._late) < LATE_HELD:
                self._late.append(message)
        if not self._is_known:
            return False
        self._change(message, scale)
        return message.FinalUpdateInBatch not in _MORE

    def _change(self, message: Any, scale: PriceScale) -> None:
        price, size = _checked(message, scale)
        gone = message.UpdateType == MarketDepthUpdateTypeEnum.MARKET_DEPTH_DELETE_LEVEL or not size
        _put(self._sides[message.Side], (price, Decimal(0) if gone else size))


def _sides() -> dict[int, list[Level]]:
    """Return an empty book: bids and asks, each from the lowest price up."""
    return {AtBidOrAskEnum.AT_BID: [], AtBidOrAskEnum.AT_ASK: []}


def _place(message: Any, *, is_building: bool) -> tuple[bool, bool]:
    """Return whether a part is the first and whether it is the last of its snapshot."""
    if isinstance(message, MarketDepthSnapshotLevel):
        return message.IsFirstMessageInBatch != 0, message.IsLastMessageInBatch != 0
    last = message.FinalUpdateInBatch == FinalUpdateInBatchEnum.FINAL_UPDATE_TRUE
    begins = message.FinalUpdateInBatch == FinalUpdateInBatchEnum.FINAL_UPDATE_BEGIN_BATCH
    return begins or (last and not is_building), last


def _level(message: Any, scale: PriceScale) -> Level | None:
    """Return the level of a part of a snapshot; None where it has none, as the one of an empty book."""
    return None if message.Price is None or not message.Quantity else _checked(message, scale)


def _checked(message: Any, scale: PriceScale) -> Level:
    if message.Side not in (AtBidOrAskEnum.AT_BID, AtBidOrAskEnum.AT_ASK):
        raise Refused("a level of neither side")
    if message.Price is None:
        raise Refused("a level without a price")
    quantity = message.Quantity or 0.0
    if not 0 <= quantity < ABSURD:
        raise Refused("a size is absurd")
    return scale.shown(message.Price)[0], tidy(float(quantity))


def _put(side: list[Level], level: Level) -> None:
    """Set, insert or, of size 0, take out a level; the list stays in the order of prices."""
    price, size = level
    at = bisect_left(side, price, key=_PRICE)
    is_there = at < len(side) and side[at][0] == price
    if is_there and size:
        side[at] = level
    elif is_there:
        del side[at]
    elif size:
        if len(side) >= LEVELS_HELD:
            raise Refused("a book without end")
        side.insert(at, level)
