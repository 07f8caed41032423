"""What plays a sound file on this system: the one thing about sounds that differs between systems."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

WITHIN_S = 5.0


class SoundFailed(Exception):
    """A sound was not played; the text says why."""


class SoundOutput(Protocol):
    """Plays files, one at a time (sounds thread)."""

    def play(self, file: Path, device: str) -> None:
        """Play a file to its end.

        Args:
            device: name of the output; "" is the system's.

        Raises:
            SoundFailed: it was not played.
        """
        ...


class ProgramOutput:
    """Plays by a program of the system.

    Attributes:
        command: of the device: the program with its arguments, before the file.
    """

    def __init__(self, command: Callable[[str], Sequence[str]]) -> None:
        self.command = command

    def play(self, file: Path, device: str) -> None:
        """Run the program."""
        words = [*self.command(device), str(file)]
        try:
            ended = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, timeout=WITHIN_S, check=False, text=True
            )
        except subprocess.TimeoutExpired as error:
            raise SoundFailed(f"{words[0]} did not end within {WITHIN_S:.0f} s") from error
        except OSError as error:
            raise SoundFailed(f"{words[0]} could not be started ({error.strerror or error})") from error
        if ended.returncode:
            said = ended.stderr.strip().splitlines()
            raise SoundFailed(f"{words[0]} ended with {ended.returncode}: {said[-1] if said else 'it said nothing'}")


class WindowsOutput:
    """Plays by the system itself, on its own device."""

    def play(self, file: Path, device: str) -> None:
        """Play, and wait for the end."""
        if sys.platform == "win32":
            import winsound

            try:
                winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_NODEFAULT)
            except RuntimeError as error:
                raise SoundFailed(f"Windows could not play it ({error})") from error


class SilentOutput:
    """Plays nothing, and that is right: a window without a screen is heard by nobody."""

    def play(self, file: Path, device: str) -> None:
        """Be silent."""


class NoOutput:
    """Plays nothing: there is no program that could."""

    def play(self, file: Path, device: str) -> None:
        """Say so."""
        raise SoundFailed("no program that plays sounds was found (pw-play, paplay or aplay)")


def output_of(platform: str, found: Callable[[str], str | None] = shutil.which) -> SoundOutput:
    """Return what plays sounds here."""
    if platform == "win32":
        return WindowsOutput()
    players: dict[str, Callable[[str], list[str]]] = {
        "pw-play": lambda device: ["pw-play", *(["--target", device] if device else [])],
        "paplay": lambda device: ["paplay", *([f"--device={device}"] if device else [])],
        "aplay": lambda device: ["aplay", "-q", *(["-D", device] if device else [])],
    }
    if platform == "darwin":
        players = {"afplay": lambda device: ["afplay"]}
    name = next((one for one in players if found(one)), None)
    return NoOutput() if name is None else ProgramOutput(players[name])
