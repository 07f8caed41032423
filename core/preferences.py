"""What the trader prefers about the window: how it looks, sounds, and which keys do what. Pure; nothing here trades.

Limits, guards and commissions are not preferences: they bind, so they go to the engine as commands. A secret (the
address of a notice, a password) is never in here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import Enum
from types import MappingProxyType

LEAST_ZOOM, MOST_ZOOM = 80, 200
LOUDEST = 100
LONGEST_TEXT = 200
LONGEST_HEAT_S = 24 * 3600
USUAL_INTERVAL = "1m"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,47}", re.ASCII)


class ThemeChoice(Enum):
    """Dark, light, or as the system is."""

    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


class PaletteChoice(Enum):
    """The pair of colours of up and down."""

    STANDARD = "standard"
    BLUE_ORANGE = "blue-orange"
    RED_UP = "red-up"


class ContrastChoice(Enum):
    """High contrast as the system has it, always, or never."""

    SYSTEM = "system"
    ON = "on"
    OFF = "off"


class MotionChoice(Enum):
    """Motion as the system has it, reduced, or all of it."""

    SYSTEM = "system"
    REDUCED = "reduced"
    FULL = "full"


class ZoneChoice(Enum):
    """The zone times are shown in: of the symbol's exchange, of this computer, or UTC."""

    EXCHANGE = "exchange"
    LOCAL = "local"
    UTC = "utc"


class PnlMark(Enum):
    """What the open P&L is marked at.

    GROSS: the last trade. NET: the last trade, less what is and will be paid. EXIT: the quote it would be closed at.
    """

    GROSS = "gross"
    NET = "net"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class SoundPreferences:
    """What is heard.

    Attributes:
        volume: 0 to 100; 0 is silence.
        muted: names of the sounds that are not played.
        quiet_from, quiet_to: local wall time between which nothing but an alarm in LIVE sounds; both or neither.
            From after to spans midnight.
        device: name of the output; "" is the system's.
    """

    volume: int = 70
    muted: frozenset[str] = frozenset()
    quiet_from: time | None = None
    quiet_to: time | None = None
    device: str = ""

    def __post_init__(self) -> None:
        _whole("volume", self.volume, 0, LOUDEST)
        _named("muted", self.muted)
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("quiet hours have a beginning and an end, or neither")
        if self.quiet_from is not None and self.quiet_from == self.quiet_to:
            raise ValueError("quiet hours that end as they begin have no length")
        _text("device", self.device)

    def is_quiet(self, at: time) -> bool:
        """Return whether a local wall time lies in the quiet hours."""
        begin, end = self.quiet_from, self.quiet_to
        if begin is None or end is None:
            return False
        return begin <= at < end if begin < end else at >= begin or at < end


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything the trader prefers.

    Attributes:
        zoom_percent: 80 to 200, independent of the scale of the system.
        pnl_mark: what the open P&L is marked at.
        heat_s: seconds under water after which the heat of a trade warns: in colour, with a border, as danger.
        notices: kinds that also go to the phone or the mail; where to is a secret of the keyring.
        hotkeys: the key of an action by its name, where it is not the one it ships with; "" is no key.
        layout_locked: docks cannot be moved.
        dismissed: names of the checklist's items that were put away.
        chart_interval: how long a bar of the chart is, as it is written: 5m, 100t.
    """

    theme: ThemeChoice = ThemeChoice.DARK
    palette: PaletteChoice = PaletteChoice.STANDARD
    zoom_percent: int = 100
    contrast: ContrastChoice = ContrastChoice.SYSTEM
    motion: MotionChoice = MotionChoice.SYSTEM
    zone: ZoneChoice = ZoneChoice.EXCHANGE
    pnl_mark: PnlMark = PnlMark.GROSS
    heat_s: tuple[int, int, int] = (180, 270, 300)
    sounds: SoundPreferences = field(default_factory=SoundPreferences)
    notices: frozenset[str] = frozenset()
    hotkeys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layout_locked: bool = False
    dismissed: frozenset[str] = frozenset()
    chart_interval: str = USUAL_INTERVAL

    def __post_init__(self) -> None:
        _interval(self.chart_interval)
        _whole("zoom", self.zoom_percent, LEAST_ZOOM, MOST_ZOOM)
        first, second, third = self.heat_s
        if not 0 < first <= second <= third <= LONGEST_HEAT_S:
            raise ValueError(
                f"heat is {first}, {second}, {third} s, expected three times, each no earlier than the last"
            )
        _named("notices", self.notices)
        _named("dismissed", self.dismissed)
        _named("hotkeys", self.hotkeys)
        for name, keys in self.hotkeys.items():
            _text(f"hotkeys {name}", keys)


def _whole(what: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{what} is {value!r}, expected {least} to {most}")


def _interval(text: object) -> None:
    _text("chart_interval", text)
    if text != USUAL_INTERVAL:
        from core.model.bar import Interval  # no first frame waits for it

        Interval.parse(str(text))


def _named(what: str, names: Iterable[object]) -> None:
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{what} holds {name!r}, expected a name such as limit-hit")


def _text(what: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(f"{what} is {text!r}, expected a short text")


def duration_text(seconds: int) -> str:
    """Return seconds as minutes and seconds: "4:30"."""
    return f"{seconds // 60}:{seconds % 60:02}"


def read_duration(text: str) -> int:
    """Return the seconds of minutes and seconds.

    Raises:
        ValueError: it is no such text.
    """
    minutes, colon, seconds = text.partition(":")
    if not colon or len(seconds) != 2 or not (minutes + seconds).isdigit() or int(seconds) > 59:
        raise ValueError(f"{text!r} is not a time such as 4:30")
    return int(minutes) * 60 + int(seconds)
