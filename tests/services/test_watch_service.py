"""The watchlist keeps its symbols subscribed, in the trader's order, and is remembered."""

from core.events import FillReceived
from core.watch_commands import UnwatchSymbol, WatchSymbol
from services.watch_service import MOST_WATCHED
from tests.fakes.engine import Desk


def test_a_symbol_that_is_added_is_subscribed_shown_last_and_remembered(desk: Desk) -> None:
    desk.handle(WatchSymbol("sim", "NQZ6"), WatchSymbol("sim", "ESZ6"))
    assert desk.snapshot.watched == (("sim", "NQZ6"), ("sim", "ESZ6")) == desk.watch_memory.kept
    assert desk.broker.subscribed == ["NQZ6", "ESZ6"]


def test_a_symbol_is_in_the_list_once_and_must_have_a_name_and_a_line(desk: Desk) -> None:
    desk.handle(WatchSymbol("sim", "NQZ6"), WatchSymbol("sim", "NQZ6"))
    desk.handle(WatchSymbol("sim", ""), WatchSymbol("elsewhere", "NQZ6"))
    assert desk.snapshot.watched == (("sim", "NQZ6"),) and desk.broker.subscribed == ["NQZ6"]


def test_a_symbol_that_is_taken_off_is_forgotten(desk: Desk) -> None:
    desk.handle(WatchSymbol("sim", "NQZ6"), WatchSymbol("sim", "ESZ6"), UnwatchSymbol("sim", "NQZ6"))
    assert desk.snapshot.watched == (("sim", "ESZ6"),) == desk.watch_memory.kept
    desk.handle(UnwatchSymbol("sim", "NQZ6"))
    assert desk.snapshot.watched == (("sim", "ESZ6"),)


def test_a_line_that_is_back_has_every_symbol_subscribed_again(desk: Desk) -> None:
    desk.handle(WatchSymbol("sim", "NQZ6"), WatchSymbol("sim", "ESZ6"))
    desk.broker.drop()
    desk.settle()
    desk.broker.subscribed.clear()
    desk.broker.connect()
    desk.settle()
    assert {"NQZ6", "ESZ6"} <= set(desk.broker.subscribed)


def test_the_list_ends_where_nobody_could_look_it_over(desk: Desk) -> None:
    desk.handle(*(WatchSymbol("sim", f"S{number}") for number in range(MOST_WATCHED + 3)))
    assert len(desk.snapshot.watched) == MOST_WATCHED


def test_an_execution_that_is_told_again_is_counted(desk: Desk) -> None:
    desk.buy(1)
    assert desk.snapshot.duplicates == 0
    (fill,) = desk.snapshot.fills
    desk.handle(FillReceived(fill))
    assert desk.snapshot.duplicates == 1 and desk.snapshot.fills == (fill,)
