"""A real simulator hears the question in its control file and answers it."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.simulator_control import ControlFileClient
from core.errors import PersistenceError
from data.simulator_store import SqliteSimulatorStore
from services.account_reset_service import ResetAnswer
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.end_to_end.deadlines import until

ES = "ESZ26_FUT_CME"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimulatorServer]:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    made = SimulatorServer(SimulatorSettings(tmp_path, control_file=True, keep_running=True), store)
    made.start()
    yield made
    made.stop()
    store.close()


def answered(client: ControlFileClient, name: str) -> ResetAnswer:
    found: list[ResetAnswer] = []

    def looked() -> bool:
        one = client.answer(name)
        found.extend([] if one is None else [one])
        return bool(found)

    until(looked, "the answer")
    return found[0]


def lose(server: SimulatorServer) -> None:
    """Buy and sell worse, at a cost."""
    server.control("set_position", account="Sim1", symbol=ES, quantity=1, price=6600)
    server.control("set_position", account="Sim1", symbol=ES, quantity=0, price=6500)


def cash_of(server: SimulatorServer) -> Decimal:
    return next(Decimal(one["cash"]) for one in server.control("state")["accounts"] if one["name"] == "Sim1")


def test_an_account_begins_anew_and_the_answer_has_its_money(server: SimulatorServer, tmp_path: Path) -> None:
    client = ControlFileClient(tmp_path)
    start = cash_of(server)
    lose(server)
    assert cash_of(server) < start
    assert answered(client, client.ask_reset("Sim1")) == ResetAnswer(start)
    assert cash_of(server) == start
    assert answered(client, client.ask_reset("Sim1")) == ResetAnswer(start), "each question has its own answer"


def test_what_it_refuses_is_answered_with_the_reason(server: SimulatorServer, tmp_path: Path) -> None:
    client = ControlFileClient(tmp_path)
    server.control("set_position", account="Sim1", symbol=ES, quantity=1, price=6600)
    assert "only a flat one can begin anew" in answered(client, client.ask_reset("Sim1")).error
    assert "account Nobody is unknown" in answered(client, client.ask_reset("Nobody")).error


def test_before_there_is_an_answer_there_is_none(tmp_path: Path) -> None:
    client = ControlFileClient(tmp_path)
    name = client.ask_reset("Sim1")
    assert client.answer(name) is None
    done = tmp_path / "control.done"
    done.write_text(f'{{"id": "{name}", "ok": tr', encoding="utf-8")
    assert client.answer(name) is None, "half a line is none"
    done.write_text('{"id": "another", "ok": true, "result": {"cash": "1"}}\n', encoding="utf-8")
    assert client.answer(name) is None, "the answer to another question is none"
    done.write_text(f'nonsense\n{{"id": "{name}", "ok": true, "result": {{}}}}\n', encoding="utf-8")
    found = client.answer(name)
    assert found is not None and "did not say" in found.error


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(PersistenceError, match="cannot be written"):
        ControlFileClient(tmp_path / "gone").ask_reset("Sim1")
