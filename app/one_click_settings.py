"""The one_click of settings.toml: accounts whose entries inside the limits go without a question.

one_click = ["sierra/ACCT-123"]
"""

from collections.abc import Iterable
from dataclasses import replace

from app.settings_file import SettingsFile
from core.model.scope import AccountKey


class OneClickFile:
    """Where the setting is kept (trading thread)."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file

    def save(self, keys: Iterable[AccountKey]) -> None:
        """Store which accounts; what else the file says by now stays.

        Raises:
            PersistenceError: it could not be stored; the file is as it was.
        """
        accounts = frozenset(keys)
        self._file.change_now(lambda settings: replace(settings, one_click=accounts))
