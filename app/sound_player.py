"""Plays sounds on a thread of its own, one after the other: the window never waits for a loudspeaker.

What comes faster than it can be played is dropped: three sounds late is no signal any more. A sound that fails is said
once per cause; from then on the system's beep stands in.
"""

from collections.abc import Callable
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread

from app.sound_output import SoundFailed, SoundOutput
from core.file_in_place import put_in_place
from panels.sounds.sound import Sound
from panels.sounds.synthesis import wav

WAITING = 3
LOOK_S = 0.5


class SoundPlayer:
    """The thread and its queue (made on the GUI thread)."""

    def __init__(self, folder: Path, output: SoundOutput, failed: Callable[[str], None]) -> None:
        """Make the player; its thread begins with the first sound.

        Args:
            folder: of the files, made when the first is.
            failed: called on the sounds thread with why a sound was not heard; "" where that was said before.
        """
        self._folder = folder
        self._output = output
        self._failed = failed
        self._waiting: Queue[tuple[Sound, int, str]] = Queue(WAITING)
        self._stopping = Event()
        self._said: set[str] = set()
        self.thread = Thread(target=self._run, name="sounds", daemon=True)

    def play(self, sound: Sound, volume: int, device: str = "") -> None:
        """Have a sound played soon, or not at all; returns at once."""
        if self._stopping.is_set():
            return
        if self.thread.ident is None:
            self.thread.start()
        try:
            self._waiting.put_nowait((sound, volume, device))
        except Full:
            return  # what is heard now is loud enough, and the next alarm comes by itself

    def stop(self, within_s: float = 0.3) -> None:
        """End the thread after the sound it is at."""
        self._stopping.set()
        if self.thread.is_alive():
            self.thread.join(within_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                sound, volume, device = self._waiting.get(timeout=LOOK_S)
            except Empty:
                continue
            try:
                self._output.play(self._file(sound, volume), device)
            except (SoundFailed, OSError) as error:
                self._tell(str(error))

    def _file(self, sound: Sound, volume: int) -> Path:
        """Return the file of a sound at a volume, made the first time."""
        file = self._folder / f"{sound.value}-{volume}.wav"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(".new")
            draft.write_bytes(wav(sound, volume))
            put_in_place(draft, file)
        return file

    def _tell(self, why: str) -> None:
        if self._stopping.is_set():
            return  # whoever was to be told is going, or gone
        known = why in self._said
        self._said.add(why)
        self._failed("" if known else why)
