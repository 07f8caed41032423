"""Colours come from the tokens alone, can be read, and tell the modes apart without colour."""

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QApplication

import panels
from core.model.scope import Mode
from panels.mode_band import paint_pattern
from panels.theme import PALETTES, Theme, font, load_theme, size, sized_font
from tests.panels.colour_vision import MACHADO, apart, ciede2000, contrast

THEMES = ["dark", "light"]
BLUES = ("#56B4E9", "#00539C", "#8CD2FF", "#003E75")
GROUNDS = ("bg.0", "bg.1", "bg.2", "bg.3")
TEXTS = ("ink.1", "ink.2", "up", "down", "caution")


def every_theme() -> list[Any]:
    """Return all there are."""
    return [
        pytest.param(load_theme(name, palette, high), high, id=f"{name}-{palette}{'-high' if high else ''}")
        for name in THEMES
        for palette in PALETTES
        for high in (False, True)
    ]


@pytest.mark.parametrize(("theme", "high"), every_theme())
def test_text_can_be_read_on_every_ground_it_stands_on(theme: Theme, high: bool) -> None:
    colours = theme.colours
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("danger", ground) for ground in GROUNDS]
    pairs += [("ink.3", ground) for ground in ("bg.0", "bg.1", "bg.2")]
    pairs += [("ink.1", ground) for ground in ("caution.bg", "danger.bg", "ok.bg")]
    pairs += [(f"{one}.text", one) for one in ("mode.live", "mode.eval", "mode.sim", "mode.replay")]
    pairs += [(f"{one}.text", one) for one in ("btn.buy", "btn.sell", "btn.flatten")]
    pairs += [(one, "bg.1") for one in ("chart.vwap", "chart.poc")]
    least = 7.0 if high else 4.5
    weak = [
        (*pair, round(contrast(colours[pair[0]], colours[pair[1]]), 2))
        for pair in pairs
        if round(contrast(colours[pair[0]], colours[pair[1]]), 2) < least
    ]
    assert weak == []


@pytest.mark.parametrize(("theme", "high"), every_theme())
def test_controls_and_focus_stand_out_from_every_ground(theme: Theme, high: bool) -> None:
    colours = theme.colours
    pairs = [(one, ground) for one in ("line.strong", "focus") for ground in GROUNDS]
    pairs += [("ok", "ok.bg"), ("caution", "caution.bg"), ("danger", "danger.bg")]
    least = 7.0 if high else 3.0
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < least] == []


# Normal, protan, deutan, tritan; as the design states them.
SEPARATIONS = {
    ("dark", "standard"): (61, 22, 22, 70),
    ("light", "standard"): (54, 16, 22, 57),
    ("dark", "blue-orange"): (54, 51, 54, 54),
    ("light", "blue-orange"): (46, 49, 53, 53),
}


@pytest.mark.parametrize(("at", "stated"), SEPARATIONS.items(), ids=str)
def test_up_and_down_are_as_far_apart_as_stated_for_every_eye(at: tuple[str, str], stated: tuple[int, ...]) -> None:
    colours = load_theme(*at).colours
    measured = [apart(colours["up"], colours["down"], eyes) for eyes in MACHADO]
    assert measured == [pytest.approx(one, abs=1.0) for one in stated]


@pytest.mark.parametrize(("theme", "high"), every_theme())
def test_up_and_down_can_be_told_apart_by_every_eye(theme: Theme, high: bool) -> None:
    least = 40 if theme.colours["up"] in BLUES else 12
    assert min(apart(theme.colours["up"], theme.colours["down"], eyes) for eyes in MACHADO) >= least


@pytest.mark.parametrize("name", THEMES)
def test_simulated_money_never_looks_like_real(name: str) -> None:
    colours = load_theme(name).colours
    for real in ("mode.live", "mode.eval"):
        assert min(apart(colours["mode.sim"], colours[real], eyes) for eyes in MACHADO) >= 46
    stated = (24, 16, 10, 18) if name == "dark" else None
    if stated:
        measured = [apart(colours["mode.live"], colours["mode.eval"], eyes) for eyes in MACHADO]
        assert measured == [pytest.approx(one, abs=1.0) for one in stated]


def test_the_measure_of_colours_agrees_with_published_pairs() -> None:
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)
    assert ciede2000((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(0.9082, abs=1e-4)


def test_red_up_swaps_up_and_down_and_leaves_what_is_in_order_alone() -> None:
    usual, swapped = load_theme("dark").colours, load_theme("dark", "red-up").colours
    assert (swapped["up"], swapped["down"]) == (usual["down"], usual["up"])
    assert swapped["ok"] == usual["ok"] and swapped["danger"] == usual["danger"]


def test_high_contrast_keeps_every_token_and_the_sheet() -> None:
    for name in THEMES:
        assert set(load_theme(name, contrast=True).colours) == set(load_theme(name).colours)
        assert "$" not in load_theme(name, contrast=True).sheet()


def test_an_unknown_palette_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of standard, blue-orange, red-up"):
        load_theme("dark", "pink")


def band(mode: Mode, theme: Theme) -> list[int]:
    """Return the grey values of a piece of band without words."""
    image = QImage(240, size("modeBand"), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.fillRect(image.rect(), theme.mode_colours(mode)[0])
    paint_pattern(painter, QRectF(image.rect()), mode, theme)
    painter.end()
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return [grey.pixelColor(x, y).red() for y in range(grey.height()) for x in range(grey.width())]


@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize("name", THEMES)
def test_the_four_modes_differ_in_grey(qapp: QApplication, name: str, high: bool) -> None:
    theme = load_theme(name, contrast=high)
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
        if path.parent.name != "exporting"  # paper has its own ink
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
