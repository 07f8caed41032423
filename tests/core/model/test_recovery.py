"""What may be decided in each situation recovery can find."""

from datetime import UTC, datetime

import pytest

from core.model.recovery import CHOICES, Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey

KEY = PositionKey("sim", "Sim1", "ESZ6")
C = RecoveryChoice

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
