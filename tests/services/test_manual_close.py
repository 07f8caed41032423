"""A close nobody reported is recorded by hand: once, with what is known, and never without the broker or the symbol."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.commands import RecordClosed
from core.events import Level, Link
from core.model.fill import FillSource, Side
from core.model.recovery import ClosedBy
from core.snapshot import Certainty
from tests.fakes.engine import ES, MES, Desk, seen
from tests.services.outages import FULL, refusing

FORM = RecordClosed(
    ES, Decimal(2), Decimal("5010.25"), None, Decimal("4.20"), ClosedBy.BROKER_LIQUIDATION, "margin call, phone desk"
)


def closed_behind(desk: Desk) -> Desk:
    """Hold two, and have the broker say flat without a fill."""
    desk.buy(2)
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.settle()
    desk.tick(5)
    return desk


def test_what_is_recorded_ends_the_trade_with_its_own_price_time_and_costs(desk: Desk) -> None:
    closed_behind(desk)
    at = desk.clock.now() - timedelta(seconds=3)
    desk.handle(replace(FORM, closed_at=at))
    assert desk.quantity() == 0
    (trade,) = desk.snapshot.trades
    assert seen(trade.exit_price, trade.realized_pnl) == (Decimal("5010.25"), Decimal("1025.00"))
    assert trade.exit_time == at and trade.source is FillSource.MANUAL
    assert desk.snapshot.fills[-1].commission == Decimal("4.20")
    assert desk.broker.received[1:] == [], "no order is sent"
    desk.tick(5)
    assert desk.scope().certainty is Certainty.CONFIRMED and not desk.has_row()


def test_what_is_not_known_stays_unknown(desk: Desk) -> None:
    closed_behind(desk)
    desk.handle(replace(FORM, price=None, commission=None))
    (trade,) = desk.snapshot.trades
    assert seen(trade.exit_price, trade.realized_pnl) == (None, None)


def test_it_is_audited_with_note_and_cause(desk: Desk) -> None:
    closed_behind(desk)
    desk.handle(FORM)
    (row,) = [one for one in desk.memory.audit.rows if one.kind == "decision"]
    assert row.text == "ESZ6 recorded as closed: broker liquidation"
    assert row.data["note"] == "margin call, phone desk" and row.data["price"] == "5010.25"


def test_sent_twice_it_is_booked_once(desk: Desk) -> None:
    closed_behind(desk)
    desk.handle(FORM, FORM)
    assert len(desk.snapshot.fills) == 2
    assert desk.heard("is flat here")


def test_a_part_may_be_recorded(desk: Desk) -> None:
    closed_behind(desk)
    desk.handle(replace(FORM, quantity=Decimal(1)))
    assert desk.quantity() == 1
    assert desk.heard("ESZ6 Sim1: recorded as closed: broker liquidation, LONG 2 → LONG 1.")


def test_a_part_recorded_at_the_start_leaves_the_rest_to_be_decided(desk: Desk) -> None:
    desk.buy(2)
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.start()
    desk.handle(replace(FORM, quantity=Decimal(1)))
    assert desk.quantity() == 1 and desk.has_row() and desk.scope().lock
    assert seen(desk.snapshot.connections["sim"].link) == (Link.SYNCING,)
    desk.handle(replace(FORM, quantity=Decimal(1)))
    assert desk.quantity() == 0 and not desk.scope().lock
    assert seen(desk.snapshot.connections["sim"].link) == (Link.READY,)


def test_nothing_is_recorded_nor_decided_while_something_waits_for_the_database(desk: Desk) -> None:
    closed_behind(desk)
    desk.unsaved, desk.memory.disk.error = True, FULL
    desk.broker.by_hand(MES, Side.BUY, 1)
    desk.settle()
    desk.memory.disk.error = None
    desk.handle(FORM)
    assert desk.quantity() == 2 and desk.has_row() and desk.scope().lock
    assert desk.heard("Nothing was recorded: first what the database refused must be saved.")
    desk.tick(10)
    desk.handle(FORM)
    assert desk.quantity() == 0


def test_what_the_database_refuses_is_not_said_to_be_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_behind(desk)
    monkeypatch.setattr(desk.memory.positions, "record", refusing([]))
    desk.handle(FORM)
    assert desk.quantity() == 2 and not desk.heard("recorded as closed")
    assert desk.heard("The database did not store this", Level.ALARM)


def test_at_the_start_it_decides_the_row_and_opens_entries(desk: Desk) -> None:
    desk.buy(2)
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 2, told=False, trace=False)
    desk.clock.advance(60)
    desk.start()
    desk.handle(FORM)
    desk.tick(1)
    assert desk.quantity() == 0
    desk.buy(1)
    assert desk.quantity() == 1


Change = Callable[[RecordClosed], RecordClosed]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda form: replace(form, note=" x "), "say in a few words why"),
        (lambda form: replace(form, quantity=Decimal(3)), "2 is open here"),
        (lambda form: replace(form, quantity=Decimal(0)), "2 is open here"),
        (lambda form: replace(form, quantity=Decimal("NaN")), "2 is open here"),
        (lambda form: replace(form, quantity=Decimal("0.5")), "is not a multiple of 1"),
        (lambda form: replace(form, price=Decimal("5010.30")), "nearest prices are 5010.25 and 5010.50"),
        (lambda form: replace(form, price=Decimal("Infinity")), "must be a number"),
        (lambda form: replace(form, commission=Decimal(-1)), "they are 0 or more"),
    ],
)
def test_a_form_that_cannot_be_true_is_refused_with_the_reason(desk: Desk, change: Change, why: str) -> None:
    closed_behind(desk)
    desk.handle(change(FORM))
    assert desk.quantity() == 2
    assert desk.heard(why, Level.CAUTION)


@pytest.mark.parametrize(("seconds", "why"), [(120, "in a time to come"), (-3600, "before it was opened")])
def test_a_time_that_cannot_be_is_refused(desk: Desk, seconds: int, why: str) -> None:
    closed_behind(desk)
    desk.handle(replace(FORM, closed_at=desk.clock.now() + timedelta(seconds=seconds)))
    assert desk.quantity() == 2 and desk.heard(why)


def test_while_the_broker_holds_it_only_the_typed_symbol_records_it(desk: Desk) -> None:
    desk.buy(2)
    desk.tick(1)
    for typed in ("", "ES", "esz6"):
        desk.handle(replace(FORM, typed_symbol=typed))
        assert desk.quantity() == 2
    assert desk.heard("Type ESZ6 to record it anyway")
    desk.handle(replace(FORM, typed_symbol="ESZ6"))
    assert desk.quantity() == 0
    desk.tick(5)
    assert desk.scope().certainty is Certainty.MISMATCH, "the broker still holds it, and the window says so"
