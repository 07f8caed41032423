"""A long procedure as a value: the stored state of a manual close.

The steps are those of the close procedure: cancel what works in the scope, re-read the quantity, send exactly that,
verify flat from the broker's explicit word. Moved by events and the clock only; stored before each call it announces.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.scope import PositionKey


class CloseStep(Enum):
    """Where a close stands; the last four are its ends."""

    WAITING = "WAITING"  # an order of the scope is in flight: up to 3 s for it to settle
    ASKING = "ASKING"  # the trader must choose (mismatch, unacknowledged cancel, rejected close …)
    CANCELLING = "CANCELLING"  # the scope's working orders are being cancelled
    SENT = "SENT"  # the closing order is committed and handed to the line
    UNKNOWN = "UNKNOWN"  # no acknowledgement for 10 s: queried, never re-sent
    VERIFYING = "VERIFYING"  # filled; waiting for the broker's explicit flat
    UNVERIFIED = "UNVERIFIED"  # not confirmed flat in 10 s: amber until resolved
    DONE = "DONE"
    REJECTED = "REJECTED"  # the broker refused the closing order
    STOPPED = "STOPPED"  # the trader chose to leave it, or a restart found nothing sent
    LINK_DOWN = "LINK_DOWN"  # nothing was queued: the emergency card


CLOSE_ENDS = frozenset({CloseStep.DONE, CloseStep.REJECTED, CloseStep.STOPPED, CloseStep.LINK_DOWN})


class CloseChoice(Enum):
    """What the trader may answer a close that asks."""

    ASK_BROKER = "ASK_BROKER"
    CLOSE_BROKER_QUANTITY = "CLOSE_BROKER_QUANTITY"
    KEEP_WAITING = "KEEP_WAITING"
    SEND_ANYWAY = "SEND_ANYWAY"
    LEAVE_PROTECTED = "LEAVE_PROTECTED"
    RETRY = "RETRY"
    CANCEL = "CANCEL"
    CLOSE_REST = "CLOSE_REST"
    VERIFY_NOW = "VERIFY_NOW"
    DISMISS = "DISMISS"
    REMIND_AT_OPEN = "REMIND_AT_OPEN"
    CLIPS = "CLIPS"
    LIMIT = "LIMIT"
    KEEP = "KEEP"
    CLOSE_NOW = "CLOSE_NOW"


class CloseWay(Enum):
    """How what is open is sent to be closed."""

    MARKET = "MARKET"
    CLIPS = "CLIPS"  # one part after the other, each when the one before is filled
    LIMIT = "LIMIT"  # a limit so far through the touch that it should fill at once


# How far through the touch the limit of a close goes, in ticks.
LIMIT_TICKS = 4


@dataclass(frozen=True, slots=True)
class CloseOperation:
    """The stored state of one close.

    Attributes:
        operation_id: the action id of the press that started it.
        branch: which case of the procedure applies, "" or B1 … B13.
        text: the sentence the trader sees.
        choices: what he may answer, the safe default first; empty when nothing is asked.
        quantity: what is to be closed, unsigned, as last read; None before it was read.
        close_order_id: our id of the closing order once committed, else "".
        cancelled: client ids of exits this close cancelled (B3 and B4 put them back).
        step_since: when this step began, aware UTC.
        attempts: how many closing orders this operation has sent.
        reverse: what is to be opened once this close has proven the scope flat, signed; None for a plain close.
        way: how it is sent.
        clip: the largest part sent at once, offered or taken; None where parts make no sense.
        put_back: client ids of the stops placed again, each of which is placed once more if it is refused later.
    """

    operation_id: str
    key: PositionKey
    step: CloseStep
    started_at: datetime
    step_since: datetime
    branch: str = ""
    text: str = ""
    choices: tuple[CloseChoice, ...] = ()
    quantity: Decimal | None = None
    close_order_id: str = ""
    cancelled: tuple[str, ...] = ()
    attempts: int = 0
    reverse: Decimal | None = None
    way: CloseWay = CloseWay.MARKET
    clip: Decimal | None = None
    put_back: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen by itself."""
        return self.step in CLOSE_ENDS

    @property
    def is_settled(self) -> bool:
        """True when nobody is asked and nothing has to be put back any more either: then a restart may forget it."""
        bare = self.step is CloseStep.LINK_DOWN and bool(self.cancelled)
        return self.is_over and not self.choices and not bare

    @property
    def blocks_close(self) -> bool:
        """True while a further press must stay inert."""
        return self.step not in CLOSE_ENDS
