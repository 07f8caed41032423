"""The history of a connection: a thread of its own, a connection of its own for each question.

Nothing here touches the line that trades. One question after another is asked; each is answered by one message, also
when it fails, and whoever asked decides whether to ask again.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Condition, Thread
from typing import Final

import structlog

from core.clock import Clock
from core.errors import EngineBusy
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistoryWanted
from core.messages import Message
from services.dtc.address import ConnectionSettings
from services.dtc.price_scale import PriceScale

WAITING: Final = 64
POST_TRIES: Final = 50
POST_WAIT_S: Final = 0.1
# Sierra Chart listens for history one port below its main one.
SIERRA_PORTS: Final = {11099: 11098}

_log = structlog.get_logger("history")


def place_of(settings: ConnectionSettings, *, is_served: bool) -> ConnectionSettings | None:
    """Return where the history of a connection is served; None when it is not.

    Args:
        is_served: the server said at the logon that it serves history.
    """
    port = settings.history_port
    if port is None and is_served:
        port = SIERRA_PORTS.get(settings.port, settings.port)
    return None if port is None else replace(settings, port=port)


class HistoryClient:
    """Takes questions from the network thread and answers them from its own.

    Attributes:
        thread: the history thread.
    """

    def __init__(self, slug: str, password: str, post: Callable[[Message], None], clock: Clock) -> None:
        """Prepare; `post` takes the answers."""
        self._password = password
        self._post = post
        self._clock = clock
        self._ready = Condition()
        self._waiting: deque[tuple[HistoryWanted, ConnectionSettings, PriceScale]] = deque()
        self._stopping = False
        self.thread = Thread(target=self._run, name=f"history:{slug}", daemon=True)

    def start(self) -> None:
        """Start the thread; called once."""
        self.thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End the thread; what is asked stays unanswered. Any thread may call, and twice."""
        with self._ready:
            self._stopping = True
            self._waiting.clear()
            self._ready.notify_all()
        if self.thread.is_alive():
            self.thread.join(timeout_s)

    def ask(self, wanted: HistoryWanted, place: ConnectionSettings, scale: PriceScale) -> None:
        """Take a question (network thread).

        Args:
            scale: of this thread's own; nobody else uses it from here on.
        """
        with self._ready:
            has_room = len(self._waiting) < WAITING
            if has_room:
                self._waiting.append((wanted, place, scale))
                self._ready.notify()
        if not has_room:
            self.refuse(wanted, "Too many charts wait for their history.")

    def refuse(self, wanted: HistoryWanted, text: str, *, is_final: bool = False) -> None:
        """Answer that there is none; any thread."""
        self._answer(HistoryFailed(wanted.ticket, wanted.key, text, is_final), tries=1)

    def _run(self) -> None:
        while (asked := self._next()) is not None:
            self._work(*asked)

    def _next(self) -> tuple[HistoryWanted, ConnectionSettings, PriceScale] | None:
        with self._ready:
            while not self._waiting and not self._stopping:
                self._ready.wait()
            return None if self._stopping else self._waiting.popleft()

    def _work(self, wanted: HistoryWanted, place: ConnectionSettings, scale: PriceScale) -> None:
        from services.dtc.history_fetch import Stopped, fetch  # with the first chart, not with the first frame

        try:
            outcome = fetch(place, self._password, wanted, scale, self._clock, self._tell, self._is_stopping)
        except Stopped:
            return
        except Exception as error:
            _log.critical("history fault", symbol=wanted.key.symbol, error=repr(error), exc_info=True)
            text = f"An unexpected fault: {type(error).__name__}. The log has the details."
            outcome = HistoryFailed(wanted.ticket, wanted.key, text)
        if isinstance(outcome, HistoryFailed):
            _log.info("no history", symbol=wanted.key.symbol, server=place.server, reason=outcome.text)
        self._answer(outcome, POST_TRIES)

    def _tell(self, progress: HistoryProgress) -> None:
        self._answer(progress, tries=1)

    def _answer(self, answer: HistoryArrived | HistoryFailed | HistoryProgress, tries: int) -> None:
        """Post an answer; when the engine stays busy it is lost, and asked for again when it is overdue."""
        for _ in range(tries):
            try:
                self._post(answer)
                return
            except EngineBusy:
                if tries > 1 and self._pause():
                    return
        _log.warning("answer lost, the engine is busy", kind=type(answer).__name__)

    def _pause(self) -> bool:
        """Wait a moment; True when told to stop meanwhile."""
        with self._ready:
            self._ready.wait_for(lambda: self._stopping, POST_WAIT_S)
            return self._stopping

    def _is_stopping(self) -> bool:
        with self._ready:
            return self._stopping
