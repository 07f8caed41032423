"""Addresses of servers as traders write them."""

import pytest

from core.errors import ConfigurationError
from services.dtc.address import ConnectionSettings, default_slug, parse_address
from services.dtc.enums import EncodingEnum


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("dtc://localhost:11099", ConnectionSettings("", "localhost", 11099)),
        ("  dtc://localhost:11099/ ", ConnectionSettings("", "localhost", 11099)),
        ("dtc://ann@10.0.0.7:11099", ConnectionSettings("", "10.0.0.7", 11099, "ann")),
        ("dtc://[::1]:11099", ConnectionSettings("", "::1", 11099)),
        (
            "dtc://h:1?encoding=json&history=11098&tls=0&transport=tcp&name=sierra-1",
            ConnectionSettings("sierra-1", "h", 1, "", EncodingEnum.JSON_ENCODING, 11098),
        ),
        ("dtc://h:1?encoding=binary", ConnectionSettings("", "h", 1, "", EncodingEnum.BINARY_ENCODING)),
        ("dtc://h:1?encoding=compact", ConnectionSettings("", "h", 1, "", EncodingEnum.JSON_COMPACT_ENCODING)),
        ("dtc://h:1?encoding=auto", ConnectionSettings("", "h", 1)),
    ],
)
def test_an_address_becomes_settings(url: str, expected: ConnectionSettings) -> None:
    assert parse_address(url) == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:11099", "begin with dtc://"),
        ("", "begin with dtc://"),
        ("http://localhost:11099", "begin with dtc://"),
        ("dtc://localhost", "needs a port"),
        ("dtc://localhost:0", "needs a port"),
        ("dtc://localhost:99999", "cannot be read"),
        ("dtc://localhost:port", "cannot be read"),
        ("dtc://:11099", "names no host"),
        ("dtc://a b:11099", "names no host"),
        ("dtc://h:1/path", "goes on after the port"),
        ("dtc://h:1#x", "goes on after the port"),
        ("dtc://ann:secret@h:1", "password must not be part"),
        ("dtc://ann:@h:1", "password must not be part"),
        ("dtc://h:1?encoding=vls", "not served yet"),
        ("dtc://h:1?encoding=protobuf", "not served yet"),
        ("dtc://h:1?encoding=xml", "is not known"),
        ("dtc://h:1?tls=1", "TLS is not served yet"),
        ("dtc://h:1?tls=yes", "not understood"),
        ("dtc://h:1?transport=ws", "WebSocket is not served yet"),
        ("dtc://h:1?transport=udp", "not understood"),
        ("dtc://h:1?history=none", "not a port"),
        ("dtc://h:1?history=70000", "not a port"),
        ("dtc://h:1?colour=red", "not known"),
        ("dtc://h:1?name=a&name=b", "twice"),
        ("dtc://h:1?name=Upper", "cannot be used"),
        ("dtc://h:1?name=", "cannot be used"),
        ("dtc://h:1?name=-a", "cannot be used"),
        ("dtc://h:1?name=" + "a" * 33, "cannot be used"),
        ("dtc://h:1?name=sim", "built-in simulator"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as refusal:
        parse_address(url)
    assert "\n" not in str(refusal.value)


def test_a_refusal_never_repeats_a_password() -> None:
    for url in ("dtc://ann:s3cret@h", "dtc://ann:s3cret@h:1", "http://ann:s3cret@h:1"):
        with pytest.raises(ConfigurationError) as refusal:
            parse_address(url)
        assert "s3cret" not in str(refusal.value)


def test_the_default_slug_is_the_same_for_the_same_host_port_and_user_only() -> None:
    slug = default_slug(parse_address("dtc://Server.example.com:11099"))
    assert slug == default_slug(parse_address("dtc://server.example.com:11099?encoding=json"))
    others = {
        default_slug(parse_address(url))
        for url in ("dtc://server.example.com:11100", "dtc://u@server.example.com:11099", "dtc://[::1]:11099")
    }
    assert len(others) == 3
    assert slug not in others


def test_a_default_slug_may_be_given_as_a_name() -> None:
    for url in ("dtc://127.0.0.1:11099", "dtc://[::1]:1", "dtc://a-very-long-name-of-a-host.example.com:65535"):
        slug = default_slug(parse_address(url))
        assert parse_address(f"dtc://h:1?name={slug}").slug == slug


def test_the_server_is_named_as_the_trader_knows_it() -> None:
    assert parse_address("dtc://[::1]:11099").server == "[::1]:11099"
    assert parse_address("dtc://u@host:11099").server == "host:11099"
