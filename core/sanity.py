"""The sanity limits of `core.model.sanity`, measured on a snapshot: the panel asks before it sends, the engine has the
last word, and both look at the same thing. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.model.sanity import Breach, Surroundings, Wanted, breaches
from core.snapshot import Snapshot

if TYPE_CHECKING:
    from core.commands import SubmitOrder


def breaches_of(command: SubmitOrder, snapshot: Snapshot, now: datetime) -> tuple[Breach, ...]:
    """Return the limits an entry would pass, hard ones first; not to be asked of what reduces a position.

    Args:
        now: wall time, aware UTC.
    """
    key = command.key
    place = (key.connection, key.symbol)
    quote, balance = snapshot.quotes.get(place), snapshot.balances.get(key.account_key)
    cash = None if balance is None else balance.cash
    open_pnl = None if balance is None else balance.open_pnl
    around = Surroundings(
        instrument=snapshot.instruments.get(place),
        last=None if quote is None else quote.last,
        equity=None if cash is None else cash + (open_pnl or 0),
        currency="" if balance is None else balance.currency,
        orders=snapshot.orders.values(),
        now=now,
        stale=quote is not None and quote.stale,
    )
    wanted = Wanted(key, command.side, command.type, command.quantity, command.price, command.trigger_price)
    return breaches(wanted, around, snapshot.limits)
