"""What is known of a fill beside what the broker says of it: whose it is, its cost, whether it was told before."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core.model.commission import CommissionSchedule
from core.model.fill import Fill, FillSource
from core.model.order import Intent, Order, OrderType
from core.model.order_ids import OrderIds
from core.model.position import Position, PositionChange
from core.snapshot import Snapshot


def attributed(fill: Fill, snapshot: Snapshot, ids: OrderIds, schedule: CommissionSchedule) -> Fill:
    """Return the fill with its order, source and cost filled in from what we know."""
    if not fill.client_order_id and fill.server_order_id:
        for order in snapshot.orders.values():
            if order.server_order_id == fill.server_order_id and order.key == fill.key:
                fill = replace(fill, client_order_id=order.client_order_id)
    if fill.source is FillSource.EXTERNAL and ids.is_ours(fill.client_order_id):
        fill = replace(fill, source=FillSource.OURS)
    if fill.commission is None and fill.source in (FillSource.OURS, FillSource.EXTERNAL):
        fill = replace(fill, commission=schedule.cost(fill.key.account_key, fill.key.symbol, fill.quantity))
    return fill


def told_before(fill: Fill, snapshot: Snapshot) -> tuple[Fill, ...]:
    """Return what is shown of the same execution of the same account; its legs, none where it is new."""
    return tuple(
        one
        for one in snapshot.fills
        if one.execution_id == fill.execution_id and one.key.account_key == fill.key.account_key
    )


def same_execution(fill: Fill, told: Iterable[Fill]) -> bool:
    """Say whether what was told before is this fill: side and quantity, and price and order where both are known."""
    legs = tuple(told)
    quantity = sum((one.quantity for one in legs), Decimal(0))
    prices = {one.price for one in legs} - {None, fill.price}
    orders = {one.client_order_id for one in legs} - {"", fill.client_order_id}
    same = quantity == fill.quantity and all(one.side is fill.side and one.key == fill.key for one in legs)
    return same and not (prices and fill.price is not None) and not (orders and fill.client_order_id)


def spelled(fill: Fill) -> str:
    """Return a fill in a few words."""
    price = "?" if fill.price is None else f"{fill.price:f}"
    return f"{fill.side.value} {fill.quantity:f} {fill.key.symbol} @ {price}"


def with_exit_reason(change: PositionChange, snapshot: Snapshot) -> PositionChange:
    """Return the change with why its trade ended, where it ended one: what closed it, in a word or two."""
    if change.trade is None:
        return change
    order = snapshot.orders.get(change.fill.client_order_id)
    return replace(change, trade=replace(change.trade, exit_reason=exit_reason(change.fill, order)))


def exit_reason(fill: Fill, order: Order | None) -> str:
    """Return what a closing fill was: "stop", "target", "close order", "other platform" and so on."""
    if fill.source is FillSource.MANUAL:
        return "recorded by hand"
    if fill.source is FillSource.RECON:
        return "correction"
    if order is None or order.external:
        return "other platform" if fill.source is FillSource.EXTERNAL else ""
    if order.type in (OrderType.STOP, OrderType.STOP_LIMIT):
        return "stop"
    if order.intent is Intent.CLOSE:
        return "close order"
    return "target" if order.type is OrderType.LIMIT else "market order"


def quantity_of(position: Position | None) -> Decimal:
    """Return the signed quantity; none is flat."""
    return Decimal(0) if position is None else position.quantity
