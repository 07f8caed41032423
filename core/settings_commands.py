"""What the trader changes about how the engine is bound. What loosens a limit counts from the next session reset."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.model.bracket_template import BracketBook
from core.model.guard_rules import GuardRules
from core.model.sanity import SanityLimits
from core.model.scope import AccountKey


@dataclass(frozen=True, slots=True)
class ChangeGuards:
    """Guard an account by these limits; what was in force today stays so until the reset, whichever is stricter."""

    key: AccountKey
    rules: GuardRules


@dataclass(frozen=True, slots=True)
class ChangeSanityLimits:
    """Find orders odd, or refuse them, from these figures on."""

    limits: SanityLimits


@dataclass(frozen=True, slots=True)
class ChangeCommissions:
    """Count fills that come from now on at these rates; what is booked stays as it is.

    Attributes:
        rates: by place (a connection, or connection/account) and product, money per unit and side.
    """

    rates: Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class ChangeBrackets:
    """Offer these exits under a name."""

    book: BracketBook


@dataclass(frozen=True, slots=True)
class SetDesk:
    """Note the telephone of a broker's desk; empty is none."""

    connection: str
    phone: str


@dataclass(frozen=True, slots=True)
class SetArmTime:
    """Disarm after so many minutes without a touch, 5 to 120; what is armed already keeps its time."""

    minutes: int


@dataclass(frozen=True, slots=True)
class SetAskInSim:
    """Say whether entries into SIM accounts are asked about like those of LIVE and EVAL."""

    on: bool
