"""The reset of an account of the built-in simulator: it begins anew with its first money, and keeps its history.

The simulator is asked, and what it answers is the money from then on: one logged point of our own ledger (RESET), so
that the broker's figure and ours agree, and curve and statistics tell a reset from a result. Trades, fills and orders
stay. It is refused while anything is open or may trade here; the simulator refuses too, by its own books. When it does
not answer, nothing is changed here, and asking again does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core import commands, events
from core.account_reset import reset_refusal
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.model.scope import AccountKey
from core.ports import AuditLog
from core.state_manager import StateManager

ANSWER_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class ResetAnswer:
    """What the simulator said: the money the account begins with, or why it does not."""

    cash: Decimal | None
    error: str = ""


class SimulatorControl(Protocol):
    """One simulator of this program (trading thread). Raises PersistenceError."""

    def ask_reset(self, account: str) -> str:
        """Ask for a reset; return the name of the question."""
        ...

    def answer(self, name: str) -> ResetAnswer | None:
        """Return the answer to a question; None before there is one."""
        ...


@dataclass(slots=True)
class _Asked:
    """A question. moved: what fills have made of our figure since, money."""

    name: str
    until_s: float
    moved: Decimal = Decimal(0)


class AccountResetService:
    """Ask for resets and follow them (trading thread).

    Args:
        simulators: those this program started, by connection.
    """

    def __init__(
        self, simulators: Mapping[str, SimulatorControl], audit: AuditLog, state: StateManager, clock: Clock
    ) -> None:
        self._simulators = simulators
        self._audit = audit
        self._state = state
        self._clock = clock
        self._asked: dict[AccountKey, _Asked] = {}

    def load(self) -> None:
        """Publish whose accounts can be reset."""
        self._state.set_resettable(frozenset(self._simulators))

    def on_reset(self, command: commands.ResetAccount) -> list[Message]:
        """Ask the simulator, unless something is open; a second press while it is asked does nothing."""
        key = command.key
        if key in self._asked:
            return []
        refused = reset_refusal(key, self._state.snapshot())
        if refused:
            return [self._said(Level.CAUTION, f"Not reset: {refused}")]
        try:
            self._record(key)
            name = self._simulators[key.connection].ask_reset(key.account)
        except PersistenceError as error:
            return [self._said(Level.ERROR, f"{key.account} is not reset: {error}")]
        self._asked[key] = _Asked(name, self._clock.monotonic() + ANSWER_LIMIT_S)
        return []

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Count what moves our figure while the simulator is asked: it comes on top of what he answers."""
        asked = self._asked.get(event.change.key.account_key)
        if asked is not None:
            asked.moved += event.change.cash
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Look for answers."""
        return [message for key in tuple(self._asked) for message in self._look(key, event.monotonic_s)]

    # -- private ----------------------------------------------------------------------------------------------------

    def _look(self, key: AccountKey, now_s: float) -> list[Message]:
        asked = self._asked[key]
        try:
            answer = self._simulators[key.connection].answer(asked.name)
        except PersistenceError as error:
            answer = ResetAnswer(None, str(error))
        if answer is None and now_s < asked.until_s:
            return []
        del self._asked[key]
        if answer is None:
            text = f"{key.account}: the simulator did not answer; whether it was reset shows in its balance."
            return [self._said(Level.ERROR, text)]
        if answer.cash is None:
            return [self._said(Level.CAUTION, f"Not reset: {answer.error}.")]
        return [events.AccountReset(key, answer.cash + asked.moved)]

    def _record(self, key: AccountKey) -> None:
        """Write down that it was asked for; what comes of it is written down with the money."""
        account = self._state.snapshot().accounts.get(key)
        mode = None if account is None else account.mode
        self._audit.append("setting", f"reset of {key.account} asked", key=key, mode=mode, cause="trader", data={})

    def _said(self, level: Level, text: str) -> Announcement:
        return Announcement(level, text, self._clock.now())
