"""What can go wrong with a close, and what is done about it: pure. Each returns the plan; nothing here is ever re-sent
but the exits the close itself had cancelled (`close_restore`).
"""

from dataclasses import replace

from core.announcement import About
from core.commands import AskBroker, CancelOrder
from core.events import Announcement, Level
from core.model.operation import CloseChoice, CloseOperation, CloseStep
from core.model.order import Order, OrderState
from core.model.position import Position
from services import close_words as words
from services.close_plan import BY_BROKER, DUST, HEDGED, RESTING, UNREAD, Facts, Plan, step
from services.close_restore import Restored, restore
from services.close_size import clip_of

# Where a close waits for the trader, with what it had cancelled put back.
ASKED = (CloseStep.ASKING, CloseStep.REJECTED, CloseStep.STOPPED)


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


def ask_hedged(operation: CloseOperation, facts: Facts) -> Plan:
    """B11: the broker keeps legs beside each other; a closing order may open one instead of closing the other."""
    choices = (CloseChoice.CANCEL, CloseChoice.SEND_ANYWAY)
    text = words.hedged(facts.position)
    return Plan(step(operation, CloseStep.ASKING, text, facts, branch=HEDGED, choices=choices))


def ask_unread(operation: CloseOperation, facts: Facts) -> Plan:
    """Ask before closing what the broker has not confirmed on this line: it may have been closed elsewhere."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.CANCEL)
    asking = step(operation, CloseStep.ASKING, words.unread(facts.position), facts, branch=UNREAD, choices=choices)
    return Plan(asking, (AskBroker(facts.key.connection),))


def cancel_missing(operation: CloseOperation, facts: Facts) -> Plan:
    """B2: a cancel was not answered in time."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, CloseChoice.LEAVE_PROTECTED)
    text = words.cancel_missing(facts.position, facts.alive)
    asking = step(operation, CloseStep.ASKING, text, facts, branch="B2", choices=choices)
    return Plan(_sized(asking, facts))


def fill_missing(operation: CloseOperation, facts: Facts) -> Plan:
    """An exit is reported filled and the fill itself does not come: what is open is not known, so nothing is sent."""
    choices = (CloseChoice.KEEP_WAITING, CloseChoice.CANCEL)
    asking = step(operation, CloseStep.ASKING, words.FILL_MISSING, facts, branch="B2", choices=choices)
    return Plan(asking, (AskBroker(facts.key.connection),))


def rest_cancelled(operation: CloseOperation, order: Order, facts: Facts) -> Plan:
    """B4: the close stands still. What is left of it is cancelled first: beside it an exit could reverse the rest."""
    moved = step(operation, CloseStep.SENT, words.partly(order), facts, branch="B4")
    return Plan(moved, (CancelOrder(order.client_order_id),))


def came_to_nothing(operation: CloseOperation, order: Order, position: Position, facts: Facts) -> Plan:
    """B3, B4: the closing order is gone and the position is not; what it was stripped of is put back."""
    if facts.dust:
        return dust(operation, facts)
    back = restore(operation, facts)
    operation = _sized(replace(operation, put_back=back.stop_ids), facts)
    if order.state not in (OrderState.REJECTED, OrderState.DENIED):
        choices = (CloseChoice.CLOSE_REST, CloseChoice.LIMIT, CloseChoice.KEEP)
        text = words.rest_left(order, position) + back.text
        return Plan(step(operation, CloseStep.ASKING, text, facts, branch="B4", choices=choices), back.messages)
    say = words.rejected if order.state is OrderState.REJECTED else words.not_placed
    text = say(order, position) + back.text
    clip = clip_of(abs(position.quantity), order.reason, facts.instrument)
    in_clips = () if clip is None else (CloseChoice.CLIPS,)
    choices = (CloseChoice.RETRY, *in_clips, CloseChoice.LIMIT, CloseChoice.DISMISS)
    moved = step(replace(operation, clip=clip), CloseStep.REJECTED, text, facts, branch="B3", choices=choices)
    return Plan(moved, back.messages).then(Announcement(Level.ALARM, text, facts.now, facts.key, About.CLOSE))


def refused_again(operation: CloseOperation, facts: Facts) -> Plan:
    """Place a stop once more that was put back, taken, and refused after all; a second time it is the trader's."""
    back = restore(operation, facts)
    return Plan(replace(operation, text=operation.text + words.ONCE_MORE), back.messages)


def dust(operation: CloseOperation, facts: Facts) -> Plan:
    """B10: less is open than the venue trades. No order of DTC only reduces; an exact one may be tried."""
    assert facts.position is not None
    text = words.dust(facts.position, facts.instrument, facts.quote)
    choices = (CloseChoice.SEND_ANYWAY, CloseChoice.DISMISS)
    return Plan(_sized(step(operation, CloseStep.STOPPED, text, facts, branch=DUST, choices=choices), facts))


def overshot(operation: CloseOperation, after: Position, facts: Facts) -> Plan:
    """B5: the scope went through zero, or is open again though it was closed."""
    text, choices = words.overshoot(after), (CloseChoice.CLOSE_REST, CloseChoice.DISMISS)
    asking = step(operation, CloseStep.ASKING, text, facts, branch="B5", choices=choices)
    plan = Plan(replace(asking, quantity=abs(after.quantity)))
    return plan.then(Announcement(Level.ALARM, text, facts.now, facts.key, About.CLOSE))


def line_fell(operation: CloseOperation, facts: Facts) -> Plan:
    """B6: the line is down and no closing order left; cancels may have."""
    position, operation = facts.position, _let_go(operation, facts)
    if position is None:
        return Plan(step(operation, CloseStep.STOPPED, words.FLAT_AND_DOWN, facts, branch="B6"))
    text = words.cannot_protect(position, len(operation.cancelled))
    plan = Plan(step(operation, CloseStep.LINK_DOWN, text, facts, branch="B6"))
    alarm = Announcement(Level.ALARM, text, facts.now, facts.key, About.CLOSE)
    return plan.then(alarm) if operation.cancelled else plan


def line_is_back(operation: CloseOperation, facts: Facts) -> Plan:
    """B6, after reconciliation: nothing is closed by itself; the trader is asked."""
    if facts.position is None:
        return Plan(step(operation, CloseStep.STOPPED, words.FLAT_NOW, facts, branch="B6"))
    back = restore(operation, facts)
    text, choices = words.link_back(facts.position) + back.text, (CloseChoice.CLOSE_NOW, CloseChoice.DISMISS)
    moved = step(_sized(operation, facts), CloseStep.STOPPED, text, facts, branch="B6", choices=choices)
    return Plan(replace(moved, put_back=back.stop_ids), back.messages)


def cancel_settled(operation: CloseOperation, order: Order, facts: Facts) -> Plan | None:
    """Put back what the late answer to a cancel of the close took away."""
    wanted_gone = order.client_order_id in (*operation.cancelled, operation.close_order_id)
    if not wanted_gone or not order.is_final or facts.position is None:
        return None
    back = restore(operation, facts)
    moved = replace(operation, put_back=(*operation.put_back, *back.stop_ids))
    return Plan(moved, back.messages) if back.messages else None


def still_protected(operation: CloseOperation, facts: Facts) -> Plan | None:
    """B3, B4 over a reconnect or a restart: what was to be put back and is not, is; exits that work are left alone."""
    if facts.position is None:
        return Plan(step(operation, CloseStep.STOPPED, words.FLAT_NOW, facts, branch=operation.branch))
    back = restore(operation, facts)
    text = operation.text.replace(words.NOT_PUT_BACK_YET, back.text)
    return Plan(replace(operation, text=text, put_back=back.stop_ids), back.messages) if back.messages else None


def left_alone(operation: CloseOperation, facts: Facts) -> Plan:
    """The trader chose to leave it: what was cancelled for nothing is put back, unless the close may still fill."""
    order = facts.order(operation.close_order_id)
    pending = order is not None and order.is_alive
    back = Restored(words.STILL_UNKNOWN) if pending else restore(operation, facts)
    moved = step(operation, CloseStep.STOPPED, f"Left as it is.{back.text}", facts, branch=operation.branch)
    return Plan(replace(moved, put_back=back.stop_ids or operation.put_back), back.messages)


def reworded(operation: CloseOperation, facts: Facts) -> Plan | None:
    """Keep a question true while it is asked: what is left to be closed, and how long until the market opens."""
    if operation.branch == BY_BROKER:
        asked = replace(ask_mismatch(operation, facts).operation, step_since=operation.step_since)
        return None if asked == operation else Plan(asked, stored=False)
    position = facts.position
    if position is None or operation.branch not in ("B2", RESTING):
        return None
    text = operation.text
    if operation.branch == RESTING and facts.resting is not None:
        text = words.resting(position, facts.resting, facts.now)
    elif operation.branch == "B2" and facts.alive:
        text = words.cancel_missing(position, facts.alive)
    told = _sized(replace(operation, text=text), facts)
    return None if told == operation else Plan(told, stored=False)


def _let_go(operation: CloseOperation, facts: Facts) -> CloseOperation:
    """Return the operation without what works on, since no cancel of it left."""
    working = (OrderState.WORKING, OrderState.PARTIAL)
    orders = [(name, facts.order(name)) for name in operation.cancelled]
    gone = tuple(name for name, order in orders if order is None or order.state not in working)
    return replace(operation, cancelled=gone)


def _sized(operation: CloseOperation, facts: Facts) -> CloseOperation:
    """Return the operation with the quantity that is open now, which its answers name."""
    return operation if facts.position is None else replace(operation, quantity=abs(facts.position.quantity))
