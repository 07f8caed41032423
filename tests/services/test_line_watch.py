"""Asking a broker, waiting, and asking again: by elapsed seconds."""

from datetime import timedelta

import pytest

from services.line_watch import ANSWER_LIMIT_S, GIVE_UP_S, LineWatch
from tests.fakes.clock import START


def up(since_s: float = 0.0) -> LineWatch:
    line = LineWatch(since_s)
    line.changed(True, since_s)
    return line


def test_a_failed_question_is_asked_again_after_five_fifteen_and_then_every_sixty_seconds() -> None:
    line = up()
    waits = []
    for _ in range(4):
        line.asked(START, 100.0)
        line.failed(100.0)
        assert line.retry_at_s is not None
        waits.append(line.retry_at_s - 100.0)
    assert waits == [5, 15, 60, 60]


def test_a_question_is_due_at_its_time_and_only_on_a_line_that_is_up() -> None:
    line = up()
    line.failed(100.0)
    assert not line.due(104.9) and line.due(105.0)
    line.up = False
    assert not line.due(105.0)


def test_a_lost_question_is_given_up() -> None:
    line = up()
    assert not line.overdue(1e9)
    line.asked(START, 10.0)
    assert not line.overdue(10.0 + GIVE_UP_S) and line.overdue(10.1 + GIVE_UP_S)


def test_a_line_that_changes_asks_from_the_beginning() -> None:
    line = up()
    line.asked(START, 1.0)
    line.failed(2.0)
    line.digested()
    line.ready = True
    line.changed(True, 9.0)
    assert (line.ready, line.answered, line.asked_at_s, line.retry_at_s, line.tries) == (False, False, None, None, 0)


def test_the_earlier_of_two_plans_stays() -> None:
    line = up()
    line.again_at(20.0)
    line.again_at(30.0)
    assert line.retry_at_s == 20.0
    line.again_at(10.0)
    assert line.retry_at_s == 10.0


def test_an_answer_is_awaited_for_fifteen_seconds_from_when_it_was_first_lacking() -> None:
    line = LineWatch(100.0)
    line.changed(True, 110.0)
    assert line.awaited(100.0 + ANSWER_LIMIT_S) and not line.awaited(100.1 + ANSWER_LIMIT_S)
    line.digested()
    assert not line.awaited(101.0)
    line.changed(False, 200.0)
    assert line.awaited(201.0)


def test_after_a_failure_nobody_is_kept_waiting() -> None:
    line = up()
    line.failed(1.0)
    assert not line.awaited(1.0)


@pytest.mark.row(142)
@pytest.mark.parametrize(
    ("asked_s", "now_s", "outdated"), [(-1, 1, True), (0, 1, False), (1, 1, False), (-1, -60, False)]
)
def test_an_answer_to_an_earlier_question_is_outdated_unless_the_clock_was_set_back(
    asked_s: int, now_s: int, outdated: bool
) -> None:
    line = up()
    assert not line.outdated(START, START)
    line.asked(START, 0.0)
    assert line.outdated(START + timedelta(seconds=asked_s), START + timedelta(seconds=now_s)) is outdated
