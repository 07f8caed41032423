"""Preferences are what they may be, and nothing else."""

from dataclasses import replace
from datetime import time

import pytest

from core.preferences import Preferences, SoundPreferences


@pytest.mark.parametrize("percent", [79, 201, True, 99.5])
def test_a_zoom_nobody_could_read_or_fit_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="expected 80 to 200"):
        replace(Preferences(), zoom_percent=percent)


@pytest.mark.parametrize(
    ("begin", "end", "at", "quiet"),
    [
        (time(22), time(7), time(23, 59), True),
        (time(22), time(7), time(6, 59), True),
        (time(22), time(7), time(7), False),
        (time(12), time(13), time(12), True),
        (time(12), time(13), time(13), False),
        (None, None, time(3), False),
    ],
)
def test_quiet_hours_may_span_midnight(begin: time | None, end: time | None, at: time, quiet: bool) -> None:
    assert SoundPreferences(quiet_from=begin, quiet_to=end).is_quiet(at) is quiet


def test_quiet_hours_have_two_ends() -> None:
    with pytest.raises(ValueError, match="a beginning and an end"):
        SoundPreferences(quiet_from=time(22))


def test_a_line_break_in_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a short text"):
        Preferences(hotkeys={"close": "Ctrl+\nX"})
