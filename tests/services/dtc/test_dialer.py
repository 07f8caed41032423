"""Opening a connection without blocking."""

import selectors
import socket
from collections.abc import Iterator

import pytest

from core.errors import ConnectionLost
from services.dtc import dialer
from services.dtc.dialer import CONNECT_WITHIN_S, dial


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as made:
        yield made


class Turns:
    """Counts turns; each takes a second."""

    def __init__(self, selector: selectors.BaseSelector, until: int = 1000) -> None:
        self.count = 0
        self._selector = selector
        self._until = until

    def now_s(self) -> float:
        return float(self.count)

    def turn(self) -> bool:
        self._selector.select(0)
        self.count += 1
        return self.count < self._until


def test_a_listening_server_is_reached_and_the_selector_left_clean(selector: selectors.BaseSelector) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        turns = Turns(selector)
        with dial("127.0.0.1", server.getsockname()[1], selector, turns.now_s, turns.turn) or pytest.fail() as dialed:
            assert dialed.getpeername() == server.getsockname()
            assert not dialed.getblocking()
    assert selector.get_map() == {}


def test_a_closed_port_is_told_with_the_systems_words(selector: selectors.BaseSelector) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    turns = Turns(selector)
    with pytest.raises(ConnectionLost, match=f"No connection to 127.0.0.1:{port}: "):
        dial("127.0.0.1", port, selector, turns.now_s, turns.turn)
    assert selector.get_map() == {}


def test_no_answer_is_given_up_after_a_while(selector: selectors.BaseSelector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_is_connected", lambda _: False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        turns = Turns(selector)
        with pytest.raises(ConnectionLost, match="no answer within 10 s"):
            dial("127.0.0.1", server.getsockname()[1], selector, turns.now_s, turns.turn)
    assert turns.count == CONNECT_WITHIN_S
    assert selector.get_map() == {}


def test_being_told_to_stop_ends_it_at_once(selector: selectors.BaseSelector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_is_connected", lambda _: False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        turns = Turns(selector, until=3)
        assert dial("127.0.0.1", server.getsockname()[1], selector, turns.now_s, turns.turn) is None
    assert turns.count == 3
    assert selector.get_map() == {}
