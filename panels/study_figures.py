"""VWAP, delta and point of control beside an open position, as text: pure.

A figure carries "≈" where it does not rest on every trade it is about: the session was running before the program saw
it, trades were missed, or did not tell their side. The tooltip says which.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.instrument import Instrument
from core.model.position import Position
from core.model.session_marks import SessionMarks
from panels import formatting as f
from panels.cell import Cell

if TYPE_CHECKING:
    from core.model.session_studies import SessionStudies

ABOUT = "≈"
VWAP_IS = "Last price − VWAP. VWAP: Σ price × volume ÷ Σ volume of the trading day."
DELTA_IS = "Change of cumulative delta since the entry. Delta: volume bought at the offer − volume sold at the bid."
POC_IS = "Last price − point of control: the price with the most volume of the trading day."


def study_cells(
    position: Position,
    instrument: Instrument,
    last: Decimal | None,
    studies: SessionStudies | None,
    now: datetime,
    zone: tzinfo | None,
) -> dict[str, Cell]:
    """Return the three cells by name.

    Args:
        last: last traded price, points.
        studies: of the last session that traded; of one that is over nothing is shown. None before the first trade.
        now: by our own clock.
    """
    studies = None if studies is None or now >= studies.ends_at else studies
    counted = "No trade seen in this trading day yet." if studies is None else _counted(studies, zone)
    return {
        "vwap": _vwap(position, instrument, last, studies, counted),
        "delta": _delta(position, studies, counted),
        "poc": _poc(position, instrument, last, studies, counted),
    }


def marks_words(entry: SessionMarks, leave: SessionMarks, instrument: Instrument | None) -> str:
    """Return how the session stood at the entry and at the exit of a trade, in lines; "—" where nobody counted."""
    return "\n".join(
        (
            f"VWAP {f.average(entry.vwap, instrument)} → {f.average(leave.vwap, instrument)}",
            f"Delta {_signed(entry.cum_delta)} → {_signed(leave.cum_delta)}",
            f"Point of control {f.price(entry.poc, instrument)} → {f.price(leave.poc, instrument)}",
        )
    )


def _vwap(
    position: Position, instrument: Instrument, last: Decimal | None, studies: SessionStudies | None, counted: str
) -> Cell:
    vwap, at_entry = None if studies is None else studies.vwap, position.entry_marks.vwap
    entered = _distance(position.entry_price, at_entry, instrument)
    return _cell(
        _distance(last, vwap, instrument),
        f"entry {entered}",
        "" if studies is None or studies.is_whole else ABOUT,
        VWAP_IS,
        f"VWAP {f.average(vwap, instrument)}, at the entry {f.average(at_entry, instrument)}",
        f"Entry: average entry price − VWAP at the entry, {entered}",
        counted,
    )


def _delta(position: Position, studies: SessionStudies | None, counted: str) -> Cell:
    now = None if studies is None else studies.delta
    entry, since = position.entry_marks.cum_delta, position.entry_time
    change, about, total = None, "", ""
    if studies is not None:
        about = ABOUT if since is None or studies.missed_after(since) or studies.sideless else ""
        total = ABOUT if not studies.is_whole or studies.sideless else ""
        # What was counted in another session, or before the program was started anew, has another zero.
        if now is not None and entry is not None and since is not None and studies.since <= since:
            change = now - entry
    shown = f.UNKNOWN if now is None else f"{total}{_signed(now)}"
    standing = f"At the entry {_signed(entry)}, now {shown}"
    return _cell(_signed(change), f"now {shown}", about, DELTA_IS, standing, counted)


def _poc(
    position: Position, instrument: Instrument, last: Decimal | None, studies: SessionStudies | None, counted: str
) -> Cell:
    poc, at_entry = None if studies is None else studies.poc, position.entry_marks.poc
    return _cell(
        _distance(last, poc, instrument),
        f.price(poc, instrument),
        "" if studies is None or studies.is_whole else ABOUT,
        POC_IS,
        f"At the entry {f.price(at_entry, instrument)}",
        counted,
    )


def _cell(value: str, sub: str, about: str, *tip: str) -> Cell:
    if value == f.UNKNOWN:
        return Cell(sub=sub, tip="\n".join(tip))
    return Cell(f"{about}{value}", sub, spoken=f"about {value}" if about else value, tip="\n".join(tip))


def _counted(studies: SessionStudies, zone: tzinfo | None) -> str:
    """Return what the figures rest on, and what they lack."""
    trades, volume = _grouped(Decimal(studies.ticks)), _grouped(studies.volume)
    lines = [f"{trades} trades, volume {volume}, since {f.zoned(studies.since, zone)}"]
    if studies.is_cut:
        lines.append(f"{ABOUT} trades are being missed")
    elif studies.missed_at is not None:
        lines.append(f"{ABOUT} trades were missed before {f.zoned(studies.missed_at, zone)}")
    elif not studies.is_whole:
        lines.append(f"{ABOUT} the trading day may have begun earlier")
    if studies.sideless:
        lines.append(f"{ABOUT} volume {_grouped(studies.sideless)} did not tell its side")
    return "\n".join(lines)


def _distance(price: Decimal | None, mark: Decimal | None, instrument: Instrument) -> str:
    """Return a price less another, in ticks with a sign."""
    return f.UNKNOWN if price is None or mark is None else f.ticks(instrument.ticks(price - mark), signed=True)


def _signed(value: Decimal | None) -> str:
    """Write a signed volume: "+1 234"."""
    if value is None:
        return f.UNKNOWN
    sign = "+" if value > 0 else f.MINUS if value < 0 else ""
    return sign + _grouped(abs(value))


def _grouped(value: Decimal) -> str:
    return f"{value.normalize():,f}".replace(",", f.THIN_SPACE)
