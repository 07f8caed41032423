"""Brackets in made-up situations, for panel tests."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.model.bracket import Bracket, ExitPoint
from core.model.bracket_template import BracketBook, BracketTemplate, Distance, TemplateTarget, Unit
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.order import Intent, Order, OrderType
from core.snapshot import Snapshot
from tests.panels.worlds import ES_KEY, ago, by_id, flat, long_two, order

D = Decimal


def ticks(amount: int) -> Distance:
    """Return a distance in ticks."""
    return Distance(D(amount), Unit.TICKS)


def r(amount: str) -> Distance:
    """Return a distance in multiples of the risk."""
    return Distance(D(amount), Unit.R)


TEN = BracketTemplate("10t", ticks(10))
HALVES = BracketTemplate(
    "20t + 1R/2R",
    ticks(20),
    (TemplateTarget(r("1"), D("0.5")), TemplateTarget(r("2"), D("0.5"))),
    breakeven_after=ticks(20),
    trail=ticks(12),
)
CASH = BracketTemplate("100 a trade", Distance(D(100), Unit.MONEY), (TemplateTarget(r("2")),))
BOOK = BracketBook({one.name: one for one in (TEN, HALVES, CASH)})


def exit_pair(number: int, target: str, parent: str = "", **changes: Any) -> tuple[Order, Order]:
    """Return a stop at 5045.25 and a target for one contract, linked."""
    shared: dict[str, Any] = {"quantity": D(1), "parent_client_order_id": parent, **changes}
    stop = order(number, **shared)
    one = order(
        number + 1,
        **{
            **shared,
            "type": OrderType.LIMIT,
            "trigger_price": None,
            "price": D(target),
            "oco_client_order_id": stop.client_order_id,
        },
    )
    return replace(stop, oco_client_order_id=one.client_order_id), one


def entry_order(number: int, **changes: Any) -> Order:
    """Return a limit order that would add one contract below the market."""
    terms: dict[str, Any] = {"type": OrderType.LIMIT, "trigger_price": None, "price": D("5047.25"), "quantity": D(1)}
    return order(number, side=Side.BUY, intent=Intent.ADD, **{**terms, **changes})


FIRST, SECOND = exit_pair(11, "5055.25"), exit_pair(21, "5060.25")
WAITING_ENTRY = entry_order(31)
WAITING = exit_pair(32, "5057.25", WAITING_ENTRY.client_order_id, trigger_price=D("5042.25"))


def bracketed_two(*more: Order, **changes: Any) -> Snapshot:
    """Return LONG 2 with a stop and a target for each contract, and more orders."""
    return long_two(orders=by_id(*FIRST, *SECOND, *more), **changes)


def with_waiting(**changes: Any) -> Snapshot:
    """Return the same with an entry that would add one, whose exits wait for it."""
    return bracketed_two(WAITING_ENTRY, *WAITING, **changes)


def entry_operation(step: EntryStep, name: str = "A1", since_s: float = 1.2, **changes: Any) -> EntryOperation:
    """Return an entry of one contract with its stop, at a step for 1.2 s."""
    leg = EntryLeg("E1", "S1", "", "S2", "U1", True, D(1), stop_distance=D("2.50"))
    made = EntryOperation(
        name,
        ES_KEY,
        Side.BUY,
        step,
        ago(since_s + 1),
        ago(since_s),
        Bracket(ExitPoint(distance=D("2.50"))),
        (leg,),
    )
    return replace(made, **changes)


def entering(*operations: EntryOperation, world: Snapshot | None = None) -> Snapshot:
    """Return a snapshot with entries under way."""
    return replace(world or flat(), entries=MappingProxyType({one.operation_id: one for one in operations}))
