"""Whose turn it is with an account that several connections carry: closed by two at once it would be reversed."""

from collections.abc import Collection
from threading import Lock


class Turns:
    """The accounts somebody is at, by name; errands of all threads share one."""

    def __init__(self) -> None:
        self._mutex = Lock()
        self._taken: set[str] = set()

    def take(self, accounts: Collection[str]) -> bool:
        """Take all of them; False, and none is taken, while another errand is at one of them. Any thread."""
        with self._mutex:
            if self._taken.intersection(accounts):
                return False
            self._taken.update(accounts)
            return True

    def give_back(self, accounts: Collection[str]) -> None:
        """Let the next have them. Any thread."""
        with self._mutex:
            self._taken.difference_update(accounts)
