"""How sure we are: the broker's explicit word beside ours, and how old a difference is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core import commands
from core.events import Level, Link, LinkChanged, PositionReported
from core.model.fill import Side
from core.model.order import OrderType
from core.model.recovery import RecoveryChoice
from core.snapshot import Certainty
from services.certainty_service import GRACE_S
from tests.fakes.broker import Answers
from tests.fakes.engine import ES, MES, Desk


def told(desk: Desk, quantity: int) -> None:
    """Have the broker state a position, right or wrong."""
    row = replace(desk.broker.position_rows()[0], quantity=Decimal(quantity), received_at=desk.clock.now())
    desk.handle(PositionReported(row))


def test_an_explicit_figure_that_equals_ours_is_confirmed(desk: Desk) -> None:
    desk.buy(2)
    assert desk.scope().certainty is Certainty.CONFIRMED
    assert desk.scope().broker_quantity == 2


def test_a_fill_without_a_report_is_pending_then_a_mismatch_once(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.snapshot = Answers.SILENT
    told(desk, 3)
    desk.tick(GRACE_S)
    assert desk.scope().certainty is Certainty.PENDING
    desk.tick(0.5)
    assert desk.scope().certainty is Certainty.MISMATCH
    desk.tick(20)
    assert sum("here LONG 1, broker LONG 3" in text for text in desk.texts()) == 1
    told(desk, 1)


@pytest.mark.row(142)
@pytest.mark.parametrize("jump_s", [-3600.0, 4.0])  # further ahead it looks like a computer that slept
def test_the_grace_is_no_matter_of_the_wall_clock(desk: Desk, jump_s: float) -> None:
    desk.buy(1)
    desk.broker.script.snapshot = Answers.SILENT
    told(desk, 3)
    desk.clock.jump_wall(jump_s)
    desk.tick(1)
    assert desk.scope().certainty is Certainty.PENDING
    desk.tick(3)
    assert desk.scope().certainty is Certainty.MISMATCH
    told(desk, 1)


@pytest.mark.row(142)
@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_after_the_wall_clock_was_set_the_brokers_word_still_counts(desk: Desk, jump_s: float) -> None:
    desk.buy(1)
    desk.clock.jump_wall(jump_s)
    desk.broker.by_hand(ES, Side.BUY, 1, told=False, trace=False)
    desk.tick(35)
    assert desk.scope().certainty is Certainty.MISMATCH and desk.has_row()
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick()
    assert desk.scope().certainty is Certainty.CONFIRMED


def test_a_difference_that_closes_in_time_is_none(desk: Desk) -> None:
    desk.buy(1)
    told(desk, 3)
    desk.tick(2)
    told(desk, 1)
    desk.tick(2)
    told(desk, 3)
    desk.tick(2)
    assert desk.scope().certainty is Certainty.PENDING
    told(desk, 1)
    assert desk.scope().certainty is Certainty.CONFIRMED
    assert not any(one.level is Level.ALARM for one in desk.said)


def test_another_difference_is_a_new_one_with_an_alarm_of_its_own(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.snapshot = Answers.SILENT
    told(desk, 3)
    desk.tick(4)
    told(desk, 5)
    desk.tick()
    assert desk.scope().certainty is Certainty.PENDING and desk.scope().lock
    desk.tick(4)
    assert desk.scope().certainty is Certainty.MISMATCH
    assert [text[:40] for text in desk.texts() if "broker" in text and "here LONG 1" in text] == [
        "ESZ6 Sim1: here LONG 1, broker LONG 3. N",
        "ESZ6 Sim1: here LONG 1, broker LONG 5. N",
    ]
    told(desk, 1)


def test_an_order_in_flight_makes_the_scope_pending(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.tick()
    assert desk.scope().certainty is Certainty.PENDING
    desk.broker.release()
    desk.settle()
    desk.tick()
    assert desk.scope().certainty is Certainty.CONFIRMED


@pytest.mark.parametrize("link", [Link.OFFLINE, Link.REFUSED, Link.DOUBTFUL, Link.CONNECTING])
def test_a_line_that_is_not_heard_makes_everything_stale(desk: Desk, link: Link) -> None:
    desk.buy(1)
    desk.handle(LinkChanged("sim", link, desk.clock.now()))
    assert desk.scope().certainty is Certainty.STALE


def test_a_figure_of_the_connection_before_confirms_nothing(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.drop()
    desk.settle()
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.connect()
    desk.settle()
    assert desk.scope().certainty is Certainty.UNVERIFIED
    assert desk.scope().broker_quantity is None


def test_a_list_that_leaves_a_position_out_makes_it_fills_only_not_flat(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.script.omitted.add("ESZ6")
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()
    desk.settle()
    assert desk.scope().certainty is Certainty.FILLS_ONLY


def test_a_broker_that_lists_no_positions_leaves_fills_only() -> None:
    desk = Desk()
    desk.broker.script.lists_positions = False
    desk.start().buy(1)
    assert desk.scope().certainty is Certainty.FILLS_ONLY


def test_an_explicit_zero_stays_confirmed_over_a_reconnect_that_does_not_mention_it(desk: Desk) -> None:
    desk.buy(1)
    desk.sell(1)
    assert desk.scope().certainty is Certainty.CONFIRMED
    desk.broker.script.zeros = False
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()
    desk.settle()
    assert desk.scope().certainty is Certainty.CONFIRMED


def test_a_report_that_carries_no_quantity_is_no_report(desk: Desk) -> None:
    desk.buy(1)
    row = replace(desk.broker.position_rows()[0], quantity=None)
    desk.handle(PositionReported(row))
    assert desk.scope().broker_quantity == 1


def test_a_report_older_than_the_one_we_have_is_not_taken(desk: Desk) -> None:
    desk.buy(1)
    old = replace(
        desk.broker.position_rows()[0], quantity=Decimal(9), received_at=desk.clock.now() - timedelta(seconds=1)
    )
    desk.handle(PositionReported(old))
    assert desk.scope().broker_quantity == 1


def test_a_zero_of_a_scope_nobody_asked_about_is_not_kept(desk: Desk) -> None:
    desk.broker.positions[MES] = Decimal(0)
    told_before = dict(desk.snapshot.scopes)
    desk.broker.request_positions(MES.account_key)
    desk.settle()
    assert dict(desk.snapshot.scopes) == told_before


def test_the_scope_on_show_is_judged_though_nothing_was_ever_open_in_it(desk: Desk) -> None:
    desk.handle(commands.SelectSymbol("sim", "ESZ6"))
    assert desk.scope().certainty is Certainty.FILLS_ONLY


@pytest.mark.row(76)
def test_a_position_only_the_broker_has_is_a_mismatch_and_an_alarm(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.BUY, 2, trace=False)
    desk.settle()
    desk.tick(4)
    assert desk.scope().certainty is Certainty.MISMATCH
    assert desk.heard("here flat, broker LONG 2", Level.ALARM)
