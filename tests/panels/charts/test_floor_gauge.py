"""The floor gauge draws floor, current and peak to scale, in both themes, below the floor too."""

from decimal import Decimal

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from core.model.guards import FloorGauge, GuardLevel
from panels.charts.floor_gauge import FloorBar, shares_of
from panels.theme import load_theme

D = Decimal


def gauge(floor: str, current: str, peak: str, level: GuardLevel = GuardLevel.OK) -> FloorGauge:
    return FloorGauge("static", D(floor), D(current), D(peak), D(current) - D(floor), level=level)


@pytest.mark.parametrize(
    ("figures", "shares"),
    [
        (("48000", "49000", "50000"), (0.0, 0.5, 1.0)),
        (("48000", "50000", "50000"), (0.0, 1.0, 1.0)),
        (("48000", "48000", "50000"), (0.0, 0.0, 1.0)),
        (("48000", "47000", "49000"), (0.5, 0.0, 1.0)),
        (("48000", "48000", "48000"), (0.0, 0.0, 0.0)),
        (("50100", "52000", "51000"), (0.0, 1.0, pytest.approx(900 / 1900))),
    ],
)
def test_the_three_marks_lie_where_the_money_is(figures: tuple[str, str, str], shares: tuple[float, ...]) -> None:
    assert shares_of(gauge(*figures)) == shares


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize(
    ("level", "token"), [(GuardLevel.OK, "ink.2"), (GuardLevel.AMBER, "caution"), (GuardLevel.RED, "danger")]
)
def test_what_is_left_is_drawn_in_the_tone_of_the_level(qtbot: QtBot, name: str, level: GuardLevel, token: str) -> None:
    theme = load_theme(name)
    bar = FloorBar(theme)
    qtbot.addWidget(bar)
    bar.resize(280, bar.height())
    bar.show_gauge(gauge("48000", "49000", "50000", level))
    picture = bar.grab().toImage()
    middle = picture.height() // 2
    assert QColor(picture.pixel(picture.width() // 4, middle)).name() == theme.colour(token).name()
    assert QColor(picture.pixel(picture.width() * 3 // 4, middle)).name() == theme.colour("bg.3").name()
