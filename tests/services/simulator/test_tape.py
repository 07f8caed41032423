"""What the tape knows of a symbol's session, from one to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.simulator.orders import Side
from services.simulator.tape import SymbolTape, Tape
from tests.services.simulator.venue import ES, D, book, trade


def us(day: int, hour: int, minute: int = 0) -> int:
    """Return a moment of November 2026; Chicago is six hours behind UTC."""
    return int(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000


def tape_at(at_us: int) -> tuple[Tape, SymbolTape]:
    tape = Tape()
    tape.follow([trade("6400.00", 1, Side.BUY, at_us), book(at_us=at_us, last="6500.00")])
    return tape, tape.symbols[ES]


def test_a_session_has_no_open_high_and_low_before_its_first_trade() -> None:
    _, es = tape_at(us(23, 15))
    assert [es.opened, es.high, es.low, es.volume, es.trades] == [None, None, None, 0, 0]
    assert (es.day, es.settlement, es.ended) == (date(2026, 11, 23), D(6500), None)


def test_trades_make_the_figures_of_the_session() -> None:
    tape, es = tape_at(us(23, 15))
    for price, size in (("6500.25", 3), ("6502.00", 1), ("6498.75", 2)):
        tape.follow([trade(price, size, Side.BUY, us(23, 15, 1))])
    assert (es.opened, es.high, es.low) == (D("6500.25"), D(6502), D("6498.75"))
    assert (es.volume, es.trades) == (D(6), 3)


def test_at_five_in_chicago_the_last_price_settles_and_a_new_session_begins() -> None:
    tape, es = tape_at(us(23, 15))
    tape.follow([trade("6510.00", 100, Side.BUY, us(23, 22, 59)), book(at_us=us(23, 22, 59), last="6510.00")])
    assert es.day == date(2026, 11, 23)
    before = es.open_interest
    tape.follow([trade("6511.00", 7, Side.SELL, us(23, 23))])
    assert (es.day, es.ended) == (date(2026, 11, 24), (date(2026, 11, 23), D(100)))
    assert (es.settlement, es.settled_us) == (D(6510), us(23, 23))
    assert [es.opened, es.high, es.low, es.volume, es.trades] == [D(6511), D(6511), D(6511), D(7), 1]
    assert es.open_interest == before + 5


def test_the_weekend_belongs_to_the_session_of_monday() -> None:
    tape, es = tape_at(us(20, 23))
    assert es.day == date(2026, 11, 23)
    tape.follow([trade("6510.00", 4, Side.BUY, us(22, 12)), trade("6512.00", 4, Side.BUY, us(22, 23, 30))])
    assert [es.day, es.volume, es.ended] == [date(2026, 11, 23), D(8), None]
