"""A backup beside trading: how long fills wait while a large database is copied and examined, and what an export takes.

Floor: the same fills, booked into the same database, with nobody else at work.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, islice
from pathlib import Path

from sqlalchemy import insert

from benchmarks.fills import KEY, unsaved_beside
from benchmarks.measure import Row, middle, percentile
from core import events
from core.clock import SystemClock
from core.model.commission import CommissionSchedule
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order_ids import OrderIds
from core.model.position import Position, apply_fill
from core.model.scope import Mode
from core.ports import passing
from core.state_manager import StateManager
from data.rows import fill_row, trade_row
from data.schema import FILL_RECORD, TRADE_RECORD
from data.store import Store, open_store
from services.position_service import PositionService

FILLS = 350_000  # about 100 MB
QUIET_S = 15.0
PAUSE_S = 0.02
AT_ONCE = 20_000
CONTRACT = Instrument(KEY.symbol, Decimal("0.25"), Decimal("12.5"), "USD", price_format=2)
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)


def rows() -> list[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(folder, SystemClock())
        store.accounts.save_instrument(KEY.connection, CONTRACT, ())
        _fill_up(store)
        size = store.database.path.stat().st_size / 1e6
        book = _booking(store)
        _booked_while(book, _for(2.0))
        quiet = _booked_while(book, _for(QUIET_S))
        backup, took_s = _beside(book, "backup", "--data-dir", name)
        target = str(folder / "fills.csv")
        export, export_s = _beside(book, "export", "--what", "fills", "--format", "csv", target, "--data-dir", name)
        store.close()
    base, base99 = middle(quiet), percentile(quiet, 0.99)
    return [
        Row(f"fill while {size:.0f} MB are backed up, p50", middle(backup), "ms", base, "nothing beside it"),
        Row("… p99", percentile(backup, 0.99), "ms", base99, "nothing beside it, p99"),
        Row("fill while all fills are exported, p50", middle(export), "ms", base, "nothing beside it"),
        Row("… p99", percentile(export, 0.99), "ms", base99, "nothing beside it, p99"),
        Row(f"a backup of {size:.0f} MB, copied gently and examined", took_s, "s"),
        Row(f"an export of {FILLS} fills as CSV", export_s, "s"),
    ]


def _for(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


def _beside(book: Callable[[], float], *command: str) -> tuple[list[float], float]:
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "app", *command], stdout=subprocess.DEVNULL) as process:
        taken = _booked_while(book, lambda: process.poll() is None)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return taken, time.monotonic() - began


def _booked_while(book: Callable[[], float], goes_on: Callable[[], bool]) -> list[float]:
    taken = []
    while goes_on():
        taken.append(book())
        time.sleep(PAUSE_S)
    return taken


def _booking(store: Store) -> Callable[[], float]:
    """Return what books one fill and tells how long that took, in milliseconds."""
    ids, schedule, state, clock = OrderIds("BENC", 0), CommissionSchedule(), StateManager(), SystemClock()
    unsaved = unsaved_beside(store, state)
    service = PositionService(store.positions, store.accounts, state, clock, ids, schedule, unsaved, passing)
    service.on_instrument(events.InstrumentReported(KEY.connection, CONTRACT))
    fills = _fills("b", datetime.now(UTC))

    def book() -> float:
        fill = next(fills)
        began = time.perf_counter()
        service.on_fill(events.FillReceived(fill))
        return (time.perf_counter() - began) * 1000

    return book


def _fills(name: str, began: datetime) -> Iterator[Fill]:
    """Yield fills without end that open and close one contract."""
    for number in count():
        at = began + timedelta(seconds=number * 20)
        side = Side.SELL if number % 2 else Side.BUY
        price = Decimal(6000) + Decimal(number % 977) / 4
        yield Fill(KEY, f"{name}-{number:014d}", side, Decimal(1), price, at, at, Decimal("2.1"), server_order_id=name)


def _fill_up(store: Store) -> None:
    """Put a long history into the ledger, a chunk at a time."""
    before: Position | None = None
    fills = islice(_fills("a", BEGAN), FILLS)
    while chunk := list(islice(fills, AT_ONCE)):
        trades = []
        for fill in chunk:
            change = apply_fill(before, fill, CONTRACT)
            before = change.after
            trades += [] if change.trade is None else [trade_row(change.trade, Mode.SIM)]
        with store.database.transaction() as connection:
            connection.execute(insert(FILL_RECORD), [fill_row(fill, Mode.SIM) for fill in chunk])
            connection.execute(insert(TRADE_RECORD), trades)
