"""The layouts on disk: a file for each workspace with the five before it, and one that says which is open.

A file is replaced whole, so a kill leaves the old or the new one. What cannot be read is passed over for the version
before it, and at last for the arrangement the program has: a broken layout must not keep anybody from his position.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.file_in_place import put_in_place
from panels.layouts import COMPANION, TRADE, WORKSPACES, Layout, Layouts

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

FOLDER_NAME = "layouts"
INDEX = "window.json"
COLUMNS = "columns.json"
VERSIONS = 5


class LayoutFiles:
    """Read on the main thread at the start; written on a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER_NAME
        self._written: Layouts | None = None
        self._writer: ThreadPoolExecutor | None = None

    def read(self, is_safe_start: bool = False, first: str = TRADE) -> Layouts:
        """Return what is kept.

        Args:
            is_safe_start: begin in Companion with nothing of it; the files stay as they are.
            first: the workspace of a folder that has none yet.
        """
        if is_safe_start:
            return Layouts(COMPANION)
        index = _object(self._folder / INDEX)
        current = index.get("current")
        found = {name: layout for name in WORKSPACES if (layout := self._layout(name)) is not None}
        self._written = Layouts(current if current in WORKSPACES else first, found)
        return self._written

    def write(self, layouts: Layouts) -> None:
        """Have the layouts stored soon; returns at once."""
        self._begun().submit(self._store, layouts)

    def read_columns(self) -> dict[str, Any]:
        """Return how the columns of the tables stood, by the table's name."""
        return _object(self._folder / COLUMNS)

    def write_columns(self, columns: Mapping[str, Any]) -> None:
        """Have them stored soon; returns at once."""
        self._begun().submit(self._store_columns, columns)

    def finish(self) -> None:
        """Wait until everything is stored."""
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None

    def _begun(self) -> ThreadPoolExecutor:
        if self._writer is None:
            from concurrent.futures import ThreadPoolExecutor  # the shell on screen is read for first, and not written

            self._writer = ThreadPoolExecutor(1, "layouts")
        return self._writer

    def _layout(self, name: str) -> Layout | None:
        for path in (self._path(name), *(self._path(name, age) for age in range(1, VERSIONS + 1))):
            if (layout := _layout_from(_object(path))) is not None:
                return layout
        return None

    def _path(self, name: str, age: int = 0) -> Path:
        return self._folder / (f"{name}.{age}.json" if age else f"{name}.json")

    def _store(self, layouts: Layouts) -> None:
        """Write what changed since the last time (writing thread); a disk that refuses costs a layout, no more."""
        before, self._written = self._written, layouts
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for name, layout in layouts.kept.items():
            if before is None or before.kept.get(name) != layout:
                self._age(name)
                _replace(self._path(name), _layout_to(layout))
        _replace(self._folder / INDEX, {"current": layouts.current})

    def _store_columns(self, columns: Mapping[str, Any]) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        _replace(self._folder / COLUMNS, dict(columns))

    def _age(self, name: str) -> None:
        """Make every version one older; the oldest goes."""
        for age in range(VERSIONS, 0, -1):
            younger = self._path(name, age - 1)
            if younger.exists():
                put_in_place(younger, self._path(name, age))


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _layout_from(found: dict[str, Any]) -> Layout | None:
    docks, window = found.get("docks"), found.get("window")
    if not isinstance(docks, str):
        return None
    try:
        place = None if window is None else (int(window[0]), int(window[1]), int(window[2]), int(window[3]))
        return Layout(b64decode(docks, validate=True), place, found.get("maximized") is True)
    except (ValueError, TypeError, LookupError, OverflowError):
        return None


def _layout_to(layout: Layout) -> dict[str, Any]:
    return {
        "docks": b64encode(layout.docks).decode("ascii"),
        "window": layout.window,
        "maximized": layout.maximized,
    }


def _replace(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_suffix(".json.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o600)
    put_in_place(draft, path)
