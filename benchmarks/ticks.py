"""A tick onto the board, a snapshot off it; a trade counted into its session.

Floors: appending to a list, copying a dict, under a lock; adding to a sum of volume by price.
"""

from datetime import UTC, datetime
from decimal import Decimal
from threading import RLock

from benchmarks.measure import Row, per_call_us
from core.model.market import Aggressor, Quote, Tick
from core.model.session_studies import SessionCount
from core.state_manager import StateManager

SYMBOLS = 200
COUNT = 20_000
BATCH = 100


def rows() -> list[Row]:
    """Measure."""
    state = StateManager()
    now = datetime.now(UTC)
    price = Decimal("6500.25")
    ticks = [Tick(f"S{i}", price, Decimal(1), Aggressor.BUYER, now, now, i) for i in range(SYMBOLS)]
    quotes = [Quote(f"S{i}", price, Decimal(1), price, Decimal(1), price, Decimal(1), now) for i in range(SYMBOLS)]
    for quote in quotes:
        state.put_quote("sim", quote)
    lock, held, plain = RLock(), list[Tick](), {quote.symbol: quote for quote in quotes}

    def append() -> None:
        with lock:
            held.append(ticks[0])

    def copy() -> None:
        with lock:
            dict(plain)

    def snapshot() -> None:
        state.put_quote("sim", quotes[0])
        state.snapshot()

    floor_tick, floor_snapshot = per_call_us(append, COUNT), per_call_us(copy, COUNT)
    held.clear()
    put = per_call_us(lambda: state.put_tick("sim", ticks[0]), COUNT)
    state.drain_ticks()
    quoted = per_call_us(lambda: state.put_quote("sim", quotes[0]), COUNT)
    taken = per_call_us(snapshot, COUNT)
    counted, summed = _counting()
    return [
        Row("tick → board", put, "µs", floor_tick, "append under a lock"),
        Row("quote → board", quoted, "µs", floor_tick, "append under a lock"),
        Row(f"quote + snapshot, {SYMBOLS} symbols", taken, "µs", floor_snapshot, "copy of a dict under a lock"),
        Row("trade → VWAP, delta, POC", counted, "µs", summed, "sum of volume by price"),
    ]


def _counting() -> tuple[float, float]:
    """Return microseconds a trade: counted into its session in batches as the board hands them over, and the floor."""
    prices = [Decimal(26_000 + step) / 4 for step in (0, 1, 2, 1, 0, -1, -2, -1)]
    now = datetime.now(UTC)
    sides = (Aggressor.BUYER, Aggressor.SELLER)
    batch = [Tick("S", prices[i % 8], Decimal(1 + i % 9), sides[i % 2], now, now, i) for i in range(BATCH)]
    count, volumes = SessionCount("S"), dict[Decimal, Decimal]()

    def sum_volumes() -> None:
        for tick in batch:
            volumes[tick.price] = volumes.get(tick.price, Decimal(0)) + tick.volume

    rounds = 5 * COUNT // BATCH
    counted, summed = per_call_us(lambda: count.add(batch), rounds), per_call_us(sum_volumes, rounds)
    return counted / BATCH, summed / BATCH
