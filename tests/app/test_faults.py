"""A fault of the window is told once, however many frames it comes with, and again once it had stayed away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.crash_file import CrashFile
from app.faults import AWAY_S, Faults
from panels.each import each


class Told:
    """Faults with a clock moved by hand, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.now, self.texts = 100.0, list[str]()
        self.crash = CrashFile(folder)
        self.faults = Faults(self.crash, self.texts.append, lambda: self.now)

    def fail(self, *steps: Callable[[], object], after_s: float = 0.033) -> None:
        """Take steps of which some fail, and report what comes of it."""
        self.now += after_s
        try:
            each(*steps)
        except Exception as error:
            self.faults.report(error)


@pytest.fixture
def told(tmp_path: Path) -> Any:
    made = Told(tmp_path)
    yield made
    made.crash.finish()


def bad_figure() -> None:
    raise ValueError("12.50 cannot be drawn")


def bad_list() -> None:
    raise KeyError("no such row")


class Panel:
    """Something that draws."""

    def refresh(self) -> None:
        """Fail."""
        bad_figure()


def test_a_fault_at_every_frame_is_told_once(told: Told) -> None:
    for _ in range(300):
        told.fail(bad_figure)
    assert told.texts == ["A part of the window failed (ValueError). The engine runs on; the log has the details."]


def test_it_is_told_again_once_it_had_stayed_away(told: Told) -> None:
    told.fail(bad_figure)
    told.fail(bad_figure, after_s=AWAY_S - 1)
    assert len(told.texts) == 1
    told.fail(bad_figure, after_s=AWAY_S)
    assert len(told.texts) == 2


def test_of_several_at_once_each_is_told_and_a_new_one_beside_an_old_one_alone(told: Told) -> None:
    told.fail(bad_figure)
    told.fail(bad_figure, bad_list)
    told.fail(bad_list, bad_figure)
    assert [one.partition("(")[2].partition(")")[0] for one in told.texts] == ["ValueError", "KeyError"]


def test_whose_fault_it_was_is_told_and_two_parts_failing_alike_are_two(told: Told) -> None:
    for _ in range(3):
        told.fail(Panel().refresh, bad_figure)
    assert [one.split(" failed")[0] for one in told.texts] == ["Panel", "A part of the window"]


def test_what_it_says_may_differ_from_frame_to_frame(told: Told) -> None:
    def other_figures() -> None:
        raise ValueError(f"{told.now} cannot be drawn")

    for _ in range(3):
        told.fail(other_figures)
    assert len(told.texts) == 1
