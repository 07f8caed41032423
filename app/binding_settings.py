"""The settings that bind the engine: taken from settings.toml at the start, changed there while it runs.

arm_minutes = 30                 # how long an armed account stays so without a touch, 5 to 120

What binds of stricter limits until the session reset is in the database, where no edit of this file reaches it.
"""

from dataclasses import fields, replace
from typing import Final

from app.config import StoredSettings
from app.settings_file import SettingsFile
from core.binding_settings import BindingSettings

# What it is called in the file's settings where that is another name.
_STORED_AS: Final = {"rates": "commissions"}
_NAMES: Final = tuple(one.name for one in fields(BindingSettings) if one.name != "held")


def binding_of(stored: StoredSettings) -> BindingSettings:
    """Return what binds the engine."""
    return BindingSettings(**{name: getattr(stored, _STORED_AS.get(name, name)) for name in _NAMES})


class BindingFile:
    """Where changes are kept; what else the file says by now stays (trading thread)."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file

    def save(self, before: BindingSettings, after: BindingSettings) -> None:
        """Have what differs written soon; what cannot be is said by the file."""
        names = [name for name in _NAMES if getattr(before, name) != getattr(after, name)]
        changed = {_STORED_AS.get(name, name): getattr(after, name) for name in names}
        if changed:
            self._file.change(lambda stored: replace(stored, **changed))
