"""What leaves this machine in a log bundle, without what is nobody's business: passwords, logon names, account numbers.

Each account and each logon name becomes a number of its own between bullets, the same wherever it stands, so that what
happened can still be followed. Pure.
"""

import json
import re
from collections.abc import Iterable
from pathlib import PurePath, PureWindowsPath
from typing import Final

from app.log import MASK, masked

SHORTEST: Final = 3
# The user of an address, with or without a password that was blotted out before.
_USER_IN_ADDRESS: Final = re.compile(r"(\w+://)[^\s/@]+@")


class Masking:
    """Blots out what it was told of, and what looks like a secret."""

    def __init__(self, names: Iterable[str], secrets: Iterable[str] = (), home: PurePath | None = None) -> None:
        """Prepare.

        Args:
            names: accounts and logon names; shorter than three characters they say nothing, and stay.
            secrets: passwords that are known; they go whatever their length.
            home: the folder whose name is the user's.
        """
        kept = sorted({one for one in names if len(one) >= SHORTEST}, key=lambda one: (-len(one), one))
        self._marks: dict[str, str] = {}
        for number, name in enumerate(kept, 1):
            for form in {name, _in_json(name)}:
                self._marks.setdefault(form, f"•{number}•")
        for secret in filter(None, secrets):
            for form in {secret, _in_json(secret)}:
                self._marks[form] = MASK
        self._home = None if home is None or len(str(home)) < 2 else _path_pattern(home)
        longest_first = sorted(self._marks, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Return a text without secrets and names."""
        hidden = text if self._home is None else self._home.sub("~", text)
        if self._pattern is not None:
            hidden = self._pattern.sub(lambda found: self._marks[found[0]], hidden)
        return _USER_IN_ADDRESS.sub(rf"\1{MASK}@", masked(hidden))


def _path_pattern(path: PurePath) -> re.Pattern[str]:
    """Return what finds a path as it is, in a JSON line, and, of Windows, however its parts are put together.

    There a text has it with one backslash, an error with two, the same in a log line with four, and others with a
    slash; capital letters mean nothing.
    """
    windows = isinstance(path, PureWindowsPath)
    apart = r"[\\/]+" if windows else "/"
    forms = {apart.join(map(re.escape, re.split(apart, form))) for form in (str(path), _in_json(str(path)))}
    return re.compile("|".join(sorted(forms)), re.IGNORECASE if windows else 0)


def _in_json(name: str) -> str:
    """Return a name as it stands in a JSON line."""
    return json.dumps(name)[1:-1]
