"""Sounds and notices joined: a wish is answered, a failure stands as a caution, and no secret is in a sentence."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.attention import UNSEEN, Attention
from app.sound_output import SilentOutput
from core.announcement import About, Announcement
from core.events import Level
from core.preferences import Preferences
from panels.wishes import OpenAlerts, PlaySound, StoreNoticeAddress, TryNotice
from tests.fakes.notices import FakeAddress, FakeSender
from tests.fakes.sounds import FakeSoundOutput
from tests.panels.worlds import announcement

SECRET = "ntfys://user:POISONED@ntfy.example/desk"


class World:
    """Attention over fakes, and what it said that stands."""

    def __init__(self, app: QApplication, window: QWidget, folder: Path) -> None:
        self.output, self.sender, self.address = FakeSoundOutput(), FakeSender(), FakeAddress()
        wanted = Preferences(notices=frozenset({"alarm"}))
        self.attention = Attention(app, window, folder, wanted, self.output, self.sender, self.address)
        self.standing: dict[str, str] = {}
        self.attention.standing.connect(self.standing.__setitem__)
        self.told: list[Announcement] = []
        self.attention.told.connect(self.told.append)
        self.tried: list[tuple[bool, str]] = []
        self.attention.tried.connect(lambda ok, text: self.tried.append((ok, text)))


@pytest.fixture
def world(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[World]:
    window = QWidget()
    qtbot.addWidget(window)
    made = World(qapp, window, tmp_path)
    yield made
    made.attention.stop()
    made.attention.setParent(None)


def test_a_fill_is_one_sound_and_no_notice(world: World, qtbot: QtBot) -> None:
    fill = announcement("Bought 1.", Level.SUCCESS)
    world.attention.announce(replace(fill, about=About.FILL, cause="ST1"))
    qtbot.waitUntil(lambda: world.output.played == ["fill"], timeout=5000)
    assert world.sender.tries == 0


def test_a_sound_is_tried_by_its_name(world: World, qtbot: QtBot) -> None:
    assert world.attention.take(PlaySound("limit-75"))
    qtbot.waitUntil(lambda: world.output.played == ["limit-75"], timeout=5000)
    assert not world.attention.take(OpenAlerts())


def test_sounds_that_fail_are_told_once(world: World, qtbot: QtBot) -> None:
    world.output.error = "no card"
    for _ in range(2):
        world.attention.take(PlaySound("fill"))
    qtbot.waitUntil(lambda: len(world.output.played) == 2, timeout=5000)
    qtbot.waitUntil(lambda: bool(world.told), timeout=5000)
    assert [one.text for one in world.told] == ["Sounds are not heard: no card. A beep stands in."]


def test_a_window_without_a_screen_makes_no_sound_and_no_fuss(qapp: QApplication, tmp_path: Path) -> None:
    window = QWidget()
    made = Attention(qapp, window, tmp_path, Preferences(), None, FakeSender(), FakeAddress())
    told: list[object] = []
    made.told.connect(told.append)
    is_seen = qapp.platformName() not in UNSEEN
    assert isinstance(made.sounds._player._output, SilentOutput) is not is_seen
    made.stop()
    made.setParent(None)
    window.deleteLater()
    assert told == []


def test_an_address_is_stored_tried_and_told_without_itself(world: World, qtbot: QtBot) -> None:
    world.attention.take(StoreNoticeAddress(SECRET))
    qtbot.waitUntil(lambda: len(world.told) == 1, timeout=5000)
    assert world.address.address == SECRET
    world.attention.take(TryNotice())
    expected = ["The address is in the system's keyring.", "The test notice was taken by its service."]
    qtbot.waitUntil(lambda: [one.text for one in world.told] == expected, timeout=5000)
    assert world.standing == {"notices": ""}
    assert world.sender.sent[0][0] == SECRET
    world.attention.take(StoreNoticeAddress(""))
    qtbot.waitUntil(lambda: world.told[-1].text == "The address is gone.", timeout=5000)
    assert world.tried == [(True, text) for text in (*expected, "The address is gone.")]
    assert world.address.address == ""


def test_a_notice_that_fails_stands_until_notices_are_off(world: World, qtbot: QtBot) -> None:
    world.address.error = "This system's keyring cannot be asked (KeyringError)."
    world.attention.take(TryNotice())
    expected = f"Notices do not go out. {world.address.error}"
    qtbot.waitUntil(lambda: world.standing.get("notices") == expected, timeout=5000)
    world.attention.take(StoreNoticeAddress(SECRET))
    qtbot.waitUntil(lambda: world.standing["notices"].startswith("The address was not stored."), timeout=5000)
    world.attention.prefer(Preferences())
    assert world.standing["notices"] == "" and not world.attention.wants_presence
