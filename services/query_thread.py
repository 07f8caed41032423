"""The query thread: it reads, so that neither trading nor drawing ever waits for a long question.

The trading thread leaves a question here and goes on. One question per ticket waits, the newest; the answer goes
straight into the state. A long search gives way: it ends where its ticket asks something else by now, and stands behind
questions of another kind. Whatever goes wrong becomes an answer that says so: trading does not depend on this
thread, and its end halts nothing.
"""

from collections.abc import Callable
from functools import partial
from threading import Condition, Thread

import structlog

from core.commands import RunQuery
from core.errors import PersistenceError, QuestionAbandoned
from core.messages import Message
from core.queries import Found, QueryResult
from core.state_manager import QUERIES_SHOWN, StateManager

Answer = Callable[[RunQuery, Callable[[], bool]], Found]

_log = structlog.get_logger("query")


class QueryThread:
    """The waiting questions and the thread that answers them."""

    def __init__(self, answer: Answer, state: StateManager) -> None:
        """Prepare.

        Args:
            answer: called on the query thread only, with what says whether to go on; raises what went wrong.
        """
        self._answer = answer
        self._state = state
        self._ready = Condition()
        self._waiting: dict[str, RunQuery] = {}
        self._stopping = False
        self.thread = Thread(target=self._run, name="query", daemon=True)

    def start(self) -> None:
        """Start the thread; called once."""
        self.thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread after the question it is at; what waits stays unasked. Any thread may call, and twice."""
        with self._ready:
            self._stopping = True
            self._waiting.clear()
            self._ready.notify_all()
        if self.thread.is_alive():
            self.thread.join(timeout_s)

    def on_run_query(self, command: RunQuery) -> list[Message]:
        """Take a question (trading thread); it replaces one of the same ticket that still waits."""
        with self._ready:
            has_room = command.ticket in self._waiting or len(self._waiting) < QUERIES_SHOWN
            if has_room:
                self._waiting[command.ticket] = command
                self._ready.notify()
        if not has_room:
            self._publish(command, None, "Too many questions wait; ask again in a moment.")
        return []

    def _run(self) -> None:
        while (query := self._next()) is not None:
            self._work(query)

    def _next(self) -> RunQuery | None:
        with self._ready:
            while not self._waiting and not self._stopping:
                self._ready.wait()
            return None if self._stopping else self._waiting.pop(next(iter(self._waiting)))

    def _work(self, query: RunQuery) -> None:
        try:
            found = self._answer(query, partial(self._goes_on, query))
        except QuestionAbandoned:
            self._ask_later(query)
        except PersistenceError as error:
            _log.error("query failed", ticket=query.ticket, error=str(error))
            self._publish(query, None, str(error))
        except Exception as error:
            _log.critical("query fault", ticket=query.ticket, error=repr(error), exc_info=True)
            self._publish(query, None, f"An unexpected fault: {type(error).__name__}. The log has the details.")
        else:
            self._publish(query, found, "")

    def _goes_on(self, query: RunQuery) -> bool:
        """Say whether a question is still wanted, and nothing of another kind waits; of one kind they take turns whole.

        The same question once more is no reason to begin anew.
        """
        with self._ready:
            waiting = [one for one in self._waiting.values() if one != query]
            is_due = any(type(one.filter) is not type(query.filter) for one in waiting)
            return not (self._stopping or is_due or any(one.ticket == query.ticket for one in waiting))

    def _ask_later(self, query: RunQuery) -> None:
        """Put a question that gave way behind those that wait, unless its ticket asks something else by now."""
        with self._ready:
            if not self._stopping:
                self._waiting.setdefault(query.ticket, query)

    def _publish(self, query: RunQuery, found: Found | None, error: str) -> None:
        self._state.set_query_result(QueryResult(query.ticket, query.filter, query.page, found, error))
