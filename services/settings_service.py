"""Settings that bind the engine: changed by a command, audited, published, stored.

What tightens a limit counts at once; what loosens one counts from the next session reset, over every restart, also
where it was written into settings.toml by hand. For the limits of accounts the guards see to that (a day keeps every
set of rules it has seen); of the limits of an order the strictest figures a session has seen are in the database.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Protocol

from core import events
from core.binding_settings import LEAST_ARM_MINUTES, MOST_ARM_MINUTES, BindingSettings, HeldLimits
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.model.commission import CommissionSchedule, scheduled
from core.model.guard_day import in_chicago, next_reset
from core.model.guard_rules import GuardRules
from core.model.guard_texts import rules_to_texts
from core.model.sanity import SanityLimits
from core.model.sanity_change import strictest_of
from core.model.scope import AccountKey
from core.ports import AuditLog
from core.settings_commands import (
    ChangeBrackets,
    ChangeCommissions,
    ChangeGuards,
    ChangeSanityLimits,
    SetArmTime,
    SetAskInSim,
    SetDesk,
)
from core.state_manager import StateManager

_NOTHING: Mapping[str, str] = {}


class SettingsStore(Protocol):
    """Where the settings are kept. What cannot be stored is said by whoever stores, and holds in this life."""

    def save(self, before: BindingSettings, after: BindingSettings) -> None:
        """Store what differs, soon; it returns at once."""
        ...


class LimitRepository(Protocol):
    """The limits of an order that bind in a session, whatever the settings say by now (trading thread)."""

    def keep(self, limits: HeldLimits) -> None:
        """Commit what binds, and until when, in place of what did.

        Raises:
            PersistenceError: nothing was changed.
        """
        ...

    def in_force(self) -> HeldLimits | None:
        """Return what bound last, be its session over or not; None where nothing ever did."""
        ...


class SettingsService:
    """Change what binds the engine (trading thread; `load` on the main thread before it)."""

    def __init__(
        self,
        store: SettingsStore,
        limits: LimitRepository,
        audit: AuditLog,
        state: StateManager,
        clock: Clock,
        settings: BindingSettings,
        shipped: CommissionSchedule,
    ) -> None:
        """Take up settings as they are stored.

        Args:
            shipped: what fills cost where the settings say nothing.
        """
        self._store = store
        self._limits = limits
        self._audit = audit
        self._state = state
        self._clock = clock
        self._settings = settings
        self._shipped = shipped
        self._in_force = HeldLimits(settings.limits, next_reset(clock.now()))
        self._kept: HeldLimits | None = None
        self._refused = False

    def load(self) -> None:
        """Publish them, with what this session has seen of stricter limits.

        Raises:
            PersistenceError: that cannot be read.
        """
        self._kept = self._limits.in_force()
        if self._kept is not None and self._kept.until > self._clock.now():
            self._in_force = HeldLimits(strictest_of(self._kept.limits, self._settings.limits), self._kept.until)
        held = self._held(self._settings.limits)
        self._settings = replace(self._settings, held=held)
        if held is not None:
            text = f"stricter limits of an order than the settings have bind until {in_chicago(held.until)}"
            self._record(text, "start", _limit_changes(held.limits, self._settings.limits))
        self._keep()
        self._publish()

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Let what was loosened count, once its session has begun."""
        if event.now < self._in_force.until:
            return self._keep()
        held = self._settings.held
        self._in_force = HeldLimits(self._settings.limits, next_reset(event.now))
        follow = self._keep()
        if held is None:
            return follow
        self._change(replace(self._settings, held=None))
        self._record("the limits of an order, as they were loosened, count from now on", "session reset")
        return [self._said("A new session: the limits of an order count as you loosened them."), *follow]

    def on_change_limits(self, command: ChangeSanityLimits) -> list[Message]:
        """Take up limits of an order."""
        before, wanted = self._settings, command.limits
        self._in_force = replace(self._in_force, limits=strictest_of(self._in_force.limits, wanted))
        held = self._held(wanted)
        if (wanted, held) == (before.limits, before.held):
            return []
        follow = self._keep()
        self._change(replace(before, limits=wanted, held=held))
        self._record("the limits of an order changed", "trader", _limit_changes(before.limits, wanted))
        later = "" if held is None else f" What is looser counts from {in_chicago(held.until)}."
        return [self._said(f"The limits of an order are changed.{later}"), *follow]

    def on_change_guards(self, command: ChangeGuards) -> list[Message]:
        """Note the limits of an account; the guards, which hear it next, hold what was in force today."""
        key, before = command.key, self._settings.guards.get(command.key, GuardRules())
        if command.rules == before:
            return []
        guards = {**self._settings.guards, key: command.rules}
        if command.rules.is_empty:
            del guards[key]
        self._change(replace(self._settings, guards=guards))
        self._record(f"the limits of {key.account} changed", "trader", _guard_changes(before, command.rules), key)
        until = in_chicago(next_reset(self._clock.now()))
        return [self._said(f"The limits of {key.account} are changed. What is looser counts from {until}.")]

    def on_change_commissions(self, command: ChangeCommissions) -> list[Message]:
        """Count fills at other rates from now on."""
        if command.rates == self._settings.rates:
            return []
        self._change(replace(self._settings, rates=command.rates))
        said = {
            place: " ".join(f"{root} {rate:f}" for root, rate in one.items()) for place, one in command.rates.items()
        }
        self._record("the commissions changed", "trader", said)
        told = self._said("Commissions are changed for fills that come from now on.")
        return [events.ScheduleChanged(scheduled(command.rates, self._shipped)), told]

    def on_change_brackets(self, command: ChangeBrackets) -> list[Message]:
        """Offer other exits under a name."""
        if command.book == self._settings.brackets:
            return []
        self._change(replace(self._settings, brackets=command.book))
        self._record("the bracket templates changed", "trader", {"names": ", ".join(command.book.templates)})
        return []

    def on_set_desk(self, command: SetDesk) -> list[Message]:
        """Note a telephone."""
        desk = {**self._settings.desk, command.connection: command.phone}
        if not command.phone:
            del desk[command.connection]
        if desk == self._settings.desk:
            return []
        self._change(replace(self._settings, desk=desk))
        self._record(f"the telephone of {command.connection} is {command.phone or 'taken away'}", "trader")
        return []

    def on_set_arm_time(self, command: SetArmTime) -> list[Message]:
        """Note how long an account stays armed; arming hears it next."""
        if not LEAST_ARM_MINUTES <= command.minutes <= MOST_ARM_MINUTES:
            text = f"Not changed: {command.minutes} minutes; expected {LEAST_ARM_MINUTES} to {MOST_ARM_MINUTES}."
            return [Announcement(Level.CAUTION, text, self._clock.now())]
        if command.minutes != self._settings.arm_minutes:
            self._change(replace(self._settings, arm_minutes=command.minutes))
            self._record(f"accounts are disarmed after {command.minutes} minutes without a touch", "trader")
        return []

    def on_set_ask_in_sim(self, command: SetAskInSim) -> list[Message]:
        """Note whether entries in SIM are asked about."""
        if command.on != self._settings.ask_in_sim:
            self._change(replace(self._settings, ask_in_sim=command.on))
            self._record(f"entries in SIM are {'asked about' if command.on else 'sent at once'}", "trader")
        return []

    # -- private ----------------------------------------------------------------------------------------------------

    def _held(self, wanted: SanityLimits) -> HeldLimits | None:
        """Return what binds beside the limits that are wanted; None where they are as strict themselves."""
        return None if self._in_force.limits == wanted else self._in_force

    def _keep(self) -> list[Message]:
        """Store what binds, where that is not done; while the store refuses, each tick tries again."""
        if self._kept == self._in_force:
            return []
        try:
            self._limits.keep(self._in_force)
        except PersistenceError as error:
            began, self._refused = not self._refused, True
            text = f"The limits of an order hold, but not over a restart: they could not be stored. {error}"
            return [Announcement(Level.ALARM, text, self._clock.now())] if began else []
        self._kept, self._refused = self._in_force, False
        return []

    def _change(self, after: BindingSettings) -> None:
        before, self._settings = self._settings, after
        self._publish()
        self._store.save(before, after)

    def _publish(self) -> None:
        self._state.set_settings(self._settings, self._in_force.limits)

    def _record(self, text: str, cause: str, data: Mapping[str, str] = _NOTHING, key: AccountKey | None = None) -> None:
        account = None if key is None else self._state.snapshot().accounts.get(key)
        mode = None if account is None else account.mode
        self._audit.append("setting", text, key=key, mode=mode, cause=cause, data=data)

    def _said(self, text: str) -> Announcement:
        return Announcement(Level.INFO, text, self._clock.now())


def _limit_changes(before: SanityLimits, after: SanityLimits) -> dict[str, str]:
    names = [one.name for one in fields(SanityLimits) if getattr(before, one.name) != getattr(after, one.name)]
    return {name: f"{getattr(before, name)} to {getattr(after, name)}" for name in names}


def _guard_changes(before: GuardRules, after: GuardRules) -> dict[str, str]:
    old, new = rules_to_texts(before), rules_to_texts(after)
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return {name: f"{old.get(name, 'none')} to {new.get(name, 'none')}" for name in names}
