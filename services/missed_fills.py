"""Which executions of a snapshot our ledger lacks."""

from collections.abc import Iterable

from core.broker_report import BrokerSnapshot
from core.model.fill import Fill
from core.model.order import Order
from core.ports import AccountRepository, PositionRepository
from services.reconciliation import claim_fills


def missed_fills(
    snapshot: BrokerSnapshot, orders: Iterable[Order], accounts: AccountRepository, positions: PositionRepository
) -> tuple[Fill, ...]:
    """Return the executions to book, oldest first; at the first sync of an account, none.

    What happened before we knew an account is its past: its position is adopted as the broker states it. The anchor
    that divides the two is stored at the first sync, in the broker's own time, so the clocks need not agree.
    """
    fills = claim_fills(snapshot.fills or (), orders)
    for account in snapshot.accounts:
        if snapshot.fills is not None and accounts.fills_anchor(account.key) is None:
            times = [one.fill_time for one in fills if one.key.account_key == account.key and one.fill_time]
            accounts.set_fills_anchor(account.key, max(times, default=snapshot.fills_since))
    missed = []
    for fill in fills:
        anchor = accounts.fills_anchor(fill.key.account_key)
        after = anchor is not None and (fill.fill_time is None or fill.fill_time > anchor)
        if after and not positions.has_fill(fill.key.account_key, fill.execution_id):
            missed.append(fill)
    return tuple(sorted(missed, key=lambda one: one.time))
