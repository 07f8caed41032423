"""Order reports and fills: DTC 301 and 304 in our words.

What a report does not say stays None, and what it says in a number we do not know changes nothing. A fill is read
from the LastFill fields on reasons 4 and 5 only, the moment of the fill; everywhere else they repeat an old one.
Reasons 9 and 10 never end an order by themselves: a status "rejected" there speaks of the cancel or the change.
"""

from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from core.broker_report import OrderReport, ReportKind
from core.model.fill import Fill, Side, synthetic_execution_id
from core.model.order import OrderState, OrderType, TimeInForce
from core.model.scope import PositionKey
from services.dtc import border
from services.dtc.border import Refusals
from services.dtc.messages.base import Message
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused
from services.dtc.wire_time import from_wire

KINDS: dict[int, ReportKind] = {
    0: ReportKind.CHANGED,
    1: ReportKind.RESTATED,
    2: ReportKind.ACCEPTED,
    3: ReportKind.CHANGED,
    4: ReportKind.FILLED,
    5: ReportKind.PARTLY_FILLED,
    6: ReportKind.CANCELLED,
    7: ReportKind.REPLACED,
    8: ReportKind.REJECTED,
    9: ReportKind.CANCEL_REFUSED,
    10: ReportKind.REPLACE_REFUSED,
}
# 0 is "ask me"; 1 is the client's own state, which no server has to tell. 2 and 3 are alive and can be cancelled.
STATES: dict[int, OrderState | None] = {
    0: None,
    1: None,
    2: OrderState.WORKING,
    3: OrderState.WORKING,
    4: OrderState.WORKING,
    5: OrderState.PENDING_CHANGE,
    6: OrderState.PENDING_CANCEL,
    7: OrderState.FILLED,
    8: OrderState.CANCELLED,
    9: OrderState.REJECTED,
    10: OrderState.PARTIAL,
}
WAITS_FOR_PARENT = 3
LISTED_REASONS = frozenset((1, 2))
T = TypeVar("T")

FILL_REASONS = frozenset((4, 5))
REFUSED_REASONS = frozenset((9, 10))

SIDES: dict[int, Side | None] = {0: None, 1: Side.BUY, 2: Side.SELL}
TYPES: dict[int, OrderType | None] = {
    0: None,
    1: OrderType.MARKET,
    2: OrderType.LIMIT,
    3: OrderType.STOP,
    4: OrderType.STOP_LIMIT,
}
TIMES: dict[int, TimeInForce] = {0: TimeInForce.DAY, 1: TimeInForce.DAY, 2: TimeInForce.GTC}


def scope_of(connection: str, account: str, symbol: str) -> PositionKey:
    """Return the scope a report is about.

    Raises:
        Refused: it names no account or no symbol.
    """
    return PositionKey(connection, border.required(account, "TradeAccount"), border.required(symbol, "Symbol"))


def has_price(message: OrderUpdate) -> bool:
    """Say whether the report states any price, so that the symbol's scale is needed to read it."""
    prices = (message.Price1, message.Price2, message.AverageFillPrice, message.LastFillPrice)
    return any(price is not None for price in prices)


def order_report(
    message: OrderUpdate, key: PositionKey, scale: PriceScale | None, at: datetime, refusals: Refusals
) -> OrderReport:
    """Return what the broker says about one order; without a scale its prices are None.

    Raises:
        Refused: it names no order, gives a reason nobody knows, or a quantity that cannot be.
    """
    kind = KINDS.get(message.OrderUpdateReason)
    if kind is None:
        raise Refused(f"unknown reason {message.OrderUpdateReason}")
    if not message.ServerOrderID and not message.ClientOrderID:
        raise Refused("it names no order")
    type_ = _known(TYPES, message.OrderType, "order type", message, refusals)
    price, trigger = _prices(type_, _shown(message.Price1, scale), _shown(message.Price2, scale))
    average = message.AverageFillPrice
    return OrderReport(
        key=key,
        client_order_id=message.ClientOrderID,
        server_order_id=message.ServerOrderID,
        kind=kind,
        state=_state(message, refusals),
        received_at=at,
        side=_known(SIDES, message.BuySell, "side", message, refusals),
        type=type_,
        quantity=border.total(message.OrderQuantity, "OrderQuantity") or None,
        filled_quantity=border.total(message.FilledQuantity, "FilledQuantity"),
        price=price,
        trigger_price=trigger,
        time_in_force=_known(TIMES, message.TimeInForce, "time in force", message, refusals) or TimeInForce.DAY,
        average_fill_price=None if average is None or scale is None else scale.average(average),
        text=message.InfoText,
        previous_server_order_id=message.PreviousServerOrderID,
        parent_server_order_id=message.ParentServerOrderID,
        oco_server_order_id=message.OCOLinkedOrderServerOrderID,
        waits_for_parent=_status(message) == WAITS_FOR_PARENT,
    )


def is_fill(message: OrderUpdate) -> bool:
    """Say whether the report tells of an execution."""
    return message.OrderUpdateReason in FILL_REASONS


def fill_of_update(message: OrderUpdate, key: PositionKey, scale: PriceScale | None, at: datetime) -> Fill:
    """Return the execution a report of reason 4 or 5 tells of.

    Raises:
        Refused: no usable quantity or side, or nothing to recognise a redelivery by.
    """
    fill_time = from_wire(message.LastFillDateTime)
    execution_id = message.LastFillExecutionID
    if not execution_id:
        cumulative = border.traded(message.FilledQuantity, "FilledQuantity of a fill without an execution id")
        order_or_date = message.ClientOrderID or f"{fill_time or at:%Y-%m-%d}"
        execution_id = synthetic_execution_id(key, message.ServerOrderID, order_or_date, cumulative)
    price, on_grid = _traded_price(message.LastFillPrice, scale)
    return Fill(
        key=key,
        execution_id=execution_id,
        side=_side(message.BuySell),
        quantity=border.traded(message.LastFillQuantity, "LastFillQuantity"),
        price=price,
        fill_time=fill_time,
        received_at=at,
        client_order_id=message.ClientOrderID,
        server_order_id=message.ServerOrderID,
        off_tick=not on_grid,
    )


def fill_of_history(
    message: HistoricalOrderFillResponse, key: PositionKey, scale: PriceScale | None, at: datetime
) -> Fill:
    """Return an execution of the past.

    Raises:
        Refused: no usable quantity or side, or no execution id: this message lacks the client order id, so one made
            up here would differ from the one made up when the fill was live, and the fill would count twice.
    """
    price, on_grid = _traded_price(message.Price, scale)
    return Fill(
        key=key,
        execution_id=border.required(message.UniqueExecutionID, "UniqueExecutionID"),
        side=_side(message.BuySell),
        quantity=border.traded(message.Quantity, "Quantity"),
        price=price,
        fill_time=from_wire(message.DateTime),
        received_at=at,
        server_order_id=message.ServerOrderID,
        off_tick=not on_grid,
    )


def _status(message: OrderUpdate) -> int:
    """Return the status; some servers leave that of an exit unset while it waits, and it is accepted and listed."""
    waits = message.OrderStatus == 0 and message.ParentServerOrderID and message.OrderUpdateReason in LISTED_REASONS
    return WAITS_FOR_PARENT if waits else message.OrderStatus


def _state(message: OrderUpdate, refusals: Refusals) -> OrderState | None:
    state = _known(STATES, _status(message), "status", message, refusals)
    if message.OrderUpdateReason in REFUSED_REASONS and state is OrderState.REJECTED:
        return None
    return state


def _known(table: dict[int, T], number: int, what: str, message: Message, refusals: Refusals) -> T | None:
    if number not in table:
        refusals.note(message, f"unknown {what} {number}")
        return None
    return table[number]


def _side(number: int) -> Side:
    side = SIDES.get(number)
    if side is None:
        raise Refused(f"a fill without a side ({number})")
    return side


def _prices(
    type_: OrderType | None, first: Decimal | None, second: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """Return limit and trigger price of an order from the two prices of the wire."""
    if type_ is OrderType.LIMIT:
        return first, None
    if type_ is OrderType.STOP:
        return None, first
    if type_ is OrderType.STOP_LIMIT:
        return second, first
    return None, None


def _shown(wire: float | None, scale: PriceScale | None) -> Decimal | None:
    return None if wire is None or scale is None else scale.shown(wire)[0]


def _traded_price(wire: float | None, scale: PriceScale | None) -> tuple[Decimal | None, bool]:
    return (None, True) if wire is None or scale is None else scale.shown(wire)
