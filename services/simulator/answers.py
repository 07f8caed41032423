"""What the server answers to the requests that change nothing: one pure function per message type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.dtc.enums import HistoricalPriceDataRejectReasonCodeEnum, OrderUpdateReasonEnum
from services.dtc.messages.accounts import (
    AccountBalanceReject,
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.base import Message
from services.dtc.messages.historical_prices import HistoricalPriceDataReject, HistoricalPriceDataRequest
from services.dtc.messages.symbols import (
    ExchangeListRequest,
    ExchangeListResponse,
    SecurityDefinitionForSymbolRequest,
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
    SymbolSearchRequest,
    SymbolsForExchangeRequest,
)
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsReject,
    HistoricalOrderFillsRequest,
    OpenOrdersReject,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.simulator import wire
from services.simulator.contracts import Contract
from services.simulator.venue import Venue

Answer = list[Message]
_DAY_US: Final = 86_400_000_000
EXCHANGES: Final = {
    "CME": "Chicago Mercantile Exchange",
    "CBOT": "Chicago Board of Trade",
    "NYMEX": "New York Mercantile Exchange",
    "COMEX": "Commodity Exchange",
    "CRYPTO": "Perpetuals on crypto currencies, simulated",
    "REPLAY": "Recorded markets of other products",
}


def trade_accounts(request: TradeAccountsRequest, venue: Venue) -> Answer:
    """400 → one 401 per account."""
    accounts = list(venue.records.accounts)
    locked = {each.account for each in venue.records.evaluations if each.locked is not None}
    return [
        TradeAccountResponse(
            TotalNumberMessages=len(accounts),
            MessageNumber=i,
            TradeAccount=each.name,
            RequestID=request.RequestID,
            TradingIsDisabled=int(each.name in locked),
        )
        for i, each in enumerate(accounts, 1)
    ]


def open_orders(request: OpenOrdersRequest, venue: Venue) -> Answer:
    """300 → 301 with reason 1, each open order; or the one asked for, whatever its status."""
    if refused := _unknown_account(request.TradeAccount, venue):
        return [OpenOrdersReject(RequestID=request.RequestID, RejectText=refused)]
    orders = venue.records.open_orders(request.TradeAccount)
    if request.ServerOrderID and not request.RequestAllOrders:
        asked = venue.records.orders.get(request.ServerOrderID)
        orders = [] if asked is None else [asked]
    reason = OrderUpdateReasonEnum.OPEN_ORDERS_REQUEST_RESPONSE
    if not orders:
        return [
            OrderUpdate(
                RequestID=request.RequestID,
                TotalNumMessages=1,
                MessageNumber=1,
                OrderUpdateReason=reason,
                TradeAccount=request.TradeAccount,
                NoOrders=1,
            )
        ]
    return [
        wire.order_update(each, venue.contracts, reason, request=(request.RequestID, len(orders), i))
        for i, each in enumerate(orders, 1)
    ]


def order_fills(request: HistoricalOrderFillsRequest, venue: Venue) -> Answer:
    """303 → 304 per fill, oldest first."""
    if refused := _unknown_account(request.TradeAccount, venue):
        return [HistoricalOrderFillsReject(RequestID=request.RequestID, RejectText=refused)]
    since_us = max(request.StartDateTime, 0) * 1_000_000
    if request.NumberOfDays > 0:
        since_us = max(since_us, venue.now_us - request.NumberOfDays * _DAY_US)
    fills = [
        fill
        for fill in venue.records.fills
        if request.TradeAccount in ("", fill.account)
        and request.ServerOrderID in ("", fill.server_order_id)
        and fill.at_us >= since_us
    ]
    if not fills:
        return [
            HistoricalOrderFillResponse(
                RequestID=request.RequestID,
                TotalNumberMessages=1,
                MessageNumber=1,
                TradeAccount=request.TradeAccount,
                NoOrderFills=1,
            )
        ]
    return [
        wire.historical_fill(fill, venue.contracts, (request.RequestID, len(fills), i))
        for i, fill in enumerate(fills, 1)
    ]


def positions(request: CurrentPositionsRequest, venue: Venue) -> Answer:
    """305 → 306 per position; a closed one is listed with quantity 0, as Sierra Chart does: the explicit flat."""
    if refused := _unknown_account(request.TradeAccount, venue):
        return [CurrentPositionsReject(RequestID=request.RequestID, RejectText=refused)]
    mine = [each for each in venue.records.positions if request.TradeAccount in ("", each.account)]
    held = [each for each in mine if each.symbol in venue.contracts]  # one that has ended is not listed any more
    if not held:
        return [
            PositionUpdate(
                RequestID=request.RequestID,
                TotalNumberMessages=1,
                MessageNumber=1,
                TradeAccount=request.TradeAccount,
                NoPositions=1,
            )
        ]
    last = venue.broker.last_prices()
    return [
        wire.position_update(each, venue.contracts, last, (request.RequestID, len(held), i))
        for i, each in enumerate(held, 1)
    ]


def balances(request: AccountBalanceRequest, venue: Venue) -> Answer:
    """601 → 600 per account."""
    if refused := _unknown_account(request.TradeAccount, venue):
        return [AccountBalanceReject(RequestID=request.RequestID, RejectText=refused)]
    accounts = [each for each in venue.records.accounts if request.TradeAccount in ("", each.name)]
    if not accounts:
        return [
            AccountBalanceUpdate(
                RequestID=request.RequestID, TotalNumberMessages=1, MessageNumber=1, NoAccountBalances=1
            )
        ]
    return [
        wire.balance_update(venue.broker.statement(each), (request.RequestID, len(accounts), i))
        for i, each in enumerate(accounts, 1)
    ]


def definition(request: SecurityDefinitionForSymbolRequest, venue: Venue) -> Answer:
    """506 → 507."""
    contract = venue.contracts.get(request.Symbol)
    if contract is None:
        text = f"Symbol {request.Symbol or '(empty)'} is unknown"
        return [SecurityDefinitionReject(RequestID=request.RequestID, RejectText=text)]
    return [wire.definition(contract, request.RequestID)]


def exchanges(request: ExchangeListRequest, venue: Venue) -> Answer:
    """500 → one 501 per exchange."""
    names = list(dict.fromkeys(each.exchange for each in venue.contracts.values()))
    return [
        ExchangeListResponse(
            RequestID=request.RequestID,
            Exchange=name,
            IsFinalMessage=int(name == names[-1]),
            Description=EXCHANGES[name],
        )
        for name in names
    ]


def exchange_symbols(request: SymbolsForExchangeRequest, venue: Venue) -> Answer:
    """502 → 507 per contract; the exchange may be left empty."""
    found = [each for each in venue.contracts.values() if request.Exchange in ("", each.exchange)]
    return _definitions(found, request.RequestID)


def search(request: SymbolSearchRequest, venue: Venue) -> Answer:
    """508 → 507 per contract whose symbol or description contains the text."""
    wanted = request.SearchText.casefold()
    found = [each for each in venue.contracts.values() if wanted in f"{each.symbol} {each.description}".casefold()]
    return _definitions(found, request.RequestID)


def no_history_here(request: HistoricalPriceDataRequest, venue: Venue) -> Answer:
    """800 → 802: historical prices have a port of their own."""
    why = HistoricalPriceDataRejectReasonCodeEnum.HPDR_UNABLE_TO_SERVE_DATA_DO_NOT_RETRY
    text = "Historical prices are served on a port of their own" if venue.serves_history else "No history is served"
    return [HistoricalPriceDataReject(RequestID=request.RequestID, RejectText=text, RejectReasonCode=why)]


ANSWERS: Final[Mapping[type[Message], Callable[[Any, Venue], Answer]]] = {
    TradeAccountsRequest: trade_accounts,
    OpenOrdersRequest: open_orders,
    HistoricalOrderFillsRequest: order_fills,
    CurrentPositionsRequest: positions,
    AccountBalanceRequest: balances,
    SecurityDefinitionForSymbolRequest: definition,
    ExchangeListRequest: exchanges,
    SymbolsForExchangeRequest: exchange_symbols,
    SymbolSearchRequest: search,
    HistoricalPriceDataRequest: no_history_here,
}


def _definitions(found: list[Contract], request_id: int) -> Answer:
    if not found:
        return [SecurityDefinitionResponse(RequestID=request_id, IsFinalMessage=1)]
    return [wire.definition(each, request_id, is_final=each is found[-1]) for each in found]


def _unknown_account(account: str, venue: Venue) -> str:
    if not account or venue.records.accounts.get(account) is not None:
        return ""
    return f"Trade account {account} is unknown"
