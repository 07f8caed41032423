"""What Windows is told and asked; its answers are played, so that every system sees what is made of them."""

import ctypes
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import session_end, windows_desktop
from app.session_end import SessionEnd
from app.windows_desktop import is_locked, listen_to_console


class Windows:
    """A Windows.

    Attributes:
        flags: of the session: 0 is locked, 1 is not; None where it does not tell.
        handlers: of its console.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.flags: int | None = 1
        self.handlers: list[Callable[[int], int]] = []
        wts = SimpleNamespace(WTSQuerySessionInformationW=self.query, WTSFreeMemory=lambda found: None)
        dlls = SimpleNamespace(wtsapi32=wts, kernel32=SimpleNamespace(SetConsoleCtrlHandler=self.handle))
        monkeypatch.setattr(sys, "platform", "win32")
        monkeypatch.setattr(ctypes, "windll", dlls, raising=False)
        monkeypatch.setattr(ctypes, "WINFUNCTYPE", lambda *kinds: lambda made: made, raising=False)
        monkeypatch.setattr(ctypes, "byref", lambda one: one)

    def query(self, server: Any, session: int, what: int, found: Any, size: Any) -> bool:
        """Answer as WTSInfoEx of this session does."""
        assert (session, what) == (-1, 25)
        if self.flags is None:
            return False
        self.answer = (ctypes.c_int32 * 16)(1, 0, 1, 0, self.flags)  # kept: it is pointed to
        found.contents = ctypes.c_int32.from_buffer(self.answer)
        size.value = ctypes.sizeof(self.answer)
        return True

    def handle(self, handler: Callable[[int], int], add: int) -> None:
        """Take a handler of the console, or let it go."""
        (self.handlers.append if add else self.handlers.remove)(handler)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    return Windows(monkeypatch)


@pytest.mark.parametrize(("flags", "locked"), [(0, True), (1, False), (-1, False), (None, False)])
def test_a_locked_screen_is_told_from_one_that_is_not_and_from_silence(
    windows: Windows, flags: int | None, locked: bool
) -> None:
    windows.flags = flags
    assert is_locked() is locked


@pytest.mark.parametrize(("event", "told"), [(0, 0), (1, 0), (2, 1), (5, 1), (6, 1)])
def test_of_a_console_its_end_is_told_and_no_key(windows: Windows, event: int, told: int) -> None:
    heard: list[str] = []
    forget = listen_to_console(lambda: heard.append("closing"))
    (handler,) = windows.handlers
    assert (handler(event), len(heard)) == (told, told)
    forget()
    assert windows.handlers == []


def test_a_console_that_is_closed_ends_the_program_in_the_event_loop_and_waits_for_it(
    windows: Windows, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited, heard = list[float](), list[str]()
    monkeypatch.setattr(session_end, "time", SimpleNamespace(sleep=waited.append))
    end = SessionEnd(qapp)
    end.came.connect(heard.append)
    end.listen()
    try:
        assert windows.handlers[0](2) == 1
        assert (heard, waited) == ([], [session_end.CONSOLE_HELD_S])
        qtbot.waitUntil(lambda: heard == ["console"], timeout=5000)
    finally:
        end.forget()
    assert session_end.WITHIN_S < session_end.CONSOLE_HELD_S < 5.0 and windows.handlers == []


@pytest.mark.skipif(sys.platform == "win32", reason="there it does something")
def test_elsewhere_all_of_it_is_nothing() -> None:
    windows_desktop.introduce()
    windows_desktop.let_others_come_forward()
    assert not is_locked()
    listen_to_console(lambda: None)()
