"""The history thread: every question has an answer, a server that hangs holds nothing up, and a stop is a stop."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest

from core.clock import SystemClock
from core.errors import EngineBusy
from core.history import HistoryFailed, HistoryWanted
from core.messages import Message
from core.model.bar import ChartKey, Interval
from core.model.instrument import Instrument
from services.dtc import history_client
from services.dtc.address import ConnectionSettings, parse_address
from services.dtc.history_client import WAITING, HistoryClient, place_of
from services.dtc.price_scale import PriceScale
from tests.end_to_end.deadlines import until
from tests.fakes.clock import START

SCALE = PriceScale(Instrument("ES", Decimal("0.25")))


def wanted(ticket: int = 1) -> HistoryWanted:
    return HistoryWanted(ticket, ChartKey("x", "ES", Interval.parse("1m")), START - timedelta(hours=1))


class Ear:
    """The engine's end; it can be too busy to take anything."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.refusals = 0

    def post(self, message: Message) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            raise EngineBusy("busy")
        self.heard.append(message)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def client(ear: Ear) -> Iterator[HistoryClient]:
    made = HistoryClient("x", "", ear.post, SystemClock())
    made.start()
    yield made
    made.stop()
    assert not made.thread.is_alive()


@pytest.fixture
def hanging() -> Iterator[ConnectionSettings]:
    """A server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield ConnectionSettings("x", "127.0.0.1", listener.getsockname()[1])


@pytest.fixture
def nowhere() -> ConnectionSettings:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    return ConnectionSettings("x", "127.0.0.1", port)


def test_a_port_nobody_listens_on_is_an_answer_in_words(
    client: HistoryClient, ear: Ear, nowhere: ConnectionSettings
) -> None:
    for ticket in (1, 2):
        client.ask(wanted(ticket), nowhere, SCALE)
    until(lambda: len(ear.heard) == 2, "two answers")
    assert [one.ticket for one in ear.heard if isinstance(one, HistoryFailed)] == [1, 2]
    failed = ear.heard[0]
    assert isinstance(failed, HistoryFailed)
    assert "Nothing listens" in failed.text
    assert not failed.is_final


def test_a_server_that_speaks_something_else_is_told_of(client: HistoryClient, ear: Ear) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def greet() -> None:
            connected, _ = listener.accept()
            with closing(connected):
                connected.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")
                connected.recv(100)

        greeter = Thread(target=greet, daemon=True)
        greeter.start()
        client.ask(wanted(), ConnectionSettings("x", "127.0.0.1", listener.getsockname()[1]), SCALE)
        until(lambda: bool(ear.heard), "the answer")
        greeter.join()
    assert isinstance(ear.heard[0], HistoryFailed)
    assert "does not speak DTC" in ear.heard[0].text


def test_a_stop_does_not_wait_for_a_server_that_hangs(ear: Ear, hanging: ConnectionSettings) -> None:
    made = HistoryClient("x", "", ear.post, SystemClock())
    made.start()
    made.ask(wanted(), hanging, SCALE)
    made.ask(wanted(2), hanging, SCALE)
    made.stop(5.0)
    made.stop(5.0)
    assert not made.thread.is_alive()
    assert ear.heard == []


def test_a_question_too_many_is_refused_with_a_sentence(ear: Ear, hanging: ConnectionSettings) -> None:
    made = HistoryClient("x", "", ear.post, SystemClock())  # not started: nothing is taken out
    for ticket in range(WAITING + 2):
        made.ask(wanted(ticket), hanging, SCALE)
    assert [one.ticket for one in ear.heard if isinstance(one, HistoryFailed)] == [WAITING, WAITING + 1]


def test_an_answer_waits_for_an_engine_that_is_busy_for_a_while(
    client: HistoryClient, ear: Ear, nowhere: ConnectionSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_client, "POST_WAIT_S", 0.001)
    ear.refusals = 5
    client.ask(wanted(), nowhere, SCALE)
    until(lambda: bool(ear.heard), "the answer")


def test_an_engine_that_stays_busy_loses_the_answer_and_no_more(
    client: HistoryClient,
    ear: Ear,
    nowhere: ConnectionSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(history_client, "POST_WAIT_S", 0.0001)
    ear.refusals = history_client.POST_TRIES
    client.ask(wanted(1), nowhere, SCALE)
    client.ask(wanted(2), nowhere, SCALE)
    until(lambda: bool(ear.heard), "the second answer")
    assert [one.ticket for one in ear.heard if isinstance(one, HistoryFailed)] == [2]


@pytest.mark.parametrize(
    ("address", "is_served", "port"),
    [
        ("dtc://h:11099", True, 11098),
        ("dtc://h:11099", False, None),
        ("dtc://h:4000", True, 4000),
        ("dtc://h:11099?history=5000", True, 5000),
        ("dtc://h:11099?history=5000", False, 5000),
    ],
)
def test_history_is_asked_for_where_it_is_said_to_be(address: str, is_served: bool, port: int | None) -> None:
    place = place_of(parse_address(address), is_served=is_served)
    assert (None if place is None else place.port) == port
