"""Every refusal has its sentence; what only reduces passes them all."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.events import Link, LinkChanged
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.operation import CloseStep
from core.model.order import OrderState, OrderType
from core.model.recovery import RecoveryChoice
from core.model.scope import Mode, PositionKey
from core.snapshot import Certainty
from tests.fakes.broker import Answers, Fate
from tests.fakes.engine import ACCOUNT, ES, Desk

Obstacle = Callable[[Desk], None]


def halted(desk: Desk) -> None:
    desk.state.halt("A test said so.")


def panicked(desk: Desk) -> None:
    desk.state.set_lock("Locked by panic.")


def doubtful(desk: Desk) -> None:
    desk.handle(LinkChanged("sim", Link.DOUBTFUL, desk.clock.now()))


def blocked(desk: Desk) -> None:
    desk.state.block_entries("sim", "a reason of the connection.")


def locked(desk: Desk) -> None:
    desk.state.set_scope(replace(desk.scope(), lock="a reason of the scope."))


def mismatched(desk: Desk) -> None:
    desk.state.set_scope(replace(desk.scope(), certainty=Certainty.MISMATCH))


def classified(mode: Mode | None) -> Obstacle:
    def act(desk: Desk) -> None:
        desk.state.set_account(replace(desk.snapshot.accounts[ACCOUNT], mode=mode))

    return act


def disabled(desk: Desk) -> None:
    desk.state.set_account(replace(desk.snapshot.accounts[ACCOUNT], trading_disabled=True))


def market_data_only(desk: Desk) -> None:
    desk.state.set_connection(replace(desk.snapshot.connections["sim"], trading_supported=False))


def unknown_order(desk: Desk) -> None:
    desk.broker.script.snapshot = Answers.SILENT
    desk.broker.script.hold_acks = True
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990")
    desk.tick(11)
    desk.broker.script.hold_acks = False


OBSTACLES: dict[str, tuple[Obstacle, str]] = {
    "halted": (halted, "entries are halted. A test said so."),
    "panicked": (panicked, "entries are locked. Locked by panic."),
    "doubtful": (doubtful, "the line sim is doubtful; entries open when the broker's state has been read."),
    "blocked": (blocked, "a reason of the connection."),
    "locked": (locked, "a reason of the scope."),
    "mismatched": (mismatched, "here and at the broker ESZ6 differs; reconcile it first."),
    "unclassified": (classified(None), "Sim1 is not classified, so it acts as LIVE; say first what it is."),
    "LIVE": (classified(Mode.LIVE), "Sim1 is LIVE and not armed."),
    "EVAL": (classified(Mode.EVAL), "Sim1 is EVAL and not armed."),
    "disabled": (disabled, "the broker does not accept orders for Sim1."),
    "no trading": (market_data_only, "the broker does not accept orders for Sim1."),
    "unknown order": (unknown_order, "an order in ESZ6 has an unknown outcome; the broker is being asked about it."),
}


@pytest.mark.row(85, 130)
@pytest.mark.parametrize("name", OBSTACLES)
def test_an_entry_is_refused_with_the_reason(desk: Desk, name: str) -> None:
    obstacle, sentence = OBSTACLES[name]
    desk.buy(1)
    obstacle(desk)
    sent = len(desk.broker.received)
    desk.buy(1)
    assert len(desk.broker.received) == sent
    assert sentence in desk.texts()[-1]
    assert desk.texts()[-1].startswith("Not sent: ")


@pytest.mark.row(85)
@pytest.mark.parametrize("name", OBSTACLES)
def test_an_order_that_only_reduces_passes(desk: Desk, name: str) -> None:
    obstacle, _ = OBSTACLES[name]
    desk.buy(2)
    obstacle(desk)
    sent = len(desk.broker.received)
    desk.sell(1)
    desk.press(Side.SELL, 1, OrderType.STOP, "4980")
    assert len(desk.broker.received) == sent + 2


def test_a_refused_press_may_be_pressed_again(desk: Desk) -> None:
    desk.state.block_entries("sim", "wait.")
    desk.buy(1)
    desk.state.block_entries("sim", "")
    desk.buy(1)
    assert desk.quantity() == 1


@pytest.mark.row(85)
@pytest.mark.parametrize("situation", ["offline", "syncing", "never connected"])
def test_an_entry_needs_a_line_whose_state_has_been_read(desk: Desk, situation: str) -> None:
    if situation == "never connected":
        desk.kill()
        desk.start(connect=False)
    else:
        desk.broker.drop()
        desk.settle()
    if situation == "syncing":
        desk.broker.script.snapshot = Answers.SILENT
        desk.broker.connect()
        desk.settle()
    desk.buy(1)
    word = {"offline": "offline", "syncing": "syncing", "never connected": "not connected"}[situation]
    assert desk.heard(f"the line sim is {word}")
    assert desk.broker.received == []


def test_an_entry_needs_an_account_the_broker_named(desk: Desk) -> None:
    desk.buy(1, key=PositionKey("sim", "Nobody", "ESZ6"))
    assert desk.heard("Not sent: the broker has not named an account Nobody.")


@pytest.mark.parametrize("instrument", [None, Instrument("NQZ6", description="No such symbol.")])
def test_an_entry_needs_a_contract_the_venue_defined(desk: Desk, instrument: Instrument | None) -> None:
    if instrument is not None:
        desk.state.set_instrument("sim", instrument)
    desk.buy(1, key=PositionKey("sim", "Sim1", "NQZ6"))
    assert desk.heard("Not sent: the contract NQZ6 is not known.")
    assert desk.broker.received == []


def test_no_entry_while_the_scope_is_being_closed(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.market_price = None
    desk.close()
    assert desk.operation().step is CloseStep.SENT
    desk.buy(1)
    assert desk.heard("Not sent: ESZ6 is being closed")


def test_no_entry_beside_an_ignored_difference(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.broker.connect()
    desk.settle()
    desk.decide(RecoveryChoice.IGNORE)
    desk.buy(1)
    assert desk.heard("Not sent: this scope was left undecided")


# -- arithmetic -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "price", "sentence"),
    [
        (OrderType.LIMIT, "5000.10", "5000.10 is off tick; the nearest prices are 5000.00 and 5000.25."),
        (OrderType.STOP, "5000.13", "5000.13 is off tick; the nearest prices are 5000.00 and 5000.25."),
        (OrderType.LIMIT, None, "a limit order needs a price."),
        (OrderType.STOP, None, "a stop order needs a trigger price."),
        (OrderType.LIMIT, "NaN", "quantity and prices must be numbers."),
    ],
)
def test_a_price_that_cannot_be_is_refused(desk: Desk, type_: OrderType, price: str | None, sentence: str) -> None:
    desk.press(Side.BUY, 1, type_, price)
    assert desk.heard(f"Not sent: {sentence}")
    assert desk.broker.received == [] and not desk.snapshot.halted


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        ("0", "the quantity is 0; it must be more than zero."),
        ("-1", "the quantity is -1; it must be more than zero."),
        ("1.5", "the quantity 1.5 is not a multiple of 1."),
        ("NaN", "quantity and prices must be numbers."),
        ("Infinity", "quantity and prices must be numbers."),
    ],
)
def test_a_quantity_that_cannot_be_is_refused(desk: Desk, quantity: str, sentence: str) -> None:
    desk.press(Side.BUY, quantity)
    assert desk.heard(f"Not sent: {sentence}")
    assert desk.broker.received == [] and not desk.snapshot.halted


def test_a_price_on_the_grid_is_sent_as_it_is(desk: Desk) -> None:
    desk.press(Side.BUY, 1, OrderType.LIMIT, "4990.75")
    assert desk.broker.received[0].price == Decimal("4990.75")


def test_a_reducing_order_beside_others_must_not_reverse(desk: Desk) -> None:
    desk.buy(3)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5030")
    assert len(desk.broker.received) == 2
    assert desk.heard("2 of 3 are already being closed by working orders; this would reverse the position.")


def test_a_stop_and_a_target_of_one_position_are_alternatives(desk: Desk) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    desk.press(Side.SELL, 2, OrderType.STOP, "4980")
    assert len(desk.broker.received) == 3


def test_an_order_beyond_the_position_is_an_entry(desk: Desk) -> None:
    desk.buy(2)
    desk.state.block_entries("sim", "no entries.")
    desk.sell(3)
    assert desk.heard("Not sent: no entries.")
    assert len(desk.broker.received) == 1


def test_an_exit_whose_outcome_is_unknown_counts_as_working(desk: Desk) -> None:
    desk.buy(2)
    desk.broker.script.fate = Fate.SEEN
    desk.broker.script.market_price = None
    desk.sell(2)
    assert desk.order().state is OrderState.UNKNOWN
    desk.sell(1)
    assert desk.heard("2 of 2 are already being closed by working orders")
    assert len(desk.broker.received) == 2


@pytest.mark.row(137)
def test_an_entry_on_a_stale_price_has_to_be_confirmed_and_an_exit_goes(desk: Desk) -> None:
    desk.buy(1)
    desk.state.put_quote("sim", Quote("ESZ6", last=Decimal(5000), stale=True))
    desk.tick(15)
    desk.press(Side.BUY, 1, confirmed=False)
    assert desk.heard("The price on show is old") and desk.quantity() == 1
    desk.press(Side.BUY, 1)
    assert desk.quantity() == 2
    desk.press(Side.SELL, 2, confirmed=False)
    assert desk.quantity() == 0
