"""Two brokers at once, each on a line of its own; both know orders and executions by the same ids of their own."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from core.messages import Message
from core.model.order import Order
from core.model.scope import AccountKey, PositionKey
from tests.fakes.broker import FakeBroker
from tests.simulation.counterparty import Act, Counterparty, Meant
from tests.simulation.desk import WatchedDesk
from tests.simulation.truth import TrueOrder


class Both:
    """Two counterparties as one."""

    def __init__(self, first: Counterparty, second: Counterparty) -> None:
        self._both = (first, second)
        self.scopes: tuple[PositionKey, ...] = first.scopes + second.scopes
        self.price: dict[str, Decimal] = first.price
        self.brokers: list[FakeBroker] = first.brokers + second.brokers
        self.truth = BothTruth(first, second)
        self.acts: list[Act] = first.acts + second.acts

    def bind(self, desk: WatchedDesk) -> None:
        """Know the desk at this end."""
        for one in self._both:
            one.bind(desk)

    def passes(self, seconds: float, handle: Callable[[Message], None]) -> None:
        """Let time pass at both."""
        for one in self._both:
            one.passes(seconds, handle)

    def deliver(self, handle: Callable[[Message], None]) -> None:
        """Hand over some of what each said."""
        for one in self._both:
            one.deliver(handle)

    def settle(self, handle: Callable[[Message], None]) -> None:
        """Hand over everything; what one says may make the program ask the other."""
        for one in self._both * 2:
            one.settle(handle)

    def cancel_all(self, meant: Meant) -> None:
        """Cancel every order in the accounts that are meant."""
        for one in self._both:
            one.cancel_all(meant)

    def close_all(self, meant: Meant) -> None:
        """Close every position in them."""
        for one in self._both:
            one.close_all(meant)

    def heal(self) -> None:
        """Let every fault of both pass."""
        for one in self._both:
            one.heal()


class BothTruth:
    """What both know for certain; what is on the wrong line is found when it is looked at."""

    def __init__(self, *both: Counterparty) -> None:
        self._both = both
        self._seen = [0, 0]
        self._submitted: list[Order] = []

    @property
    def submitted(self) -> list[Order]:
        """Every order a line took, in order, however often."""
        for place, one in enumerate(self._both):
            new = one.truth.submitted[self._seen[place] :]
            wrong = [order for order in new if order.key.connection != one.brokers[0].connection]
            assert not wrong, f"sent to {one.brokers[0].connection}: {wrong}"
            self._seen[place] += len(new)
            self._submitted += new
        return self._submitted

    @property
    def arrived(self) -> list[str]:
        """The client ids of the orders that arrived."""
        return [name for one in self._both for name in one.truth.arrived]

    def positions(self) -> Mapping[PositionKey, Decimal]:
        """Return what is open."""
        return {key: held for one in self._both for key, held in one.truth.positions().items()}

    def order(self, client_order_id: str) -> TrueOrder | None:
        """Return an order of ours."""
        found = (one.truth.order(client_order_id) for one in self._both)
        return next((one for one in found if one is not None), None)

    def executions(self) -> Mapping[tuple[AccountKey, str], Decimal]:
        """Return every execution."""
        return {name: amount for one in self._both for name, amount in one.truth.executions().items()}
