"""What guards are judged by, read from a snapshot, and what they say to one order. Pure.

The panel asks before it sends, the engine has the last word, and both look at the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.link import Link
from core.model.fill import Side
from core.model.guard_day import GuardFigures, GuardState, in_chicago
from core.model.guard_rules import Guard
from core.model.guards import AccountGuards
from core.model.order import Order
from core.model.position import Position
from core.model.scope import AccountKey, PositionKey
from core.snapshot import Certainty, Snapshot

if TYPE_CHECKING:
    from core.commands import SubmitOrder

ZERO = Decimal(0)
DOUBTFUL = (Certainty.MISMATCH, Certainty.STALE, Certainty.UNVERIFIED)
PAUSED = "Guard paused: data stale"
COMPARING = f"{PAUSED} (the broker's balance is being compared with ours)."


@dataclass(frozen=True, slots=True)
class Marked:
    """What an account's open positions are worth together; unknown is why they cannot be marked."""

    open_pnl: Decimal = ZERO
    best_above: Decimal = ZERO
    ticks: Decimal = ZERO
    unknown: str = ""


def figures_of(snapshot: Snapshot, key: AccountKey, state: GuardState, offset: Decimal | None) -> GuardFigures:
    """Return what an account is judged by.

    Args:
        offset: what the broker's balance has beyond our own figure, money; None while that is not known.
    """
    mine = [one for scope, one in snapshot.positions.items() if scope.account_key == key]
    alive = [one for one in snapshot.orders.values() if one.key.account_key == key and one.is_alive]
    marked = _marked(snapshot, key, mine, state.day)
    ledger, account = snapshot.ledger.get(key), snapshot.accounts.get(key)
    counts = GuardFigures(
        unknown=_doubt(snapshot, key) or (COMPARING if offset is None else marked.unknown),
        trades=_begun(snapshot, key, state.day),
        size=size_used(mine, alive),
        at_risk=bool(mine) or any(one.intent.is_entry for one in alive),
        currency="" if account is None else account.currency,
        held=", ".join(f"{abs(one.quantity):f} {one.key.symbol}" for one in mine),
    )
    if counts.unknown or offset is None or ledger is None or ledger.cash is None or ledger.day_net is None:
        return counts
    return GuardFigures(
        balance=ledger.cash + offset,
        day_net=ledger.day_net,
        open_pnl=marked.open_pnl,
        best_above=marked.best_above,
        trades=counts.trades,
        size=counts.size,
        at_risk=counts.at_risk,
        currency=counts.currency,
        ticks=marked.ticks or None,
        held=counts.held,
    )


def size_used(positions: Iterable[Position], alive: Iterable[Order], wanted: SubmitOrder | None = None) -> Decimal:
    """Return how many contracts there could be at worst, over all symbols: every entry on one side of a symbol fills.

    Orders of unknown outcome count as working. What can only reduce does not count.
    """
    held: dict[PositionKey, Decimal] = {one.key: one.quantity for one in positions}
    more: dict[tuple[PositionKey, Side], Decimal] = {}
    entries = [(one.key, one.side, one.remaining) for one in alive if one.intent.is_entry]
    if wanted is not None:
        entries.append((wanted.key, wanted.side, wanted.quantity))
    for key, side, quantity in entries:
        more[key, side] = more.get((key, side), ZERO) + quantity
    total = ZERO
    for key in {*held, *(scope for scope, _ in more)}:
        now = held.get(key, ZERO)
        long = abs(now + more.get((key, Side.BUY), ZERO))
        short = abs(now - more.get((key, Side.SELL), ZERO))
        total += max(abs(now), long, short)
    return total


def entry_stop(guards: AccountGuards | None) -> str:
    """Return why no entry at all passes in an account now, with the time of release; empty when some may."""
    if guards is None:
        return ""
    if guards.locked:
        return guards.locked
    if guards.paused:
        return f"{guards.paused} Entries wait; nothing is closed by it."
    return next((one.refusal for one in guards.verdicts if one.refuses), "")


def guard_refusal(command: SubmitOrder, snapshot: Snapshot) -> str:
    """Return why the guards refuse an entry, counted with all that is under way at this moment; empty when not."""
    guards = snapshot.guards.get(command.key.account_key)
    stopped = entry_stop(guards)
    if guards is None or stopped:
        return stopped
    account = command.key.account_key
    mine = [one for scope, one in snapshot.positions.items() if scope.account_key == account]
    alive = [one for one in snapshot.orders.values() if one.key.account_key == account and one.is_alive]
    return _too_many_trades(command, guards, mine, alive) or _too_large(command, guards, mine, alive)


def _too_many_trades(command: SubmitOrder, guards: AccountGuards, mine: list[Position], alive: list[Order]) -> str:
    verdict, most = guards.verdict(Guard.TRADES), guards.most(Guard.TRADES)
    position = next((one for one in mine if one.key == command.key), None)
    adds = position is not None and position.quantity * command.side.sign > 0
    if verdict is None or most is None or adds:
        return ""
    held = {one.key for one in mine}
    under_way = {one.key for one in alive if one.intent.is_entry and one.key not in held} - {command.key}
    if (verdict.used or ZERO) + len(under_way) < most:
        return ""
    refusal = replace(verdict, text=f"{verdict.used} of {most} trades of the day are begun.").refusal
    also = f" Working entries that may begin one: {len(under_way)}." if under_way else ""
    return f"{refusal}{also}"


def _too_large(command: SubmitOrder, guards: AccountGuards, mine: list[Position], alive: list[Order]) -> str:
    most, size = guards.most(Guard.SIZE), size_used(mine, alive, command)
    if most is None or size <= most:
        return ""
    return (
        f"with this order there could be {size:f} contracts, working and unknown entries counted; the limit of "
        f"{command.key.account} is {most:f}. A higher one counts from {in_chicago(guards.resets_at)} on."
    )


def _doubt(snapshot: Snapshot, key: AccountKey) -> str:
    line, ledger = snapshot.connections.get(key.connection), snapshot.ledger.get(key)
    if line is None or line.link is not Link.READY:
        return f"{PAUSED} (the line {key.connection} is not ready)."
    for scope in snapshot.scopes.values():
        shown = scope.key in snapshot.positions or bool(scope.broker_quantity)
        if scope.key.account_key == key and shown and scope.certainty in DOUBTFUL:
            return f"{PAUSED} ({scope.key.symbol} is {scope.certainty.value})."
    if ledger is None:
        return f"{PAUSED} (no balance of {key.account} yet)."
    if ledger.cash is None or ledger.day_net is None:
        return f"{PAUSED} (money of several currencies, or no balance, in {key.account})."
    return ""


def _marked(snapshot: Snapshot, key: AccountKey, mine: Sequence[Position], day: datetime) -> Marked:
    account = snapshot.accounts.get(key)
    own = "" if account is None else account.currency
    total, ticks, above = ZERO, ZERO, ZERO
    for position in mine:
        place = (position.key.connection, position.key.symbol)
        quote, instrument = snapshot.quotes.get(place), snapshot.instruments.get(place)
        symbol = position.key.symbol
        if instrument is not None and own and instrument.currency not in ("", own):
            return Marked(unknown=f"{PAUSED} ({symbol} is settled in {instrument.currency}, the account is in {own}).")
        known = quote is not None and not quote.stale and instrument is not None
        pnl = position.open_pnl(quote.last, instrument) if known and quote and instrument else None
        if pnl is None or instrument is None or instrument.tick_value is None:
            return Marked(unknown=f"{PAUSED} (no price of {symbol}).")
        total += pnl
        ticks += abs(position.quantity) * instrument.tick_value
        if len(mine) == 1 and quote is not None:
            above = _best_above(snapshot, position, position.path(quote.last, instrument), day)
    return Marked(total, above, ticks)


def _best_above(snapshot: Snapshot, position: Position, path: Decimal | None, day: datetime) -> Decimal:
    """Return how far the trade is below its best tick: between two looks the market may have been there and back.

    Known only while nothing else of the account moved meanwhile, and for a trade of this day.
    """
    begun, account = position.entry_time, position.key.account_key
    if path is None or position.mfe is None or begun is None or begun < day:
        return ZERO
    if any(one.key.account_key == account and one.exit_time > begun for one in snapshot.trades):
        return ZERO
    return max(ZERO, position.mfe - path)


def _begun(snapshot: Snapshot, key: AccountKey, day: datetime) -> int:
    begun = [one.entry_time for one in snapshot.trades if one.key.account_key == key]
    begun += [one.entry_time for scope, one in snapshot.positions.items() if scope.account_key == key]
    return sum(one is not None and one >= day for one in begun)
