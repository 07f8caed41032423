"""The program has a sign of its own, in every size and on any desk top."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from panels.theme import load_theme
from panels.window_icon import SIZES, window_icon


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_icon_has_every_size_and_shows_both_candles_on_its_ground(qapp: QApplication, name: str) -> None:
    theme = load_theme(name)
    icon = window_icon(theme)
    assert sorted(size.width() for size in icon.availableSizes()) == list(SIZES)
    drawn = icon.pixmap(QSize(256, 256)).toImage()
    seen = {drawn.pixelColor(x, 120).name() for x in range(drawn.width())}
    assert {theme.colour(token).name() for token in ("up", "down", "ink.1", "bg.0")} <= seen
