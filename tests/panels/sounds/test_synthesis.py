"""Every sound is a short, soft, distinct file, the same bytes each time."""

import io
import wave
from array import array
from itertools import combinations, pairwise

import pytest

from panels.sounds.sound import SOUND_WORDS, Sound
from panels.sounds.synthesis import RATE, seconds, wav


def samples(sound: Sound, volume: int = 100) -> "array[int]":
    with wave.open(io.BytesIO(wav(sound, volume))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return array("h", file.readframes(file.getnframes()))


@pytest.mark.parametrize("sound", list(Sound))
def test_a_sound_is_short_whole_and_the_same_each_time(sound: Sound) -> None:
    made = samples(sound)
    assert 0.1 < seconds(sound) <= 1.0
    assert len(made) == round(seconds(sound) * RATE)
    assert wav(sound, 70) == wav(sound, 70)
    assert sound in SOUND_WORDS


@pytest.mark.parametrize("sound", list(Sound))
def test_a_sound_begins_and_ends_softly_and_never_clips(sound: Sound) -> None:
    made = samples(sound)
    peak = max(abs(one) for one in made)
    assert 0.65 * 32767 < peak < 0.75 * 32767
    assert abs(made[0]) < peak * 0.02 and abs(made[-1]) < peak * 0.05
    assert max(abs(right - left) for left, right in pairwise(made)) < peak * 0.9, "no click"


def test_no_two_sounds_are_alike() -> None:
    assert all(wav(left, 50) != wav(right, 50) for left, right in combinations(Sound, 2))


def test_the_volume_is_in_the_samples() -> None:
    full, half, none = (max(abs(one) for one in samples(Sound.FILL, volume)) for volume in (100, 50, 0))
    assert none == 0
    assert half == pytest.approx(full / 4, abs=2)
