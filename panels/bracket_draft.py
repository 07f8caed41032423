"""The exits a ticket would send with an entry: what was typed read once, sized, checked and said in words. Pure.

Each side of the ticket has its plan: a stop typed as a price is right for one of them only, and a size from risk
depends on where that side would fill.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.commands import OpenWithBracket, SubmitOrder
from core.model.bracket import Bracket, ExitPoint, check_exits
from core.model.bracket_template import BracketTemplate, Wish, bracket_of, quantity_for
from core.model.errors import InvalidOrder
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.order import OrderType
from core.snapshot import Snapshot
from panels import formatting as f
from panels.parsing import InputRefused, parse_price, parse_ticks
from panels.shown import Shown, reduces
from panels.ticket_draft import Draft, is_entry

STOP_BOX, TARGET_BOX = "stopBox", "targetBox"


@dataclass(frozen=True, slots=True)
class Exits:
    """What the ticket says of exits.

    Attributes:
        errors: field name (stopBox, targetBox) to the sentence shown beside it.
    """

    wish: Wish = field(default_factory=Wish)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True when nothing is said of exits, not even wrongly."""
        return self.wish.is_empty and not self.errors


@dataclass(frozen=True, slots=True)
class Plan:
    """What one side of the ticket would send.

    Attributes:
        draft: with the quantity that goes out.
        at: the price it is expected to fill at, points; None unknown.
        bracket: None where no exits go with it.
        refused: why its exits cannot go, in a sentence; empty when they can.
        risk, reward: money at the stop and at the targets, positive; None unknown, or without a bracket.
    """

    side: Side
    draft: Draft
    at: Decimal | None = None
    bracket: Bracket | None = None
    refused: str = ""
    risk: Decimal | None = None
    reward: Decimal | None = None


def read_exits(template: BracketTemplate | None, stop: str, target: str, shown: Shown) -> Exits:
    """Read the fields; what is unusable becomes an error beside its field."""
    errors: dict[str, str] = {}
    found: dict[str, ExitPoint | None] = {}
    for name, text, word in ((STOP_BOX, stop, "Stop"), (TARGET_BOX, target, "Target")):
        try:
            found[name] = read_exit(text, word, shown.instrument) if text.strip() else None
        except InputRefused as refused:
            errors[name], found[name] = str(refused), None
    return Exits(Wish(template, found[STOP_BOX], found[TARGET_BOX]), errors)


def read_exit(text: str, word: str, instrument: Instrument | None) -> ExitPoint:
    """Read a price, or a distance in ticks such as "12t".

    Raises:
        InputRefused: it is neither; off tick the two nearest prices are named.
    """
    if instrument is None or instrument.tick_size is None:
        raise InputRefused(f"{word}: the tick size is not known yet.")
    if text.strip().casefold().endswith("t"):
        return ExitPoint(distance=parse_ticks(text, word) * instrument.tick_size)
    return ExitPoint(price=parse_price(text, instrument, word))


def expected_price(draft: Draft, side: Side, shown: Shown) -> Decimal | None:
    """Return where an order would fill: the market, or its own price where that is worse to reach; None unknown."""
    quote = shown.quote
    best = None if quote is None else quote.ask if side is Side.BUY else quote.bid
    if best is None and quote is not None:
        best = quote.last
    if draft.type is OrderType.MARKET or draft.price is None or best is None:
        return best if draft.type is OrderType.MARKET else draft.price
    is_lower = (draft.type is OrderType.LIMIT) is (side is Side.BUY)
    return min(draft.price, best) if is_lower else max(draft.price, best)


def plan_of(draft: Draft, exits: Exits, side: Side, shown: Shown) -> Plan:
    """Return what a side would send, or why its exits cannot go. What reduces the position carries none."""
    at, instrument = expected_price(draft, side, shown), shown.instrument
    if instrument is None:
        return Plan(side, draft, at)
    draft = _sized(draft, exits, side, shown, at)
    if draft.quantity is None or exits.is_empty or not is_entry(draft, side, shown):
        return Plan(side, draft, at)
    if exits.errors:
        return Plan(side, draft, at, refused=next(iter(exits.errors.values())))
    if reduces(shown, side) and shown.position is not None:
        held = f.held(shown.position.quantity, instrument)
        return Plan(side, draft, at, refused=f"More than the open {held}: exits go with an entry only. Close first.")
    try:
        bracket = _checked(exits.wish, draft.quantity, side, at, instrument)
    except InvalidOrder as refused:
        return Plan(side, draft, at, refused=_sentence(refused))
    risk, reward = _worth(bracket, draft.quantity, side, at, instrument)
    return Plan(side, draft, at, bracket, risk=risk, reward=reward)


def plan_of_order(wish: SubmitOrder | OpenWithBracket, shown: Shown) -> Plan:
    """Return the plan behind an order that stands already, wherever it was wished for."""
    order, bracket = (wish.entry, wish.bracket) if isinstance(wish, OpenWithBracket) else (wish, None)
    price = order.price if order.price is not None else order.trigger_price
    draft = Draft(order.type, order.time_in_force, order.quantity, price)
    at = expected_price(draft, order.side, shown)
    if bracket is None or shown.instrument is None:
        return Plan(order.side, draft, at, bracket)
    risk, reward = _worth(bracket, order.quantity, order.side, at, shown.instrument)
    return Plan(order.side, draft, at, bracket, risk=risk, reward=reward)


def exit_words(plan: Plan, instrument: Instrument | None) -> str:
    """Return where the exits of a plan would be: "stop 5049.00 (10t), target 2 at 5056.50 (20t)"; empty without."""
    if plan.bracket is None or instrument is None:
        return ""
    parts = [f"stop {_place(plan.bracket.stop, plan, True, instrument)}"]
    targets = [
        f"{f.quantity(one.quantity, instrument)} at {_place(one.at, plan, False, instrument)}"
        for one in plan.bracket.targets
    ]
    parts += [f"target {', '.join(targets)}"] if targets else ["no target"]
    for word, points in (("breakeven after", plan.bracket.breakeven_after), ("trail", plan.bracket.trail)):
        if points is not None:
            parts.append(f"{word} {f.ticks(instrument.ticks(points))}")
    return ", ".join(parts)


def stop_words(plan: Plan, instrument: Instrument | None) -> str:
    """Return where the stop of a plan would be, in short: "stop 5049.00"; empty without."""
    if plan.bracket is None or instrument is None or plan.at is None:
        return ""
    return f"stop {f.price(plan.bracket.stop.of(plan.at, plan.side, True, instrument), instrument)}"


def risk_words(plan: Plan, snapshot: Snapshot, shown: Shown) -> str:
    """Return what a plan risks and asks for: "Risk 50.00 (0.5 %) · reward 100.00 · 2.0R · after fill distance …"."""
    if plan.bracket is None:
        return ""
    equity = _equity(snapshot, shown)
    share = f" ({f.percent(plan.risk / equity)})" if plan.risk is not None and equity else ""
    unit = "" if shown.instrument is None or _same_money(snapshot, shown) else shown.instrument.currency
    parts = [f"Risk {f.money(plan.risk)} {unit}".rstrip() + share]
    if not plan.bracket.targets:
        parts.append("no target")
    else:
        parts.append(f"reward {f.money(plan.reward)}")
        if plan.risk and plan.reward is not None:
            parts.append(f"{plan.reward / plan.risk:.1f}R")
    left = floor_distance(plan, snapshot, shown)
    if left is not None:
        parts.append(f"after fill distance to floor {f.money(left)}")
    return " · ".join(parts)


def floor_distance(plan: Plan, snapshot: Snapshot, shown: Shown) -> Decimal | None:
    """Return how far the account would be from its floor were the plan stopped out; None without a floor."""
    guards = snapshot.guards.get(shown.account_key) if shown.account_key is not None else None
    if guards is None or guards.gauge is None or plan.risk is None or not _same_money(snapshot, shown):
        return None
    return guards.gauge.distance - plan.risk


def holding_words(plan: Plan, shown: Shown) -> str:
    """Say where the exits of a plan are until its entry fills, unless the broker has them from the start."""
    if plan.bracket is None or shown.connection is None or shown.connection.brackets_supported:
        return ""
    return "This broker takes no brackets: the exits are sent as the entry fills."


def _sized(draft: Draft, exits: Exits, side: Side, shown: Shown, at: Decimal | None) -> Draft:
    """Return the draft with the quantity its risk allows; as it is where a quantity was typed."""
    if draft.risk is None or shown.instrument is None:
        return draft
    try:
        if exits.errors:
            raise InvalidOrder(next(iter(exits.errors.values())))
        wish = exits.wish
        if wish.stop is not None and at is not None:
            check_exits(Bracket(wish.stop), side, at, shown.instrument)
        return replace(draft, quantity=quantity_for(draft.risk, wish, at, shown.instrument))
    except InvalidOrder as refused:
        return replace(draft, errors={**draft.errors, "qtyBox": _sentence(refused)})


def _checked(wish: Wish, quantity: Decimal, side: Side, at: Decimal | None, instrument: Instrument) -> Bracket:
    if wish.stop is not None and at is not None:
        # First: R counted from a stop on the wrong side would be refused for another reason than the true one.
        check_exits(Bracket(wish.stop), side, at, instrument)
    bracket = bracket_of(wish, quantity, at, instrument)
    if at is not None:
        check_exits(bracket, side, at, instrument)
    elif any(target.at.price is not None for target in bracket.targets):
        raise InvalidOrder(f"no price of {instrument.symbol} is known yet, so the target cannot be checked.")
    return bracket


def _worth(
    bracket: Bracket, quantity: Decimal, side: Side, at: Decimal | None, instrument: Instrument
) -> tuple[Decimal | None, Decimal | None]:
    risk = instrument.money(_away(bracket.stop, side, True, at, instrument), quantity)
    rewards = [instrument.money(_away(one.at, side, False, at, instrument), one.quantity) for one in bracket.targets]
    return risk, None if None in rewards else sum((one for one in rewards if one is not None), Decimal(0))


def _away(point: ExitPoint, side: Side, losing: bool, at: Decimal | None, instrument: Instrument) -> Decimal:
    """Return how far an exit would be, points, positive."""
    if at is None:
        return point.distance or Decimal(0)
    return abs(point.of(at, side, losing, instrument) - at)


def _place(point: ExitPoint, plan: Plan, losing: bool, instrument: Instrument) -> str:
    ticks = f.ticks(instrument.ticks(_away(point, plan.side, losing, plan.at, instrument)))
    if plan.at is None:
        return ticks
    return f"{f.price(point.of(plan.at, plan.side, losing, instrument), instrument)} ({ticks})"


def _equity(snapshot: Snapshot, shown: Shown) -> Decimal | None:
    balance = snapshot.balances.get(shown.account_key) if shown.account_key is not None else None
    if balance is None or balance.cash is None or not _same_money(snapshot, shown):
        return None
    return balance.cash + (balance.open_pnl or 0)


def _same_money(snapshot: Snapshot, shown: Shown) -> bool:
    """Say whether the account is kept in the currency of the symbol on show, as far as that is known."""
    balance = snapshot.balances.get(shown.account_key) if shown.account_key is not None else None
    kept_in = "" if balance is None else balance.currency
    return shown.instrument is None or kept_in in ("", shown.instrument.currency)


def _sentence(refused: InvalidOrder) -> str:
    text = str(refused)
    return text[:1].upper() + text[1:]
