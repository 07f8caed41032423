"""Alerts ring once and truly, over restarts, lost lines and a store that refuses; and they trade nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.alert_commands import AddAlert, MarkAlertsRead, RemoveAlert, SwitchAlert
from core.announcement import About
from core.errors import PersistenceError
from core.events import Level, Link, LinkChanged, TicksWaiting
from core.model.alert import MAX_ALERTS, Alert, AlertKind, AlertState, Way
from core.model.fill import Side
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.market import Aggressor, Quote, Tick
from core.model.order import OrderType
from core.model.scope import PositionKey
from services.alert_service import PATIENCE_S
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk

D = Decimal


@pytest.fixture
def desk() -> Desk:
    made = started()
    trades(made, "5000")
    return made


def started(folder: Path | None = None, **more: object) -> Desk:
    clock = ManualClock()
    return Desk(folder, brokers=[FakeBroker(clock)], clock=clock, **more).start()  # type: ignore[arg-type]


def trades(desk: Desk, *prices: str, symbol: str = "ESZ6", dropped: int = 0) -> None:
    """Have the market trade at these prices, one after the other, and the engine take them at once."""
    now = desk.clock.now()
    for price in prices:
        desk.state.put_quote("sim", Quote(symbol, last=D(price), received_at=now))
        desk.state.put_tick("sim", Tick(symbol, D(price), D(1), Aggressor.BUYER, now, now))
        desk.broker.script.market_price = D(price)
    desk.handle(TicksWaiting())


def add(desk: Desk, level: str, kind: AlertKind = AlertKind.PRICE, way: Way = Way.ABOVE, **more: object) -> Alert:
    number = len(desk.snapshot.alerts) + 1
    desk.handle(AddAlert(f"alert-{number}", kind, ES, way, D(level), **more))  # type: ignore[arg-type]
    return desk.snapshot.alerts[-1]


def rang(desk: Desk) -> list[str]:
    return [one.text for one in desk.said if one.about is About.ALERT]


def test_a_crossed_price_rings_once_with_the_price_that_did_it(desk: Desk) -> None:
    add(desk, "5001")
    trades(desk, "5000.75")
    assert rang(desk) == []
    trades(desk, "5001.25", "5002", "4999", "5003")
    desk.tick(2)
    assert rang(desk) == ["Alert: ESZ6 is 5003.00, above 5001.00."]
    (alert,) = desk.snapshot.alerts
    assert (alert.state, alert.fired, alert.unread, alert.key.account) == (AlertState.TRIGGERED, 1, 1, "")
    assert desk.said[-1].level is Level.CAUTION


def test_a_touch_between_two_looks_is_not_missed(desk: Desk) -> None:
    add(desk, "5010", note="top of the range")
    trades(desk, "5000.25", "5010", "5000")
    assert rang(desk) == ["Alert: ESZ6 reached 5010.00. top of the range"]


def test_an_alert_sends_nothing_to_the_broker(desk: Desk) -> None:
    before = list(desk.broker.received)
    add(desk, "5001")
    trades(desk, "5002")
    desk.tick(1)
    assert rang(desk) and desk.broker.received == before


def test_the_press_that_comes_twice_is_one_alert(desk: Desk) -> None:
    command = AddAlert("press", AlertKind.PRICE, ES, Way.ABOVE, D(5001))
    desk.handle(command, command)
    assert len(desk.snapshot.alerts) == 1
    trades(desk, "5002")
    desk.handle(command)
    assert desk.snapshot.alerts[0].state is AlertState.TRIGGERED, "the same press does not set it again"
    assert desk.heard("Alert set: ESZ6 at or above 5001.00.")


def test_what_is_beyond_now_is_said_to_wait(desk: Desk) -> None:
    add(desk, "4990")
    assert desk.heard("It is beyond that now: first it has to come back.")
    trades(desk, "5005")
    assert rang(desk) == []


def test_while_the_line_is_down_that_is_said_once_and_so_is_that_it_is_over(desk: Desk) -> None:
    add(desk, "5001")
    add(desk, "4990", way=Way.BELOW)
    desk.broker.drop()
    desk.settle()
    desk.tick(1)
    (one, _) = desk.snapshot.alerts
    assert (one.state, one.reason) == (AlertState.NOT_EVALUATED, "sim is down")
    assert not desk.heard("not evaluated")
    desk.tick(PATIENCE_S + 2)
    said = [text for text in desk.texts() if "evaluated" in text]
    assert said == ["2 alerts on ESZ6 are not evaluated: sim is down."]
    desk.broker.connect()
    desk.settle()
    trades(desk, "5000.25")
    desk.tick(1)
    assert desk.texts()[-1] == "2 alerts on ESZ6 are evaluated again."
    assert rang(desk) == []


def test_what_was_crossed_while_the_line_was_down_rings_with_the_first_price(desk: Desk) -> None:
    add(desk, "5001")
    desk.broker.drop()
    desk.settle()
    desk.tick(1)
    desk.broker.connect()
    desk.settle()
    desk.tick(1)
    assert rang(desk) == [], "the price from before the drop is no news"
    trades(desk, "5004")
    (text,) = rang(desk)
    assert text.endswith("It was crossed while prices were missing.")


def test_a_short_drop_is_not_told(desk: Desk) -> None:
    add(desk, "5001")
    desk.broker.drop()
    desk.settle()
    desk.tick(3)
    desk.broker.connect()
    desk.settle()
    trades(desk, "5000")
    desk.tick(PATIENCE_S + 5)
    assert not desk.heard("evaluated")


def test_a_symbol_without_a_price_says_so_and_is_asked_for(desk: Desk) -> None:
    desk.handle(AddAlert("a", AlertKind.PRICE, PositionKey("sim", "Sim1", "NQZ6"), Way.ABOVE, D(20000)))
    assert "NQZ6" in desk.broker.subscribed
    desk.tick(PATIENCE_S + 2)
    assert desk.heard("1 alert on NQZ6 is not evaluated: no price of NQZ6 yet.")


@pytest.mark.parametrize("clean", [True, False])
def test_alerts_survive_a_restart_with_what_they_know(tmp_path: Path, clean: bool) -> None:
    desk = started(tmp_path)
    trades(desk, "5000")
    add(desk, "5001")
    add(desk, "4000", way=Way.BELOW)
    trades(desk, "3999")
    assert len(rang(desk)) == 1
    desk.restart(clean=clean)
    first, second = desk.snapshot.alerts
    assert (first.armed, first.state) == (True, AlertState.ACTIVE)
    assert (second.state, second.unread) == (AlertState.TRIGGERED, 1)
    trades(desk, "5002")
    assert len(rang(desk)) == 1, "crossed while the program did not run; the one that rang stays silent"
    desk.stop()


def test_the_trader_reads_switches_and_removes(desk: Desk) -> None:
    alert = add(desk, "5001", repeats=True)
    trades(desk, "5002", "5000", "4999", "5002")
    assert desk.snapshot.alerts[0].unread == 2, "up, back and up again"
    trades(desk, "4999")
    trades(desk, "5002")
    assert desk.snapshot.alerts[0].unread == 3
    desk.handle(MarkAlertsRead())
    assert desk.snapshot.alerts[0].unread == 0
    desk.handle(SwitchAlert(alert.alert_id, on=False))
    trades(desk, "4999", "5002")
    desk.tick(1)
    assert (desk.snapshot.alerts[0].state, desk.snapshot.alerts[0].unread) == (AlertState.OFF, 0)
    desk.handle(SwitchAlert(alert.alert_id, on=True))
    trades(desk, "4999", "5002")
    assert desk.snapshot.alerts[0].unread == 1
    desk.handle(RemoveAlert(alert.alert_id), RemoveAlert(alert.alert_id))
    assert desk.snapshot.alerts == ()


def test_a_store_that_refuses_loses_no_ring_and_keeps_trading(desk: Desk) -> None:
    add(desk, "5001")
    disk = desk.memory.disk
    disk.error = PersistenceError("the disk is full")
    trades(desk, "5002")
    assert len(rang(desk)) == 1
    desk.handle(AddAlert("late", AlertKind.PRICE, ES, Way.ABOVE, D(5010)))
    assert desk.heard("No alert was set: it could not be stored.", Level.ERROR)
    assert not desk.snapshot.halted
    disk.error = None
    desk.tick(12)
    assert desk.store.alerts.alerts()[0].state is AlertState.TRIGGERED
    assert len(rang(desk)) == 1


def test_open_result_r_and_time_follow_the_position(desk: Desk) -> None:
    add(desk, "-200", AlertKind.OPEN_PNL, Way.BELOW)
    add(desk, "2", AlertKind.R)
    add(desk, "90", AlertKind.TIME_IN_TRADE)
    trades(desk, "4990", "5000")
    desk.tick(1)
    assert rang(desk) == [], "nothing is open"
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4998")
    desk.tick(1)
    trades(desk, "4998")
    assert rang(desk) == ["Alert: Open P&L of ESZ6 in Sim1 reached -200.00."]
    trades(desk, "5004.25")
    assert rang(desk)[-1] == "Alert: R of ESZ6 in Sim1 is 2.12R, above 2.00R."
    desk.tick(91)
    assert rang(desk)[-1] == "Alert: Time in trade of ESZ6 in Sim1 reached 1:30."
    assert len(rang(desk)) == 3


def test_r_is_not_evaluated_without_a_stop(desk: Desk) -> None:
    add(desk, "1", AlertKind.R)
    desk.buy(1)
    trades(desk, "5001")
    (alert,) = desk.snapshot.alerts
    assert (alert.state, alert.reason) == (AlertState.NOT_EVALUATED, "no stop was known in time, so R is not")


def test_the_share_of_a_limit_rings_for_the_account() -> None:
    rules = GuardRules(day_loss=D(1000), size=D(10), actions={Guard.SIZE: GuardAction.WARN})
    desk = started(guards={ACCOUNT: rules})
    trades(desk, "5000")
    alert = add(desk, "40", AlertKind.LIMIT, limit=Guard.SIZE)
    assert alert.key.symbol == ""
    desk.tick(2)
    desk.buy(5)
    desk.tick(2)
    assert rang(desk) == ["Alert: Size used in Sim1 is 50 %, above 40 %."]


def test_an_account_without_limits_says_so(desk: Desk) -> None:
    alert = add(desk, "50", AlertKind.LIMIT)
    assert (alert.state, alert.reason) == (AlertState.NOT_EVALUATED, "Sim1 has no limits")


@pytest.mark.parametrize(
    ("level", "kind", "way", "more", "text"),
    [
        ("NaN", AlertKind.PRICE, Way.ABOVE, {}, "its level is no number"),
        ("-1E30", AlertKind.OPEN_PNL, Way.BELOW, {}, "its level is out of reach"),
        ("1", AlertKind.PRICE, Way.ABOVE, {"note": "x" * 81}, "more than 80 characters"),
        ("-5", AlertKind.TIME_IN_TRADE, Way.ABOVE, {}, "a time in trade only grows"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    desk: Desk, level: str, kind: AlertKind, way: Way, more: dict[str, str], text: str
) -> None:
    desk.handle(AddAlert("x", kind, ES, way, D(level), note=more.get("note", "")))
    assert desk.heard(f"No alert was set: {text}" if "note" not in more else text)
    assert desk.snapshot.alerts == ()


def test_there_is_an_end_to_how_many(desk: Desk) -> None:
    for number in range(MAX_ALERTS + 1):
        desk.handle(AddAlert(f"n{number}", AlertKind.PRICE, ES, Way.ABOVE, D(6000 + number)))
    assert len(desk.snapshot.alerts) == MAX_ALERTS
    assert desk.heard(f"there are {MAX_ALERTS} already")


def test_a_line_that_is_back_is_asked_for_every_symbol_that_is_watched(desk: Desk) -> None:
    add(desk, "5001")
    desk.broker.subscribed.clear()
    desk.handle(LinkChanged("sim", Link.SYNCING, desk.clock.now()))
    assert "ESZ6" in desk.broker.subscribed
