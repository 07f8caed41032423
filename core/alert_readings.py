"""What alerts are evaluated by, read from a snapshot. Pure.

A price counts while its line is up and its venue receives it. New trades are taken one by one where there are some; the
latest price of the quote stands in where an alert has seen none since it is watched, or since prices were missing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from core.link import Link
from core.model.alert import SLACK_PERCENT, SLACK_R, SLACK_TICKS, ZERO, Alert, AlertKind, Reading, path
from core.model.contract import product_of
from core.model.instrument import Instrument
from core.model.market import FeedState, Quote, TradingStatus
from core.model.position import Position
from core.model.session import is_open
from core.snapshot import Snapshot

UP = frozenset({Link.READY, Link.SYNCING, Link.DOUBTFUL})
FLAT = Reading(values=(ZERO,), resting=True)
SILENT = timedelta(minutes=1)


def reading_of(alert: Alert, snapshot: Snapshot, prices: Sequence[Decimal], now: datetime) -> Reading:
    """Return what there is to evaluate an alert by.

    Args:
        prices: trades of its symbol since the last reading, in order; none where only time has passed.
    """
    if alert.kind is AlertKind.LIMIT:
        return _limit(alert, snapshot)
    position = snapshot.positions.get(alert.key)
    if alert.kind.of_position and position is None:
        return FLAT
    if alert.kind is AlertKind.TIME_IN_TRADE:
        return _time(position, now)
    if unknown := _missing(alert, snapshot, now):
        return Reading(unknown=unknown)
    instrument = snapshot.instruments.get(alert.place, Instrument(alert.key.symbol))
    if alert.kind is AlertKind.PRICE:
        return Reading(_new(alert, snapshot, prices), SLACK_TICKS * (instrument.tick_size or ZERO))
    assert position is not None
    return _result(alert, position, instrument, _new(alert, snapshot, prices))


def value_of(alert: Alert, snapshot: Snapshot, now: datetime) -> Decimal | None:
    """Return the figure an alert watches as it stands; None where it is unknown or there is nothing to watch."""
    quote = snapshot.quotes.get(alert.place)
    last = [] if quote is None or quote.last is None else [quote.last]
    reading = reading_of(alert, snapshot, last, now)
    return None if reading.unknown or reading.resting or not reading.values else reading.values[-1]


def _missing(alert: Alert, snapshot: Snapshot, now: datetime) -> str:
    """Return why there are no prices of an alert's symbol; empty when there are.

    A feed may fall silent while its line is well: a minute without anything, in the hours of the product, is too long.
    """
    connection, symbol = alert.place
    line, quote = snapshot.connections.get(connection), snapshot.quotes.get(alert.place)
    if line is None or line.link not in UP:
        return f"{connection} is down"
    if quote is None or quote.last is None:
        return f"no price of {symbol} yet"
    if quote.feed is FeedState.DOWN:
        return f"{symbol}: the venue's market data feed is down"
    if quote.stale:
        return f"{symbol}: data stale"
    is_silent = quote.received_at is not None and now - quote.received_at > SILENT and not _rests(quote, now)
    return f"{symbol}: nothing came for a minute" if is_silent else ""


def _rests(quote: Quote, now: datetime) -> bool:
    """Return whether silence means nothing: the market does not trade, or its hours are not known."""
    if quote.trading is not TradingStatus.UNKNOWN:
        return quote.trading is not TradingStatus.OPEN
    product = product_of(quote.symbol)
    return product is None or not is_open(quote.venue_time(now), product.hours)


def _new(alert: Alert, snapshot: Snapshot, prices: Sequence[Decimal]) -> tuple[Decimal, ...]:
    if prices:
        return path(prices)
    quote = snapshot.quotes.get(alert.place)
    has_seen = alert.armed is not None and not alert.reason
    return () if has_seen or quote is None or quote.last is None else (quote.last,)


def _result(alert: Alert, position: Position, instrument: Instrument, prices: tuple[Decimal, ...]) -> Reading:
    """Read the open result, or R: the whole trade's result in units of its initial risk."""
    slack = abs(instrument.money(SLACK_TICKS * (instrument.tick_size or ZERO), position.quantity) or ZERO)
    if alert.kind is AlertKind.OPEN_PNL:
        found = [position.open_pnl(price, instrument) for price in prices]
        unknown = "the entry price or the value of a tick is not known"
    else:
        risk = position.initial_risk
        if not risk:
            return Reading(unknown="no stop was known in time, so R is not")
        found = [None if (made := position.path(price, instrument)) is None else made / risk for price in prices]
        slack, unknown = SLACK_R, "the result of the trade is not known"
    known = tuple(one for one in found if one is not None)
    return Reading(unknown=unknown) if len(known) < len(found) else Reading(known, slack)


def _time(position: Position | None, now: datetime) -> Reading:
    assert position is not None
    if position.entry_time is None:
        return Reading(unknown="the time of the entry is not known")
    return Reading((Decimal(int((now - position.entry_time).total_seconds())),))


def _limit(alert: Alert, snapshot: Snapshot) -> Reading:
    guards = snapshot.guards.get(alert.key.account_key)
    if guards is None or not (guards.verdicts or guards.paused):
        return Reading(unknown=f"{alert.key.account} has no limits")
    if guards.paused:
        return Reading(unknown=guards.paused)
    shares = [one.share for one in guards.verdicts if alert.limit in (None, one.guard)]
    if not shares:
        return Reading(unknown=f"{alert.key.account} has no such limit")
    return Reading((max(shares) * 100,), SLACK_PERCENT)
