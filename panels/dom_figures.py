"""The figures under the ladder, as text: what is open, what it is worth, and where the day comes out even. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from core.snapshot import Snapshot
from panels import formatting as f
from panels.cell import Cell
from panels.open_result import open_result
from panels.shown import Shown

DAY_HINT = (
    "Booked in this account since the trading day began, 17:00 in Chicago: what was closed, parts of what is open too, "
    "less the costs of every fill. Open P&L is not in it. By our own ledger; a reset of the account begins it anew."
)
EVEN_HINT = "Close the position here and the day of this account comes out even; the costs of closing are not in it."


@dataclass(frozen=True, slots=True)
class Foot:
    """The figures under the ladder.

    Attributes:
        even: the price at which the day comes out even, points; None unknown, or flat.
    """

    side: Cell
    average: Cell
    pnl: Cell
    r: Cell
    day: Cell
    even_cell: Cell
    even: Decimal | None = None


def foot_of(snapshot: Snapshot, shown: Shown) -> Foot:
    """Return what stands under the ladder."""
    ledger = snapshot.ledger.get(shown.account_key) if shown.account_key is not None else None
    day = None if ledger is None else ledger.day_net
    day_cell = Cell(f.result(day), tone=f.tone_of(day), spoken=f.spoken_result(day))
    position, instrument = shown.position, shown.instrument
    if position is None or instrument is None:
        word = "FLAT" if shown.is_known_flat and shown.link_alive else f.UNKNOWN
        nothing = Cell(f.UNKNOWN)
        return Foot(Cell(word, tone="ink2"), nothing, nothing, nothing, day_cell, nothing)
    worth = open_result(position, instrument, shown.quote, shown.mark)
    even = even_price(snapshot, shown)
    return Foot(
        Cell(f.held(position.quantity, instrument), tone="up" if position.quantity > 0 else "down"),
        Cell(f.average(position.entry_price, instrument)),
        Cell(f.result(worth.pnl), worth.word, f.tone_of(worth.pnl), spoken=worth.spoken(instrument.currency)),
        Cell(f.r_multiple(worth.r), tone=f.tone_of(worth.r)),
        day_cell,
        Cell(f.average(even, instrument)),
        even,
    )


def even_price(snapshot: Snapshot, shown: Shown) -> Decimal | None:
    """Return the price at which the open position makes up for what was closed today; None unknown.

    entry − closed today ÷ money per point of the position; rounded to the tick that is not worse.
    """
    position, instrument = shown.position, shown.instrument
    if position is None or instrument is None or position.entry_price is None or instrument.tick_size is None:
        return None
    ledger, balance = snapshot.ledger.get(position.key.account_key), snapshot.balances.get(position.key.account_key)
    kept_in = "" if balance is None else balance.currency
    per_point = instrument.money(Decimal(1), position.quantity)
    if ledger is None or ledger.day_net is None or not per_point or kept_in not in ("", instrument.currency):
        return None
    exact = position.entry_price - ledger.day_net / per_point
    ticks = exact / instrument.tick_size
    whole = ticks.to_integral_value(rounding="ROUND_CEILING" if position.quantity > 0 else "ROUND_FLOOR")
    return whole * instrument.tick_size
