"""What the broker knows for certain, as the invariants ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.model.order import Order
from core.model.scope import AccountKey, PositionKey
from tests.fakes.broker import FakeBroker


@dataclass(frozen=True, slots=True)
class TrueOrder:
    """An order as the broker has it."""

    alive: bool
    quantity: Decimal
    filled: Decimal
    server_order_id: str = ""


class Truth(Protocol):
    """The broker's side, past every line."""

    @property
    def submitted(self) -> list[Order]:
        """Every order the engine handed to the line while it was up, in order, however often."""
        ...

    @property
    def arrived(self) -> list[str]:
        """The client ids of the new orders that reached the broker, in order, however often."""
        ...

    def positions(self) -> Mapping[PositionKey, Decimal]:
        """Return what is open, signed; no zeros."""
        ...

    def order(self, client_order_id: str) -> TrueOrder | None:
        """Return an order of ours; None when it never arrived."""
        ...

    def executions(self) -> Mapping[tuple[AccountKey, str], Decimal]:
        """Return every execution by its id, signed."""
        ...


class FakeTruth:
    """The books of the broker in memory."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._executions: dict[tuple[AccountKey, str], Decimal] = {}

    @property
    def submitted(self) -> list[Order]:
        """Every order that arrived."""
        return self._broker.received

    @property
    def arrived(self) -> list[str]:
        """The client ids of the orders that arrived."""
        return [one.client_order_id for one in self._broker.received]

    def positions(self) -> Mapping[PositionKey, Decimal]:
        """Return what is open."""
        return {key: quantity for key, quantity in self._broker.positions.items() if quantity}

    def order(self, client_order_id: str) -> TrueOrder | None:
        """Return an order of ours."""
        for one in self._broker.orders.values():
            if one.client_order_id == client_order_id:
                return TrueOrder(one.alive, one.quantity, one.filled, one.server_order_id)
        return None

    def executions(self) -> Mapping[tuple[AccountKey, str], Decimal]:
        """Return every execution."""
        for fill in self._broker.fills[len(self._executions) :]:
            self._executions[fill.key.account_key, fill.execution_id] = fill.signed_quantity
        return self._executions
