"""The emergency log in memory; it outlives the program that wrote it, as a file does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.emergency import (
    EmergencyEntry,
    EmergencyLines,
    UnsavedFill,
    UnsavedInstrument,
    UnsavedOperation,
    UnsavedOrder,
)
from core.errors import PersistenceError
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import apply_fill, track
from core.model.scope import Mode
from core.model.session_marks import SessionMarks
from tests.data.books import ES, ES_CONTRACT, START, fill


class InMemoryEmergencyLog:
    """An EmergencyLog.

    Attributes:
        entries: what waits. merged, aside: what was put aside, of every merge so far.
        error: raised by every write while set.
    """

    def __init__(self) -> None:
        self.entries: list[EmergencyEntry] = []
        self.merged: list[EmergencyEntry] = []
        self.aside: list[EmergencyEntry] = []
        self.error: PersistenceError | None = None

    def append(self, entry: EmergencyEntry) -> None:
        """Keep one entry."""
        if self.error is not None:
            raise self.error
        self.entries.append(entry)

    def read(self) -> EmergencyLines:
        """Return what waits."""
        return EmergencyLines(tuple(self.entries))

    def retire(self, aside: Sequence[EmergencyEntry]) -> None:
        """Put everything aside."""
        if self.error is not None:
            raise self.error
        self.aside += aside
        self.merged += self.entries
        self.entries.clear()


def entries() -> list[EmergencyEntry]:
    """Return one of each kind, with everything in it that can be in it."""
    marks = SessionMarks(Decimal("5000.125"), Decimal(-3), Decimal(5001))
    opening = apply_fill(None, fill("e1", Side.BUY, "2.5", "5000.25", order="ST01"), ES_CONTRACT, marks).after
    assert opening is not None
    seen = track(opening, Decimal("4990.25"), ES_CONTRACT, START)
    seen = replace(seen, stop_price=Decimal(4980), heat_rest=timedelta(milliseconds=250))
    reversal = apply_fill(seen, fill("e2", Side.SELL, "4", "5001", commission=None), ES_CONTRACT, marks)
    order = Order(
        ES, "ST01", Side.SELL, Intent.CLOSE, OrderType.STOP_LIMIT, Decimal("1E+1"), START, START, Decimal("5000.25"),
        Decimal(5000), state=OrderState.PENDING_CANCEL, reason="Broker says: “nein”, naïve — 否",
    )  # fmt: skip
    operation = CloseOperation(
        "press-7",
        ES,
        CloseStep.ASKING,
        START,
        START,
        "B3",
        "refused",
        (CloseChoice.RETRY,),
        Decimal(2),
        "ST9",
        ("ST8",),
    )
    return [
        UnsavedOrder(order, Mode.LIVE, "press 7"),
        UnsavedFill(reversal, None, "order ST01"),
        UnsavedOperation(operation, Mode.SIM),
        UnsavedInstrument("sim", ES_CONTRACT),
    ]
