"""The sounds themselves, made of a few sine waves: short, soft at their edges, each with a melody of its own.

A note is a sine with a little of its octave and twelfth, struck and fading. What brings good news rises, what brings
bad news falls, and what needs somebody repeats. Nothing is read from a file, so nothing has to be licensed.
"""

import io
import math
import wave
from array import array
from dataclasses import dataclass
from typing import Final

from panels.sounds.sound import Sound

RATE: Final = 22_050
FULL: Final = 32_767
# The loudest a sound gets: several may be heard at once by what mixes them.
HEADROOM: Final = 0.7
ATTACK_S, RELEASE_S = 0.006, 0.02
# How much of the octave and of the twelfth is in a note.
SOFT: Final = (0.18, 0.06)
ROUGH: Final = (0.45, 0.35)
_A4 = 440.0
_STEPS = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}


@dataclass(frozen=True, slots=True)
class Note:
    """One note. fade_s: after so long a third of it is left."""

    name: str
    begins_s: float
    lasts_s: float
    strength: float = 1.0
    fade_s: float = 0.12
    partials: tuple[float, float] = SOFT

    @property
    def frequency(self) -> float:
        """Hertz, in equal temperament: "A4" is 440, "F#5" a semitone above F5."""
        sharp = self.name[1] == "#"
        semitones = _STEPS[self.name[0]] + sharp + 12 * (int(self.name[-1]) - 4)
        return float(_A4 * 2 ** (semitones / 12))


MELODIES: Final[dict[Sound, tuple[Note, ...]]] = {
    Sound.FILL: (Note("E5", 0, 0.09, 0.8, 0.08), Note("A5", 0.05, 0.16, 0.8, 0.1)),
    Sound.TARGET: (Note("C5", 0, 0.12), Note("E5", 0.09, 0.12), Note("G5", 0.18, 0.3, fade_s=0.16)),
    Sound.STOP: (Note("G4", 0, 0.14), Note("E4", 0.12, 0.14), Note("C4", 0.24, 0.32, fade_s=0.18)),
    Sound.REJECT: (Note("A3", 0, 0.14, partials=ROUGH), Note("A3", 0.2, 0.2, partials=ROUGH)),
    Sound.STALE: (Note("E4", 0, 0.26, 0.7, 0.3), Note("D4", 0.3, 0.36, 0.7, 0.3)),
    Sound.MISMATCH: (
        Note("B4", 0, 0.16, partials=ROUGH),
        Note("F5", 0.16, 0.16, partials=ROUGH),
        Note("B4", 0.32, 0.26, partials=ROUGH),
    ),
    Sound.LIMIT_NEAR: (Note("A4", 0, 0.16), Note("A4", 0.22, 0.24)),
    Sound.LIMIT_HIT: (Note("A4", 0, 0.14), Note("F#4", 0.18, 0.14), Note("D4", 0.36, 0.34, fade_s=0.2)),
    Sound.ALARM: tuple(
        Note(name, 0.15 * at, 0.14, fade_s=0.3, partials=ROUGH) for at, name in enumerate(("B5", "F#5") * 3)
    ),
    Sound.ALERT: (Note("E6", 0, 0.5, 0.6, 0.2), Note("B5", 0.12, 0.5, 0.6, 0.22)),
}


def wav(sound: Sound, volume: int) -> bytes:
    """Return a sound as a file: 16 bit, one channel; the same bytes each time.

    Args:
        volume: 0 to 100; it is in the samples, since not every player can be told.
    """
    # Loudness is heard by ratios: half way on the slider is a quarter of the swing.
    swing = FULL * HEADROOM * (max(0, min(100, volume)) / 100) ** 2
    samples = _mixed(MELODIES[sound])
    peak = max(abs(one) for one in samples)
    frames = array("h", (round(one / peak * swing) for one in samples))
    if frames.itemsize != 2:
        raise AssertionError("an array of shorts holds two bytes each")
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(RATE)
        target.writeframes(frames.tobytes())
    return file.getvalue()


def seconds(sound: Sound) -> float:
    """Return how long a sound lasts."""
    return max(note.begins_s + note.lasts_s for note in MELODIES[sound])


def _mixed(notes: tuple[Note, ...]) -> list[float]:
    length = round(max(note.begins_s + note.lasts_s for note in notes) * RATE)
    samples = [0.0] * length
    for note in notes:
        begin = round(note.begins_s * RATE)
        for at in range(round(note.lasts_s * RATE)):
            if begin + at < length:
                samples[begin + at] += _sample(note, at / RATE)
    return samples


def _sample(note: Note, at_s: float) -> float:
    angle = 2 * math.pi * note.frequency * at_s
    octave, twelfth = note.partials
    tone = math.sin(angle) + octave * math.sin(2 * angle) + twelfth * math.sin(3 * angle)
    rise = min(1.0, at_s / ATTACK_S)
    fall = min(1.0, (note.lasts_s - at_s) / RELEASE_S)
    return note.strength * tone * rise * fall * math.exp(-at_s / note.fade_s)
