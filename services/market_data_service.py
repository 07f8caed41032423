"""Ticks from the board to those who count them, and the subscriptions that bring them.

What a session's trades add up to is counted here for every symbol, and published four times a second at most, and
before a fill of the symbol is booked: the position is then stored with the figures of that moment. Depth, and what
was traded at each price, are told only of symbols somebody looks at.
"""

from collections.abc import Callable, Mapping, Sequence, Set

from core import commands, events
from core.depth_commands import FollowDepth
from core.market_board import TickBatch
from core.messages import Message
from core.model.session_studies import SessionCount
from core.ports import Broker
from core.state_manager import StateManager


class MarketDataService:
    """Drain the board and keep the symbols that matter subscribed (trading thread).

    A symbol matters when it is selected, or when something is open or working in it.
    """

    def __init__(
        self,
        brokers: Mapping[str, Broker],
        state: StateManager,
        receivers: Sequence[Callable[[Sequence[TickBatch]], None]],
    ) -> None:
        self._brokers = brokers
        self._state = state
        self._receivers = receivers
        self._counts: dict[tuple[str, str], SessionCount] = {}
        self._moved: set[tuple[str, str]] = set()
        self._viewers: dict[str, tuple[str, str]] = {}

    def on_ticks_waiting(self, event: events.TicksWaiting) -> list[Message]:
        """Take every trade since the last drain, count it and hand it on, in order."""
        batches = self._state.drain_ticks()
        for batch in batches:
            self._count(batch)
        for receive in self._receivers:
            receive(batches)
        return []

    def on_fill(self, event: events.FillReceived) -> list[Message]:
        """Publish how the session of a symbol stands before its fill is booked."""
        self._publish(self._moved & {(event.fill.key.connection, event.fill.key.symbol)})
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Publish what moved; where a venue's own feed is down, trades are being missed."""
        quotes = self._state.snapshot().quotes
        for place in self._counts:
            if (quote := quotes.get(place)) is not None and quote.stale:
                self._miss(place)
        self._publish(set(self._moved))
        return []

    def on_select_symbol(self, command: commands.SelectSymbol) -> list[Message]:
        """Show another symbol and subscribe to it."""
        broker = self._brokers.get(command.connection)
        if broker is not None and command.symbol:
            self._state.select_symbol(command.connection, command.symbol)
            broker.subscribe(command.symbol)
        return []

    def on_follow_depth(self, command: FollowDepth) -> list[Message]:
        """Have the books told that somebody looks at, and no others."""
        before = set(self._viewers.values())
        self._viewers.pop(command.viewer, None)
        if command.symbol:
            self._viewers[command.viewer] = (command.connection, command.symbol)
        after = set(self._viewers.values())
        for connection, symbol in sorted(before ^ after):
            if (broker := self._brokers.get(connection)) is not None:
                broker.follow_depth(symbol, (connection, symbol) in after)
        for gone in before - after:
            self._state.set_volumes(gone, None)
        self._publish_volumes(after - before)
        return []

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Mark prices as history when the line falls; ask for every symbol that matters when it is back."""
        if event.link in (events.Link.OFFLINE, events.Link.REFUSED):
            self._state.mark_quotes_stale(event.connection)
            for place in self._counts:
                if place[0] == event.connection:
                    self._miss(place)
        elif event.link is events.Link.SYNCING:
            self._subscribe_all(event.connection)
        return []

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Subscribe to what has just been opened, and show it where nothing is shown yet."""
        if event.change.before is None and event.change.after is not None:
            broker = self._brokers.get(event.change.key.connection)
            if broker is not None:
                broker.subscribe(event.change.key.symbol)
            if event.change.key.connection not in self._state.snapshot().selected_symbol:
                return [commands.SelectSymbol(event.change.key.connection, event.change.key.symbol)]
        return []

    def _count(self, batch: TickBatch) -> None:
        place = (batch.connection, batch.symbol)
        count = self._counts.get(place)
        if count is None:
            count = self._counts[place] = SessionCount(batch.symbol)
        if batch.dropped:
            count.miss()
        count.add(batch.ticks)
        self._moved.add(place)

    def _miss(self, place: tuple[str, str]) -> None:
        if self._counts[place].miss():
            self._moved.add(place)

    def _publish(self, places: Set[tuple[str, str]]) -> None:
        counted = {place: self._counts[place].studies() for place in places}
        self._moved -= places
        known = {place: studies for place, studies in counted.items() if studies is not None}
        if known:
            self._state.set_studies(known)
        self._publish_volumes(known.keys() & set(self._viewers.values()))

    def _publish_volumes(self, places: Set[tuple[str, str]]) -> None:
        for place in sorted(places & self._counts.keys()):
            self._state.set_volumes(place, self._counts[place].volumes())

    def _subscribe_all(self, connection: str) -> None:
        snapshot = self._state.snapshot()
        symbols = {key.symbol for key in snapshot.positions if key.connection == connection}
        symbols |= {
            one.key.symbol for one in snapshot.orders.values() if one.key.connection == connection and one.is_alive
        }
        selected = snapshot.selected_symbol.get(connection)
        held = sorted(key.symbol for key in snapshot.positions if key.connection == connection)
        if not selected and held:
            self._state.select_symbol(connection, held[0])
        if selected:
            symbols.add(selected)
        for symbol in sorted(symbols):
            self._brokers[connection].subscribe(symbol)
