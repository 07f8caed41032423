"""The engine's query thread: it answers in the assembled engine, ends with it, and its own end is said and no more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from app.config import StoredSettings
from app.engine import Engine, EngineSettings
from core.clock import SystemClock
from core.commands import RunQuery
from core.model.scope import AccountKey, Mode
from core.queries import EquityFilter, TradeFilter, TradesFound
from core.snapshot import Snapshot
from tests.data.books import put_empty_database

WITHIN_S = 20.0
ACCOUNT = AccountKey("sim", "Sim1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    put_empty_database(tmp_path)
    made = Engine(EngineSettings(tmp_path, StoredSettings(installation="TEST"), ()), SystemClock())
    made.start()
    yield made
    made.stop()


def wait(engine: Engine, condition: Callable[[Snapshot], bool]) -> Snapshot:
    changed = Event()

    def hear(sender: object) -> None:
        changed.set()

    with engine.state.changed.connected_to(hear):
        while not condition(engine.state.snapshot()):
            assert changed.wait(WITHIN_S), "nothing changed"
            changed.clear()
    return engine.state.snapshot()


def test_a_question_posted_to_the_engine_is_answered_in_the_snapshot(engine: Engine) -> None:
    engine.post(RunQuery("statistics", TradeFilter(ACCOUNT, Mode.SIM)))
    engine.post(RunQuery("equity", EquityFilter(ACCOUNT)))
    answers = wait(engine, lambda now: {"statistics", "equity"} <= set(now.queries)).queries
    found = answers["statistics"].found
    assert isinstance(found, TradesFound) and found.total == 0 and found.statistics.net is None
    assert answers["equity"].error == ""


def test_stopping_the_engine_ends_the_thread(engine: Engine) -> None:
    assert engine.queries.thread.is_alive() and engine.watch() == ""
    engine.stop()
    assert not engine.queries.thread.is_alive() and engine.watch() == ""


def test_a_query_thread_that_ended_is_said_once_and_trading_goes_on(engine: Engine) -> None:
    engine.queries.stop(WITHIN_S)
    assert [engine.watch() for _ in range(3)] == ["query", "", ""]
    said = wait(engine, lambda now: bool(now.notices))
    assert [one.text for one in said.notices] == [
        "Statistics have ended until the next start. Trading goes on; trades are safe."
    ]
    assert said.halted == ""
