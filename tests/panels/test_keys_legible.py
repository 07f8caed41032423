"""The palette and the page of keys can be read at every zoom."""

from collections.abc import Callable, Iterator
from datetime import UTC

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from core.preferences import Preferences
from panels.look import Look
from panels.terminal_view import TerminalView
from panels.wishes import OpenSettings
from tests.panels.conftest import Bench, HandClock
from tests.panels.legibility import clipped
from tests.panels.worlds import long_two

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    """A look that leaves the program as it found it."""
    made = Look(qapp, Preferences())
    made.theme.apply(qapp)
    yield made
    made.apply(Preferences())
    made.deleteLater()


@pytest.mark.parametrize("zoom", [100, 200])
def test_the_palette_and_the_page_of_keys_can_be_read(
    look: Look, bench: Callable[[QWidget], Bench], clock: HandClock, zoom: int
) -> None:
    look.apply(Preferences(zoom_percent=zoom))
    made = bench(TerminalView(look.theme, clock, zone=UTC))
    made.widget.resize(1440, 900)
    made.widget.show()
    made.show(long_two()).show(long_two(), after_s=0.4)
    made.widget.keys.run("command-palette", "Ctrl+K")
    QApplication.processEvents()
    palette = made.find("commandPalette")
    made.find("paletteLine").setText("position")
    QApplication.processEvents()
    assert palette.isVisible() and clipped(palette) == []
    palette.close()
    made.widget.banner.intent.emit(OpenSettings("hotkeys"))
    QApplication.processEvents()
    page = made.find("hotkeysPage")
    assert page.isVisible() and clipped(page) == []
    made.widget.dialogs.settings.close()
