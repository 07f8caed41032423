"""Control verbs from a file; what is in it and what the verbs do is told in `control`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.simulator.errors import BadControl


class ControlFile:
    """Reads `control.jsonl` as it grows and answers in `control.done`; one thread uses it."""

    def __init__(self, folder: Path) -> None:
        """Begin at the present end of the file."""
        self._path = folder / "control.jsonl"
        self._done = folder / "control.done"
        self._read = self._path.stat().st_size if self._path.exists() else 0

    def poll(self, apply: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Carry out the lines that are complete, in order."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if line.strip():
                self._answer(line, apply)

    def _answer(self, line: bytes, apply: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]) -> None:
        name: object = None
        try:
            command = json.loads(line)
            if not isinstance(command, dict) or not isinstance(command.get("verb"), str):
                raise BadControl(f"{line[:80]!r} is not an object with a verb")
            name = command.pop("id", None)
            answer: dict[str, Any] = {"id": name, "ok": True, "result": apply(command.pop("verb"), command)}
        except (BadControl, ValueError) as error:
            answer = {"id": name, "ok": False, "error": str(error)}
        with self._done.open("a", encoding="utf-8") as file:
            file.write(json.dumps(answer) + "\n")
