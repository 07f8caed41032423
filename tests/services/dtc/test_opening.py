"""The first bytes tell what a peer speaks."""

import pytest

from services.dtc.codec import encode
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.connection import EncodingRequest, EncodingResponse, Heartbeat, LogonRequest
from services.dtc.opening import CLIENTS_BEGIN_WITH, SERVERS_BEGIN_WITH, recognise
from tests.services.dtc.wire import BINARY, JSON


def test_both_encodings_are_recognised_from_both_sides() -> None:
    assert recognise(encode(EncodingResponse(), BINARY), SERVERS_BEGIN_WITH) is BINARY
    assert recognise(encode(EncodingResponse(), JSON), SERVERS_BEGIN_WITH) is JSON
    assert recognise(encode(EncodingRequest(), BINARY)[:4], CLIENTS_BEGIN_WITH) is BINARY
    assert recognise(encode(LogonRequest(), JSON)[:1], CLIENTS_BEGIN_WITH) is JSON


def test_three_bytes_of_a_binary_message_tell_nothing_yet() -> None:
    for count in range(4):
        assert recognise(encode(EncodingResponse(), BINARY)[:count], SERVERS_BEGIN_WITH) is None


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        (b"HTTP/1.1 400 Bad", "HTTP/1.1 400 Bad"),
        (b"SSH-2.0-OpenSSH_", "SSH-2.0-OpenSSH_"),
        (b"220 mail.example", "220 mail.example"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "\\x15"),  # a TLS alert, which looks like a heartbeat of 789 bytes
        (b"\0\0\0\0\0\0", "\\x00"),
        (b"8=FIX.4.4\x019=70", "8=FIX"),
    ],
)
def test_another_protocol_is_named_by_its_first_bytes(first: bytes, shown: str) -> None:
    with pytest.raises(RemoteProtocolError, match="does not speak DTC: it began with") as error:
        recognise(first, SERVERS_BEGIN_WITH)
    assert shown in str(error.value)


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01", encode(Heartbeat(), BINARY)])
def test_a_client_begins_with_an_encoding_request_or_a_logon(first: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="does not speak DTC"):
        recognise(first[:16], CLIENTS_BEGIN_WITH)
