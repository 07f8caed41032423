"""The one_click of settings.toml: accounts whose entries inside the limits go without a question.

one_click = ["sierra/ACCT-123"]
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.config import read_settings, write_settings
from core.errors import ConfigurationError, PersistenceError
from core.model.scope import AccountKey


class OneClickFile:
    """Where the setting is kept (trading thread, which alone writes the file while it runs)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, keys: Iterable[AccountKey]) -> None:
        """Store which accounts; what else the file says by now stays.

        Raises:
            PersistenceError: it could not be stored; the file is as it was.
        """
        try:
            write_settings(self._folder, replace(read_settings(self._folder), one_click=frozenset(keys)))
        except (OSError, ConfigurationError) as error:
            raise PersistenceError(f"settings.toml could not be written: {error}") from error
