"""Room for every word of a window."""

from PySide6.QtWidgets import QWidget


def make_room(window: QWidget) -> None:
    """Make a window as high as its words need at its width; room the trader made stays."""
    layout = window.layout()
    assert layout is not None
    layout.activate()
    wanted = layout.totalHeightForWidth(window.width())
    if window.height() < wanted:
        window.resize(window.width(), wanted)
