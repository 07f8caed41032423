"""Fingers on the keyboard of a private X screen: real keys, through the server's own test extension."""

import ctypes
import ctypes.util
from dataclasses import dataclass
from typing import Any

NAMES = {".": "period", "/": "slash", "-": "minus", " ": "space", ",": "comma"}
POINTER_ROOT = 1


class _Place(ctypes.Structure):
    """The beginning of XWindowAttributes, and room for its rest."""

    _fields_ = [
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("rest", ctypes.c_byte * 200),
    ]


def missing() -> str:
    """Return which library of X is not there; "" when none."""
    return next((f"lib{name} is not installed" for name in ("X11", "Xtst") if not ctypes.util.find_library(name)), "")


@dataclass
class Keys:
    """The keyboard of one display."""

    x: Any
    test: Any
    display: Any

    @classmethod
    def of(cls, display: str) -> "Keys":
        """Connect to a display."""
        x, test = ctypes.CDLL(ctypes.util.find_library("X11")), ctypes.CDLL(ctypes.util.find_library("Xtst"))
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XStringToKeysym.restype = x.XDefaultRootWindow.restype = ctypes.c_ulong
        return cls(x, test, ctypes.c_void_p(x.XOpenDisplay(display.encode())))

    def press(self, chord: str) -> None:
        """Press keys together, "Control_L+Shift_L+x", and let go."""
        codes = [self._code(NAMES.get(name, name)) for name in chord.split("+")]
        for code in codes:
            self.test.XTestFakeKeyEvent(self.display, code, 1, 0)
        for code in reversed(codes):
            self.test.XTestFakeKeyEvent(self.display, code, 0, 0)
        self.x.XSync(self.display, 0)

    def activate(self, width: int = 500) -> None:
        """Give the keyboard to the topmost window that is as wide, as a window manager does."""
        wide = [window for window in self._windows() if self._width(window) >= width]
        self.x.XSetInputFocus(self.display, ctypes.c_ulong(wide[-1]), POINTER_ROOT, 0)
        self.x.XSync(self.display, 0)

    def _code(self, name: str) -> int:
        sym = self.x.XStringToKeysym(name.encode())
        code = int(self.x.XKeysymToKeycode(self.display, ctypes.c_ulong(sym)))
        assert code, f"no key {name}"
        return code

    def _windows(self) -> list[int]:
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        found = ctypes.POINTER(ctypes.c_ulong)()
        top = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        out = (ctypes.byref(one) for one in (root, parent, found, count))
        self.x.XQueryTree(self.display, top, *out)
        return [int(found[at]) for at in range(count.value)]

    def _width(self, window: int) -> int:
        place = _Place()
        self.x.XGetWindowAttributes(self.display, ctypes.c_ulong(window), ctypes.byref(place))
        return int(place.width)
