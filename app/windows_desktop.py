"""What only the desktop of Windows asks of a program, or tells it; elsewhere all of it is nothing."""

import sys
from collections.abc import Callable
from typing import Final

# By what the taskbar knows our windows: not as one more Python.
NAME: Final = "Stanchion.Terminal"
# CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT: after the handler has returned the process is ended.
CONSOLE_ENDS: Final = frozenset({2, 5, 6})
_ANYBODY: Final = -1
_CURRENT_SESSION: Final = -1
_SESSION_INFO_EX: Final = 25
_FLAGS_AT: Final = 4  # the fifth LONG of WTSINFOEXW: level, padding, session, state, flags
_LOCKED: Final = 0


def introduce() -> None:
    """Tell the taskbar who we are, before the first window."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(NAME)


def let_others_come_forward() -> None:
    """Give away our right to the front: a window may only take it from whom the user has just started."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(_ANYBODY)


def is_locked() -> bool:
    """Say whether the screen is locked; False where the system does not tell."""
    if sys.platform != "win32":
        return False
    import ctypes

    wts, found, size = ctypes.windll.wtsapi32, ctypes.POINTER(ctypes.c_int32)(), ctypes.c_ulong()
    if not wts.WTSQuerySessionInformationW(
        None, _CURRENT_SESSION, _SESSION_INFO_EX, ctypes.byref(found), ctypes.byref(size)
    ):
        return False
    try:
        return size.value > _FLAGS_AT * ctypes.sizeof(ctypes.c_int32) and found[_FLAGS_AT] == _LOCKED
    finally:
        wts.WTSFreeMemory(found)


def listen_to_console(closing: Callable[[], None]) -> Callable[[], None]:
    """Have it told when the console is closed, or the session it belongs to ends; returns what ends that.

    Args:
        closing: called on a thread of the system; the process lives until it returns, or for five seconds.
    """
    if sys.platform != "win32":
        return lambda: None
    import ctypes

    def told(event: int) -> int:
        if event not in CONSOLE_ENDS:
            return 0
        closing()
        return 1

    handler = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_ulong)(told)
    ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, 1)
    return lambda: ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, 0)
