"""The telephone of the broker's desk, as the settings name it."""

from pathlib import Path

import pytest

from app.config import StoredSettings, read_settings, write_settings
from core.errors import ConfigurationError


def test_a_desk_is_kept_by_connection(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", desk={"sierra": "+1 312 555 0100"}))
    assert read_settings(tmp_path).desk == {"sierra": "+1 312 555 0100"}


def test_a_desk_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('installation = "ABCD"\n[desk]\nsierra = 911\n')
    with pytest.raises(ConfigurationError, match="desk"):
        read_settings(tmp_path)
