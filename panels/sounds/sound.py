"""The sounds of the window, by name: a name is what the settings hold."""

from enum import Enum


class Sound(Enum):
    """What can be heard. None is the only signal of anything: each has its toast, banner or cell."""

    FILL = "fill"
    TARGET = "target"
    STOP = "stop"
    REJECT = "reject"
    STALE = "stale"
    MISMATCH = "mismatch"
    LIMIT_NEAR = "limit-75"
    LIMIT_HIT = "limit-hit"
    ALARM = "alarm"
    ALERT = "alert"


SOUND_WORDS = {
    Sound.FILL: "Fill",
    Sound.TARGET: "Target filled",
    Sound.STOP: "Stop filled",
    Sound.REJECT: "Order refused",
    Sound.STALE: "Data or line lost",
    Sound.MISMATCH: "Differs from the broker",
    Sound.LIMIT_NEAR: "Limit 75 % used",
    Sound.LIMIT_HIT: "Limit reached",
    Sound.ALARM: "Alarm",
    Sound.ALERT: "Your alert",
}
