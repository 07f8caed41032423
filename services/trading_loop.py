"""The trading thread: it alone decides, and it alone writes trading state and the database.

Messages enter through `post` and are handled one after another by the handlers the routes name. A handler returns the
messages that follow from it; they are handled, depth first and in order, before the next message from outside, within
a bound on how long such a chain may be. Two lanes feed the loop. The urgent lane takes what may only reduce risk, and
the clock; it is served first and has slots of its own, so a flood of anything else can neither delay nor refuse a
close. The other lane takes everything else. A press that a later close overtakes is void: it would open again what the
trader wants closed. The last thing handled is the clock, so that what is written at its pace is written.

Whatever escapes a handler halts entries and is announced, once per cause: a dead or half-working trading thread under a
live window is the worst failure there is. The loop itself goes on, and so do the other handlers of the same message,
because closing and booking fills must.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Condition, Thread

import structlog
from blinker import Signal

from core import commands, events
from core.clock import Clock
from core.errors import EngineBusy, PersistenceError
from core.messages import Message
from core.state_manager import StateManager

Handler = Callable[..., Sequence[Message]]
Routes = Mapping[type, tuple[Handler, ...]]

INBOX_SLOTS = 20_000
URGENT_SLOTS = 2_000
# No honest chain is a tenth as deep; how wide one may be is the broker's business (a day's fills, missed).
DEPTH_LIMIT = 100
CASCADE_LIMIT = 500_000
CLOCK_INTERVAL_S = 0.25

URGENT: tuple[type, ...] = (
    commands.ClosePosition,
    commands.AnswerClose,
    commands.FlattenAccount,
    commands.CancelOrder,
)
CLOSES = (commands.ClosePosition, commands.FlattenAccount)

_log = structlog.get_logger("trading")


class TradingLoop:
    """The inbox, the dispatch, and the thread that runs them.

    Signals:
        announced: sent with `announcement=` an Announcement, in the trading thread, no lock held.
    """

    def __init__(self, routes: Routes, state: StateManager, clock: Clock) -> None:
        self.announced = Signal()
        self._routes = routes
        self._state = state
        self._clock = clock
        self._ready = Condition()
        self._urgent: deque[Message] = deque()
        self._inbox: deque[Message] = deque()
        self._stopping = False
        self._ended = False
        self._next_tick_s = 0.0
        self._ticked = False
        self._last_tick = False
        self._halted_for = ""
        self.thread = Thread(target=self._run, name="trading", daemon=True)

    def start(self) -> None:
        """Start the thread; called once, after every attribute of the program exists."""
        self.thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Handle what is queued, then end the thread; any thread may call, again and again."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        if self.thread.is_alive():
            self.thread.join(timeout_s)

    def post(self, message: Message) -> None:
        """Queue a message for the trading thread, which handles it after all posted before it on its lane.

        Any thread may call. While the loop is ending what is queued is still handled; what comes after is refused.

        Raises:
            EngineBusy: the lane is full, or the loop has ended; nothing was queued.
        """
        with self._ready:
            if self._ended or (self._stopping and not self.thread.is_alive()):
                raise EngineBusy("The trading engine has ended; nothing was sent.")
            if isinstance(message, URGENT):
                lane, slots = self._urgent, URGENT_SLOTS
            else:
                lane, slots = self._inbox, INBOX_SLOTS
            if len(lane) >= slots:
                raise EngineBusy("The trading engine is busy; nothing was sent. Try again in a moment.")
            if isinstance(message, CLOSES):
                self._void_presses(message)
            lane.append(_pressed(message, self._clock.monotonic()))
            self._ready.notify()

    def handle(self, message: Message) -> None:
        """Handle one message and everything that follows from it (trading thread; tests call it directly)."""
        pending: deque[tuple[Message, int]] = deque([(message, 0)])
        for _ in range(CASCADE_LIMIT):
            if not pending:
                return
            current, depth = pending.popleft()
            if isinstance(current, events.Announcement):
                self._announce(current)
                continue
            if depth > DEPTH_LIMIT:
                break
            follow: list[Message] = []
            for handler in self._routes.get(type(current), ()):
                follow.extend(self._guarded(handler, current))
            pending.extendleft((one, depth + 1) for one in reversed(follow))
        self._halt(f"A message of type {type(message).__name__} caused an endless chain of others.")

    def _void_presses(self, close: commands.ClosePosition | commands.FlattenAccount) -> None:
        """Replace the presses a close overtakes in its scope or account by the sentence that they were not sent."""
        whole = isinstance(close, commands.FlattenAccount)
        for index, queued in enumerate(self._inbox):
            press = queued.entry if isinstance(queued, commands.OpenWithBracket) else queued
            if not isinstance(press, (commands.SubmitOrder, commands.ReversePosition)):
                continue
            if close.key == (press.key.account_key if whole else press.key):
                what = "reverse"
                if isinstance(press, commands.SubmitOrder):
                    what = f"{press.side.value} {press.quantity:f}"
                text = f"Not sent: {what} {press.key.symbol}. You pressed Close before its turn came."
                now = self._clock.now()
                self._inbox[index] = events.Announcement(events.Level.CAUTION, text, now, press.key)

    def _run(self) -> None:
        self._next_tick_s = self._clock.monotonic()
        try:
            while (message := self._next()) is not None:
                self.handle(message)
        finally:
            with self._ready:
                self._ended = True

    def _next(self) -> Message | None:
        with self._ready:
            while True:
                now_s = self._clock.monotonic()
                waiting = bool(self._urgent or self._inbox)
                # After a tick something else has its turn, however slow the handlers of the clock are.
                due = now_s >= self._next_tick_s and not (self._ticked and waiting)
                self._ticked = due and not self._stopping
                if self._ticked:
                    self._next_tick_s = now_s + CLOCK_INTERVAL_S
                    return events.ClockTicked(self._clock.now(), now_s, len(self._urgent) + len(self._inbox))
                if self._urgent:
                    return self._urgent.popleft()
                if self._inbox:
                    return self._inbox.popleft()
                if self._stopping and not self._last_tick:
                    self._last_tick = True
                    return events.ClockTicked(self._clock.now(), now_s)
                if self._stopping:
                    self._ended = True  # under the lock: nothing can be queued that nobody will handle
                    return None
                self._ready.wait(max(0.0, self._next_tick_s - now_s))

    def _guarded(self, handler: Handler, message: Message) -> Sequence[Message]:
        try:
            return handler(message)
        except PersistenceError as error:
            reason = f"The database did not store this: {error} New entries are refused; closing still works."
            if self._halt(reason):
                _log.error("store failed", handler=_name(handler), error=str(error), exc_info=True)
        except Exception as error:
            reason = (
                f"An unexpected fault in {_name(handler)}: {type(error).__name__}. New entries are refused; "
                "closing still works. Restart to recover; the log has the details."
            )
            if self._halt(reason):
                _log.critical("handler failed", handler=_name(handler), error=str(error), exc_info=True)
        return ()

    def _halt(self, reason: str) -> bool:
        """Refuse entries and say why; False when this is the same cause as the last time, which is not said again."""
        self._state.halt(reason)
        if reason == self._halted_for:
            return False
        self._halted_for = reason
        self._announce(events.Announcement(events.Level.ALARM, reason, self._clock.now()))
        return True

    def _announce(self, announcement: events.Announcement) -> None:
        self._state.add_notice(announcement)
        _log.info("announced", level=announcement.level.value, text=announcement.text)
        try:
            self.announced.send(self, announcement=announcement)
        except Exception as error:
            # Whoever listens may be gone or broken; the notice is kept, and trading must go on.
            self._state.halt(f"An announcement could not be shown ({type(error).__name__}). The log has it.")
            _log.critical("announcement not shown", error=str(error), exc_info=True)


def _pressed(message: Message, now_s: float) -> Message:
    """Return a press with its time: an entry whose turn comes late is not what was wanted any more."""
    if isinstance(message, commands.OpenWithBracket):
        return replace(message, entry=replace(message.entry, pressed_s=now_s))
    return replace(message, pressed_s=now_s) if isinstance(message, commands.SubmitOrder) else message


def _name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", repr(handler))
