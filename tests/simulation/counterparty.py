"""The other end of the line, as a life needs it: a truth, things that happen there, and messages on their way."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.messages import Message
from core.model.scope import PositionKey
from tests.fakes.broker import FakeBroker
from tests.simulation.desk import WatchedDesk
from tests.simulation.truth import Truth

Act = tuple[int, Callable[[], None]]
Meant = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A connection and the two accounts it carries."""

    connection: str
    accounts: tuple[str, str]

    def scopes(self, first: str, second: str) -> tuple[PositionKey, ...]:
        """Return where the trader trades: two symbols in one account, and one of them in the other."""
        one, two = self.accounts
        pairs = ((one, first), (one, second), (two, first))
        return tuple(PositionKey(self.connection, account, symbol) for account, symbol in pairs)


class Counterparty(Protocol):
    """A broker and the line to it.

    Attributes:
        scopes: where the trader trades. price: the last price of each symbol.
    """

    scopes: tuple[PositionKey, ...]
    price: dict[str, Decimal]

    @property
    def brokers(self) -> list[FakeBroker]:
        """What the engine calls, one for each connection."""
        ...

    @property
    def truth(self) -> Truth:
        """What the broker knows."""
        ...

    @property
    def acts(self) -> list[Act]:
        """What may happen on that side, each with its weight."""
        ...

    def bind(self, desk: WatchedDesk) -> None:
        """Know the desk at this end; called once, before its first life."""
        ...

    def passes(self, seconds: float, handle: Callable[[Message], None]) -> None:
        """Let time pass there; what cannot be late is handed over."""
        ...

    def deliver(self, handle: Callable[[Message], None]) -> None:
        """Hand over some of what was said: late, twice, swapped, or never."""
        ...

    def settle(self, handle: Callable[[Message], None]) -> None:
        """Hand over everything, until nobody has anything to say."""
        ...

    def cancel_all(self, meant: Meant) -> None:
        """Cancel every order in the accounts that are meant, as a panic process does beside the program."""
        ...

    def close_all(self, meant: Meant) -> None:
        """Close every position in them."""
        ...

    def heal(self) -> None:
        """Let every fault pass; what may never return comes back."""
        ...
