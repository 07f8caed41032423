"""The line to a server, on a real loopback socket: up, refused, in doubt, down, and up again."""

import gc
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from core.errors import ConnectionLost
from core.events import (
    GapDetected,
    Link,
    LinkChanged,
    SnapshotFailed,
)
from services.dtc.address import ConnectionSettings
from services.dtc.codec import SUPPORTED, encode
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.market_data import MarketDataRequest
from services.dtc.messages.symbols import SecurityDefinitionForSymbolRequest
from tests.fakes.clock import ManualClock
from tests.fakes.dtc_server import FakeDTC
from tests.fakes.line_bench import Bench, order

pytestmark = pytest.mark.usefixtures("caplog")  # what breaks here on purpose is logged as warnings


@pytest.mark.parametrize("encoding", [None, *SUPPORTED])
def test_a_logon_is_told_as_connecting_then_syncing(bench: Callable[..., Bench], encoding: EncodingEnum | None) -> None:
    one = bench(encoding=encoding).up()
    assert one.links() == [Link.CONNECTING, Link.SYNCING]
    told = one.wait_link(Link.SYNCING)
    assert (told.server, told.trading_supported, told.connection) == ("Fake", True, "x")


@pytest.mark.parametrize("several", [0, 1])
def test_a_server_that_keeps_legs_of_one_symbol_apart_is_told_as_hedging(
    bench: Callable[..., Bench], server: FakeDTC, several: int
) -> None:
    server.logon = msgspec.structs.replace(server.logon, UsesMultiplePositionsPerSymbolAndTradeAccount=several)
    assert bench().up().wait_link(Link.SYNCING).hedging is bool(several)


def test_it_never_says_ready_and_asks_for_no_account_by_itself(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    one.client.subscribe("ES")
    server.wait_for(MarketDataRequest)
    assert {type(message) for message in server.received} == {SecurityDefinitionForSymbolRequest, MarketDataRequest}
    assert Link.READY not in one.links()


def test_a_stop_says_goodbye_and_ends_the_thread(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    one.client.stop()
    assert not one.client.thread.is_alive()
    assert one.inbox.of(LinkChanged)[-1].link is Link.OFFLINE
    one.client.stop()
    one.client.subscribe("ES")
    one.client.reconnect()
    with pytest.raises(ConnectionLost):
        one.client.submit(order())


def test_a_client_that_was_never_started_can_be_stopped(bench: Callable[..., Bench]) -> None:
    bench().client.stop()


def test_a_port_nobody_listens_on_is_tried_for_ever_and_less_often(bench: Callable[..., Bench]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    clock = ManualClock()
    one = bench(clock=clock)
    one.client._network.settings = ConnectionSettings("x", "127.0.0.1", port)
    one.start()
    waits = []
    for attempt in range(1, 9):
        told = one.wait_link(Link.OFFLINE, attempt)
        assert told.attempt == attempt
        assert told.retry_in_s is not None
        assert str(port) in told.text
        waits.append(told.retry_in_s)
        clock.advance(told.retry_in_s - 0.01)
        one.settled()
        assert len(one.inbox.of(LinkChanged)) == 2 * attempt
        clock.advance(0.02)
    assert waits[0] <= 1 < waits[2] < waits[4] < waits[7] <= 30


def test_a_host_that_does_not_exist_is_told(bench: Callable[..., Bench]) -> None:
    one = bench()
    one.client._network.settings = ConnectionSettings("x", "no-such-host.invalid", 1)
    one.start()
    assert "no-such-host.invalid cannot be found" in one.wait_link(Link.OFFLINE).text


def test_a_refused_logon_is_tried_again_after_a_wait(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.refusal = ("Wrong password.", LogonStatusEnum.LOGON_ERROR, "")
    one = bench().start()
    told = one.wait_link(Link.OFFLINE)
    assert told.text == "Wrong password."
    assert told.retry_in_s is not None
    server.refusal = None
    one.client.reconnect()
    one.wait_link(Link.SYNCING)


def test_a_logon_refused_for_good_is_obeyed_until_the_trader_asks(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.refusal = ("Go away.", LogonStatusEnum.LOGON_ERROR_NO_RECONNECT, "")
    clock = ManualClock()
    one = bench(clock=clock).start()
    told = one.wait_link(Link.REFUSED)
    assert (told.text, told.retry_in_s) == ("Go away.", None)
    one.advance(100)
    assert server.connections == 1
    server.refusal = None
    one.client.reconnect()
    one.wait_link(Link.SYNCING)


def test_another_address_is_followed_on_the_same_host_only(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.refusal = ("Moved.", LogonStatusEnum.LOGON_RECONNECT_NEW_ADDRESS, "evil.example.com:1")
    one = bench().start()
    assert "evil.example.com:1" in one.wait_link(Link.REFUSED).text
    with FakeDTC() as other:
        server.refusal = ("Moved.", LogonStatusEnum.LOGON_RECONNECT_NEW_ADDRESS, f"127.0.0.1:{other.port}")
        one.client.reconnect()
        one.wait_link(Link.OFFLINE)
        one.client.reconnect()
        one.wait_link(Link.SYNCING)
        assert (server.logons, other.logons) == (0, 1)


def test_a_reconnect_asked_for_while_the_line_is_up_does_not_shorten_a_later_wait(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench(clock=ManualClock()).up()
    one.client.reconnect()
    one.settled()
    server.close()
    one.wait_link(Link.OFFLINE)
    one.settled()
    assert one.links().count(Link.CONNECTING) == 1
    one.advance(1)
    one.wait_link(Link.SYNCING, 2)


def test_a_logon_answered_again_tells_new_capabilities_and_asks_for_nothing_again(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    one.client.subscribe("ES")
    server.wait_for(MarketDataRequest)
    server.send_bytes(encode(LogonResponse(Result=1, TradingIsSupported=0), EncodingEnum.BINARY_ENCODING))
    assert not one.wait_link(Link.SYNCING, 2).trading_supported
    one.settled()
    server.heartbeat()
    assert len(server.received) == 2


def test_a_server_that_forbids_reconnecting_is_obeyed(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.log_off("Maintenance.", do_not_reconnect=True)
    assert one.wait_link(Link.REFUSED).text == "Maintenance."


def test_a_logoff_is_told_with_its_reason_and_retried(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.log_off("Restarting.")
    told = one.wait_link(Link.OFFLINE)
    assert told.text == "Restarting."
    assert told.retry_in_s is not None


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", bytes(range(1, 200)), b"\x00" * 64],
)
def test_a_peer_that_does_not_speak_dtc_is_left_with_clear_words(
    bench: Callable[..., Bench], server: FakeDTC, greeting: bytes
) -> None:
    server.greeting = greeting
    one = bench().start()
    assert "does not speak DTC" in one.wait_link(Link.OFFLINE).text


def test_garbage_in_the_stream_ends_the_line_and_it_comes_back(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.send_bytes(b"\x01\x00\xff\xff" * 10)
    assert "protocol" in one.wait_link(Link.OFFLINE).text
    one.client.reconnect()
    one.wait_link(Link.SYNCING, 2)


def test_a_server_that_never_answers_the_logon_is_left(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.mute = True
    clock = ManualClock()
    one = bench(clock=clock).start()
    one.dialed()
    one.advance(21)
    assert "No answer" in one.wait_link(Link.OFFLINE).text


def test_silence_is_first_a_doubt_and_then_the_end(bench: Callable[..., Bench], server: FakeDTC) -> None:
    clock = ManualClock()
    one = bench(clock=clock).up()
    server.half_open()
    one.advance(14)
    assert one.links()[-1] is Link.SYNCING
    one.advance(2)
    assert "Nothing heard from the server for 1" in one.wait_link(Link.DOUBTFUL).text
    assert Link.OFFLINE not in one.links()
    one.advance(5)
    assert "Nothing heard for" in one.wait_link(Link.OFFLINE).text


def test_a_late_heartbeat_ends_the_doubt_in_syncing(bench: Callable[..., Bench], server: FakeDTC) -> None:
    clock = ManualClock()
    one = bench(clock=clock).up()
    one.advance(16)
    one.wait_link(Link.DOUBTFUL)
    server.heartbeat()
    one.wait_link(Link.SYNCING, 2)
    assert one.links()[-2:] == [Link.DOUBTFUL, Link.SYNCING]


def test_heartbeats_keep_a_quiet_line_alive_and_are_sent(bench: Callable[..., Bench], server: FakeDTC) -> None:
    clock = ManualClock()
    one = bench(clock=clock).up()
    for _ in range(12):
        server.heartbeat()
        one.advance(5)
    assert one.links() == [Link.CONNECTING, Link.SYNCING]


def test_a_heartbeat_that_counts_dropped_messages_is_a_gap(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.heartbeat(dropped=3)
    assert "3 messages" in one.inbox.wait_for(GapDetected).text


@pytest.mark.row(144)
def test_standing_still_ourselves_is_a_gap(bench: Callable[..., Bench]) -> None:
    clock = ManualClock()
    one = bench(clock=clock).up()
    one.settled()
    clock.advance(12)
    assert "stood still" in one.inbox.wait_for(GapDetected).text


def test_sixty_flaps_leave_no_thread_and_no_socket_behind(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    one.client.subscribe("ES")
    server.wait_for(MarketDataRequest)
    threads = threading.active_count()
    descriptors = open_descriptors()
    for flap in range(1, 61):
        server.wait_for(MarketDataRequest, flap)
        server.close(reset=flap % 2 == 0)
        one.wait_link(Link.OFFLINE, flap)
        one.client.reconnect()
        one.wait_link(Link.SYNCING, flap + 1)
    assert len(server.wait_for(MarketDataRequest, 61)) == 61
    assert threading.active_count() == threads
    gc.collect()
    assert open_descriptors() <= descriptors
    assert len(one.inbox.of(SnapshotFailed)) == 0


def open_descriptors() -> int:
    """Return how many descriptors the process has open; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.exists() else 0


def test_a_fault_in_the_thread_is_told_and_raised_and_takes_the_line_down(
    bench: Callable[..., Bench], server: FakeDTC, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    one = bench().up()
    one.client._wish(lambda: 1 // 0)  # type: ignore[arg-type]
    one.client.thread.join(10)
    assert not one.client.thread.is_alive()
    assert raised[0].exc_type is ZeroDivisionError
    last = one.inbox.of(LinkChanged)[-1]
    assert last.link is Link.OFFLINE
    assert "ZeroDivisionError" in last.text
    with pytest.raises(ConnectionLost):
        one.client.submit(order())


def test_a_password_is_in_no_event_and_no_repr(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.refusal = ("No.", LogonStatusEnum.LOGON_ERROR, "")
    one = bench().start()
    one.wait_link(Link.OFFLINE)
    assert "secret" not in repr(one.inbox.messages)
    assert "secret" not in repr(vars(one.client)) + repr(vars(one.client._network))
