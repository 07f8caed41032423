"""The command `stanchion`: one line and an exit code for whatever goes wrong, never a traceback at the user.

Exit codes: 0 ok · 1 check failed · 2 usage · 3 data folder in use · 4 database refused · 5 no display.
Heavy imports wait until it is known that the program will run.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

from core.errors import ConfigurationError, DataFolderBusy, PersistenceError, TerminalError

OK, CHECK_FAILED, USAGE, BUSY, DATABASE_REFUSED, NO_DISPLAY = range(6)
COMMANDS = ("panic", "doctor", "backup", "restore", "export")  # each is a function of its name in app/commands
NO_DISPLAY_TEXT = (
    "There is no display. Set QT_QPA_PLATFORM=offscreen to run without a window, or start a virtual display (Xvfb) "
    "and set DISPLAY."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(0o077)  # everything we make is private; Windows has its own rules and ignores this
    write_utf8()
    try:
        if words[:1] == ["simulate"]:
            from app.simulate import simulate

            return simulate(words[1:])
        if words == ["--version"]:
            from importlib.metadata import version

            sys.stdout.write(f"stanchion {version('stanchion')}\n")
            return OK
        if words[:1] and words[0] in COMMANDS:
            command: Callable[[Sequence[str]], int] = getattr(import_module(f"app.commands.{words[0]}"), words[0])
            return command(words[1:])
        return _terminal(words)
    except ConfigurationError as error:
        return _said(str(error), USAGE)
    except DataFolderBusy as error:
        return _said(str(error), BUSY)
    except PersistenceError as error:
        return _said(str(error), DATABASE_REFUSED)
    except TerminalError as error:
        return _said(str(error), USAGE)
    except KeyboardInterrupt:
        return OK


def write_utf8() -> None:
    """Write UTF-8 into pipes and files; the code page Windows would take has not half of our signs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and (sys.platform == "win32" or not stream.isatty()):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Say whether a window can be opened: only Linux and its kin can lack a display."""
    if platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM") or environment.get("WAYLAND_DISPLAY"):
        return True
    return answers(environment.get("DISPLAY", ""))


def answers(display: str) -> bool:
    """Say whether an X display can be reached; of one on another machine we only know when we try."""
    host, _, number = display.rpartition(":")
    if host not in ("", "unix") or not number:
        return bool(display)
    if sys.platform == "win32":
        return False
    import socket

    path = f"/tmp/.X11-unix/X{number.split('.')[0]}"
    for place in (path, f"\0{path}"):
        with socket.socket(socket.AF_UNIX) as tried, suppress(OSError):
            tried.connect(place)
            return True
    return False


def _terminal(words: Sequence[str]) -> int:
    # While modules are made nothing is garbage, and looking for it costs a tenth of the start. `Terminal.run` looks.
    gc.disable()
    try:
        from app.config import parse_options

        options = parse_options(words)
        if not has_display(sys.platform, os.environ):
            return _said(NO_DISPLAY_TEXT, NO_DISPLAY)
        from app.data_folder import occupied
        from app.windows_desktop import introduce

        introduce()
        with occupied(options.data_dir) as folder:
            from app.application import run

            return run(options, folder)
    finally:
        gc.enable()


def _said(text: str, code: int) -> int:
    if sys.stderr is not None:  # a program without a console has none on Windows
        sys.stderr.write(f"stanchion: {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
