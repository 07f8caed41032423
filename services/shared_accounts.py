"""Accounts somebody else trades as well: over a second connection of this program, or another installation of it.

Two lines to one account tell every order and execution twice, each under its own name, so that it would be booked
twice, and closed twice. What gives it away is our own order told over a line it was not sent on, or an execution that
two lines tell alike to the last figure. Then entries are refused on the line that told it second, and the trader is
told; closing works, and should be done on one of the two only. A position booked twice cannot be undone from here.

Orders of another installation are adopted like anybody's. That it is this program, on another computer or with another
data folder, is said once: its limits and locks are not ours.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from core import events
from core.clock import Clock
from core.events import Announcement, Level
from core.messages import Message
from core.model.fill import Fill, FillSource, Side
from core.model.order_ids import OrderIds
from core.model.scope import AccountKey
from core.snapshot import ScopeStatus
from core.state_manager import StateManager
from services.close_words import held as in_words

Facts = tuple[str, str, str, Side, Decimal, Decimal | None, datetime]


class SharedAccounts:
    """Watch for accounts that are traded from elsewhere too (trading thread)."""

    def __init__(self, state: StateManager, clock: Clock, ids: OrderIds) -> None:
        self._state = state
        self._clock = clock
        self._ids = ids
        self._told: set[tuple[AccountKey, str]] = set()

    def on_accounts_listed(self, event: events.AccountsListed) -> list[Message]:
        """Look through what is booked: what was found in an earlier life is found again before the line is ready."""
        follow: list[Message] = []
        for account in event.accounts:
            follow += self._doubled(account.key, self._state.snapshot().fills)
        return follow

    def on_report(self, event: events.OrderReported) -> list[Message]:
        """Notice an order of ours told over another line, and one of another installation."""
        report, key = event.report, event.report.key.account_key
        ours = self._state.snapshot().orders.get(report.client_order_id)
        if ours is not None and _are_one(ours.key.account_key, key):
            return self._shared(key, ours.key.account_key)
        return self._of_another(key, self._ids.other_installation(report.client_order_id))

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Notice an execution another line has told."""
        fill = event.change.fill
        key, facts = fill.key.account_key, _facts(fill)
        for one in self._state.snapshot().fills:
            if _are_one(one.key.account_key, key) and facts is not None and _facts(one) == facts:
                return self._shared(key, one.key.account_key)
        return []

    def on_snapshot_digested(self, event: events.SnapshotDigested) -> list[Message]:
        """Say where two lines state the very same position of accounts of one name: it may be counted twice here.

        That proves nothing, so nothing else follows from it; with the first execution it would be known.
        """
        scopes = self._state.snapshot().scopes.values()
        held = [one for one in scopes if one.broker_quantity and one.broker_price is not None]
        follow: list[Message] = []
        for mine in (one for one in held if one.key.connection == event.connection):
            for other in held:
                same = (other.key.symbol, other.broker_quantity, other.broker_price) == (
                    mine.key.symbol,
                    mine.broker_quantity,
                    mine.broker_price,
                )
                if same and _are_one(mine.key.account_key, other.key.account_key):
                    follow += self._maybe_one(mine, other.key.account_key)
        return follow

    # -- private ----------------------------------------------------------------------------------------------------

    def _maybe_one(self, mine: ScopeStatus, other: AccountKey) -> list[Message]:
        key, shared = mine.key.account_key, self._state.snapshot().shared
        pair = " and ".join(sorted((key.connection, other.connection)))
        if key in shared or other in shared or (key, pair) in self._told:
            return []
        self._told |= {(key, pair), (other, pair)}
        text = (
            f"{key.account} holds {in_words(mine.broker_quantity)} {mine.key.symbol} at the same average on {pair}. If "
            "that is one account, it is counted twice here, and would be closed twice: close on one of the two only, "
            "and take the other connection out of the settings."
        )
        return [Announcement(Level.ALARM, text, self._clock.now())]

    def _doubled(self, key: AccountKey, fills: Iterable[Fill]) -> list[Message]:
        """Look for an execution that the account was told as another of its name was: who told it last is second."""
        if not any(_are_one(key, one) for one in self._state.snapshot().accounts):
            return []
        first: dict[Facts, AccountKey] = {}
        for fill in fills:
            facts = _facts(fill)
            if facts is None:
                continue
            owner = first.setdefault(facts, fill.key.account_key)
            if owner != fill.key.account_key and key in (owner, fill.key.account_key):
                return self._shared(fill.key.account_key, owner)
        return []

    def _shared(self, second: AccountKey, first: AccountKey) -> list[Message]:
        shared = self._state.snapshot().shared
        if second in shared or first in shared:
            return []
        text = (
            f"{second.account} is the same account on {first.connection} and on {second.connection}: what is done in "
            f"it is told, and booked, twice. Entries are refused on {second.connection}; close on one of the two only, "
            "and take the other connection out of the settings."
        )
        self._state.set_shared(second, text)
        return [Announcement(Level.ALARM, text, self._clock.now())]

    def _of_another(self, key: AccountKey, installation: str) -> list[Message]:
        if not installation or (key, installation) in self._told:
            return []
        self._told.add((key, installation))
        text = (
            f"Another Stanchion ({installation}) has sent orders to {key.account} on {key.connection}: another "
            "computer or data folder trades it. Its orders are shown as EXTERNAL; its limits and locks are its own."
        )
        return [Announcement(Level.ALARM, text, self._clock.now())]


def _are_one(left: AccountKey, right: AccountKey) -> bool:
    """Say whether two connections may mean one account: they call it the same."""
    return left.account == right.account and left.connection != right.connection


def _facts(fill: Fill) -> Facts | None:
    """Return what two lines tell alike of one execution; None of a correction, and where the broker gave no time."""
    if fill.source in (FillSource.RECON, FillSource.MANUAL) or fill.fill_time is None or fill.leg:
        return None
    name = fill.server_order_id or fill.execution_id
    key = fill.key
    return key.account, key.symbol, name, fill.side, fill.quantity, fill.price, fill.fill_time
