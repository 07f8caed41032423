"""The connection test: what a server says of itself, or plainly why not, and nothing that changes anything."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from core.errors import ConnectionLost
from services.dtc.address import ConnectionSettings
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.messages.accounts import TradeAccountsRequest
from services.dtc.messages.connection import EncodingResponse, Heartbeat, LogonResponse
from services.dtc.probe import CLIENT_NAME, ServerFound, probe
from services.dtc.session_settings import SessionSettings
from tests.fakes.dtc_server import FakeDTC

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Clock:
    """Time passes as it does; the wall stands."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture
def server() -> Iterator[FakeDTC]:
    with FakeDTC() as made:
        yield made


def tried(server: FakeDTC, encoding: EncodingEnum | None = None, within_s: float = 10.0) -> ServerFound:
    settings = ConnectionSettings("x", "127.0.0.1", server.port, user="me", encoding=encoding)
    return probe(settings, "secret", Clock(), within_s, beat_within_s=0.0)


def refused(server: FakeDTC, within_s: float = 10.0, encoding: EncodingEnum | None = None) -> str:
    with pytest.raises(ConnectionLost) as told:
        tried(server, encoding, within_s)
    assert "secret" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [(None, "BINARY_ENCODING"), (EncodingEnum.JSON_ENCODING, "JSON_ENCODING")],
)
def test_a_server_tells_its_name_its_abilities_and_its_accounts(
    server: FakeDTC, wish: EncodingEnum | None, spoken: str
) -> None:
    server.book.accounts = ["Sim1", "Real2"]
    found = tried(server, wish)
    assert (found.server, found.encoding.name, found.accounts) == ("Fake", spoken, ("Sim1", "Real2"))
    assert found.trading and found.market_data and found.clock_ahead_s is None and 0 < found.took_s < 10


def test_nothing_is_asked_but_the_accounts_and_under_a_name_of_its_own(server: FakeDTC) -> None:
    tried(server)
    server.wait_until(lambda: not server._peers, "farewell")
    assert [type(message) for message in server.received] == [TradeAccountsRequest]
    assert CLIENT_NAME == "Stanchion doctor" != SessionSettings().client_name
    assert (server.connections, server.logons) == (1, 1)


def test_what_a_server_cannot_do_is_told(server: FakeDTC) -> None:
    server.logon = LogonResponse(TradingIsSupported=0, MarketDataSupported=0)
    server.book.accounts = []
    found = tried(server)
    assert (found.server, found.trading, found.market_data, found.accounts) == ("", False, False, ())


def test_a_server_that_does_not_answer_about_accounts_is_found_all_the_same(server: FakeDTC) -> None:
    server.answers[TradeAccountsRequest] = lambda _: []
    assert tried(server, within_s=0.5).accounts is None


def test_a_heartbeat_tells_how_far_the_servers_clock_is_off(server: FakeDTC) -> None:
    settings = ConnectionSettings("x", "127.0.0.1", server.port)
    with ThreadPoolExecutor(1) as pool:
        running: Future[ServerFound] = pool.submit(probe, settings, "", Clock(), 10.0, 60.0)
        server.wait_for(TradeAccountsRequest)
        beat = Heartbeat(CurrentDateTime=int(NOW.timestamp()) + 37)
        server.send_bytes(encode(beat, EncodingEnum.BINARY_ENCODING))
        assert running.result(10.0).clock_ahead_s == 37.5


def test_nobody_there_is_said_with_what_to_look_at() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionLost, match=r"Nothing listens at 127\.0\.0\.1:"):
        probe(ConnectionSettings("x", "127.0.0.1", port), "", Clock())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "The host far cannot be found"),
        (TimeoutError("timed out"), "does not answer within 10 s"),
        (OSError(101, "Network is unreachable"), "No connection to far:11099: Network is unreachable."),
    ],
)
def test_what_the_system_says_of_a_dial_is_put_plainly(
    error: OSError, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(ConnectionLost, match=words):
        probe(ConnectionSettings("x", "far", 11099), "", Clock())


def test_a_name_no_host_can_have_is_said() -> None:
    with pytest.raises(ConnectionLost, match="cannot be found"):
        probe(ConnectionSettings("x", "a" * 70, 11099), "", Clock())


def test_a_refused_logon_repeats_the_servers_words(server: FakeDTC) -> None:
    server.refusal = ("Wrong password.", LogonStatusEnum.LOGON_ERROR_NO_RECONNECT, "")
    assert "refused the logon: Wrong password. Check user and password" in refused(server)
    server.refusal = ("Full.", LogonStatusEnum.LOGON_RECONNECT_NEW_ADDRESS, "other:11099")
    assert "It sends us to other:11099." in refused(server)


def test_a_port_that_speaks_something_else_is_said(server: FakeDTC) -> None:
    server.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    said = refused(server)
    assert "does not speak DTC" in said and "HTTP/1.1" in said and "Check the port" in said


def test_silence_has_an_end(server: FakeDTC) -> None:
    server.mute = True
    assert "is silent for 0 s (waiting for the encoding)" in refused(server, within_s=0.3)


def test_a_server_that_hangs_up_is_said(server: FakeDTC) -> None:
    with ThreadPoolExecutor(1) as pool:
        server.mute = True
        running: Future[str] = pool.submit(refused, server)
        server.wait_until(lambda: server.bytes_read > 0, "word")  # closed on unread bytes, a connection is reset
        server.close()
        assert "closed the connection without a word" in running.result(10.0)


def test_a_server_that_says_goodbye_is_quoted(server: FakeDTC) -> None:
    with ThreadPoolExecutor(1) as pool:
        server.answers[TradeAccountsRequest] = lambda _: []
        running: Future[str] = pool.submit(refused, server)
        server.wait_for(TradeAccountsRequest)
        server.log_off("Maintenance.")
        assert running.result(10.0).endswith("ended the connection: Maintenance.")


def test_an_encoding_we_do_not_speak_is_said(server: FakeDTC) -> None:
    server.greeting = encode(EncodingResponse(Encoding=4), EncodingEnum.BINARY_ENCODING)
    said = refused(server)
    assert "chose encoding 4" in said and "?encoding=" in said
