"""A file gets its new content whole, also where the system refuses for a moment because somebody looks at it."""

import os
import sys
from pathlib import Path
from threading import Timer

import pytest

from core.file_in_place import PAUSES_S, put_in_place


class Refusing:
    """A system that refuses some renamings.

    Attributes:
        left: how many it refuses yet. slept: how long was waited in between.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int, of_windows: bool = True) -> None:
        self.left, self.slept = left, list[float]()
        self._rename, self._of_windows = os.replace, of_windows
        monkeypatch.setattr(os, "replace", self.replace)

    def replace(self, draft: Path, path: Path) -> None:
        """Rename, or not."""
        if self.left:
            self.left -= 1
            error = PermissionError(13, "in use")
            if self._of_windows:
                error.winerror = 32  # type: ignore[attr-defined, unused-ignore]
            raise error
        self._rename(draft, path)


def two(folder: Path) -> tuple[Path, Path]:
    draft, path = folder / "x.new", folder / "x"
    draft.write_text("new")
    path.write_text("old")
    return draft, path


def test_what_is_refused_for_a_moment_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, path = two(tmp_path)
    system = Refusing(monkeypatch, 3)
    put_in_place(draft, path, sleep=system.slept.append)
    assert (path.read_text(), draft.exists()) == ("new", False)
    assert system.slept == list(PAUSES_S[:3])


def test_what_is_refused_for_long_is_given_up_and_both_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, path = two(tmp_path)
    system = Refusing(monkeypatch, 100)
    with pytest.raises(PermissionError):
        put_in_place(draft, path, sleep=system.slept.append)
    assert (path.read_text(), draft.read_text()) == ("old", "new")
    assert sum(system.slept) < 2.0


def test_where_a_refusal_is_no_matter_of_time_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = Refusing(monkeypatch, 1, of_windows=False)
    with pytest.raises(PermissionError):
        put_in_place(*two(tmp_path), sleep=system.slept.append)
    assert system.slept == []


def test_a_reader_who_has_the_file_open_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    draft, path = two(tmp_path)
    reader = path.open()
    refused = False
    try:
        os.replace(draft, path)
    except PermissionError:
        refused = True
        Timer(0.1, reader.close).start()
        put_in_place(draft, path)
    reader.close()
    assert refused == (sys.platform == "win32")
    assert path.read_text() == "new"
