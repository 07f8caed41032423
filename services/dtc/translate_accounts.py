"""Accounts, balances and positions: DTC 401, 600 and 306 in our words."""

from datetime import datetime

from core.broker_report import PositionReport
from core.model.scope import Account, AccountKey, Balance, PositionKey
from services.dtc import border
from services.dtc.messages.accounts import AccountBalanceUpdate, TradeAccountResponse
from services.dtc.messages.trading import PositionUpdate
from services.dtc.price_scale import PriceScale


def account_of(message: TradeAccountResponse, connection: str) -> Account:
    """Return an account of the broker's list; its mode is the trader's to say.

    Raises:
        Refused: it has no name.
    """
    name = border.required(message.TradeAccount, "TradeAccount")
    return Account(AccountKey(connection, name), trading_disabled=message.TradingIsDisabled != 0)


def balance_of(message: AccountBalanceUpdate, at: datetime) -> Balance:
    """Return an account's money.

    Binary cannot tell an amount that was not said from zero: both are 0 there. In JSON the former is None.
    """
    return Balance(
        cash=border.money(message.CashBalance),
        available=border.money(message.BalanceAvailableForNewPositions),
        margin=border.money(message.MarginRequirement),
        open_pnl=border.money(message.OpenPositionsProfitLoss),
        currency=message.AccountCurrency,
        time=at,
    )


def position_report(
    message: PositionUpdate, key: PositionKey, scale: PriceScale | None, at: datetime
) -> PositionReport:
    """Return a position as the broker states it.

    A quantity of 0 with a symbol is an explicit "flat". A quantity that JSON leaves out is unknown (None), not flat.
    An average price of 0 is one that was not said.

    Raises:
        Refused: the quantity is absurd.
    """
    average = message.AveragePrice
    return PositionReport(
        key=key,
        quantity=border.quantity(message.Quantity, "Quantity"),
        average_price=None if not average or scale is None else scale.average(average),
        received_at=at,
    )
