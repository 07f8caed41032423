"""What tightens a limit counts at once, what loosens one from the next session; all of it is audited and stored."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.commands import ArmAccount, ClassifyAccount
from core.errors import PersistenceError
from core.events import Level
from core.model.bracket_template import BracketBook
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.guards import GuardLevel
from core.model.market import Quote
from core.model.sanity import SanityLimits
from core.model.scope import Mode
from core.settings_commands import (
    ChangeBrackets,
    ChangeCommissions,
    ChangeGuards,
    ChangeSanityLimits,
    SetArmTime,
    SetAskInSim,
    SetDesk,
)
from tests.fakes.engine import ACCOUNT, Desk
from tests.fakes.repositories import Disk

D = Decimal
RESET = datetime(2026, 11, 20, 23, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    desk = Desk().start()
    priced(desk)
    return desk


def priced(desk: Desk, last: str = "5000") -> None:
    desk.state.put_quote("sim", Quote("ESZ6", last=D(last), received_at=desk.clock.now()))
    desk.broker.script.market_price = D(last)
    desk.tick(1)


def to_reset(desk: Desk) -> None:
    desk.clock.advance((RESET - desk.clock.now()).total_seconds() + 1)
    desk.tick(1)
    priced(desk)


def sent(desk: Desk, press: Callable[[], None]) -> bool:
    before = len(desk.broker.received)
    press()
    return len(desk.broker.received) > before


def hard_size(desk: Desk, size: int, soft: int = 1) -> None:
    limits = replace(SanityLimits(), quantity_soft=D(soft), quantity_hard=D(size))
    desk.handle(ChangeSanityLimits(limits))


def test_a_tighter_limit_of_an_order_counts_at_once_and_over_a_restart(desk: Desk) -> None:
    hard_size(desk, 3)
    assert desk.snapshot.limits.quantity_hard == 3 and desk.snapshot.settings.held is None
    assert not sent(desk, lambda: desk.buy(4)) and desk.heard("4")
    desk.restart()
    priced(desk)
    assert desk.snapshot.limits.quantity_hard == 3
    assert not sent(desk, lambda: desk.buy(4))
    assert sent(desk, lambda: desk.buy(3))


def test_a_looser_limit_of_an_order_waits_for_the_session_over_a_restart(desk: Desk) -> None:
    hard_size(desk, 3)
    hard_size(desk, 9)
    assert desk.heard("What is looser counts from 17:00 in Chicago.", Level.INFO)
    for _ in range(2):
        held = desk.snapshot.settings.held
        assert held is not None and held.until == RESET
        assert desk.snapshot.settings.limits.quantity_hard == 9 and desk.snapshot.limits.quantity_hard == 3
        assert not sent(desk, lambda: desk.buy(4))
        desk.restart(clean=False)
        priced(desk)
    to_reset(desk)
    assert desk.snapshot.settings.held is None and desk.snapshot.limits.quantity_hard == 9
    assert desk.heard("A new session")
    assert sent(desk, lambda: desk.buy(4))


def test_a_session_that_began_while_the_program_was_away_counts_too(desk: Desk) -> None:
    hard_size(desk, 3)
    hard_size(desk, 9)
    desk.stop()
    desk.clock.advance((RESET - desk.clock.now()).total_seconds() + 60)
    desk.start()
    assert desk.snapshot.limits.quantity_hard == 9 and desk.snapshot.settings.held is None


def edited(desk: Desk, size: int) -> None:
    """Write another size into the settings while the program is away."""
    limits = replace(SanityLimits(), quantity_soft=D(1), quantity_hard=D(size))
    desk.settings.held = replace(desk.settings.held, limits=limits)


@pytest.mark.parametrize("clean", [True, False])
def test_a_limit_of_an_order_loosened_by_hand_waits_for_the_session_like_any_other(clean: bool) -> None:
    desk = Desk()
    edited(desk, 3)
    desk.start()
    priced(desk)
    for _ in range(2):
        (desk.stop if clean else desk.kill)()
        edited(desk, 9)
        desk.start()
        priced(desk)
        held = desk.snapshot.settings.held
        assert held is not None and held.until == RESET
        assert desk.snapshot.settings.limits.quantity_hard == 9 and desk.snapshot.limits.quantity_hard == 3
        assert not sent(desk, lambda: desk.buy(4))
    rows = [row for row in desk.memory.audit.rows if row.text.startswith("stricter limits of an order")]
    assert rows[-1].data == {"quantity_hard": "3 to 9"}
    to_reset(desk)
    assert desk.snapshot.settings.held is None and desk.heard("A new session")
    assert sent(desk, lambda: desk.buy(4))


def test_a_limit_of_an_order_tightened_by_hand_counts_at_the_next_start_and_for_the_session() -> None:
    desk = Desk().start()
    for size in (3, 50):
        desk.stop()
        edited(desk, size)
        desk.start()
        priced(desk)
        assert desk.snapshot.limits.quantity_hard == 3


def test_what_bound_through_a_reset_binds_in_the_session_that_began_then(desk: Desk) -> None:
    """The program ran with tight limits when the session began: an edit afterwards loosens the next session."""
    hard_size(desk, 3)
    to_reset(desk)
    desk.stop()
    edited(desk, 9)
    desk.start()
    assert desk.snapshot.limits.quantity_hard == 3


def test_an_edit_between_two_sessions_counts_in_the_new_one(desk: Desk) -> None:
    hard_size(desk, 3)
    desk.stop()
    edited(desk, 9)
    desk.clock.advance((RESET - desk.clock.now()).total_seconds() + 60)
    desk.start()
    assert desk.snapshot.limits.quantity_hard == 9 and desk.snapshot.settings.held is None


def test_limits_that_cannot_be_stored_hold_and_are_stored_when_they_can_be(desk: Desk) -> None:
    disk = desk.memory.limits._disk = Disk(PersistenceError("the disk is full"))
    hard_size(desk, 3)
    assert desk.snapshot.limits.quantity_hard == 3
    assert desk.heard("The limits of an order hold, but not over a restart", Level.ALARM)
    desk.tick(1)
    assert sum("hold, but not over a restart" in one.text for one in desk.said) == 1, "said once, not each second"
    disk.error = None
    desk.tick(1)
    desk.stop()
    edited(desk, 9)
    desk.start()
    assert desk.snapshot.limits.quantity_hard == 3


def test_each_figure_is_held_by_itself(desk: Desk) -> None:
    usual = SanityLimits()
    desk.handle(ChangeSanityLimits(replace(usual, quantity_hard=D(5), quantity_soft=D(2))))
    mixed = replace(usual, quantity_hard=D(50), quantity_soft=D(1), repeat_within=timedelta(seconds=60))
    desk.handle(ChangeSanityLimits(mixed))
    bound = desk.snapshot.limits
    assert (bound.quantity_hard, bound.quantity_soft) == (D(5), D(1))
    assert bound.repeat_within == timedelta(seconds=60)


def test_guards_made_in_the_window_bind_at_once_and_over_a_restart(desk: Desk) -> None:
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(size=D(1))))
    assert not sent(desk, lambda: desk.buy(2))
    assert desk.settings.held.guards == {ACCOUNT: GuardRules(size=D(1))}
    desk.restart(clean=False)
    priced(desk)
    assert not sent(desk, lambda: desk.buy(2))
    assert sent(desk, lambda: desk.buy(1))


def test_guards_made_looser_or_taken_away_bind_until_the_session_reset(desk: Desk) -> None:
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(size=D(1))))
    for wanted in (GuardRules(size=D(5)), GuardRules()):
        desk.handle(ChangeGuards(ACCOUNT, wanted))
        assert not sent(desk, lambda: desk.buy(2)), wanted
        assert desk.snapshot.guards[ACCOUNT].rules[-1] == wanted
        assert desk.snapshot.guards[ACCOUNT].rules[0] == GuardRules(size=D(1))
    assert desk.settings.held.guards == {}
    to_reset(desk)
    assert sent(desk, lambda: desk.buy(2))


def test_a_lock_is_lifted_by_no_change(desk: Desk) -> None:
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(day_loss=D(500))))
    desk.tick(5)
    desk.buy(1)
    priced(desk, "4980")
    verdict = desk.snapshot.guards[ACCOUNT].verdict(Guard.DAY_LOSS)
    assert verdict is not None and verdict.level is GuardLevel.BREACHED
    desk.handle(ChangeGuards(ACCOUNT, GuardRules()))
    priced(desk, "5020")
    assert desk.snapshot.guards[ACCOUNT].locked_until == RESET
    assert not sent(desk, lambda: desk.buy(1))


def test_a_change_is_audited_with_what_it_was(desk: Desk) -> None:
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(size=D(1), actions={Guard.SIZE: GuardAction.WARN})))
    desk.handle(ChangeGuards(ACCOUNT, GuardRules(size=D(2))))
    rows = [row for row in desk.memory.audit.rows if row.text == "the limits of Sim1 changed"]
    assert rows[-1].data == {"size": "1 to 2", "size_then": "warn to none"}


def test_commissions_count_for_fills_that_come_after(desk: Desk) -> None:
    desk.buy(1)
    desk.handle(ChangeCommissions({"sim": {"ES": D("3.50")}}))
    desk.buy(1)
    assert [fill.commission for fill in desk.snapshot.fills] == [D("2.10"), D("3.50")]
    desk.handle(ChangeCommissions({"sim/Sim1": {"ES": D("1.00")}}))
    desk.buy(1)
    assert desk.snapshot.fills[-1].commission == D("1.00")
    desk.handle(ChangeCommissions({}))
    desk.buy(1)
    assert desk.snapshot.fills[-1].commission == D("2.10")


def test_brackets_and_telephones_are_published_and_kept(desk: Desk) -> None:
    book = BracketBook(default="")
    desk.handle(ChangeBrackets(book), SetDesk("sim", "911"))
    assert desk.snapshot.settings.brackets == book and desk.snapshot.desk == {"sim": "911"}
    desk.handle(SetDesk("sim", ""))
    assert desk.snapshot.desk == {} and desk.settings.held.desk == {}


def test_an_armed_account_stays_so_as_long_as_is_wanted(desk: Desk) -> None:
    desk.handle(SetArmTime(4))
    assert desk.snapshot.settings.arm_minutes == 30 and desk.heard("expected 5 to 120")
    desk = Desk(simulated=frozenset()).start()
    desk.handle(ClassifyAccount(ACCOUNT, Mode.EVAL), SetArmTime(5), ArmAccount(ACCOUNT))
    assert desk.snapshot.armed[ACCOUNT] == pytest.approx(desk.clock.monotonic() + 300)


def test_questions_in_sim_are_published_and_kept(desk: Desk) -> None:
    desk.handle(SetAskInSim(True))
    assert desk.snapshot.settings.ask_in_sim and desk.settings.held.ask_in_sim
    desk.restart()
    assert desk.snapshot.settings.ask_in_sim


def test_what_changes_nothing_is_not_told(desk: Desk) -> None:
    said = len(desk.said)
    desk.handle(ChangeSanityLimits(SanityLimits()), ChangeGuards(ACCOUNT, GuardRules()), ChangeCommissions({}))
    assert len(desk.said) == said


figures = st.integers(1, 60)
any_limits = st.builds(
    lambda a, b, c, d: replace(
        SanityLimits(),
        quantity_soft=D(min(a, b)),
        quantity_hard=D(max(a, b)),
        repeat_within=timedelta(seconds=c),
        distance_hard=D(d) / 60,
        distance_soft=D(0),
    ),
    figures,
    figures,
    figures,
    figures,
)
any_rules = st.builds(
    lambda loss, size, trades, act: GuardRules(loss, trades=trades, size=size, actions={Guard.SIZE: act}),
    st.none() | figures.map(D),
    st.none() | figures.map(D),
    st.none() | st.integers(0, 9),
    st.sampled_from(GuardAction),
)
Step = ChangeSanityLimits | ChangeGuards | str
steps = st.lists(
    any_limits.map(ChangeSanityLimits) | any_rules.map(lambda rules: ChangeGuards(ACCOUNT, rules)) | st.just("restart"),
    max_size=10,
)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_no_sequence_of_changes_loosens_a_limit_within_the_session(
    steps: list[Step],
) -> None:
    desk = Desk().start()
    bound, rules = desk.snapshot.limits, frozenset[str]()
    for step in steps:
        if isinstance(step, str):
            desk.restart(clean=len(rules) % 2 == 0)
        else:
            desk.handle(step)
        now = desk.snapshot.limits
        for one in fields(SanityLimits):
            before, after = getattr(bound, one.name), getattr(now, one.name)
            assert after >= before if one.name == "repeat_within" else after <= before
        guards = desk.snapshot.guards.get(ACCOUNT)
        judged = frozenset() if guards is None else frozenset(repr(one) for one in guards.rules)
        assert rules <= judged
        if isinstance(step, ChangeGuards):
            assert guards is not None and guards.rules[-1] == step.rules
        bound, rules = now, judged
