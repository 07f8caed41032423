"""The settings that bind the engine, as the trader has them, and the older limits that still bind until the reset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.model.bracket_template import BracketBook
from core.model.guard_rules import GuardRules
from core.model.sanity import SanityLimits
from core.model.scope import AccountKey

ARM_MINUTES = 30
LEAST_ARM_MINUTES, MOST_ARM_MINUTES = 5, 120


def _empty() -> Any:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HeldLimits:
    """Limits that bind until the session reset, though looser ones may be wanted by now.

    Attributes:
        until: aware UTC.
    """

    limits: SanityLimits
    until: datetime


@dataclass(frozen=True, slots=True)
class BindingSettings:
    """What the engine goes by.

    Attributes:
        guards: the limits of accounts that have some, as wanted; what binds today is in `AccountGuards`.
        limits: where an order becomes odd, and where it is refused, as wanted.
        held: what binds of stricter ones beside them, of which the database knows; None when nothing does.
        rates: what a fill costs, by place (a connection, or connection/account) and product, money per unit and side.
        brackets: exits under a name, and which a ticket begins with.
        desk: the telephone of the broker's desk, by connection.
        arm_minutes: how long an armed account stays so without a touch, 5 to 120.
        ask_in_sim: entries into SIM accounts are asked about like those of LIVE and EVAL.
    """

    guards: Mapping[AccountKey, GuardRules] = field(default_factory=_empty)
    limits: SanityLimits = field(default_factory=SanityLimits)
    held: HeldLimits | None = None
    rates: Mapping[str, Mapping[str, Decimal]] = field(default_factory=_empty)
    brackets: BracketBook = field(default_factory=BracketBook)
    desk: Mapping[str, str] = field(default_factory=_empty)
    arm_minutes: int = ARM_MINUTES
    ask_in_sim: bool = False
