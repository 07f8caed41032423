"""Every order that cannot work is refused with a sentence that names the value and what was expected."""

from __future__ import annotations

import pytest

from services.simulator.broker import SimulatedBroker
from services.simulator.orders import Side
from services.simulator.reports import OrderReport, Report, Why
from services.simulator.requests import Change, OrderName
from tests.services.simulator.venue import ES, MES, D, MemoryStore, book, broker, new_order

C1 = OrderName("", "C1", "Sim1")


@pytest.fixture
def venue() -> SimulatedBroker:
    return broker(MemoryStore())


def refused(reports: list[Report]) -> str:
    (report,) = (each for each in reports if isinstance(each, OrderReport))
    assert report.why in (Why.REFUSED, Why.REPLACE_REFUSED)
    return report.text


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"limit": "5849.75"}, "Limit price 5849.75 is outside the price band of 5850.00 to 7150.00"),
        ({"limit": "65000"}, "Limit price 65000 is outside the price band of 5850.00 to 7150.00"),
        ({"stop": "7150.25"}, "Stop price 7150.25 is outside the price band of 5850.00 to 7150.00"),
        (
            {"stop": "6510.00", "limit": "7200.00"},
            "Limit price 7200.00 is outside the price band of 5850.00 to 7150.00",
        ),
        ({"symbol": MES, "quantity": 501}, "Order quantity 501 is more than the largest order of 500"),
        ({"symbol": ""}, "Symbol (empty) is unknown"),
        ({"account": ""}, "Trade account (empty) is unknown"),
    ],
)
def test_an_order_outside_the_limits_is_refused(venue: SimulatedBroker, asked: dict[str, str], text: str) -> None:
    assert refused(venue.submit(new_order(**asked), 1)) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", ["5850.00", "7150.00"])
def test_the_edge_of_the_band_is_inside(venue: SimulatedBroker, limit: str) -> None:
    assert refused_or_none(venue.submit(new_order(limit=limit), 1)) is None


def test_the_band_goes_with_the_market(venue: SimulatedBroker) -> None:
    venue.on_events([book(bid="6000.00", ask="6000.25", last="6000.00")])
    assert "of 5400.00 to 6600.00" in refused(venue.submit(new_order(limit="6700.00"), 1))


def test_without_a_price_there_is_no_band() -> None:
    blind = broker(MemoryStore(), with_book=False)
    assert refused_or_none(blind.submit(new_order(limit="1.00"), 1)) is None


def test_a_change_has_to_keep_to_the_same_limits(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", limit="6490.00"), 1)
    assert "outside the price band" in refused(venue.replace(C1, Change(limit_price=D(5000)), 2))
    assert "is more than the largest order" in refused(venue.replace(C1, Change(quantity=D(501)), 2))
    assert "is more than the account value" in refused(venue.replace(C1, Change(quantity=D(50)), 2))
    (order,) = venue.records.open_orders()
    assert (order.quantity, order.limit_price) == (D(1), D("6490.00"))


def test_a_change_that_needs_no_more_margin_is_let_in_however_little_is_left(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", quantity=40, limit="6490.00"), 1)
    venue.submit(new_order("C2", Side.SELL, quantity=1), 1)
    venue.on_events([book(bid="6600.00", ask="6600.25", last="6600.00")])
    for change in (Change(quantity=D(39)), Change(limit_price=D(6480))):
        reports = venue.replace(C1, change, 2)
        assert [each.why for each in reports if isinstance(each, OrderReport)] == [Why.REPLACED]
    assert "is more than the account value" in refused(venue.replace(C1, Change(quantity=D(40)), 3))


def test_a_closed_market_takes_no_orders_and_no_changes_and_lets_go_what_works(venue: SimulatedBroker) -> None:
    venue.submit(new_order("C1", limit="6490.00"), 1)
    venue.close(ES, True)
    text = f"The market for {ES} is closed"
    assert refused(venue.submit(new_order("C2"), 2)) == text
    assert refused(venue.replace(C1, Change(limit_price=D(6480)), 2)) == text
    assert refused_or_none(venue.submit(new_order("C3", symbol=MES), 2)) is None
    (cancelled,) = (each for each in venue.cancel(C1, 3) if isinstance(each, OrderReport))
    assert cancelled.why is Why.CANCELLED
    venue.close(ES, False)
    assert refused_or_none(venue.submit(new_order("C4"), 4)) is None


def test_a_halted_market_takes_orders(venue: SimulatedBroker) -> None:
    venue.halt(ES, True)
    assert refused_or_none(venue.submit(new_order("C1"), 1)) is None
    assert not list(venue.records.fills)


def refused_or_none(reports: list[Report]) -> str | None:
    return next((each.text for each in reports if isinstance(each, OrderReport) and each.why is Why.REFUSED), None)
