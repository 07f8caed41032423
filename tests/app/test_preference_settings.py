"""What the trader prefers comes back as it was stored, and what cannot be used is refused by its place."""

from datetime import time
from pathlib import Path

import pytest

from app.config import SETTINGS_NAME, StoredSettings, read_settings, write_settings
from core.errors import ConfigurationError
from core.preferences import (
    ContrastChoice,
    MotionChoice,
    PaletteChoice,
    PnlMark,
    Preferences,
    SoundPreferences,
    ThemeChoice,
    ZoneChoice,
)

MINE = Preferences(
    theme=ThemeChoice.SYSTEM,
    palette=PaletteChoice.RED_UP,
    zoom_percent=150,
    contrast=ContrastChoice.ON,
    motion=MotionChoice.REDUCED,
    zone=ZoneChoice.UTC,
    pnl_mark=PnlMark.EXIT,
    heat_s=(60, 90, 125),
    sounds=SoundPreferences(0, frozenset({"fill", "limit-hit"}), time(22, 0), time(7, 30), "Desk speakers"),
    notices=frozenset({"alarm"}),
    hotkeys={"close-position": "Ctrl+Shift+X", "flatten": ""},
    layout_locked=True,
    dismissed=frozenset({"hotkeys"}),
    chart_interval="100t",
)


def test_preferences_come_back_as_they_were_stored(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", preferences=MINE))
    assert read_settings(tmp_path).preferences == MINE


def test_a_file_that_says_nothing_about_them_has_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_NAME).write_text('installation = "ABCD"\ntheme = "light"\n')
    assert read_settings(tmp_path).preferences == Preferences(theme=ThemeChoice.LIGHT)
    write_settings(tmp_path, StoredSettings("ABCD"))
    assert read_settings(tmp_path).preferences == Preferences()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('theme = "blue"', "theme is 'blue', expected dark, light or system"),
        ("[window]\nzoom = 300", "zoom is 300, expected 80 to 200"),
        ('[window]\nzoom = "big"', r"\[window\] zoom is 'big', expected a whole number"),
        ("[window]\nlocked = 1", r"\[window\] locked is 1, expected true or false"),
        ('[window]\nzone = "mars"', r"\[window\] zone is 'mars', expected exchange, local or utc"),
        ('[window]\nchart_interval = "5 years"', "is no bar length"),
        ("[window]\nchart_interval = 5", r"\[window\] chart_interval is 5, expected a text"),
        ('[window]\nheat = ["3:00"]', "expected three times such as"),
        ('[window]\nheat = ["3:00", "4:30", "1"]', "expected three times such as"),
        ('[window]\nheat = ["3:00", "2:00", "5:00"]', "heat is 180, 120, 300 s, expected three times"),
        ("[window]\nzooom = 1", r"\[window\] zooom: expected one of palette"),
        ("[window]\ndismissed = [1]", "dismissed is .*, expected a list of names"),
        ("window = 1", r"\[window\] must be a table"),
        ("[sounds]\nvolume = true", r"\[sounds\] volume is True, expected 0 to 100"),
        ('[sounds]\nquiet = ["22:00"]', "expected two times"),
        ('[sounds]\nquiet = ["22:00", "noon"]', "'noon', expected a time such as 22:00"),
        ('[sounds]\nquiet = ["22:00", "22:00"]', "quiet hours that end as they begin"),
        ('[sounds]\nmuted = ["a b"]', "muted holds 'a b', expected a name"),
        ("[hotkeys]\nclose = 1", "hotkeys close is 1, expected a short text"),
        ("[notices]\nto = 'x'", r"\[notices\] to: expected one of kinds"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / SETTINGS_NAME).write_text(f'installation = "ABCD"\n{written}\n')
    with pytest.raises(ConfigurationError, match=said):
        read_settings(tmp_path)
