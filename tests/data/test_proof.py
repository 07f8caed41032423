"""A book that was changed by hand, or by a fault of ours, is told from one that adds up."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import DatabaseDamaged
from core.model.fill import FillSource, Side
from core.model.instrument import Instrument
from core.model.position import revalue
from data.store import Store
from tests.data.books import ES, ES_CONTRACT, book, fill, fresh_store


@pytest.fixture
def store() -> Iterator[Store]:
    """Books with a flat past, a reversal and a partial exit: short 2 at 5020 is open."""
    with fresh_store() as books:
        books.accounts.save_instrument("sim", ES_CONTRACT, ())
        book(
            books.positions,
            [
                fill("e1", Side.BUY, "2", "5000"),
                fill("e2", Side.SELL, "2", "5010"),
                fill("e3", Side.BUY, "1", "5010"),
                fill("e4", Side.SELL, "4", "5020"),
                fill("e5", Side.BUY, "1", "5015"),
            ],
        )
        yield books


def by_hand(store: Store, statement: str) -> None:
    store.hand_over()
    other = sqlite3.connect(store.database.path, isolation_level=None)
    other.execute("DROP TRIGGER fill_record_never_UPDATE")
    other.execute("DROP TRIGGER fill_record_never_DELETE")
    other.execute(statement)
    other.close()


def test_books_that_add_up_are_proven(store: Store) -> None:
    store.positions.prove()


def test_an_empty_ledger_is_proven() -> None:
    with fresh_store() as store:
        store.positions.prove()


@pytest.mark.row(107)
@pytest.mark.parametrize(
    ("statement", "figures"),
    [
        ("UPDATE open_position SET qty = '-3'", ("quantity", "-3", "-2")),
        ("UPDATE open_position SET qty = '2', side = 'LONG'", ("quantity", "2", "-2")),
        ("UPDATE open_position SET entry_price = '5020.25'", ("entry_price", "5020.25", "5020")),
        ("UPDATE open_position SET entry_price = NULL", ("entry_price nothing", "5020")),
        ("UPDATE open_position SET entry_time = '2026-11-20T14:30:00.000001Z'", ("entry_time", "14:30:00.000001")),
        ("UPDATE open_position SET realized_points = '6'", ("realized_points", "6", "5")),
        ("UPDATE open_position SET realized_pnl = '251'", ("realized_pnl", "251", "250")),
        ("UPDATE open_position SET commissions = '3'", ("commissions", "3")),
        ("DELETE FROM open_position", ("no position", "-2")),
        ("UPDATE open_position SET symbol = 'ESH7'", ("ESH7", "-2", "sums to 0")),
        ("UPDATE fill_record SET qty = '2' WHERE execution_id = 'e5'", ("quantity", "-2", "-1")),
        ("UPDATE fill_record SET side = 'SELL' WHERE execution_id = 'e1'", ("-2",)),
        ("DELETE FROM fill_record WHERE execution_id = 'e4' AND leg = 1", ("ESZ6",)),
        ("DELETE FROM fill_record", ("ESZ6", "-2", "sums to 0")),
    ],
)
def test_a_book_changed_by_hand_is_named_with_its_figures(
    store: Store, statement: str, figures: tuple[str, ...]
) -> None:
    by_hand(store, statement)
    with pytest.raises(DatabaseDamaged) as caught:
        store.positions.prove()
    assert all(figure in str(caught.value) for figure in figures), str(caught.value)
    assert "Sim1@sim" in str(caught.value)


def test_money_that_was_unknown_when_it_was_booked_is_no_damage() -> None:
    with fresh_store() as store:
        unknown = Instrument("ESZ6")
        book(store.positions, [fill("e1", Side.BUY, "3"), fill("e2", Side.SELL, "1", "5004")], unknown)
        store.positions.prove()
        # The contract became known, and the program died before it valued what is open.
        store.accounts.save_instrument("sim", ES_CONTRACT, ())
        store.positions.prove()


def test_a_contract_that_changed_its_value_is_proven_at_the_new_one(store: Store) -> None:
    stored = store.positions.get_open_position(ES)
    assert stored is not None
    micro = replace(ES_CONTRACT, tick_value=Decimal("1.25"))
    store.accounts.save_instrument("sim", micro, [revalue(stored, micro)])
    store.positions.prove()
    valued = store.positions.get_open_position(ES)
    assert valued is not None and valued.realized_pnl == 25


def test_corrections_are_part_of_the_fold(store: Store) -> None:
    book(
        store.positions,
        [
            fill("R1", Side.SELL, "1", None, commission=None, source=FillSource.RECON),
            fill("M1", Side.BUY, "5", "5000", source=FillSource.MANUAL),
        ],
    )
    store.positions.prove()
    stored = store.positions.get_open_position(ES)
    assert stored is not None and stored.quantity == 2


def test_sums_are_exact_where_floats_are_not() -> None:
    with fresh_store() as store:
        contract = Instrument("ESZ6", quantity_step=Decimal("0.1"))
        book(store.positions, [fill(f"e{n}", Side.BUY, "0.1", "0.1") for n in range(3)], contract)
        book(store.positions, [fill("e3", Side.SELL, "0.3", "0.1")], contract)
        store.positions.prove()
        assert store.positions.recover_all_open_positions() == ()


def test_the_last_digits_of_an_average_may_be_rounded_elsewhere() -> None:
    with fresh_store() as store:
        store.accounts.save_instrument("sim", ES_CONTRACT, ())
        book(store.positions, [fill("e1", Side.BUY, "1", "5000"), fill("e2", Side.BUY, "2", "5000.25")])
        by_hand(store, "UPDATE open_position SET entry_price = '5000.166666666666666666666661'")
        store.positions.prove()
        other = sqlite3.connect(store.database.path, isolation_level=None)
        other.execute("UPDATE open_position SET entry_price = '5000.1666666667'")
        other.close()
        with pytest.raises(DatabaseDamaged, match="entry_price"):
            store.positions.prove()
