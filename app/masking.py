"""What leaves this machine in a log bundle, without what is nobody's business: passwords, logon names, account numbers.

Each account and each logon name becomes a number of its own between bullets, the same wherever it stands, so that what
happened can still be followed. Pure.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.log import MASK, masked

SHORTEST: Final = 3
# The user of an address, with or without a password that was blotted out before.
_USER_IN_ADDRESS: Final = re.compile(r"(\w+://)[^\s/@]+@")


class Masking:
    """Blots out what it was told of, and what looks like a secret."""

    def __init__(self, names: Iterable[str], secrets: Iterable[str] = (), home: Path | None = None) -> None:
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
        if home is not None and len(str(home)) > 1:
            for form in {str(home), _in_json(str(home))}:
                self._marks.setdefault(form, "~")
        longest_first = sorted(self._marks, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Return a text without secrets and names."""
        hidden = text
        if self._pattern is not None:
            hidden = self._pattern.sub(lambda found: self._marks[found[0]], hidden)
        return _USER_IN_ADDRESS.sub(rf"\1{MASK}@", masked(hidden))


def _in_json(name: str) -> str:
    """Return a name as it stands in a JSON line."""
    return json.dumps(name)[1:-1]
