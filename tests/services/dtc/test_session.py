"""A conversation between a client and a server session, wired back to back."""

import pytest

from core.errors import ConnectionLost
from services.dtc.codec import encode
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.messages.base import Message
from services.dtc.messages.connection import Heartbeat, Logoff, LogonResponse
from services.dtc.messages.market_data import MarketDataUpdateTrade
from services.dtc.messages.order_entry import SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import OpenOrdersReject, OpenOrdersRequest, OrderUpdate
from services.dtc.outbox import Unwritten, Written
from services.dtc.session import OUTBOX_LIMIT, State
from services.dtc.session_events import (
    HeartbeatReceived,
    LinkAlive,
    LinkDoubtful,
    PeerLeft,
    PeerSilent,
    Stalled,
)
from services.dtc.session_settings import SessionSettings
from tests.services.dtc.back_to_back import Pair, logged_on
from tests.services.dtc.wire import BINARY, COMPACT, JSON

ENCODINGS = [SessionSettings(encoding=BINARY), SessionSettings(encoding=JSON), SessionSettings(encoding=COMPACT)]


def application(items: list[object]) -> list[Message]:
    return [item for item in items if isinstance(item, Message)]


@pytest.mark.parametrize("settings", ENCODINGS, ids=["binary", "json", "compact"])
@pytest.mark.parametrize("slice_bytes", [1, 13, 1 << 16])
def test_messages_travel_both_ways_in_order_and_whole(settings: SessionSettings, slice_bytes: int) -> None:
    pair = logged_on(settings, slice_bytes=slice_bytes)
    request, answer = OpenOrdersRequest(RequestID=1), OpenOrdersReject(RequestID=1, RejectText="Not now")
    pair.client.send(request)
    pair.server.send(answer, MarketDataUpdateTrade(SymbolID=1, Price=0.25, Volume=1.0, DateTime=1.0))
    pair.exchange()
    assert application([*pair.server_saw]) == [request]
    assert application([*pair.client_saw]) == [
        answer,
        MarketDataUpdateTrade(SymbolID=1, Price=0.25, Volume=1.0, DateTime=1.0),
    ]


def test_the_frames_of_one_send_stay_together_and_their_token_follows_them() -> None:
    pair = logged_on()
    client = pair.client
    pair.now += 10
    client.tick(pair.now)  # a heartbeat of 16 bytes is first in the queue
    parent, children = SubmitNewSingleOrder(IsParentOrder=1), SubmitNewOCOOrder(ParentTriggerClientOrderID="P")
    client.send(parent, children, token="bracket")
    client.send(OpenOrdersRequest(), token="later")
    frames = encode(parent, BINARY) + encode(children, BINARY)
    assert client.data_to_send()[16 : 16 + len(frames)] == frames
    assert client.data_sent(16) == Written()
    assert client.unwritten() == Unwritten(untouched=("bracket", "later"))
    assert client.data_sent(1) == Written(started=("bracket",))
    assert client.unwritten() == Unwritten(partly=("bracket",), untouched=("later",))
    assert client.data_sent(client.bytes_to_send) == Written(started=("later",), completed=("bracket", "later"))


def test_one_message_that_does_not_fit_keeps_the_whole_send_back() -> None:
    pair = logged_on()
    with pytest.raises(LocalProtocolError):
        pair.client.send(SubmitNewSingleOrder(), SubmitNewSingleOrder(ClientOrderID="x" * 40))
    assert pair.client.bytes_to_send == 0


def test_nothing_is_sent_before_the_logon_or_after_the_end() -> None:
    pair = Pair()
    with pytest.raises(LocalProtocolError, match="waiting for the encoding"):
        pair.client.send(OpenOrdersRequest())
    pair.exchange()
    pair.client.log_off("Done")
    with pytest.raises(LocalProtocolError, match="closed"):
        pair.client.send(OpenOrdersRequest())


@pytest.mark.parametrize("message", [Heartbeat(), Logoff(), LogonResponse()])
def test_session_messages_are_the_sessions_own(message: Message) -> None:
    with pytest.raises(LocalProtocolError, match="sent by the session itself"):
        logged_on().client.send(message)


def test_a_peer_that_does_not_read_fills_a_bounded_outbox() -> None:
    pair = logged_on()
    updates = [OrderUpdate()] * 1000
    with pytest.raises(ConnectionLost, match="unread; nothing was queued"):
        for _ in range(OUTBOX_LIMIT // (720 * 1000) + 1):
            pair.server.send(*updates)
    assert pair.server.bytes_to_send <= OUTBOX_LIMIT


# --- heartbeats and silence ---


def test_both_sides_send_heartbeats_at_the_interval_the_client_asked_for() -> None:
    pair = logged_on(SessionSettings(heartbeat_s=7), SessionSettings(heartbeat_s=30))
    assert pair.server.heartbeat_s == 7
    for _ in range(22):
        pair.wait(1)
        pair.exchange()
    beats = [HeartbeatReceived(0)] * 3
    assert [item for item in pair.client_saw if isinstance(item, HeartbeatReceived)] == beats
    assert [item for item in pair.server_saw if isinstance(item, HeartbeatReceived)] == beats
    assert pair.client.state is pair.server.state is State.ACTIVE
    assert not any(isinstance(item, LinkDoubtful | Stalled) for item in pair.client_saw + pair.server_saw)


def test_a_heartbeat_tells_how_many_messages_were_dropped() -> None:
    pair = logged_on()
    pair.server.dropped = 3
    pair.wait(10)
    pair.exchange()
    assert pair.client_saw[-1] == HeartbeatReceived(3)


def test_a_half_open_connection_is_doubted_and_then_dead() -> None:
    pair = logged_on()
    pair.wait(14)
    assert not pair.client.doubtful
    pair.wait(1)
    assert pair.client.doubtful
    assert pair.client_saw[-1] == LinkDoubtful(15.0)
    pair.wait(5)
    assert pair.client.state is State.ACTIVE
    pair.wait(1)
    assert pair.client.state is State.CLOSED
    assert isinstance(pair.client_saw[-1], PeerSilent)
    assert pair.client.ended == pair.client_saw[-1]


@pytest.mark.parametrize("life", [OrderUpdate(), Heartbeat()])
def test_any_message_ends_a_doubt(life: Message) -> None:
    pair = logged_on()
    pair.wait(16)
    pair.client.receive_data(encode(life, BINARY), pair.now)
    assert next(pair.client.messages()) == LinkAlive()
    assert not pair.client.doubtful
    pair.wait(14)
    assert pair.client.state is State.ACTIVE


def test_even_an_unknown_message_is_a_sign_of_life_but_half_a_message_is_not() -> None:
    pair = logged_on()
    pair.wait(16)
    pair.client.receive_data(b"\x06\0\x83\x27", pair.now)
    assert list(pair.client.messages()) == []
    assert pair.client.doubtful
    pair.client.receive_data(b"zz", pair.now)
    assert list(pair.client.messages()) == [LinkAlive()]


def test_what_piled_up_while_we_stood_still_counts_before_the_silence() -> None:
    pair = logged_on()
    pair.now += 60
    pair.client.receive_data(encode(Heartbeat(), BINARY), pair.now)
    assert list(pair.client.messages()) == [HeartbeatReceived(0)]
    pair.client.tick(pair.now)
    assert list(pair.client.messages()) == [Stalled(60.0)]
    assert pair.client.state is State.ACTIVE


# --- the end ---


@pytest.mark.parametrize("settings", ENCODINGS, ids=["binary", "json", "compact"])
@pytest.mark.parametrize("forbidden", [True, False])
def test_a_logoff_ends_the_session_and_its_wish_is_passed_on(settings: SessionSettings, forbidden: bool) -> None:
    pair = logged_on(settings)
    pair.server.log_off("Shutting down", do_not_reconnect=forbidden)
    assert pair.server.state is State.CLOSED
    pair.exchange()
    assert pair.client_saw[-1] == PeerLeft("Shutting down", may_reconnect=not forbidden)
    assert pair.client.state is State.CLOSED
    assert pair.server.ended is None


def test_messages_before_a_logoff_arrive_and_bytes_behind_it_do_not() -> None:
    pair = logged_on()
    data = (
        encode(OpenOrdersReject(), BINARY) + encode(Logoff(Reason="Bye"), BINARY) + encode(OpenOrdersReject(), BINARY)
    )
    pair.client.receive_data(data, pair.now)
    assert list(pair.client.messages()) == [OpenOrdersReject(), PeerLeft("Bye")]
    pair.client.receive_data(data, pair.now)
    assert list(pair.client.messages()) == []


def test_a_connection_closed_without_a_word_is_told_once() -> None:
    pair = logged_on()
    pair.client.receive_eof()
    pair.client.receive_eof()
    assert list(pair.client.messages()) == [PeerLeft("The peer closed the connection without a logoff (active).")]


def test_what_was_on_its_way_at_the_end_can_be_asked_for() -> None:
    pair = logged_on()
    pair.client.send(OpenOrdersRequest(), token=1)
    pair.client.send(OpenOrdersRequest(), token=2)
    pair.client.data_sent(10)
    pair.client.receive_eof()
    assert pair.client.unwritten() == Unwritten(partly=(1,), untouched=(2,))


def test_after_a_broken_stream_the_session_is_closed_for_good() -> None:
    pair = logged_on()
    pair.client.receive_data(encode(OpenOrdersReject(), BINARY) + b"\0\0\0\0", pair.now)
    items = pair.client.messages()
    assert next(items) == OpenOrdersReject()
    with pytest.raises(RemoteProtocolError, match="0 bytes"):
        next(items)
    assert pair.client.state is State.CLOSED
    assert pair.client.ended is not None
    assert pair.client.ended.may_reconnect
    pair.client.receive_data(encode(OpenOrdersReject(), BINARY), pair.now)
    assert list(pair.client.messages()) == []


def test_twenty_thousand_frames_merged_into_one_read_come_out_one_by_one() -> None:
    pair = logged_on()
    pair.client.receive_data(encode(Heartbeat(), BINARY) * 20000, pair.now)
    assert sum(1 for _ in pair.client.messages()) == 20000
