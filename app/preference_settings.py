"""The trader's preferences in settings.toml: `theme`, and the tables below. What is not said keeps its default.

theme = "dark"                   # dark, light, system

[window]
palette = "standard"             # standard, blue-orange, red-up
zoom = 100                       # percent, 80 to 200
contrast = "system"              # system, on, off
motion = "system"                # system, reduced, full
zone = "exchange"                # exchange, local, utc
open_pnl = "gross"               # gross (last trade), net (less costs), exit (the quote it would be closed at)
heat = ["3:00", "4:30", "5:00"]  # under water so long: colour, border, danger
locked = false                   # docks cannot be moved
dismissed = []                   # items of the checklist that were put away

[sounds]
volume = 70                      # 0 to 100
muted = ["fill"]
quiet = ["22:00", "07:00"]       # local time; never mutes an alarm in LIVE
device = ""                      # "" is the system's

[notices]
kinds = ["alarm"]                # what also goes to the phone or the mail; the address is in the keyring

[hotkeys]
position-close = "Ctrl+Shift+X"  # "" is no key
"""

from collections.abc import Mapping
from datetime import time
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from core.preferences import (
    ContrastChoice,
    MotionChoice,
    PaletteChoice,
    PnlMark,
    Preferences,
    SoundPreferences,
    ThemeChoice,
    ZoneChoice,
    duration_text,
    read_duration,
)

TABLES: Final = ("window", "sounds", "notices", "hotkeys")
_CHOICES: Final[Mapping[str, tuple[str, type[Enum]]]] = {
    "palette": ("palette", PaletteChoice),
    "contrast": ("contrast", ContrastChoice),
    "motion": ("motion", MotionChoice),
    "zone": ("zone", ZoneChoice),
    "open_pnl": ("pnl_mark", PnlMark),
}
_PLAIN: Final[Mapping[str, tuple[str, type]]] = {
    "zoom": ("zoom_percent", int),
    "locked": ("layout_locked", bool),
    "chart_interval": ("chart_interval", str),
}
_KINDS: Final = {bool: "true or false", int: "a whole number", str: "a text"}


def preferences_from(content: Mapping[str, Any]) -> Preferences:
    """Return the preferences of a whole settings file.

    Raises:
        ValueError: a name or a value that cannot be used, by its place.
    """
    window, sounds, notices, hotkeys = (_table(content, name) for name in TABLES)
    _only("window", window, (*_CHOICES, *_PLAIN, "dismissed", "heat"))
    _only("notices", notices, ("kinds",))
    values: dict[str, Any] = {"theme": _choice("theme", content.get("theme", "dark"), ThemeChoice)}
    for name, (attribute, kind) in _CHOICES.items():
        if name in window:
            values[attribute] = _choice(f"[window] {name}", window[name], kind)
    for name, (attribute, plain) in _PLAIN.items():
        if name in window:
            values[attribute] = _plain(f"[window] {name}", window[name], plain)
    values["dismissed"] = _names("[window] dismissed", window.get("dismissed", []))
    if "heat" in window:
        values["heat_s"] = _heat(window["heat"])
    values["notices"] = _names("[notices] kinds", notices.get("kinds", []))
    values["sounds"] = _sounds(sounds)
    return Preferences(hotkeys=MappingProxyType(dict(hotkeys)), **values)


def preferences_to(preferences: Preferences) -> dict[str, Any]:
    """Return the preferences as parts of a settings file."""
    sounds = preferences.sounds
    heard: dict[str, Any] = {"volume": sounds.volume, "muted": sorted(sounds.muted), "device": sounds.device}
    if sounds.quiet_from is not None and sounds.quiet_to is not None:
        heard["quiet"] = [f"{at:%H:%M}" for at in (sounds.quiet_from, sounds.quiet_to)]
    window = {name: getattr(preferences, attribute).value for name, (attribute, _) in _CHOICES.items()}
    window |= {name: getattr(preferences, attribute) for name, (attribute, _) in _PLAIN.items()}
    window["heat"] = [duration_text(seconds) for seconds in preferences.heat_s]
    return {
        "theme": preferences.theme.value,
        "window": {**window, "dismissed": sorted(preferences.dismissed)},
        "sounds": heard,
        "notices": {"kinds": sorted(preferences.notices)},
        "hotkeys": dict(preferences.hotkeys),
    }


def _heat(value: object) -> tuple[int, int, int]:
    texts = value if isinstance(value, list) else []
    try:
        first, second, third = (read_duration(text) for text in texts)
    except (ValueError, TypeError):
        raise ValueError(f'[window] heat is {value!r}, expected three times such as ["3:00", "4:30", "5:00"]') from None
    return first, second, third


def _sounds(table: Mapping[str, Any]) -> SoundPreferences:
    _only("sounds", table, ("volume", "muted", "quiet", "device"))
    quiet = table.get("quiet", [])
    if not isinstance(quiet, list) or len(quiet) not in (0, 2):
        raise ValueError(f'[sounds] quiet is {quiet!r}, expected two times such as ["22:00", "07:00"]')
    begin, end = (_wall_time(text) for text in quiet) if quiet else (None, None)
    muted = _names("[sounds] muted", table.get("muted", []))
    try:
        return SoundPreferences(
            table.get("volume", SoundPreferences().volume), muted, begin, end, table.get("device", "")
        )
    except ValueError as error:
        raise ValueError(f"[sounds] {error}") from error


def _wall_time(text: object) -> time:
    try:
        return time.fromisoformat(text) if isinstance(text, str) else time.fromisoformat("")
    except ValueError as error:
        raise ValueError(f"[sounds] quiet holds {text!r}, expected a time such as 22:00") from error


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"[{name}] must be a table")
    return table


def _only(name: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    if unknown := sorted(set(table) - set(allowed)):
        raise ValueError(f"[{name}] {unknown[0]}: expected one of {', '.join(allowed)}")


def _choice(place: str, value: object, kind: type[Enum]) -> Enum:
    found = next((one for one in kind if one.value == value), None)
    if found is None:
        words = [str(one.value) for one in kind]
        raise ValueError(f"{place} is {value!r}, expected {', '.join(words[:-1])} or {words[-1]}")
    return found


def _plain(place: str, value: object, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{place} is {value!r}, expected {_KINDS[kind]}")
    return value


def _names(place: str, value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{place} is {value!r}, expected a list of names")
    return frozenset(value)
