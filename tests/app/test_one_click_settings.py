"""The accounts that are not asked stand in settings.toml, beside what the trader writes there by hand."""

from pathlib import Path

import pytest

from app.config import SETTINGS_NAME, StoredSettings, read_settings, write_settings
from app.one_click_settings import OneClickFile
from app.settings_file import SettingsFile
from core.errors import ConfigurationError, PersistenceError
from core.model.scope import AccountKey

ONE, OTHER = AccountKey("sierra", "ACCT-123"), AccountKey("sim", "Eval50K")


def test_they_come_back_as_they_were_stored(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("AAAA"))
    assert read_settings(tmp_path).one_click == frozenset()
    OneClickFile(SettingsFile(tmp_path)).save([OTHER, ONE])
    assert read_settings(tmp_path).one_click == {ONE, OTHER}
    assert "sierra/ACCT-123" in (tmp_path / SETTINGS_NAME).read_text(encoding="utf-8")
    OneClickFile(SettingsFile(tmp_path)).save([])
    assert read_settings(tmp_path).one_click == frozenset()


def test_what_was_written_by_hand_meanwhile_stays(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("AAAA"))
    kept = OneClickFile(SettingsFile(tmp_path))
    path = tmp_path / SETTINGS_NAME
    path.write_text(path.read_text(encoding="utf-8").replace('theme = "dark"', 'theme = "light"'), encoding="utf-8")
    kept.save([ONE])
    assert read_settings(tmp_path).preferences.theme.value == "light" and read_settings(tmp_path).one_click == {ONE}


def test_a_file_that_cannot_be_used_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_NAME).write_text("half a line", encoding="utf-8")
    with pytest.raises(PersistenceError, match=r"settings\.toml could not be written"):
        OneClickFile(SettingsFile(tmp_path)).save([ONE])
    assert (tmp_path / SETTINGS_NAME).read_text(encoding="utf-8") == "half a line"


@pytest.mark.parametrize("written", ['"sierra/ACCT"', '["ACCT-123"]', '["/A"]', "[1]"])
def test_what_names_no_account_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / SETTINGS_NAME).write_text(f'installation = "AAAA"\none_click = {written}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="expected a list of CONNECTION/ACCOUNT"):
        read_settings(tmp_path)
