"""The pictures of the documentation are what the window looks like now."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QImage, QPainter
from PySide6.QtWidgets import QApplication

from docs.scenes import DRAWINGS, PICTURES, Drawing
from docs.small_picture import small
from tests.docs.likeness import likeness

FONTS = {"Inter", "JetBrains Mono"}


def ids(drawing: Drawing) -> str:
    """Return the name of a test."""
    return drawing.file.removesuffix(".png")


@pytest.mark.parametrize("drawing", DRAWINGS, ids=ids)
def test_a_picture_of_the_documentation_is_what_the_window_looks_like(
    drawing: Drawing, qapp: QApplication, tmp_path: Path
) -> None:
    if not set(QFontDatabase.families()) >= FONTS:
        pytest.skip("the fonts of the pictures are not installed")
    stored = QImage(str(PICTURES / drawing.file))
    assert not stored.isNull(), f"{drawing.file} is missing: python docs/pictures.py makes it"
    drawn = drawing.draw()
    found = likeness(stored, drawn)
    if not found.is_same:
        drawn.save(str(tmp_path / "drawn.png"))
        found.difference.save(str(tmp_path / "difference.png"))
    assert found.is_same, (
        f"{drawing.file}: {found}. See {tmp_path}; if it is meant, make it anew: python docs/pictures.py"
    )


def test_no_picture_is_left_that_nobody_draws() -> None:
    assert {path.name for path in PICTURES.glob("*.png")} == {one.file for one in DRAWINGS}


def test_every_picture_is_shown_by_a_page() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PICTURES.parent.glob("*.md"))
    assert [one.file for one in DRAWINGS if f"pictures/{one.file}" not in pages] == []


def test_a_moved_word_is_noticed_and_a_smoothed_edge_is_not(qapp: QApplication) -> None:
    def card(left: int, shade: int = 0) -> QImage:
        made = QImage(400, 300, QImage.Format.Format_RGB32)
        made.fill(QColor(14 + shade, 17, 22))
        painter = QPainter(made)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(left, 100, "LONG 2 +125.00")
        painter.end()
        return made

    assert likeness(card(20), card(20, shade=3)).is_same
    moved = likeness(card(20), card(220))
    assert not moved.is_same
    assert "differ" in str(moved) and any(abs(y - 100) < 24 for _, y in moved.places)
    assert not likeness(card(20), QImage(10, 10, QImage.Format.Format_RGB32)).is_same


def test_a_thin_line_of_its_own_colour_keeps_it_beside_a_thousand_common_ones(qapp: QApplication) -> None:
    picture = QImage(400, 300, QImage.Format.Format_RGB32)
    for y in range(300):
        for x in range(400):
            picture.setPixelColor(x, y, QColor(20 + x // 10, 20 + y // 8, 40))
    line = QColor("#C9A6FF")
    for x in range(0, 400, 40):
        picture.setPixelColor(x, 150, line)
    assert small(picture).pixelColor(200, 150) == line
