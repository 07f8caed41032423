"""A desk whose every message is written down and judged."""

from collections.abc import Callable
from typing import cast

from core import events
from core.messages import Message
from data.store import Store
from tests.fakes.engine import Built, Desk, Repositories
from tests.fakes.panic import InMemoryGuardLocks

SAID = 160


class WatchedDesk(Desk):
    """A desk that tells what it handled.

    Attributes:
        handled: called with every message, once it and what follows from it were handled.
        trace: one line per happening, for the reader of a failure; `keep` off, nothing is written.
    """

    def keep_trace(self, trace: Callable[[str], None]) -> None:
        """Have everything handled and said written down."""
        self._trace = trace

    def watch(self, begun: Callable[[Message], None], handled: Callable[[Message], None]) -> None:
        """Have every message noted before it is handled, and judged after."""
        self._begun, self._handled = begun, handled

    def _build(self, store: Repositories) -> Built:
        if isinstance(store, Store):
            self.guard_locks = cast(InMemoryGuardLocks, store.guard_locks)
        return super()._build(store)

    def _step(self, message: Message) -> None:
        trace = getattr(self, "_trace", None)
        if trace is not None and not isinstance(message, events.ClockTicked):
            trace(f"    → {message!r}"[:400])
        self._begun(message)
        super()._step(message)
        self._handled(message)

    def _hear(self, sender: object, announcement: events.Announcement) -> None:
        super()._hear(sender, announcement)
        trace = getattr(self, "_trace", None)
        if trace is not None:
            trace(f"      “{announcement.text[:SAID]}”")
