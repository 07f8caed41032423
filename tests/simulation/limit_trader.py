"""The hand of a trader who binds himself: limits of a day and of an order, and locks until the session ends."""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from core import commands
from core.messages import Message
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.sanity import SanityLimits
from core.model.scope import AccountKey
from core.settings_commands import ChangeGuards, ChangeSanityLimits
from tests.simulation.bracket_trader import Act

_LOSSES = (None, 30, 100, 300, 1_000)
_SIZES = (None, None, 2, 3, 5, 9)
_TRADES = (None, None, 1, 3, 6)


class LimitTrader:
    """Makes the messages his hand would."""

    def __init__(self, random: Random, account: Callable[[], AccountKey]) -> None:
        self._random = random
        self._account = account
        self._presses = 0
        self.acts: list[Act] = [
            (3, self.limit_the_day),
            (1, self.limit_an_order),
            (1, self.lock_the_session),
            (1, self.flatten_and_lock),
        ]

    def limit_the_day(self) -> list[Message]:
        """Want other limits of an account, tighter or looser."""
        choice = self._random.choice
        loss, size, trades = choice(_LOSSES), choice(_SIZES), choice(_TRADES)
        watched = (Guard.DAY_LOSS, Guard.SIZE, Guard.TRADES)
        rules = GuardRules(
            day_loss=None if loss is None else Decimal(loss),
            trades=trades,
            size=None if size is None else Decimal(size),
            actions={one: choice((GuardAction.BLOCK, GuardAction.FLATTEN, GuardAction.WARN)) for one in watched},
        )
        return [ChangeGuards(self._account(), rules)]

    def limit_an_order(self) -> list[Message]:
        """Want another largest order."""
        largest = Decimal(self._random.choice((1, 2, 3, 100)))
        return [ChangeSanityLimits(SanityLimits(quantity_soft=largest, quantity_hard=largest))]

    def lock_the_session(self) -> list[Message]:
        """Lock an account until its session ends."""
        return [commands.LockSession(self._account())]

    def flatten_and_lock(self) -> list[Message]:
        """Lock it, and close everything in it."""
        self._presses += 1
        key = self._account()
        return [commands.FlattenAccount(f"flatten-lock-{self._presses}", key), commands.LockSession(key)]
