"""An order before it is sent, at the price under the pointer: entry, stop, target, size, risk and R. Pure.

Size, bracket and risk are the ticket's: what the ticket would send at that price is what is shown and sent. Below the
market a limit order buys and above it sells; with Shift it is a stop order, the other way round.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.commands import OpenWithBracket, SubmitOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.order import OrderType
from core.snapshot import Snapshot
from panels import formatting as f
from panels.bracket_draft import Plan, plan_of, risk_words
from panels.charts.trade_lines import signed
from panels.dom_orders import why_not_sent
from panels.shown import Shown
from panels.ticket_draft import TYPES, read_draft
from panels.ticket_fields import TicketFields

# What the ticket would send of a side at a price.
PlanFor = Callable[[Side, OrderType, Decimal, Shown], Plan]
HINT = "Click sends. Shift: stop order. Esc leaves."


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line of an order that is not sent."""

    price: Decimal
    words: str
    token: str


@dataclass(frozen=True, slots=True)
class Preview:
    """An order at the pointer.

    Attributes:
        refused: why it cannot be sent, in a sentence; empty when it can.
        lines: entry, stop and targets.
        words: what it is and what it risks, a line each.
    """

    plan: Plan
    price: Decimal
    lines: tuple[PreviewLine, ...]
    words: tuple[str, ...]
    refused: str

    def command(self, action_id: str, shown: Shown) -> SubmitOrder | OpenWithBracket | None:
        """Return what a click sends; None where it is refused."""
        draft = self.plan.draft
        if self.refused or shown.key is None or draft.quantity is None:
            return None
        order = SubmitOrder(
            action_id,
            shown.key,
            self.plan.side,
            draft.type,
            draft.quantity,
            draft.limit,
            draft.trigger,
            draft.time_in_force,
        )
        return order if self.plan.bracket is None else OpenWithBracket(order, self.plan.bracket)


def plans_of(fields: TicketFields) -> PlanFor:
    """Return what a ticket's fields would send at another price than is typed there."""

    def plan_for(side: Side, kind: OrderType, price: Decimal, shown: Shown) -> Plan:
        word = next(word for word, known in TYPES.items() if known is kind)
        text = f"{price:f}"
        draft = read_draft(word, fields.quantity.text(), text, text, fields.tif.currentText(), shown)
        return plan_of(draft, fields.exits.read(shown), side, shown)

    return plan_for


def side_at(price: Decimal, is_stop: bool, quote: Quote | None) -> Side | None:
    """Return which side an order at a price is of; None while no price of the market is known."""
    middle = None if quote is None else quote.last
    if quote is not None and quote.bid is not None and quote.ask is not None:
        middle = (quote.bid + quote.ask) / 2
    if middle is None:
        return None
    return Side.BUY if (price < middle) is not is_stop else Side.SELL


def preview_at(
    price: Decimal, is_stop: bool, snapshot: Snapshot, shown: Shown, plan_for: PlanFor, is_stale: bool = False
) -> Preview | None:
    """Return the order at a price; None while nothing is known to order at.

    Args:
        is_stale: the prices on show are history, and with them the side an order would have: no entry goes.
    """
    side = side_at(price, is_stop, shown.quote)
    if side is None or shown.instrument is None or shown.key is None:
        return None
    kind = OrderType.STOP if is_stop else OrderType.LIMIT
    plan = plan_for(side, kind, price, shown)
    refused = why_not_sent(plan, snapshot, shown, is_stale)
    lines = _lines(plan, price, shown.instrument)
    size = f.quantity(plan.draft.quantity, shown.instrument)
    head = f"{side.value} {kind.value} {size} @ {f.price(price, shown.instrument)}"
    words = (head, risk_words(plan, snapshot, shown), refused or HINT)
    return Preview(plan, price, lines, tuple(one for one in words if one), refused)


def _lines(plan: Plan, price: Decimal, instrument: Instrument) -> tuple[PreviewLine, ...]:
    size, bracket = f.quantity(plan.draft.quantity, instrument), plan.bracket
    lines = [PreviewLine(price, f"{plan.side.value} {plan.draft.type.value} {size} · not sent", "ink.1")]
    if bracket is None:
        return tuple(lines)
    at = price if plan.at is None else plan.at
    stop = bracket.stop.of(at, plan.side, True, instrument)
    parts = [f"STOP {size}"]
    if plan.risk is not None:
        parts += [signed(-plan.risk), f"{f.MINUS}1.0R"]
    lines.append(PreviewLine(stop, " · ".join(parts), "danger"))
    for target in bracket.targets:
        place = target.at.of(at, plan.side, False, instrument)
        gain = instrument.money(abs(place - at), target.quantity)
        parts = [f"TARGET {f.quantity(target.quantity, instrument)}"]
        if gain is not None:
            parts.append(signed(gain))
            if plan.risk:
                parts.append(f"+{gain / plan.risk:.1f}R")
        lines.append(PreviewLine(place, " · ".join(parts), "up"))
    return tuple(lines)
