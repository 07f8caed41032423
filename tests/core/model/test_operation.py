"""When a close is over, and when a further press stays inert."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.model.operation import CLOSE_ENDS, CloseChoice, CloseOperation, CloseStep
from core.model.scope import PositionKey

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ENDS = {CloseStep.DONE, CloseStep.REJECTED, CloseStep.STOPPED, CloseStep.LINK_DOWN}


@pytest.mark.parametrize("step", CloseStep)
def test_a_close_blocks_the_next_until_it_is_over(step: CloseStep) -> None:
    operation = CloseOperation("A1", PositionKey("sim", "Sim1", "ESZ6"), step, AT, AT)
    assert operation.is_over is (step in ENDS)
    assert operation.blocks_close is (step not in ENDS)
    assert CLOSE_ENDS == ENDS


@pytest.mark.parametrize("step", CloseStep)
def test_a_close_may_be_forgotten_when_it_is_over_and_nobody_is_asked(step: CloseStep) -> None:
    operation = CloseOperation("A1", PositionKey("sim", "Sim1", "ESZ6"), step, AT, AT)
    assert operation.is_settled is (step in ENDS)
    assert not replace(operation, choices=(CloseChoice.KEEP,)).is_settled
    # Exits that were cancelled before the line fell are not back yet.
    bared = replace(operation, cancelled=("S1",))
    assert bared.is_settled is (step in ENDS - {CloseStep.LINK_DOWN})
