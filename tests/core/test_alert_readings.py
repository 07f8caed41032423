"""An alert is evaluated by what is known, and says why where nothing is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.alert_readings import SILENT, reading_of, value_of
from core.alert_words import described, fired_text, written
from core.link import Link
from core.model.alert import Alert, AlertKind, Reading, Way
from core.model.guard_rules import Guard
from core.model.market import FeedState, TradingStatus
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from tests.panels.guarded import guarded, guards_of
from tests.panels.worlds import ES_KEY, NOW, connection, flat, long_two, position, quote

D = Decimal
ES_FUTURE = "ESZ25_FUT_CME"


def an_alert(kind: AlertKind, **changes: Any) -> Alert:
    return replace(Alert("A1", kind, ES_KEY, Way.ABOVE, D(5000), NOW), **changes)


def market(**changes: Any) -> Snapshot:
    return flat(quotes=MappingProxyType({("sim", "ESZ5"): quote(**changes)}))


def future(age: timedelta, trading: TradingStatus = TradingStatus.UNKNOWN) -> Snapshot:
    made = replace(quote(), symbol=ES_FUTURE, received_at=NOW - age, trading=trading)
    return flat(quotes=MappingProxyType({("sim", ES_FUTURE): made}))


FUTURE = an_alert(AlertKind.PRICE, key=PositionKey("sim", "", ES_FUTURE))


@pytest.mark.parametrize(
    ("snapshot", "unknown"),
    [
        (Snapshot(), "sim is down"),
        (flat(connections=MappingProxyType({"sim": connection(Link.OFFLINE)})), "sim is down"),
        (flat(quotes=MappingProxyType({})), "no price of ESZ5 yet"),
        (flat(quotes=MappingProxyType({("sim", "ESZ5"): replace(quote(), last=None)})), "no price of ESZ5 yet"),
        (market(feed=FeedState.DOWN, stale=True), "ESZ5: the venue's market data feed is down"),
        (market(stale=True), "ESZ5: data stale"),
        (market(), ""),
    ],
)
def test_a_price_is_missing_for_a_reason(snapshot: Snapshot, unknown: str) -> None:
    assert reading_of(an_alert(AlertKind.PRICE), snapshot, (), NOW).unknown == unknown


@pytest.mark.parametrize(
    ("snapshot", "is_silent"),
    [
        (future(SILENT), False),
        (future(SILENT + timedelta(seconds=1)), True),
        (future(timedelta(hours=1), TradingStatus.HALTED), False),
        (future(timedelta(hours=1), TradingStatus.OPEN), True),
        (market(age_s=3600), False),
    ],
)
def test_silence_in_the_hours_of_a_product_is_a_feed_that_is_gone(snapshot: Snapshot, is_silent: bool) -> None:
    alert = FUTURE if ("sim", ES_FUTURE) in snapshot.quotes else an_alert(AlertKind.PRICE)
    assert bool(reading_of(alert, snapshot, (), NOW).unknown) is is_silent


def test_silence_while_the_exchange_is_closed_means_nothing() -> None:
    saturday = NOW + timedelta(days=3)
    assert reading_of(FUTURE, future(timedelta(0)), (), saturday).unknown == ""


def test_trades_come_first_and_the_quote_stands_in_once() -> None:
    alert = an_alert(AlertKind.PRICE)
    prices = [D(3), D(5), D(1), D(4)]
    assert reading_of(alert, flat(), prices, NOW) == Reading((D(5), D(1), D(4)), D("0.50"))
    assert reading_of(alert, flat(), (), NOW).values == (D("5051.50"),)
    assert reading_of(replace(alert, armed=True), flat(), (), NOW).values == ()
    assert reading_of(replace(alert, armed=True, reason="was down"), flat(), (), NOW).values == (D("5051.50"),)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (AlertKind.PRICE, "5051.50"),
        (AlertKind.OPEN_PNL, "125"),
        (AlertKind.R, "0.25"),
        (AlertKind.TIME_IN_TRADE, "750"),
    ],
)
def test_a_figure_of_the_position_is_what_the_window_shows(kind: AlertKind, value: str) -> None:
    assert value_of(an_alert(kind), long_two(), NOW) == D(value)


@pytest.mark.parametrize("kind", [AlertKind.OPEN_PNL, AlertKind.R, AlertKind.TIME_IN_TRADE])
def test_while_flat_there_is_nothing_to_watch(kind: AlertKind) -> None:
    reading = reading_of(an_alert(kind), flat(), (), NOW)
    assert (reading.values, reading.resting, reading.unknown) == ((D(0),), True, "")
    assert value_of(an_alert(kind), flat(), NOW) is None


@pytest.mark.parametrize(
    ("kind", "changes", "part"),
    [
        (AlertKind.R, {"initial_risk": None}, "no stop was known"),
        (AlertKind.R, {"opened_value": None}, "result of the trade is not known"),
        (AlertKind.OPEN_PNL, {"entry_price": None}, "entry price"),
        (AlertKind.TIME_IN_TRADE, {"entry_time": None}, "time of the entry"),
    ],
)
def test_what_a_figure_needs_and_nobody_knows_is_named(kind: AlertKind, changes: Any, part: str) -> None:
    held = position()
    world = long_two(positions=MappingProxyType({ES_KEY: replace(held, **changes)}))
    assert part in reading_of(an_alert(kind), world, (), NOW).unknown


def test_a_short_position_loses_upwards() -> None:
    world = long_two(positions=MappingProxyType({ES_KEY: position(quantity="-2")}))
    reading = reading_of(an_alert(AlertKind.OPEN_PNL, armed=None), world, [D(5050), D(5052)], NOW)
    assert reading.values == (D(25), D(-175))
    assert reading.slack == D(50), "two ticks of two contracts"


def test_a_limit_is_the_one_meant_or_the_one_used_most() -> None:
    guards = guards_of()
    world = guarded(guards)
    shares = {one.guard: one.share for one in guards.verdicts}
    limit = an_alert(AlertKind.LIMIT, key=replace(ES_KEY, symbol=""))
    assert value_of(limit, world, NOW) == max(shares.values()) * 100
    assert value_of(replace(limit, limit=Guard.DAY_LOSS), world, NOW) == shares[Guard.DAY_LOSS] * 100
    assert "no limits" in reading_of(limit, flat(), (), NOW).unknown
    assert "paused" in reading_of(limit, guarded(replace(guards, paused="Guard paused.")), (), NOW).unknown
    fewer = guarded(replace(guards, verdicts=guards.verdicts[:1]))
    missing = next(one for one in Guard if one is not guards.verdicts[0].guard)
    assert "no such limit" in reading_of(replace(limit, limit=missing), fewer, (), NOW).unknown


@pytest.mark.parametrize(
    ("kind", "level", "text"),
    [
        (AlertKind.PRICE, "5060.25", "ESZ5 at or above 5060.25"),
        (AlertKind.OPEN_PNL, "-100", "Open P&L of ESZ5 in Sim1 at or above -100.00"),
        (AlertKind.R, "1.5", "R of ESZ5 in Sim1 at or above 1.50R"),
        (AlertKind.TIME_IN_TRADE, "3605", "Time in trade of ESZ5 in Sim1 at or above 1:00:05"),
        (AlertKind.LIMIT, "60", "Any limit used in Sim1 at or above 60 %"),
    ],
)
def test_an_alert_in_words(kind: AlertKind, level: str, text: str) -> None:
    alert = an_alert(kind, level=D(level))
    assert described(alert, flat()) == text
    fired = replace(alert, fired_value=D(level), note="Look.")
    said = fired_text(fired, flat(), after_gap=True)
    assert f"reached {written(alert, D(level), flat())}." in said
    assert said.endswith("It was crossed while prices were missing. Look.")
