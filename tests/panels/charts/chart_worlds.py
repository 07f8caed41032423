"""Charts for tests and pictures: ES in bars of a length, walked by a seed, with a position and its orders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Any

from core.model.bar import Bar, BarSeries, BarSource, ChartKey, Interval, extended
from core.model.fill import Side
from core.model.order import Intent, OrderState, OrderType
from core.snapshot import Snapshot
from tests.panels.worlds import NOW, by_id, fill, flat, long_two, order, position, studies, trade

TICK = Decimal("0.25")
LAST = Decimal("5051.50")
MINUTE = Interval.parse("1m")
KEY = ChartKey("sim", "ESZ5", MINUTE)


def bars(
    count: int, until: datetime, step_s: int = 60, close: Decimal = Decimal("5051.50"), seed: int = 7
) -> tuple[Bar, ...]:
    """Return closed bars up to a moment, of which the last closes at a price."""
    rng = Random(seed)
    walk = [0]
    for _ in range(count):
        walk.append(walk[-1] + rng.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3)))
    shift = LAST - walk[-1] * TICK
    made = []
    for at in range(count):
        first, last = walk[at], walk[at + 1]
        low, high = min(first, last) - rng.randrange(4), max(first, last) + rng.randrange(4)
        volume = Decimal(rng.randrange(20, 900))
        sold = Decimal(int(volume) * rng.randrange(30, 70) // 100)
        opened, highest, lowest, closed = (shift + one * TICK for one in (first, high, low, last))
        start = until - timedelta(seconds=step_s * (count - at))
        made.append(Bar(start, opened, highest, lowest, closed, volume, int(volume) // 3, sold, volume - sold))
    return tuple(made)


def minute_of(moment: datetime) -> datetime:
    """Return the minute a moment is in."""
    return moment.replace(second=0, microsecond=0)


def series(count: int = 200, key: ChartKey = KEY, **changes: Any) -> BarSeries:
    """Return bars up to NOW with a forming one."""
    step = key.interval.seconds or 60
    begin = datetime.fromtimestamp(NOW.timestamp() // step * step, UTC)
    forming = Bar(begin, LAST, Decimal("5052.00"), Decimal("5051.00"), LAST, Decimal(140), 40, Decimal(60), Decimal(80))
    made = BarSeries(
        key,
        extended((), bars(count, begin, step)),
        forming,
        source=BarSource.VENUE,
        last_trade=NOW - timedelta(seconds=0.2),
    )
    return replace(made, **changes)


def charted(world: Snapshot, shown: BarSeries | None = None) -> Snapshot:
    """Return a world with a chart in it."""
    held = series() if shown is None else shown
    return replace(world, charts=MappingProxyType({held.key: held}))


def stop(number: int = 1, price: str = "5045.25", **changes: Any) -> Any:
    """Return a working stop."""
    return order(number, trigger_price=Decimal(price), **changes)


def target(number: int = 2, price: str = "5058.00", **changes: Any) -> Any:
    """Return a working target."""
    made = order(number, type=OrderType.LIMIT, price=Decimal(price), trigger_price=None)
    return replace(made, **changes)


def entry(number: int = 3, price: str = "5047.00", **changes: Any) -> Any:
    """Return a working limit order that would add."""
    made = order(
        number,
        side=Side.BUY,
        intent=Intent.ADD,
        type=OrderType.LIMIT,
        price=Decimal(price),
        trigger_price=None,
        quantity=Decimal(1),
    )
    return replace(made, **changes)


def trading(**changes: Any) -> Snapshot:
    """Return LONG 2 with stop, target, an order that adds, studies and a trade before, on bars of a minute."""
    held = position()
    before = trade(
        entry_time=NOW - timedelta(minutes=70),
        exit_time=NOW - timedelta(minutes=52),
        entry_price=Decimal("5048.50"),
        exit_price=Decimal("5050.75"),
    )
    fills = (
        fill(1, fill_time=before.entry_time, price=before.entry_price, quantity=Decimal(2)),
        fill(2, fill_time=before.exit_time, price=before.exit_price, quantity=Decimal(2), side=Side.SELL),
        fill(3, fill_time=held.entry_time, quantity=Decimal(2)),
    )
    base: dict[str, Any] = {
        "orders": by_id(stop(), target(), entry()),
        "studies": MappingProxyType({("sim", "ESZ5"): studies(since=NOW - timedelta(minutes=100))}),
        "fills": fills,
        "trades": (before,),
    }
    return charted(long_two(**{**base, **changes}))


def pending(world: Snapshot, number: int, state: OrderState) -> Snapshot:
    """Return a world in which an order is in another state."""
    name = f"ST7QK2{number:016d}"
    changed = replace(world.orders[name], state=state)
    return replace(world, orders=MappingProxyType({**world.orders, name: changed}))


def empty() -> Snapshot:
    """Return an account with no symbol on show."""
    return flat(selected_symbol=MappingProxyType({}))
