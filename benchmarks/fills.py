"""A fill: received, committed, published; and a position saved, closed and read. Floor: one raw WAL/FULL commit."""

import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Row, middle, percentile, times_ms
from core import events
from core.clock import SystemClock
from core.model.commission import CommissionSchedule
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.order_ids import OrderIds
from core.model.scope import AccountKey, PositionKey
from core.ports import passing
from core.state_manager import StateManager
from data.emergency_log import FileEmergencyLog
from data.store import Store, open_store
from services.emergency_merge import EmergencyMerge
from services.position_service import PositionService
from services.unsaved import Unsaved

COUNT = 400
KEY = PositionKey("sim", "Sim1", "ESZ26_FUT_CME")


def rows() -> list[Row]:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        raw_commit = raw_committer(Path(folder) / "raw.sqlite3")
        store = open_store(Path(folder) / "store", SystemClock())
        state = StateManager()
        schedule = CommissionSchedule()
        ids = OrderIds("BENC", 0)
        clock, unsaved = SystemClock(), unsaved_beside(store, state)
        service = PositionService(store.positions, store.accounts, state, clock, ids, schedule, unsaved, passing)
        contract = Instrument(KEY.symbol, Decimal("0.25"), Decimal("12.5"), "USD")
        service.on_instrument(events.InstrumentReported(KEY.connection, contract))
        # Two fills open and add, two close: every second pair ends a trade.
        floor: list[float] = []

        def fill(number: int) -> None:
            service.on_fill(events.FillReceived(_fill(number)))

        # Turn by turn, so that whatever else the machine does falls on both.
        taken = []
        for number in range(COUNT):
            floor.extend(times_ms(raw_commit, 1, warm=0))
            taken.extend(times_ms(lambda _, at=number: fill(at), 1, warm=0))  # type: ignore[misc]
        read = times_ms(lambda _: store.positions.recover_all_open_positions(), COUNT)
        known = times_ms(lambda _: store.positions.has_fill(AccountKey("sim", "Sim1"), "none"), COUNT)
        closing = [taken[number] for number in range(COUNT) if number % 4 == 3]
        store.close()
    name = "raw sqlite3 commit"
    base, base99 = middle(floor), percentile(floor, 0.99)
    return [
        Row("fill → committed → published, p50", middle(taken), "ms", base, name, "≤ 2"),
        Row("fill → committed → published, p99", percentile(taken, 0.99), "ms", base99, f"{name}, p99"),
        Row("fill that closes a trade, p50", middle(closing), "ms", base, name),
        Row("read of all open positions", middle(read), "ms", base, name),
        Row("is this execution booked?", middle(known), "ms", base, name),
    ]


def unsaved_beside(store: Store, state: StateManager) -> Unsaved:
    """Return what keeps fills the database refuses, beside that database."""
    clock, folder = SystemClock(), store.database.path.parent
    merge = EmergencyMerge(store.positions, store.orders, store.operations, store.accounts, store.audit)
    return Unsaved(FileEmergencyLog(folder, clock), merge, state, clock, passing)


def _fill(number: int) -> Fill:
    now = datetime.now(UTC)
    side = Side.BUY if number % 4 < 2 else Side.SELL
    return Fill(KEY, f"x{number}", side, Decimal(1), Decimal("6500.25"), now, now, server_order_id=f"s{number}")


def raw_committer(path: Path) -> Callable[[int], None]:
    """Return what inserts one row and commits it synchronously, by the bare driver."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE fill (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT) STRICT")

    def commit(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO fill (a, b, c, d) VALUES (?, ?, ?, ?)", (f"x{number}", "BUY", "1", "6500.25"))
        connection.execute("COMMIT")

    return commit
