"""The whole terminal with its real window: buy, kill -9, restart, recover, close; and a line that drops."""

from decimal import Decimal

import pytest

from panels.formatting import result
from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World
from tests.end_to_end.deadlines import until
from tests.end_to_end.test_crash_points import KILLED, die_in


def test_buy_kill_restart_recover_close_through_the_window(world: World) -> None:
    process = world.engine("ready", "buy:2", "mark", "hang", program=WINDOW)
    assert process.stdout is not None
    assert process.stdout.readline() == '{"mark": true}\n'
    process.kill()
    process.wait(20)
    assert world.broker_quantity() == 2.0
    recovered, closed = world.run("ready", "facts", "close", "facts", "quit", program=WINDOW)
    assert recovered["labels"]["p2Side"].startswith("LONG 2")
    assert recovered["quantity"] == "2"
    assert closed["quantity"] == "0"
    assert closed["labels"]["p2Side"] == "FLAT", "I13: the window shows what is committed"
    assert invariants.rows(world.database, "open_position") == []
    assert not closed["halted"]
    assert world.broker_quantity() == 0.0
    orders = [order for order in world.state()["orders"] if order["side"] == "SELL"]
    assert len(orders) == 1, "twenty presses of Close are one order"
    invariants.check(world.database)


@pytest.mark.parametrize("point", ["order.handed_over", "fill.position_written", "close.order_committed"])
def test_a_kill_under_the_window_loses_nothing(world: World, point: str) -> None:
    steps = ("ready", "buy:2", "close") if point.startswith("close") else ("ready", "buy:2")
    assert die_in(world, steps, f"{point}:1", WINDOW) == KILLED
    before, after = world.run("ready", "settle", "facts", "close_if_open", "settle", "facts")
    assert float(after["quantity"]) == 0.0
    assert not before["halted"]
    assert world.broker_quantity() == 0.0
    invariants.check(world.database)


def test_closed_trades_are_in_the_statistics_and_on_the_curve_at_once(world: World) -> None:
    steps = ("ready", "buy:2", "close", "trades:1", "buy:1", "close", "trades:2", "facts", "quit")
    (facts,) = world.run(*steps, program=WINDOW)
    labels = facts["labels"]
    trades = invariants.rows(world.database, "trade_record")
    # This venue has no schedule of fees, so the figures are gross, as the day's is.
    net = sum((Decimal(row["realized_pnl"]) - Decimal(row["commissions"] or 0) for row in trades), Decimal(0))
    assert labels["p3Cell_pnl"] == result(net)
    assert labels["p1DayNet"] == result(net)
    assert labels["p1CurveText"].startswith(result(net))


def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(world: World) -> None:
    logs = world.folder / "logs"
    (logs / "stanchion.jsonl").mkdir(parents=True)
    (facts,) = world.run("ready", "buy:1", "close", "pause:1", "facts", "quit", program=WINDOW)
    assert facts["quantity"] == "0"
    assert any("Log lines cannot be written" in notice for notice in facts["notices"])


def test_the_gui_thread_is_never_away_for_long(world: World) -> None:
    (facts,) = world.run("ready", "buy:1", "close", "facts", "quit", program=WINDOW)
    assert facts["quantity"] == "0"
    # I10 speaks of 100 ms on a machine of its own; two test workers and a simulator share this one.
    assert facts["away_ms"] < 1000


@pytest.mark.row(74)
def test_a_fill_while_the_line_is_down_is_booked_with_its_own_id_and_time(world: World) -> None:
    process = world.engine("ready", "buy:2", "stop:2", "mark", "until:0", "ready", "facts")
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == '{"mark": true}\n'
    world.line.cut()
    process.stdin.write("go\n")
    process.stdin.flush()
    stop = next(order for order in world.state()["orders"] if order["kind"].upper().startswith("STOP"))
    world.venue.control("fill_now", server_order_id=stop["server_order_id"])
    until(lambda: world.broker_quantity() == 0.0, "the stop to fill")
    world.line.mend()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert "While away" in out
    invariants.check(world.database)
    booked = {row["execution_id"]: row for row in invariants.rows(world.database, "fill_record")}
    theirs = {row["execution_id"]: row for row in world.state()["fills"]}
    assert set(booked) == set(theirs)
    (trade,) = invariants.rows(world.database, "trade_record")
    assert trade["exit_price"] is not None
