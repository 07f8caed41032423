"""The history port: one answer a connection, refusals in words, and nothing a client does holds the market up."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from core.clock import SystemClock
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistoryWanted
from core.model.bar import Bar, ChartKey, Interval
from core.model.instrument import Instrument
from data.simulator_store import SqliteSimulatorStore
from services.dtc.address import ConnectionSettings
from services.dtc.codec import encode
from services.dtc.enums import EncodingEnum
from services.dtc.history_fetch import fetch
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonRequest
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataReject,
    HistoricalPriceDataRequest,
    HistoricalPriceDataResponseHeader,
)
from services.dtc.price_scale import PriceScale
from services.dtc.session import Session
from services.dtc.session_settings import Role, SessionSettings
from services.simulator.errors import PortBusy
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.end_to_end.deadlines import until

SYMBOL = "BTC-PERP"
BINARY = EncodingEnum.BINARY_ENCODING
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorServer]:
    folder = tmp_path_factory.mktemp("simulator")
    store = SqliteSimulatorStore(folder / "s.sqlite3")
    multipliers = {SYMBOL: Decimal("0.01")}
    made = SimulatorServer(
        SimulatorSettings(folder, history_port=0, keep_running=True, price_multipliers=multipliers), store
    )
    made.start()
    yield made
    made.stop()
    store.close()


def get(
    server: SimulatorServer,
    interval: str = "1m",
    back: timedelta = timedelta(hours=3),
    *,
    encoding: EncodingEnum = BINARY,
    compress: bool = True,
    symbol: str = SYMBOL,
    until: datetime | None = None,
) -> HistoryArrived | HistoryFailed:
    key = ChartKey("x", symbol, Interval.parse(interval))
    wanted = HistoryWanted(1, key, (until or datetime.now(UTC)) - back, until)
    place = ConnectionSettings("x", "127.0.0.1", server.history_port, encoding=encoding)
    scale = PriceScale(Instrument(symbol, Decimal("0.5")), Decimal("0.01"))
    told: list[HistoryProgress] = []
    return fetch(place, "", wanted, scale, CLOCK, told.append, lambda: False, compress=compress)


def bars(answer: HistoryArrived | HistoryFailed) -> tuple[Bar, ...]:
    assert isinstance(answer, HistoryArrived), answer
    return answer.bars


class Caller:
    """A client that says what it likes."""

    def __init__(self, server: SimulatorServer, port: int = 0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port or server.history_port), timeout=10)
        self.session = Session(Role.CLIENT, SessionSettings(), 0.0)

    def ask(self, request: HistoricalPriceDataRequest) -> Message:
        """Return the first message of the answer."""
        asked = False
        while True:
            for item in self.session.messages():
                if isinstance(item, HistoricalPriceDataReject | HistoricalPriceDataResponseHeader):
                    return item
            if self.session.logon is not None and not asked:
                asked = True
                self.session.send(request)
            while data := self.session.data_to_send():
                self.session.data_sent(self.socket.send(data))
            received = self.socket.recv(65_536)
            assert received, "closed without an answer"
            self.session.receive_data(received, 0.0)


def ask(server: SimulatorServer, fields: dict[str, int | str], port: int = 0) -> Message:
    values = {"RequestID": 5, "Symbol": SYMBOL, "RecordInterval": 60, **fields}
    caller = Caller(server, port)
    with closing(caller.socket):
        return caller.ask(HistoricalPriceDataRequest(**values))  # type: ignore[arg-type]


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("encoding", [BINARY, EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING])
def test_every_encoding_tells_the_same_past(server: SimulatorServer, encoding: EncodingEnum, compress: bool) -> None:
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    told = bars(get(server, until=until, encoding=encoding, compress=compress))
    assert told == bars(get(server, until=until))
    assert len(told) == 180
    assert all(bar.close % Decimal("0.5") == 0 for bar in told)


@pytest.mark.parametrize(("short", "long"), [("1s", "1m"), ("1m", "1h"), ("5m", "1h"), ("1h", "1d")])
def test_bars_of_all_lengths_agree(server: SimulatorServer, short: str, long: str) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    back = timedelta(hours=2) if short == "1s" else timedelta(days=2)
    shorter = bars(get(server, short, back, until=midnight))
    for bar in bars(get(server, long, back, until=midnight)):
        seconds = Interval.parse(long).seconds
        assert seconds is not None
        part = [one for one in shorter if bar.start <= one.start < bar.start + timedelta(seconds=seconds)]
        assert (part[0].open, part[-1].close) == (bar.open, bar.close)
        assert max(one.high for one in part) == bar.high
        assert min(one.low for one in part) == bar.low
        assert sum(one.volume for one in part) == bar.volume


def test_the_past_is_asked_for_again_and_is_the_same(server: SimulatorServer) -> None:
    until = datetime.now(UTC) - timedelta(hours=1)
    assert bars(get(server, "100t", timedelta(minutes=20), until=until)) == bars(
        get(server, "100t", timedelta(minutes=20), until=until)
    )


def test_a_stretch_without_anything_says_so(server: SimulatorServer) -> None:
    assert bars(get(server, until=datetime(2001, 1, 1, tzinfo=UTC))) == ()
    header = ask(server, {"StartDateTime": int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())})
    assert isinstance(header, HistoricalPriceDataResponseHeader)
    assert header.NoRecordsToReturn


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"Symbol": "XYZ"}, "unknown"),
        ({"Symbol": ""}, "unknown"),
        ({"RecordInterval": 604_800}, "not served"),
        ({"RecordInterval": -1}, "not served"),
        ({"StartDateTime": 2_000_000_000, "EndDateTime": 1_000_000_000}, "before the start"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    server: SimulatorServer, fields: dict[str, int | str], text: str
) -> None:
    refused = ask(server, fields)
    assert isinstance(refused, HistoricalPriceDataReject)
    assert text in refused.RejectText
    assert refused.RequestID == 5


@pytest.mark.parametrize("moment", [-(2**63), -1, 2**62, 2**63 - 1])
@pytest.mark.parametrize("name", ["StartDateTime", "EndDateTime"])
def test_times_that_are_none_harm_nothing(server: SimulatorServer, name: str, moment: int) -> None:
    answer = ask(server, {name: moment})
    assert isinstance(answer, HistoricalPriceDataReject | HistoricalPriceDataResponseHeader)
    assert len(bars(get(server))) > 100


def test_the_main_port_sends_to_the_other_one(server: SimulatorServer) -> None:
    refused = ask(server, {}, server.port)
    assert isinstance(refused, HistoricalPriceDataReject)
    assert "a port of their own" in refused.RejectText
    assert refused.RejectReasonCode == 2


def test_a_client_that_does_not_read_holds_nobody_up(server: SimulatorServer) -> None:
    lazy = [Caller(server) for _ in range(3)]
    for caller in lazy:
        caller.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.ask(HistoricalPriceDataRequest(Symbol=SYMBOL, RecordInterval=60))
    assert len(bars(get(server))) > 100
    for caller in lazy:
        caller.socket.close()
    assert len(bars(get(server))) > 100


@pytest.mark.parametrize("seed", range(5))
def test_nonsense_ends_a_connection_and_nothing_else(server: SimulatorServer, seed: int) -> None:
    rng = Random(seed)
    with closing(socket.create_connection(("127.0.0.1", server.history_port), timeout=10)) as connected:
        if seed % 2:
            connected.sendall(encode(LogonRequest(ProtocolVersion=8), BINARY))
        connected.sendall(rng.randbytes(500))
        connected.settimeout(0.2)
        try:
            while connected.recv(4096):
                continue
        except (TimeoutError, ConnectionError):
            assert seed >= 0  # it waits for the rest of a message, or threw us out
    assert len(bars(get(server))) > 100


def test_no_client_of_history_keeps_a_market_running(tmp_path: Path) -> None:
    store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
    quiet = SimulatorServer(SimulatorSettings(tmp_path, history_port=0), store)
    quiet.start()
    assert len(bars(get(quiet))) > 100
    with closing(Caller(quiet).socket):
        assert quiet.count_lines() == 0
        assert not quiet._venue.running
    quiet.stop()
    store.close()


def test_a_history_port_that_is_taken_is_told(tmp_path: Path, server: SimulatorServer) -> None:
    store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
    other = SimulatorServer(SimulatorSettings(tmp_path, history_port=server.history_port), store)
    with pytest.raises(PortBusy, match="History port"):
        other.listen()
    other.close()
    store.close()


def test_what_was_lived_is_the_past_after_a_restart(tmp_path: Path) -> None:
    def run(lines: list[tuple[Bar, ...]]) -> None:
        store = SqliteSimulatorStore(tmp_path / "s.sqlite3")
        again = SimulatorServer(SimulatorSettings(tmp_path, history_port=0, keep_running=True, speed=200.0), store)
        again.start()
        now = again._venue.now_us
        until(lambda: again._venue.now_us > now + 150_000_000, "two minutes and a half")
        lines.append(bars(get(again)))
        again.stop()
        store.close()

    told: list[tuple[Bar, ...]] = []
    run(told)
    run(told)
    first, second = ({bar.start: bar for bar in one} for one in told)
    lived = sorted(first)[-3:-1]
    assert all(second[start] == first[start] for start in lived)
