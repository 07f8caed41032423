"""A loudspeaker that remembers."""

from pathlib import Path
from threading import Event

from app.sound_output import SoundFailed


class FakeSoundOutput:
    """Remembers what was played.

    Attributes:
        played: names of the files, without volume. error: raised instead of playing, while set.
        gate: a sound waits for it; open unless a test closes it.
    """

    def __init__(self) -> None:
        self.played: list[str] = []
        self.devices: list[str] = []
        self.error = ""
        self.gate = Event()
        self.gate.set()

    def play(self, file: Path, device: str) -> None:
        assert file.read_bytes().startswith(b"RIFF")
        self.gate.wait(10)
        self.devices.append(device)
        self.played.append(file.stem.rpartition("-")[0])
        if self.error:
            raise SoundFailed(self.error)
