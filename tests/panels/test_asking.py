"""Asking the history: at once when the question changes, seldom when only trades do, again when nobody answers."""

from core.commands import RunQuery
from core.model.scope import AccountKey
from core.queries import EquityFilter
from core.snapshot import Snapshot
from panels.asking import AGAIN_S, PATIENCE_S, Asking
from tests.panels.worlds import ACCOUNT, OTHER_ACCOUNT, answered, flat, with_answers

WORLD = flat()
CAUSE = object()


def wish(
    asking: Asking, at_s: float, snapshot: Snapshot = WORLD, key: AccountKey = ACCOUNT, cause: object = CAUSE
) -> bool:
    """Return whether it asks now."""
    return asking.wish(snapshot, EquityFilter(key), cause, at_s) is not None


def test_a_question_is_asked_once() -> None:
    asking = Asking("equity")
    assert asking.wish(WORLD, EquityFilter(ACCOUNT), CAUSE, 0.0) == RunQuery("equity", EquityFilter(ACCOUNT))
    assert not wish(asking, 0.03) and not wish(asking, 5.0)


def test_another_question_is_asked_at_once() -> None:
    asking = Asking("equity")
    wish(asking, 0.0)
    assert wish(asking, 0.01, key=OTHER_ACCOUNT)


def test_a_burst_of_trades_asks_twice_a_second_and_not_for_each() -> None:
    asking = Asking("equity")
    asked = sum(wish(asking, at / 30, cause=object()) for at in range(61))
    assert asked == 1 + 2 / AGAIN_S


def test_without_an_answer_it_asks_again_after_a_while_and_knows_how_long_it_waits() -> None:
    asking = Asking("equity")
    wish(asking, 100.0)
    assert not wish(asking, 100.0 + PATIENCE_S - 1) and asking.waits_s == PATIENCE_S - 1
    assert wish(asking, 100.0 + PATIENCE_S)


def test_an_answer_ends_the_waiting_and_only_one_to_this_question_counts() -> None:
    asking = Asking("equity")
    first = asking.wish(WORLD, EquityFilter(ACCOUNT), CAUSE, 0.0)
    assert first is not None
    there = with_answers(WORLD, answered(first, None, "no"))
    assert not wish(asking, 0.1, there) and asking.waits_s is None
    assert asking.result(there) is there.queries["equity"]
    assert wish(asking, 0.2, there, OTHER_ACCOUNT)
    assert asking.result(there) is None and asking.waits_s == 0.0
    assert not wish(asking, 0.3, there, OTHER_ACCOUNT) and asking.waits_s is not None


def test_while_the_same_question_is_asked_anew_its_last_answer_stays() -> None:
    asking = Asking("equity")
    first = asking.wish(WORLD, EquityFilter(ACCOUNT), CAUSE, 0.0)
    assert first is not None
    there = with_answers(WORLD, answered(first, None, "no"))
    assert wish(asking, 1.0, there, cause=object())
    assert asking.result(there) is not None
