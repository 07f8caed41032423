"""Fetching over a real socket: a compression that cannot be read is done without, once."""

import socket
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from threading import Thread

from core.clock import SystemClock
from core.history import HistoryArrived, HistoryFailed
from core.model.instrument import Instrument
from services.dtc.address import ConnectionSettings
from services.dtc.codec import encode
from services.dtc.history_fetch import fetch
from services.dtc.messages.connection import LogonResponse
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataRequest,
    HistoricalPriceDataResponseHeader,
)
from services.dtc.price_scale import PriceScale
from services.dtc.session import Session
from services.dtc.session_events import LogonRequested
from services.dtc.session_settings import Role, SessionSettings
from tests.services.dtc.test_history_records import record, wanted

SCALE = PriceScale(Instrument("ES", Decimal("0.25")))


@contextmanager
def serving(
    spoils_compressed: bool = False, leaves_after: int | None = None
) -> Iterator[tuple[ConnectionSettings, list[int]]]:
    """A server that answers one connection after another; the list has whether each asked for compression."""
    asked: list[int] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    connected, _ = listener.accept()
                except OSError:
                    return
                with closing(connected):
                    _answer(connected, asked, spoils_compressed, leaves_after)

        server = Thread(target=serve, daemon=True)
        server.start()
        yield ConnectionSettings("x", "127.0.0.1", listener.getsockname()[1]), asked
        with suppress(OSError):  # which closing does on Windows
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        server.join(10)


def _answer(connected: socket.socket, asked: list[int], spoils: bool, leaves_after: int | None) -> None:
    session = Session(Role.SERVER, SessionSettings(), 0.0)
    while data := connected.recv(65_536):
        session.receive_data(data, 0.0)
        for item in session.messages():
            if isinstance(item, LogonRequested):
                session.accept_logon(LogonResponse(Result=1))
            elif isinstance(item, HistoricalPriceDataRequest):
                asked.append(item.UseZLibCompression)
                session.send(HistoricalPriceDataResponseHeader(UseZLibCompression=item.UseZLibCompression))
                rows = [record(minute, IsFinalRecord=int(minute == 9)) for minute in range(leaves_after or 10)]
                body = b"".join(encode(row, session.encoding) for row in rows)
                _flush(connected, session)
                packed = b"spoilt" if spoils else zlib.compress(body)
                connected.sendall(packed if item.UseZLibCompression else body)
                if leaves_after:
                    return
        _flush(connected, session)


def _flush(connected: socket.socket, session: Session) -> None:
    data = session.data_to_send()
    connected.sendall(data)
    session.data_sent(len(data))


def get(place: ConnectionSettings) -> HistoryArrived | HistoryFailed:
    return fetch(place, "", wanted(), SCALE, SystemClock(), lambda _: None, lambda: False)


def test_an_answer_comes_compressed_where_the_server_can() -> None:
    with serving() as (place, asked):
        answer = get(place)
    assert asked == [1]
    assert isinstance(answer, HistoryArrived)
    assert answer.bars[-1].start - answer.bars[0].start == timedelta(minutes=9)


def test_a_compression_that_cannot_be_read_is_done_without() -> None:
    with serving(spoils_compressed=True) as (place, asked):
        answer = get(place)
    assert asked == [1, 0]
    assert isinstance(answer, HistoryArrived)
    assert len(answer.bars) == 10


def test_an_answer_that_breaks_off_is_a_failure_and_not_a_short_history() -> None:
    with serving(leaves_after=4) as (place, _):
        answer = get(place)
    assert isinstance(answer, HistoryFailed)
    assert "before the last record" in answer.text
