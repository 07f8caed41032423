"""Arming: entries of real consequence pass only for a while, after a gesture, and only while nothing is in doubt.

An account is disarmed by one press, by showing another account, by saying that it is something else, by flattening, by
locking it for the session, by the end of the line, by messages that may be lost (waking from sleep is one case), by a
difference from the broker anywhere in the account, and by half an hour without a touch. Nothing arms by itself, and
nothing stays armed over a restart. What reduces a position needs no arming.

In an armed account each entry is asked about all the same, until the trader has said for it that entries inside the
limits go at once (one-click). That is a setting, and stays until the account is something else.
"""

from collections.abc import Iterable
from typing import Protocol

from core import commands, events
from core.binding_settings import LEAST_ARM_MINUTES, MOST_ARM_MINUTES
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level, Link
from core.messages import Message
from core.model.scope import AccountKey, Mode
from core.ports import AuditLog
from core.settings_commands import SetArmTime
from core.snapshot import Certainty, Snapshot
from core.state_manager import StateManager

ARMED_S = 30 * 60.0
REAL = (Mode.LIVE, Mode.EVAL)


class OneClickStore(Protocol):
    """Where it is kept which accounts are not asked. Raises PersistenceError."""

    def save(self, keys: Iterable[AccountKey]) -> None:
        """Store all of them."""
        ...


class ArmingService:
    """Arm and disarm accounts (trading thread; `load` on the main thread before it)."""

    def __init__(
        self, audit: AuditLog, one_click: OneClickStore, state: StateManager, clock: Clock, armed_s: float = ARMED_S
    ) -> None:
        self._audit = audit
        self._one_click = one_click
        self._state = state
        self._clock = clock
        self._armed_s = armed_s

    def load(self, one_click: Iterable[AccountKey]) -> None:
        """Take up the accounts that are not asked."""
        for key in one_click:
            self._state.set_one_click(key, True)

    def on_arm(self, command: commands.ArmAccount) -> list[Message]:
        """Arm, unless something speaks against it."""
        refused = arm_refusal(command.key, self._state.snapshot())
        if refused:
            return [self._said(Level.CAUTION, f"Not armed: {refused}")]
        self._state.set_armed(command.key, self._clock.monotonic() + self._armed_s)
        self._record(command.key, "armed", "trader")
        return [self._said(Level.INFO, f"{command.key.account} is armed: entries pass.")]

    def on_disarm(self, command: commands.DisarmAccount) -> list[Message]:
        """Disarm."""
        return self._disarm([command.key], "by the trader")

    def on_one_click(self, command: commands.SetOneClick) -> list[Message]:
        """Ask about entries inside the limits, or do not; what cannot be stored is asked."""
        key, snapshot = command.key, self._state.snapshot()
        account = snapshot.accounts.get(key)
        if command.on and (account is None or account.mode not in REAL):
            return [self._said(Level.CAUTION, f"One-click is for LIVE and EVAL accounts; {key.account} is none.")]
        if (key in snapshot.one_click) == command.on:
            return []
        wanted = {*snapshot.one_click, key} if command.on else {*snapshot.one_click} - {key}
        if not command.on:
            self._state.set_one_click(key, False)
        try:
            self._one_click.save(wanted)
        except PersistenceError as error:
            now = "Entries are asked about" + ("." if command.on else ", but not after the next start.")
            return [self._said(Level.ERROR, f"{key.account}: {error} {now}")]
        self._record(key, f"one-click {'on' if command.on else 'off'}", "trader")
        self._state.set_one_click(key, command.on)
        words = "go without a question (one-click)" if command.on else "are asked about"
        return [self._said(Level.INFO, f"{key.account}: entries inside the limits {words}.")]

    def on_set_arm_time(self, command: SetArmTime) -> list[Message]:
        """Have what is armed or touched from now on stay so for another time."""
        if LEAST_ARM_MINUTES <= command.minutes <= MOST_ARM_MINUTES:
            self._armed_s = command.minutes * 60.0
        return []

    def on_trader_active(self, command: commands.TraderActive) -> list[Message]:
        """Begin the time anew for what is armed."""
        until_s = self._clock.monotonic() + self._armed_s
        for key in self._state.snapshot().armed:
            self._state.set_armed(key, until_s)
        return []

    def on_select_account(self, command: commands.SelectAccount) -> list[Message]:
        """Disarm what is not on show any more."""
        others = [key for key in self._state.snapshot().armed if key != command.key]
        return self._disarm(others, "another account is shown")

    def on_classify(self, command: commands.ClassifyAccount) -> list[Message]:
        """Disarm an account that is something else now, and ask about its entries again: that was said of another."""
        account = self._state.snapshot().accounts.get(command.key)
        if account is None or account.mode is not command.mode:
            return []
        disarmed = self._disarm([command.key], f"it is {command.mode.value} now")
        return [*disarmed, *self.on_one_click(commands.SetOneClick(command.key, False))]

    def on_flatten(self, command: commands.FlattenAccount) -> list[Message]:
        """Disarm what is being flattened."""
        return self._disarm([command.key], "it is being flattened")

    def on_lock_session(self, command: commands.LockSession) -> list[Message]:
        """Disarm what the trader locks."""
        return self._disarm([command.key], "its entries are locked")

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """Disarm the accounts of a line that is not what it was."""
        return [] if event.link is Link.READY else self._disarm(self._of(event.connection), "the line is interrupted")

    def on_gap(self, event: events.GapDetected) -> list[Message]:
        """Disarm where messages may be lost, as after a sleep of the computer."""
        return self._disarm(self._of(event.connection), "messages may be missing")

    def on_ask_broker(self, command: commands.AskBroker) -> list[Message]:
        """Disarm where the broker's word and ours have come to differ; asking is what follows from that."""
        return self._disarm_doubtful()

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Disarm what nobody touched for too long, and what is in doubt."""
        over = [key for key, until_s in self._state.snapshot().armed.items() if event.monotonic_s >= until_s]
        return [*self._disarm(over, "nobody touched the window"), *self._disarm_doubtful()]

    # -- private ----------------------------------------------------------------------------------------------------

    def _disarm_doubtful(self) -> list[Message]:
        snapshot = self._state.snapshot()
        doubtful = [key for key in snapshot.armed if _differs(key, snapshot)]
        return self._disarm(doubtful, "here and at the broker a position differs")

    def _disarm(self, keys: list[AccountKey], why: str) -> list[Message]:
        follow: list[Message] = []
        for key in keys:
            if key in self._state.snapshot().armed:
                self._state.set_armed(key, None)
                self._record(key, "disarmed", why)
                follow.append(
                    self._said(Level.CAUTION, f"{key.account} is disarmed: {why}. Closing and reducing work.")
                )
        return follow

    def _of(self, connection: str) -> list[AccountKey]:
        return [key for key in self._state.snapshot().armed if key.connection == connection]

    def _record(self, key: AccountKey, what: str, cause: str) -> None:
        account = self._state.snapshot().accounts.get(key)
        mode = None if account is None else account.mode
        self._audit.append("setting", f"{key.account} {what}", key=key, mode=mode, cause=cause, data={})

    def _said(self, level: Level, text: str) -> Announcement:
        return Announcement(level, text, self._clock.now())


def arm_refusal(key: AccountKey, snapshot: Snapshot) -> str:
    """Return why an account cannot be armed now; empty when it can. Pure."""
    account = snapshot.accounts.get(key)
    line = snapshot.connections.get(key.connection)
    guards = snapshot.guards.get(key)
    if account is None:
        return f"the broker has not named an account {key.account}."
    if account.mode is None:
        return f"{key.account} is not classified; say first what it is."
    if account.mode not in REAL:
        return f"{key.account} is {account.mode.value}; it needs no arming."
    if account.mode is Mode.LIVE and snapshot.unfit:
        return snapshot.unfit
    if snapshot.halted:
        return f"entries are halted. {snapshot.halted}"
    if snapshot.locked:
        return f"entries are locked. {snapshot.locked}"
    if guards is not None and guards.locked:
        return guards.locked
    if line is None or line.link is not Link.READY:
        return f"the line {key.connection} is not ready."
    if account.trading_disabled or not line.trading_supported:
        return f"the broker does not accept orders for {key.account}."
    return (
        f"a position of {key.account} differs from the broker's; reconcile it first." if _differs(key, snapshot) else ""
    )


def _differs(key: AccountKey, snapshot: Snapshot) -> bool:
    return any(
        scope.key.account_key == key and scope.certainty is Certainty.MISMATCH for scope in snapshot.scopes.values()
    )
