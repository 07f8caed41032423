"""Several lines at once, both encodings, and what happens when a part of the program dies."""

import socket
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest

from app.config import StoredSettings, read_settings, write_settings
from app.connections import named_lines
from app.engine import Engine, EngineSettings
from core import commands
from core.clock import SystemClock
from core.errors import ConfigurationError
from core.events import Link
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import Mode, PositionKey
from core.snapshot import Snapshot
from tests.end_to_end import invariants
from tests.end_to_end.conftest import World
from tests.end_to_end.deadlines import until
from tests.end_to_end.engine_process import SYMBOL, Driver


def test_json_serves_as_well_as_binary(world: World) -> None:
    driver = Driver(world.folder, f"dtc://127.0.0.1:{world.venue.port}?encoding=json&name=venue", {})
    driver.run(["ready", "buy:2", "stop:2", "close", "settle"])
    assert world.broker_quantity() == 0.0
    invariants.check(world.database)


def test_prices_that_travel_scaled_are_shown_and_sent_as_they_are(tmp_path: Path) -> None:
    world = World(tmp_path, {"MES": Decimal("0.01")})
    try:
        driver = Driver(world.folder, world.address, {})
        driver.run(["ready", "buy:2", "stop:2", "settle"])
        (position,) = invariants.rows(world.database, "open_position")
        assert 6000 < Decimal(position["entry_price"]) < 7000
        (stop,) = [order for order in world.state()["orders"] if order["side"] == "SELL"]
        mine = [order for order in invariants.rows(world.database, "order_record") if order["side"] == "SELL"]
        assert [Decimal(order["trigger_price"]) for order in mine] == [Decimal(stop["stop_price"])]
    finally:
        world.close()
    invariants.check(world.database)


def test_a_refused_logon_shows_the_servers_words_while_it_is_tried_again(world: World) -> None:
    world.venue.control("refuse_logon", count=1, text="Unknown user")
    driver = Driver(world.folder, world.address, {})
    driver.engine.start()
    try:
        driver.wait(lambda s: "Unknown user" in _line_text(s), "the words of the server")
        assert driver.engine.state.snapshot().entry_block["venue"]
        driver.engine.post(commands.ReconnectNow("venue"))
        driver.ready()
        assert "Unknown user" not in _line_text(driver.engine.state.snapshot())
    finally:
        driver.engine.stop()


def test_a_server_of_another_protocol_is_named_and_tried_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = Thread(target=_greet, args=(listener,), daemon=True)
        greeter.start()
        driver = Driver(tmp_path, f"dtc://127.0.0.1:{listener.getsockname()[1]}?name=venue", {})
        driver.engine.start()
        try:
            driver.wait(lambda s: "does not speak DTC" in _line_text(s), "the reason")
            driver.wait(lambda s: s.connections["venue"].attempt >= 1, "the next try to be planned")
        finally:
            driver.engine.stop()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
    greeter.join(10)
    assert not greeter.is_alive()


def _line_text(snapshot: Snapshot) -> str:
    status = snapshot.connections.get("venue")
    return "" if status is None else status.text


def _greet(listener: socket.socket) -> None:
    """Answer every connection as a mail or web server would, until the listener closes."""
    with suppress(OSError):
        while True:
            line, _ = listener.accept()
            with line:
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_two_brokers_at_once_keep_their_positions_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    left, right = World(tmp_path / "a"), World(tmp_path / "b")
    addresses = [left.address, right.address.replace("name=venue", "name=other")]
    lines, stored = named_lines(addresses, 0, read_settings(left.folder))
    modes = {"Sim1": Mode.SIM, "Sim2": Mode.SIM}
    engine = Engine(EngineSettings(left.folder, stored, lines, classify=modes, symbol=SYMBOL), SystemClock())
    engine.start()
    try:
        keys = [PositionKey(line.slug, "Sim1", SYMBOL) for line in lines]

        def ready() -> bool:
            snapshot = engine.state.snapshot()
            links = [one.link for one in snapshot.connections.values()]
            known = all((key.connection, SYMBOL) in snapshot.instruments for key in keys)
            return known and links == [Link.READY, Link.READY]

        until(ready, "both lines to be READY")
        for key, side in zip(keys, (Side.BUY, Side.SELL), strict=True):
            engine.post(commands.SubmitOrder(f"open {key}", key, side, OrderType.MARKET, Decimal(2)))
        until(lambda: len(engine.state.snapshot().positions) == 2, "two positions")
        assert (left.broker_quantity(), right.broker_quantity()) == (2.0, -2.0)
        left.line.cut()
        until(lambda: engine.state.snapshot().connections["venue"].link is Link.OFFLINE, "one line to be down")
        assert engine.state.snapshot().connections["other"].link is Link.READY
        engine.post(commands.ClosePosition("close", keys[1]))
        until(lambda: keys[1] not in engine.state.snapshot().positions, "the other position to be closed")
        assert engine.state.snapshot().positions[keys[0]].quantity == 2
    finally:
        engine.stop()
        left.close()
        right.close()
    assert {row["connection"] for row in invariants.rows(left.database, "fill_record")} == {"venue", "other"}
    assert [row["connection"] for row in invariants.rows(left.database, "open_position")] == ["venue"]


def test_a_core_thread_that_ends_halts_entries_visibly(world: World, caplog: pytest.LogCaptureFixture) -> None:
    driver = Driver(world.folder, world.address, {})
    driver.engine.start()
    driver.ready()
    assert driver.engine.watch() == ""
    driver.engine.lines["venue"].stop()
    assert driver.engine.watch() == "network:venue"
    assert "network:venue" in driver.engine.state.snapshot().halted
    driver.engine.stop()
    halted = Driver(world.folder, world.address, {})
    assert halted.engine.report.unclean, "a halted session did not end cleanly"
    halted.engine.start()
    halted.engine.stop()


def test_a_line_keeps_its_name(tmp_path: Path) -> None:
    lines, stored = named_lines(["dtc://127.0.0.1:11099"], 0, StoredSettings("ABCD"))
    write_settings(tmp_path, stored)
    again, _ = named_lines(["dtc://127.0.0.1:11099?encoding=json"], 0, read_settings(tmp_path))
    assert lines[0].slug == again[0].slug
    with pytest.raises(ConfigurationError, match="named"):
        named_lines(["dtc://127.0.0.1:11099", "dtc://127.0.0.1:11099"], 0, stored)
