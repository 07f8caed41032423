"""Questions to the history: pages, figures over all of them, the curve, and reading beside a writer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.commands import RunQuery
from core.model.breakdown import By
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import Side
from core.model.scope import AccountKey, Mode
from core.model.statistics import statistics_of
from core.model.trade import Trade
from core.queries import (
    ALL_ROWS,
    MOST_ROWS,
    PAGE_ROWS,
    EquityFilter,
    EquityFound,
    EventFilter,
    EventRows,
    EventsFound,
    TradeFilter,
    TradesFound,
    always,
)
from services import stats_service
from services.stats_service import CURVE_COLUMNS, StatsService
from tests.core.model.histories import FIRST_EXIT, KEY, closed
from tests.data.books import ES, START, book, fill, fresh_store

ACCOUNT = AccountKey("sim", "Sim1")
ALL = TradeFilter(ACCOUNT, Mode.SIM)


class History:
    """A TradeRepository that holds what it is given."""

    def __init__(self, trades: tuple[Trade, ...] = (), points: tuple[EquityPoint, ...] = ()) -> None:
        self.found = trades
        self.points = points
        self.asked: list[TradeFilter] = []

    def trades(self, wanted: TradeFilter) -> tuple[tuple[Trade, ...], Decimal | None]:
        self.asked.append(wanted)
        return self.found, Decimal(10_000)

    def equity(self, wanted: EquityFilter) -> tuple[EquityPoint, ...]:
        return self.points


def many(count: int) -> tuple[Trade, ...]:
    return tuple(closed(str(at), at=FIRST_EXIT + timedelta(minutes=at)) for at in range(count))


def test_a_page_is_newest_first_and_the_figures_are_of_all_pages() -> None:
    history = History(many(PAGE_ROWS + 50))
    service = StatsService(history)
    first, second, third = (service.answer(RunQuery("statistics", ALL, page)) for page in range(3))
    assert isinstance(first, TradesFound) and isinstance(second, TradesFound) and isinstance(third, TradesFound)
    assert first.trades + second.trades == history.found[::-1] and third.trades == ()
    assert len(first.trades) == PAGE_ROWS and first.total == PAGE_ROWS + 50
    assert first.statistics == second.statistics and first.statistics.count == PAGE_ROWS + 50
    assert first.base == 10_000


def test_turning_a_page_computes_nothing_anew_and_a_new_trade_does(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def counting(trades: Any, base: Any) -> Any:
        computed.append(len(trades))
        return statistics_of(trades, base)

    monkeypatch.setattr(stats_service, "statistics_of", counting)
    history = History(many(3))
    service = StatsService(history)
    for page in range(3):
        service.answer(RunQuery("statistics", ALL, page))
    history.found = many(4)
    service.answer(RunQuery("statistics", ALL))
    assert computed == [3, 4]


def test_the_curve_of_many_trades_is_thinned_and_ends_where_their_net_does() -> None:
    found = StatsService(History(many(20 * CURVE_COLUMNS))).answer(RunQuery("statistics", ALL))
    assert isinstance(found, TradesFound)
    assert len(found.curve) <= 4 * CURVE_COLUMNS
    assert found.curve[-1].cash == found.statistics.net


def test_a_long_curve_is_thinned_and_what_it_gained_is_not() -> None:
    points = tuple(
        EquityPoint(FIRST_EXIT + timedelta(seconds=at), Decimal(1000 + at % 7)) for at in range(20 * CURVE_COLUMNS)
    )
    found = StatsService(History(points=points)).answer(RunQuery("equity", EquityFilter(ACCOUNT)))
    assert isinstance(found, EquityFound)
    assert len(found.points) <= 4 * CURVE_COLUMNS
    assert found.gained == points[-1].cash - points[0].cash


def test_money_moved_by_hand_is_on_the_curve_and_not_in_the_gain() -> None:
    points = (
        EquityPoint(FIRST_EXIT, Decimal(1000), EquityKind.ANCHOR),
        EquityPoint(FIRST_EXIT, Decimal(5000), EquityKind.RESET),
        EquityPoint(FIRST_EXIT, Decimal(4900)),
    )
    found = StatsService(History(points=points)).answer(RunQuery("equity", EquityFilter(ACCOUNT)))
    assert found == EquityFound(points, Decimal(-100))


def test_a_symbol_and_a_side_are_filtered_and_every_symbol_stays_on_offer() -> None:
    other = replace(KEY, symbol="MESZ6")
    short, elsewhere = replace(closed("-5"), direction=-1), replace(closed("7"), key=other)
    history = History((closed("10"), short, elsewhere))
    service = StatsService(history)

    def found(**changes: Any) -> TradesFound:
        answer = service.answer(RunQuery("statistics", replace(ALL, **changes)))
        assert isinstance(answer, TradesFound)
        return answer

    assert (
        found(symbol="MESZ6").trades == (elsewhere,)
        and history.asked == [ALL]
        and found(direction=-1).trades == (short,)
    )
    assert found(symbol="ESZ6", direction=1).statistics.net == 10
    assert found(symbol="MESZ6").symbols == found(direction=-1).symbols == ("ESZ6", "MESZ6")
    assert [one.name for one in found(symbol="MESZ6").breakdown[By.SYMBOL]] == ["MESZ6"]
    assert sum(one.count for one in found().days) == 3 and found(symbol="MESZ6").total == 1


def test_an_export_has_every_row_at_once() -> None:
    history = History(many(PAGE_ROWS + 50))
    answer = StatsService(history).answer(RunQuery("export", ALL, ALL_ROWS))
    assert isinstance(answer, TradesFound) and answer.trades == history.found[::-1]


def test_records_are_paged_and_searched() -> None:
    asked: list[tuple[str, int, int]] = []

    class Events:
        def events(self, words: str, start: int, count: int, goes_on: Callable[[], bool] = always) -> EventRows:
            asked.append((words, start, count))
            return EventRows((), 431, is_whole=False)

    service = StatsService(History(), Events())
    for page in (0, 2, ALL_ROWS):
        assert service.answer(RunQuery("events", EventFilter("esz6"), page)) == EventsFound((), 431, is_whole=False)
    # One more than a page has: it says when the next page begins.
    assert asked == [("esz6", 0, PAGE_ROWS + 1), ("esz6", 2 * PAGE_ROWS, PAGE_ROWS + 1), ("esz6", 0, MOST_ROWS + 1)]


def test_a_page_of_records_says_when_the_next_begins() -> None:
    with fresh_store() as store:
        for number in range(PAGE_ROWS + 3):
            store.audit.append("test", f"row {number}", key=None, mode=None, cause="", data={})
        service = StatsService(History(), store.events)
        first, second = (service.answer(RunQuery("events", EventFilter("row"), page)) for page in (0, 1))
    assert isinstance(first, EventsFound) and isinstance(second, EventsFound)
    assert (len(first.events), len(second.events), first.total) == (PAGE_ROWS, 3, PAGE_ROWS + 3)
    assert first.older_at == second.events[0].at and second.older_at is None


def test_what_was_committed_is_found_while_the_writer_holds_the_file_and_what_was_not_is_not() -> None:
    with fresh_store() as store:
        book(store.positions, [fill("O", Side.BUY, "1"), fill("C", Side.SELL, "1", "5001")])
        service = StatsService(store.trades)
        with store.database.transaction() as connection:
            connection.exec_driver_sql("UPDATE trade_record SET note = 'not yet'")
            found = service.answer(RunQuery("statistics", TradeFilter(ES.account_key, Mode.SIM)))
        assert isinstance(found, TradesFound)
        assert [one.note for one in found.trades] == [""]
        assert found.statistics.net == Decimal("45.8")


def test_the_reading_connection_cannot_write() -> None:
    refused = pytest.raises(Exception, match="readonly")
    with fresh_store() as store, store.database.read_only().connect() as connection, refused:
        connection.exec_driver_sql("DELETE FROM trade_record")


def test_times_are_compared_to_the_microsecond() -> None:
    with fresh_store() as store:
        late = START + timedelta(hours=1)
        closing = replace(fill("C", Side.SELL, "1", "5001"), fill_time=late)
        book(store.positions, [fill("O", Side.BUY, "1"), closing])
        for since, count in ((late, 1), (late + timedelta(microseconds=1), 0), (late - timedelta(microseconds=1), 1)):
            assert len(store.trades.trades(TradeFilter(ES.account_key, Mode.SIM, since))[0]) == count
