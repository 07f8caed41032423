"""The layouts on disk: whole or not at all, five versions back, and never in the way of a start."""

import stat
import sys
from pathlib import Path
from threading import Barrier

import pytest

from app.layouts import FOLDER_NAME, VERSIONS, LayoutFiles
from panels.layouts import COMPANION, REVIEW, TRADE, Layout, Layouts

ONE = Layout(b"\x00\x01", (10, 20, 1440, 900), True)


def stored(folder: Path, *versions: Layouts) -> LayoutFiles:
    """Return the files after these were written, one after the other."""
    files = LayoutFiles(folder)
    files.read()
    for one in versions:
        files.write(one)
    files.finish()
    return LayoutFiles(folder)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    kept = Layouts(REVIEW, {TRADE: ONE, REVIEW: Layout(b"")})
    assert stored(tmp_path, kept).read() == kept


def test_a_new_folder_begins_in_the_workspace_that_is_asked_for(tmp_path: Path) -> None:
    assert LayoutFiles(tmp_path).read(first=COMPANION) == Layouts(COMPANION)


def test_a_safe_start_takes_nothing_and_leaves_the_files(tmp_path: Path) -> None:
    kept = Layouts(TRADE, {TRADE: ONE})
    files = stored(tmp_path, kept)
    assert files.read(is_safe_start=True) == Layouts(COMPANION)
    assert LayoutFiles(tmp_path).read() == kept


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"docks": 3}', '{"docks": "AA==", "window": ["a"]}', '{"docks": "*"}']
)
def test_a_broken_layout_is_passed_over_for_the_one_before(tmp_path: Path, broken: str) -> None:
    files = stored(tmp_path, *(Layouts(TRADE, {TRADE: Layout(bytes([at]))}) for at in range(3)))
    (tmp_path / FOLDER_NAME / "trade.json").write_text(broken)
    assert files.read().kept[TRADE] == Layout(b"\x01")


def test_five_versions_are_kept_and_an_unchanged_layout_is_no_version(tmp_path: Path) -> None:
    stored(tmp_path, *(Layouts(TRADE, {TRADE: Layout(bytes([at // 2]))}) for at in range(20)))
    found = sorted(path.name for path in (tmp_path / FOLDER_NAME).glob("trade*.json"))
    assert found == [*(f"trade.{age}.json" for age in range(1, VERSIONS + 1)), "trade.json"]


def test_an_unknown_workspace_is_not_opened(tmp_path: Path) -> None:
    stored(tmp_path, Layouts(TRADE))
    (tmp_path / FOLDER_NAME / "window.json").write_text('{"current": "strategies"}')
    assert LayoutFiles(tmp_path).read() == Layouts(TRADE)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_the_files_are_private(tmp_path: Path) -> None:
    stored(tmp_path, Layouts(TRADE, {TRADE: ONE}))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / FOLDER_NAME).iterdir()} == {0o600}


def test_writing_makes_nobody_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Barrier(2)
    written: list[Layouts] = []

    def slow(_: LayoutFiles, layouts: Layouts) -> None:
        disk.wait(10)
        written.append(layouts)

    monkeypatch.setattr(LayoutFiles, "_store", slow)
    files = LayoutFiles(tmp_path)
    files.write(Layouts(REVIEW))
    assert written == []
    disk.wait(10)
    files.finish()
    assert written == [Layouts(REVIEW)]


def test_the_columns_of_the_tables_are_read_again_and_a_broken_file_is_none(tmp_path: Path) -> None:
    files = LayoutFiles(tmp_path)
    assert files.read_columns() == {}
    files.write_columns({"ordersView": {"widths": {"Symbol": 150}, "hidden": []}})
    files.finish()
    assert LayoutFiles(tmp_path).read_columns() == {"ordersView": {"widths": {"Symbol": 150}, "hidden": []}}
    (tmp_path / FOLDER_NAME / "columns.json").write_text("{", encoding="utf-8")
    assert LayoutFiles(tmp_path).read_columns() == {}
