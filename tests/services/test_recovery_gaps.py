"""What a broker's lists leave out, or call by another name: nothing is concluded from it, and nothing turns round."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core import commands, state_manager
from core.broker_report import BrokerSnapshot
from core.events import Level
from core.model.fill import FillSource, Side
from core.model.finding import FindingChoice, FindingKind
from core.model.order import OrderType
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import Mode, PositionKey
from core.snapshot import Certainty
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk, seen

NEXT = PositionKey("sim", "Sim1", "ESH7")
DAY_S = 24 * 3600.0


def keep_a_day(broker: FakeBroker) -> None:
    """Have the broker forget every execution older than a day."""
    oldest = broker.clock.now() - timedelta(days=1)
    broker.fills[:] = [one for one in broker.fills if (one.fill_time or oldest) > oldest]


@pytest.mark.row(80)
def test_a_position_older_than_the_brokers_history_keeps_its_side_and_takes_what_happened_since(desk: Desk) -> None:
    desk.buy(3)
    desk.stop()
    desk.clock.advance(9.5 * DAY_S)
    desk.broker.by_hand(ES, Side.SELL, 1, "5010")
    desk.clock.advance(0.5 * DAY_S)
    keep_a_day(desk.broker)
    desk.start()
    assert seen(desk.quantity(), desk.position().entry_price) == (2, 5000)
    assert not desk.has_row()


@pytest.mark.row(80)
@pytest.mark.parametrize("before", [0, 1])
def test_what_was_opened_before_the_brokers_history_begins_is_adopted_at_his_figure_and_marked(
    desk: Desk, before: int
) -> None:
    shown: set[Decimal] = set()
    if before:
        desk.buy(before)
    desk.stop()
    desk.broker.by_hand(ES, Side.BUY, 5, "5000")
    desk.clock.advance(9.5 * DAY_S)
    desk.broker.by_hand(ES, Side.SELL, 2, "5010")
    desk.clock.advance(0.5 * DAY_S)
    keep_a_day(desk.broker)
    desk.after.append(lambda: shown.add(desk.quantity()))
    desk.start()
    assert desk.row().situation is (Situation.SIZE_DIFFERS if before else Situation.ONLY_AT_BROKER)
    assert desk.scope().lock and desk.scope().certainty is not Certainty.CONFIRMED
    desk.tick(5)
    desk.decide(RecoveryChoice.ADOPT)
    desk.tick(1)
    assert desk.quantity() == desk.broker.positions[ES] == 3 + before
    assert min(shown) >= 0, "never on the other side"
    assert desk.snapshot.fills[-1].source is FillSource.RECON, "the lot nobody saw opened is marked"
    desk.restart()
    desk.tick(5)
    assert desk.quantity() == 3 + before and not desk.has_row()


def test_what_a_correction_took_in_long_ago_is_not_booked_beside_it(
    stored_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stored_desk
    desk.stop()
    desk.broker.by_hand(ES, Side.BUY, 5, trace=False)
    desk.clock.advance(60)
    desk.broker.by_hand(ES, Side.SELL, 2, "5010")
    desk.clock.advance(60)
    desk.start()
    desk.decide(RecoveryChoice.ADOPT)
    desk.clock.advance(60)
    monkeypatch.setattr(state_manager, "FILLS_SHOWN", 1)
    desk.buy(1)
    desk.buy(1)
    desk.broker.drop()
    desk.settle()
    desk.broker.connect()
    desk.settle()
    assert desk.quantity() == desk.broker.positions[ES] == 5


def test_a_turn_of_the_last_seconds_is_booked_though_the_brokers_figure_is_older(desk: Desk) -> None:
    desk.buy(1)
    desk.broker.drop()
    desk.settle()
    desk.broker.by_hand(ES, Side.SELL, 2, "5010")
    real = desk.broker.snapshot

    def crossed(since: datetime) -> BrokerSnapshot:
        """Have the positions been read before the turn, and the fills after it."""
        before = replace(desk.broker.position_rows()[0], quantity=Decimal(1))
        return replace(real(since), positions=(before,))

    desk.broker.snapshot = crossed  # type: ignore[method-assign]
    desk.broker.connect()
    desk.settle()
    assert desk.quantity() == -1
    desk.broker.snapshot = real  # type: ignore[method-assign]
    desk.tick(5)
    assert not desk.has_row()


@pytest.mark.row(82)
@pytest.mark.parametrize("live_first", [True, False])
def test_a_fill_told_live_while_everything_is_read_is_booked_once(desk: Desk, live_first: bool) -> None:
    desk.buy(2)
    desk.broker.drop()
    desk.settle()
    desk.by_hand = True
    desk.broker.connect()
    desk.broker.up = True
    desk.broker.by_hand(ES, Side.BUY, 1)
    told = list(desk.broker.out)
    desk.broker.out.clear()
    for message in told if live_first else reversed(told):
        desk.deliver(message)
    desk.by_hand = False
    desk.settle()
    desk.tick(10)
    assert desk.quantity() == desk.broker.positions[ES] == 3


@pytest.mark.row(87)
def test_a_position_of_a_live_account_comes_back_as_live_while_another_account_is_on_show() -> None:
    clock = ManualClock()
    broker = FakeBroker(clock, accounts=("Real", "Sim1"))
    desk = Desk(brokers=[broker], clock=clock, simulated=frozenset(), classify={"Sim1": Mode.SIM, "Real": Mode.LIVE})
    desk.start()
    real = PositionKey("sim", "Real", "ESZ6")
    broker.by_hand(real, Side.BUY, 1)
    desk.settle()
    desk.restart()
    assert desk.quantity(real) == 1 and ES not in desk.snapshot.positions
    assert seen(desk.snapshot.accounts[real.account_key].mode, desk.snapshot.accounts[ACCOUNT].mode) == (
        Mode.LIVE,
        Mode.SIM,
    )
    assert desk.memory.positions.modes[real] is Mode.LIVE


def test_the_stop_of_a_position_whose_target_filled_while_the_line_was_down_is_an_orphan_to_decide(
    desk: Desk,
) -> None:
    desk.buy(2)
    desk.press(Side.SELL, 2, OrderType.STOP, "4990")
    stop = desk.broker.last()
    desk.press(Side.SELL, 2, OrderType.LIMIT, "5020")
    target = desk.broker.last()
    desk.broker.drop()
    desk.settle()
    desk.broker.fill(target, 2, "5020")
    desk.clock.advance(30)
    desk.broker.connect()
    desk.settle()
    desk.tick(5)
    (finding,) = desk.snapshot.findings
    assert seen(desk.quantity(), stop.alive, finding.kind) == (0, True, FindingKind.ORPHAN_ORDER)
    assert any(one.level is Level.ALARM for one in desk.said)
    desk.buy(1)
    assert desk.quantity() == 0, "no entry passes beside it"
    desk.handle(commands.DecideFinding(finding.key, finding.name, FindingChoice.CANCEL_ORDER, finding.version))
    assert not stop.alive


@pytest.mark.row(90)
def test_a_position_under_another_symbol_is_another_position_and_an_alarm(desk: Desk) -> None:
    desk.buy(2)
    desk.stop()
    desk.broker.by_hand(ES, Side.SELL, 2, trace=False)
    desk.broker.by_hand(NEXT, Side.BUY, 2, trace=False)
    desk.start()
    assert seen(desk.row().situation, desk.row(NEXT).situation) == (
        Situation.CLOSED_AT_BROKER,
        Situation.ONLY_AT_BROKER,
    )
    assert desk.scope().lock and desk.scope(NEXT).lock
    assert seen(desk.quantity(), desk.quantity(NEXT)) == (2, 0), "nothing is moved from one to the other"


@pytest.mark.row(90)
def test_a_position_that_appears_under_another_symbol_while_trading_is_an_alarm(desk: Desk) -> None:
    desk.broker.by_hand(NEXT, Side.BUY, 2, trace=False)
    desk.settle()
    desk.tick(5)
    assert desk.scope(NEXT).lock and desk.scope(NEXT).broker_quantity == Decimal(2)
    assert any(one.level is Level.ALARM and "ESH7" in one.text for one in desk.said)
