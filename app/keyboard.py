"""Whether somebody can be asked to type: asked of standard input."""

import sys


def is_there() -> bool:
    """Say whether standard input is a terminal; on Windows the null device calls itself one, and nobody types there."""
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return False
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    handle, mode = msvcrt.get_osfhandle(sys.stdin.fileno()), ctypes.c_ulong()
    return bool(ctypes.windll.kernel32.GetConsoleMode(ctypes.c_void_p(handle), ctypes.byref(mode)))
