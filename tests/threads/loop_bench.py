"""What the tests of the trading loop share: messages, a handler that keeps what it is given, a clock that runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from threading import Condition, current_thread

from core import commands, events
from core.messages import Message
from core.model.fill import Side
from core.model.operation import CloseChoice
from core.model.order import OrderType
from core.model.scope import AccountKey, PositionKey
from core.state_manager import StateManager
from services.trading_loop import URGENT, TradingLoop
from tests.fakes.clock import ManualClock
from tests.threads.crowd import WITHIN_S

KEY = PositionKey("sim", "Sim1", "ESZ6")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
CLOSE = commands.ClosePosition("press", KEY)
URGENT_COMMANDS: Sequence[Message] = (
    CLOSE,
    commands.AnswerClose("press", CloseChoice.RETRY),
    commands.FlattenAccount("press", AccountKey("sim", "Sim1")),
    commands.CancelOrder("ST1"),
)
ENTRY = commands.SubmitOrder("press", KEY, Side.BUY, OrderType.MARKET, Decimal(1))

Handler = Callable[..., Sequence[Message]]


def spoken(text: object) -> events.VenueSpoke:
    """Return a message of the ordinary lane that carries a text."""
    return events.VenueSpoke("sim", str(text))


class RunningClock(ManualClock):
    """A clock on which a hundredth of a second passes whenever the time is asked for."""

    def monotonic(self) -> float:
        self.advance(0.01)
        return super().monotonic()


class Record:
    """A handler that keeps what it was given, and lets a test wait for it.

    Attributes:
        threads: the names of the threads it was called in.
    """

    def __init__(self, then: Callable[[Message], Sequence[Message]] = lambda message: ()) -> None:
        self.messages: list[Message] = []
        self.threads: set[str] = set()
        self._then = then
        self._changed = Condition()

    def __call__(self, message: Message) -> Sequence[Message]:
        with self._changed:
            self.messages.append(message)
            self.threads.add(current_thread().name)
            self._changed.notify_all()
        return self._then(message)

    def texts(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, events.VenueSpoke)]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, WITHIN_S), f"in vain, after {len(self.messages)} messages"


class Told:
    """A receiver of announcements."""

    def __init__(self, loop: TradingLoop) -> None:
        self.announcements: list[events.Announcement] = []
        loop.announced.connect(self._hear)

    def _hear(self, sender: object, announcement: events.Announcement) -> None:
        self.announcements.append(announcement)


def everything(handler: Handler) -> Mapping[type, tuple[Handler, ...]]:
    """Route every message these tests post to one handler."""
    kinds = (events.VenueSpoke, events.ClockTicked, events.TicksWaiting, commands.SubmitOrder, *URGENT)
    return dict.fromkeys(kinds, (handler,))


def ordinary(handler: Handler) -> Mapping[type, tuple[Handler, ...]]:
    """Route everything but the clock to one handler."""
    return {kind: handlers for kind, handlers in everything(handler).items() if kind is not events.ClockTicked}


def built(routes: Mapping[type, tuple[Handler, ...]], clock: ManualClock | None = None) -> TradingLoop:
    return TradingLoop(routes, StateManager(), clock or ManualClock())


def post_all(loop: TradingLoop, number: int) -> None:
    for step in range(100):
        loop.post(spoken(f"{number}-{step}"))


@contextmanager
def running(loop: TradingLoop) -> Iterator[TradingLoop]:
    loop.start()
    try:
        yield loop
    finally:
        loop.stop()
        assert not loop.thread.is_alive()
