"""VWAP and point of control of the trading day on the chart: how high, and what is said of them. Pure.

One source for both: every trade of the day where all were counted (the figures beside a position), else the bars where
they reach back to the day's beginning, else what was counted. The words name it where it is not the first.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from core.model.instrument import Instrument
from core.model.session_studies import SessionStudies
from panels import formatting as f
from panels.charts.day_lines import LastDay

ABOUT = "≈"
BY_BARS = "by bars"


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A figure of the day.

    Attributes:
        name: what it is, with "≈" where it is not the whole count. words: that and its price, and then its source.
        token: its colour.
        dashed: drawn broken, so that colour is not alone.
        since: from where a level is drawn; None: it is the end of a line through the bars.
    """

    price: Decimal
    name: str
    words: str
    token: str
    dashed: bool
    since: datetime | None


def study_lines(
    studies: SessionStudies | None,
    day: LastDay | None,
    instrument: Instrument | None,
    now: datetime,
    zone: tzinfo | None = None,
) -> tuple[StudyLine, ...]:
    """Return the figures of the day that runs; none of one that is over.

    Args:
        studies: what was counted of the session. day: what its bars tell.
        now: by our own clock.
    """
    counted = None if studies is None or now >= studies.ends_at else studies
    known = None if day is None or now >= day.ends else day
    if counted is not None and (counted.is_whole or known is None):
        source = "" if counted.is_whole else f"since {f.clock(counted.since, zone, seconds=False)}"
        vwap: Decimal | None = counted.vwap
        poc: Decimal | None = counted.poc
        since = counted.since
    elif known is not None:
        source, since = BY_BARS, known.begins
        vwap, poc = known.figures.vwap, known.figures.poc
    else:
        return ()
    is_line = known is not None and known.figures.vwap is not None
    found, about = [], ABOUT if source else ""
    if vwap is not None:
        words = vwap_words(vwap, instrument, source)
        found.append(StudyLine(vwap, f"{about}VWAP", words, "chart.vwap", False, None if is_line else since))
    if poc is not None:
        words = _words("POC", f.price(poc, instrument), source)
        found.append(StudyLine(poc, f"{about}POC", words, "chart.poc", True, since))
    return tuple(found)


def vwap_words(vwap: Decimal, instrument: Instrument | None, source: str = BY_BARS) -> str:
    """Return "VWAP ≈5050.75 by bars", to the tick, as bars tell no more; without a source it is the whole count."""
    tick = None if instrument is None else instrument.tick_size
    if source == BY_BARS and tick is not None:
        vwap = (vwap / tick).to_integral_value(ROUND_HALF_EVEN) * tick
    return _words("VWAP", f.average(vwap, instrument), source)


def _words(name: str, price: str, source: str) -> str:
    return f"{name} {ABOUT}{price} {source}" if source else f"{name} {price}"
