"""What is preferred is drawn at once, in every widget there is, and what the system says is followed while it runs."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessibilityHints, QColor, QStyleHints
from PySide6.QtWidgets import QApplication

from core.preferences import ContrastChoice, MotionChoice, PaletteChoice, Preferences, ThemeChoice
from panels import look as looks
from panels import motion
from panels.look import Look, in_system_colours, theme_of
from panels.motion import is_reduced, keeps_still, set_still
from panels.theme import load_theme
from panels.zoomed import factor
from tests.panels.colour_vision import contrast
from tests.panels.conftest import Bench
from tests.panels.worlds import long_two

PLAIN = Preferences()


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    """A look that leaves the program as it found it."""
    made = Look(qapp, PLAIN)
    made.theme.apply(qapp)
    yield made
    made.apply(PLAIN)
    set_still(qapp, False)
    made.deleteLater()


def system(monkeypatch: pytest.MonkeyPatch, scheme: Any = None, contrast_wanted: Any = None) -> None:
    """Have the system say something of itself."""
    if scheme is not None:
        monkeypatch.setattr(QStyleHints, "colorScheme", lambda _self: scheme)
    if contrast_wanted is not None:
        monkeypatch.setattr(QAccessibilityHints, "contrastPreference", lambda _self: contrast_wanted)


@pytest.mark.parametrize(
    ("scheme", "name"),
    [(Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light"), (Qt.ColorScheme.Unknown, "dark")],
)
def test_the_system_is_followed_and_one_that_says_nothing_is_dark(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, scheme: Any, name: str
) -> None:
    system(monkeypatch, scheme)
    assert theme_of(replace(PLAIN, theme=ThemeChoice.SYSTEM), qapp) == load_theme(name)
    assert theme_of(replace(PLAIN, theme=ThemeChoice.LIGHT), qapp) == load_theme("light")


@pytest.mark.parametrize(("platform", "is_asked"), [("win32", True), ("darwin", True), ("linux", False)])
def test_title_bars_are_as_bright_as_the_window_and_the_systems_own_where_it_is_followed(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, platform: str, is_asked: bool
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(QStyleHints, "setColorScheme", lambda _self, scheme: asked.append(scheme))
    monkeypatch.setattr(sys, "platform", platform)
    plain = replace(PLAIN, motion=MotionChoice.FULL, contrast=ContrastChoice.OFF)  # nothing else is asked of the system
    made = Look(qapp, plain)
    for theme in (ThemeChoice.LIGHT, ThemeChoice.SYSTEM, ThemeChoice.DARK):
        made.apply(replace(plain, theme=theme))
    made.apply(plain)
    scheme = Qt.ColorScheme
    assert asked[1:4] == ([scheme.Light, scheme.Unknown, scheme.Dark] if is_asked else [])
    made.deleteLater()


def test_a_change_of_the_systems_scheme_is_drawn_at_once(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    look.apply(replace(PLAIN, theme=ThemeChoice.SYSTEM))
    assert look.theme.name == "dark"
    system(monkeypatch, Qt.ColorScheme.Light)
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert look.theme.name == "light"
    assert app.palette().window().color() == QColor(load_theme("light").colours["bg.0"])


def test_high_contrast_is_taken_from_the_system_forced_or_left_off(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    high, usual = load_theme("dark", contrast=True), load_theme("dark")
    on, off = (replace(PLAIN, contrast=one) for one in (ContrastChoice.ON, ContrastChoice.OFF))
    assert (theme_of(PLAIN, qapp), theme_of(on, qapp)) == (usual, high)
    system(monkeypatch, contrast_wanted=Qt.ContrastPreference.HighContrast)
    assert (theme_of(PLAIN, qapp), theme_of(off, qapp)) == (high, usual)
    monkeypatch.setattr(looks, "system_colours", lambda: (QColor("white"), QColor("navy")))
    assert theme_of(PLAIN, qapp).colours["ink.1"] == "#000080"


@pytest.mark.parametrize(("paper", "ink", "name"), [("black", "yellow", "dark"), ("white", "navy", "light")])
def test_the_systems_own_high_contrast_gives_paper_and_ink(paper: str, ink: str, name: str) -> None:
    theme = in_system_colours("standard", QColor(paper), QColor(ink))
    assert theme.name == name
    assert (theme.colours["bg.0"], theme.colours["ink.1"]) == (QColor(paper).name().upper(), QColor(ink).name().upper())
    for token in ("up", "down", "danger", "caution"):
        assert contrast(theme.colours[token], theme.colours["bg.1"]) >= 7


def test_palette_and_contrast_reach_every_painted_widget_at_once(look: Look, view: Bench) -> None:
    view.widget.show()
    view.show(long_two())
    seen: list[Any] = []
    look.changed.connect(seen.append)
    look.apply(replace(PLAIN, palette=PaletteChoice.BLUE_ORANGE))
    assert seen == [load_theme("dark", "blue-orange")]
    assert view.find("p2RiskBar")._theme == seen[0]
    assert "#56B4E9" in QApplication.instance().styleSheet()  # type: ignore[union-attr]
    label = view.find("p2Pnl").grab().toImage()
    found = {label.pixelColor(x, y).name().upper() for x in range(label.width()) for y in range(label.height())}
    assert "#56B4E9" in found
    look.apply(replace(PLAIN, palette=PaletteChoice.BLUE_ORANGE))
    assert len(seen) == 1  # it is drawn so already


def test_high_contrast_keeps_words_and_patterns(look: Look, view: Bench) -> None:
    view.widget.show()
    view.show(long_two())
    words = [view.text(name) for name in ("p2Pnl", "p2Side", "p2Certainty", "buyButton")]
    look.apply(replace(PLAIN, contrast=ContrastChoice.ON))
    assert [view.text(name) for name in ("p2Pnl", "p2Side", "p2Certainty", "buyButton")] == words
    band = view.find("modeBand").grab().toImage()
    greys = {band.pixelColor(x, 10).lightness() for x in range(700, 760)}
    assert len(greys) > 1  # the hatch of SIM


def test_motion_is_preferred_or_the_systems(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not keeps_still()
    look.apply(replace(PLAIN, motion=MotionChoice.REDUCED))
    assert keeps_still()
    look.apply(PLAIN)
    assert not keeps_still()
    monkeypatch.setattr(motion, "system_is_still", lambda: True)
    assert is_reduced(MotionChoice.SYSTEM) and not is_reduced(MotionChoice.FULL)


@pytest.mark.skipif(sys.platform == "win32", reason="there it is asked")
def test_a_system_that_cannot_be_asked_moves() -> None:
    assert not motion.system_is_still()
    assert looks.system_colours() is None


def test_the_zoom_goes_with_the_look(look: Look) -> None:
    look.apply(replace(PLAIN, zoom_percent=150))
    assert factor() == 1.5
    assert QApplication.font().pixelSize() == 20
    look.apply(PLAIN)
    assert factor() == 1.0 and QApplication.font().pixelSize() == 13
