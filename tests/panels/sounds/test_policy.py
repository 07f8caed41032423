"""Which sound is heard when: twice per order at most, an alarm until it is seen, in quiet hours nothing but that."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from core.announcement import About, Announcement
from core.events import Level
from core.model.scope import Mode
from core.preferences import SoundPreferences
from core.snapshot import Snapshot
from panels.sounds.policy import ALARM_EVERY_S, ALARM_TIMES, SoundPolicy, is_heard, mode_of, sound_of
from panels.sounds.sound import Sound
from tests.panels.worlds import announcement, flat, in_mode

NOON, NIGHT = time(12), time(23, 30)


def told(about: About | None, level: Level = Level.ERROR, **more: Any) -> Announcement:
    return replace(announcement("It happened.", level), about=about, **more)


def fill(order: str, is_last: bool, about: About = About.FILL) -> Announcement:
    return told(about, Level.SUCCESS, cause=order, is_last=is_last)


def heard(policy: SoundPolicy, *notices: Announcement, now_s: float = 0.0) -> list[Sound | None]:
    found = [policy.hear(one, flat(), now_s) for one in notices]
    return [None if one is None else one[0] for one in found]


@pytest.mark.parametrize(
    ("notice", "sound"),
    [
        (told(About.FILL, Level.SUCCESS), Sound.FILL),
        (told(About.TARGET, Level.SUCCESS), Sound.TARGET),
        (told(About.STOP, Level.SUCCESS), Sound.STOP),
        (told(About.REJECT), Sound.REJECT),
        (told(About.REJECT, Level.ALARM), Sound.ALARM),
        (told(About.LINE), Sound.STALE),
        (told(About.MISMATCH, Level.ALARM), Sound.MISMATCH),
        (told(About.PROTECTION, Level.ALARM), Sound.ALARM),
        (told(About.LIMIT_NEAR, Level.CAUTION), Sound.LIMIT_NEAR),
        (told(About.LIMIT_HIT), Sound.LIMIT_HIT),
        (told(About.ALERT, Level.CAUTION), Sound.ALERT),
        (told(None, Level.ALARM), Sound.ALARM),
        (told(None), None),
        (told(None, Level.INFO), None),
    ],
)
def test_every_kind_has_its_sound(notice: Announcement, sound: Sound | None) -> None:
    assert sound_of(notice) is sound


def test_partial_fills_of_an_order_sound_at_the_first_and_when_it_is_complete() -> None:
    fills = [fill("ST1", False), fill("ST1", False), fill("ST2", True), fill("ST1", False), fill("ST1", True)]
    assert heard(policy := SoundPolicy(), *fills) == [Sound.FILL, None, Sound.FILL, None, Sound.FILL]
    assert heard(policy, fill("ST1", False)) == [Sound.FILL], "a venue that uses a name again means another order"


def test_two_orders_filled_at_once_are_two_sounds() -> None:
    assert heard(SoundPolicy(), fill("ST1", True), fill("ST2", True, About.STOP)) == [Sound.FILL, Sound.STOP]


def test_the_same_bad_news_told_twice_at_once_is_one_sound() -> None:
    policy = SoundPolicy()
    assert heard(policy, told(About.LINE), told(About.LINE)) == [Sound.STALE, None]
    assert heard(policy, told(About.LINE), now_s=5.0) == [Sound.STALE]


def test_an_alarm_comes_back_until_it_is_seen_and_no_more_than_six_times() -> None:
    policy = SoundPolicy()
    assert heard(policy, told(About.PROTECTION, Level.ALARM)) == [Sound.ALARM]
    times = [now_s / 10 for now_s in range(600) if policy.again(now_s / 10) is not None]
    assert times == [ALARM_EVERY_S * n for n in range(1, ALARM_TIMES)]
    assert not policy.is_alarming


def test_an_alarm_that_was_seen_rests() -> None:
    policy = SoundPolicy()
    heard(policy, told(None, Level.ALARM))
    assert policy.again(5.0) is not None
    policy.seen()
    assert policy.again(60.0) is None


QUIET = SoundPreferences(quiet_from=time(22), quiet_to=time(7))


@pytest.mark.parametrize(
    ("sound", "mode", "preferences", "at", "is_played"),
    [
        (Sound.FILL, Mode.SIM, SoundPreferences(), NOON, True),
        (Sound.FILL, Mode.LIVE, SoundPreferences(muted=frozenset({"fill"})), NOON, False),
        (Sound.ALARM, Mode.LIVE, SoundPreferences(muted=frozenset({"alarm"})), NOON, False),
        (Sound.ALARM, Mode.LIVE, SoundPreferences(volume=0), NOON, False),
        (Sound.FILL, Mode.LIVE, QUIET, NIGHT, False),
        (Sound.FILL, Mode.LIVE, QUIET, NOON, True),
        (Sound.ALARM, Mode.LIVE, QUIET, NIGHT, True),
        (Sound.ALARM, Mode.SIM, QUIET, NIGHT, False),
        (Sound.MISMATCH, Mode.LIVE, QUIET, NIGHT, False),
    ],
)
def test_what_the_trader_prefers(
    sound: Sound, mode: Mode, preferences: SoundPreferences, at: time, is_played: bool
) -> None:
    assert is_heard(sound, mode, preferences, at) is is_played


def test_what_names_no_account_is_as_serious_as_the_most_serious_one() -> None:
    news = told(About.STORE, Level.ALARM, key=None)
    assert mode_of(news, flat()) is Mode.SIM
    assert mode_of(news, in_mode(Mode.LIVE, flat())) is Mode.LIVE
    assert mode_of(news, Snapshot()) is Mode.LIVE
    assert mode_of(told(None), in_mode(None, flat())) is Mode.LIVE, "nobody said what it is"
