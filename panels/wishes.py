"""What a panel wishes of the window itself. These never leave it: `TerminalView` answers them."""

from dataclasses import dataclass, field
from decimal import Decimal

from core.model.alert import AlertKind
from core.model.scope import PositionKey
from core.preferences import Preferences


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """Show the recovery dialog, on one finding where one is meant.

    Attributes:
        finding: scope and name of the finding (`Finding.identity`); None is the first row that needs attention.
    """

    finding: tuple[PositionKey, str] | None = None


@dataclass(frozen=True, slots=True)
class OpenReconcile:
    """Show the reconcile dialog.

    Attributes:
        key: the scope; None is the one on show if it differs, or else the first that does.
    """

    key: PositionKey | None = None


@dataclass(frozen=True, slots=True)
class OpenRecordClosed:
    """Show the form that records a scope as closed."""

    key: PositionKey


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """Show the list of alerts."""


@dataclass(frozen=True, slots=True)
class OpenAlertForm:
    """Show the form that sets an alert.

    Attributes:
        value: the price or figure that was pointed at; None leaves it to be typed.
    """

    key: PositionKey
    kind: AlertKind = AlertKind.PRICE
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ChangePreferences:
    """Have the window look, sound and answer to keys in this way from now on, and after the next start."""

    preferences: Preferences


@dataclass(frozen=True, slots=True)
class OpenSettings:
    """Show the settings.

    Attributes:
        page: name of the page, as `panels/settings` has it; "" is the one shown last.
    """

    page: str = ""


@dataclass(frozen=True, slots=True)
class ChangeAddresses:
    """Connect to these at the next start; none is the built-in simulator alone."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryConnection:
    """Dial an address, log on, say what was found, and leave."""

    address: str


@dataclass(frozen=True, slots=True)
class KeepPassword:
    """Put the password of an address into the keyring of the system; an empty one takes it out."""

    address: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BackUpNow:
    """Make and examine a whole copy of the database."""


@dataclass(frozen=True, slots=True)
class LookAtData:
    """Say what lies in the data folder."""


@dataclass(frozen=True, slots=True)
class PlaySound:
    """Let a sound be heard, by its name, however it is muted."""

    name: str


@dataclass(frozen=True, slots=True)
class StoreNoticeAddress:
    """Put the address of notices into the keyring of the system; an empty one takes it out."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TryNotice:
    """Send a notice to the trader now, to see that it reaches him."""


@dataclass(frozen=True, slots=True)
class PointAt:
    """Give the keyboard to a control of the window, so that it is seen.

    Attributes:
        control: its objectName.
    """

    control: str
