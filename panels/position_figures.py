"""The figures of an open position, as text: pure, so each can be checked without a window.

The open profit or loss, R and the distance made are marked as the trader wants them, which is then said; all else is
gross and by the last trade. What is not known is "—"; excursions that missed prices carry "≥".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.position import Position
from core.model.protection import Protection
from core.preferences import PnlMark, Preferences
from panels import formatting as f
from panels.cell import Cell
from panels.open_result import OpenResult, cost_of_side, open_result
from panels.study_figures import study_cells

if TYPE_CHECKING:
    from core.model.market import Quote
    from core.model.session_studies import SessionStudies

CELLS = (
    ("price", "PRICE"),
    ("heat", "HEAT"),
    ("time", "TIME"),
    ("target", "TARGET"),
    ("stop", "STOP"),
    ("risk", "RISK"),
    ("rmult", "R"),
    ("range", "RANGE"),
    ("mae", "MAE"),
    ("mfe", "MFE"),
    ("vwap", "VWAP"),
    ("delta", "DELTA"),
    ("poc", "POC"),
    ("eff", "EFF"),
    ("pts", "PTS"),
)
STOP_NEAR_TICKS = 4
USUAL_HEAT_S = Preferences().heat_s


@dataclass(frozen=True, slots=True)
class Figures:
    """The hero line and the grid of a position; the second line of the profit or loss is how it is marked."""

    pnl: Cell
    r: Cell
    ticks: Cell
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class _Facts:
    position: Position
    instrument: Instrument
    last: Decimal | None
    worth: OpenResult
    protection: Protection
    equity: Decimal | None
    restored: bool
    now: datetime
    zone: tzinfo | None
    venue_now: datetime
    heat_s: tuple[int, int, int]

    @property
    def gain(self) -> Decimal | None:
        """Points in favour, signed, per unit."""
        if self.worth.price is None or self.position.entry_price is None:
            return None
        return (self.worth.price - self.position.entry_price) * self.position.direction

    def ticks(self, distance: Decimal | None) -> Decimal | None:
        return None if distance is None else self.instrument.ticks(distance)

    def in_r(self, money: Decimal | None) -> Decimal | None:
        risk = self.position.initial_risk
        return None if money is None or not risk else money / risk

    @property
    def at_least(self) -> str:
        return "" if self.position.extremes_complete else "≥"


def figures(
    position: Position,
    instrument: Instrument,
    quote: Quote | None,
    protection: Protection,
    now: datetime,
    *,
    equity: Decimal | None = None,
    restored: bool = False,
    zone: tzinfo | None = None,
    studies: SessionStudies | None = None,
    venue_now: datetime | None = None,
    mark: PnlMark = PnlMark.GROSS,
    heat_s: tuple[int, int, int] = USUAL_HEAT_S,
) -> Figures:
    """Return everything the position panel says in numbers.

    Args:
        equity: account currency, for the share at risk.
        studies: what the session of the symbol adds up to.
        venue_now: the venue's time where it lives in another one, as a replayed market does.
        mark: what the open profit or loss is marked at.
        heat_s: seconds under water after which heat warns.
    """
    last, worth = None if quote is None else quote.last, open_result(position, instrument, quote, mark)
    venue_now = venue_now or now
    facts = _Facts(position, instrument, last, worth, protection, equity, restored, now, zone, venue_now, heat_s)
    gain = facts.ticks(facts.gain)
    cells = {
        "price": _price(facts),
        "heat": _heat(facts),
        "time": _time(facts),
        "target": _exit(facts, protection.target, is_stop=False),
        "stop": _exit(facts, protection.stop, is_stop=True),
        "risk": _risk(facts),
        "rmult": _r(facts),
        "range": _range(facts),
        "mae": _excursion(facts, position.mae),
        "mfe": _excursion(facts, position.mfe),
        **study_cells(position, instrument, last, studies, now, zone),
        "eff": _efficiency(facts),
        "pts": _points(facts, gain),
    }
    return Figures(
        pnl=Cell(f.result(worth.pnl), worth.word, f.tone_of(worth.pnl), spoken=worth.spoken(position.currency)),
        r=Cell(f.r_multiple(worth.r), tone=f.tone_of(worth.r)),
        ticks=Cell(f.ticks(gain, signed=True), tone=f.tone_of(gain)),
        cells=cells,
    )


def _price(facts: _Facts) -> Cell:
    position = facts.position
    sub = f"{f.quantity(abs(position.quantity), facts.instrument)} @ avg"
    return Cell(f.average(position.entry_price, facts.instrument), sub)


def _heat(facts: _Facts) -> Cell:
    position = facts.position
    if position.open_pnl(facts.last, facts.instrument) is None and position.heat_since is None:
        return Cell()
    running = 0.0 if position.heat_since is None else (facts.now - position.heat_since).total_seconds()
    longest = f"max {facts.at_least}{f.duration(max(position.heat_max_s, running))}"
    caution_s, edge_s, danger_s = facts.heat_s
    if running >= danger_s:
        return Cell(f.duration(running), longest, "danger", "danger")
    if running >= caution_s:
        edge = "caution" if running >= edge_s else ""
        return Cell(f.duration(running), longest, "caution", edge)
    return Cell(f.duration(running), longest, "ink2")


def _time(facts: _Facts) -> Cell:
    restored = " (restored)" if facts.restored else ""
    start = facts.position.entry_time
    if start is None:
        return Cell(sub=f"since unknown{restored}")
    since = f.clock(start, facts.zone, seconds=False)
    shorter = (f"{since} restored",) if restored else ()
    return Cell(f.since(start, facts.venue_now), f"since {since}{restored}", shorter=shorter)


def _exit(facts: _Facts, order: Order | None, is_stop: bool) -> Cell:
    if order is None:
        return Cell("NONE", "no stop works", "danger", "danger") if is_stop else Cell(sub="no target works")
    at = order.trigger_price if is_stop else order.price
    toward = None if at is None or facts.last is None else (at - facts.last) * facts.position.direction
    away = facts.ticks(None if toward is None else abs(toward))
    near = is_stop and away is not None and away <= STOP_NEAR_TICKS
    sub = f"{f.ticks(away)} · {order.held.value}"
    bare = facts.protection.unprotected(facts.position)
    if is_stop and bare:
        return Cell(
            f.price(at, facts.instrument), f"UNPROTECTED {f.quantity(bare, facts.instrument)}", "danger", "danger"
        )
    return Cell(f.price(at, facts.instrument), sub, edge="danger" if near else "")


def _risk(facts: _Facts) -> Cell:
    """Money lost if the stop is done at its price from here; the costs of leaving are taken from those of entry.

    What no stop covers has no bound: the figure is then a least one.
    """
    stop = facts.protection.stop
    if stop is None or stop.trigger_price is None or facts.last is None:
        return Cell(sub="no stop" if stop is None else "")
    position = facts.position
    lost = facts.instrument.money((facts.last - stop.trigger_price) * position.direction, abs(position.quantity))
    if lost is None:
        return Cell()
    lost += cost_of_side(position) or Decimal(0)
    bare = facts.protection.unprotected(position)
    if bare:
        return Cell(f"≥{f.money(lost)}", f"{f.quantity(bare, facts.instrument)} without a stop", "danger")
    share = f"{f.percent(lost / facts.equity)} of equity" if facts.equity else "of equity —"
    return Cell(f.money(lost), share)


def _r(facts: _Facts) -> Cell:
    r, unit = facts.worth.r, f"1R = {f.money(facts.position.initial_risk)}"
    return Cell(f.r_multiple(r), " · ".join(filter(None, (unit, facts.worth.word))), f.tone_of(r), shorter=(unit,))


def _points(facts: _Facts, gain: Decimal | None) -> Cell:
    sub = f"{f.ticks(gain, signed=True)} {facts.worth.word.removeprefix('net')}".rstrip()
    return Cell(f.points(facts.gain, facts.instrument), sub, f.tone_of(facts.gain))


def _range(facts: _Facts) -> Cell:
    low, high = facts.position.min_price, facts.position.max_price
    if low is None or high is None:
        return Cell()
    return Cell(facts.at_least + f.ticks(facts.ticks(high - low)), f"{f.average(high - low, facts.instrument)} points")


def _excursion(facts: _Facts, money: Decimal | None) -> Cell:
    if money is None:
        return Cell()
    r = facts.in_r(money)
    sub = f.UNKNOWN if r is None else f"{facts.at_least}{f.ratio(r)}R"
    spoken = f"{'at least ' if facts.at_least else ''}{money:.2f} {facts.position.currency}".strip()
    return Cell(facts.at_least + f.money(money), sub, spoken=spoken)


def _efficiency(facts: _Facts) -> Cell:
    """Trade path ÷ MFE, and what was given back of the MFE."""
    path, mfe = facts.position.path(facts.last, facts.instrument), facts.position.mfe
    if path is None or not mfe:
        return Cell()
    return Cell(f.ratio(path / mfe), f"back {f.money(mfe - path)}")
