"""Whether things may move by themselves: what the trader prefers, else what the system says. Words pure, edge thin."""

import sys

from PySide6.QtCore import QCoreApplication

from core.preferences import MotionChoice

PROPERTY = "reducedMotion"
_SPI_GETCLIENTAREAANIMATION = 0x1042


def is_reduced(choice: MotionChoice) -> bool:
    """Return whether nothing is to move by itself."""
    if choice is MotionChoice.SYSTEM:
        return system_is_still()
    return choice is MotionChoice.REDUCED


def system_is_still() -> bool:
    """Return whether the system was told to keep still; only Windows says so to whoever asks."""
    if sys.platform != "win32":
        return False
    import ctypes

    animates = ctypes.c_int(1)
    ctypes.windll.user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animates), 0)
    return not animates.value


def set_still(app: QCoreApplication, still: bool) -> None:
    """Say for the whole program whether things move by themselves."""
    app.setProperty(PROPERTY, still)


def keeps_still() -> bool:
    """Return whether nothing is to move by itself, as the application object carries it."""
    app = QCoreApplication.instance()
    return bool(app is not None and app.property(PROPERTY))
