"""Guards judged: what of each limit is used, what follows, and the sentence for the trader. Pure.

A guard runs only while this program is connected; it is not in place of the broker's own limit. What it does not know
it does not act on: with unknown money entries are refused, and nothing is closed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from core.model.guard_day import ZERO, GuardFigures, GuardState, day_result, in_chicago
from core.model.guard_rules import FloorShape, Guard, GuardAction, GuardRules, NewsWindow, PropFloor
from core.model.scope import AccountKey
from core.model.trading_day import CHICAGO

RUNS_ONLY_HERE = "Runs only while this app is connected. Set the broker's own limit too."
# A countdown has used half of itself at half of this, and so on.
COUNTDOWN = timedelta(hours=1)
_DAY = timedelta(days=1)
_ORDER = {action: rank for rank, action in enumerate(GuardAction)}
_STEPS = (Decimal("0.5"), Decimal("0.75"), Decimal("0.9"))


class GuardLevel(IntEnum):
    """How much of a limit is used: half, three quarters, nine tenths, all of it."""

    OK = 0
    AMBER = 1
    RED = 2
    ALARM = 3
    BREACHED = 4


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """One limit, and where the account stands against it.

    Attributes:
        name: of the limit and, where there are several, of the occasion.
        used, limit: in the guard's own measure, money or a count; None for a time.
        share: of the limit that is used, 0 and more; by whole steps for a time.
        refuses: entries are refused by it now.
        begins_at: of a time, when it begins.
        until: when entries open again, aware UTC.
        text: a sentence with the numbers.
    """

    guard: Guard
    name: str
    action: GuardAction
    used: Decimal | None
    limit: Decimal | None
    share: Decimal
    breached: bool
    refuses: bool
    until: datetime
    text: str
    begins_at: datetime | None = None

    @property
    def left(self) -> Decimal | None:
        """What of the limit is left, never negative."""
        return None if self.used is None or self.limit is None else max(ZERO, self.limit - self.used)

    @property
    def level(self) -> GuardLevel:
        """How much is used."""
        if self.breached:
            return GuardLevel.BREACHED
        return GuardLevel(sum(self.share >= step for step in _STEPS))

    @property
    def refusal(self) -> str:
        """The sentence with the time of release."""
        reset = "" if self.guard is Guard.NEWS else "the session reset, "
        return f"{self.text} Entries open again at {reset}{in_chicago(self.until)}."

    @property
    def locks(self) -> bool:
        """True when what happened must keep entries refused, also if the figures recover."""
        money = self.guard in (Guard.DAY_LOSS, Guard.PROFIT_FLOOR, Guard.PROP_FLOOR)
        return self.breached and (self.action is GuardAction.FLATTEN or (money and self.action is GuardAction.BLOCK))


@dataclass(frozen=True, slots=True)
class FloorGauge:
    """A prop floor as it is drawn: money at each place, account currency.

    Attributes:
        distance: from the floor to what the account is worth, negative below it.
        ticks: the distance in ticks of what is open; None while flat or unknown. held: what is open, "2 MES".
    """

    rule: str
    floor: Decimal
    current: Decimal
    peak: Decimal
    distance: Decimal
    ticks: Decimal | None = None
    held: str = ""
    level: GuardLevel = GuardLevel.OK


@dataclass(frozen=True, slots=True)
class AccountGuards:
    """The guards of an account as they stand.

    Attributes:
        verdicts: on every limit, the strictest word on each.
        locked: why entries are refused until the session reset whatever the figures do; empty when they are not.
        locked_until: when that ends, aware UTC.
        paused: why the guards know nothing and refuse entries; empty when they do.
        resets_at: the session reset, aware UTC.
        rules: every set of limits that binds until then; the newest is last, and alone binds after it.
    """

    key: AccountKey
    verdicts: tuple[GuardVerdict, ...]
    resets_at: datetime
    locked: str = ""
    locked_until: datetime | None = None
    paused: str = ""
    gauge: FloorGauge | None = None
    rules: tuple[GuardRules, ...] = ()

    def verdict(self, guard: Guard) -> GuardVerdict | None:
        """Return the strictest word on a limit; of several occasions the first."""
        return next((one for one in self.verdicts if one.guard is guard), None)

    def most(self, guard: Guard) -> Decimal | None:
        """Return the count no entry may pass, by any set of rules; a tighter one that only warns loosens none."""
        binding = [rules for rules in self.rules if rules.action(guard) is not GuardAction.WARN]
        counts = [rules.size if guard is Guard.SIZE else rules.trades for rules in binding]
        return min((Decimal(one) for one in counts if one is not None), default=None)


def judge(rules: GuardRules, figures: GuardFigures, state: GuardState, now: datetime) -> tuple[GuardVerdict, ...]:
    """Return a verdict on every limit that can be judged; those about money are absent while it is unknown."""
    found: list[GuardVerdict | None] = []
    if not figures.unknown:
        found += [_day_loss(rules, figures, state), _profit_floor(rules, figures, state)]
        found.append(_prop_floor(rules, figures, state))
    found += [_trades(rules, figures, state), _size(rules, figures, state), _flat_by(rules, figures, state, now)]
    news = [_news(rules, window, figures, state, now) for window in rules.news if _is_of_the_day(window, state)]
    return tuple(one for one in (*found, *news) if one is not None)


def judged(figures: GuardFigures, state: GuardState, now: datetime) -> tuple[GuardVerdict, ...]:
    """Return the verdicts by every set of rules in force today."""
    return tuple(one for rules in state.rules for one in judge(rules, figures, state, now))


def strictest(verdicts: tuple[GuardVerdict, ...]) -> tuple[GuardVerdict, ...]:
    """Return of each limit the verdict that matters most, in the order of the guards."""
    best: dict[str, GuardVerdict] = {}
    for one in verdicts:
        held = best.get(one.name)
        if held is None or _weight(one) > _weight(held):
            best[one.name] = one
    order = list(Guard)
    return tuple(sorted(best.values(), key=lambda one: (order.index(one.guard), one.begins_at or one.until)))


def gauge_of(figures: GuardFigures, state: GuardState) -> FloorGauge | None:
    """Return the nearest prop floor as it is drawn; None without one, or with unknown money."""
    if figures.unknown:
        return None
    return max(_gauges(figures, state), key=lambda one: one.floor, default=None)


def floor_words(floor: PropFloor) -> str:
    """Return a floor's rule in words: "intraday trailing, freezes at 50 100"."""
    words = floor.shape.value if floor.shape is FloorShape.STATIC else f"{floor.shape.value} trailing"
    if floor.freeze is None:
        return words
    amount = f"{floor.freeze:,f}".replace(",", " ")
    return f"{words}, freezes at {amount}"


# -- one limit each ----------------------------------------------------------------------------------------------------


def _day_loss(rules: GuardRules, figures: GuardFigures, state: GuardState) -> GuardVerdict | None:
    limit = rules.day_loss
    if limit is None:
        return None
    used = max(ZERO, -day_result(state, figures))
    text = f"The day has lost {_money(used, figures)} of {_money(limit, figures)}"
    return _money_verdict(Guard.DAY_LOSS, rules, used, limit, state, text)


def _profit_floor(rules: GuardRules, figures: GuardFigures, state: GuardState) -> GuardVerdict | None:
    floor = rules.profit_floor
    if floor is None or state.best < max(floor.since, floor.give_back):
        return None
    used = max(ZERO, state.best - day_result(state, figures))
    text = (
        f"Of the day's best, {_money(state.best, figures)}, {_money(used, figures)} is given back; "
        f"{_money(floor.give_back, figures)} may be"
    )
    return _money_verdict(Guard.PROFIT_FLOOR, rules, used, floor.give_back, state, text)


def _prop_floor(rules: GuardRules, figures: GuardFigures, state: GuardState) -> GuardVerdict | None:
    rule = rules.prop_floor
    marks = _marks(state)
    if rule is None or marks is None:
        return None
    floor = rule.floor(*marks)
    used = max(ZERO, rule.distance - (figures.equity - floor))
    text = (
        f"Equity {_money(figures.equity, figures)} is {_money(figures.equity - floor, figures)} from the floor "
        f"{_money(floor, figures)} ({floor_words(rule)})"
    )
    return _money_verdict(Guard.PROP_FLOOR, rules, used, rule.distance, state, text)


def _money_verdict(
    guard: Guard, rules: GuardRules, used: Decimal, limit: Decimal, state: GuardState, text: str
) -> GuardVerdict:
    breached, action = used >= limit, rules.action(guard)
    refuses = breached and action is not GuardAction.WARN
    return GuardVerdict(
        guard, guard.value, action, used, limit, used / limit, breached, refuses, state.resets_at, f"{text}."
    )


def _trades(rules: GuardRules, figures: GuardFigures, state: GuardState) -> GuardVerdict | None:
    if rules.trades is None:
        return None
    used, limit = Decimal(max(state.trades, figures.trades)), Decimal(rules.trades)
    action = rules.action(Guard.TRADES)
    full = used >= limit
    share = used / limit if limit else Decimal(1)
    # The last trade allowed is no breach; one more, begun elsewhere, is.
    return GuardVerdict(
        Guard.TRADES,
        Guard.TRADES.value,
        action,
        used,
        limit,
        share,
        breached=used > limit,
        refuses=full and action is not GuardAction.WARN and not figures.at_risk,
        until=state.resets_at,
        text=f"{used} of {limit} trades of the day are begun.",
    )


def _size(rules: GuardRules, figures: GuardFigures, state: GuardState) -> GuardVerdict | None:
    if rules.size is None:
        return None
    text = f"{figures.size:f} of {rules.size:f} contracts are used, working and unknown entries counted."
    return GuardVerdict(
        Guard.SIZE,
        Guard.SIZE.value,
        rules.action(Guard.SIZE),
        figures.size,
        rules.size,
        figures.size / rules.size,
        breached=figures.size > rules.size,
        refuses=False,  # an order is refused by its own size, and a smaller position makes room at once
        until=state.resets_at,
        text=text,
    )


def _flat_by(rules: GuardRules, figures: GuardFigures, state: GuardState, now: datetime) -> GuardVerdict | None:
    if rules.flat_by is None:
        return None
    local = state.day.astimezone(CHICAGO)
    at = datetime.combine(local.date(), rules.flat_by, CHICAGO)
    if at.astimezone(state.day.tzinfo) < state.day:
        at = datetime.combine(local.date() + _DAY, rules.flat_by, CHICAGO)
    begins_at = at.astimezone(state.day.tzinfo)
    text = f"Flat by {in_chicago(begins_at)}"
    return _time_verdict(Guard.FLAT_BY, Guard.FLAT_BY.value, rules, begins_at, state.resets_at, text, figures, now)


def _news(
    rules: GuardRules, window: NewsWindow, figures: GuardFigures, state: GuardState, now: datetime
) -> GuardVerdict | None:
    if now >= window.ends_at:
        return None
    text = f"No entries around the news, {in_chicago(window.begins_at)}"
    name = f"{Guard.NEWS.value} {window.begins_at.isoformat()}"
    return _time_verdict(Guard.NEWS, name, rules, window.begins_at, window.ends_at, text, figures, now)


def _time_verdict(
    guard: Guard,
    name: str,
    rules: GuardRules,
    begins_at: datetime,
    until: datetime,
    text: str,
    figures: GuardFigures,
    now: datetime,
) -> GuardVerdict:
    action, begun = rules.action(guard), begins_at <= now < until
    left = max(timedelta(0), begins_at - now)
    # By the steps that are shown, so that a countdown alone changes nothing.
    share = max((step for step in _STEPS if left <= COUNTDOWN * float(1 - step)), default=ZERO)
    refuses = begun and action is not GuardAction.WARN
    return GuardVerdict(
        guard,
        name,
        action,
        None,
        None,
        Decimal(1) if begun else share,
        breached=begun and figures.at_risk,
        refuses=refuses,
        until=until,
        text=f"{text}.",
        begins_at=begins_at,
    )


# -- private -----------------------------------------------------------------------------------------------------------


def _gauges(figures: GuardFigures, state: GuardState) -> Iterator[FloorGauge]:
    marks = _marks(state)
    for rules in state.rules:
        rule, verdict = rules.prop_floor, _prop_floor(rules, figures, state)
        if rule is None or verdict is None or marks is None:
            continue
        floor = rule.floor(*marks)
        distance = figures.equity - floor
        ticks = None if not figures.ticks else distance / figures.ticks
        peak = max(figures.equity, marks[2], rule.top(*marks))
        yield FloorGauge(floor_words(rule), floor, figures.equity, peak, distance, ticks, figures.held, verdict.level)


def _marks(state: GuardState) -> tuple[Decimal, Decimal, Decimal] | None:
    if state.start is None or state.close_peak is None or state.peak is None:
        return None
    return state.start, state.close_peak, state.peak


def _is_of_the_day(window: NewsWindow, state: GuardState) -> bool:
    return window.begins_at < state.resets_at and window.ends_at > state.day


def _weight(verdict: GuardVerdict) -> tuple[bool, bool, Decimal, int]:
    return verdict.refuses, verdict.breached, verdict.share, _ORDER[verdict.action]


def _money(amount: Decimal, figures: GuardFigures) -> str:
    return f"{amount:,.2f}{' ' + figures.currency if figures.currency else ''}"
