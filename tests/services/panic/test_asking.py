"""How long a terminal is waited for: three seconds to take it, three between its signs of life, a minute in all."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.panic.asking import asked_terminal
from services.panic.files import Answer, PanicFiles, Request
from tests.fakes.clock import ManualClock

REQUEST = Request("a", datetime(2026, 11, 20, 15, 0, tzinfo=UTC))


class Asked:
    """A panic process that asks, while a test plays the terminal."""

    def __init__(self, folder: Path) -> None:
        self.files = PanicFiles(folder)
        self.clock = ManualClock()
        self.said: list[str] = []
        self.play: Callable[[float], None] = lambda _: None
        self._began = self.clock.monotonic()

    def ask(self) -> Answer | None:
        return asked_terminal(PanicFiles(self.files.folder), REQUEST, self.clock, self.said.append, self._sleep)

    @property
    def elapsed_s(self) -> float:
        return self.clock.monotonic() - self._began

    def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.play(self.elapsed_s)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


def test_nobody_takes_it_within_three_seconds(asked: Asked) -> None:
    assert asked.ask() is None
    assert 3.0 <= asked.elapsed_s < 3.2
    assert asked.said == ["No terminal took it within 3 s."]


def test_an_answer_to_another_request_is_none(asked: Asked) -> None:
    asked.files.write(Answer("other", 9, ("venue",), is_over=True))
    assert asked.ask() is None


def test_a_terminal_that_is_done_is_followed_to_its_end_and_each_word_said_once(asked: Asked) -> None:
    def play(at_s: float) -> None:
        beat = int(at_s * 5) + 1
        asked.files.write(Answer("a", beat, ("venue",), ("Sim1 ES: Closing…",), is_over=beat > 5))

    asked.play = play
    answer = asked.ask()
    assert answer is not None and answer.is_over
    assert asked.said == ["The terminal has taken it.", "Sim1 ES: Closing…"]


def test_a_terminal_that_stops_moving_is_given_up(asked: Asked) -> None:
    def play(at_s: float) -> None:
        if at_s < 1.0:
            asked.files.write(Answer("a", int(at_s * 10), ("venue",)))

    asked.play = play
    assert asked.ask() is None
    assert 3.8 <= asked.elapsed_s < 4.3
    assert asked.said[-1] == "The terminal has not moved for 3 s."


def test_a_terminal_without_a_line_is_not_waited_for(asked: Asked) -> None:
    asked.files.write(Answer("a", 1, ()))
    answer = asked.ask()
    assert answer is not None and answer.connections == () and asked.elapsed_s < 0.1


def test_a_terminal_that_does_not_get_done_is_left_at_it_after_a_minute(asked: Asked) -> None:
    beats: set[int] = set()

    def play(at_s: float) -> None:
        if int(at_s) not in beats:
            beats.add(int(at_s))
            asked.files.write(Answer("a", int(at_s), ("venue",)))

    asked.play = play
    answer = asked.ask()
    assert answer is not None and not answer.is_over
    assert 60.0 <= asked.elapsed_s < 60.2
