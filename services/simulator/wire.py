"""The broker's words to DTC words. Pure; prices are divided by the contract's price multiplier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from services.dtc.enums import (
    BuySellEnum,
    OrderStatusEnum,
    OrderTypeEnum,
    OrderUpdateReasonEnum,
    SecurityTypeEnum,
    TimeInForceEnum,
)
from services.dtc.messages.accounts import AccountBalanceUpdate
from services.dtc.messages.base import Message
from services.dtc.messages.notices import UserMessage
from services.dtc.messages.order_entry import SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.messages.symbols import SecurityDefinitionResponse
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate, PositionUpdate
from services.simulator.accounts import Fill, Position, open_profit
from services.simulator.contracts import Contract
from services.simulator.evaluation import Breach
from services.simulator.intake import ID_LENGTH, SYMBOL_LENGTH, halves_of, identifier
from services.simulator.orders import Order, OrderKind, OrderStatus, Side, TimeInForce
from services.simulator.reports import Notice, OrderReport, PositionReport, Report, Statement, UnknownOrderReport, Why

STATUS: Final = {
    OrderStatus.PENDING: OrderStatusEnum.ORDER_STATUS_PENDING_OPEN,
    OrderStatus.HELD: OrderStatusEnum.ORDER_STATUS_PENDING_CHILD,
    OrderStatus.WORKING: OrderStatusEnum.ORDER_STATUS_OPEN,
    OrderStatus.PARTIAL: OrderStatusEnum.ORDER_STATUS_PARTIALLY_FILLED,
    OrderStatus.FILLED: OrderStatusEnum.ORDER_STATUS_FILLED,
    OrderStatus.CANCELLED: OrderStatusEnum.ORDER_STATUS_CANCELED,
    OrderStatus.REJECTED: OrderStatusEnum.ORDER_STATUS_REJECTED,
}
REASON: Final = {
    Why.ACCEPTED: OrderUpdateReasonEnum.NEW_ORDER_ACCEPTED,
    Why.FILLED: OrderUpdateReasonEnum.ORDER_FILLED,
    Why.CHANGED: OrderUpdateReasonEnum.GENERAL_ORDER_UPDATE,
    Why.CANCELLED: OrderUpdateReasonEnum.ORDER_CANCELED,
    Why.REPLACED: OrderUpdateReasonEnum.ORDER_CANCEL_REPLACE_COMPLETE,
    Why.REFUSED: OrderUpdateReasonEnum.NEW_ORDER_REJECTED,
    Why.CANCEL_REFUSED: OrderUpdateReasonEnum.ORDER_CANCEL_REJECTED,
    Why.REPLACE_REFUSED: OrderUpdateReasonEnum.ORDER_CANCEL_REPLACE_REJECTED,
}
_KIND: Final = {
    OrderKind.MARKET: OrderTypeEnum.ORDER_TYPE_MARKET,
    OrderKind.LIMIT: OrderTypeEnum.ORDER_TYPE_LIMIT,
    OrderKind.STOP: OrderTypeEnum.ORDER_TYPE_STOP,
    OrderKind.STOP_LIMIT: OrderTypeEnum.ORDER_TYPE_STOP_LIMIT,
}
_TIME_IN_FORCE: Final = {
    TimeInForce.DAY: TimeInForceEnum.TIF_DAY,
    TimeInForce.GTC: TimeInForceEnum.TIF_GOOD_TILL_CANCELED,
    TimeInForce.GTD: TimeInForceEnum.TIF_GOOD_TILL_DATE_TIME,
    TimeInForce.IOC: TimeInForceEnum.TIF_IMMEDIATE_OR_CANCEL,
    TimeInForce.FOK: TimeInForceEnum.TIF_FILL_OR_KILL,
}
_SIDE: Final = {Side.BUY: BuySellEnum.BUY, Side.SELL: BuySellEnum.SELL}

Contracts = Mapping[str, Contract]


def report(told: Report, contracts: Contracts, last: Mapping[str, Decimal]) -> Message:
    """Return the unsolicited message of a report."""
    if isinstance(told, OrderReport):
        reason = REASON[told.why]
        if told.why is Why.FILLED and told.order.filled < told.order.quantity:
            reason = OrderUpdateReasonEnum.ORDER_FILLED_PARTIALLY
        return order_update(told.order, contracts, reason, told.fill, told.text)
    if isinstance(told, PositionReport):
        return position_update(told.position, contracts, last, unsolicited=True)
    if isinstance(told, UnknownOrderReport):
        return OrderUpdate(
            TotalNumMessages=1,
            MessageNumber=1,
            ClientOrderID=told.name.client_order_id,
            TradeAccount=told.name.account,
            OrderStatus=OrderStatusEnum.ORDER_STATUS_REJECTED,
            OrderUpdateReason=REASON[told.why],
            InfoText=told.text,
        )
    if isinstance(told, Notice):
        return UserMessage(UserMessage=told.text, IsPopupMessage=0)
    return balance_update(told, unsolicited=True)


def unreadable_order(message: SubmitNewSingleOrder, text: str) -> OrderUpdate:
    """Return the refusal of an order that could not even be written down."""
    return OrderUpdate(
        TotalNumMessages=1,
        MessageNumber=1,
        Symbol=identifier(message.Symbol, SYMBOL_LENGTH),
        ClientOrderID=identifier(message.ClientOrderID, ID_LENGTH),
        OrderStatus=OrderStatusEnum.ORDER_STATUS_REJECTED,
        OrderUpdateReason=OrderUpdateReasonEnum.NEW_ORDER_REJECTED,
        OrderType=message.OrderType,
        BuySell=message.BuySell,
        TradeAccount=identifier(message.TradeAccount, ID_LENGTH),
        InfoText=text,
    )


def refused_pair(message: SubmitNewOCOOrder, text: str) -> list[Message]:
    """Return the two refusals of a 201."""
    return [unreadable_order(half, text) for half in halves_of(message)]


def order_update(
    order: Order,
    contracts: Contracts,
    reason: OrderUpdateReasonEnum,
    fill: Fill | None = None,
    text: str = "",
    request: tuple[int, int, int] = (0, 1, 1),
) -> OrderUpdate:
    """Return the 301 of an order; `request` is request id, number of messages, place among them."""
    contract = contracts.get(order.symbol)
    first, second = order.limit_price, None
    if order.kind in (OrderKind.STOP, OrderKind.STOP_LIMIT):
        first, second = order.stop_price, order.limit_price
    return OrderUpdate(
        RequestID=request[0],
        TotalNumMessages=request[1],
        MessageNumber=request[2],
        Symbol=order.symbol,
        Exchange=contract.exchange if contract else "",
        ServerOrderID=order.server_order_id,
        ClientOrderID=order.client_order_id,
        ExchangeOrderID=order.server_order_id,
        OrderStatus=STATUS[order.status],
        OrderUpdateReason=reason,
        OrderType=_KIND[order.kind],
        BuySell=_SIDE[order.side],
        Price1=to_wire(first, contract),
        Price2=to_wire(second, contract),
        TimeInForce=_TIME_IN_FORCE[order.time_in_force],
        GoodTillDateTime=order.expires_us // 1_000_000,
        OrderQuantity=float(order.quantity),
        FilledQuantity=float(order.filled),
        RemainingQuantity=float(order.remaining),
        AverageFillPrice=to_wire(order.average_price, contract),
        LastFillPrice=to_wire(fill.price, contract) if fill else None,
        LastFillDateTime=fill.at_us // 1_000 if fill else 0,
        LastFillQuantity=float(fill.quantity) if fill else None,
        LastFillExecutionID=fill.execution_id if fill else "",
        TradeAccount=order.account,
        InfoText=text,
        ParentServerOrderID=order.parent_id,
        OCOLinkedOrderServerOrderID=order.linked_id,
        FreeFormText=order.free_text,
        OrderReceivedDateTime=order.received_us // 1_000_000,
        LatestTransactionDateTime=order.updated_us / 1_000_000,
    )


def position_update(
    position: Position,
    contracts: Contracts,
    last: Mapping[str, Decimal],
    request: tuple[int, int, int] = (0, 1, 1),
    unsolicited: bool = False,
) -> PositionUpdate:
    """Return the 306 of a position, its money in the contract's currency; quantity 0 is said explicitly."""
    contract = contracts[position.symbol]
    return PositionUpdate(
        RequestID=request[0],
        TotalNumberMessages=request[1],
        MessageNumber=request[2],
        Symbol=position.symbol,
        Exchange=contract.exchange,
        Quantity=float(position.quantity),
        AveragePrice=to_wire(position.average_price, contract),
        TradeAccount=position.account,
        Unsolicited=int(unsolicited),
        MarginRequirement=float(contract.margin * abs(position.quantity)),
        EntryDateTime=position.entry_us // 1_000_000,
        OpenProfitLoss=float(open_profit([position], last, contracts)),
    )


def balance_update(
    statement: Statement, request: tuple[int, int, int] = (0, 1, 1), unsolicited: bool = False
) -> AccountBalanceUpdate:
    """Return the 600 of an account: money in its currency, and under an evaluation where its limits are.

    Three fields stay unset: the simulator marks to the last price only, remembers no peak of the margin and numbers no
    transactions of money.
    """
    account, evaluation = statement.account, statement.evaluation
    return AccountBalanceUpdate(
        RequestID=request[0],
        TotalNumberMessages=request[1],
        MessageNumber=request[2],
        CashBalance=float(account.cash),
        BalanceAvailableForNewPositions=float(statement.available),
        AccountCurrency=account.currency,
        TradeAccount=account.name,
        SecuritiesValue=float(statement.equity),
        MarginRequirement=float(statement.margin),
        OpenPositionsProfitLoss=float(statement.open_profit),
        DailyProfitLoss=float(statement.day_profit),
        InfoText=evaluation.lock_text if evaluation else "",
        DailyNetLossLimit=float(evaluation.rules.daily_loss) if evaluation else None,
        TrailingAccountValueToLimitPositions=float(evaluation.floor) if evaluation else None,
        DailyNetLossLimitReached=int(evaluation is not None and evaluation.locked is Breach.DAILY_LOSS),
        IsUnderRequiredMargin=int(statement.equity < statement.margin_held),
        TradingIsDisabled=int(evaluation is not None and evaluation.locked is not None),
        Description=evaluation.description if evaluation else "Simulated account",
        IsUnderRequiredAccountValue=int(evaluation is not None and evaluation.locked is Breach.DRAWDOWN),
        TransactionDateTime=statement.at_us,
        MarginRequirementFull=float(statement.margin),
        MarginRequirementFullPositionsOnly=float(statement.margin_held),
        IntroducingBroker="Stanchion simulator",
        LastOrderActivityDateTime=statement.active_us,
        Unsolicited=int(unsolicited),
    )


def historical_fill(fill: Fill, contracts: Contracts, request: tuple[int, int, int]) -> HistoricalOrderFillResponse:
    """Return the 304 of a fill; its time is in whole seconds, the protocol has no finer one here."""
    contract = contracts.get(fill.symbol)
    return HistoricalOrderFillResponse(
        RequestID=request[0],
        TotalNumberMessages=request[1],
        MessageNumber=request[2],
        Symbol=fill.symbol,
        Exchange=contract.exchange if contract else "",
        ServerOrderID=fill.server_order_id,
        ExchangeOrderID=fill.server_order_id,
        BuySell=_SIDE[fill.side],
        Price=to_wire(fill.price, contract),
        DateTime=fill.at_us // 1_000_000,
        Quantity=float(fill.quantity),
        UniqueExecutionID=fill.execution_id,
        TradeAccount=fill.account,
    )


def definition(contract: Contract, request_id: int, is_final: bool = True) -> SecurityDefinitionResponse:
    """Return the 507 of a contract. As seen from real servers, the price increment is on the true scale.

    The protocol has no field for the smallest quantity; the divisor of whole quantities says how they are counted.
    """
    step = contract.quantity_step
    return SecurityDefinitionResponse(
        RequestID=request_id,
        Symbol=contract.symbol,
        Exchange=contract.exchange,
        SecurityType=SecurityTypeEnum.SECURITY_TYPE_FUTURES,
        Description=contract.description,
        MinPriceIncrement=float(contract.tick_size),
        PriceDisplayFormat=contract.price_format,
        CurrencyValuePerIncrement=float(contract.tick_value),
        IsFinalMessage=int(is_final),
        UnderlyingSymbol=contract.root,
        SecurityExpirationDate=_midnight(contract.expiry),
        IntToFloatQuantityDivisor=float(1 / step) if step < 1 else None,
        HasMarketDepthData=1,
        DisplayPriceMultiplier=float(contract.price_multiplier),
        ExchangeSymbol=contract.symbol.removesuffix("_FUT_CME"),
        InitialMarginRequirement=float(contract.margin),
        MaintenanceMarginRequirement=float(contract.margin),
        Currency=contract.currency,
        ContractSize=float(contract.tick_value / contract.tick_size),
        RolloverDate=_midnight(contract.rolls),
        ProductIdentifier=contract.root,
    )


def _midnight(day: date | None) -> int:
    return 0 if day is None else int(datetime.combine(day, time(0), UTC).timestamp())


def to_wire(price: Decimal | None, contract: Contract | None) -> float | None:
    """Return the wire price of a true price: divided by the price multiplier of the contract."""
    if price is None:
        return None
    return float(price / contract.price_multiplier if contract else price)
