"""An entry with its stop as a value: the stored state of one durable operation.

PREPARING ──> ENTRY_PLACED ──> STOP_PENDING ──> ACTIVE
    │              │                │
    └ FAILED <─────┘                └ ROLLING_BACK ──> ROLLED_BACK

Each step is committed before the call it announces. ENTRY_PLACED goes on when something is filled, and ends as FAILED
only on the broker's explicit word that nothing was. STOP_PENDING goes on when stops cover what is filled. UNKNOWN is
no step: `doubt` says what could not be learnt in time, and the operation stands where it stood until it is.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.bracket import Bracket
from core.model.fill import Side
from core.model.scope import PositionKey


class EntryStep(Enum):
    """Where an entry with its stop stands; the last three are its ends."""

    PREPARING = "PREPARING"  # stored; nothing was sent
    ENTRY_PLACED = "ENTRY_PLACED"  # its orders are committed and handed to the line
    STOP_PENDING = "STOP_PENDING"  # something is filled, and stops do not cover it yet
    ROLLING_BACK = "ROLLING_BACK"  # no stop could be placed: what was opened is being closed
    ACTIVE = "ACTIVE"  # filled as far as it will be, and covered
    FAILED = "FAILED"  # the broker said outright that nothing was filled
    ROLLED_BACK = "ROLLED_BACK"  # what was opened is closed, and proven so


ENTRY_ENDS = frozenset({EntryStep.ACTIVE, EntryStep.FAILED, EntryStep.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class EntryLeg:
    """One entry order with its exits, by client order id; all ids are minted at the start, so nothing is sent twice.

    Attributes:
        by_server: the exits go with the entry and the broker places them; else they are sent as it fills.
        quantity: positive.
        target_id: empty where there is none.
        again_id: the stop that takes the place of one that could not be placed.
        undo_id: the order that closes what this leg added to a larger position.
        stop_price, target_price: points; None where the exit is a distance from the fill.
        stop_distance, target_distance: points; None where the exit has its price from the start.
    """

    entry_id: str
    stop_id: str
    target_id: str
    again_id: str
    undo_id: str
    by_server: bool
    quantity: Decimal
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_distance: Decimal | None = None
    target_distance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EntryOperation:
    """The stored state of one entry with its exits.

    Attributes:
        operation_id: the action id of the press that started it.
        side: of the entry.
        text: the sentence the trader sees.
        doubt: what could not be learnt in time; empty when nothing is in doubt.
    """

    operation_id: str
    key: PositionKey
    side: Side
    step: EntryStep
    started_at: datetime
    step_since: datetime
    bracket: Bracket
    legs: tuple[EntryLeg, ...]
    text: str = ""
    doubt: str = ""

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen by itself."""
        return self.step in ENTRY_ENDS

    @property
    def quantity(self) -> Decimal:
        """What is to be entered in all, positive."""
        return sum((leg.quantity for leg in self.legs), Decimal(0))

    @property
    def rollback_id(self) -> str:
        """The action id of the close that undoes it."""
        return f"{self.operation_id}-rollback"

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The client order ids of everything it sends or may send."""
        return tuple(
            name
            for leg in self.legs
            for name in (leg.entry_id, leg.stop_id, leg.target_id, leg.again_id, leg.undo_id)
            if name
        )

    def knows(self, client_order_id: str) -> bool:
        """Say whether an order is part of it."""
        return client_order_id in self.order_ids
