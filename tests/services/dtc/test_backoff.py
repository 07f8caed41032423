"""How long a line waits before its next try."""

from random import Random

from services.dtc.backoff import CAP_S, PROVEN_AFTER_S, Backoff


def test_waits_double_to_a_cap_and_stay_jittered_below_it() -> None:
    backoff = Backoff(Random(7))
    ceilings = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    waits = [backoff.next_wait_s() for _ in ceilings]
    for wait, ceiling in zip(waits, ceilings, strict=True):
        assert ceiling / 2 <= wait <= ceiling
    assert len(set(waits)) == len(waits)


def test_it_goes_on_for_ever() -> None:
    backoff = Backoff(Random(7))
    for _ in range(5000):
        assert 0.5 <= backoff.next_wait_s() <= CAP_S
    assert backoff.attempt == 5000


def test_a_line_that_stayed_up_begins_again_at_the_shortest_wait() -> None:
    backoff = Backoff(Random(7))
    for _ in range(6):
        backoff.next_wait_s()
    assert backoff.next_wait_s(up_s=PROVEN_AFTER_S) <= 1.0
    assert backoff.attempt == 1


def test_a_line_that_is_accepted_and_dropped_at_once_is_tried_less_and_less_often() -> None:
    backoff = Backoff(Random(7))
    waits = [backoff.next_wait_s(up_s=1.0) for _ in range(6)]
    assert waits[-1] > 10.0
