"""The rows of the watchlist: price, change since the last settlement, age, and what is wrong with a symbol. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.model.contract import front_month, last_day, month_of, product_of
from core.model.equity import trading_date
from core.model.instrument import Instrument
from core.model.market import Quote, SessionFigures
from panels import formatting as f
from panels.feed_watch import Feed, Freshness
from panels.widgets.rows import Column, Figure

OLD, LATER = "OLD MONTH", "LATER MONTH"
UNKNOWN_SYMBOL = "no such symbol"
AGE_TONES = {Freshness.SLOW: "caution", Freshness.SILENT: "danger"}
AGE_WORDS = {Freshness.SLOW: ", slow", Freshness.SILENT: ", silent", Freshness.RESTING: ", market at rest"}
# What a row says without a price moves with the calendar alone.
STILL = timedelta(minutes=1)
Place = tuple[str, str]
Parts = tuple[Instrument | None, Quote | None, SessionFigures | None]


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A symbol in sight.

    Attributes:
        place: connection and symbol. refusal: why the venue does not know it; empty when it does.
        change: since the last settlement, points.
        age_s: of the latest update, whole seconds; None before the first.
    """

    place: Place
    instrument: Instrument | None
    last: Decimal | None
    change: Decimal | None
    age_s: int | None
    freshness: Freshness
    tag: str
    refusal: str

    @property
    def name(self) -> str:
        """The symbol as traders write it, "MESZ25"; in full where it is none of ours."""
        product, month = product_of(self.place[1]), month_of(self.place[1])
        return self.place[1] if product is None or month is None else f"{product.root}{month.code}"

    @property
    def note(self) -> str:
        """What is wrong with the symbol, in words; empty when nothing is."""
        return UNKNOWN_SYMBOL if self.refusal else self.tag


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row with what it was made of, and the time in which nothing but that can change it."""

    row: WatchRow
    parts: Parts
    since: datetime
    until: datetime

    def holds(self, parts: Parts, now: datetime) -> bool:
        """Say whether the row of these parts looks the same now."""
        is_same = all(one is other for one, other in zip(parts, self.parts, strict=True))
        return is_same and self.since <= now < self.until


def drawn_row(place: Place, parts: Parts, feed: Feed, now: datetime) -> DrawnRow:
    """Return the row of a symbol: it stands until its age is a second more."""
    instrument, quote, figures = parts
    row = row_of(place, instrument, quote, figures, feed, now)
    rest = STILL if feed.age_s is None else timedelta(seconds=1 - feed.age_s % 1)
    return DrawnRow(row, parts, now, now + rest)


def row_of(
    place: Place,
    instrument: Instrument | None,
    quote: Quote | None,
    figures: SessionFigures | None,
    feed: Feed,
    now: datetime,
) -> WatchRow:
    """Return the row of a symbol."""
    last = quote.last if quote is not None else None
    settled = figures.settlement if figures is not None else None
    refused = instrument is not None and instrument.tick_size is None and last is None
    moment = now if quote is None else quote.venue_time(now)
    return WatchRow(
        place=place,
        instrument=instrument,
        last=last,
        change=None if last is None or settled is None else last - settled,
        age_s=None if feed.age_s is None else int(feed.age_s),
        freshness=feed.freshness,
        tag=month_tag(place[1], moment),
        refusal=(instrument.description or UNKNOWN_SYMBOL) if refused and instrument is not None else "",
    )


def month_tag(symbol: str, now: datetime) -> str:
    """Return what to say of a contract that is not the front month: it has rolled or ended, or it comes later."""
    product, month = product_of(symbol), month_of(symbol)
    if product is None or product.cycle is None or month is None:
        return ""
    day = trading_date(now)
    front = front_month(product.cycle, day)
    if month < front or day > last_day(product.cycle, month):
        return OLD
    return LATER if month > front else ""


def columns() -> tuple[Column[WatchRow], ...]:
    """Return the columns of the watchlist: they fit a narrow dock."""
    return (
        Column("Symbol", lambda row: row.name, 72, spoken=_symbol_words),
        Column(
            "Last",
            lambda row: f.price(row.last, row.instrument),
            78,
            True,
            value=lambda row: row.last,
            figure=Figure.PRICE,
        ),
        Column(
            # What is wrong with a symbol comes first: a column of its own would lie out of sight in a narrow dock.
            "Change",
            lambda row: row.note or f.points(row.change, row.instrument),
            121,
            True,
            tone=_change_tone,
            spoken=_change_words,
            value=lambda row: row.change,
            figure=Figure.PRICE,
        ),
        Column("Age", _age, 47, True, tone=_age_tone, spoken=_age_words, value=lambda row: row.age_s),
        Column("Name", lambda row: row.instrument.description if row.instrument is not None else "", 160, hidden=True),
        Column("Connection", lambda row: row.place[0], 90, hidden=True),
        Column("Full symbol", lambda row: row.place[1], 130, hidden=True),
        Column("Action", lambda row: "Remove", 70, action=True, spoken=lambda row: f"Remove {row.name}", hidden=True),
    )


def _symbol_words(row: WatchRow) -> str:
    return ", ".join(part for part in (row.place[1], row.note) if part)


def _change_tone(row: WatchRow) -> str:
    if row.note:
        return "danger" if row.refusal else "caution"
    return "ink1" if not row.change else "up" if row.change > 0 else "down"


def _change_words(row: WatchRow) -> str:
    words = "unknown"
    if row.change is not None:
        words = f"{'up' if row.change > 0 else 'down' if row.change < 0 else 'unchanged'} {abs(row.change)}"
    return ", ".join(part for part in (row.note, row.refusal, words) if part)


def _age(row: WatchRow) -> str:
    return f.UNKNOWN if row.age_s is None else f.duration(row.age_s)


def _age_tone(row: WatchRow) -> str:
    return AGE_TONES.get(row.freshness, "ink2")


def _age_words(row: WatchRow) -> str:
    return f"{_age(row)}{AGE_WORDS.get(row.freshness, '')}"
