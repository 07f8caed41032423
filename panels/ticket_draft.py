"""What the ticket would send: the typed fields read once, or the sentence that says why they cannot be sent. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal

from core.model.fill import Side
from core.model.order import Intent, OrderType, TimeInForce
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels import formatting as f
from panels.parsing import InputRefused, parse_price, parse_quantity, parse_risk
from panels.shown import Shown, entry_refusal, reduces

TYPES = {"Market": OrderType.MARKET, "Limit": OrderType.LIMIT, "Stop": OrderType.STOP}


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the ticket.

    Attributes:
        quantity, price: None when they cannot be used; price also for a market order.
        errors: field name (qtyBox, priceBox, triggerBox) to the sentence shown beside it.
        risk: money the order may lose, typed in place of a quantity; None where a quantity was.
    """

    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal | None
    price: Decimal | None
    errors: dict[str, str] = field(default_factory=dict)
    risk: Decimal | None = None

    @property
    def limit(self) -> Decimal | None:
        """The limit price to send."""
        return self.price if self.type is OrderType.LIMIT else None

    @property
    def trigger(self) -> Decimal | None:
        """The stop trigger to send."""
        return self.price if self.type is OrderType.STOP else None


def read_draft(kind: str, quantity: str, price: str, trigger: str, tif: str, shown: Shown) -> Draft:
    """Read the fields; what is unusable becomes an error beside its field."""
    order_type, errors = TYPES[kind], {}
    step = shown.instrument.quantity_step if shown.instrument is not None else Decimal(1)
    size = at = risk = None
    try:
        risk = parse_risk(quantity)
        size = parse_quantity(quantity, step) if risk is None else None
    except InputRefused as refused:
        errors["qtyBox"] = str(refused)
    name, text, word = ("priceBox", price, "Limit price")
    if order_type is OrderType.STOP:
        name, text, word = ("triggerBox", trigger, "Stop price")
    if order_type is not OrderType.MARKET and shown.instrument is not None:
        try:
            at = parse_price(text, shown.instrument, word)
        except InputRefused as refused:
            errors[name] = str(refused)
    return Draft(order_type, TimeInForce(tif), size, at, errors, risk)


def refusal(draft: Draft, side: Side, snapshot: Snapshot, shown: Shown) -> str:
    """Return why this side cannot be sent; "" when it can. What reduces the position is refused only for bad input."""
    if shown.key is None:
        return entry_refusal(snapshot, shown)
    if draft.errors:
        return next(iter(draft.errors.values()))
    position = shown.position
    if position is not None and reduces(shown, side):
        too_much = draft.quantity is not None and draft.quantity > abs(position.quantity)
        if not too_much:
            return ""
        blocked = entry_refusal(snapshot, shown)
        return f"More than the open {f.held(position.quantity, shown.instrument)}. {blocked}" if blocked else ""
    return entry_refusal(snapshot, shown)


def is_entry(draft: Draft, side: Side, shown: Shown) -> bool:
    """Say whether an order could increase exposure."""
    position = shown.position
    held = abs(position.quantity) if position is not None and reduces(shown, side) else Decimal(0)
    return draft.quantity is None or draft.quantity > held


def needs_a_word(draft: Draft, side: Side, shown: Shown, snapshot: Snapshot) -> bool:
    """Say whether an order is asked about before it goes: an entry of real consequence, but for one-click accounts.

    In SIM none is, unless the trader wants to practise that too.
    """
    real = shown.mode in (Mode.LIVE, Mode.EVAL) and shown.account_key not in snapshot.one_click
    practised = shown.mode is Mode.SIM and snapshot.settings.ask_in_sim
    return (real or practised) and is_entry(draft, side, shown)


def side_preview(draft: Draft, side: Side, shown: Shown) -> str:
    """Return what one side would do: "BUY 2 ≈ 5050.25 → LONG 2"."""
    if draft.quantity is None or shown.key is None or draft.errors:
        return ""
    held = shown.position.quantity if shown.position is not None else Decimal(0)
    after = f.held(held + draft.quantity * side.sign, shown.instrument)
    known = shown.position is not None or shown.is_known_flat
    outcome = f" → {after}" if known else ""
    return f"{side.value} {f.quantity(draft.quantity, shown.instrument)} {_at(draft, side, shown)}{outcome}"


def intent_word(draft: Draft, side: Side, shown: Shown) -> str:
    """Return what one side would do to the position: OPEN, ADD, REDUCE, CLOSE or REVERSE; "" where that is unknown."""
    if draft.quantity is None or shown.key is None or draft.errors:
        return ""
    if shown.position is None:
        return Intent.OPEN.value if shown.is_known_flat else ""
    if not reduces(shown, side):
        return Intent.ADD.value
    left = abs(shown.position.quantity) - draft.quantity
    what = Intent.REDUCE if left > 0 else Intent.REVERSE if left < 0 else Intent.CLOSE
    return what.value


def draft_preview(draft: Draft, shown: Shown, with_tick: bool = True, side: Side | None = None) -> str:
    """Return what a tick of the order is worth, where that is wanted, and what is odd about its price, to its side."""
    if draft.quantity is None or shown.instrument is None or draft.errors:
        return ""
    tick = shown.instrument.tick_value
    parts = []
    if tick is not None and with_tick:
        worth = f.exact_money(tick * draft.quantity)
        parts.append(f"1 tick = {worth} {shown.instrument.currency}")
    parts += [words for one, words in _odd(draft, shown) if side in (None, one)]
    return " · ".join(parts)


def _at(draft: Draft, side: Side, shown: Shown) -> str:
    if draft.price is not None:
        word = "limit" if draft.type is OrderType.LIMIT else "stop"
        return f"{word} {f.price(draft.price, shown.instrument)}"
    quote = shown.quote
    best = None if quote is None else quote.ask if side is Side.BUY else quote.bid
    return f"market ≈ {f.price(best, shown.instrument)}"


def _odd(draft: Draft, shown: Shown) -> list[tuple[Side, str]]:
    """Say which side of the market a price lies on, for the side to which that changes what the order does."""
    quote = shown.quote
    if draft.price is None or quote is None or quote.bid is None or quote.ask is None:
        return []
    is_limit = draft.type is OrderType.LIMIT
    if draft.price >= quote.ask:
        above = (Side.BUY, "a BUY here fills at once")
        return [above if is_limit else (Side.SELL, "above the market: a SELL stop here triggers at once")]
    if draft.price <= quote.bid:
        below = (Side.SELL, "a SELL here fills at once")
        return [below if is_limit else (Side.BUY, "below the market: a BUY stop here triggers at once")]
    return []
