"""What may be decided in each situation recovery can find."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.position import apply_fill
from core.model.recovery import CHOICES, RECONCILE_CHOICES, Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey

KEY = PositionKey("sim", "Sim1", "ESZ6")
C = RecoveryChoice
AT = datetime(2026, 11, 20, tzinfo=UTC)

# The table of the recovery dialog: the pre-selected choice, and all that is offered.
PRESELECTED = {
    Situation.MATCH: C.ADOPT,
    Situation.CLOSED_AT_BROKER: C.RECORD_CLOSED,
    Situation.SIZE_DIFFERS: C.ADOPT,
    Situation.OPPOSITE_SIDE: C.VERIFY,
    Situation.ONLY_AT_BROKER: C.ADOPT,
    Situation.NO_ANSWER: C.VERIFY,
    Situation.FILLS_ONLY: C.ADOPT,
}


@pytest.mark.parametrize("situation", Situation)
def test_each_situation_has_its_choices_the_pre_selected_first(situation: Situation) -> None:
    choices = RecoveryRow(KEY, situation, None, None, None).choices
    assert choices[0] is PRESELECTED[situation]
    assert len(set(choices)) == len(choices) == 3
    assert choices == CHOICES[situation]


@pytest.mark.parametrize("situation", Situation)
def test_ignore_is_always_offered_and_never_pre_selected(situation: Situation) -> None:
    assert C.IGNORE in CHOICES[situation][1:]


def test_recording_as_closed_is_offered_only_where_nothing_contradicts_it() -> None:
    offered = {situation for situation in Situation if C.RECORD_CLOSED in CHOICES[situation]}
    assert offered == {Situation.CLOSED_AT_BROKER, Situation.FILLS_ONLY}


def test_asking_again_is_offered_wherever_the_broker_can_answer() -> None:
    assert {situation for situation in Situation if C.VERIFY not in CHOICES[situation]} == {Situation.FILLS_ONLY}


def test_a_row_is_undecided_until_a_choice_is_applied() -> None:
    open_row = RecoveryRow(KEY, Situation.MATCH, None, None, None)
    done = RecoveryRow(KEY, Situation.MATCH, None, None, None, decided=C.ADOPT)
    recovery = Recovery(True, datetime(2026, 11, 20, tzinfo=UTC), frozenset(), (open_row, done))
    assert recovery.undecided == (open_row,)


@pytest.mark.parametrize("situation", Situation)
def test_while_trading_a_difference_offers_what_the_fills_say_only_where_they_say_another_thing(
    situation: Situation,
) -> None:
    bought = Fill(KEY, "E1", Side.BUY, Decimal(2), Decimal(5000), AT, AT)
    for ours, quantity in ((None, Decimal(0)), (apply_fill(None, bought, Instrument("ESZ6")).after, Decimal(2))):
        found = RecoveryRow(KEY, situation, ours, None, None, in_session=True)
        told = [replace(found, fills_quantity=one).choices for one in (None, quantity, quantity + 1)]
        if situation not in RECONCILE_CHOICES:
            assert told == [CHOICES[situation]] * 3
            continue
        offered = RECONCILE_CHOICES[situation]
        without = tuple(one for one in offered if one is not C.USE_FILLS)
        assert told == [without, without, offered]
        assert replace(found, in_session=False, fills_quantity=quantity + 1).choices == CHOICES[situation]
