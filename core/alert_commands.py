"""What the trader wants of alerts. None of these trades anything."""

from dataclasses import dataclass
from decimal import Decimal

from core.model.alert import AlertKind, Way
from core.model.guard_rules import Guard
from core.model.scope import PositionKey


@dataclass(frozen=True, slots=True)
class AddAlert:
    """Watch a figure from now on.

    Attributes:
        action_id: minted per press; however often it arrives it is one alert, named by it.
        level: points, account money, R, seconds, percent of a limit; see AlertKind.
    """

    action_id: str
    kind: AlertKind
    key: PositionKey
    way: Way
    level: Decimal
    repeats: bool = False
    limit: Guard | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RemoveAlert:
    """Forget an alert."""

    alert_id: str


@dataclass(frozen=True, slots=True)
class SwitchAlert:
    """Watch an alert anew, or leave it and keep it."""

    alert_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class MarkAlertsRead:
    """The trader looked at his alerts."""
