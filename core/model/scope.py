"""Who a position belongs to: the scope, the account and its mode."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Mode(Enum):
    """What an account is, said once by the user; never guessed from a name. An unclassified account acts as LIVE."""

    LIVE = "LIVE"
    EVAL = "EVAL"
    SIM = "SIM"
    REPLAY = "REPLAY"


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """An account on a connection.

    Attributes:
        connection: stable slug from the settings, never host:port.
        account: the broker's name of the account.
    """

    connection: str
    account: str

    def __str__(self) -> str:
        return f"{self.account}@{self.connection}"


@dataclass(frozen=True, slots=True, order=True)
class PositionKey:
    """The scope: everything that can be open, locked, closed or reconciled is so per (connection, account, symbol)."""

    connection: str
    account: str
    symbol: str

    @property
    def account_key(self) -> AccountKey:
        """The account this scope belongs to."""
        return AccountKey(self.connection, self.account)

    def __str__(self) -> str:
        return f"{self.symbol}·{self.account}@{self.connection}"


@dataclass(frozen=True, slots=True)
class Account:
    """An account and how it may be used.

    Attributes:
        mode: None until the user classified it; acts as LIVE then.
        currency: ISO code, empty while unknown.
        trading_disabled: the broker says orders are refused.
    """

    key: AccountKey
    mode: Mode | None = None
    currency: str = ""
    trading_disabled: bool = False

    @property
    def acting_mode(self) -> Mode:
        """The mode its orders are guarded by: unclassified is treated as real money."""
        return self.mode or Mode.LIVE


def account_to_show(
    accounts: Collection[AccountKey], open_scopes: Collection[PositionKey], name: str
) -> AccountKey | None:
    """Return the account a start shows: the named one, else the first that holds something, else the first.

    The first question on opening is "what am I in?".
    """
    named = [key for key in accounts if key.account == name]
    holding = [key for key in accounts if any(scope.account_key == key for scope in open_scopes)]
    return next(iter([*named, *holding, *accounts]), None)


@dataclass(frozen=True, slots=True)
class Balance:
    """A money figure with its source; broker and ledger figures are never mixed.

    Attributes:
        cash: settled cash, account currency; None unknown.
        available: money free for new positions; None unknown.
        margin: money bound by open positions and orders; None unknown.
        open_pnl: the source's own open profit or loss, signed; None unknown.
        time: when the source said so, aware UTC.

    Source: DTC ACCOUNT_BALANCE_UPDATE (600) CashBalance, BalanceAvailableForNewPositions, MarginRequirement.
    """

    cash: Decimal | None
    available: Decimal | None
    margin: Decimal | None
    open_pnl: Decimal | None
    currency: str
    time: datetime
