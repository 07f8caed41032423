"""Builders for what the books hold: a clock that stands, fills, changes, and a fresh database file in no time."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.position import Position, PositionChange, apply_fill
from core.model.scope import AccountKey, Mode, PositionKey
from core.ports import Checkpoint, PositionRepository, passing
from data.preflight import DATABASE_NAME
from data.schema_upgrade import create_database
from data.store import Store, open_store

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ACCOUNT = AccountKey("sim", "Sim1")
ES = PositionKey("sim", "Sim1", "ESZ6")
ES_CONTRACT = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD", "E-mini S&P 500", Decimal(1), 2)


class StillClock:
    """A clock that moves a second when it is asked for wall time, so that no two records have the same."""

    def __init__(self) -> None:
        self.wall = START

    def now(self) -> datetime:
        """Return wall time."""
        self.wall += timedelta(seconds=1)
        return self.wall

    def monotonic(self) -> float:
        """Return seconds since the start."""
        return (self.wall - START).total_seconds()


def fill(
    execution_id: str,
    side: Side,
    quantity: str,
    price: str | None = "5000",
    *,
    key: PositionKey = ES,
    commission: str | None = "2.1",
    order: str = "",
    source: FillSource = FillSource.OURS,
    leg: int = 0,
) -> Fill:
    """Make a fill; its time follows from nothing but the start."""
    return Fill(
        key=key,
        execution_id=execution_id,
        side=side,
        quantity=Decimal(quantity),
        price=None if price is None else Decimal(price),
        fill_time=START,
        received_at=START,
        commission=None if commission is None else Decimal(commission),
        source=source,
        client_order_id=order,
        leg=leg,
    )


def book(
    repository: PositionRepository, fills: Iterable[Fill], contract: Instrument = ES_CONTRACT
) -> PositionChange | None:
    """Record fills one after the other, each on what the repository holds; return the last change."""
    change = None
    for each in fills:
        change = apply_fill(repository.get_open_position(each.key), each, contract)
        repository.record(change, Mode.SIM, "test")
    return change


def opened(store: Store, quantity: str = "2", price: str = "5000") -> Position:
    """Book an opening fill of the contract's scope, with the contract known; return the position."""
    store.accounts.save_instrument("sim", ES_CONTRACT, ())
    side = Side.BUY if Decimal(quantity) > 0 else Side.SELL
    book(store.positions, [fill("open", side, quantity.lstrip("-"), price)])
    position = store.positions.get_open_position(ES)
    assert position is not None
    return position


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE_NAME
        create_database(path)
        return path.read_bytes()


def put_empty_database(folder: Path) -> Path:
    """Put a fresh database into a folder, without running the migrations again."""
    path = folder / DATABASE_NAME
    path.write_bytes(_empty_database())
    return path


@contextmanager
def fresh_store(checkpoint: Checkpoint = passing) -> Iterator[Store]:
    """Open a store in a folder of its own; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="books-"))
    put_empty_database(folder)
    store = open_store(folder, StillClock(), checkpoint)
    try:
        yield store
    finally:
        store.close()
        shutil.rmtree(folder)
