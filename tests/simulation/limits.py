"""What must hold of limits and locks, counted anew from what the trader asked for: no entry passes one.

What was in force today stays so until the session reset, over every restart, whichever is stricter; only what a disk
refused may be gone with the life that knew it.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from core import commands, events
from core.link import Link
from core.messages import Message
from core.model.fill import Side
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.order import Order
from core.model.position import Position
from core.model.scope import AccountKey, PositionKey
from core.settings_commands import ChangeGuards, ChangeSanityLimits
from core.snapshot import Snapshot
from tests.fakes.engine import Desk

SEEN_WITHIN_S = 2.5
ZERO = Decimal(0)


class LimitWatch:
    """Remembers what binds each account, and holds every entry against it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._now = desk.clock.now()
        self._day = _day(self._now)
        self._rules: dict[AccountKey, list[GuardRules]] = defaultdict(list)
        self._locked: dict[AccountKey, datetime] = {}
        self._largest: list[Decimal] = []
        self._lost_since_s: dict[AccountKey, float] = {}
        self._begun: dict[AccountKey, datetime] = {}
        self._flattened: set[tuple[AccountKey, datetime]] = set()

    def born(self, lost: bool) -> None:
        """Begin a life.

        Args:
            lost: the disk refused in the life before, so that what bound may be what the settings say alone.
        """
        self._pass(self._desk.clock.now())
        self._lost_since_s.clear()
        if lost:
            self._locked.clear()
            self._rules.clear()
            self._largest.clear()
        for key, rules in self._desk.guards.items():
            self._rules[key].append(rules)
        limits = self._desk.settings.held.limits
        self._largest.append(limits.quantity_hard)

    def after(self, message: Message, before: Snapshot, now: Snapshot) -> None:
        """Note what binds, and see that it is shown and carried out."""
        if isinstance(message, events.ClockTicked):
            self._pass(message.now)
            for key, ledger in now.ledger.items():
                if ledger.cash is not None:
                    self._begun.setdefault(key, message.now)
            for key in self._rules:
                self._losing(key, now, message.monotonic_s)
        elif isinstance(message, ChangeGuards):
            self._rules[message.key].append(message.rules)
        elif isinstance(message, ChangeSanityLimits):
            self._largest.append(message.limits.quantity_hard)
        elif isinstance(message, commands.LockSession) and message.key in before.accounts:
            self._locked[message.key] = _day(self._day + timedelta(hours=26))
        elif isinstance(message, commands.ClosePosition):
            _close_was_taken(message, before, now)
        for key in self._locked:
            shown = now.guards.get(key)
            assert shown is not None and shown.locked, f"{key} was locked for the session and is not: {shown}"

    def entered(self, order: Order, now: Snapshot) -> None:
        """Check an entry that was just sent."""
        account = order.key.account_key
        assert account not in self._locked, f"{order} was sent in a locked account"
        assert order.quantity <= min(self._largest), f"{order} is larger than {self._largest} of the day"
        for rules in self._rules[account]:
            if rules.size is not None and rules.action(Guard.SIZE) is not GuardAction.WARN:
                size = at_most(account, now)
                assert size <= rules.size, f"{order} makes it {size}; at most {rules.size} are allowed"
            if rules.trades is not None and rules.action(Guard.TRADES) is not GuardAction.WARN:
                self._counted(order, rules.trades, now)

    # -- private ----------------------------------------------------------------------------------------------------

    def _pass(self, moment: datetime) -> None:
        """Let what bound until now end, if a session has; a clock that is set back begins no day anew."""
        self._now = moment
        self._locked = {key: until for key, until in self._locked.items() if until > moment}
        if _day(moment) > self._day:
            self._day = _day(moment)
            self._rules = defaultdict(list, {key: held[-1:] for key, held in self._rules.items()})
            self._largest = self._largest[-1:]

    def _counted(self, order: Order, limit: int, now: Snapshot) -> None:
        """A trade that begins is one of the day's; what may begin another is counted too."""
        held = now.positions.get(order.key)
        if held is not None and held.quantity * order.side.sign > 0:
            return
        account = order.key.account_key
        mine = [one for key, one in now.positions.items() if key.account_key == account]
        times = [one.entry_time for one in now.trades if one.key.account_key == account]
        times += [one.entry_time for one in mine]
        begun = sum(one is not None and one >= self._day for one in times)
        alive = {one.key for one in now.orders.values() if one.is_alive and one.intent.is_entry}
        more = {key for key in alive if key.account_key == account and key not in now.positions} - {order.key}
        assert begun + len(more) < limit, f"{order} begins trade {begun + len(more) + 1} of {limit}"

    def _losing(self, key: AccountKey, now: Snapshot, now_s: float) -> None:
        """A day that has lost its limit locks, and closes what is open where that is wanted."""
        rules = [one for one in self._rules[key] if one.day_loss is not None]
        rules = [one for one in rules if one.action(Guard.DAY_LOSS) is not GuardAction.WARN]
        made, shown = self._made(key, now), now.guards.get(key)
        hit = [one for one in rules if made is not None and one.day_loss is not None and made <= -one.day_loss]
        if not hit or not _ready(key.connection, now) or (shown and shown.paused):
            self._lost_since_s.pop(key, None)
            return
        if now_s - self._lost_since_s.setdefault(key, now_s) <= SEEN_WITHIN_S:
            return
        assert shown is not None and shown.locked, f"{key} has made {made} and is not locked: {shown}"
        wanted = any(one.action(Guard.DAY_LOSS) is GuardAction.FLATTEN for one in hit)
        if wanted and (key, self._day) not in self._flattened:
            self._flattened.add((key, self._day))
            left = [one for one in now.positions if one.account_key == key and one not in now.operations]
            assert not left, f"{key} has made {made}, and {left} are not closed"

    def _made(self, key: AccountKey, now: Snapshot) -> Decimal | None:
        """Return what the day made, open positions included; None where it is not plain.

        What was traded before the broker first named a balance is none of the ledger's.
        """
        if key not in self._begun:
            return None
        since = max(self._day, self._begun[key])
        trades = [one for one in now.trades if one.key.account_key == key and one.exit_time >= self._day]
        mine = [one for scope, one in now.positions.items() if scope.account_key == key]
        parts = [None if one.realized_pnl is None else one.realized_pnl - (one.commissions or ZERO) for one in trades]
        parts += [self._worth(one, now) for one in mine]
        times = [*(one.entry_time for one in trades), *(one.entry_time for one in mine)]
        carried = any(one is None or one < since for one in times)
        known = [one for one in parts if one is not None]
        return None if carried or len(known) < len(parts) else sum(known, ZERO)

    def _worth(self, one: Position, now: Snapshot) -> Decimal | None:
        place = (one.key.connection, one.key.symbol)
        quote, instrument = now.quotes.get(place), now.instruments.get(place)
        if quote is None or quote.last is None or quote.stale or instrument is None or one.entry_price is None:
            return None
        if instrument.tick_size is None or instrument.tick_value is None or one.realized_pnl is None:
            return None
        points = (quote.last - one.entry_price) * one.quantity
        return points / instrument.tick_size * instrument.tick_value + one.realized_pnl - (one.commissions or ZERO)


def at_most(account: AccountKey, now: Snapshot) -> Decimal:
    """Return how many contracts an account could hold, if of each symbol all entries of one side filled."""
    mine = {key: one.quantity for key, one in now.positions.items() if key.account_key == account}
    sides: dict[PositionKey, dict[Side, Decimal]] = defaultdict(lambda: {Side.BUY: ZERO, Side.SELL: ZERO})
    for order in now.orders.values():
        if order.key.account_key == account and order.is_alive and order.intent.is_entry:
            sides[order.key][order.side] += max(ZERO, order.quantity - order.filled_quantity)
    return sum(
        (
            max(
                abs(mine.get(key, ZERO)),
                abs(mine.get(key, ZERO) + sides[key][Side.BUY]),
                abs(mine.get(key, ZERO) - sides[key][Side.SELL]),
            )
            for key in {*mine, *sides}
        ),
        ZERO,
    )


def _close_was_taken(message: commands.ClosePosition, before: Snapshot, now: Snapshot) -> None:
    """Close is always possible: whatever is locked or halted, a press begins one, or one is at work."""
    held, running = before.operations.get(message.key), now.operations.get(message.key)
    if message.key not in before.positions or running is None:
        assert message.key not in before.positions, f"{message} did nothing with {before.positions[message.key]}"
        return
    begun = running.operation_id == message.action_id or (held is not None and held.blocks_close)
    assert begun or not _ready(message.key.connection, now), f"{message} did nothing beside {running}"


def _ready(connection: str, now: Snapshot) -> bool:
    line = now.connections.get(connection)
    return line is not None and line.link is Link.READY


def _day(moment: datetime) -> datetime:
    """Return when the session of a moment began: five in the afternoon in Chicago."""
    local = moment.astimezone(ZoneInfo("America/Chicago"))
    opens = local.replace(hour=17, minute=0, second=0, microsecond=0)
    return (opens if local >= opens else opens - timedelta(days=1)).astimezone(moment.tzinfo)
