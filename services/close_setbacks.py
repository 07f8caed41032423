"""What can go wrong with a close, and what is done about it: pure. Each returns the plan; nothing here is ever re-sent
but the stops the close itself had cancelled.
"""

from dataclasses import replace
from decimal import Decimal

from core.commands import AskBroker, PlaceExit
from core.events import Announcement, Level
from core.messages import Message
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Intent, Order, OrderState
from core.model.position import Position
from services import close_words as words
from services.close_exits import put_back
from services.close_plan import BY_BROKER, RESTING, UNREAD, Facts, Plan, step


def ask_mismatch(operation: CloseOperation, facts: Facts) -> Plan:
    """Show the verify box: here and at the broker differ, and only the trader knows which to go by."""
    broker = facts.scope.broker_quantity
    text = words.mismatch(facts.position, broker)
    if not broker:
        choices: tuple[CloseChoice, ...] = (CloseChoice.ASK_BROKER, CloseChoice.CANCEL)
        return Plan(step(operation, CloseStep.ASKING, text, facts, branch=BY_BROKER, choices=choices))
    choices = (CloseChoice.ASK_BROKER, CloseChoice.CLOSE_BROKER_QUANTITY, CloseChoice.CANCEL)
    asking = step(operation, CloseStep.ASKING, text, facts, branch=BY_BROKER, choices=choices)
    return Plan(replace(asking, quantity=abs(broker)))


def ask_resting(operation: CloseOperation, facts: Facts) -> Plan:
    """B9: the market does not trade. Cancelling what protects the position for an order that waits helps nobody."""
    assert facts.position is not None and facts.resting is not None
    text = words.resting(facts.position, facts.resting, facts.now)
    choices = (CloseChoice.REMIND_AT_OPEN, CloseChoice.SEND_ANYWAY, CloseChoice.CANCEL)
    return Plan(step(operation, CloseStep.ASKING, text, facts, branch=RESTING, choices=choices))


def ask_unread(operation: CloseOperation, facts: Facts) -> Plan:
    """Ask before closing what the broker has not confirmed on this line: it may have been closed elsewhere."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.CANCEL)
    asking = step(operation, CloseStep.ASKING, words.unread(facts.position), facts, branch=UNREAD, choices=choices)
    return Plan(asking, (AskBroker(facts.key.connection),))


def cancel_missing(operation: CloseOperation, facts: Facts) -> Plan:
    """B2: a cancel was not answered in time."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.LEAVE_PROTECTED)
    text = words.cancel_missing(facts.position, facts.alive)
    return Plan(step(operation, CloseStep.ASKING, text, facts, branch="B2", choices=choices))


def fill_missing(operation: CloseOperation, facts: Facts) -> Plan:
    """An exit is reported filled and the fill itself does not come: what is open is not known, so nothing is sent."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.CANCEL)
    asking = step(operation, CloseStep.ASKING, words.FILL_MISSING, facts, branch="B2", choices=choices)
    return Plan(asking, (AskBroker(facts.key.connection),))


def came_to_nothing(operation: CloseOperation, order: Order, position: Position, facts: Facts) -> Plan:
    """B3, B4: the closing order is gone and the position is not; what it was stripped of is put back."""
    restored, protection = restore(operation, facts)
    if order.state in (OrderState.REJECTED, OrderState.DENIED):
        say = words.rejected if order.state is OrderState.REJECTED else words.not_placed
        text, choices = say(order, position, protection), (CloseChoice.RETRY, CloseChoice.DISMISS)
        plan = Plan(step(operation, CloseStep.REJECTED, text, facts, branch="B3", choices=choices), restored)
        return plan.then(Announcement(Level.ALARM, text, facts.now, facts.key))
    text, choices = words.rest_left(order, position, protection), (CloseChoice.CLOSE_REST, CloseChoice.CANCEL)
    return Plan(step(operation, CloseStep.ASKING, text, facts, branch="B4", choices=choices), restored)


def overshot(operation: CloseOperation, after: Position, facts: Facts) -> Plan:
    """B5: the scope went through zero, or is open again though it was closed."""
    text, choices = words.overshoot(after), (CloseChoice.CLOSE_REST, CloseChoice.DISMISS)
    asking = step(operation, CloseStep.ASKING, text, facts, branch="B5", choices=choices)
    plan = Plan(replace(asking, quantity=abs(after.quantity)))
    return plan.then(Announcement(Level.ALARM, text, facts.now, facts.key))


def line_fell(operation: CloseOperation, facts: Facts) -> Plan:
    """B6: the line is down and no closing order left; cancels may have."""
    position = facts.position
    if position is None:
        return Plan(step(operation, CloseStep.STOPPED, words.FLAT_AND_DOWN, facts, branch="B6"))
    text = words.cannot_protect(position, len(operation.cancelled))
    plan = Plan(step(operation, CloseStep.LINK_DOWN, text, facts, branch="B6"))
    return plan.then(Announcement(Level.ALARM, text, facts.now, facts.key)) if operation.cancelled else plan


def line_is_back(operation: CloseOperation, facts: Facts) -> Plan:
    """B6, after reconciliation: nothing is closed by itself; the trader presses again."""
    text = words.FLAT_NOW if facts.position is None else words.LINK_BACK
    restored, protection = restore(operation, facts)
    return Plan(step(operation, CloseStep.STOPPED, text + protection, facts, branch="B6"), restored)


def left_alone(operation: CloseOperation, facts: Facts) -> Plan:
    """The trader chose to leave it: what was cancelled for nothing is put back, unless the close may still fill."""
    order = facts.order(operation.close_order_id)
    pending = order is not None and order.is_alive
    restored, protection = ((), words.STILL_UNKNOWN) if pending else restore(operation, facts)
    text = f"Left as it is.{protection}"
    return Plan(step(operation, CloseStep.STOPPED, text, facts, branch=operation.branch), restored)


def restore(operation: CloseOperation, facts: Facts) -> tuple[tuple[Message, ...], str]:
    """Return the orders that place the cancelled stops again, and what to say of them.

    A stop of what is gone already would open a position: they cover no more than is open by everybody's word.
    """
    position, sure = facts.position, facts.surely_open(operation)
    if position is None:
        return (), ""
    doubtful = abs(position.quantity) - abs(sure) if operation.cancelled else Decimal(0)
    if sure == 0:
        return (), words.not_put_back(doubtful)
    quote = facts.snapshot.quotes.get((facts.key.connection, facts.key.symbol))
    plan = put_back(replace(position, quantity=sure), operation.cancelled, facts.snapshot.orders.values(), quote)
    again = tuple(
        PlaceExit(
            facts.mint(),
            facts.key,
            stop.side,
            stop.type,
            quantity,
            Intent.PROTECT,
            f"put back after close {operation.operation_id}",
            stop.price,
            stop.trigger_price,
            stop.time_in_force,
        )
        for stop, quantity in plan.stops
    )
    return again, words.protection(len(again), plan.bare) + words.not_put_back(doubtful)
