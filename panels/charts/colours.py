"""Colours between two tokens. They are opaque: a line one can see through costs ten times as much to draw."""

from functools import lru_cache

from PySide6.QtGui import QColor

from panels.theme import Theme


def faint(theme: Theme, token: str, share: float, ground: str = "bg.1") -> QColor:
    """Return a token as it looks over a ground with so much of it (0 to 1)."""
    return _mixed(theme.colours[token], theme.colours[ground], share)


@lru_cache(maxsize=256)
def _mixed(over: str, ground: str, share: float) -> QColor:
    first, then = QColor(over), QColor(ground)
    parts = zip((first.red(), first.green(), first.blue()), (then.red(), then.green(), then.blue()), strict=True)
    return QColor(*(round(one * share + other * (1 - share)) for one, other in parts))
