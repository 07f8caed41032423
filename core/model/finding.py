"""What is found about orders and protection, and what may be done about each: the second half of recovery.

A position is compared by quantity; an order or a missing stop is a finding of its own, with a decision of its own. The
same findings are looked for at start, after a reconnect, and all the time in between.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from core.model.order import Order
from core.model.position import Position
from core.model.scope import PositionKey


class FindingKind(Enum):
    """What was found."""

    ORPHAN_ORDER = "ORPHAN ORDER"  # an exit that exits nothing, or more than there is: it would open a position
    UNKNOWN_ORDER = "UNKNOWN ORDER"  # an order whose outcome no evidence has settled
    MISSING_PROTECTION = "MISSING PROTECTION"  # a position's stop is gone unasked, or covers less than the position
    WORKING_ORDER = "WORKING ORDER"  # an entry of the last session that still works, after an unclean end


class FindingChoice(Enum):
    """What the trader may decide."""

    CANCEL_ORDER = "CANCEL_ORDER"
    KEEP = "KEEP"
    ASK_BROKER = "ASK_BROKER"
    TREAT_AS_EXTERNAL = "TREAT_AS_EXTERNAL"
    PLACE_PLANNED_STOP = "PLACE_PLANNED_STOP"
    CHOOSE_PRICE = "CHOOSE_PRICE"
    CLOSE_NOW = "CLOSE_NOW"
    LEAVE = "LEAVE"


# First is pre-selected.
FINDING_CHOICES: dict[FindingKind, tuple[FindingChoice, ...]] = {
    FindingKind.ORPHAN_ORDER: (FindingChoice.CANCEL_ORDER, FindingChoice.KEEP),
    FindingKind.UNKNOWN_ORDER: (FindingChoice.ASK_BROKER, FindingChoice.TREAT_AS_EXTERNAL),
    FindingKind.MISSING_PROTECTION: (
        FindingChoice.PLACE_PLANNED_STOP,
        FindingChoice.CHOOSE_PRICE,
        FindingChoice.CLOSE_NOW,
        FindingChoice.LEAVE,
    ),
    FindingKind.WORKING_ORDER: (FindingChoice.KEEP, FindingChoice.CANCEL_ORDER),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One order, or one position without its stop, that needs the trader.

    Attributes:
        name: our id of the order; empty for a missing stop.
        order: the order found; None for a missing stop.
        position: what is open in the scope; None is flat.
        quantity: what is at stake, unsigned: orphaned, in doubt, or unprotected.
        planned: where the stop was, points; None when the finding is not about one.
        passed: the market is beyond the planned stop, so placing it would fire it.
        at_start: found before the line opened entries, so the recovery dialog asks; later ones stand in a banner.
        version: rises whenever the facts change; a decision names the version it was made on.
        decided: the trader's choice; None while open.
    """

    key: PositionKey
    kind: FindingKind
    name: str = ""
    order: Order | None = None
    position: Position | None = None
    quantity: Decimal = Decimal(0)
    planned: Decimal | None = None
    passed: bool = False
    at_start: bool = False
    version: int = 1
    decided: FindingChoice | None = None

    @property
    def identity(self) -> tuple[PositionKey, str]:
        """What makes two findings the same one."""
        return self.key, self.name

    @property
    def covered(self) -> Decimal:
        """What stops still cover of a position that lacks protection, unsigned; zero where there is none."""
        held = Decimal(0) if self.position is None else abs(self.position.quantity)
        return held - self.quantity if self.kind is FindingKind.MISSING_PROTECTION else Decimal(0)

    @property
    def blocks_entries(self) -> bool:
        """True while no entry passes in the scope; a position that grew beyond its stop may grow with its stop."""
        return self.decided is None and self.covered == 0

    @property
    def choices(self) -> tuple[FindingChoice, ...]:
        """What may be chosen, the pre-selected first; a stop the market has passed is not offered as it was."""
        offered = FINDING_CHOICES[self.kind]
        return offered[1:] if self.passed else offered

    @property
    def facts(self) -> tuple[object, ...]:
        """What a decision rests on."""
        return self.kind, self.quantity, self.planned, self.passed
