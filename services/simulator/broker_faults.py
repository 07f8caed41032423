"""What can be wrong with the broker on purpose; the faults of the lines are `faults.LineFaults`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.simulator.orders import Order, OrderKind

REJECTED_AFTER_US: Final = 200_000
EXITS: Final = ("stop", "target", "both")

_STOPS: Final = (OrderKind.STOP, OrderKind.STOP_LIMIT)


@dataclass(slots=True)
class BrokerFaults:
    """Switches for tests.

    Attributes:
        refuse_next: how many of the next orders are refused, with `refuse_text`.
        reject_stops: how many of the next protective stops are accepted, and rejected 200 ms later with `stop_text`.
        refuse_children: of how many of the next brackets the exits `which` are refused, with `child_text`, and the
            entry is taken all the same.
        answers_cancels: off, a cancel is swallowed; `swallowed_cancels_work` decides whether it takes effect.
    """

    refuse_next: int = 0
    refuse_text: str = "Refused by the broker"
    reject_stops: int = 0
    stop_text: str = "Stop rejected by the exchange"
    refuse_children: int = 0
    which: str = EXITS[0]
    child_text: str = "Exit refused by the broker"
    answers_cancels: bool = True
    swallowed_cancels_work: bool = False

    def stop_to_reject(self, arriving: Sequence[Order], held: Decimal) -> Order | None:
        """Return the protective stop among orders that arrive together if it is one that is meant, and count it.

        A stop protects if it came with an entry or another exit, or is against what is held.
        """
        for order in arriving if self.reject_stops > 0 else ():
            is_exit = order.parent_id != "" or order.linked_id != "" or order.side.sign * held < 0
            if order.kind in _STOPS and is_exit:
                self.reject_stops -= 1
                return order
        return None

    def exits_to_refuse(self, arriving: Sequence[Order]) -> Mapping[str, str]:
        """Return the exits of an arriving bracket that are meant, each with what is said of it, and count it."""
        exits = [order for order in arriving if order.parent_id]
        if not exits or self.refuse_children <= 0:
            return {}
        self.refuse_children -= 1
        meant = [order for order in exits if self.which in ("both", "stop" if order.kind in _STOPS else "target")]
        return {order.server_order_id: self.child_text for order in meant}
