"""The steps of an entry with its exits: pure. Each looks at the facts and returns the plan, or None to wait on.

What is filled is taken from the ledger, what is covered from the broker's word on the stops. Nothing is concluded from
silence: an order not heard of is asked about, again and again with growing pauses, and what no stop covers for four
seconds is in doubt, with an alarm, not failed. A stop the broker refuses is placed once more; when that is refused too,
or the market is beyond it, what was opened is closed. One that he does not enlarge is asked for as often as he is.
"""

from dataclasses import replace
from decimal import Decimal

from core.commands import AskBroker, CancelOrder, ChangeOrder, ClosePosition, PlaceExit, PlaceExitPair
from core.events import Announcement, Level
from core.messages import Message
from core.model.bracket import ExitPoint, live_quantity
from core.model.entry import EntryLeg, EntryOperation, EntryStep
from core.model.fill import Side
from core.model.operation import CloseStep
from core.model.order import Intent, Order, OrderState, OrderType, TimeInForce
from core.snapshot import Certainty
from services import entry_words as words
from services.entry_facts import ZERO, Facts, Plan
from services.order_findings import passed

BARE_S = 4.0
ASK_AT_S = (1.0, 3.0, 7.0)
ASK_EACH_S = 10.0
# A broker cancels the exits of an entry that ended by himself; after this they are cancelled from here.
CHILDREN_GRACE_S = 2.0
# A stop may still be refused a moment after it was taken.
PROVEN_S = 2.0
# What could not be sent is tried again only after this: that the line fell is told a moment later.
PAUSE_S = 1.0
_STUCK = (CloseStep.REJECTED, CloseStep.STOPPED, CloseStep.LINK_DOWN, CloseStep.UNVERIFIED, CloseStep.ASKING)


def looked(facts: Facts) -> Plan | None:
    """Look at an operation that is not over."""
    operation = facts.operation
    if operation.step is EntryStep.ROLLING_BACK:
        return _rolling_back(facts)
    if facts.filled == 0:
        return _unfilled(facts)
    return None if facts.unbooked else _filled(facts)


def step(facts: Facts, to: EntryStep, text: str, doubt: str = "") -> EntryOperation:
    """Return the operation at a step."""
    since = facts.operation.step_since if facts.operation.step is to else facts.now
    return replace(facts.operation, step=to, step_since=since, text=text, doubt=doubt)


def _unfilled(facts: Facts) -> Plan | None:
    entries = facts.entries
    if facts.ended and facts.claimed:
        if facts.bare == 0:
            return Plan(step(facts, EntryStep.ACTIVE, words.PERHAPS_COVERED))
        return _moved(facts, EntryStep.STOP_PENDING, words.PERHAPS_FILLED, words.perhaps_bare(facts.bare))
    if facts.ended:
        left = [one for one in _exits_of(facts) if one.is_alive]
        if left and facts.waited_s <= CHILDREN_GRACE_S and facts.operation.step is EntryStep.ENTRY_PLACED:
            return None
        ended = next((one for one in entries if one is not None), None)
        cancels = tuple(CancelOrder(one.client_order_id) for one in left)
        return Plan(step(facts, EntryStep.FAILED, words.came_to_nothing(facts.operation, ended)), cancels)
    doubt = ""
    if any(one is not None and one.state is OrderState.UNKNOWN for one in entries):
        doubt = words.NO_WORD
    elif facts.waited_s > CHILDREN_GRACE_S and (stop := _failed_stop(facts, filled=False)) is not None:
        doubt = "" if stop.client_order_id in facts.by_hand else words.stop_refused_early(stop)
    text = words.PLACED if all(leg.by_server for leg in facts.operation.legs) else words.ALONE
    return _moved(facts, EntryStep.ENTRY_PLACED, text, doubt)


def _filled(facts: Facts) -> Plan | None:
    if facts.closing:
        return None
    total = facts.operation.quantity
    if facts.missing == 0:
        if not facts.needed and not facts.settled:
            asks = (AskBroker(facts.operation.key.connection),) if facts.quiet_s >= ASK_EACH_S * facts.asked else ()
            return Plan(step(facts, EntryStep.ENTRY_PLACED, words.NOT_BOOKED), asks)
        if facts.ended and (facts.quiet_s >= PROVEN_S or not facts.needed):
            return Plan(step(facts, EntryStep.ACTIVE, words.ACTIVE if facts.needed else words.OVER))
        return _moved(facts, EntryStep.ENTRY_PLACED, words.covered(facts.filled, total), "")
    if facts.operation.step is not EntryStep.STOP_PENDING:
        plan = Plan(step(facts, EntryStep.STOP_PENDING, words.pending(facts.filled, total)))
        return plan if not facts.sure else replace(plan, messages=_placed(facts))
    if not facts.sure:
        return _waited(facts)
    failed = _failed_stop(facts, filled=True)
    taken = failed is not None and failed.client_order_id in facts.by_hand
    if failed is not None and taken and failed.state is not OrderState.REJECTED:
        if not facts.ended:
            return _waited(facts)  # what fills now was not there when it was taken away
        # A part that is being closed takes its exits away first: it is over in a moment.
        left = facts.quiet_s >= PROVEN_S
        return Plan(step(facts, EntryStep.ACTIVE, words.STOP_TAKEN_AWAY)) if left else None
    if failed is not None:
        unsent = failed.state is OrderState.DENIED and facts.quiet_s < PAUSE_S
        return _waited(facts) if unsent else _once_more(facts, failed)
    waited = _waited(facts) or Plan(facts.operation)
    plan = replace(waited, messages=(*waited.messages, *_placed(facts)))
    return plan if plan.messages else None


def _placed(facts: Facts) -> tuple[Message, ...]:
    """Return what places or enlarges the stops this program sends itself, and what the broker left too small."""
    messages: list[Message] = []
    left = facts.missing
    for leg, amount in facts.shares:
        stop, target = facts.orders.get(leg.stop_id), facts.orders.get(leg.target_id)
        if amount <= 0 or (leg.by_server and (stop is None or facts.quiet_s < PROVEN_S)):
            continue
        if stop is None:
            messages += _first_exits(facts, leg, amount)
            continue
        short = max(ZERO, min(left, amount - facts.covered_of(leg)))
        left -= short
        messages += _enlarged(facts, stop, live_quantity(stop, facts.orders) + short)
        if target is not None:
            messages += _enlarged(facts, target, amount)
    return tuple(messages)


def _first_exits(facts: Facts, leg: EntryLeg, amount: Decimal) -> list[Message]:
    prices = _prices(facts, leg)
    if prices is None:
        return []
    stop = _exit(facts, leg.stop_id, OrderType.STOP, amount, prices[0])
    if not leg.target_id or prices[1] is None:
        return [stop]
    target = _exit(facts, leg.target_id, OrderType.LIMIT, amount, prices[1])
    line = facts.snapshot.connections.get(facts.operation.key.connection)
    linked = line is not None and line.oco_supported
    return [PlaceExitPair(stop, target)] if linked else [stop, target]


def _enlarged(facts: Facts, order: Order, amount: Decimal) -> list[Message]:
    """Return what makes an exit that is too small work for an amount; the same wish once after each asking."""
    if order.state not in (OrderState.WORKING, OrderState.PARTIAL) or order.remaining >= amount:
        return []
    name, total = order.client_order_id, order.filled_quantity + amount
    return [ChangeOrder(f"{name}-{total:f}-{facts.asked}", name, quantity=total, confirmed=True, by_rule=True)]


def _once_more(facts: Facts, failed: Order) -> Plan:
    """Place a stop again that was refused; when that was the second, or the market is beyond it, undo the entry."""
    leg = next(leg for leg in facts.operation.legs if failed.client_order_id in (leg.stop_id, leg.again_id))
    prices, position = _prices(facts, leg), facts.position
    why = failed.reason or failed.state.value.lower()
    if prices is None or position is None or failed.client_order_id == leg.again_id:
        return _undone(facts, why)
    quote = facts.snapshot.quotes.get((facts.operation.key.connection, facts.operation.key.symbol))
    if passed(prices[0], position, quote):
        return _undone(facts, words.passed_already(facts.instrument, prices[0]))
    text = words.again(failed, facts.instrument, prices[0])
    place = _exit(facts, leg.again_id, OrderType.STOP, min(facts.open_of(leg), facts.missing), prices[0])
    return Plan(
        step(facts, EntryStep.STOP_PENDING, text),
        (place, Announcement(Level.ERROR, text, facts.now, facts.operation.key)),
    )


def _waited(facts: Facts) -> Plan | None:
    """Judge how long a stop takes: ask with growing pauses, then say that it is in doubt."""
    due = [at for at in ASK_AT_S if facts.waited_s >= at]
    wanted = len(due) + max(0, int(facts.waited_s // ASK_EACH_S))
    asks = (AskBroker(facts.operation.key.connection),) if wanted > facts.asked else ()
    if facts.waited_s > BARE_S and not facts.operation.doubt:
        doubt = words.no_stop(facts.missing, facts.waited_s)
        text = f"{facts.operation.key.symbol} {facts.operation.key.account}: {doubt}."
        alarm = Announcement(Level.ALARM, text, facts.now, facts.operation.key)
        return Plan(replace(facts.operation, doubt=doubt), (alarm, *asks))
    return Plan(facts.operation, asks) if asks else None


def _undone(facts: Facts, why: str) -> Plan:
    """Close what was opened: all of the scope where it is all, else just that much."""
    text = words.undoing(facts.operation, facts.missing, why)
    alarm = Announcement(Level.ALARM, text, facts.now, facts.operation.key)
    return Plan(step(facts, EntryStep.ROLLING_BACK, text), (alarm, *_undoing(facts)))


def _undoing(facts: Facts) -> tuple[Message, ...]:
    operation, position = facts.operation, facts.position
    alive = [one for one in facts.entries if one is not None and one.is_alive]
    cancels: list[Message] = [CancelOrder(one.client_order_id) for one in alive]
    if position is None or abs(position.quantity) <= facts.needed:
        return (*cancels, ClosePosition(operation.rollback_id, operation.key))
    for leg, amount in facts.shares:
        target = facts.orders.get(leg.target_id)
        if target is not None and target.is_alive:
            cancels.append(CancelOrder(target.client_order_id))
        if amount > 0:
            cancels.append(_exit(facts, leg.undo_id, OrderType.MARKET, amount, None))
    return tuple(cancels)


def _rolling_back(facts: Facts) -> Plan | None:
    """Follow the close, or the orders that undo the entry, to the proof."""
    operation, key = facts.operation, facts.operation.key
    close, scope = facts.snapshot.operations.get(key), facts.snapshot.scopes.get(key)
    undo = [one for leg in operation.legs if (one := facts.orders.get(leg.undo_id)) is not None]
    ours = close is not None and close.operation_id == operation.rollback_id
    told = scope is not None and (scope.certainty is Certainty.FILLS_ONLY or scope.broker_quantity == 0)
    if facts.position is None and told and not facts.closing:
        return Plan(step(facts, EntryStep.ROLLED_BACK, words.ROLLED_BACK))
    taken = bool(undo) and all(one.state is OrderState.FILLED and facts.is_booked(one) for one in undo)
    if taken and facts.ended and facts.needed == 0:
        return Plan(step(facts, EntryStep.ROLLED_BACK, words.TAKEN_BACK))
    stuck = next((one.reason or one.state.value for one in undo if _came_to_nothing(one)), "")
    if close is not None and ours and close.step in _STUCK:
        stuck = close.text
    if stuck:
        doubt = words.not_undone(stuck)
        if doubt == operation.doubt:
            return None
        alarm = Announcement(Level.ALARM, f"{key.symbol} {key.account}: {doubt}", facts.now, key)
        return Plan(replace(operation, doubt=doubt), (alarm,))
    if ours or (undo and not taken) or not facts.sure or facts.position is None or facts.quiet_s < PAUSE_S:
        return None
    return Plan(operation, _undoing(facts))


def _failed_stop(facts: Facts, filled: bool) -> Order | None:
    """Return a stop that ended without having done its work, where no other covers its leg.

    Args:
        filled: look only where there is something to stop.
    """
    for leg in facts.operation.legs:
        if filled and facts.open_of(leg) == 0:
            continue
        again, stop = facts.orders.get(leg.again_id), facts.orders.get(leg.stop_id)
        last = stop if again is None else again
        if last is not None and _came_to_nothing(last) and facts.covered_of(leg) == 0:
            return last
    return None


def _came_to_nothing(order: Order) -> bool:
    return order.is_final and order.state is not OrderState.FILLED and order.remaining > 0


def _exits_of(facts: Facts) -> list[Order]:
    names = [name for leg in facts.operation.legs for name in (leg.stop_id, leg.target_id, leg.again_id) if name]
    return [order for name in names if (order := facts.orders.get(name)) is not None]


def _prices(facts: Facts, leg: EntryLeg) -> tuple[Decimal, Decimal | None] | None:
    """Return where the exits of a leg belong, from what its entry filled at; None while that is not known."""
    filled = [one for one in facts.snapshot.fills if one.client_order_id == leg.entry_id and one.price is not None]
    entry = facts.orders.get(leg.entry_id)
    at: Decimal | None = None
    if filled:
        size = sum((one.quantity for one in filled), ZERO)
        at = sum((one.quantity * one.price for one in filled if one.price is not None), ZERO) / size
    elif facts.position is not None:
        at = facts.position.entry_price
    if facts.instrument is None or entry is None or (at is None and leg.stop_price is None):
        return None
    side, reference = facts.operation.side, at or ZERO
    stop = ExitPoint(leg.stop_price, leg.stop_distance).of(reference, side, True, facts.instrument)
    target = ExitPoint(leg.target_price, leg.target_distance)
    if target.price is None and target.distance is None:
        return stop, None
    return stop, target.of(reference, side, False, facts.instrument)


def _exit(facts: Facts, name: str, type_: OrderType, quantity: Decimal, price: Decimal | None) -> PlaceExit:
    operation = facts.operation
    return PlaceExit(
        client_order_id=name,
        key=operation.key,
        side=Side.SELL if operation.side is Side.BUY else Side.BUY,
        type=type_,
        quantity=quantity,
        intent=Intent.PROTECT if type_ is OrderType.STOP else Intent.REDUCE,
        cause=f"entry {operation.operation_id}",
        price=price if type_ is OrderType.LIMIT else None,
        trigger_price=price if type_ is OrderType.STOP else None,
        time_in_force=TimeInForce.DAY if type_ is OrderType.MARKET else TimeInForce.GTC,
    )


def _moved(facts: Facts, to: EntryStep, text: str, doubt: str) -> Plan | None:
    """Return the plan that only says something new; a doubt is said aloud once."""
    moved = step(facts, to, text, doubt)
    if moved == facts.operation:
        return None
    if not doubt or doubt == facts.operation.doubt:
        return Plan(moved)
    key = facts.operation.key
    return Plan(moved, (Announcement(Level.ALARM, f"{key.symbol} {key.account}: {doubt}.", facts.now, key),))
