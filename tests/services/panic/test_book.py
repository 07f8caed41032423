"""What a panic makes of the broker's words: what works, what has moved, and what may be sent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.broker_report import OrderReport, ReportKind
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from core.model.scope import PositionKey
from services.panic.book import Book, Closing, closing, surely_open

KEY = PositionKey("venue", "Sim1", "ES")
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
STOP = OrderReport(
    KEY, "c1", "s1", ReportKind.ACCEPTED, OrderState.WORKING, NOW, Side.SELL, OrderType.STOP, Decimal(2), Decimal(0)
)


def test_what_a_fresh_list_lacks_works_no_more() -> None:
    book = Book()
    book.take(STOP)
    assert book.working(["Sim1"]) == (STOP,) and book.working(["Sim2"]) == ()
    book.list_orders([])
    assert book.working(["Sim1"]) == () and book.ended("s1")


def test_an_order_under_a_new_id_is_not_two() -> None:
    book = Book()
    book.take(STOP)
    book.take(replace(STOP, server_order_id="s2", previous_server_order_id="s1", kind=ReportKind.REPLACED))
    assert [one.server_order_id for one in book.working(["Sim1"])] == ["s2"]


def test_a_refused_cancel_does_not_end_an_order() -> None:
    book = Book()
    book.take(STOP)
    book.take(replace(STOP, kind=ReportKind.CANCEL_REFUSED, state=None))
    assert len(book.working(["Sim1"])) == 1


def test_fills_are_counted_once_and_what_was_filled_before_is_none() -> None:
    book = Book()
    book.begin()
    book.list_orders([replace(STOP, filled_quantity=Decimal(1))])
    assert book.filled_since() == {}
    full = replace(STOP, kind=ReportKind.FILLED, state=OrderState.FILLED, filled_quantity=Decimal(2))
    book.take(full)
    book.take(full)
    assert book.filled_since() == {KEY: Decimal(-1)}


@pytest.mark.parametrize(
    ("held", "stuck", "sent", "left"),
    [
        ("2", [], [Closing(KEY, Side.SELL, Decimal(2))], 0),
        ("-3", [], [Closing(KEY, Side.BUY, Decimal(3))], 0),
        ("0", [STOP], [], 0),
        ("3", [STOP], [Closing(KEY, Side.SELL, Decimal(1))], 1),
        ("2", [STOP], [], 1),
        ("3", [replace(STOP, filled_quantity=Decimal(1))], [Closing(KEY, Side.SELL, Decimal(2))], 1),
        ("3", [replace(STOP, quantity=None)], [], 1),
        ("3", [replace(STOP, side=Side.BUY)], [Closing(KEY, Side.SELL, Decimal(3))], 0),
        ("3", [replace(STOP, key=replace(KEY, symbol="NQ"))], [Closing(KEY, Side.SELL, Decimal(3))], 0),
    ],
)
def test_what_is_sent_and_what_would_not_be_cancelled_never_close_more_than_is_open(
    held: str, stuck: list[OrderReport], sent: list[Closing], left: int
) -> None:
    orders, words = closing({KEY: Decimal(held)}, stuck)
    assert (list(orders), len(words)) == (sent, left)


@pytest.mark.parametrize(
    ("held", "expected", "sure"),
    [("2", "2", "2"), ("2", "0", "0"), ("3", "2", "2"), ("-1", "-2", "-1"), ("2", "-2", "0")],
)
def test_of_two_figures_the_smaller_is_surely_open(held: str, expected: str, sure: str) -> None:
    assert surely_open({KEY: Decimal(held)}, {KEY: Decimal(expected)}).get(KEY, 0) == Decimal(sure)
