"""What binds the engine is taken from settings.toml and kept there, part by part."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.binding_settings import BindingFile, binding_of
from app.config import SETTINGS_NAME, StoredSettings, read_settings, write_settings
from app.settings_file import SettingsFile
from core.binding_settings import HeldLimits
from core.errors import ConfigurationError
from core.model.guard_rules import GuardRules
from core.model.sanity import SanityLimits
from core.model.scope import AccountKey

KEY = AccountKey("sierra", "ACCT-123")
HELD = HeldLimits(replace(SanityLimits(), quantity_hard=Decimal(20)), datetime(2026, 11, 20, 23, tzinfo=UTC))


def test_what_differs_is_written_and_the_rest_stays_as_somebody_made_it_meanwhile(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD"))
    file = SettingsFile(tmp_path)
    before = binding_of(read_settings(tmp_path))
    path = tmp_path / SETTINGS_NAME
    path.write_text(path.read_text().replace("arm_minutes = 30", "arm_minutes = 60"))
    after = replace(before, guards={KEY: GuardRules(size=Decimal(3))}, rates={"sierra": {"ES": Decimal("2.25")}})
    BindingFile(file).save(before, after)
    assert file.flush()
    assert binding_of(read_settings(tmp_path)) == replace(after, arm_minutes=60)


def test_what_binds_of_stricter_limits_is_not_kept_where_an_editor_reaches_it(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD"))
    written = (tmp_path / SETTINGS_NAME).read_bytes()
    file = SettingsFile(tmp_path)
    before = binding_of(read_settings(tmp_path))
    BindingFile(file).save(before, replace(before, held=HELD))
    assert file.flush()
    assert (tmp_path / SETTINGS_NAME).read_bytes() == written


def test_a_file_from_when_it_was_kept_there_is_read(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_NAME).write_text('installation = "ABCD"\n[limits_held]\nuntil = "soon"\n')
    assert read_settings(tmp_path) == StoredSettings("ABCD")


def test_addresses_to_connect_to_are_kept(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", connections=("dtc://127.0.0.1:11099?name=sierra", "sim")))
    assert read_settings(tmp_path).connections == ("dtc://127.0.0.1:11099?name=sierra", "sim")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("arm_minutes = 4", "arm_minutes is 4, expected 5 to 120"),
        ("arm_minutes = true", "arm_minutes is True, expected 5 to 120"),
        ('connections = ["http://x"]', "dtc://"),
        ("ask_in_sim = 1", "ask_in_sim is 1, expected true or false"),
        ("connections = [1]", "expected a list of addresses"),
        ("limits = 1", r"\[limits\] must be a table"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / SETTINGS_NAME).write_text(f'installation = "ABCD"\n{written}\n')
    with pytest.raises(ConfigurationError, match=said):
        read_settings(tmp_path)
