"""How long orders work: the session of their product, a date, at once, or until cancelled."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.simulator.lifetime import end_of_day
from services.simulator.orders import TimeInForce
from services.simulator.reports import OrderReport, Why
from tests.services.simulator.venue import ES, MemoryStore, book, broker, new_order

BTC = "BTC-PERP"


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("symbol", "received", "ends"),
    [
        (ES, "2026-11-23 15:00", "2026-11-23 22:00"),  # 16:00 in Chicago
        (ES, "2026-11-23 22:00", "2026-11-24 22:00"),  # in the break: the session to come
        (ES, "2026-11-23 23:00", "2026-11-24 22:00"),
        (ES, "2026-11-21 12:00", "2026-11-23 22:00"),  # on a Saturday
        (ES, "2026-07-06 15:00", "2026-07-06 21:00"),  # in summer
        (ES, "2026-11-27 15:00", "2026-11-27 18:15"),  # the day after Thanksgiving ends early
        (BTC, "2026-11-21 12:00", "2026-11-22 00:00"),
    ],
)
def test_a_day_order_is_good_to_the_end_of_the_session_that_is_on_or_to_come(
    symbol: str, received: str, ends: str
) -> None:
    assert end_of_day(symbol, us(received)) == us(ends)


def test_a_day_order_ends_with_the_session_and_one_until_cancelled_does_not() -> None:
    venue = broker(MemoryStore(), with_book=False)
    venue.on_events([book(at_us=us("2026-11-23 15:00"))])
    noon = us("2026-11-23 18:00")
    venue.submit(new_order("C1", limit="6490.00"), noon)
    venue.submit(new_order("C2", limit="6490.00", time_in_force=TimeInForce.GTC), noon)
    end = venue.end_of_day(ES, noon)
    assert [each for each in venue.advance(end - 1) if isinstance(each, OrderReport)] == []
    (ended,) = [each for each in venue.advance(end) if isinstance(each, OrderReport)]
    assert (ended.order.client_order_id, ended.why) == ("C1", Why.CANCELLED)
    assert ended.text == "Day order: expired at the end of the session"
    venue.advance(end + 10 * 86_400_000_000)
    assert [each.client_order_id for each in venue.records.open_orders()] == ["C2"]


def test_a_day_order_that_outlived_its_session_while_nobody_ran_the_simulator_is_ended_at_the_start() -> None:
    store = MemoryStore()
    venue = broker(store, with_book=False)
    venue.submit(new_order("C1", limit="6490.00"), us("2026-11-23 18:00"))
    again = broker(store, with_book=False)
    assert len(again.records.open_orders()) == 1
    again.advance(us("2026-11-24 09:00"))
    assert again.records.open_orders() == []
    (order,) = again.records.orders
    assert order.updated_us == us("2026-11-23 22:00")


def test_what_was_asked_for_before_the_end_comes_before_it() -> None:
    venue = broker(MemoryStore(), latency_us=1_000, with_book=False)
    venue.on_events([book(at_us=us("2026-11-23 15:00"))])
    venue.submit(new_order("C1", limit="6490.00"), us("2026-11-23 21:00"))
    end = us("2026-11-23 22:00")
    reports = venue.submit(new_order("C2", limit="6490.00"), end - 2_000) + venue.advance(end + 5)
    told = [each for each in reports if isinstance(each, OrderReport)]
    assert [(each.order.client_order_id, each.why) for each in told] == [
        ("C1", Why.ACCEPTED),
        ("C2", Why.ACCEPTED),
        ("C1", Why.CANCELLED),
        ("C2", Why.CANCELLED),
    ]
