"""A database that refuses, and what must be so once it does not any more."""

from collections.abc import Callable
from decimal import Decimal

from core.errors import DiskFull
from core.model.fill import Side
from core.model.order import OrderType
from core.unsaved_work import UnsavedWork
from tests.fakes.checker import check_ledger
from tests.fakes.engine import Desk

FULL = DiskFull("no room left on the disk")
EVERYTHING = 1_000


def protected(desk: Desk, quantity: int = 2) -> None:
    desk.buy(quantity)
    desk.press(Side.SELL, quantity, OrderType.STOP, "4980")


def closed_unsaved(desk: Desk) -> None:
    """Close a protected position while the database refuses everything."""
    protected(desk)
    desk.unsaved = True
    desk.memory.disk.error = FULL
    desk.close()
    desk.tick(1)


def nothing_is_missing(desk: Desk) -> None:
    """What is shown is in the database, and the ledger is the broker's."""
    store = desk.store
    fills = store.positions.recent_fills(EVERYTHING)
    assert desk.snapshot.unsaved == UnsavedWork() and desk.emergency.entries == []
    check_ledger(fills, store.positions.recover_all_open_positions(), store.positions.recent_trades(EVERYTHING), desk)
    executed = {one.execution_id: one.signed_quantity for one in desk.broker.fills}
    booked: dict[str, Decimal] = {}
    for one in fills:
        booked[one.execution_id] = booked.get(one.execution_id, Decimal(0)) + one.signed_quantity
    assert booked == executed
    assert desk.snapshot.trades == store.positions.recent_trades(EVERYTHING)
    kept = {one.client_order_id: one.state for one in store.orders.recent(EVERYTHING)}
    assert {name: one.state for name, one in desk.snapshot.orders.items()} == kept


def refusing(told: list[str]) -> Callable[..., None]:
    def refuse(*args: object) -> None:
        told.append(str(args[0]))
        raise FULL

    return refuse
