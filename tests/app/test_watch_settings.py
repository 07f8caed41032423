"""The watchlist stands in settings.toml, in its order."""

from pathlib import Path

import pytest

from app.config import SETTINGS_NAME, StoredSettings, read_settings, write_settings
from app.settings_file import SettingsFile
from app.watch_settings import WatchFile
from core.errors import ConfigurationError


def test_it_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("AAAA"))
    assert read_settings(tmp_path).watch == ()
    file = SettingsFile(tmp_path)
    WatchFile(file).save([("sim", "NQZ25_FUT_CME"), ("sierra", "BTC/USD")])
    assert file.flush()
    assert read_settings(tmp_path).watch == (("sim", "NQZ25_FUT_CME"), ("sierra", "BTC/USD"))


@pytest.mark.parametrize("line", ["watch = 3", 'watch = ["sim"]', 'watch = ["/ES"]', 'watch = "sim/ES"'])
def test_what_is_no_list_of_places_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / SETTINGS_NAME).write_text(f'installation = "AAAA"\n{line}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="watch is"):
        read_settings(tmp_path)
