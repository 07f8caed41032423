"""The ledger, under anything that may happen to it: duplicates, strangers, kills between any two statements."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DuplicateFill, PersistenceError
from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.position import apply_fill
from core.model.scope import Mode, PositionKey
from data.integrity import examine
from data.store import Store, open_store
from tests.data.books import ES, ES_CONTRACT, StillClock, book, fill, fresh_store, opened

ROOT = Path(__file__).parents[2]
POINTS = ("fill.ledger_written", "fill.position_written", "fill.trade_written")
BTC = PositionKey("sim", "Sim1", "BTC-PERP")
SCOPES = (ES, PositionKey("sim", "Sim2", "ESZ6"), PositionKey("other", "Sim1", "ESZ6"), BTC)
CONTRACTS = {
    "ESZ6": ES_CONTRACT,
    "BTC-PERP": Instrument("BTC-PERP", Decimal("0.5"), Decimal("0.5"), "USD", quantity_step=Decimal("0.001")),
}


@dataclass(frozen=True)
class Step:
    """One delivery from the broker; `again` delivers it twice."""

    fill: Fill
    again: bool


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Fills over several scopes: opens, adds, reductions, exact closes and reversals, priced or not, some repeated."""
    made: list[Step] = []
    held: dict[PositionKey, Decimal] = defaultdict(Decimal)
    for number in range(draw(st.integers(1, 12))):
        key = draw(st.sampled_from(SCOPES))
        quantity = Decimal(draw(st.integers(1, 5))) * (Decimal("0.001") if key == BTC else 1)
        side = draw(st.sampled_from(Side))
        if held[key] and draw(st.booleans()):
            side, quantity = Side.closing(held[key]), abs(held[key])
        price = Decimal(draw(st.integers(19_900, 20_100))) / 4 if draw(st.integers(0, 9)) else None
        each = fill(
            f"e{number}",
            side,
            str(quantity),
            None if price is None else str(price),
            key=key,
            commission=draw(st.sampled_from(["2.1", "0", "1.37", None])),
            source=draw(st.sampled_from(FillSource)),
        )
        held[key] += each.signed_quantity
        made.append(Step(each, draw(st.booleans())))
    return made


def deliver(store: Store, each: Fill) -> None:
    before = store.positions.get_open_position(each.key)
    change = apply_fill(before, each, CONTRACTS[each.key.symbol])
    store.positions.record(change, Mode.SIM, "test")


def ledger(store: Store) -> list[sqlite3.Row]:
    return rows(store, "SELECT * FROM fill_record ORDER BY id")


def rows(store: Store, query: str) -> list[sqlite3.Row]:
    """Read the file past the program."""
    other = sqlite3.connect(store.database.path)
    other.row_factory = sqlite3.Row
    found = other.execute(query).fetchall()
    other.close()
    return found


def scope_of(row: sqlite3.Row) -> PositionKey:
    return PositionKey(row["connection"], row["account"], row["symbol"])


def signed(row: sqlite3.Row) -> Fraction:
    return Fraction(row["qty"]) * (1 if row["side"] == "BUY" else -1)


def check_invariants(store: Store, delivered: list[Fill]) -> None:
    """I1, I3 and I7, computed from the file alone, in fractions."""
    booked = ledger(store)
    # I3: every execution once, every part of it in one row.
    assert {row["execution_id"] for row in booked} == {each.execution_id for each in delivered}
    for each in delivered:
        legs = [row for row in booked if row["execution_id"] == each.execution_id]
        assert sum(Fraction(row["qty"]) for row in legs) == Fraction(each.quantity)
        assert [row["leg"] for row in legs] == list(range(len(legs)))
        costs = [row["commission"] for row in legs]
        if each.commission is None:
            assert costs == [None] * len(legs)
        else:
            assert sum(map(Fraction, costs)) == Fraction(each.commission)
    # I1: the sum of the ledger is the position, and there is no row when flat.
    sums: dict[PositionKey, Fraction] = defaultdict(Fraction)
    for row in booked:
        sums[scope_of(row)] += signed(row)
    stored = {scope_of(row): Fraction(row["qty"]) for row in rows(store, "SELECT * FROM open_position")}
    assert stored == {key: total for key, total in sums.items() if total}
    check_trades(store, booked)


def check_trades(store: Store, booked: list[sqlite3.Row]) -> None:
    """I7: cut the ledger at its zeros; each piece is one trade row, its money the difference of both sides."""
    expected: dict[PositionKey, list[tuple[Fraction, Fraction | None]]] = defaultdict(list)
    pieces: dict[PositionKey, list[sqlite3.Row]] = defaultdict(list)
    for row in booked:
        piece = pieces[scope_of(row)]
        piece.append(row)
        if sum(map(signed, piece)) == 0:
            opening = sum((Fraction(part["qty"]) for part in piece if part["side"] == piece[0]["side"]), Fraction())
            money = None
            if all(part["price"] is not None for part in piece):
                contract = CONTRACTS[row["symbol"]]
                assert contract.tick_value is not None and contract.tick_size is not None
                point = Fraction(contract.tick_value) / Fraction(contract.tick_size)
                money = -sum((signed(part) * Fraction(part["price"]) for part in piece), Fraction()) * point
            expected[scope_of(row)].append((opening, money))
            piece.clear()
    found: dict[PositionKey, list[tuple[Fraction, Fraction | None]]] = defaultdict(list)
    for row in rows(store, "SELECT * FROM trade_record ORDER BY id"):
        money = None if row["realized_pnl"] is None else Fraction(row["realized_pnl"])
        found[scope_of(row)].append((Fraction(row["qty"]), money))
    assert found == expected


@settings(max_examples=60)
@given(steps())
def test_the_books_add_up_after_every_fill(deliveries: list[Step]) -> None:
    with fresh_store() as store:
        for connection in ("sim", "other"):
            for contract in CONTRACTS.values():
                store.accounts.save_instrument(connection, contract, ())
        delivered = []
        for step in deliveries:
            deliver(store, step.fill)
            delivered.append(step.fill)
            if step.again:
                with pytest.raises(DuplicateFill):
                    deliver(store, step.fill)
            store.positions.prove()
        check_invariants(store, delivered)
        path = store.database.path
        store.hand_over()
        assert examine(path) == ()


@pytest.mark.row(115, 120)
@pytest.mark.parametrize("point", POINTS)
def test_an_exception_between_two_statements_leaves_nothing(point: str) -> None:
    armed = False

    def checkpoint(name: str) -> None:
        if armed and name == point:
            raise RuntimeError(name)

    with fresh_store(checkpoint) as store:
        position = opened(store)
        before = (ledger(store), rows(store, "SELECT * FROM audit_event"))
        armed = True
        with pytest.raises(RuntimeError):
            book(store.positions, [fill("e2", Side.SELL, "5", "5010")])
        armed = False
        assert (ledger(store), rows(store, "SELECT * FROM audit_event")) == before
        assert store.positions.recover_all_open_positions() == (position,)
        assert store.positions.recent_trades(9) == ()
        book(store.positions, [fill("e2", Side.SELL, "5", "5010")])
        store.positions.prove()


@pytest.mark.row(93, 115)
@pytest.mark.parametrize("table", ["fill_record", "open_position", "trade_record", "audit_event"])
@pytest.mark.parametrize("quantity", ["1", "2", "5"])
def test_a_statement_that_fails_leaves_nothing(table: str, quantity: str) -> None:
    """A trigger plays the disk that fails at the n-th statement."""
    with fresh_store() as store:
        position = opened(store)
        store.hand_over()
        other = sqlite3.connect(store.database.path, isolation_level=None)
        for verb in ("INSERT", "UPDATE", "DELETE"):
            other.execute(
                f"CREATE TRIGGER broken_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        if table == "trade_record" and quantity == "1":
            book(store.positions, [fill("e2", Side.SELL, quantity)])  # a reduction writes no trade
        else:
            with pytest.raises(PersistenceError, match="broken"):
                book(store.positions, [fill("e2", Side.SELL, quantity)])
            assert store.positions.recover_all_open_positions() == (position,)
            assert len(ledger(store)) == 1 and store.positions.recent_trades(9) == ()
        for verb in ("INSERT", "UPDATE", "DELETE"):
            other.execute(f"DROP TRIGGER broken_{verb}")
        other.close()
        store.positions.prove()
        assert examine(store.database.path) == ()


PROGRAM = """
import os, signal, sys
from decimal import Decimal
from pathlib import Path
from core.model.fill import Side
from data.store import open_store
from tests.data.books import StillClock, book, fill

def die(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

store = open_store(Path(sys.argv[1]), StillClock(), die)
book(store.positions, [fill("e2", Side.SELL, "5", "5010")])
"""


@pytest.mark.row(63, 115, 120)
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_between_two_statements_leaves_nothing(tmp_path: Path, point: str) -> None:
    store = open_store(tmp_path / "data", StillClock())
    position = opened(store)
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), point], cwd=ROOT, check=False, capture_output=True
    )
    assert done.returncode == (15 if sys.platform == "win32" else -9), done.stderr.decode()
    store = open_store(tmp_path / "data", StillClock())
    assert store.positions.recover_all_open_positions() == (position,)
    assert not store.positions.has_fill(ES.account_key, "e2")
    store.positions.prove()
    assert examine(store.database.path) == ()
    book(store.positions, [fill("e2", Side.SELL, "5", "5010")])
    store.positions.prove()
    assert examine(store.database.path) == ()
    store.close()


@pytest.mark.row(125)
def test_a_power_cut_leaves_every_fill_whose_record_returned(tmp_path: Path) -> None:
    """Copies of the files taken between two fills, as a cut would leave them."""
    living = tmp_path / "living"
    store = open_store(living, StillClock())
    opened(store)
    for number in range(12):
        book(store.positions, [fill(f"e{number}", Side.BUY if number % 3 else Side.SELL, "3", "5010")])
        cut = tmp_path / f"cut{number}"
        shutil.copytree(living, cut)
        found = open_store(cut, StillClock())
        assert found.positions.recover_all_open_positions() == store.positions.recover_all_open_positions()
        found.positions.prove()
        found.close()
    store.close()


@pytest.mark.parametrize("statement", ["DELETE FROM open_position", "UPDATE open_position SET qty = '7'"])
@pytest.mark.parametrize("quantity", ["1", "2", "5"])
def test_a_position_that_someone_else_wrote_stops_the_fill(statement: str, quantity: str) -> None:
    with fresh_store() as store:
        position = opened(store)
        other = sqlite3.connect(store.database.path, isolation_level=None)
        other.execute(statement)
        other.close()
        change = apply_fill(position, fill("e2", Side.SELL, quantity), ES_CONTRACT)
        with pytest.raises(PersistenceError, match="someone else wrote"):
            store.positions.record(change, Mode.SIM, "test")
        assert len(ledger(store)) == 1
        with pytest.raises(PersistenceError, match="someone else wrote"):
            store.positions.update_trade_extremes([position])


def test_a_reversal_starts_a_row_of_its_own() -> None:
    with fresh_store() as store:
        opened(store)
        (long,) = rows(store, "SELECT * FROM open_position")
        other = sqlite3.connect(store.database.path, isolation_level=None)
        other.execute("UPDATE open_position SET entry_vwap = '4999.5'")
        other.close()
        book(store.positions, [fill("e2", Side.BUY, "1")])
        (added,) = rows(store, "SELECT * FROM open_position")
        assert (added["id"], added["created_at"], added["entry_vwap"]) == (long["id"], long["created_at"], "4999.5")
        assert added["updated_at"] > long["updated_at"]
        book(store.positions, [fill("e3", Side.SELL, "5")])
        (short,) = rows(store, "SELECT * FROM open_position")
        assert short["side"] == "SHORT" and short["created_at"] > added["created_at"] and short["entry_vwap"] is None


def test_the_trade_row_holds_the_figures_of_the_metrics() -> None:
    with fresh_store() as store:
        opened(store)
        change = book(store.positions, [fill("e2", Side.SELL, "2", "5010")])
        assert change is not None and change.trade is not None
        (row,) = rows(store, "SELECT * FROM trade_record")
        assert (row["side"], row["qty"], row["realized_pnl"], row["commissions"]) == ("LONG", "2", "1000", "4.2")
        assert (row["efficiency"], row["r_multiple"], row["mode"]) == ("1", None, "SIM")


def test_a_reader_never_sees_half_a_fill() -> None:
    with fresh_store() as store:
        opened(store)
        seen: list[bool] = []
        done = threading.Event()

        def read() -> None:
            engine = store.database.read_only()
            while not done.is_set() or not seen:
                with engine.connect() as connection:
                    fills = connection.exec_driver_sql("SELECT side, qty FROM fill_record").all()
                    held = connection.exec_driver_sql("SELECT qty FROM open_position").scalar_one_or_none()
                total = sum((Decimal(qty) * (1 if side == "BUY" else -1) for side, qty in fills), Decimal(0))
                seen.append(total == Decimal(held or 0))
            engine.dispose()

        reader = threading.Thread(target=read, name="query")
        reader.start()
        try:
            for number in range(60):
                side = Side.BUY if number % 4 < 2 else Side.SELL
                book(store.positions, [fill(f"e{number}", side, "3", "5010")])
        finally:
            done.set()
            reader.join()
        assert seen and all(seen)


def test_the_exact_digits_survive() -> None:
    with fresh_store() as store:
        price = Decimal("0.000012345678901234567890123456")
        key = PositionKey("sim", "Sim1", "SHIB-PERP")
        tiny = Instrument("SHIB-PERP", None, None, quantity_step=Decimal("0.00000001"))
        book(store.positions, [fill("e1", Side.BUY, "123456789.12345678", str(price), key=key)], tiny)
        book(store.positions, [fill("e2", Side.BUY, "0.00000001", "0.00001", key=key)], tiny)
        stored = store.positions.get_open_position(key)
        assert stored is not None and stored.quantity == Decimal("123456789.12345679")
        store.positions.prove()
