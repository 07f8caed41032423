"""What the database did not take, as the emergency log keeps it: each entry is one write that still has to happen.

An entry carries the whole value, not what changed in it, so that writing it twice is writing it once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from core.model.instrument import Instrument
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import PositionChange
from core.model.scope import Mode, PositionKey
from core.unsaved_work import UnsavedWork


@dataclass(frozen=True, slots=True)
class UnsavedFill:
    """What a fill did, as it was shown: the excursions until then are in it."""

    change: PositionChange
    mode: Mode | None
    cause: str

    @property
    def key(self) -> PositionKey:
        """The scope it belongs to."""
        return self.change.key


@dataclass(frozen=True, slots=True)
class UnsavedOrder:
    """An order as it was sent, or as it became."""

    order: Order
    mode: Mode | None
    cause: str

    @property
    def key(self) -> PositionKey:
        """The scope it belongs to."""
        return self.order.key


@dataclass(frozen=True, slots=True)
class UnsavedOperation:
    """A step of a close."""

    operation: CloseOperation
    mode: Mode | None

    @property
    def key(self) -> PositionKey:
        """The scope it belongs to."""
        return self.operation.key


@dataclass(frozen=True, slots=True)
class UnsavedInstrument:
    """A contract's definition: without it the money of the fills that follow could not be derived from the ledger."""

    connection: str
    instrument: Instrument


EmergencyEntry: TypeAlias = UnsavedFill | UnsavedOrder | UnsavedOperation | UnsavedInstrument


@dataclass(frozen=True, slots=True)
class EmergencyLines:
    """What an emergency log holds.

    Attributes:
        entries: in the order they were written.
        unreadable: how many whole lines are not what was written.
        torn: its last line was cut off while it was written: it was never relied upon.
    """

    entries: tuple[EmergencyEntry, ...] = ()
    unreadable: int = 0
    torn: bool = False


def unsaved_work(entries: Iterable[EmergencyEntry], in_memory: int) -> UnsavedWork:
    """Return what waits, for the eye."""
    waiting = tuple(entries)
    fills = frozenset((one.key, one.change.fill.execution_id) for one in waiting if isinstance(one, UnsavedFill))
    return UnsavedWork(len(waiting), in_memory, fills)
