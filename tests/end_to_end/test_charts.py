"""Charts in the assembled engine, with the real simulator: history in front, live trades behind, over gaps and ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.config import StoredSettings, read_settings
from app.connections import named_lines
from app.engine import Engine, EngineSettings
from core.chart_commands import HideChart, LoadOlder, ShowChart
from core.clock import SystemClock
from core.events import Link
from core.model.bar import BarSeries, BarSource, ChartKey, Interval
from data.simulator_store import SqliteSimulatorStore
from services import chart_series
from services.dtc.address import ConnectionSettings
from services.dtc.enums import EncodingEnum
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.data.books import put_empty_database
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import SYMBOL as MICRO

SYMBOL = "BTC-PERP"  # it trades around the clock, whatever day the tests run on
MINUTE = ChartKey("x", SYMBOL, Interval.parse("1m"))


@contextmanager
def simulator(folder: Path, port: int = 0, history_port: int | None = 0) -> Iterator[SimulatorServer]:
    store = SqliteSimulatorStore(folder / "simulator.sqlite3")
    settings = SimulatorSettings(folder, port=port, history_port=history_port, seed=7)
    server = SimulatorServer(settings, store)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        store.close()


@contextmanager
def terminal(
    folder: Path,
    port: int,
    history_port: int | None,
    encoding: EncodingEnum | None = None,
) -> Iterator[Engine]:
    folder.mkdir(exist_ok=True)
    if not (folder / "stanchion.sqlite3").exists():
        put_empty_database(folder)
    line = ConnectionSettings("x", "127.0.0.1", port, encoding=encoding, history_port=history_port)
    engine = Engine(EngineSettings(folder, StoredSettings(installation="TEST"), (line,)), SystemClock())
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def series(engine: Engine, key: ChartKey = MINUTE) -> BarSeries:
    return engine.state.snapshot().charts.get(key) or BarSeries(key)


def show(engine: Engine, is_so: Callable[[BarSeries], bool], what: str, key: ChartKey = MINUTE) -> BarSeries:
    engine.post(ShowChart(key))
    until(lambda: is_so(series(engine, key)), what)
    return series(engine, key)


def is_loaded(bars: BarSeries) -> bool:
    return bars.source is BarSource.VENUE and bars.progress is None and len(bars) > 300


@pytest.mark.parametrize(
    "encoding", [EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING]
)
def test_a_chart_has_history_and_a_bar_that_follows_the_market(tmp_path: Path, encoding: EncodingEnum) -> None:
    with (
        simulator(tmp_path) as server,
        terminal(tmp_path / "t", server.port, server.history_port, encoding) as engine,
    ):
        loaded = show(engine, is_loaded, "history")
        assert loaded.problem == ""
        assert [bar.start for bar in loaded] == sorted({bar.start for bar in loaded})
        assert datetime.now(UTC) - loaded[-1].start < timedelta(minutes=2)
        until(lambda: (series(engine).forming or loaded[0]).volume > loaded[-1].volume, "a trade more")
        until(
            lambda: (now := engine.state.snapshot()).charts[MINUTE][-1].close == now.quotes["x", SYMBOL].last,
            "the last price",
        )
        # what is shared is not copied
        assert series(engine).chunks[0] is loaded.chunks[0]


@pytest.mark.parametrize("interval", ["5s", "4h", "50t"])
def test_every_interval_has_bars(tmp_path: Path, interval: str) -> None:
    key = ChartKey("x", SYMBOL, Interval.parse(interval))
    with simulator(tmp_path) as server, terminal(tmp_path / "t", server.port, server.history_port) as engine:
        loaded = show(engine, is_loaded, "history", key)
        moved = loaded.last_trade
        until(lambda: series(engine, key).last_trade != moved, "a trade")
        assert series(engine, key).forming is not None


def test_the_history_of_a_market_meets_its_opening(tmp_path: Path) -> None:
    with simulator(tmp_path) as server, terminal(tmp_path / "t", server.port, server.history_port) as engine:
        loaded = show(engine, is_loaded, "history")
        before, after = loaded[-2], loaded[-1]
        assert abs(after.open - before.close) / before.close < after.open / 1000
        until(lambda: bool(engine.state.snapshot().instruments), "the contract")
        instrument = engine.state.snapshot().instruments["x", SYMBOL]
        assert all(instrument.snap(price)[1] for bar in loaded for price in (bar.open, bar.high, bar.low, bar.close))


def test_older_bars_come_when_they_are_asked_for_and_a_hidden_chart_is_gone(tmp_path: Path) -> None:
    with simulator(tmp_path) as server, terminal(tmp_path / "t", server.port, server.history_port) as engine:
        loaded = show(engine, is_loaded, "history")
        assert loaded.has_older
        engine.post(LoadOlder(MINUTE))
        until(lambda: len(series(engine)) > len(loaded) + 300, "older bars")
        assert series(engine)[0].start < loaded[0].start
        engine.post(HideChart(MINUTE))
        until(lambda: MINUTE not in engine.state.snapshot().charts, "the end of the chart")


def test_what_was_missed_while_the_line_was_down_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_series, "_SETTLES_IN", timedelta(seconds=1))  # this venue forgets nothing
    key = ChartKey("x", SYMBOL, Interval.parse("1s"))
    with simulator(tmp_path) as server, terminal(tmp_path / "t", server.port, server.history_port) as engine:
        show(engine, is_loaded, "history", key)
        server.control("drop")
        until(lambda: engine.state.snapshot().connections["x"].link is not Link.READY, "the line down")
        until(lambda: engine.state.snapshot().connections["x"].link is Link.READY, "the line up")
        until(lambda: any(bar.is_gap for bar in series(engine, key)), "a gap")
        until(lambda: not any(bar.is_gap for bar in series(engine, key)), "every bar whole", 40.0)


def test_a_venue_without_a_history_port_has_what_was_seen_over_an_end_of_the_program(tmp_path: Path) -> None:
    key = ChartKey("x", SYMBOL, Interval.parse("1s"))
    with simulator(tmp_path, history_port=None) as server:
        with terminal(tmp_path / "t", server.port, None) as engine:
            seen = show(engine, lambda bars: bars.closed_count >= 3, "bars", key)
            assert seen.source is not BarSource.VENUE
            assert seen.problem == ""
        with terminal(tmp_path / "t", server.port, None) as engine:
            found = show(engine, lambda bars: bars.closed_count >= 3 and bars[0].start <= seen[1].start, "bars", key)
            until(lambda: series(engine, key).source is BarSource.OWN, "its source")
            assert {bar.start: bar.close for bar in found}[seen[1].start] == seen[1].close
            count = len(found)
            until(lambda: len(series(engine, key)) > count, "live bars behind")
            assert any(bar.is_gap for bar in series(engine, key))  # nobody looked in between


def test_a_history_port_nobody_listens_on_is_told_and_tried_again(tmp_path: Path) -> None:
    with simulator(tmp_path) as server:
        port = server.history_port
    with simulator(tmp_path, history_port=None) as server, terminal(tmp_path / "t", server.port, port) as engine:
        failed = show(engine, lambda bars: bool(bars.problem), "the failure")
        assert "Nothing listens" in failed.problem
        until(lambda: series(engine).forming is not None, "live bars all the same")


def test_a_killed_terminal_finds_the_trades_it_saw(world: World) -> None:
    key = ChartKey("venue", MICRO, Interval.parse("1s"))
    killed = world.engine("ready", "hang")
    kept = world.folder / "ticks" / "venue" / MICRO
    until(lambda: sum(path.read_bytes().count(b"\n") for path in kept.glob("*.csv")) > 50, "trades kept")
    killed.kill()
    killed.wait(20)
    died = datetime.now(UTC)
    lines, stored = named_lines([world.address], 0, read_settings(world.folder))
    engine = Engine(EngineSettings(world.folder, stored, lines), SystemClock())
    engine.start()
    try:
        shown = show(engine, lambda bars: len(bars) > 3 and bars[0].start < died, "what was seen", key)
        assert shown.source is BarSource.OWN
        assert sum(bar.trades for bar in shown if bar.start < died) >= 40  # but for a second's
        until(lambda: series(engine, key)[-1].start > died, "live bars behind")
    finally:
        engine.stop()
