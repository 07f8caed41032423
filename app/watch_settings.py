"""The watchlist in settings.toml, in its order.

watch = ["sim/ESZ25_FUT_CME", "sierra/NQZ25_FUT_CME"]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings_file import SettingsFile  # which imports the settings, and they this

Place = tuple[str, str]


class WatchFile:
    """Where the list is kept (trading thread)."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file

    def save(self, places: Iterable[Place]) -> None:
        """Store the list soon; what else the file says by then stays."""
        watch = tuple(places)
        self._file.change(lambda settings: replace(settings, watch=watch))


def watch_from(value: object) -> tuple[Place, ...]:
    """Read the list.

    Raises:
        ValueError: it is none.
    """
    places = [str(name).partition("/") for name in value] if isinstance(value, list) else None
    if places is None or not all(connection and symbol for connection, _, symbol in places):
        raise ValueError(f"watch is {value!r}, expected a list of CONNECTION/SYMBOL")
    return tuple((connection, symbol) for connection, _, symbol in places)


def watch_to(places: Sequence[Place]) -> list[str]:
    """Return the list as it is written."""
    return [f"{connection}/{symbol}" for connection, symbol in places]
