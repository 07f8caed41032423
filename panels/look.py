"""How the program looks: what the trader prefers, joined with what the system says of itself.

The system's scheme and contrast are followed while it runs. Where it says nothing (an X server without a desktop, the
offscreen platform) it is dark, and of ordinary contrast.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from core.preferences import ContrastChoice, Preferences, ThemeChoice
from panels.motion import is_reduced, set_still
from panels.theme import Theme, load_theme
from panels.zoomed import factor

if TYPE_CHECKING:
    from panels.zoom import Zoom

# What a system in high contrast has two colours for: its paper, and its ink.
PAPER = ("bg.0", "bg.1", "bg.2")
INK = ("ink.1", "ink.2", "ink.3", "line", "line.strong", "focus")
_COLOR_WINDOW, _COLOR_WINDOWTEXT = 5, 8
_SCHEMES = {ThemeChoice.DARK: Qt.ColorScheme.Dark, ThemeChoice.LIGHT: Qt.ColorScheme.Light}


class Look(QObject):
    """Theme, palette, contrast, zoom and motion of the running program (GUI thread).

    Attributes:
        theme: the one drawn in now.

    Signals:
        changed: the Theme everything is drawn in from now on; every widget that takes a theme has been told already.
    """

    changed = Signal(object)

    def __init__(self, app: QApplication, preferences: Preferences, theme: Theme | None = None) -> None:
        """Follow the system from now on.

        Args:
            theme: what the window was begun in; None where nothing is drawn yet.
        """
        super().__init__(app)
        self._app, self._preferences = app, preferences
        self._ask_for_frames()
        self.theme = theme or theme_of(preferences, app)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow)
        set_still(app, is_reduced(preferences.motion))

    @cached_property
    def zoom(self) -> Zoom:
        """What makes everything larger or smaller; a start at 100 % does without."""
        from panels.zoom import Zoom

        return Zoom(self._app)

    def apply(self, preferences: Preferences) -> None:
        """Draw everything as preferred, at once; nothing happens where it is drawn so already."""
        self._preferences = preferences
        self._ask_for_frames()
        set_still(self._app, is_reduced(preferences.motion))
        theme = theme_of(preferences, self._app)
        resized = preferences.zoom_percent != round(factor() * 100)
        if theme == self.theme and not resized:
            return
        self.theme = theme
        if resized:
            self.zoom.set_percent(preferences.zoom_percent)
        theme.apply(self._app)
        if resized:
            self.zoom.spread()
        for widget in self._app.allWidgets():
            taker = getattr(widget, "set_theme", None)
            if taker is not None:
                taker(theme)
        self.changed.emit(theme)

    def _ask_for_frames(self) -> None:
        """Have title bars and the system's own dialogs as bright as the window, where a system can be asked."""
        if sys.platform in ("win32", "darwin"):
            self._app.styleHints().setColorScheme(_SCHEMES.get(self._preferences.theme, Qt.ColorScheme.Unknown))

    def _follow(self) -> None:
        self.apply(self._preferences)


def theme_of(preferences: Preferences, app: QApplication) -> Theme:
    """Return the theme that is preferred, on this system as it is now."""
    hints = app.styleHints()
    name, palette = preferences.theme.value, preferences.palette.value
    if preferences.theme is ThemeChoice.SYSTEM:
        name = "light" if hints.colorScheme() is Qt.ColorScheme.Light else "dark"
    if preferences.contrast is ContrastChoice.ON:
        return load_theme(name, palette, contrast=True)
    asked = hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
    if preferences.contrast is ContrastChoice.OFF or not asked:
        return load_theme(name, palette)
    own = system_colours()
    return load_theme(name, palette, contrast=True) if own is None else in_system_colours(palette, *own)


def in_system_colours(palette: str, paper: QColor, ink: QColor) -> Theme:
    """Return high contrast on the paper and in the ink of a system that has its own for it."""
    theme = load_theme("dark" if paper.lightness() < ink.lightness() else "light", palette, contrast=True)
    taken = dict.fromkeys(PAPER, paper.name().upper()) | dict.fromkeys(INK, ink.name().upper())
    return replace(theme, colours=MappingProxyType({**theme.colours, **taken}))


def system_colours() -> tuple[QColor, QColor] | None:
    """Return paper and ink of the system's own high contrast; None where it has none, which is all but Windows."""
    if sys.platform != "win32":
        return None
    import ctypes

    found = (ctypes.windll.user32.GetSysColor(one) for one in (_COLOR_WINDOW, _COLOR_WINDOWTEXT))
    paper, ink = (QColor(one & 0xFF, one >> 8 & 0xFF, one >> 16 & 0xFF) for one in found)  # 0x00BBGGRR
    return paper, ink
