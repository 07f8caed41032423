"""Whose money it is stands on top, in words, whatever else is on show."""

import pytest
from PySide6.QtGui import QImage

from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.mode_band import FrameWidget, ModeBand
from panels.theme import Theme, load_theme
from tests.panels.worlds import flat, in_mode


@pytest.mark.row(131)
@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode.LIVE, "LIVE · real money"),
        (Mode.EVAL, "EVAL · firm rules apply"),
        (Mode.SIM, "SIM · no real money"),
        (Mode.REPLAY, "REPLAY"),
        (None, "LIVE · not classified yet"),
    ],
)
def test_the_band_names_the_mode_and_the_account(theme: Theme, mode: Mode | None, words: str) -> None:
    band = ModeBand(theme)
    band.refresh(in_mode(mode, flat()))
    assert band.accessibleName() == f"Mode: {words} · sim · Sim1"
    assert band.objectName() == "modeBand"
    assert band.height() == 28


def test_without_an_account_no_mode_is_claimed(theme: Theme) -> None:
    band = ModeBand(theme)
    band.refresh(Snapshot())
    assert band.accessibleName() == "Mode: No account yet"


def picture(widget: ModeBand | FrameWidget) -> QImage:
    return widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)


@pytest.mark.row(131)
def test_an_unclassified_account_is_drawn_as_live(theme: Theme) -> None:
    band = ModeBand(theme)
    band.resize(900, 28)
    band.refresh(in_mode(Mode.LIVE, flat()))
    fill = band.grab().toImage().pixelColor(850, 14)
    band.refresh(in_mode(None, flat()))
    assert band.grab().toImage().pixelColor(850, 14) == fill == theme.colour("mode.live")


@pytest.mark.row(131)
@pytest.mark.parametrize("name", ["dark", "light"])
def test_painted_bands_and_frames_differ_in_grey(theme: Theme, name: str) -> None:
    seen: list[tuple[QImage, QImage]] = []
    for mode in Mode:
        band, frame = ModeBand(load_theme(name)), FrameWidget(load_theme(name), ModeBand(theme))
        for widget in (band, frame):
            widget.resize(600, 60)
            widget.refresh(in_mode(mode, flat()))
        seen.append((picture(band), picture(frame)))
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            assert one[0] != other[0]
            assert one[1] != other[1]


def test_words_stand_on_a_solid_plate(theme: Theme) -> None:
    band = ModeBand(theme)
    band.resize(900, 28)
    band.refresh(in_mode(Mode.SIM, flat()))
    image = band.grab().toImage()
    left, right = image.copy(13, 1, 4, 26), image.copy(850, 1, 40, 26)
    plate = {left.pixelColor(x, y).name() for x in range(4) for y in range(26)}
    hatched = {right.pixelColor(x, y).name() for x in range(40) for y in range(26)}
    assert plate == {theme.colours["mode.sim"].lower()}
    assert len(hatched) > 1
