"""What is said when something is found about orders or protection: what is, and what it would do. Pure."""

from decimal import Decimal

from core.model.fill import Side
from core.model.finding import Finding, FindingKind
from core.model.instrument import Instrument
from core.model.order import Order


def alarm(finding: Finding, instrument: Instrument | None) -> str:
    """Return the sentence the trader is told once."""
    where, amount = f"{finding.key.symbol} {finding.key.account}", f"{finding.quantity:f}"
    if finding.kind is FindingKind.MISSING_PROTECTION:
        assert finding.position is not None, finding
        held = f"{finding.position.side_word} "
        if finding.covered:
            all_of_it = f"{held}{abs(finding.position.quantity):f}"
            return f"{where}: {all_of_it}, UNPROTECTED {amount}. Stops cover {finding.covered:f} of it."
        return (
            f"{where}: {held}{amount} UNPROTECTED. Its stop at {_price(finding.planned, instrument)} is gone and "
            "nobody here cancelled it. Place it again, choose a price, or close."
        )
    assert finding.order is not None, finding
    what = described(finding.order, instrument)
    if finding.kind is FindingKind.UNKNOWN_ORDER:
        return f"{where}: the outcome of {what} is unknown. It may work at the broker; it was not sent again."
    if finding.kind is FindingKind.WORKING_ORDER:
        return f"{where}: {what} of the last session still works."
    opens = "LONG" if finding.order.side is Side.BUY else "SHORT"
    if finding.position is None:
        return f"{where}: ORPHAN {amount}. FLAT, but {what} still works; it would open {opens} {amount}."
    held = f"{finding.position.side_word} {abs(finding.position.quantity):f}"
    return f"{where}: ORPHAN {amount}. {what} is more than {held} can use; it would leave {amount} {opens} too many."


def described(order: Order, instrument: Instrument | None) -> str:
    """Return an order in a few words: "SELL 2 STOP 5045.25"."""
    price = order.trigger_price if order.trigger_price is not None else order.price
    at = "" if price is None else f" {_price(price, instrument)}"
    return f"{order.side.value} {order.remaining:f} {order.type.value}{at}"


def _price(price: Decimal | None, instrument: Instrument | None) -> str:
    if price is None:
        return "—"
    return f"{price:f}" if instrument is None else instrument.written(price)
