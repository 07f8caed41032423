"""Which executions of a snapshot our ledger lacks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.broker_report import BrokerSnapshot, PositionReport
from core.model.fill import Fill, Side, is_synthetic
from core.model.order import Order, OrderState
from core.model.scope import PositionKey
from core.ports import AccountRepository, PositionRepository
from core.snapshot import Snapshot
from services.absent_orders import SETTLING_S
from services.reconciliation import claim_fills

# By then a fill is in the position its broker states.
SETTLED = timedelta(seconds=10)
ZERO = Decimal(0)


def fills_to_book(
    told: BrokerSnapshot, known: Snapshot, accounts: AccountRepository, positions: PositionRepository
) -> tuple[Fill, ...]:
    """Return the executions a broker told that are to be booked now, oldest first."""
    missed = missed_fills(told, known.orders.values(), known.fills, accounts, positions)
    held = {key: one.quantity for key, one in known.positions.items()}
    return believable(missed, held, told.positions or (), told.asked_at)


def missed_fills(
    snapshot: BrokerSnapshot,
    orders: Iterable[Order],
    booked: Iterable[Fill],
    accounts: AccountRepository,
    positions: PositionRepository,
) -> tuple[Fill, ...]:
    """Return the executions to book, oldest first; at the first sync of an account, none.

    What happened before we knew an account is its past: its position is adopted as the broker states it. The anchor
    that divides the two is stored at the first sync, in the broker's own time, so the clocks need not agree. In the
    same way a correction of a scope takes in whatever happened there before the broker stated the figure it follows;
    to book such a fill as well, when a history that had been refused is told after all, would count it twice. What was
    told live without an id is in the history under one the broker made since: as much of an order as was booked so is
    not booked again.

    Args:
        booked: the recent ledger, and what is shown without being stored yet.
    """
    fills = snapshot.fills or ()
    for account in snapshot.accounts:
        if snapshot.fills is not None and accounts.fills_anchor(account.key) is None:
            times = [one.fill_time for one in fills if one.key.account_key == account.key and one.fill_time]
            accounts.set_fills_anchor(account.key, max(times, default=snapshot.fills_since))
    booked = tuple(booked)
    shown = {(one.key.account_key, one.execution_id) for one in booked}
    missed = []
    for fill in fills:
        anchor = accounts.fills_anchor(fill.key.account_key)
        after = anchor is not None and (fill.fill_time is None or fill.fill_time > anchor)
        name = (fill.key.account_key, fill.execution_id)
        if after and name not in shown and not positions.has_fill(*name):
            missed.append(fill)
    corrected = {key: positions.corrected_at(key) for key in {one.key for one in missed}}
    missed = [one for one in missed if (at := corrected[one.key]) is None or one.time > at]
    missed = _untold(missed, booked)
    known = _owners(snapshot, orders)
    return tuple(sorted(claim_fills(missed, known, _renamed(snapshot, known)), key=lambda one: one.time))


def _untold(missed: Sequence[Fill], booked: Iterable[Fill]) -> list[Fill]:
    """Return the fills without those that were told live without an id: one of the same order, side and size each."""
    sizes: dict[tuple[PositionKey, str, str, Side], Decimal] = {}
    for one in (one for one in booked if one.server_order_id and is_synthetic(one.execution_id)):
        name = (one.key, one.execution_id, one.server_order_id, one.side)
        sizes[name] = sizes.get(name, ZERO) + one.quantity  # a reversal has two legs
    told = Counter((key, order, side, size) for (key, _, order, side), size in sizes.items())
    left: list[Fill] = []
    for fill in missed:
        twin = (fill.key, fill.server_order_id, fill.side, fill.quantity)
        if told[twin]:
            told[twin] -= 1
        else:
            left.append(fill)
    return left


def believable(
    fills: Sequence[Fill], held: Mapping[PositionKey, Decimal], told: Iterable[PositionReport], asked_at: datetime
) -> tuple[Fill, ...]:
    """Return the fills without those that contradict the broker's own figure: their beginning is not in the history.

    What was opened elsewhere before the history begins and reduced within it looks like a position on the other side.
    The broker's figure is the anchor then: the scope stays as it is, differs, and is adopted at his figure, which takes
    these fills in. Only fills of others are left out, and none so young that his figure may be older than they are.

    Args:
        held: our signed quantities.
        told: what the broker listed together with them.
        asked_at: when he was asked, aware UTC.
    """
    theirs = {one.key: one.quantity for one in told if one.quantity is not None}
    strange: set[PositionKey] = set()
    for key in {one.key for one in fills} & theirs.keys():
        mine = [one for one in fills if one.key == key]
        after = held.get(key, ZERO) + sum((one.signed_quantity for one in mine), ZERO)
        if after * theirs[key] < 0 and all(not one.client_order_id and one.time < asked_at - SETTLED for one in mine):
            strange.add(key)
    return tuple(one for one in fills if one.key not in strange)


def _owners(snapshot: BrokerSnapshot, orders: Iterable[Order]) -> list[Order]:
    """Return the orders a list may have executions of, those it lacks though sent well before as in doubt.

    They are not on their way any more and nothing told what became of them: if the list has an execution that fits,
    it is theirs. Waiting until they are UNKNOWN would book it without its order, which then seems never placed.
    What was sent after the list was complete has nothing in it, however well the clocks agree.
    """
    listed = {row.client_order_id for row in snapshot.orders}
    until = snapshot.asked_at - timedelta(seconds=SETTLING_S)
    return [
        replace(one, state=OrderState.UNKNOWN)
        if one.state is OrderState.SENT and one.updated_at <= until and one.client_order_id not in listed
        else one
        for one in orders
        if one.server_order_id or one.created_at <= snapshot.completed_at
    ]


def _renamed(snapshot: BrokerSnapshot, orders: Iterable[Order]) -> list[Order]:
    """Return the orders that were being changed and that the list has under no name we know."""
    listed = {row.client_order_id for row in snapshot.orders} | {row.server_order_id for row in snapshot.orders}
    changing = [one for one in orders if one.state is OrderState.PENDING_CHANGE and one.server_order_id]
    return [one for one in changing if not listed & {one.client_order_id, one.server_order_id}]
