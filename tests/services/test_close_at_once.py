"""A close is over with the broker's word, not with the next look at the clock."""

from core.model.operation import CloseStep
from tests.fakes.engine import Desk


def test_a_close_is_done_as_soon_as_the_broker_says_flat() -> None:
    desk = Desk().start()
    desk.buy(2)
    desk.tick(1)
    desk.close()
    assert desk.quantity() == 0
    assert desk.operation().step is CloseStep.DONE, "no time has passed"
