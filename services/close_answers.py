"""How a close goes on as the trader chose: pure."""

from dataclasses import replace

from core.commands import AskBroker, CancelOrder
from core.events import Announcement, Level
from core.model.fill import Side
from core.model.operation import CloseChoice, CloseOperation, CloseStep, CloseWay
from core.model.order import OrderState
from services import close_setbacks as setbacks
from services import close_words as words
from services.close_plan import DUST, HEDGED, RESTING, UNREAD, Facts, Plan, step
from services.close_procedure import begun, cancelled, sent, verified
from services.close_size import marketable

LEFT = (CloseChoice.CANCEL, CloseChoice.DISMISS, CloseChoice.LEAVE_PROTECTED, CloseChoice.KEEP)
WAYS = {CloseChoice.CLIPS: CloseWay.CLIPS, CloseChoice.LIMIT: CloseWay.LIMIT}


def answered(operation: CloseOperation, choice: CloseChoice, facts: Facts) -> Plan | None:
    """Go on as the trader chose."""
    if choice is CloseChoice.REMIND_AT_OPEN:
        return Plan(step(operation, CloseStep.STOPPED, words.WILL_REMIND, facts, branch=RESTING))
    if choice in LEFT:
        return setbacks.left_alone(operation, facts)
    if choice is CloseChoice.ASK_BROKER:
        plan = Plan(step(operation, CloseStep.STOPPED, words.ASKING, facts))
        return plan.then(AskBroker(facts.key.connection))
    if not facts.up:
        return setbacks.line_fell(operation, facts)
    if choice is CloseChoice.VERIFY_NOW:
        return verified(operation, facts)
    if choice is CloseChoice.SEND_ANYWAY:
        return _sent_anyway(operation, facts)
    if choice is CloseChoice.CLOSE_BROKER_QUANTITY:
        if abs(facts.scope.broker_quantity or 0) != operation.quantity:  # not what the trader has read any more
            return setbacks.ask_mismatch(operation, facts).then(AskBroker(facts.key.connection))
        return cancelled(replace(operation, way=CloseWay.MARKET), facts)
    if choice is CloseChoice.KEEP_WAITING and operation.branch != UNREAD:
        waiting = step(operation, CloseStep.CANCELLING, words.cancelling(len(facts.alive)), facts)
        unasked = [one.client_order_id for one in facts.alive if one.state is not OrderState.PENDING_CANCEL]
        return Plan(waiting, tuple(CancelOrder(name) for name in unasked))
    if choice is CloseChoice.LIMIT and _price(facts) is None:
        told = Announcement(Level.CAUTION, words.NO_PRICE, facts.now, facts.key)
        return Plan(operation, (told,), stored=False)
    plan = _again(operation, WAYS.get(choice, CloseWay.MARKET), facts)
    # What is closed in a second try was not closed as the reversal meant it.
    return plan if choice is CloseChoice.KEEP_WAITING else closed_only(plan, facts)


def _sent_anyway(operation: CloseOperation, facts: Facts) -> Plan | None:
    if operation.branch in (RESTING, DUST, HEDGED):
        return begun(replace(operation, step=CloseStep.WAITING), facts, wait=False)
    if operation.branch == UNREAD:
        return cancelled(operation, facts)
    return sent(replace(operation, branch=UNREAD) if facts.unread else operation, facts)


def _again(operation: CloseOperation, way: CloseWay, facts: Facts) -> Plan:
    """Go on from the top, with everything read afresh: another try, the rest, or the broker's word to be waited for."""
    again = step(replace(operation, close_order_id="", way=way), CloseStep.WAITING, words.CLOSING, facts)
    return begun(again, facts) or Plan(again)


def closed_only(plan: Plan, facts: Facts) -> Plan:
    """Return the plan of a reversal as that of a plain close, which says so; any other as it is."""
    if plan.operation.reverse is None:
        return plan
    told = Announcement(Level.INFO, words.CALLED_OFF, facts.now, facts.key)
    return replace(plan, operation=replace(plan.operation, reverse=None)).then(told)


def _price(facts: Facts) -> object:
    side = Side.closing(facts.position.quantity) if facts.position is not None else Side.SELL
    return marketable(side, facts.quote, facts.instrument)
