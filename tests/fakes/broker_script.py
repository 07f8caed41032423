"""How the broker in memory is told to behave, and the orders it keeps."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from core.model.fill import Side
from core.model.order import FINAL, OrderState, OrderType, TimeInForce
from core.model.scope import PositionKey


class Fate(Enum):
    """What happens to the next order, cancel or change on its way."""

    TAKEN = "it arrives"
    UNSENT = "the line falls before its first byte"
    UNSEEN = "the line falls while it is written; the broker never sees it"
    SEEN = "the broker takes it, and the line falls before he can say so"


class Answers(Enum):
    """How a snapshot is answered."""

    COMPLETE = "complete"
    FAILS = "fails"
    SILENT = "not at all"


@dataclass
class Placed:
    """An order as the broker keeps it.

    Attributes:
        parent: the entry it belongs to. other: the exit it is linked with.
        waiting: its entry has not begun to fill.
        asked: how much it was placed for, or changed to; an exit grows up to that as its entry fills.
        taken: how much the other exit traded of that.
        value: price times quantity of what it traded.
        distance: from the price its entry fills at, points; None keeps its price.
    """

    server_order_id: str
    client_order_id: str
    key: PositionKey
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    filled: Decimal = Decimal(0)
    state: OrderState = OrderState.WORKING
    parent: "Placed | None" = field(default=None, repr=False, compare=False)
    other: "Placed | None" = field(default=None, repr=False, compare=False)
    waiting: bool = False
    asked: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    distance: Decimal | None = None

    @property
    def alive(self) -> bool:
        """True while it may trade."""
        return self.state not in FINAL

    @property
    def is_stop(self) -> bool:
        """True when a price triggers it."""
        return self.type in (OrderType.STOP, OrderType.STOP_LIMIT)


@dataclass
class Script:
    """How the broker behaves from now on.

    Attributes:
        fate, cancel_fate, change_fate: of the next order, cancel or change, then TAKEN again.
        market_price: market orders fill there at once; None lets them work.
        hold_acks: orders are taken, and nothing is said until `release`.
        hold_cancels: cancels and changes are received and not acted on until `release`.
        refuse: texts with which the next orders are refused, linked ones all together; only market orders, if
            `refuse_market` is on.
        refuse_stop: the text with which the stop of the next entry is refused as that begins to fill.
        refuse_exits: of the next entry with exits, those of these types are refused and the rest is taken.
        no_oco: what one of two linked orders, or an exit, trades is nothing to the others.
        refuse_cancels, refuse_changes: they are refused.
        new_ids: a changed order gets another server order id.
        position_first: the position report comes before the fill it follows from.
        tells_positions: fills are followed by position reports.
        snapshot: how snapshots are answered.
        lists_positions, lists_fills: off, that part of a snapshot is refused.
        lists_orders: off, a question for the open orders goes unanswered.
        zeros: flat scopes are listed as explicit zeros.
        omitted: symbols no list mentions.
    """

    fate: Fate = Fate.TAKEN
    cancel_fate: Fate = Fate.TAKEN
    change_fate: Fate = Fate.TAKEN
    market_price: Decimal | None = Decimal(5000)
    hold_acks: bool = False
    hold_cancels: bool = False
    refuse: list[str] = field(default_factory=list)
    refuse_market: bool = False
    refuse_stop: str = ""
    refuse_exits: frozenset[OrderType] = frozenset()
    no_oco: bool = False
    refuse_cancels: bool = False
    refuse_changes: bool = False
    new_ids: bool = False
    position_first: bool = False
    tells_positions: bool = True
    snapshot: Answers = Answers.COMPLETE
    lists_positions: bool = True
    lists_fills: bool = True
    lists_orders: bool = True
    zeros: bool = True
    omitted: set[str] = field(default_factory=set)
