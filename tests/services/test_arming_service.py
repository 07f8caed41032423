"""Entries of real consequence pass only while armed, and nothing stays armed that anything speaks against."""

from collections.abc import Callable

import pytest

from core import commands
from core.events import GapDetected, Level, Link
from core.model.fill import Side
from core.model.scope import AccountKey, Mode
from core.snapshot import Certainty
from services.arming_service import ARMED_S
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk

OTHER = AccountKey("sim", "Sim2")


def real(mode: Mode | None = Mode.LIVE) -> Desk:
    """Return a desk at a broker whose accounts are not SIM by construction."""
    clock = ManualClock()
    broker = FakeBroker(clock, accounts=("Sim1", "Sim2"))
    classify = {} if mode is None else {"Sim1": mode, "Sim2": mode}
    return Desk(brokers=[broker], clock=clock, simulated=frozenset(), classify=classify).start()


def armed(desk: Desk) -> bool:
    return ACCOUNT in desk.snapshot.armed


def armed_desk(mode: Mode = Mode.LIVE) -> Desk:
    desk = real(mode)
    desk.handle(commands.ArmAccount(ACCOUNT))
    assert armed(desk)
    return desk


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_an_entry_passes_only_while_its_account_is_armed(mode: Mode) -> None:
    desk = real(mode)
    desk.buy(1)
    assert desk.quantity() == 0 and desk.heard(f"Sim1 is {mode.value} and not armed.")
    desk.handle(commands.ArmAccount(ACCOUNT))
    desk.buy(1)
    assert desk.quantity() == 1
    desk.handle(commands.DisarmAccount(ACCOUNT))
    desk.buy(1)
    assert desk.quantity() == 1


@pytest.mark.row(105)
@pytest.mark.parametrize(("mode", "passes"), [(Mode.LIVE, False), (Mode.EVAL, True)])
def test_no_live_account_is_armed_while_its_data_folder_is_no_safe_place(mode: Mode, passes: bool) -> None:
    desk = real(mode)
    desk.state.set_unfit("The data folder lies on a network.")
    desk.handle(commands.ArmAccount(ACCOUNT))
    assert armed(desk) is passes
    assert desk.heard("Not armed: The data folder lies on a network.") is not passes


def test_what_reduces_passes_disarmed() -> None:
    desk = armed_desk()
    desk.buy(2)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    desk.sell(1)
    assert desk.quantity() == 1
    desk.close()
    desk.tick(2)
    assert desk.quantity() == 0


def test_a_reversal_is_an_entry() -> None:
    desk = armed_desk()
    desk.buy(1)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    desk.sell(2)
    assert desk.quantity() == 1


@pytest.mark.row(130)
def test_arming_one_account_arms_no_other() -> None:
    desk = armed_desk()
    assert OTHER not in desk.snapshot.armed


def drop(desk: Desk) -> None:
    desk.broker.drop()
    desk.settle()


def mismatch(desk: Desk) -> None:
    desk.broker.by_hand(ES, Side.BUY, 1, trace=False)
    desk.settle()
    desk.tick(5)
    assert desk.scope().certainty is Certainty.MISMATCH


ENDS: dict[str, Callable[[Desk], object]] = {
    "another account is shown": lambda desk: desk.handle(commands.SelectAccount(OTHER)),
    "the line is interrupted": drop,
    "messages may be missing": lambda desk: desk.handle(GapDetected("sim", "dropped")),
    "differs": mismatch,
    "nobody touched the window": lambda desk: desk.tick(ARMED_S + 1, 30),
    "it is being flattened": lambda desk: desk.handle(commands.FlattenAccount("F1", ACCOUNT)),
    "by the trader": lambda desk: desk.handle(commands.DisarmAccount(ACCOUNT)),
}


@pytest.mark.row(130)
@pytest.mark.parametrize("why", ENDS)
def test_it_is_disarmed_and_said_why(why: str) -> None:
    desk = armed_desk()
    ENDS[why](desk)
    assert not armed(desk)
    assert desk.heard(why, Level.CAUTION)


@pytest.mark.row(144)
def test_waking_from_sleep_disarms() -> None:
    desk = armed_desk()
    desk.clock.jump_wall(3600)
    desk.tick(2)
    assert not armed(desk)


def test_nothing_is_armed_again_by_itself_when_the_line_is_back() -> None:
    desk = armed_desk()
    drop(desk)
    desk.broker.connect()
    desk.settle()
    desk.tick(5)
    assert desk.snapshot.connections["sim"].link is Link.READY
    assert not armed(desk)


def test_nothing_stays_armed_over_a_restart() -> None:
    desk = armed_desk()
    desk.restart()
    assert not armed(desk)


def test_a_touch_begins_the_half_hour_anew() -> None:
    desk = armed_desk()
    desk.tick(ARMED_S - 60, 30)
    desk.handle(commands.TraderActive())
    desk.tick(ARMED_S - 60, 30)
    assert armed(desk)
    desk.tick(120, 30)
    assert not armed(desk)


def test_showing_the_same_account_again_disarms_nothing() -> None:
    desk = armed_desk()
    desk.handle(commands.SelectAccount(ACCOUNT))
    assert armed(desk)


def unclassified() -> Desk:
    return real(None)


def simulated() -> Desk:
    return real(Mode.SIM)


def offline() -> Desk:
    desk = real()
    drop(desk)
    return desk


def differing() -> Desk:
    desk = real()
    mismatch(desk)
    return desk


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (unclassified, "Sim1 is not classified"),
        (simulated, "it needs no arming"),
        (offline, "the line sim is not ready"),
        (differing, "reconcile it first"),
    ],
)
def test_arming_is_refused_with_the_reason(made: Callable[[], Desk], why: str) -> None:
    desk = made()
    desk.handle(commands.ArmAccount(ACCOUNT))
    assert not armed(desk) and desk.heard(why)


def test_every_change_is_audited() -> None:
    desk = armed_desk()
    desk.handle(commands.DisarmAccount(ACCOUNT))
    texts = [row.text for row in desk.memory.audit.rows if row.kind == "setting"]
    assert texts[-2:] == ["Sim1 armed", "Sim1 disarmed"]


def test_a_lock_by_panic_keeps_everything_disarmed() -> None:
    desk = real()
    desk.state.set_lock("Locked by panic.")
    desk.handle(commands.ArmAccount(ACCOUNT))
    assert not armed(desk) and desk.heard("Not armed: entries are locked. Locked by panic.")


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.SIM])
def test_what_was_armed_as_something_else_is_disarmed_and_asked_about_again(mode: Mode) -> None:
    desk = armed_desk(Mode.EVAL)
    desk.handle(commands.SetOneClick(ACCOUNT, True))
    desk.handle(commands.ClassifyAccount(ACCOUNT, mode))
    assert desk.snapshot.accounts[ACCOUNT].mode is mode
    assert not armed(desk)
    assert desk.heard(f"Sim1 is disarmed: it is {mode.value} now", Level.CAUTION)
    assert ACCOUNT not in desk.snapshot.one_click


def test_a_classification_that_is_refused_disarms_nothing() -> None:
    desk = armed_desk(Mode.EVAL)
    desk.buy(1)
    desk.handle(commands.ClassifyAccount(ACCOUNT, Mode.LIVE))
    assert armed(desk)
