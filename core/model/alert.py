"""Alerts: a figure the trader wants to hear of when it crosses a level. Pure; an alert trades nothing.

An alert fires when its figure comes from the near side of the level and reaches it. So it has to be *armed*: the figure
was seen on the near side since it last fired. What is beyond the level when first seen fires nothing, and no gap makes
a crossing out of nothing; but one that was armed before prices were missing has truly been crossed if the first price
after is beyond. Once it fired, the figure must be clear of the level by a slack of its kind to arm it again, so that a
market that trembles on the level rings once.

What belongs to a position starts with it: while flat its figure is zero, which arms and never fires.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from core.model.guard_rules import Guard
from core.model.scope import PositionKey

ZERO = Decimal(0)
MAX_ALERTS = 200
NOTE_CHARACTERS = 80
# How far the figure must come back before it can fire again. Of prices it is two ticks, and what those are worth.
SLACK_TICKS = 2
SLACK_R, SLACK_PERCENT = Decimal("0.05"), Decimal(1)


class AlertKind(Enum):
    """What is watched; the level is in points, account money, R, seconds, percent of a limit."""

    PRICE = "PRICE"
    OPEN_PNL = "OPEN P&L"
    R = "R"
    TIME_IN_TRADE = "TIME IN TRADE"
    LIMIT = "LIMIT"

    @property
    def of_position(self) -> bool:
        """Whether the figure is one of an open position."""
        return self in (AlertKind.OPEN_PNL, AlertKind.R, AlertKind.TIME_IN_TRADE)


class Way(Enum):
    """To which side the figure must cross: up to the level or down to it."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"


class AlertState(Enum):
    """How an alert is. NOT EVALUATED carries a reason, and is ACTIVE again by itself."""

    ACTIVE = "ACTIVE"
    TRIGGERED = "TRIGGERED"
    NOT_EVALUATED = "NOT EVALUATED"
    OFF = "OFF"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        key: what it watches. A price belongs to connection and symbol, a limit to the account, with an empty symbol.
        limit: of LIMIT, which one; None is the one that is used most.
        repeats: it fires each time; else once, and is then TRIGGERED.
        armed: the figure was on the near side since the alert last fired; None while none was seen.
        reason: why it cannot be evaluated; empty when it can.
        fired_at, fired_value: of the last time, aware UTC; None before the first.
        unread: how often it fired since the trader looked.
    """

    alert_id: str
    kind: AlertKind
    key: PositionKey
    way: Way
    level: Decimal
    created_at: datetime
    repeats: bool = False
    limit: Guard | None = None
    note: str = ""
    state: AlertState = AlertState.ACTIVE
    armed: bool | None = None
    reason: str = ""
    fired_at: datetime | None = None
    fired_value: Decimal | None = None
    fired: int = 0
    unread: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """Where its prices come from: connection and symbol."""
        return self.key.connection, self.key.symbol

    @property
    def is_watched(self) -> bool:
        """Whether it may still fire."""
        return self.state in (AlertState.ACTIVE, AlertState.NOT_EVALUATED)

    def reached_by(self, value: Decimal) -> bool:
        """Return whether a figure is at the level or beyond it."""
        return value >= self.level if self.way is Way.ABOVE else value <= self.level

    def cleared_by(self, value: Decimal, slack: Decimal) -> bool:
        """Return whether a figure is on the near side, far enough from the level to fire again."""
        return value < self.level - slack if self.way is Way.ABOVE else value > self.level + slack


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to evaluate an alert by.

    Attributes:
        values: the figure, in order of time; the latest last. Empty: nothing new.
        slack: how far it must come back to arm again.
        unknown: why there is none; empty when there is.
        resting: there is nothing to watch now, as a position that is not open: the values arm and never fire.
    """

    values: tuple[Decimal, ...] = ()
    slack: Decimal = ZERO
    unknown: str = ""
    resting: bool = False


def evaluated(alert: Alert, reading: Reading, now: datetime) -> Alert:
    """Return the alert after a reading; it fired when `fired` rose. The same value when nothing changed."""
    if not alert.is_watched:
        return alert
    if reading.unknown:
        return _with(alert, AlertState.NOT_EVALUATED, reading.unknown)
    if not reading.values:
        return alert
    alert = _with(alert, AlertState.ACTIVE, "")
    for value in reading.values:
        alert = _moved(alert, value, reading, now)
        if not alert.is_watched:
            break
    return alert


def switched(alert: Alert, on: bool) -> Alert:
    """Return the alert watched anew, or not watched any more."""
    if on:
        return replace(alert, state=AlertState.ACTIVE, armed=None, reason="")
    return replace(alert, state=AlertState.OFF, armed=None, reason="")


def path(prices: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return what of a run of prices can cross anything: its extremes in their order, and the last."""
    if len(prices) < 3:
        return tuple(prices)
    low, high = min(prices), max(prices)
    extremes = (low, high) if prices.index(low) <= prices.index(high) else (high, low)
    return (*dict.fromkeys(extremes), prices[-1])


def _moved(alert: Alert, value: Decimal, reading: Reading, now: datetime) -> Alert:
    if reading.resting or alert.armed is None:
        armed = not alert.reached_by(value)
        return alert if armed is alert.armed else replace(alert, armed=armed)
    if not alert.armed:
        slack = reading.slack if alert.fired else ZERO
        return replace(alert, armed=True) if alert.cleared_by(value, slack) else alert
    if not alert.reached_by(value):
        return alert
    state = AlertState.ACTIVE if alert.repeats else AlertState.TRIGGERED
    return replace(
        alert,
        armed=False,
        state=state,
        fired_at=now,
        fired_value=value,
        fired=alert.fired + 1,
        unread=alert.unread + 1,
    )


def _with(alert: Alert, state: AlertState, reason: str) -> Alert:
    if (alert.state, alert.reason) == (state, reason):
        return alert
    return replace(alert, state=state, reason=reason)
