"""Hundreds of seeded sessions in which everything goes wrong; a failing seed prints itself and its story."""

import sys

import pytest

from tests.services.random_session import RandomSession

SEEDS = 300
EVENTS = 60
AT_ONCE = 20


def play(seed: int, events: int) -> None:
    session = RandomSession(seed)
    try:
        session.run(events)
    except BaseException:
        sys.stderr.write(f"seed {seed}: " + " · ".join(session.story) + "\n")
        raise


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_whatever_happens_the_books_add_up_and_both_sides_agree_in_the_end(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        play(seed, EVENTS)


@pytest.mark.long
@pytest.mark.parametrize("first", range(10_000, 14_000, 100))
def test_many_longer_sessions(first: int) -> None:
    for seed in range(first, first + 100):
        play(seed, 120)
