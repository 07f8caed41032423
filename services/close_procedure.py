"""The steps of a close that go forward: pure. Each looks at the facts and returns the plan, or None to wait on.

WAITING ──> CANCELLING ──> SENT ──> VERIFYING ──> DONE
   │            │  └ B2 ask  ├ B3 REJECTED   └ B13 UNVERIFIED
   │            └ B1 flat    ├ B4, B5 ask
   └ ask: MISMATCH, B9, B11  └ B7 UNKNOWN          LINK_DOWN (B6): nothing was queued

B10 (less than the venue trades) ends before anything is cancelled. In clips SENT comes again for each part, when the
one before is filled and booked. `close_answers` goes on as the trader chose.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from core.commands import AskBroker, CancelOrder, PlaceExit, SubmitOrder
from core.events import Announcement, Level
from core.messages import Message
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseOperation, CloseStep, CloseWay
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import PositionKey
from core.snapshot import Certainty
from services import close_setbacks as setbacks
from services import close_words as words
from services.close_plan import BY_BROKER, DUST, HEDGED, RESTING, UNREAD, Ask, Facts, Plan, step
from services.close_size import marketable, sendable

IN_FLIGHT_LIMIT_S = 3.0
CANCEL_QUERY_S = 2.0
CANCEL_LIMIT_S = 4.0
ACK_NOTICE_S = 3.0
FILL_LIMIT_S = 3.0
VERIFY_LIMIT_S = 10.0
# A reversal that takes longer is not what was wanted any more.
REVERSE_WITHIN = timedelta(seconds=15)

READING = (CloseStep.WAITING, CloseStep.CANCELLING)
SENT = (CloseStep.SENT, CloseStep.UNKNOWN)
VERIFYING = (CloseStep.VERIFYING, CloseStep.UNVERIFIED)
# What may have to be asked before anything is cancelled, in this order.
QUESTIONS = (HEDGED, DUST, RESTING, UNREAD)
# A broker that lists no fills never proves what became of an order; the trader may, on another screen.
LET_GO = (CloseChoice.DISMISS,)


def taken_up(operation: CloseOperation, facts: Facts) -> Plan:
    """Take up a close a crash interrupted: one that never committed its order is over, any other is looked into.

    Nothing is opened any more by what was to reverse. What had ended and asks something goes on asking.
    """
    operation = replace(operation, reverse=None)
    if operation.is_over and operation.step is not CloseStep.LINK_DOWN:
        return Plan(operation)
    order = facts.order(operation.close_order_id)
    if order is None:
        text = words.CANCELS_SENT if operation.cancelled else words.NOTHING_SENT
        choices = () if facts.position is None else (CloseChoice.CLOSE_NOW, CloseChoice.DISMISS)
        return Plan(step(operation, CloseStep.STOPPED, text, facts, branch="B6", choices=choices))
    if order.is_final:
        return Plan(step(operation, CloseStep.VERIFYING, words.VERIFYING, facts, branch=operation.branch))
    return Plan(step(operation, CloseStep.UNKNOWN, words.INTERRUPTED, facts, branch="B7", choices=LET_GO))


def begun(operation: CloseOperation, facts: Facts, wait: bool = True) -> Plan | None:
    """Go on from WAITING, once nothing is in flight any more or the wait for it is over."""
    if facts.hedged and _not_asked(operation, HEDGED):
        return setbacks.ask_hedged(operation, facts)
    if facts.mismatch:
        return setbacks.ask_mismatch(operation, facts)
    if wait and facts.unsettled:
        return None
    if facts.differs:
        return setbacks.ask_mismatch(operation, facts)
    if facts.dust and _not_asked(operation, DUST):
        return setbacks.dust(operation, facts)
    if facts.resting is not None and facts.position is not None and _not_asked(operation, RESTING):
        return setbacks.ask_resting(operation, facts)
    return setbacks.ask_unread(operation, facts) if facts.unread else cancelled(operation, facts)


def _not_asked(operation: CloseOperation, branch: str) -> bool:
    """Say whether a close has yet to be asked about this: each question stands for the answers to those before it."""
    return operation.branch not in QUESTIONS[QUESTIONS.index(branch) :]


def cancelled(operation: CloseOperation, facts: Facts) -> Plan:
    """Cancel everything that works in the scope; with nothing to cancel, go on."""
    alive = facts.alive
    if not alive:
        return sent(operation, facts)
    # An entry before the exits that wait for it: they end with it, and must never be left to exit nothing.
    names = tuple(order.client_order_id for order in sorted(alive, key=lambda one: bool(one.parent_client_order_id)))
    text = words.cancelling(len(names))
    moved = step(operation, CloseStep.CANCELLING, text, facts, branch=operation.branch)
    known = tuple(name for name in operation.cancelled if name not in names)
    return Plan(replace(moved, cancelled=(*known, *names)), tuple(CancelOrder(name) for name in names))


def sent(operation: CloseOperation, facts: Facts) -> Plan:
    """Commit the step with the id of its order, then have exactly the quantity read now closed.

    While an exit is reported filled and its fill is not booked, or the broker's latest figure is another than ours,
    our quantity is not what is open: nothing is sent. A difference that lasts becomes a mismatch, and the trader's.
    """
    differs = facts.differs and not facts.mismatch and operation.branch != BY_BROKER
    if differs or facts.unbooked(operation):
        ask = Ask.POSITIONS if differs else Ask.NOTHING
        waiting = step(operation, CloseStep.CANCELLING, words.FILL_ON_ITS_WAY, facts, branch=operation.branch)
        waits = operation.step is CloseStep.CANCELLING
        return Plan(operation, ask=ask, stored=False) if waits else Plan(waiting, ask=ask)
    if operation.branch == BY_BROKER and facts.scope.broker_quantity is None:
        return setbacks.ask_mismatch(operation, facts)
    if operation.branch == BY_BROKER:
        signed = facts.scope.broker_quantity or Decimal(0)
    elif facts.mismatch:
        return setbacks.ask_mismatch(operation, facts)
    elif facts.unread and operation.branch != UNREAD:
        return setbacks.ask_unread(operation, facts)
    else:
        signed = Decimal(0) if facts.position is None else facts.position.quantity
    if signed == 0 and (operation.quantity is None or _has_filled(operation, facts)):
        return verified(operation, facts, words.FILLED if operation.close_order_id else words.ORDERS_GONE)
    if signed == 0:
        return verified(operation, facts, words.flat_already(facts.snapshot, operation), branch="B1")
    return _sent_of(operation, signed, facts)


def _sent_of(operation: CloseOperation, signed: Decimal, facts: Facts) -> Plan:
    """Have a signed quantity closed in the way chosen: all of it, or the next part, at the market or at a limit.

    Without a price there is nothing to set a limit at: then it goes at the market, being wanted closed.
    """
    side, quantity = Side.closing(signed), sendable(abs(signed), facts.instrument)
    if quantity == 0 and _not_asked(operation, DUST):
        return setbacks.dust(operation, facts)
    quantity = quantity or abs(signed)
    if operation.way is CloseWay.CLIPS and operation.clip is not None:
        quantity = min(quantity, operation.clip)
    price = marketable(side, facts.quote, facts.instrument) if operation.way is CloseWay.LIMIT else None
    name, kind = facts.mint(), OrderType.MARKET if price is None else OrderType.LIMIT
    moved = step(operation, CloseStep.SENT, words.CLOSING, facts, branch=operation.branch)
    moved = replace(moved, quantity=abs(signed), close_order_id=name, attempts=operation.attempts + 1)
    cause = f"close {operation.operation_id}"
    return Plan(moved, (PlaceExit(name, facts.key, side, kind, quantity, Intent.CLOSE, cause, price),))


def _has_filled(operation: CloseOperation, facts: Facts) -> bool:
    order = facts.order(operation.close_order_id)
    return order is not None and order.filled_quantity > 0


def verified(operation: CloseOperation, facts: Facts, text: str = words.FILLED, branch: str | None = None) -> Plan:
    """Ask whether the scope is flat, and cancel what still works in it."""
    moved = step(operation, CloseStep.VERIFYING, text, facts, branch=operation.branch if branch is None else branch)
    return Plan(moved, _cancels_of_nothing(operation, facts), Ask.POSITIONS)


def order_moved(operation: CloseOperation, order: Order, facts: Facts, named: bool = False) -> Plan | None:
    """Follow an order of the scope: one being cancelled, one in flight, or the closing order itself.

    Args:
        named: the broker has just given it an id, without which it could not be cancelled.
    """
    if order.client_order_id == operation.close_order_id:
        return _close_order_moved(operation, order, facts)
    if operation.step is CloseStep.CANCELLING and named and order.is_alive:
        return Plan(operation, (CancelOrder(order.client_order_id),), stored=False)
    if operation.step is CloseStep.CANCELLING and not facts.alive:
        return sent(operation, facts)
    return begun(operation, facts) if operation.step is CloseStep.WAITING else None


def _close_order_moved(operation: CloseOperation, order: Order, facts: Facts) -> Plan | None:
    if order.state is OrderState.DENIED:
        return None  # was it the line that fell? The next look at the clock knows.
    if order.state is OrderState.FILLED or (order.is_final and facts.position is None):
        # Filled here, but its fill is not booked yet: that moves the position, and this on.
        known = facts.position is None or operation.branch == BY_BROKER
        if not known and operation.way is CloseWay.CLIPS and operation.step in SENT:
            return sent(operation, facts)
        return verified(operation, facts) if known and operation.step not in VERIFYING else None
    if order.is_final and facts.position is not None:
        return setbacks.came_to_nothing(operation, order, facts.position, facts)
    if order.state is OrderState.UNKNOWN and operation.step is CloseStep.SENT:
        return Plan(step(operation, CloseStep.UNKNOWN, words.unknown(order), facts, branch="B7", choices=LET_GO))
    if order.state in (OrderState.WORKING, OrderState.PARTIAL) and operation.step is CloseStep.UNKNOWN:
        return Plan(step(operation, CloseStep.SENT, words.CLOSING, facts))
    return None


def flat(operation: CloseOperation, facts: Facts) -> Plan | None:
    """Go on when a fill has just brought the scope to zero."""
    if operation.step is CloseStep.STOPPED:
        return Plan(step(operation, CloseStep.STOPPED, words.FLAT_NOW, facts))
    if operation.step is CloseStep.CANCELLING and not facts.alive:
        return sent(operation, facts)
    if operation.step is CloseStep.ASKING:
        return cancelled(replace(operation, branch=""), facts)
    return verified(operation, facts) if operation.step in (*SENT, CloseStep.REJECTED) else None


def waited(operation: CloseOperation, facts: Facts, waited_s: float) -> Plan | None:
    """Judge a wait by the time it has taken, in seconds; each has a defined next step."""
    if operation.step in READING and not facts.up:
        return setbacks.line_fell(operation, facts)
    if operation.step is CloseStep.WAITING:
        return begun(operation, facts, wait=waited_s <= IN_FLIGHT_LIMIT_S)
    if operation.step is CloseStep.CANCELLING:
        return _cancelling(operation, facts, waited_s)
    if operation.step in SENT:
        return _sent(operation, facts, waited_s)
    if operation.step is CloseStep.ASKING:
        return setbacks.reworded(operation, facts)
    return _verifying(operation, facts, waited_s) if operation.step in VERIFYING else None


def _cancelling(operation: CloseOperation, facts: Facts, waited_s: float) -> Plan | None:
    if not facts.alive and facts.unbooked(operation):
        if waited_s > CANCEL_LIMIT_S:
            return setbacks.fill_missing(operation, facts)
        again = (AskBroker(facts.key.connection),) if waited_s > CANCEL_QUERY_S else ()
        return Plan(operation, again, stored=False)
    if not facts.alive and facts.differs and operation.branch != BY_BROKER and waited_s > CANCEL_LIMIT_S:
        return setbacks.ask_mismatch(operation, facts)
    if not facts.alive:
        return sent(operation, facts)
    if waited_s > CANCEL_LIMIT_S:
        return setbacks.cancel_missing(operation, facts)
    return Plan(operation, ask=Ask.ORDERS, stored=False) if waited_s > CANCEL_QUERY_S else None


def _sent(operation: CloseOperation, facts: Facts, waited_s: float) -> Plan | None:
    order = facts.order(operation.close_order_id)
    if order is None:
        return None
    if order.state is OrderState.DENIED:
        if facts.up and facts.position is not None:
            return setbacks.came_to_nothing(operation, order, facts.position, facts)
        return setbacks.line_fell(operation, facts) if not facts.up else verified(operation, facts)
    if order.state is OrderState.FILLED and operation.way is CloseWay.CLIPS and facts.position is not None:
        return sent(operation, facts)
    if order.is_final and waited_s > FILL_LIMIT_S:
        agreed = facts.scope.certainty is Certainty.CONFIRMED and not facts.unbooked(operation)
        if agreed and facts.position is not None:
            return setbacks.came_to_nothing(operation, order, facts.position, facts)
        return verified(operation, facts)  # over, yet not flat here: the broker must say what is left
    if operation.step is CloseStep.UNKNOWN:
        return Plan(operation, ask=Ask.ORDERS, stored=False)
    if order.state is OrderState.SENT and waited_s > ACK_NOTICE_S:
        return Plan(replace(operation, text=words.waiting(waited_s), branch="B7"), stored=False)
    if operation.branch == "B4":
        return _rest_cancelling(operation, facts, waited_s)
    if waited_s <= FILL_LIMIT_S or not order.is_working:
        return None
    if order.state is OrderState.PARTIAL or order.type is OrderType.LIMIT:
        return setbacks.rest_cancelled(operation, order, facts)
    return Plan(replace(operation, text=words.not_filled(waited_s)), stored=False)


def _rest_cancelling(operation: CloseOperation, facts: Facts, waited_s: float) -> Plan | None:
    """B4: wait for the cancel of a close that stands still as for any other."""
    if waited_s > CANCEL_LIMIT_S:
        return setbacks.cancel_missing(operation, facts)
    return Plan(operation, ask=Ask.ORDERS, stored=False) if waited_s > CANCEL_QUERY_S else None


def _verifying(operation: CloseOperation, facts: Facts, waited_s: float) -> Plan | None:
    if is_flat(operation, facts):
        return _done(operation, facts)
    order = facts.order(operation.close_order_id)
    if order is not None and order.is_final and facts.position is not None and _still_open(operation, facts):
        return setbacks.came_to_nothing(operation, order, facts.position, facts)
    if operation.step is CloseStep.VERIFYING and waited_s > VERIFY_LIMIT_S:
        choices = (CloseChoice.VERIFY_NOW, CloseChoice.DISMISS)
        return Plan(step(operation, CloseStep.UNVERIFIED, words.UNVERIFIED, facts, branch="B13", choices=choices))
    return Plan(operation, _cancels_of_nothing(operation, facts), Ask.POSITIONS, stored=False)


def _done(operation: CloseOperation, facts: Facts) -> Plan:
    if facts.position is not None:
        text, level = words.flat_at_broker(facts.position), Level.CAUTION
    else:
        closed = words.done(facts.key.symbol, facts.trade, facts.instrument)
        nothing = words.ENTRIES_GONE if _closed_nothing(operation) else closed
        text = operation.text if operation.branch == "B1" else nothing
        lost = facts.trade is not None and facts.trade.net is not None and facts.trade.net < 0
        level = Level.INFO if lost else Level.SUCCESS
    plan = Plan(step(operation, CloseStep.DONE, text, facts, branch=operation.branch))
    return plan.then(Announcement(level, text, facts.now, facts.key), *_other_side(operation, facts))


def _other_side(operation: CloseOperation, facts: Facts) -> tuple[Message, ...]:
    """Return the order that opens the other side, where this close was to reverse and has just closed it itself."""
    if operation.reverse is None:
        return ()
    fresh = timedelta(0) <= facts.now - operation.started_at <= REVERSE_WITHIN
    if fresh and facts.position is None and operation.close_order_id and operation.branch not in ("B1", BY_BROKER):
        return (reversal(f"{operation.operation_id}-open", facts.key, operation.reverse),)
    return (Announcement(Level.CAUTION, words.NOT_REVERSED, facts.now, facts.key),)


def reversal(action_id: str, key: PositionKey, quantity: Decimal) -> SubmitOrder:
    """Return the market order that opens a signed quantity; it passes every guard of an entry."""
    side = Side.BUY if quantity > 0 else Side.SELL
    return SubmitOrder(action_id, key, side, OrderType.MARKET, abs(quantity), confirmed=True)


def _cancels_of_nothing(operation: CloseOperation, facts: Facts) -> tuple[CancelOrder, ...]:
    """Return cancels of what still works in a flat scope, an exit from nothing being an entry.

    Orders of other programs are theirs, unless the close has cancelled them already.
    """
    if facts.position is not None:
        return ()
    ours = [one for one in facts.alive if not one.external or one.client_order_id in operation.cancelled]
    return tuple(
        CancelOrder(one.client_order_id)
        for one in ours
        if one.server_order_id and one.state is not OrderState.PENDING_CANCEL
    )


def _closed_nothing(operation: CloseOperation) -> bool:
    return operation.quantity is None and not operation.close_order_id


def _still_open(operation: CloseOperation, facts: Facts) -> bool:
    """Say whether the broker has told, since this step began, that what we hold is open."""
    fresh = facts.told_since(operation.step_since)
    confirmed = facts.scope.certainty is Certainty.CONFIRMED and not facts.unbooked(operation)
    return fresh and confirmed and operation.branch != BY_BROKER


def is_flat(operation: CloseOperation, facts: Facts) -> bool:
    """Say whether the broker's explicit zero, or fills alone where he reports none, prove the scope flat.

    The zero must have been told since the close began, and nothing of the scope may work any more. A close by the
    broker's figure is over by his word alone: what our books hold beside it is for reconciliation. Where nothing was
    open and only entries were cancelled, there is nothing to prove.
    """
    if facts.alive or (facts.position is not None and operation.branch != BY_BROKER):
        return False
    if _closed_nothing(operation) and facts.read and facts.scope.broker_quantity in (None, 0):
        return not facts.unbooked(operation)
    if facts.scope.broker_quantity == 0 and facts.told_since(operation.started_at):
        return True
    return facts.position is None and facts.scope.certainty is Certainty.FILLS_ONLY
