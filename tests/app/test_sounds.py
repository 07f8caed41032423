"""Sounds are played beside the window, a few at a time, and what fails is said once and never in the way."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.sound_output import NoOutput, ProgramOutput, SoundFailed, WindowsOutput, output_of
from app.sound_player import WAITING, SoundPlayer
from app.sounds import Sounds
from core.announcement import About
from core.events import Level
from core.preferences import SoundPreferences
from panels.sounds.sound import Sound
from tests.fakes.sounds import FakeSoundOutput
from tests.panels.worlds import NOW, announcement, flat, quote


@pytest.fixture
def output() -> FakeSoundOutput:
    return FakeSoundOutput()


@pytest.fixture
def sounds(qapp: QApplication, tmp_path: Path, output: FakeSoundOutput) -> Iterator[Sounds]:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    made = Sounds(qapp, tmp_path / "sounds", SoundPreferences(), output, lambda: noon)
    yield made
    made.stop()
    made.setParent(None)


def test_a_fill_is_heard_once_at_the_output_that_is_chosen(
    sounds: Sounds, output: FakeSoundOutput, qtbot: QtBot
) -> None:
    from dataclasses import replace

    sounds.prefer(SoundPreferences(device="speakers"))
    sounds.announce(replace(announcement("Bought 1.", Level.SUCCESS), about=About.FILL, cause="ST1"), 0.0)
    qtbot.waitUntil(lambda: output.played == ["fill"], timeout=5000)
    assert output.devices == ["speakers"]


def test_an_alarm_comes_back_until_a_key_is_pressed(sounds: Sounds, output: FakeSoundOutput, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    sounds.announce(announcement("No stop!", Level.ALARM), 0.0)
    sounds.refresh(flat(), NOW, 5.0)
    qtbot.waitUntil(lambda: output.played == ["alarm"] * 2, timeout=5000)
    QTest.keyClick(window, Qt.Key.Key_A)
    sounds.refresh(flat(), NOW, 10.0)
    sounds.test(Sound.ALERT)
    qtbot.waitUntil(lambda: output.played == ["alarm", "alarm", "alert"], timeout=5000)


def test_a_feed_that_falls_silent_is_heard_once(sounds: Sounds, output: FakeSoundOutput, qtbot: QtBot) -> None:
    from types import MappingProxyType

    fresh = flat(quotes=MappingProxyType({("sim", "ESZ5"): quote()}))
    silent = flat(quotes=MappingProxyType({("sim", "ESZ5"): quote(age_s=9, stale=True)}))
    for at, world in enumerate((fresh, silent, silent)):
        sounds.refresh(world, NOW, float(at))
    sounds.test(Sound.ALERT)
    qtbot.waitUntil(lambda: output.played == ["stale", "alert"], timeout=5000)


def test_what_fails_is_said_once_and_the_beep_stands_in(sounds: Sounds, output: FakeSoundOutput, qtbot: QtBot) -> None:
    said: list[str] = []
    sounds.failed.connect(said.append, Qt.ConnectionType.QueuedConnection)
    output.error = "no card"
    for _ in range(2):
        sounds.test(Sound.FILL)
    qtbot.waitUntil(lambda: len(output.played) == 2, timeout=5000)
    qtbot.waitUntil(lambda: said == ["no card"], timeout=5000)


def test_the_caller_never_waits_and_what_is_too_much_is_dropped(tmp_path: Path, output: FakeSoundOutput) -> None:
    output.gate.clear()
    player = SoundPlayer(tmp_path, output, lambda why: None)
    began = monotonic()
    for _ in range(50):
        player.play(Sound.FILL, 70)
    assert monotonic() - began < 5, "a play does not wait for the one before it"
    output.gate.set()
    while len(output.played) < WAITING and monotonic() - began < 10:
        player.thread.join(0.01)
    player.stop(5)
    assert WAITING <= len(output.played) <= WAITING + 1
    assert not player.thread.is_alive()


def test_a_folder_that_cannot_be_written_is_a_failure_and_no_more(tmp_path: Path, output: FakeSoundOutput) -> None:
    said: list[str] = []
    (tmp_path / "sounds").write_text("in the way")
    player = SoundPlayer(tmp_path / "sounds", output, said.append)
    player.play(Sound.FILL, 70)
    began = monotonic()
    while not said and monotonic() - began < 10:
        player.thread.join(0.01)
    player.stop()
    assert said and output.played == []


@pytest.mark.parametrize(
    ("platform", "there", "words"),
    [
        ("linux", {"pw-play", "paplay", "aplay"}, ["pw-play"]),
        ("linux", {"paplay", "aplay"}, ["paplay"]),
        ("linux", {"aplay"}, ["aplay", "-q"]),
        ("darwin", {"afplay"}, ["afplay"]),
    ],
)
def test_what_is_there_plays(platform: str, there: set[str], words: list[str]) -> None:
    output = output_of(platform, lambda name: name if name in there else None)
    assert isinstance(output, ProgramOutput)
    assert list(output.command("")) == words


def test_windows_plays_by_itself_and_nothing_at_all_says_so(tmp_path: Path) -> None:
    assert isinstance(output_of("win32"), WindowsOutput)
    nothing = output_of("linux", lambda name: None)
    assert isinstance(nothing, NoOutput)
    with pytest.raises(SoundFailed, match="no program"):
        nothing.play(tmp_path, "")


def test_a_program_that_fails_or_is_not_there_is_told_with_its_words(tmp_path: Path) -> None:
    fails = ProgramOutput(lambda device: [sys.executable, "-c", "import sys; sys.exit('no such card')"])
    with pytest.raises(SoundFailed, match="no such card"):
        fails.play(tmp_path, "")
    with pytest.raises(SoundFailed, match="could not be started"):
        ProgramOutput(lambda device: [str(tmp_path / "nothing")]).play(tmp_path, "")
