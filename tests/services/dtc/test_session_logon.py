"""From the first byte to the accepted logon: encodings, refusals, deadlines, strangers."""

from dataclasses import replace

import pytest

from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.messages.base import Message
from services.dtc.messages.connection import (
    EncodingRequest,
    EncodingResponse,
    Heartbeat,
    Logoff,
    LogonRequest,
    LogonResponse,
)
from services.dtc.messages.notices import UserMessage
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.trading import PositionUpdate
from services.dtc.session import ANSWER_WITHIN_S, Session, State
from services.dtc.session_events import (
    AnswerOverdue,
    EncodingAgreed,
    LoggedOn,
    LogonRefused,
    LogonRequested,
    PeerLeft,
)
from services.dtc.session_settings import Role, SessionSettings
from tests.services.dtc.back_to_back import Item, Pair, logged_on
from tests.services.dtc.wire import BINARY, COMPACT, JSON

ME = SessionSettings(client_name="Me", username="user", password="hunter2", heartbeat_s=15, trade_account="Sim1")


def client(settings: SessionSettings = ME) -> Session:
    return Session(Role.CLIENT, settings, 0.0)


def hears(session: Session, data: bytes) -> list[Item]:
    session.receive_data(data, 1.0)
    return list(session.messages())


def said(session: Session) -> bytes:
    data = session.data_to_send()
    session.data_sent(len(data))
    return data


# --- which encoding ---


def family(encoding: EncodingEnum) -> str:
    return "binary" if encoding is BINARY else "text"


@pytest.mark.parametrize("wish", [None, BINARY, JSON, COMPACT])
@pytest.mark.parametrize("fixed", [None, BINARY, JSON, COMPACT])
@pytest.mark.parametrize("server_negotiates", [True, False])
@pytest.mark.parametrize("client_negotiates", [True, False])
def test_client_and_server_end_up_in_one_encoding(
    wish: EncodingEnum | None, fixed: EncodingEnum | None, server_negotiates: bool, client_negotiates: bool
) -> None:
    mine = replace(ME, encoding=wish, negotiate=client_negotiates)
    theirs = SessionSettings(encoding=fixed, negotiate=server_negotiates)
    if not client_negotiates and not server_negotiates and family(mine.first_encoding) != family(theirs.first_encoding):
        with pytest.raises(RemoteProtocolError, match=r"this server speaks \w+ only"):
            logged_on(mine, theirs)
        return
    pair = logged_on(mine, theirs)
    assert pair.client.state is pair.server.state is State.ACTIVE
    if client_negotiates:
        server_speaks = theirs.first_encoding if not server_negotiates else fixed
        asked_for = BINARY if wish is None else wish
        assert pair.client.encoding is (asked_for if server_speaks is None else server_speaks)
        assert pair.client.encoding is pair.server.encoding
    else:  # a brace does not tell JSON from compact JSON; each side writes what it was told to and reads both
        assert pair.client.encoding is mine.first_encoding
        assert family(pair.client.encoding) == family(pair.server.encoding)
    assert pair.client_saw == [EncodingAgreed(pair.client.encoding), LoggedOn(LogonResponse(ServerName="Test server"))]
    assert [type(item) for item in pair.server_saw] == [EncodingAgreed, LogonRequested]


@pytest.mark.parametrize("slice_bytes", [1, 5, 17])
def test_the_handshake_does_not_depend_on_how_its_bytes_are_cut(slice_bytes: int) -> None:
    for encoding in (BINARY, JSON, COMPACT):
        pair = logged_on(replace(ME, encoding=encoding), slice_bytes=slice_bytes)
        assert pair.client.state is State.ACTIVE


def test_nothing_but_the_request_is_said_until_the_encoding_is_agreed() -> None:
    session = client(replace(ME, encoding=JSON))
    assert said(session) == bytes.fromhex("10000600080000000200000044544300")
    hears(session, b"\x10\0\x07")
    assert said(session) == b""
    assert hears(session, bytes.fromhex("00080000000200000044544300")) == [EncodingAgreed(JSON)]
    assert said(session).startswith(b'{"Type":1,"ProtocolVersion":8,"Username":"user","Password":"hunter2"')


def test_the_servers_choice_counts_not_our_wish() -> None:
    session = client(replace(ME, encoding=JSON))
    said(session)
    assert hears(session, encode(EncodingResponse(Encoding=0), BINARY)) == [EncodingAgreed(BINARY)]
    assert said(session)[:4] == b"\x1c\x01\x01\x00"


@pytest.mark.parametrize("chosen", [1, 4, 99])
def test_an_encoding_we_do_not_speak_ends_the_session(chosen: int) -> None:
    session = client()
    with pytest.raises(RemoteProtocolError, match=f"chose encoding {chosen}"):
        hears(session, encode(EncodingResponse(Encoding=chosen), BINARY))
    assert session.state is State.CLOSED


@pytest.mark.parametrize(
    "first", [EncodingResponse(Encoding=2), UserMessage(UserMessage="Hello"), PositionUpdate(Quantity=1.0)]
)
def test_a_server_fixed_to_json_is_recognised_by_its_first_byte(first: Message) -> None:
    session = client()
    said(session)
    items = hears(session, encode(first, JSON))
    assert items[0] == EncodingAgreed(JSON)
    assert items[1:] == ([] if isinstance(first, EncodingResponse) else [first])
    assert said(session).startswith(b'{"Type":1,')
    assert hears(session, encode(LogonResponse(), JSON)) == [LoggedOn(LogonResponse())]


def test_a_server_that_answers_a_json_logon_in_binary_is_followed() -> None:
    session = client(replace(ME, negotiate=False))
    assert said(session).startswith(b'{"Type":1,')
    assert hears(session, encode(LogonResponse(), BINARY)) == [EncodingAgreed(BINARY), LoggedOn(LogonResponse())]


def test_a_late_encoding_response_is_ignored_when_it_says_nothing_new() -> None:
    session = client(replace(ME, negotiate=False))
    assert hears(session, encode(EncodingResponse(Encoding=2), JSON)) == [EncodingAgreed(JSON)]
    with pytest.raises(RemoteProtocolError, match="after it had begun"):
        hears(session, encode(EncodingResponse(Encoding=0), JSON))


def test_a_server_that_speaks_json_may_still_say_that_it_means_the_compact_one() -> None:
    session = client()
    said(session)
    hears(session, encode(UserMessage(UserMessage="Hello"), JSON))
    assert session.encoding is JSON
    hears(session, encode(EncodingResponse(Encoding=3), JSON) + encode(LogonResponse(), COMPACT))
    assert (session.encoding, session.decoder.encoding, session.state) == (COMPACT, COMPACT, State.ACTIVE)


def test_a_compact_line_has_short_heartbeats_and_a_logon_by_name() -> None:
    pair = logged_on(replace(ME, encoding=COMPACT))
    assert pair.client.encoding is pair.server.encoding is COMPACT
    assert b'{"Type":1,"ProtocolVersion":8' in pair.to_server
    pair.wait(15)
    pair.exchange()
    assert b'{"Type":3,"F":[0,0]}\0' in pair.to_server
    assert b'{"Type":3,"F":[0,0]}\0' in pair.to_client


def test_account_pushes_around_the_logon_arrive_in_order() -> None:
    session = client()
    early, between = PositionUpdate(Symbol="ES", Quantity=1.0), UserMessage(UserMessage="Hello")
    data = encode(early, BINARY) + encode(EncodingResponse(Encoding=2), BINARY)
    data += encode(between, JSON) + encode(LogonResponse(), JSON)
    items = hears(session, data)
    assert [type(item).__name__ for item in items] == ["PositionUpdate", "EncodingAgreed", "UserMessage", "LoggedOn"]


@pytest.mark.parametrize(("wish", "answer"), [(0, 0), (1, 0), (2, 2), (3, 3), (4, 0), (99, 0)])
def test_a_server_answers_with_the_nearest_encoding_it_speaks(wish: int, answer: int) -> None:
    server = Session(Role.SERVER, SessionSettings(), 0.0)
    assert hears(server, encode(EncodingRequest(Encoding=wish), BINARY)) == [EncodingAgreed(EncodingEnum(answer))]
    assert said(server) == encode(EncodingResponse(Encoding=answer), BINARY)


# --- the logon ---


def test_the_logon_carries_the_settings_and_the_server_sees_them() -> None:
    pair = logged_on(replace(ME, integer_1=0x80))
    [request] = [item.request for item in pair.server_saw if isinstance(item, LogonRequested)]
    assert request == LogonRequest(
        Username="user",
        Password="hunter2",
        Integer_1=0x80,
        HeartbeatIntervalInSeconds=15,
        TradeAccount="Sim1",
        ClientName="Me",
    )
    assert pair.server.heartbeat_s == 15
    assert pair.client.logon == pair.server.logon == LogonResponse(ServerName="Test server")


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
@pytest.mark.parametrize(
    ("result", "may_reconnect", "address"),
    [
        (LogonStatusEnum.LOGON_ERROR, True, ""),
        (LogonStatusEnum.LOGON_ERROR_NO_RECONNECT, False, ""),
        (LogonStatusEnum.LOGON_RECONNECT_NEW_ADDRESS, True, "other.example:11099"),
    ],
)
def test_each_refusal_says_whether_and_where_to_come_back(
    encoding: EncodingEnum, result: LogonStatusEnum, may_reconnect: bool, address: str
) -> None:
    pair = Pair(replace(ME, encoding=encoding))
    hears(pair.server, said(pair.client))
    hears(pair.client, said(pair.server))
    hears(pair.server, said(pair.client))
    pair.server.refuse_logon("Wrong password", result, address)
    assert pair.server.state is State.CLOSED
    refused = LogonRefused("Wrong password", may_reconnect, address)
    assert hears(pair.client, said(pair.server)) == [refused]
    assert pair.client.ended == refused
    assert pair.client.state is State.CLOSED


@pytest.mark.parametrize("result", [0, 7])
def test_a_result_nobody_knows_is_a_refusal(result: int) -> None:
    session = client(replace(ME, negotiate=False))
    [_, refused] = hears(session, encode(LogonResponse(Result=result), JSON))
    assert refused == LogonRefused(f"The server refused the logon (result {result}).")


def test_a_second_answer_to_the_logon_tells_new_capabilities_or_the_end() -> None:
    pair = logged_on()
    changed = LogonResponse(TradingIsSupported=1)
    assert hears(pair.client, encode(changed, BINARY)) == [LoggedOn(changed)]
    assert pair.client.state is State.ACTIVE
    assert isinstance(hears(pair.client, encode(LogonResponse(Result=3), BINARY))[0], LogonRefused)


def test_a_logoff_instead_of_an_answer_is_passed_on() -> None:
    session = client()
    assert hears(session, encode(Logoff(Reason="Full", DoNotReconnect=1), BINARY)) == [PeerLeft("Full", False)]


def test_a_logon_is_answered_once_and_fittingly() -> None:
    pair = Pair()
    with pytest.raises(LocalProtocolError, match="No logon waits"):
        pair.server.accept_logon(LogonResponse())
    hears(pair.server, encode(LogonRequest(), BINARY))
    with pytest.raises(LocalProtocolError, match="result 1, not 2"):
        pair.server.accept_logon(LogonResponse(Result=2))
    with pytest.raises(LocalProtocolError, match="with success"):
        pair.server.refuse_logon("?", LogonStatusEnum.LOGON_SUCCESS)
    pair.server.accept_logon(LogonResponse())
    with pytest.raises(LocalProtocolError, match="No logon waits"):
        pair.server.refuse_logon("Too late")


@pytest.mark.parametrize(("asked", "kept"), [(1, 5), (0, 10), (-4, 10), (7, 7), (3600, 60)])
def test_a_server_keeps_the_heartbeat_within_what_the_protocol_allows(asked: int, kept: int) -> None:
    server = Session(Role.SERVER, SessionSettings(), 0.0)
    hears(server, encode(LogonRequest(HeartbeatIntervalInSeconds=asked), BINARY))
    assert server.heartbeat_s == kept


# --- out of turn ---


@pytest.mark.parametrize("unexpected", [SubmitNewSingleOrder(), LogonRequest(), EncodingRequest(), LogonResponse()])
def test_a_client_that_speaks_out_of_turn_is_cut_off(unexpected: Message) -> None:
    server = Session(Role.SERVER, SessionSettings(), 0.0)
    hears(server, encode(LogonRequest(), BINARY))
    with pytest.raises(RemoteProtocolError, match=f"Unexpected {type(unexpected).__name__}"):
        hears(server, encode(unexpected, BINARY))
    assert server.state is State.CLOSED


@pytest.mark.parametrize("unexpected", [LogonResponse(), LogonRequest(), EncodingRequest()])
def test_a_server_that_speaks_out_of_turn_is_left(unexpected: Message) -> None:
    session = client()
    with pytest.raises(RemoteProtocolError, match="waiting for the encoding"):
        hears(session, encode(unexpected, BINARY))
    assert session.state is State.CLOSED


@pytest.mark.parametrize("role", Role)
def test_a_stranger_is_named(role: Role) -> None:
    session = Session(role, SessionSettings(), 0.0)
    with pytest.raises(RemoteProtocolError, match=r"does not speak DTC: it began with 'HTTP/1\.1 400 Bad'"):
        hears(session, b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert session.ended is not None


@pytest.mark.parametrize("role", Role)
def test_another_protocol_in_dtc_frames_is_refused(role: Role) -> None:
    session = Session(role, SessionSettings(), 0.0)
    message = EncodingResponse(ProtocolType="FTC") if role is Role.CLIENT else EncodingRequest(ProtocolType="FTC")
    with pytest.raises(RemoteProtocolError, match="speaks protocol 'FTC'"):
        hears(session, encode(message, BINARY))


# --- silence before the logon ---


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("first", [b"", b"\x10\0"])
def test_silence_instead_of_an_encoding_is_given_up_after_twenty_seconds(role: Role, first: bytes) -> None:
    session = Session(role, SessionSettings(), 0.0)
    hears(session, first)
    session.tick(ANSWER_WITHIN_S - 0.1)
    assert session.state is State.ENCODING
    session.tick(ANSWER_WITHIN_S)
    overdue = AnswerOverdue("No answer within 20 s (waiting for the encoding).")
    assert list(session.messages()) == [overdue]
    assert session.ended == overdue


def test_the_logon_has_twenty_seconds_of_its_own() -> None:
    session = client()
    session.receive_data(encode(EncodingResponse(), BINARY), 15.0)
    list(session.messages())
    session.receive_data(encode(Heartbeat(), BINARY), 30.0)  # life, but no answer
    list(session.messages())
    session.tick(34.9)
    assert session.state is State.LOGON
    session.tick(35.0)
    assert list(session.messages()) == [AnswerOverdue("No answer within 20 s (waiting for the logon).")]


# --- settings ---


def test_the_password_is_never_shown() -> None:
    pair = logged_on(ME)
    assert "hunter2" not in repr(ME)
    assert "hunter2" not in repr(pair.server_saw)
    with pytest.raises(LocalProtocolError) as error:
        client(replace(ME, password="hunter2" * 5, negotiate=False))
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("heartbeat_s", [0, 4, 61])
def test_a_heartbeat_the_protocol_does_not_allow_is_refused(heartbeat_s: int) -> None:
    with pytest.raises(LocalProtocolError, match="5 to 60"):
        SessionSettings(heartbeat_s=heartbeat_s)


def test_a_wish_for_an_encoding_we_do_not_speak_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="not supported"):
        SessionSettings(encoding=EncodingEnum.PROTOCOL_BUFFERS)
