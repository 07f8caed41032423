"""The numbers of a session, written down and read again."""

from __future__ import annotations

from dataclasses import replace

from services.simulator.orders import Side
from services.simulator.session_memory import restored, saved, sessions
from services.simulator.tape import SymbolTape, Tape
from tests.services.simulator.venue import ES, book, trade

NOON_US = 1_795_456_800_000_000


def tape() -> SymbolTape:
    made = Tape()
    made.follow([book(at_us=NOON_US), trade("6501.00", 3, Side.SELL, NOON_US + 1), book(at_us=NOON_US + 2)])
    return made.symbols[ES]


def test_a_session_comes_back_as_it_was_with_the_book_of_now() -> None:
    before = tape()
    now = Tape()
    now.follow([book(bid="6400.00", at_us=NOON_US + 9)])
    after = restored(now.symbols[ES], sessions(saved({ES: before}))[ES])
    assert after.book == now.symbols[ES].book
    assert replace(after, book=before.book) == before


def test_a_session_from_later_than_now_is_none_of_this_run() -> None:
    earlier = Tape()
    earlier.follow([book(at_us=NOON_US - 1)])
    fresh = earlier.symbols[ES]
    assert restored(fresh, sessions(saved({ES: tape()}))[ES]) is fresh


def test_where_nothing_was_saved_a_session_begins() -> None:
    fresh = tape()
    assert sessions("") == {}
    assert restored(fresh, None) is fresh
