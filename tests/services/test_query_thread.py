"""The query thread: the newest question of a ticket is answered, a failure is an answer, and its end is no drama."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event, current_thread

from core.commands import RunQuery
from core.errors import DatabaseLocked, QuestionAbandoned
from core.model.scope import AccountKey
from core.queries import EquityFilter, EquityFound, EventFilter, QueryResult
from core.state_manager import QUERIES_SHOWN, StateManager
from services.query_thread import QueryThread

WITHIN_S = 20.0
ACCOUNT = AccountKey("sim", "Sim1")
NOTHING = EquityFound((), Decimal(0))


def question(ticket: str = "equity", number: int = 0) -> RunQuery:
    return RunQuery(ticket, EquityFilter(ACCOUNT, datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=number)))


class Room:
    """A query thread whose answers wait until they may be given.

    Attributes:
        asked: every question that was begun, in order. given_up: those that gave way.
        threads: the names of the threads that answered.
    """

    def __init__(self) -> None:
        self.state = StateManager()
        self.asked: list[RunQuery] = []
        self.threads: set[str] = set()
        self.begun, self.may_end = Event(), Event()
        self.raises: list[BaseException] = []
        self.given_up: list[RunQuery] = []
        self.queries = QueryThread(self._answer, self.state)

    def answers(self) -> dict[str, QueryResult]:
        return dict(self.state.snapshot().queries)

    def wait(self, condition: Callable[[], bool]) -> None:
        changed = Event()

        def hear(sender: object) -> None:
            changed.set()

        with self.state.changed.connected_to(hear):
            while not condition():
                assert changed.wait(WITHIN_S), "nothing was published"
                changed.clear()

    def _answer(self, query: RunQuery, goes_on: Callable[[], bool]) -> EquityFound:
        self.asked.append(query)
        self.threads.add(current_thread().name)
        self.begun.set()
        assert self.may_end.wait(WITHIN_S)
        if isinstance(query.filter, EventFilter) and not goes_on():
            self.given_up.append(query)
            raise QuestionAbandoned("it gave way")
        if self.raises:
            raise self.raises.pop()
        return NOTHING


@contextmanager
def running() -> Iterator[Room]:
    room = Room()
    room.queries.start()
    try:
        yield room
    finally:
        room.may_end.set()
        room.queries.stop(WITHIN_S)
        assert not room.queries.thread.is_alive()


def test_an_answer_stands_under_its_ticket_with_its_question() -> None:
    with running() as room:
        room.may_end.set()
        asked = question()
        assert room.queries.on_run_query(asked) == []
        room.wait(lambda: "equity" in room.answers())
        assert room.answers()["equity"] == QueryResult("equity", asked.filter, 0, NOTHING)
        assert room.threads == {"query"}


def test_of_the_questions_that_wait_under_one_ticket_only_the_newest_is_asked() -> None:
    with running() as room:
        room.queries.on_run_query(question("first"))
        assert room.begun.wait(WITHIN_S)
        for number in range(1, 50):
            room.queries.on_run_query(question("equity", number))
        room.may_end.set()
        room.wait(lambda: "equity" in room.answers())
        assert room.asked == [question("first"), question("equity", 49)]


def test_the_one_who_asks_never_waits_and_one_question_too_many_is_refused_in_words() -> None:
    with running() as room:
        room.queries.on_run_query(question("first"))
        assert room.begun.wait(WITHIN_S)
        for number in range(QUERIES_SHOWN + 1):
            room.queries.on_run_query(question(f"t{number}"))
        refused = room.answers()[f"t{QUERIES_SHOWN}"]
        assert refused.found is None and "Too many questions" in refused.error


def test_a_store_that_cannot_be_read_is_an_answer_and_the_thread_goes_on() -> None:
    with running() as room:
        room.may_end.set()
        room.raises = [DatabaseLocked("books.sqlite3: another program holds it")]
        room.queries.on_run_query(question("a"))
        room.wait(lambda: "a" in room.answers())
        room.queries.on_run_query(question("b"))
        room.wait(lambda: "b" in room.answers())
        assert room.answers()["a"].error == "books.sqlite3: another program holds it"
        assert room.answers()["b"].found is NOTHING


def test_a_fault_of_ours_is_an_answer_too_and_halts_nothing() -> None:
    with running() as room:
        room.may_end.set()
        room.raises = [ZeroDivisionError("secret 4711")]
        room.queries.on_run_query(question())
        room.wait(lambda: "equity" in room.answers())
        assert "ZeroDivisionError" in room.answers()["equity"].error
        assert "4711" not in room.answers()["equity"].error
        assert room.queries.thread.is_alive() and room.state.snapshot().halted == ""


def test_stopping_leaves_what_waits_unasked_and_may_be_said_twice() -> None:
    with running() as room:
        room.queries.on_run_query(question("first"))
        assert room.begun.wait(WITHIN_S)
        room.queries.on_run_query(question("second"))
        room.queries.stop(0.0)
        room.may_end.set()
        room.queries.stop(WITHIN_S)
        assert room.asked == [question("first")]


def search(words: str, ticket: str = "log") -> RunQuery:
    return RunQuery(ticket, EventFilter(words))


def test_a_long_search_gives_way_to_what_is_no_search_and_is_answered_after_it() -> None:
    with running() as room:
        room.queries.on_run_query(search("fill"))
        assert room.begun.wait(WITHIN_S)
        room.queries.on_run_query(question("statistics"))
        room.may_end.set()
        room.wait(lambda: len(room.answers()) == 2)
        assert room.asked == [search("fill"), question("statistics"), search("fill")]


def test_what_was_typed_on_ends_a_search_for_what_stood_there_before() -> None:
    with running() as room:
        room.queries.on_run_query(search("fil"))
        assert room.begun.wait(WITHIN_S)
        room.queries.on_run_query(search("fill"))
        room.may_end.set()
        room.wait(lambda: "log" in room.answers())
        assert room.answers()["log"].filter == EventFilter("fill")
        assert (room.asked, room.given_up) == ([search("fil"), search("fill")], [search("fil")])


def test_two_searches_do_not_give_way_to_each_other_for_ever() -> None:
    with running() as room:
        room.queries.on_run_query(search("fill"))
        assert room.begun.wait(WITHIN_S)
        room.queries.on_run_query(search("order", "export"))
        room.may_end.set()
        room.wait(lambda: len(room.answers()) == 2)
        assert room.given_up == []


def test_the_same_question_once_more_does_not_begin_it_anew() -> None:
    """The log asks again while things happen: a search that takes longer than that must come to its end."""
    with running() as room:
        room.queries.on_run_query(search("fill"))
        assert room.begun.wait(WITHIN_S)
        room.queries.on_run_query(search("fill"))
        room.may_end.set()
        room.wait(lambda: len(room.asked) == 2)
        assert room.given_up == []
