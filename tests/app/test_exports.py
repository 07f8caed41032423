"""Exports are written beside the window's thread, and the trader is told where they went or why they did not."""

from pathlib import Path
from threading import current_thread

import pytest
from PySide6.QtWidgets import QApplication

from app.exports import Exports
from core.announcement import Announcement, Level
from core.sheet import Column, Kind, Paper, Sheet
from panels.exporting.asking import ExportFile, Form

SHEET = Sheet((Column("Side", Kind.TEXT), Column("Qty", Kind.NUMBER)), (("BUY", "2"), ("SELL", "1")))
PAPER = Paper("Orders", (), ("Side",), (False,), (60,), (("BUY",),))


def written(path: Path, form: Form, content: Sheet | Paper) -> Announcement:
    """Export something; return what was said."""
    said: list[tuple[str, Announcement]] = []
    exports = Exports(lambda one: said.append((current_thread().name, one)))
    exports.write(ExportFile("Orders", path, form, content))
    assert exports.thread is not None
    exports.thread.join(20)
    ((thread, told),) = said
    assert thread == "export"
    return told


@pytest.mark.parametrize(
    ("form", "content", "begins"),
    [(Form.CSV, SHEET, b"Side,Qty"), (Form.XLSX, SHEET, b"PK"), (Form.PDF, PAPER, b"%PDF")],
)
def test_a_file_is_written_and_its_place_told(
    qapp: QApplication, tmp_path: Path, form: Form, content: Sheet | Paper, begins: bytes
) -> None:
    target = tmp_path / f"orders.{form.value}"
    told = written(target, form, content)
    assert target.read_bytes().startswith(begins)
    rows = "1 row" if form is Form.PDF else "2 rows"
    assert (told.level, told.text) == (Level.SUCCESS, f"Orders: {rows} written to {target}.")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(("form", "content"), [(Form.CSV, SHEET), (Form.XLSX, SHEET), (Form.PDF, PAPER)])
def test_a_place_that_cannot_be_written_is_said_in_words(
    qapp: QApplication, tmp_path: Path, form: Form, content: Sheet | Paper
) -> None:
    told = written(tmp_path / "gone" / f"orders.{form.value}", form, content)
    assert told.level is Level.ERROR
    assert told.text.startswith(f"Orders could not be written to {tmp_path / 'gone'}")
    assert list(tmp_path.iterdir()) == []
