"""Who is away hears of alarms always and of others by choice, in one message that fits a phone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.announcement import About, Announcement, Level
from core.away import AWAY_AFTER_S, KINDS, LONGEST, goes_out, is_away, line_of, message_of

NOTICE = Announcement(Level.ALARM, "ESZ6 is without its stop.", datetime(2026, 11, 20, 14, 30, 5, tzinfo=UTC))


def test_nothing_goes_out_until_it_is_wanted() -> None:
    assert not goes_out(NOTICE, ())
    assert not goes_out(replace(NOTICE, level=Level.CAUTION, about=About.ALERT), {"alert"}), "notices are off"


def test_an_alarm_always_goes_out_and_others_by_choice() -> None:
    assert goes_out(NOTICE, {"alarm"})
    alert = replace(NOTICE, level=Level.CAUTION, about=About.ALERT)
    assert not goes_out(alert, {"alarm"})
    assert goes_out(alert, {"alarm", "alert"})
    assert not goes_out(replace(NOTICE, level=Level.INFO), {"alarm", *KINDS.values()})


@pytest.mark.parametrize(
    ("idle_s", "is_minimised", "away"),
    [(0, False, False), (AWAY_AFTER_S - 1, False, False), (AWAY_AFTER_S, False, True), (0, True, True)],
)
def test_away_is_five_minutes_without_a_touch_or_a_minimised_window(
    idle_s: float, is_minimised: bool, away: bool
) -> None:
    assert is_away(1000.0, 1000.0 + idle_s, is_minimised) is away


def test_a_line_carries_its_time_in_utc() -> None:
    assert line_of(NOTICE) == "ALARM 14:30:05 UTC: ESZ6 is without its stop."


def test_a_message_fits_and_says_what_it_leaves_out() -> None:
    assert message_of(["one", "two"]) == "one\ntwo"
    long = message_of(["x" * 400] * 5)
    assert len(long) < LONGEST + 20 and long.endswith("\nand 3 more")
    assert len(message_of(["x" * 5000])) == LONGEST
