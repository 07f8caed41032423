"""Asking the built-in simulator for something, by the control file in its folder: see `services.simulator.control`.

One question is one line, synchronised before it counts as asked; the answer is a line of another file, looked for from
where that file ended when the question was put.
"""

import json
import os
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.errors import PersistenceError
from services.account_reset_service import ResetAnswer


class ControlFileClient:
    """The control file of one simulator (trading thread)."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "control.jsonl"
        self._done = folder / "control.done"
        self._from: dict[str, int] = {}

    def ask_reset(self, account: str) -> str:
        """Ask for a reset; return the name of the question.

        Raises:
            PersistenceError: it could not be written.
        """
        name = secrets.token_hex(8)
        line = json.dumps({"id": name, "verb": "reset_account", "account": account}) + "\n"
        try:
            self._from[name] = self._done.stat().st_size if self._done.exists() else 0
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise PersistenceError(f"{self._file} cannot be written: {error.strerror or error}") from error
        return name

    def answer(self, name: str) -> ResetAnswer | None:
        """Return the answer to a question; None before there is one.

        Raises:
            PersistenceError: it cannot be read.
        """
        if not self._done.exists():
            return None
        try:
            with self._done.open("rb") as file:
                file.seek(self._from.get(name, 0))
                lines = file.read().splitlines(keepends=True)
        except OSError as error:
            raise PersistenceError(f"{self._done} cannot be read: {error.strerror or error}") from error
        found = next((one for line in lines if (one := _read(line)).get("id") == name), None)
        if found is None:
            return None
        self._from.pop(name, None)
        return _answer_of(found)


def _read(line: bytes) -> dict[str, Any]:
    """Return a line's object; an empty one where it is not whole yet."""
    try:
        read = json.loads(line) if line.endswith(b"\n") else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _answer_of(found: dict[str, Any]) -> ResetAnswer:
    if not found.get("ok"):
        return ResetAnswer(None, str(found.get("error", "the simulator refused")))
    try:
        return ResetAnswer(Decimal(str(found["result"]["cash"])))
    except (KeyError, TypeError, InvalidOperation):
        return ResetAnswer(None, "the simulator did not say with how much money it begins")
