"""What the trader is told of fills and lines."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.announcement import About
from core.events import FillReceived, Level, Link, LinkChanged, VenueSpoke
from core.model.fill import Fill, Side
from tests.fakes.engine import ES, Desk


def test_a_fill_is_told_in_a_sentence(desk: Desk) -> None:
    desk.buy(2)
    assert desk.heard("Bought 2 ESZ6 @ 5000.00, Sim1.", Level.SUCCESS)


def test_a_fill_made_while_away_says_when(desk: Desk) -> None:
    desk.stop()
    desk.broker.by_hand(ES, Side.BUY, 1)
    desk.clock.advance(60)
    desk.start()
    assert desk.heard("While away: Bought 1 ESZ6 @ 5000.00, Sim1 at 2026-11-20 14:30:00 UTC.")


def test_a_line_that_falls_is_told_and_one_that_never_was_up_is_not(desk: Desk) -> None:
    now = desk.clock.now()
    desk.handle(LinkChanged("sim", Link.OFFLINE, now, "The server closed."))
    desk.handle(LinkChanged("sim", Link.OFFLINE, now + timedelta(seconds=1), "No route."))
    told = [one.text for one in desk.said if "offline" in one.text]
    assert told == ["sim is offline: The server closed. Exits held by the broker keep working."]


def test_a_refused_line_says_that_it_is_not_tried_again(desk: Desk) -> None:
    desk.handle(LinkChanged("sim", Link.REFUSED, desk.clock.now(), "Wrong password."))
    assert desk.heard("sim refused the connection: Wrong password. It is not tried again by itself.", Level.ERROR)


@pytest.mark.parametrize(("urgent", "level"), [(True, Level.CAUTION), (False, Level.INFO)])
def test_the_brokers_words_are_passed_on(desk: Desk, urgent: bool, level: Level) -> None:
    desk.handle(VenueSpoke("sim", "Margins rise tonight.", urgent))
    assert desk.heard("sim: Margins rise tonight.", level)


def test_a_fill_at_an_odd_price_says_so(desk: Desk) -> None:
    now = desk.clock.now()
    odd = Fill(ES, "X1", Side.BUY, Decimal(1), Decimal("5000.1"), now, now, off_tick=True)
    desk.handle(FillReceived(odd))
    assert desk.heard("Bought 1 ESZ6 @ 5000.10, Sim1 (off tick).")


def test_partial_fills_say_how_far_their_order_is_and_which_was_the_last(desk: Desk) -> None:
    desk.broker.script.market_price = None
    desk.buy(3)
    (placed,) = desk.broker.orders.values()
    for quantity in (1, 2):
        desk.broker.fill(placed, quantity)
        desk.settle()
    fills = [one for one in desk.said if one.about is About.FILL]
    assert [one.text for one in fills] == [
        "Bought 1 ESZ6 @ 5000.00, Sim1 (1 of 3).",
        "Bought 2 ESZ6 @ 5000.00, Sim1 (3 of 3).",
    ]
    assert [one.is_last for one in fills] == [False, True]
    assert len({one.cause for one in fills}) == 1
