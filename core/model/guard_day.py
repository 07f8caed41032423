"""What a guard must remember over a restart: where the day and the account came from. Pure.

Money marks only ever rise, so noting the same figures twice is noting them once; the day begins anew at the session
reset, the marks of a prop floor never do.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.model.guard_lock import LockKind
from core.model.guard_rules import Guard, GuardRules
from core.model.scope import AccountKey
from core.model.trading_day import CHICAGO, day_start

ZERO = Decimal(0)
# What is open this soon after the reset was carried over it.
_AT_THE_RESET = timedelta(minutes=1)
# The day that contains this moment after a reset is the next one, whatever the clocks do in between.
_INTO_THE_NEXT = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class GuardFigures:
    """What an account is worth now, and what it did today.

    Attributes:
        unknown: why the money is not known; empty when it is. The figures are zero then.
        balance: closed, as the broker counts, account currency.
        day_net: closed today, by our own ledger, costs deducted, signed.
        open_pnl: of what is open, marked at the last trade, signed.
        best_above: how much higher the equity stood at the best tick of the one trade that is open, never negative.
        trades: begun today.
        size: contracts over all symbols, with what entries under way would add.
        at_risk: something is open, or may open.
        currency: ISO code, empty while unknown.
        ticks: money one tick of every open position makes together, positive; None while flat or unknown.
        held: what is open in words, "2 MES"; empty while flat.
    """

    unknown: str = ""
    balance: Decimal = ZERO
    day_net: Decimal = ZERO
    open_pnl: Decimal = ZERO
    best_above: Decimal = ZERO
    trades: int = 0
    size: Decimal = ZERO
    at_risk: bool = False
    currency: str = ""
    ticks: Decimal | None = None
    held: str = ""

    @property
    def equity(self) -> Decimal:
        """Balance with what is open."""
        return self.balance + self.open_pnl


@dataclass(frozen=True, slots=True)
class GuardState:
    """What is kept of an account.

    Attributes:
        day: when the trading day began, aware UTC.
        rules: every set of rules that was in force today; the newest is last.
        carried: open profit that came over the reset; it is not of this day. None until the day's first figures.
        best: the highest result of the day, money, never negative.
        trades: begun today, as far as was seen.
        start: the first equity ever seen; None before it.
        close_peak: the highest balance at the end of a day; None before the first figures.
        peak: the highest equity, open positions included; None before the first figures.
        to_flatten: guards whose breach wants everything closed. flattened: those for which it was asked.
    """

    day: datetime
    rules: tuple[GuardRules, ...] = ()
    carried: Decimal | None = None
    best: Decimal = ZERO
    trades: int = 0
    start: Decimal | None = None
    close_peak: Decimal | None = None
    peak: Decimal | None = None
    to_flatten: frozenset[str] = frozenset()
    flattened: frozenset[str] = frozenset()

    @property
    def resets_at(self) -> datetime:
        """When the next session begins and what was locked opens, aware UTC."""
        return next_reset(self.day)


@dataclass(frozen=True, slots=True)
class AccountLock:
    """No entries in an account, whatever the figures do, until a moment; nothing lifts it before.

    Attributes:
        guard: the limit that was reached; SESSION when the trader locked it himself.
        reason: the sentence the trader sees, with the time of release.
        until: aware UTC.
    """

    key: AccountKey
    guard: Guard | LockKind
    reason: str
    created_at: datetime
    until: datetime


def next_reset(now: datetime) -> datetime:
    """Return when the trading day that contains `now` ends and the next begins, aware UTC."""
    return day_start(day_start(now) + _INTO_THE_NEXT)


def on_day(state: GuardState | None, now: datetime, wanted: GuardRules) -> GuardState:
    """Return the state of the day that contains `now`, with the rules that are wanted from now on.

    Within a day rules are only added. A clock that was set back does not begin a day anew.
    """
    day = day_start(now)
    if state is None:
        return GuardState(day, (wanted,))
    if day > state.day:
        return GuardState(day, (wanted,), start=state.start, close_peak=state.close_peak, peak=state.peak)
    others = tuple(one for one in state.rules if one != wanted)
    return state if wanted in state.rules and state.rules[-1] == wanted else replace(state, rules=(*others, wanted))


def begun_anew(state: GuardState) -> GuardState:
    """Return the state of a simulated account that was begun anew: its floor and the day's result begin with it.

    Locks are none of this: they stand to their end.
    """
    return replace(state, carried=ZERO, best=ZERO, start=None, close_peak=None, peak=None)


def noted(state: GuardState, figures: GuardFigures, now: datetime) -> GuardState:
    """Return the state with what the figures tell; unknown money moves no mark."""
    state = replace(state, trades=max(state.trades, figures.trades))
    if figures.unknown:
        return state
    carried = state.carried
    if carried is None:
        carried = figures.open_pnl if now - state.day < _AT_THE_RESET else ZERO
    highest = figures.equity + figures.best_above
    opened_with = figures.balance - figures.day_net
    return replace(
        state,
        carried=carried,
        best=max(state.best, figures.day_net + figures.open_pnl - carried + figures.best_above),
        start=figures.equity if state.start is None else state.start,
        close_peak=opened_with if state.close_peak is None else max(state.close_peak, opened_with),
        peak=highest if state.peak is None else max(state.peak, highest),
    )


def day_result(state: GuardState, figures: GuardFigures) -> Decimal:
    """Return what the day made so far, open positions included, signed money."""
    return figures.day_net + figures.open_pnl - (state.carried or ZERO)


def in_chicago(moment: datetime) -> str:
    """Return a moment as guards say it: "17:00 in Chicago"."""
    return f"{moment.astimezone(CHICAGO):%H:%M} in Chicago"
