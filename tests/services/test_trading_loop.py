"""The dispatch of the trading loop, without its thread: order, faults, bounds."""

from collections.abc import Sequence
from typing import get_args

import pytest

from app.routes import routes
from core.errors import PersistenceError
from core.events import Announcement, Level, TicksWaiting, VenueSpoke
from core.messages import Message
from core.state_manager import StateManager
from services.trading_loop import DEPTH_LIMIT, Handler, TradingLoop
from tests.fakes.clock import ManualClock
from tests.fakes.engine import Desk


def spoke(text: str) -> VenueSpoke:
    return VenueSpoke("sim", text)


class Bench:
    """A loop with handlers of a test's own.

    Attributes:
        seen: the texts handled, in order. said: what was announced.
    """

    def __init__(self, *handlers: Handler) -> None:
        self.seen: list[str] = []
        self.said: list[Announcement] = []
        self.state = StateManager()
        self.loop = TradingLoop({VenueSpoke: (self._note, *handlers)}, self.state, ManualClock())
        self.loop.announced.connect(self._hear, weak=False)

    def _note(self, message: VenueSpoke) -> Sequence[Message]:
        self.seen.append(message.text)
        return []

    def _hear(self, sender: object, announcement: Announcement) -> None:
        self.said.append(announcement)


def test_what_follows_is_handled_depth_first_and_in_order() -> None:
    tree = {"root": ["a", "b"], "a": ["a1", "a2"], "b": ["b1"]}
    bench = Bench(lambda message: [spoke(text) for text in tree.get(message.text, [])])
    bench.loop.handle(spoke("root"))
    assert bench.seen == ["root", "a", "a1", "a2", "b", "b1"]


def test_a_message_nobody_handles_is_nothing() -> None:
    bench = Bench()
    bench.loop.handle(TicksWaiting())
    assert not bench.state.snapshot().halted


def test_an_announcement_is_sent_kept_and_goes_no_further() -> None:
    bench = Bench(lambda message: [Announcement(Level.INFO, "heard", ManualClock().now())])
    bench.loop.handle(spoke("x"))
    assert [one.text for one in bench.said] == ["heard"]
    assert [one.text for one in bench.state.snapshot().notices] == ["heard"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (PersistenceError("no room"), "The database did not store this: no room"),
        (ValueError("what"), "An unexpected fault in"),
        (AssertionError("never"), "An unexpected fault in"),
    ],
)
def test_what_escapes_a_handler_halts_entries_is_told_once_and_stops_no_other(fault: Exception, words: str) -> None:
    after: list[str] = []

    def failing(message: VenueSpoke) -> Sequence[Message]:
        raise fault

    def next_one(message: VenueSpoke) -> Sequence[Message]:
        after.append(message.text)
        return []

    bench = Bench(failing, next_one)
    for _ in range(3):
        bench.loop.handle(spoke("x"))
    assert after == ["x", "x", "x"]
    assert words in bench.state.snapshot().halted
    assert [one.level for one in bench.said] == [Level.ALARM]


def test_an_endless_chain_is_cut_and_halts() -> None:
    bench = Bench(lambda message: [message])
    bench.loop.handle(spoke("again"))
    assert len(bench.seen) == DEPTH_LIMIT + 1
    assert "endless chain" in bench.state.snapshot().halted


def test_a_broad_answer_is_no_endless_chain() -> None:
    bench = Bench(lambda message: [spoke("leaf")] * 20_000 if message.text == "root" else [])
    bench.loop.handle(spoke("root"))
    assert len(bench.seen) == 20_001
    assert not bench.state.snapshot().halted


def test_a_death_is_not_caught() -> None:
    class Dying(BaseException):
        pass

    def die(message: VenueSpoke) -> Sequence[Message]:
        raise Dying

    with pytest.raises(Dying):
        Bench(die).loop.handle(spoke("x"))


def test_every_message_has_its_line_in_the_routes() -> None:
    handled = {kind.__name__ for kind in routes(Desk().start().services)}
    messages = {kind.__name__ for kind in get_args(Message)}
    # An announcement is sent out by the loop itself; a query is answered by a thread of its own.
    assert messages - handled - {"RunQuery"} == {Announcement.__name__}
    assert handled <= messages
