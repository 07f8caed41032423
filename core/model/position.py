"""A position is its fills: born from one, changed only by applying the next, gone at zero.

Average cost. `apply_fill` is the only way a quantity changes: it opens, adds, reduces, closes, or reverses through
zero. A reversal is split into two legs at the price it was done: the first belongs to the trade that ends, the second
to the one that begins; commission is split exactly. `track` moves only the excursions.

Realised profit is kept in points × quantity as well as in money, so it survives a contract whose tick value arrives
late. A fill without a price (a correction) makes the figures that depend on it None, never zero. Numbers are exact
except averages, which carry the 28 digits of the default Decimal context.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.model.errors import WrongInstrument
from core.model.fill import Fill, FillSource
from core.model.instrument import Instrument
from core.model.scope import PositionKey
from core.model.session_marks import NO_MARKS, SessionMarks
from core.model.trade import Trade

ZERO = Decimal(0)
# The share of a commission is rounded here, so that the rest is what exactly remains.
_SHARE_STEP = Decimal("1E-12")


@dataclass(frozen=True, slots=True)
class Position:
    """An open position of one scope; a flat scope has none.

    Attributes:
        quantity: signed, never zero; long is positive.
        entry_price: average cost of what is open, points; None when unknown.
        entry_time: first fill; None when it was adopted from the broker.
        realized_points: gross result of partial exits, points × quantity, signed; None when a price is unknown.
        realized_pnl: the same in money; None while the contract is unknown.
        commissions: costs of this trade so far; None unknown.
        opened_quantity, opened_value: sum over opening fills of quantity, of price × quantity (unsigned).
        closed_value: sum over closing fills of price × quantity (unsigned).
        max_quantity: largest size held, unsigned.
        mae, mfe: excursions in money, never negative; None until a price was seen.
        min_price, max_price: lowest and highest trade since entry; None until a price was seen.
        extremes_complete: no gap in prices since entry.
        heat_since: start of the running time under water; None when not under water.
        heat_total_s, heat_max_s: whole seconds under water in total, and the longest stretch.
        heat_rest: what the total has beyond its whole seconds; not stored.
        initial_risk: money (METRICS rho); None without a stop known in time.
        stop_price: the nearest working stop, or where it was when it ended without anybody here asking; an annotation.
        target_price: the nearest working target; an annotation.
        last_execution_id: the fill booked last; anchors corrections.
        entry_marks: the session's figures at the opening fill.
    """

    key: PositionKey
    quantity: Decimal
    entry_price: Decimal | None
    entry_time: datetime | None
    realized_points: Decimal | None
    realized_pnl: Decimal | None
    commissions: Decimal | None
    opened_quantity: Decimal
    opened_value: Decimal | None
    closed_value: Decimal | None
    max_quantity: Decimal
    currency: str = ""
    mae: Decimal | None = None
    mfe: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    extremes_complete: bool = True
    heat_since: datetime | None = None
    heat_total_s: int = 0
    heat_max_s: int = 0
    initial_risk: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    last_execution_id: str = ""
    heat_rest: timedelta = timedelta(0)
    entry_marks: SessionMarks = NO_MARKS

    @property
    def direction(self) -> int:
        """+1 long, -1 short."""
        return 1 if self.quantity > 0 else -1

    @property
    def side_word(self) -> str:
        """LONG or SHORT."""
        return "LONG" if self.quantity > 0 else "SHORT"

    def open_pnl(self, price: Decimal | None, instrument: Instrument) -> Decimal | None:
        """Return the gross profit or loss of what is open, marked at `price`, signed money; None when unknown."""
        if price is None or self.entry_price is None:
            return None
        return instrument.money(price - self.entry_price, self.quantity)

    def path(self, price: Decimal | None, instrument: Instrument) -> Decimal | None:
        """Return U(t) of METRICS: realised so far plus open, gross money, signed; None when unknown.

        It comes from the sums of both sides, which are exact: from a rounded average a trade could capture more than
        its best, or seem to have been ahead by a part of nothing.
        """
        if price is None or self.opened_value is None or self.closed_value is None:
            return None
        points = self.closed_value + abs(self.quantity) * price - self.opened_value
        return instrument.money(points * self.direction, Decimal(1))


@dataclass(frozen=True, slots=True)
class PositionChange:
    """What one fill did.

    Attributes:
        legs: the fill as it enters the ledger: itself, or two parts for a reversal.
        before, after: the position on either side of it; None is flat.
        trade: the round trip it ended, if any.
    """

    fill: Fill
    legs: tuple[Fill, ...]
    before: Position | None
    after: Position | None
    trade: Trade | None

    @property
    def key(self) -> PositionKey:
        """The scope that changed."""
        return self.fill.key

    @property
    def currency(self) -> str:
        """The currency its money is in; empty while the contract is unknown."""
        positions = (self.trade, self.after, self.before)
        return next((one.currency for one in positions if one is not None and one.currency), "")

    @property
    def cash(self) -> Decimal:
        """What the fill itself realised less what it cost, signed money; what is unknown moves nothing."""
        before = ZERO if self.before is None else self.before.realized_pnl
        ended = self.trade if self.trade is not None else self.after
        realized = None if ended is None else ended.realized_pnl
        gross = ZERO if before is None or realized is None else realized - before
        return gross - (self.fill.commission or ZERO)


def apply_fill(
    before: Position | None, fill: Fill, instrument: Instrument, marks: SessionMarks = NO_MARKS
) -> PositionChange:
    """Return what the fill does to the position.

    Args:
        marks: the session's figures at the moment of the fill, kept where it opens or ends a trade.

    Raises:
        WrongInstrument: the fill belongs to another scope or symbol.
        ValueError: the fill's quantity is not positive.
    """
    if fill.quantity <= 0:
        raise ValueError(f"fill {fill.execution_id}: quantity {fill.quantity}, expected more than zero")
    if before is not None and before.key != fill.key:
        raise WrongInstrument(f"fill {fill.execution_id} of {fill.key} given to {before.key}")
    if instrument.symbol != fill.key.symbol:
        raise WrongInstrument(f"fill of {fill.key.symbol} given the contract of {instrument.symbol}")
    if before is None:
        return PositionChange(fill, (fill,), None, _open(fill, instrument, marks), None)
    met = _met(before, fill, instrument)
    if fill.signed_quantity * before.quantity > 0:
        return PositionChange(fill, (fill,), before, _add(met, fill, instrument), None)
    if fill.quantity < abs(before.quantity):
        return PositionChange(fill, (fill,), before, _reduce(met, fill, instrument), None)
    closing, opening = _split(fill, abs(before.quantity))
    legs = (closing,) if opening is None else (closing, opening)
    trade = _trade(_reduce(met, closing, instrument), closing, instrument, marks)
    after = None if opening is None else _open(opening, instrument, marks)
    return PositionChange(fill, legs, before, after, trade)


def track(position: Position, price: Decimal, instrument: Instrument, now: datetime) -> Position:
    """Return the position with its excursions and heat moved to include one more traded price.

    Args:
        price: a traded price, points.
        now: when it was seen, aware UTC; times of one position must not run backwards.
    """
    low = price if position.min_price is None else min(position.min_price, price)
    high = price if position.max_price is None else max(position.max_price, price)
    value = position.path(price, instrument)
    mae, mfe = _excursions(position, value)
    changes: dict[str, object] = {}
    if low != position.min_price or high != position.max_price or mae != position.mae or mfe != position.mfe:
        changes = {"min_price": low, "max_price": high, "mae": mae, "mfe": mfe}
    heat = _heat(position, position.open_pnl(price, instrument), now)
    if heat is not None:
        changes.update(heat)
    return replace(position, **changes) if changes else position  # type: ignore[arg-type]


def initial_risk(position: Position, stop_price: Decimal, instrument: Instrument) -> Decimal | None:
    """Return METRICS rho: Σ over entry fills of quantity × distance to the stop × point value, positive money.

    For the first stop that becomes known. The entries so far are taken together: they lie on the same side of it.
    Entries that follow bring their own distance when they are applied.
    """
    if position.opened_value is None:
        return None
    points = abs(position.opened_value - stop_price * position.opened_quantity)
    return instrument.money(points, Decimal(1))


def revalue(position: Position, instrument: Instrument) -> Position:
    """Return the position with its money figures recomputed for a contract that has become known or changed.

    What prices did in money before that was not followed: unless there was but one, the extremes are incomplete.
    """
    realized = None if position.realized_points is None else instrument.money(position.realized_points, Decimal(1))
    valued = replace(position, realized_pnl=realized, currency=instrument.currency)
    if position.mae is not None or position.min_price is None or instrument.point_value is None:
        return valued
    if position.min_price == position.max_price:
        return _at_price(valued, position.min_price, instrument)
    return replace(valued, extremes_complete=False)


def _open(fill: Fill, instrument: Instrument, marks: SessionMarks) -> Position:
    value = None if fill.price is None else fill.price * fill.quantity
    known = ZERO if instrument.point_value is not None else None
    adopted = fill.source in (FillSource.RECON, FillSource.MANUAL)
    opened = Position(
        key=fill.key,
        quantity=fill.signed_quantity,
        entry_price=fill.price,
        entry_time=None if adopted and fill.fill_time is None else fill.time,
        realized_points=ZERO,
        realized_pnl=known,
        commissions=fill.commission,
        opened_quantity=fill.quantity,
        opened_value=value,
        closed_value=ZERO,
        max_quantity=fill.quantity,
        currency=instrument.currency,
        extremes_complete=_was_watched(fill),
        last_execution_id=fill.execution_id,
        entry_marks=marks,
    )
    return opened if fill.price is None else _at_price(opened, fill.price, instrument)


def _met(before: Position, fill: Fill, instrument: Instrument) -> Position:
    """Return the position as the fill finds it: its price was traded; what nobody watched leaves a gap."""
    seen = before if fill.price is None else _at_price(before, fill.price, instrument)
    return replace(seen, extremes_complete=False) if seen.extremes_complete and not _was_watched(fill) else seen


def _was_watched(fill: Fill) -> bool:
    """Say whether the path of prices can be followed over this fill: it has a price and is no correction."""
    return fill.price is not None and fill.source not in (FillSource.RECON, FillSource.MANUAL)


def _add(before: Position, fill: Fill, instrument: Instrument) -> Position:
    quantity = before.quantity + fill.signed_quantity
    entry = opened = None
    if before.entry_price is not None and fill.price is not None:
        cost = before.entry_price * abs(before.quantity)
        if before.opened_value is not None:
            opened = before.opened_value + fill.price * fill.quantity
            # While nothing was closed the exact sum is at hand: rounded once, not once per entry.
            cost = before.opened_value if before.opened_quantity == abs(before.quantity) else cost
        entry = (cost + fill.price * fill.quantity) / abs(quantity)
    # Without an entry price nobody can tell when the time under water ends.
    return replace(
        before,
        **(_cooled(before, fill.time) if entry is None else {}),  # type: ignore[arg-type]
        quantity=quantity,
        entry_price=entry,
        commissions=_sum(before.commissions, fill.commission),
        opened_quantity=before.opened_quantity + fill.quantity,
        opened_value=opened,
        max_quantity=max(before.max_quantity, abs(quantity)),
        initial_risk=_added_risk(before, fill, instrument),
        last_execution_id=fill.execution_id,
    )


def _added_risk(before: Position, fill: Fill, instrument: Instrument) -> Decimal | None:
    """Return rho with one more entry against the stop that works now; without one rho is not defined any more."""
    if before.initial_risk is None or before.stop_price is None or fill.price is None:
        return None
    risk = instrument.money(abs(fill.price - before.stop_price), fill.quantity)
    return None if risk is None else before.initial_risk + risk


def _reduce(before: Position, fill: Fill, instrument: Instrument) -> Position:
    """Reduce by at most the whole quantity; a quantity of zero lives only inside `apply_fill`."""
    points = closed = None
    if before.realized_points is not None and before.entry_price is not None and fill.price is not None:
        points = before.realized_points + (fill.price - before.entry_price) * fill.quantity * before.direction
    if before.closed_value is not None and fill.price is not None:
        closed = before.closed_value + fill.price * fill.quantity
    return replace(
        before,
        quantity=before.quantity + fill.signed_quantity,
        realized_points=points,
        realized_pnl=None if points is None else instrument.money(points, Decimal(1)),
        commissions=_sum(before.commissions, fill.commission),
        closed_value=closed,
        last_execution_id=fill.execution_id,
    )


def _split(fill: Fill, quantity: Decimal) -> tuple[Fill, Fill | None]:
    rest = fill.quantity - quantity
    if rest == 0:
        return fill, None
    cost = remaining = None
    if fill.commission is not None:
        cost = (fill.commission * quantity / fill.quantity).quantize(_SHARE_STEP)
        remaining = fill.commission - cost
    closing = replace(fill, quantity=quantity, commission=cost)
    return closing, replace(fill, quantity=rest, commission=remaining, leg=fill.leg + 1)


def _trade(flat: Position, fill: Fill, instrument: Instrument, marks: SessionMarks) -> Trade:
    """Make the round trip of a position that has just been reduced to zero.

    The result comes from the sums of both sides, which are exact, not from the running average.
    """
    flat = replace(flat, **_cooled(flat, fill.received_at))  # type: ignore[arg-type]
    opened, closed = flat.opened_value, flat.closed_value
    entry = None if opened is None else opened / flat.opened_quantity
    leave = None if closed is None else closed / flat.opened_quantity
    gross = None
    if opened is not None and closed is not None:
        gross = instrument.money((closed - opened) * -fill.side.sign, Decimal(1))
    return Trade(
        key=flat.key,
        direction=-fill.side.sign,
        quantity=flat.opened_quantity,
        entry_price=entry,
        exit_price=leave,
        entry_time=flat.entry_time,
        exit_time=fill.time,
        realized_pnl=gross,
        commissions=flat.commissions,
        initial_risk=flat.initial_risk,
        mae=flat.mae,
        mfe=flat.mfe,
        extremes_complete=flat.extremes_complete,
        currency=flat.currency,
        exit_reason="",
        source=fill.source,
        # Where no result could be marked, nobody knows how long it was below zero.
        heat_total_s=None if flat.entry_price is None else flat.heat_total_s,
        heat_max_s=None if flat.entry_price is None else flat.heat_max_s,
        entry_marks=flat.entry_marks,
        exit_marks=marks,
    )


def _at_price(position: Position, price: Decimal, instrument: Instrument) -> Position:
    """Include the price of a fill in the excursions: it traded there, and there it leaves the path where it was."""
    low = price if position.min_price is None else min(position.min_price, price)
    high = price if position.max_price is None else max(position.max_price, price)
    mae, mfe = _excursions(position, position.path(price, instrument))
    return replace(position, min_price=low, max_price=high, mae=mae, mfe=mfe)


def _excursions(position: Position, value: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    if value is None:
        return position.mae, position.mfe
    mae, mfe = max(ZERO, -value), max(ZERO, value)
    return max(mae, position.mae or ZERO), max(mfe, position.mfe or ZERO)


def _heat(position: Position, open_pnl: Decimal | None, now: datetime) -> dict[str, object] | None:
    if open_pnl is None:
        return None
    if position.heat_since is None:
        return {"heat_since": now} if open_pnl < 0 else None
    if open_pnl < 0:
        return None
    return _cooled(position, now)


def _cooled(position: Position, now: datetime) -> dict[str, object]:
    """Return the changes that end a time under water, if one runs."""
    if position.heat_since is None:
        return {}
    stretch = max(timedelta(0), now - position.heat_since)
    whole, rest = divmod(position.heat_rest + stretch, timedelta(seconds=1))
    return {
        "heat_since": None,
        "heat_total_s": position.heat_total_s + whole,
        "heat_max_s": max(position.heat_max_s, stretch // timedelta(seconds=1)),
        "heat_rest": rest,
    }


def _sum(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or right is None else left + right
