"""VWAP and point of control of the session as levels: where they are, and what is said of them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.model.instrument import Instrument
from core.model.session_studies import SessionStudies
from panels import formatting as f

ABOUT = "≈"


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A level of the session.

    Attributes:
        name: what it is. words: that and its price.
        token: its colour. dashed: drawn broken, so that colour is not alone.
        since: when the session's count began; the level is drawn from there.
    """

    price: Decimal
    name: str
    words: str
    token: str
    dashed: bool
    since: datetime


def study_lines(studies: SessionStudies | None, instrument: Instrument | None, now: datetime) -> tuple[StudyLine, ...]:
    """Return the levels of the session that runs; none of one that is over.

    A level carries "≈" where it does not rest on every trade of the session.
    """
    if studies is None or now >= studies.ends_at:
        return ()
    about = "" if studies.is_whole else ABOUT
    since, vwap, poc = studies.since, f.average(studies.vwap, instrument), f.price(studies.poc, instrument)
    return (
        StudyLine(studies.vwap, "VWAP", f"VWAP {about}{vwap}", "chart.vwap", False, since),
        StudyLine(studies.poc, "POC", f"POC {about}{poc}", "chart.poc", True, since),
    )
