"""History and what was seen, made one: what was seen whole stays, what was not is filled up, nothing stands twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.model.bar import Bar
from core.model.bar_splicing import complete_from, spliced, spliced_trades

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def bar(minute: int, volume: int = 10, is_gap: bool = False, prices: tuple[int, int, int, int] = (2, 4, 1, 3)) -> Bar:
    opened, high, low, close = (Decimal(price) for price in prices)
    start = START + timedelta(minutes=minute)
    return Bar(start, opened, high, low, close, Decimal(volume), volume, Decimal(0), Decimal(volume), is_gap)


def test_history_and_what_was_seen_follow_one_another() -> None:
    assert spliced([bar(0), bar(1)], [bar(2), bar(3)]) == [bar(0), bar(1), bar(2), bar(3)]
    assert spliced([bar(2)], [bar(0), bar(4)]) == [bar(0), bar(2), bar(4)]
    assert spliced([], [bar(0)]) == [bar(0)]
    assert spliced([bar(0)], []) == [bar(0)]


def test_a_bar_that_was_seen_whole_stays_whatever_history_says() -> None:
    assert spliced([bar(0, 5), bar(1)], [bar(0, 7)])[0] == bar(0, 7)
    assert spliced([bar(0, 9), bar(1)], [bar(0, 7)])[0] == bar(0, 7)


def test_a_marked_bar_gives_way_to_one_that_is_over() -> None:
    assert spliced([bar(0, 12), bar(1)], [bar(0, 7, is_gap=True)])[0] == bar(0, 12)


def test_a_history_that_knows_less_than_was_seen_is_right_where_it_is_settled() -> None:
    assert spliced([bar(0, 5), bar(1)], [bar(0, 7, is_gap=True)])[0] == bar(0, 5)


def test_a_bar_that_is_not_over_is_made_of_both_and_stays_marked() -> None:
    past, seen = bar(0, 12, is_gap=True, prices=(5, 9, 4, 6)), bar(0, 7, is_gap=True, prices=(6, 10, 5, 8))
    (merged,) = spliced([past], [seen])
    assert [merged.open, merged.high, merged.low, merged.close] == [Decimal(n) for n in (5, 10, 4, 8)]
    assert merged.volume == 12
    assert merged.is_gap


def test_bars_of_trades_are_cut_where_seeing_began_and_marked_there() -> None:
    whole = spliced_trades([bar(0), bar(1), bar(2)], [bar(2, 3, is_gap=True), bar(3)])
    assert [(one.start, one.is_gap) for one in whole] == [
        (bar(0).start, False),
        (bar(1).start, True),
        (bar(2).start, True),
        (bar(3).start, False),
    ]
    assert spliced_trades([bar(0)], []) == [bar(0)]


def test_bars_are_complete_behind_the_last_mark() -> None:
    assert complete_from([bar(0), bar(1, is_gap=True), bar(2), bar(3)]) == bar(2).start
    assert complete_from([bar(0), bar(1)]) == bar(0).start
    assert complete_from([bar(0), bar(1, is_gap=True)]) is None
    assert complete_from([]) is None
