"""The situations recovery can find, and what may be done about each.

The broker is right about quantity; the trader decides. A missing report is never "flat": only an explicit zero is.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.position import Position
from core.model.scope import PositionKey


class Situation(Enum):
    """How our books and the broker's report relate for one scope."""

    MATCH = "MATCH"
    CLOSED_AT_BROKER = "CLOSED AT BROKER"
    SIZE_DIFFERS = "SIZE DIFFERS"
    OPPOSITE_SIDE = "OPPOSITE SIDE"
    ONLY_AT_BROKER = "ONLY AT BROKER"
    NO_ANSWER = "NO ANSWER"
    FILLS_ONLY = "FILLS ONLY"


class RecoveryChoice(Enum):
    """What the trader may decide."""

    ADOPT = "ADOPT"
    VERIFY = "VERIFY"
    RECORD_CLOSED = "RECORD_CLOSED"
    USE_FILLS = "USE_FILLS"  # our ledger without its corrections
    CLOSE_BROKER = "CLOSE_BROKER"  # take the broker's quantity, then close it
    IGNORE = "IGNORE"


class ClosedBy(Enum):
    """Who or what closed a position that is recorded as closed by hand."""

    BROKER_LIQUIDATION = "broker liquidation"
    OTHER_PLATFORM = "other platform"
    EXPIRY = "expiry"
    CORRECTION = "correction"


# First is pre-selected.
CHOICES: dict[Situation, tuple[RecoveryChoice, ...]] = {
    Situation.MATCH: (
        RecoveryChoice.ADOPT,
        RecoveryChoice.VERIFY,
        RecoveryChoice.IGNORE,
    ),
    Situation.CLOSED_AT_BROKER: (
        RecoveryChoice.RECORD_CLOSED,
        RecoveryChoice.VERIFY,
        RecoveryChoice.IGNORE,
    ),
    Situation.SIZE_DIFFERS: (
        RecoveryChoice.ADOPT,
        RecoveryChoice.VERIFY,
        RecoveryChoice.IGNORE,
    ),
    Situation.OPPOSITE_SIDE: (
        RecoveryChoice.VERIFY,
        RecoveryChoice.ADOPT,
        RecoveryChoice.IGNORE,
    ),
    Situation.ONLY_AT_BROKER: (
        RecoveryChoice.ADOPT,
        RecoveryChoice.VERIFY,
        RecoveryChoice.IGNORE,
    ),
    Situation.NO_ANSWER: (
        RecoveryChoice.VERIFY,
        RecoveryChoice.ADOPT,
        RecoveryChoice.IGNORE,
    ),
    Situation.FILLS_ONLY: (
        RecoveryChoice.ADOPT,
        RecoveryChoice.RECORD_CLOSED,
        RecoveryChoice.IGNORE,
    ),
}

# Of a difference that came up while trading; first is pre-selected.
_RECONCILE = (
    RecoveryChoice.ADOPT,
    RecoveryChoice.USE_FILLS,
    RecoveryChoice.IGNORE,
    RecoveryChoice.CLOSE_BROKER,
)
RECONCILE_CHOICES: dict[Situation, tuple[RecoveryChoice, ...]] = {
    Situation.SIZE_DIFFERS: _RECONCILE,
    Situation.OPPOSITE_SIDE: _RECONCILE,
    Situation.ONLY_AT_BROKER: _RECONCILE,
    Situation.CLOSED_AT_BROKER: (RecoveryChoice.RECORD_CLOSED, RecoveryChoice.USE_FILLS, RecoveryChoice.IGNORE),
}


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """One scope that was found, and what became of it.

    Attributes:
        ours: our position; None when we have none.
        broker_quantity: signed; None when the broker did not say.
        broker_price: the broker's average, points; None unknown.
        exits: working orders of the scope at the broker, as short texts ("SELL 2 STOP 5045.25 · SERVER").
        note: a fact worth reading ("average differs: broker 5050.50", "2 fills while away").
        version: rises whenever the facts of the row change; a decision names the version it was made on.
        decided: the trader's choice once applied; None while open.
        in_session: it came up while trading: the reconcile dialog's, with its choices, behind a banner.
        fills_quantity: signed, what the trade's fills alone add up to, corrections left out; None when not known.
    """

    key: PositionKey
    situation: Situation
    ours: Position | None
    broker_quantity: Decimal | None
    broker_price: Decimal | None
    exits: tuple[str, ...] = ()
    note: str = ""
    version: int = 0
    decided: RecoveryChoice | None = None
    in_session: bool = False
    fills_quantity: Decimal | None = None

    @property
    def choices(self) -> tuple[RecoveryChoice, ...]:
        """What may be chosen, the pre-selected first."""
        if not self.in_session or self.situation not in RECONCILE_CHOICES:
            return CHOICES[self.situation]
        offered = RECONCILE_CHOICES[self.situation]
        corrected = self.fills_quantity not in (None, Decimal(0) if self.ours is None else self.ours.quantity)
        return offered if corrected else tuple(one for one in offered if one is not RecoveryChoice.USE_FILLS)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What start-up or a reconnect found; one per program, rows of all connections.

    Attributes:
        unclean: the last session did not end by itself.
        ended_at: when it was last alive, aware UTC; None at the first start.
        asking: connections whose answer is still awaited.
        rows: one per scope that has, or may have, something.
        wants_dialog: a decision of the trader is needed, or the exit was unclean with something open.
    """

    unclean: bool
    ended_at: datetime | None
    asking: frozenset[str]
    rows: tuple[RecoveryRow, ...]
    wants_dialog: bool = False

    @property
    def undecided(self) -> tuple[RecoveryRow, ...]:
        """Rows that still need a choice."""
        return tuple(row for row in self.rows if row.decided is None)
