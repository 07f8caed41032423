"""Lives of a terminal by seed: for a minute in every run, a hundred thousand with `--long`. A failure says its seed."""

from collections.abc import Callable

import pytest

from tests.simulation.life import BYTES_EVERY, Life
from tests.simulation.seeds import Played, play, quiet_log

AT_ONCE = 1_000


@pytest.mark.timeout(300)
def test_lives_hold_every_invariant_and_converge(
    pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    within_s = float(pytestconfig.getoption("--simulate"))
    played = play(range(AT_ONCE * 100), within_s)
    assert played.seeds
    record_property("simulated", _words(played))


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("first", range(0, 100 * AT_ONCE, AT_ONCE))
def test_a_hundred_thousand_lives(first: int, record_property: Callable[[str, object], None]) -> None:
    record_property("simulated", _words(play(range(first, first + AT_ONCE))))


@pytest.mark.parametrize("seed", [BYTES_EVERY * 2, BYTES_EVERY * 2 + 1])
def test_a_seed_is_the_whole_story(seed: int) -> None:
    told: list[list[str]] = [[], []]
    with quiet_log():
        for story in told:
            Life(seed, story.append).run(60)
    assert told[0] == told[1]
    assert len(told[0]) > 60


def _words(played: Played) -> str:
    return f"{played.seeds} lives simulated, {played.per_second:.1f} a second of one core"
