"""Colours come from the tokens alone, can be read, and tell the modes apart without colour."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

import panels
from core.model.scope import Mode
from panels.mode_band import paint_pattern
from panels.theme import Theme, font, load_theme, size, sized_font

THEMES = ["dark", "light"]
GROUNDS = ("bg.0", "bg.1", "bg.2", "bg.3")
TEXTS = ("ink.1", "ink.2", "up", "down", "caution")


def luminance(colour: str) -> float:
    """Return the WCAG 2 relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_on_every_ground_it_stands_on(name: str) -> None:
    colours = load_theme(name).colours
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("danger", ground) for ground in GROUNDS]
    pairs += [("ink.3", ground) for ground in ("bg.0", "bg.1", "bg.2")]
    pairs += [("ink.1", ground) for ground in ("caution.bg", "danger.bg", "ok.bg")]
    pairs += [(f"{one}.text", one) for one in ("mode.live", "mode.eval", "mode.sim", "mode.replay")]
    pairs += [(f"{one}.text", one) for one in ("btn.buy", "btn.sell", "btn.flatten")]
    weak = [pair for pair in pairs if round(contrast(colours[pair[0]], colours[pair[1]]), 2) < 4.5]
    assert weak == []


@pytest.mark.parametrize("name", THEMES)
def test_controls_and_focus_stand_out_from_every_ground(name: str) -> None:
    colours = load_theme(name).colours
    pairs = [(one, ground) for one in ("line.strong", "focus") for ground in GROUNDS]
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 3.0] == []


def band(mode: Mode, theme: Theme) -> list[int]:
    """Return the grey values of a piece of band without words."""
    image = QImage(240, size("modeBand"), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.fillRect(image.rect(), theme.mode_colours(mode)[0])
    paint_pattern(painter, QRectF(image.rect()), mode, theme)
    painter.end()
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return [grey.pixelColor(x, y).red() for y in range(grey.height()) for x in range(grey.width())]


@pytest.mark.parametrize("name", THEMES)
def test_the_four_modes_differ_in_grey(qapp: QApplication, name: str) -> None:
    theme = load_theme(name)
    bands = {mode: band(mode, theme) for mode in Mode}
    for one in Mode:
        for other in Mode:
            if one is not other:
                apart = sum(abs(a - b) > 12 for a, b in zip(bands[one], bands[other], strict=True))
                assert apart / len(bands[one]) > 0.02, f"{one.value} looks like {other.value} in {name}"


@pytest.mark.parametrize("name", THEMES)
def test_eval_and_sim_carry_patterns_that_live_does_not(qapp: QApplication, name: str) -> None:
    theme = load_theme(name)
    assert len(set(band(Mode.LIVE, theme))) == 1
    assert len(set(band(Mode.EVAL, theme))) > 1
    assert len(set(band(Mode.SIM, theme))) > 1
    assert len(set(band(Mode.REPLAY, theme))) > 1


def test_no_colour_is_written_outside_the_tokens() -> None:
    folder = Path(panels.__file__).parent
    named = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b(?!\w)|Qt\.GlobalColor|QColor\(\s*\d|rgba?\(")
    found = [
        f"{path.name}: {line.strip()}"
        for path in [*folder.rglob("*.py"), *folder.rglob("*.qss")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", THEMES)
def test_the_sheet_names_only_tokens_that_exist(name: str) -> None:
    assert "$" not in load_theme(name).sheet()


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 'dark' or 'light'"):
        load_theme("sepia")


def test_a_switch_is_felt_at_once(qapp: QApplication) -> None:
    for name in ("light", "dark"):
        theme = load_theme(name)
        theme.apply(qapp)
        assert qapp.palette().window().color() == QColor(theme.colours["bg.0"])


def test_numbers_are_set_in_a_font_of_even_figures(qapp: QApplication) -> None:
    assert QFontInfo(font("value", number=True)).fixedPitch()
    assert sized_font(15).pixelSize() == 15
