"""Notices go out while nobody is there; their address lives in the keyring and in no file, log or sentence."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.config import StoredSettings, write_settings
from app.notice_sending import AppriseSender, KeyringAddress
from app.notices import Notices
from core.announcement import About
from core.away import AWAY_AFTER_S
from core.events import Level
from core.preferences import Preferences
from services.away_notices import NoticeFailed
from tests.fakes.notices import FakeAddress, FakeSender
from tests.panels.worlds import announcement

SECRET = "ntfys://user:POISONED@ntfy.example/desk"
ALARM = announcement("ESZ5 is without its stop.", Level.ALARM)


class MemoryKeyring(KeyringBackend):
    """A keyring of one process; refuses while it has an error."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.error = ""

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if (service, username) not in self.held:
            raise PasswordDeleteError("none")
        del self.held[service, username]

    def _check(self) -> None:
        if self.error:
            raise KeyringError(self.error)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def minimised() -> list[bool]:
    return [False]


@pytest.fixture
def notices(qapp: QApplication, sender: FakeSender, minimised: list[bool]) -> Iterator[Notices]:
    wanted = Preferences(notices=frozenset({"alarm", "alert"}))
    made = Notices(wanted, lambda: minimised[0], 0.0, sender, FakeAddress(SECRET))
    yield made
    made.stop()


def test_an_alarm_goes_out_once_nobody_was_there_for_five_minutes(
    notices: Notices, sender: FakeSender, qtbot: QtBot
) -> None:
    notices.announce(ALARM, 10.0)
    notices.touched(100.0)
    notices.announce(ALARM, 100.0 + AWAY_AFTER_S - 1)
    notices.announce(replace(ALARM, text="Now."), 100.0 + AWAY_AFTER_S)
    qtbot.waitUntil(lambda: len(sender.sent) == 1, timeout=5000)
    assert sender.sent[0][2] == "ALARM 15:41:07 UTC: Now."


def test_a_minimised_window_is_nobody(
    notices: Notices, sender: FakeSender, minimised: list[bool], qtbot: QtBot
) -> None:
    minimised[0] = True
    fill = replace(announcement("Bought 1.", Level.SUCCESS), about=About.FILL)
    notices.announce(fill, 1.0)
    notices.announce(replace(announcement("5060 reached.", Level.CAUTION), about=About.ALERT), 1.0)
    qtbot.waitUntil(lambda: len(sender.sent) == 1, timeout=5000)
    assert "5060 reached." in sender.sent[0][2] and "Bought" not in sender.sent[0][2]


def test_notices_that_are_off_send_nothing(notices: Notices, sender: FakeSender, minimised: list[bool]) -> None:
    minimised[0] = True
    notices.prefer(Preferences())
    notices.announce(ALARM, 1.0)
    assert not notices.is_on and sender.tries == 0


def test_a_test_tells_what_became_of_it(notices: Notices, sender: FakeSender, qtbot: QtBot) -> None:
    sender.error = NoticeFailed("The service did not take it, or cannot be reached.")
    with qtbot.waitSignal(notices.standing, timeout=5000) as failed:
        notices.test()
    assert failed.args == ["The service did not take it, or cannot be reached."]


def test_the_address_is_kept_in_the_keyring_and_in_no_file(ring: MemoryKeyring, tmp_path: Path) -> None:
    address = KeyringAddress()
    assert address.read() == ""
    address.write(SECRET)
    assert address.read() == SECRET
    write_settings(tmp_path, StoredSettings("TEST", preferences=Preferences(notices=frozenset({"alarm"}))))
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    assert "POISONED" not in written and "alarm" in written
    address.write("")
    address.write("")
    assert address.read() == "" and ring.held == {}


def test_a_keyring_that_refuses_is_told_without_its_words(
    ring: MemoryKeyring, qapp: QApplication, qtbot: QtBot
) -> None:
    ring.error = f"cannot keep {SECRET}"
    made = Notices(Preferences(), lambda: False, 0.0, FakeSender(), KeyringAddress())
    with qtbot.waitSignal(made.stored, timeout=5000) as stored:
        made.store(SECRET)
    assert stored.args == [True, "This system's keyring refused (KeyringError)."]
    with pytest.raises(NoticeFailed, match=r"cannot be asked \(KeyringError\)"):
        KeyringAddress().read()


class Service:
    """What apprise does, without a network."""

    known, taken, error = True, True, ""
    sent: list[tuple[str, str]] = []  # noqa: RUF012

    def add(self, address: str) -> bool:
        if self.error:
            raise TypeError(f"{self.error} {address}")
        return self.known

    def notify(self, *, body: str, title: str) -> bool:
        self.sent.append((title, body))
        return self.taken


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, ""),
        ({"known": False}, "of no form that is known"),
        ({"taken": False}, "did not take it"),
        ({"error": "bad"}, r"failed \(TypeError\)"),
    ],
)
def test_what_apprise_answers_is_put_in_our_own_words(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], text: str
) -> None:
    service = type("Made", (Service,), {**changes, "sent": []})
    monkeypatch.setitem(sys.modules, "apprise", SimpleNamespace(Apprise=service))
    if not text:
        AppriseSender().send(SECRET, "Stanchion", "hello")
        assert service.sent == [("Stanchion", "hello")]  # type: ignore[attr-defined]
        return
    with pytest.raises(NoticeFailed, match=text) as failed:
        AppriseSender().send(SECRET, "Stanchion", "hello")
    assert "POISONED" not in str(failed.value)


@pytest.mark.filterwarnings("ignore:.*imghdr.*:DeprecationWarning")
def test_the_real_library_knows_addresses_and_refuses_others() -> None:
    apprise = pytest.importorskip("apprise")
    for address in ("ntfy://desk", "mailto://user:secret@example.com", "pover://user@token"):
        assert apprise.Apprise.instantiate(address) is not None
    with pytest.raises(NoticeFailed, match="no form"):
        AppriseSender().send("nonsense-POISONED", "Stanchion", "hello")
