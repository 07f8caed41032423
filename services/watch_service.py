"""The watchlist: the symbols the trader keeps in sight, subscribed as long as the program runs, and remembered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from core import events
from core.messages import Message
from core.ports import Broker
from core.state_manager import StateManager
from core.watch_commands import UnwatchSymbol, WatchSymbol

# A list nobody can look over; each symbol costs the venue a subscription.
MOST_WATCHED = 200

Place = tuple[str, str]


class WatchMemory(Protocol):
    """Where the list is kept."""

    def save(self, places: Iterable[Place]) -> None:
        """Store the list, by (connection, symbol), soon; never waits, never raises."""
        ...


class WatchService:
    """Keeps the list (trading thread)."""

    def __init__(self, brokers: Mapping[str, Broker], memory: WatchMemory, state: StateManager) -> None:
        self._brokers = brokers
        self._memory = memory
        self._state = state

    def load(self, places: Sequence[Place]) -> None:
        """Begin with the list as it was stored (main thread, before any other)."""
        self._state.set_watched(tuple(dict.fromkeys(places))[:MOST_WATCHED])

    def on_watch(self, command: WatchSymbol) -> list[Message]:
        """Add a symbol and have it subscribed."""
        place = (command.connection, command.symbol)
        watched, broker = self._state.snapshot().watched, self._brokers.get(command.connection)
        if broker is None or not command.symbol or place in watched or len(watched) >= MOST_WATCHED:
            return []
        self._keep((*watched, place))
        broker.subscribe(command.symbol)
        return []

    def on_unwatch(self, command: UnwatchSymbol) -> list[Message]:
        """Take a symbol off the list; what else needs its prices goes on having them."""
        place = (command.connection, command.symbol)
        watched = self._state.snapshot().watched
        if place in watched:
            self._keep(tuple(one for one in watched if one != place))
        return []

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Subscribe again when a line is back."""
        if event.link is events.Link.SYNCING:
            for connection, symbol in self._state.snapshot().watched:
                if connection == event.connection:
                    self._brokers[connection].subscribe(symbol)
        return []

    def _keep(self, watched: tuple[Place, ...]) -> None:
        self._state.set_watched(watched)
        self._memory.save(watched)
