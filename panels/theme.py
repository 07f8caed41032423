"""The look: colour tokens, fonts and one small style sheet, switched at once by `Theme.apply`.

Every colour of the program comes from tokens.json through a Theme. Style sheets colour by *tone* and *kind* (dynamic
properties), so a widget says what a figure means and never which colour that is; painted widgets are given the Theme.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from types import MappingProxyType

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from core.model.scope import Mode
from panels.zoomed import px

TOKENS = Path(__file__).with_name("tokens.json")
SHEET = Path(__file__).with_name("sheet.qss")
UI_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
STANDARD, BLUE_ORANGE, RED_UP = PALETTES = ("standard", "blue-orange", "red-up")
_PIXELS = re.compile(r"\b(\d+)px")
NUMBER_FAMILIES = ("JetBrains Mono", "Cascadia Mono", "Consolas", "SF Mono", "Menlo", "DejaVu Sans Mono")


@dataclass(frozen=True, slots=True)
class Theme:
    """One palette of the tokens.

    Attributes:
        name: "dark" or "light".
        colours: token name to "#RRGGBB"; "ok" beside those of the file: what is in order, in every palette the same.
    """

    name: str
    colours: Mapping[str, str]

    def colour(self, token: str, alpha: int = 255) -> QColor:
        """Return a token as a colour; alpha 0 to 255."""
        colour = QColor(self.colours[token])
        colour.setAlpha(alpha)
        return colour

    @property
    def shade(self) -> str:
        """The token of the darkest colour of the theme: hatching, notches, veils."""
        return "bg.0" if self.name == "dark" else "ink.1"

    def mode_colours(self, mode: Mode) -> tuple[QColor, QColor]:
        """Return fill and text of a mode."""
        token = f"mode.{mode.value.lower()}"
        return self.colour(token), self.colour(f"{token}.text")

    def apply(self, app: QApplication) -> None:
        """Draw the whole program in this theme from now on."""
        self.begin(app)
        app.setStyleSheet(self.sheet())

    def begin(self, app: QApplication) -> None:
        """Set style, font and colours without the style sheet, which goes over a tree of widgets once it is whole.

        Under a sheet each widget put into another has everything below it styled anew: a window takes three times as
        long to build.
        """
        if not app.styleSheet():  # under a sheet it is set already, and setting it again costs as much as the sheet
            app.setStyle("Fusion")
        app.setFont(sized_font(px(_scale()["body"])))
        app.setPalette(self._palette())

    def sheet(self) -> str:
        """Return the style sheet with this theme's colours, its sizes as large as everything is drawn now."""
        names = {token.replace(".", "_"): colour for token, colour in self.colours.items()}
        filled = Template(_sheet()).substitute(names)
        if px(100) == 100:
            return filled
        return _PIXELS.sub(lambda size: f"{max(1, px(int(size[1])))}px" if int(size[1]) > 1 else size[0], filled)

    def _palette(self) -> QPalette:
        roles = {
            QPalette.ColorRole.Window: "bg.0",
            QPalette.ColorRole.WindowText: "ink.1",
            QPalette.ColorRole.Base: "bg.1",
            QPalette.ColorRole.AlternateBase: "bg.1",
            QPalette.ColorRole.Text: "ink.1",
            QPalette.ColorRole.Button: "bg.2",
            QPalette.ColorRole.ButtonText: "ink.1",
            QPalette.ColorRole.BrightText: "ink.1",
            QPalette.ColorRole.ToolTipBase: "bg.2",
            QPalette.ColorRole.ToolTipText: "ink.1",
            QPalette.ColorRole.PlaceholderText: "ink.3",
            QPalette.ColorRole.Highlight: "bg.3",
            QPalette.ColorRole.HighlightedText: "ink.1",
            QPalette.ColorRole.Link: "ink.1",
            QPalette.ColorRole.Light: "bg.3",
            QPalette.ColorRole.Midlight: "bg.2",
            QPalette.ColorRole.Mid: "line",
            QPalette.ColorRole.Dark: "line",
            QPalette.ColorRole.Shadow: "bg.0",
        }
        palette = QPalette()
        for role, token in roles.items():
            palette.setColor(role, self.colour(token))
        faded = (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText)
        for role in faded:
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("ink.3"))
        return palette


@cache
def _tokens() -> Mapping[str, object]:
    return MappingProxyType(json.loads(TOKENS.read_text(encoding="utf-8")))


@cache
def _sheet() -> str:
    return SHEET.read_text(encoding="utf-8")


def load_theme(name: str = "dark", palette: str = STANDARD, contrast: bool = False) -> Theme:
    """Return the theme of that name.

    Args:
        palette: which colours up and down have: "standard", "blue-orange" or "red-up".
        contrast: with the colours of high contrast; patterns and words stay as they are.

    Raises:
        ValueError: there is no such theme or palette.
    """
    if name not in ("dark", "light"):
        raise ValueError(f"theme {name!r}: expected 'dark' or 'light'")
    if palette not in PALETTES:
        raise ValueError(f"palette {palette!r}: expected one of {', '.join(PALETTES)}")
    colours = {**_section(name), **(_section("contrast", name) if contrast else {})}
    colours["ok"] = colours["up"]
    if palette == BLUE_ORANGE:
        colours |= _section(f"{'contrast.' if contrast else ''}palette.blue_orange", name)
    elif palette == RED_UP:
        colours["up"], colours["down"] = colours["down"], colours["up"]
    return Theme(name, MappingProxyType(colours))


def _section(*path: str) -> dict[str, str]:
    found: object = _tokens()
    for part in path:
        assert isinstance(found, Mapping)
        found = found[part]
    assert isinstance(found, dict)
    return found


def size(name: str) -> int:
    """Return a size token, logical pixels (modeBand, toolbar, statusBar, frame, rowTable, control)."""
    sizes = _tokens()["size"]
    assert isinstance(sizes, dict)
    return int(sizes[name])


def font(step: str, number: bool = False, bold: bool = False) -> QFont:
    """Return a font of the type scale (label, body, value, subhero, hero) at 100 %, with tabular figures."""
    return sized_font(_scale()[step], number, bold)


def _scale() -> Mapping[str, int]:
    fonts = _tokens()["font"]
    assert isinstance(fonts, dict)
    scale = fonts["px"]
    assert isinstance(scale, dict)
    return scale


def sized_font(pixels: int, number: bool = False, bold: bool = False) -> QFont:
    """Return the interface font, or the font for numbers, in that many logical pixels."""
    result = QFont()
    result.setFamilies(list(NUMBER_FAMILIES if number else UI_FAMILIES))
    result.setPixelSize(pixels)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    result.setStyleHint(QFont.StyleHint.Monospace if number else QFont.StyleHint.SansSerif)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result
