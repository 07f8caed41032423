"""A line shows the fullest of its wordings that fits, and says the whole of it in its tooltip."""

import pytest
from pytestqt.qtbot import QtBot

from panels.widgets.wordings import Wordings

LONG, SHORT = "2 · −20t · −500.00 ▼ · SERVER", "2 · SERVER"


@pytest.fixture
def line(qtbot: QtBot) -> Wordings:
    made = Wordings("line", "Stop")
    qtbot.addWidget(made)
    made.show_wordings([LONG, SHORT])
    made.show()
    return made


def room_for(line: Wordings, text: str) -> int:
    return line.fontMetrics().horizontalAdvance(text) + 2


def test_the_fullest_wording_that_fits_is_shown(line: Wordings) -> None:
    line.resize(room_for(line, LONG), 20)
    assert (line.text(), line.toolTip()) == (LONG, "")
    line.resize(room_for(line, LONG) - 4, 20)
    assert (line.text(), line.toolTip()) == (SHORT, LONG)
    assert line.accessibleName() == f"Stop: {LONG}"


def test_where_none_fits_the_last_is_cut_with_an_ellipsis(line: Wordings) -> None:
    line.resize(room_for(line, SHORT) - 8, 20)
    assert line.text().endswith("…") and line.text() in (SHORT[:at] + "…" for at in range(len(SHORT)))
    assert line.toolTip() == LONG


def test_what_may_vanish_is_whole_or_not_there(qtbot: QtBot) -> None:
    line = Wordings("line", "Session", may_vanish=True)
    qtbot.addWidget(line)
    line.resize(40, 20)
    line.show()
    line.show_wordings([LONG])
    assert (line.text(), line.toolTip()) == ("", LONG)
    line.explain_more("Session 2025-11-12")
    assert line.toolTip() == f"{LONG}\nSession 2025-11-12"


def test_it_asks_for_the_fullest_and_makes_do_with_nothing(line: Wordings) -> None:
    assert line.sizeHint().width() >= room_for(line, LONG) - 1
    assert line.minimumSizeHint().width() == 0
