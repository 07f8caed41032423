"""Ours against theirs: pure comparison of what the ledger says with what the broker reports.

1. The broker is right about quantity. 2. A report that is missing proves nothing: no answer, a refused list and a list
without our symbol are three findings, none of them "flat"; only a row with quantity zero is. 3. Every key carries its
connection and account: positions of two accounts are never added. 4. Averages may differ without the quantity being
wrong; the difference is a note. 5. Doing it twice gives the same result twice: ids of corrections are functions of
the facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.broker_report import BrokerSnapshot, PositionReport
from core.events import CorrectionDecided
from core.model.fill import Fill, FillSource, Side, correction_id
from core.model.order import Order, OrderState, OrderType
from core.model.position import Position
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey

# Broker clocks and ours differ; a fill this much before an order's birth may still be its own.
CLOCK_SKEW = timedelta(seconds=5)

_CORRECTIONS = {
    RecoveryChoice.ADOPT: "adopted from broker",
    RecoveryChoice.CLOSE_BROKER: "adopted from broker to be closed",
    RecoveryChoice.RECORD_CLOSED: "recorded as closed",
    RecoveryChoice.USE_FILLS: "set to what the fills add up to",
}


def compare(
    ours: Mapping[PositionKey, Position],
    theirs: Sequence[PositionReport] | None,
    orders: Iterable[Order],
) -> tuple[RecoveryRow, ...]:
    """Return one row per scope that has a position on either side, sorted by scope.

    Args:
        theirs: a complete list; None when the broker refuses to list positions.
    """
    reports = {row.key: row for row in theirs or ()}
    scopes = set(ours) | {key for key, row in reports.items() if row.quantity != 0}
    working: dict[PositionKey, list[str]] = {}
    for order in orders:
        if order.is_alive:
            working.setdefault(order.key, []).append(describe(order))
    rows = []
    for key in sorted(scopes):
        report, position = reports.get(key), ours.get(key)
        rows.append(
            RecoveryRow(
                key=key,
                situation=situation_of(position, report),
                ours=position,
                broker_quantity=None if report is None else report.quantity,
                broker_price=None if report is None else report.average_price,
                exits=tuple(working.get(key, ())),
                note=_note(position, report, theirs is not None),
            )
        )
    return tuple(rows)


def with_unanswered(snapshot: BrokerSnapshot, held: Iterable[PositionKey]) -> BrokerSnapshot:
    """Return the snapshot with a row of unknown quantity for each scope whose account it does not name.

    Of an account the broker does not show us any more he has said nothing: neither flat nor that he never reports.
    """
    named = {one.key for one in snapshot.accounts}
    rows = [PositionReport(key, None, None, snapshot.asked_at) for key in held if key.account_key not in named]
    return replace(snapshot, positions=(*(snapshot.positions or ()), *rows)) if rows else snapshot


def situation_of(position: Position | None, report: PositionReport | None) -> Situation:
    """Return how one scope relates; `report` None means that the broker lists no positions, or not this one.

    At least one of the two must be something other than flat.
    """
    if report is None:
        return Situation.FILLS_ONLY
    if report.quantity is None:
        return Situation.NO_ANSWER
    if position is None:
        return Situation.ONLY_AT_BROKER
    if report.quantity == 0:
        return Situation.CLOSED_AT_BROKER
    if report.quantity == position.quantity:
        return Situation.MATCH
    return Situation.SIZE_DIFFERS if report.quantity * position.quantity > 0 else Situation.OPPOSITE_SIDE


def correction(row: RecoveryRow, choice: RecoveryChoice, at: datetime) -> CorrectionDecided | None:
    """Return the correction a decision asks for; None when our books stay as they are.

    ADOPT and CLOSE_BROKER bring our quantity to the broker's, where he gave one; RECORD_CLOSED brings it to zero,
    USE_FILLS to what the fills add up to. The price is known in one case only: a position we did not have is adopted at
    the broker's average. Everywhere else no profit is invented: the price is None and the money of that trade stays
    unknown.

    Args:
        at: when the broker stated the figure, or else now; aware UTC.
    """
    before = Decimal(0) if row.ours is None else row.ours.quantity
    after = _quantity_after(row, choice)
    if after is None or after == before:
        return None
    closed = choice is RecoveryChoice.RECORD_CLOSED
    source = FillSource.MANUAL if closed else FillSource.RECON
    anchor = "" if row.ours is None else row.ours.last_execution_id
    fill = Fill(
        key=row.key,
        execution_id=correction_id(row.key, source.value, before, after, anchor),
        side=Side.BUY if after > before else Side.SELL,
        quantity=abs(after - before),
        price=row.broker_price if row.ours is None and choice is not RecoveryChoice.USE_FILLS else None,
        fill_time=None,
        received_at=at,
        source=source,
    )
    return CorrectionDecided(fill, _CORRECTIONS[choice], before)


def fills_quantity(position: Position | None, fills: Sequence[Fill]) -> Decimal | None:
    """Return what the fills of the latest trade add up to when corrections are left out, signed.

    Args:
        fills: those of the scope, oldest first, as the ledger has them.

    Returns:
        None when they do not reach back to where the trade began.
    """
    held = Decimal(0) if position is None else position.quantity
    total = Decimal(0)
    for fill in reversed(fills):
        held -= fill.signed_quantity
        total += fill.signed_quantity if fill.source in (FillSource.OURS, FillSource.EXTERNAL) else 0
        if held == 0:
            return total
    return None if fills or held else total


def claim_fills(fills: Sequence[Fill], orders: Iterable[Order], renamed: Iterable[Order] = ()) -> tuple[Fill, ...]:
    """Return the fills with those of orders whose name at the broker we were not told given their client order id.

    A historical fill names only the server's id. Of an order that was killed before its acknowledgement we do not have
    one, and one that was being changed may have got another. All fills of an unknown id are claimed by such an order
    where they fit it, and no other id fits it, nor they another order. Of several nobody knows which is whose: they
    share as many ids of the same size, where it makes no difference, and otherwise claim none.

    Args:
        fills: those not booked yet.
        renamed: orders that were being changed and are listed no more; at what price they worked then is not known.
    """
    orders = sorted(orders, key=lambda one: one.created_at)
    owners = {(one.key, one.server_order_id): one.client_order_id for one in orders if one.server_order_id}
    doubtful = [one for one in orders if one.state is OrderState.UNKNOWN and not one.server_order_id]
    doubtful += [replace(one, price=None) for one in renamed]
    groups: dict[tuple[PositionKey, str], list[Fill]] = {}
    theirs: dict[str, list[Fill]] = {}
    for fill in fills:
        name = (fill.key, fill.server_order_id)
        owner = fill.client_order_id or owners.get(name, "")
        if owner:
            theirs.setdefault(owner, []).append(fill)
        else:
            groups.setdefault(name, []).append(fill)

    def may_own(order: Order, parts: Sequence[Fill]) -> bool:
        room = order.remaining - _total(theirs.get(order.client_order_id, ()))
        return _total(parts) <= room and all(_fits(order, fill) for fill in parts)

    fitting = {name: tuple(one for one in doubtful if may_own(one, parts)) for name, parts in groups.items()}
    for candidates in dict.fromkeys(fitting.values()):
        names = [name for name, others in fitting.items() if set(others) & set(candidates)]
        alike = all(fitting[name] == candidates for name in names) and len(names) == len(candidates)
        if alike and len({_total(groups[name]) for name in names}) == 1:
            owners.update(zip(names, (one.client_order_id for one in candidates), strict=True))
    return tuple(
        one if one.client_order_id else replace(one, client_order_id=owners.get((one.key, one.server_order_id), ""))
        for one in fills
    )


def describe(order: Order) -> str:
    """Return a working order in a few words: "SELL 2 STOP 5045.25 · SERVER"."""
    price = order.trigger_price if order.trigger_price is not None else order.price
    at = "" if price is None else f" {price}"
    return f"{order.side.value} {order.remaining} {order.type.value}{at} · {order.held.value}"


def _quantity_after(row: RecoveryRow, choice: RecoveryChoice) -> Decimal | None:
    """Return the signed quantity a choice brings our books to; None when it changes nothing."""
    if choice is RecoveryChoice.RECORD_CLOSED:
        return Decimal(0)
    if choice is RecoveryChoice.USE_FILLS:
        return row.fills_quantity
    return row.broker_quantity if choice in _CORRECTIONS else None


def _total(fills: Iterable[Fill]) -> Decimal:
    return sum((one.quantity for one in fills), Decimal(0))


def _fits(order: Order, fill: Fill) -> bool:
    if order.key != fill.key or order.side is not fill.side or fill.time < order.created_at - CLOCK_SKEW:
        return False
    limited = order.type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    if not limited or order.price is None or fill.price is None:
        return True
    return (fill.price - order.price) * order.side.sign <= 0


def _note(position: Position | None, report: PositionReport | None, listed: bool) -> str:
    if report is None and listed:
        return "The broker's list does not mention it; that is not an explicit flat."
    if position is None or report is None or report.average_price is None or position.entry_price is None:
        return ""
    if report.quantity == 0 or abs(report.average_price - position.entry_price) < Decimal("0.0000001"):
        return ""
    return f"Average differs: here {position.entry_price:f}, broker {report.average_price:f}."
