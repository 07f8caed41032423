"""What the server of the benchmarks answers: one account, any symbol, positions that stay, orders that fill at once."""

import time
from typing import Any

from services.dtc.enums import OrderStatusEnum, OrderUpdateReasonEnum
from services.dtc.messages.accounts import (
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import MarketDataRequest
from services.dtc.messages.order_entry import SubmitNewSingleOrder
from services.dtc.messages.symbols import SecurityDefinitionForSymbolRequest, SecurityDefinitionResponse
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.session import Session

ACCOUNT = "Sim1"
PRICE = 6500.25
_SELL = 2


class Answers:
    """Answer one terminal.

    Attributes:
        subscribed: the symbol ids it wants to hear of.
    """

    def __init__(self, positions: int) -> None:
        self.subscribed: list[int] = []
        self._held = {f"P{number}": 1.0 for number in range(positions)}
        self._filled = 0

    def give(self, session: Session, asked: Message) -> None:
        """Send what a request is answered with; nothing for what is not known here."""
        one: dict[str, Any] = {
            "TotalNumberMessages": 1,
            "MessageNumber": 1,
            "RequestID": getattr(asked, "RequestID", 0),
        }
        if isinstance(asked, MarketDataRequest):
            self.subscribed.append(asked.SymbolID)
        elif isinstance(asked, SubmitNewSingleOrder):
            self._fill(session, asked)
        elif isinstance(asked, SecurityDefinitionForSymbolRequest):
            step: dict[str, Any] = {"MinPriceIncrement": 0.25, "CurrencyValuePerIncrement": 12.5, "IsFinalMessage": 1}
            session.send(SecurityDefinitionResponse(RequestID=asked.RequestID, Symbol=asked.Symbol, **step))
        elif isinstance(asked, TradeAccountsRequest):
            session.send(TradeAccountResponse(**one, TradeAccount=ACCOUNT))
        elif isinstance(asked, AccountBalanceRequest):
            session.send(AccountBalanceUpdate(**one, TradeAccount=ACCOUNT, CashBalance=1e6, AccountCurrency="USD"))
        elif isinstance(asked, CurrentPositionsRequest):
            self._list_positions(session, asked.RequestID)
        elif isinstance(asked, HistoricalOrderFillsRequest):
            session.send(HistoricalOrderFillResponse(**one, TradeAccount=ACCOUNT, NoOrderFills=1))
        elif isinstance(asked, OpenOrdersRequest):
            none: dict[str, Any] = {"TotalNumMessages": 1, "MessageNumber": 1, "NoOrders": 1, "OrderUpdateReason": 1}
            session.send(OrderUpdate(RequestID=asked.RequestID, **none))

    def _list_positions(self, session: Session, request: int) -> None:
        rows = [(symbol, quantity) for symbol, quantity in self._held.items() if quantity]
        if not rows:
            flat = PositionUpdate(
                RequestID=request, TradeAccount=ACCOUNT, TotalNumberMessages=1, MessageNumber=1, NoPositions=1
            )
            session.send(flat)
        for number, (symbol, quantity) in enumerate(rows):
            place = {"TotalNumberMessages": len(rows), "MessageNumber": number + 1}
            session.send(_position(symbol, quantity, RequestID=request, **place))

    def _fill(self, session: Session, order: SubmitNewSingleOrder) -> None:
        self._filled += 1
        quantity = order.Quantity or 0.0
        signed = -quantity if order.BuySell == _SELL else quantity
        self._held[order.Symbol] = self._held.get(order.Symbol, 0.0) + signed
        session.send(
            OrderUpdate(
                TotalNumMessages=1,
                MessageNumber=1,
                Symbol=order.Symbol,
                TradeAccount=ACCOUNT,
                ServerOrderID=f"s{self._filled}",
                ClientOrderID=order.ClientOrderID,
                OrderStatus=OrderStatusEnum.ORDER_STATUS_FILLED,
                OrderUpdateReason=OrderUpdateReasonEnum.ORDER_FILLED,
                OrderType=order.OrderType,
                BuySell=order.BuySell,
                OrderQuantity=order.Quantity,
                FilledQuantity=order.Quantity,
                RemainingQuantity=0.0,
                AverageFillPrice=PRICE,
                LastFillPrice=PRICE,
                LastFillQuantity=order.Quantity,
                LastFillDateTime=int(time.time() * 1000),
                LastFillExecutionID=f"x{self._filled}-{time.time_ns()}",
            ),
            _position(order.Symbol, self._held[order.Symbol], Unsolicited=1),
        )


def _position(symbol: str, quantity: float, **more: Any) -> PositionUpdate:
    return PositionUpdate(Symbol=symbol, TradeAccount=ACCOUNT, Quantity=quantity, AveragePrice=PRICE, **more)
