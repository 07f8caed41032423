"""What lies under the pointer: the bar's figures in words, and the price on the grid. Pure."""

from datetime import datetime, tzinfo
from decimal import Decimal

from core.model.bar import Bar, Interval, IntervalUnit
from core.model.instrument import Instrument
from core.model.session import SessionTemplate, trading_day
from panels import formatting as f
from panels.charts.price_axis import PriceScale
from panels.charts.time_axis import moment_words


def bar_words(bar: Bar, instrument: Instrument | None) -> tuple[str, ...]:
    """Return "O 5050.25  H 5051.00  L 5050.00  C 5050.75" and "V 1 234  Δ +56"; "≥" where trades may be missing."""
    figures = (("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close))
    prices = "  ".join(f"{letter} {f.price(price, instrument)}" for letter, price in figures)
    volume = f"V {'≥' if bar.is_gap else ''}{f.volume(bar.volume)}"
    if bar.bid_volume or bar.ask_volume:
        volume += f"  Δ {'+' if bar.delta > 0 else ''}{f.quantity(bar.delta)}"
    return prices, volume


def start_words(start: datetime, interval: Interval, zone: tzinfo | None, hours: SessionTemplate) -> str:
    """Return when a bar began in the display zone; of a bar of days, the trading day."""
    if interval.is_daily:
        return trading_day(start, hours).isoformat()
    with_seconds = interval.unit in (IntervalUnit.TICKS, IntervalUnit.SECONDS)
    return f"{moment_words(start, zone, with_seconds)} {f.zone_label(start, zone)}"


def price_at(y: float, scale: PriceScale, instrument: Instrument | None) -> Decimal | None:
    """Return the price of the grid at a height; None where no grid is known, or nothing can cost that little."""
    if instrument is None or instrument.tick_size is None:
        return None
    price = scale.on_grid(y, instrument.tick_size)
    return price if price > 0 else None
