"""The archive thread: it keeps every trade this program sees, and finds them again where the venue has no history.

Trading hands over what it drained and goes on. About once a second what came is written. A disk that does not take it
is told of once, costs the trades of that time, and is tried again each minute; nothing else waits for it or stops.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC
from threading import Condition, Thread
from typing import Final

import structlog

from core.announcement import Announcement, Level
from core.clock import Clock
from core.errors import EngineBusy, PersistenceError
from core.events import Link, LinkChanged
from core.history import HistoryArrived, HistoryFailed, HistoryWanted, TickStore
from core.market_board import TickBatch
from core.messages import Message

WRITE_EVERY_S: Final = 1.0
RETRY_EVERY_S: Final = 60.0
TIDY_AFTER_S: Final = 30.0
TIDY_EVERY_S: Final = 3600.0
MOST_TICKS: Final = 1_000_000
MOST_QUESTIONS: Final = 64

_log = structlog.get_logger("archive")


class ArchiveThread:
    """What waits to be kept and to be answered, and the thread that does both.

    Attributes:
        thread: the archive thread.
        problem: why trades are not kept now, in a sentence; empty while they are.
    """

    def __init__(
        self,
        store: TickStore,
        post: Callable[[Message], None],
        announce: Callable[[Announcement], None],
        clock: Clock,
    ) -> None:
        """Prepare.

        Args:
            store: used by this thread only.
            post: takes answers. announce: tells the trader.
        """
        self._store = store
        self._post = post
        self._announce = announce
        self._clock = clock
        self._ready = Condition()
        self._batches: deque[TickBatch] = deque()
        self._questions: deque[HistoryWanted] = deque()
        self._waiting_ticks = 0
        self._missed: set[str] = set()  # connections whose next trades have a gap before them
        self._lost_all = False
        self._stopping = False
        self._seen: set[tuple[str, str]] = set()
        self.problem = ""
        self._retry_s: float | None = None
        self._tidy_s = clock.monotonic() + TIDY_AFTER_S
        self.thread = Thread(target=self._run, name="archive", daemon=True)

    def start(self) -> None:
        """Start the thread; called once."""
        self.thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what waits, then end the thread. Any thread may call, and twice."""
        with self._ready:
            self._stopping = True
            self._questions.clear()
            self._ready.notify_all()
        if self.thread.is_alive():
            self.thread.join(timeout_s)

    def on_ticks(self, batches: Sequence[TickBatch]) -> None:
        """Take what was drained (trading thread); what nobody writes for too long is dropped, the oldest first."""
        with self._ready:
            for batch in batches:
                self._batches.append(batch)
                self._waiting_ticks += len(batch.ticks)
            while self._waiting_ticks > MOST_TICKS:
                self._waiting_ticks -= len(self._batches.popleft().ticks)
                self._lost_all = True

    def on_link_changed(self, event: LinkChanged) -> list[Message]:
        """Note that trades are being missed (trading thread)."""
        if event.link in (Link.OFFLINE, Link.REFUSED):
            with self._ready:
                self._missed.add(event.connection)
        return []

    def request_history(self, wanted: HistoryWanted) -> None:
        """Take a question (trading thread)."""
        with self._ready:
            has_room = len(self._questions) < MOST_QUESTIONS
            if has_room:
                self._questions.append(wanted)
                self._ready.notify()
        if not has_room:
            self._answer(HistoryFailed(wanted.ticket, wanted.key, "Too many charts wait for their history."))

    def _run(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._stopping or bool(self._questions), WRITE_EVERY_S)
                batches, self._batches, self._waiting_ticks = self._batches, deque(), 0
                missed, self._missed = self._missed, set()
                lost_all, self._lost_all = self._lost_all, False
                question = self._questions.popleft() if self._questions else None
                is_last = self._stopping
            self._keep(batches, missed, lost_all=lost_all)
            if question is not None:
                self._find(question)
            if is_last:
                return

    def _keep(self, batches: deque[TickBatch], missed: set[str], *, lost_all: bool) -> None:
        """Write trades, unless the disk has just refused some."""
        now_s = self._clock.monotonic()
        if lost_all:
            self._seen.clear()
        self._seen = {key for key in self._seen if key[0] not in missed}
        if self._retry_s is not None and now_s < self._retry_s:
            self._seen.clear()
            return
        try:
            for batch in batches:
                key = (batch.connection, batch.symbol)
                self._store.append(batch, is_gap=batch.dropped > 0 or key not in self._seen)
                self._seen.add(key)
            self._store.flush()
            if now_s >= self._tidy_s:
                self._tidy_s = now_s + TIDY_EVERY_S
                self._store.tidy(self._clock.now().astimezone(UTC).date())
        except Exception as error:
            self._fail(error, now_s)
            return
        if self._retry_s is not None:
            self._retry_s, self.problem = None, ""
            self._tell(Level.INFO, "Ticks are kept again.")

    def _fail(self, error: Exception, now_s: float) -> None:
        """Say once that trades are not kept; what waited is lost, and marked so when it goes on."""
        is_news = self._retry_s is None
        self._retry_s = now_s + RETRY_EVERY_S
        self._seen.clear()
        if isinstance(error, PersistenceError):
            _log.info("ticks not kept", error=str(error))
        else:
            _log.critical("archive fault", error=repr(error), exc_info=True)
        self.problem = f"Ticks are not kept for charts: {error}. Trading goes on."
        if is_news:
            self._tell(Level.CAUTION, self.problem)

    def _find(self, wanted: HistoryWanted) -> None:
        answer: HistoryArrived | HistoryFailed
        try:
            answer = self._store.history(wanted)
        except PersistenceError as error:
            answer = HistoryFailed(wanted.ticket, wanted.key, f"The kept ticks cannot be read: {error}")
        except Exception as error:
            _log.critical("archive fault", error=repr(error), exc_info=True)
            text = f"An unexpected fault: {type(error).__name__}. The log has the details."
            answer = HistoryFailed(wanted.ticket, wanted.key, text)
        self._answer(answer)

    def _answer(self, answer: HistoryArrived | HistoryFailed) -> None:
        try:
            self._post(answer)
        except EngineBusy as error:
            _log.info("answer lost", error=str(error))  # asked again when it is overdue

    def _tell(self, level: Level, text: str) -> None:
        self._announce(Announcement(level, text, self._clock.now()))
