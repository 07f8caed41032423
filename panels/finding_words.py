"""What is said about an order or a missing stop that needs the trader: what it is, and what each choice does. Pure."""

from decimal import Decimal

from core.model.fill import Side
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.order import Order, OrderState, OrderType
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f
from panels.parsing import InputRefused, parse_price

CHOICE_WORDS = {
    FindingChoice.CANCEL_ORDER: "Cancel order",
    FindingChoice.KEEP: "Keep",
    FindingChoice.ASK_BROKER: "Ask broker",
    FindingChoice.TREAT_AS_EXTERNAL: "Treat as external",
    FindingChoice.PLACE_PLANNED_STOP: "Place planned stop",
    FindingChoice.CHOOSE_PRICE: "Choose price",
    FindingChoice.CLOSE_NOW: "Close now",
    FindingChoice.LEAVE: "Leave",
}
DONE_WORDS = {
    FindingChoice.CANCEL_ORDER: "cancel sent",
    FindingChoice.KEEP: "kept",
    FindingChoice.ASK_BROKER: "asked",
    FindingChoice.TREAT_AS_EXTERNAL: "treated as external",
    FindingChoice.PLACE_PLANNED_STOP: "stop sent",
    FindingChoice.CHOOSE_PRICE: "stop sent",
    FindingChoice.CLOSE_NOW: "closing",
    FindingChoice.LEAVE: "left without a stop",
}
HELD_STATES = frozenset({OrderState.WORKING, OrderState.PARTIAL})


def order_words(order: Order, instrument: Instrument | None) -> str:
    """Return an order in a few words, prices as the product is quoted: "SELL 2 STOP 5045.25"."""
    words = [order.side.value, f.quantity(order.remaining, instrument), order.type.value.replace("_", " ")]
    if order.trigger_price is not None:
        words.append(f.price(order.trigger_price, instrument))
    if order.price is not None:
        words += ["at"] * (order.trigger_price is not None) + [f.price(order.price, instrument)]
    return " ".join(words)


def working_words(order: Order, instrument: Instrument | None) -> str:
    """Return an order with who holds it, or with its state where the broker does not simply work it."""
    words = order_words(order, instrument)
    if order.state in HELD_STATES:
        return f"{words} · {order.held.value}"
    mark = "? " if order.state is OrderState.UNKNOWN else ""
    return f"{mark}{words} · {order.state.value.replace('_', ' ')}"


def orders_of(snapshot: Snapshot, key: PositionKey) -> tuple[str, ...]:
    """Return every order of a scope that may still trade, in words, oldest first."""
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    return tuple(working_words(one, instrument) for one in snapshot.orders.values() if one.key == key and one.is_alive)


def choice_words(choice: FindingChoice, finding: Finding, instrument: Instrument | None) -> str:
    """Return the text of a choice."""
    words = CHOICE_WORDS[choice]
    is_planned = choice is FindingChoice.PLACE_PLANNED_STOP
    return f"{words} {f.price(finding.planned, instrument)}" if is_planned else words


def held_words(finding: Finding, instrument: Instrument | None) -> str:
    """Return what is open in the scope: "LONG 2", "FLAT"."""
    return f.held(Decimal(0) if finding.position is None else finding.position.quantity, instrument)


def meaning(finding: Finding, instrument: Instrument | None) -> str:
    """Return in a sentence what was found and what it would do."""
    if finding.kind is FindingKind.MISSING_PROTECTION:
        held, stop = held_words(finding, instrument), f.price(finding.planned, instrument)
        if finding.covered:
            covered = f.quantity(finding.covered, instrument)
            return f"{held}, but stops cover only {covered}: {f.quantity(finding.quantity, instrument)} UNPROTECTED."
        gone = f"{held} has no stop: the one at {stop} is gone and nobody here cancelled it."
        return f"{gone} Price is beyond the planned stop {stop}." if finding.passed else gone
    assert finding.order is not None, finding
    what = order_words(finding.order, instrument)
    if finding.kind is FindingKind.UNKNOWN_ORDER:
        return f"Nothing was heard of {what}. It may work, or have filled; it is not sent again."
    if finding.kind is FindingKind.WORKING_ORDER:
        return f"{what} of the last session still works; if it fills you are {_after(finding, instrument)}."
    if finding.position is None:
        return f"{what} works though you are flat; if it fills you are {_after(finding, instrument)}."
    held = held_words(finding, instrument)
    if _adds(finding):
        return f"{what} was meant as an exit but adds to {held}; if it fills you are {_after(finding, instrument)}."
    excess = f.quantity(finding.quantity, instrument)
    return f"Exits are {excess} larger than {held}: if {what} fills too you end {_turned(finding, instrument)}."


def effect(choice: FindingChoice, finding: Finding, instrument: Instrument | None) -> str:
    """Return in a sentence what a choice does."""
    held = held_words(finding, instrument)
    if choice is FindingChoice.CANCEL_ORDER:
        if finding.position is None or _adds(finding):
            return "A cancel is sent to the broker."
        return f"A cancel for the whole order is sent; look what then still protects {held}."
    if choice is FindingChoice.KEEP:
        return f"Nothing is sent; {_kept(finding)}."
    if choice is FindingChoice.PLACE_PLANNED_STOP:
        return f"{_stop_words(finding, instrument)} {f.price(finding.planned, instrument)} is sent."
    if choice is FindingChoice.CHOOSE_PRICE:
        return f"{_stop_words(finding, instrument)} at your price is sent."
    return {
        FindingChoice.ASK_BROKER: "The broker is asked what became of it; nothing is sent.",
        FindingChoice.TREAT_AS_EXTERNAL: "Nothing is sent; nothing here waits for it any more. A fill is still booked.",
        FindingChoice.CLOSE_NOW: f"The orders here are cancelled and {held} is closed at market.",
        FindingChoice.LEAVE: f"Nothing is sent; {held} stays without a stop and you are not asked again.",
    }[choice]


def banner_words(finding: Finding, instrument: Instrument | None) -> str:
    """Return the sentence of the banner, behind the scope."""
    held = held_words(finding, instrument)
    if finding.kind is FindingKind.MISSING_PROTECTION:
        if finding.covered:
            bare, covered = f.quantity(finding.quantity, instrument), f.quantity(finding.covered, instrument)
            return f"{held}, UNPROTECTED {bare}: stops cover {covered}."
        return f"{held} UNPROTECTED: its stop {f.price(finding.planned, instrument)} is gone."
    assert finding.order is not None, finding
    what = order_words(finding.order, instrument)
    if finding.kind is FindingKind.UNKNOWN_ORDER:
        return f"{what}: outcome unknown. It is not sent again."
    if finding.kind is FindingKind.WORKING_ORDER:
        return f"{what} of the last session still works."
    if finding.decided is FindingChoice.KEEP:
        where = "flat" if finding.position is None else held
        return f"kept: {what} works though {where}."
    if finding.position is None:
        return f"FLAT, but {what} still works; it would open {_after(finding, instrument)}."
    if _adds(finding):
        return f"{held}, but {what} still works; it would make it {_after(finding, instrument)}."
    excess = f.quantity(finding.quantity, instrument)
    left = _turned(finding, instrument)
    return f"{held}, but exits are {excess} larger than the position: {what} could leave {left}."


def read_stop(text: str, finding: Finding, instrument: Instrument | None, quote: Quote | None) -> Decimal:
    """Read the price of a stop for the position of a finding.

    Raises:
        InputRefused: it is no price of the product, or the market is there already, so that it would fire at once.
    """
    if instrument is None or finding.position is None:
        raise InputRefused(f"The contract {finding.key.symbol} is not known yet.")
    price = parse_price(text, instrument, "Stop price")
    last = None if quote is None else quote.last
    if last is not None and (last - price) * finding.position.direction <= 0:
        side = "below" if finding.position.direction > 0 else "above"
        shown = f"{f.price(price, instrument)} would fire at once"
        raise InputRefused(f"{shown}: a stop must be {side} {f.price(last, instrument)}.")
    return price


def _stop_words(finding: Finding, instrument: Instrument | None) -> str:
    assert finding.position is not None, finding
    side = Side.closing(finding.position.quantity).value
    return f"{side} {f.quantity(finding.quantity, instrument)} {OrderType.STOP.value}"


def _kept(finding: Finding) -> str:
    if finding.kind is FindingKind.WORKING_ORDER:
        return "it keeps working"
    return "it may open a position" if finding.position is None else "it may change the position"


def _adds(finding: Finding) -> bool:
    """Say whether the order found stands on the side that makes the position larger."""
    assert finding.order is not None, finding
    return finding.position is not None and finding.order.side.sign == finding.position.direction


def _after(finding: Finding, instrument: Instrument | None) -> str:
    """Return what would be open if the order filled."""
    assert finding.order is not None, finding
    now = Decimal(0) if finding.position is None else finding.position.quantity
    return f.held(now + finding.order.side.sign * finding.order.remaining, instrument)


def _turned(finding: Finding, instrument: Instrument | None) -> str:
    """Return what too large exits would leave open."""
    assert finding.order is not None, finding
    return f.held(finding.order.side.sign * finding.quantity, instrument)
