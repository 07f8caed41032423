"""What the settings window wishes is done beside the GUI thread, stored, and told."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from pytestqt.qtbot import QtBot

from app.config import Options, StoredSettings, read_settings, to_connect, write_settings
from app.connections import passwords
from app.settings_desk import WITHOUT_PASSWORD, SettingsDesk
from app.settings_file import SettingsFile
from core.clock import SystemClock
from core.errors import ConfigurationError
from core.settings_facts import Trial
from data.rolling_backup import FOLDER
from panels.wishes import (
    BackUpNow,
    ChangeAddresses,
    KeepPassword,
    LookAtData,
    OpenSettings,
    TryConnection,
)
from services.dtc.address import parse_address
from tests.data.books import put_empty_database
from tests.fakes.dtc_server import FakeDTC

SIERRA = "dtc://me@127.0.0.1:11099?name=sierra"
WITHIN_MS = 20_000


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory, which can refuse."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.refuses = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.refuses:
            raise keyring.errors.PasswordSetError("locked")
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.held:
            raise keyring.errors.PasswordDeleteError("none")
        del self.held[service, username]


@pytest.fixture
def ring() -> Iterator[Memory]:
    before, made = keyring.get_keyring(), Memory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    write_settings(tmp_path, StoredSettings("ABCD"))
    return SettingsFile(tmp_path)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, file: SettingsFile) -> SettingsDesk:
    in_use = MappingProxyType({"sim": "sim"})
    return SettingsDesk(file, tmp_path, read_settings(tmp_path), SystemClock(), in_use)


def ended(qtbot: QtBot, desk: SettingsDesk, what: str, name: str = "") -> Trial:
    """Wait until something that was tried has ended."""

    def trial() -> Trial | None:
        held: Any = getattr(desk.facts, what)
        found: Trial | None = held if not name else held.get(name)
        return found

    qtbot.waitUntil(lambda: (found := trial()) is not None and found.ok is not None, timeout=WITHIN_MS)
    found = trial()
    assert found is not None
    return found


def test_what_is_none_of_its_wishes_goes_on(desk: SettingsDesk) -> None:
    assert not desk.take(OpenSettings())


def test_addresses_count_from_the_next_start(desk: SettingsDesk, file: SettingsFile, tmp_path: Path) -> None:
    desk.take(ChangeAddresses((SIERRA, "sim")))
    assert desk.facts.addresses == (SIERRA, "sim")
    assert desk.facts.passwords[SIERRA].text == WITHOUT_PASSWORD
    assert file.flush()
    stored = read_settings(tmp_path)
    assert to_connect(Options(tmp_path), stored).connect == (SIERRA, "sim")
    assert to_connect(Options(tmp_path, ("sim",), is_chosen=True), stored).connect == ("sim",)
    desk.take(ChangeAddresses(()))
    assert file.flush() and to_connect(Options(tmp_path), read_settings(tmp_path)).connect == ("sim",)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("dtc://me:secret@127.0.0.1:1", "A password must not be part of an address"),
        ("dtc://host", "needs a port"),
        ("dtc://other:1?name=sierra", "Two connections would be named 'sierra'"),
    ],
)
def test_an_address_that_would_keep_the_next_start_from_starting_is_refused(
    desk: SettingsDesk, file: SettingsFile, tmp_path: Path, address: str, said: str
) -> None:
    desk.take(ChangeAddresses((SIERRA,)))
    desk.take(ChangeAddresses((SIERRA, address)))
    assert desk.facts.addresses == (SIERRA,)
    assert said in desk.facts.trials[address].text and "secret" not in desk.facts.trials[address].text
    assert file.flush() and read_settings(tmp_path).connections == (SIERRA,)


def test_a_stored_address_without_its_password_starts_all_the_same(ring: Memory) -> None:
    line = parse_address(SIERRA)
    assert passwords([line], {}, is_needed=False) == {"sierra": ""}
    with pytest.raises(ConfigurationError, match="needs a password"):
        passwords([line], {})


def test_a_password_goes_into_the_keyring_and_out_again(qtbot: QtBot, desk: SettingsDesk, ring: Memory) -> None:
    desk.take(KeepPassword(SIERRA, "hunter2"))
    assert ended(qtbot, desk, "passwords", SIERRA).text.startswith("It is in the keyring")
    assert passwords([parse_address(SIERRA)], {}) == {"sierra": "hunter2"}
    desk.take(KeepPassword(SIERRA, ""))
    qtbot.waitUntil(lambda: "out of" in desk.facts.passwords[SIERRA].text, timeout=WITHIN_MS)
    assert ring.held == {}
    desk.take(KeepPassword(SIERRA, ""))
    qtbot.waitUntil(lambda: "has none" in desk.facts.passwords[SIERRA].text, timeout=WITHIN_MS)


def test_a_keyring_that_refuses_is_said(qtbot: QtBot, desk: SettingsDesk, ring: Memory) -> None:
    ring.refuses = True
    desk.take(KeepPassword(SIERRA, "hunter2"))
    told = ended(qtbot, desk, "passwords", SIERRA)
    assert not told.ok and "PasswordSetError" in told.text and "hunter2" not in repr(desk.facts)


def test_a_connection_is_tried_beside_the_window(qtbot: QtBot, desk: SettingsDesk, ring: Memory) -> None:
    with FakeDTC() as server:
        address = f"dtc://127.0.0.1:{server.port}"
        desk.take(TryConnection(address))
        assert desk.facts.trials[address].ok is None
        told = ended(qtbot, desk, "trials", address)
    assert told.ok and "let us in" in told.text
    desk.take(TryConnection(address))
    told = ended(qtbot, desk, "trials", address)
    assert not told.ok and f"127.0.0.1:{server.port}" in told.text


def test_a_backup_is_made_and_listed(qtbot: QtBot, desk: SettingsDesk, tmp_path: Path) -> None:
    put_empty_database(tmp_path)
    desk.take(BackUpNow())
    assert desk.facts.backup is not None and desk.facts.backup.ok is None
    told = ended(qtbot, desk, "backup")
    assert told.ok, told.text
    assert [one.name for one in desk.facts.copies] == [one.name for one in (tmp_path / FOLDER).iterdir()]


def test_a_backup_that_fails_says_why(qtbot: QtBot, tmp_path: Path, file: SettingsFile) -> None:
    child = tmp_path / "child.py"
    child.write_text("import sys\nsys.stderr.write('stanchion: the disk is full.\\n')\nsys.exit(1)\n")
    command = (sys.executable, "-S", str(child))
    desk = SettingsDesk(file, tmp_path, read_settings(tmp_path), SystemClock(), command=command)
    desk.take(BackUpNow())
    told = ended(qtbot, desk, "backup")
    assert not told.ok and told.text == "No backup was made: the disk is full."


def test_a_folder_without_backups_lists_none(qtbot: QtBot, desk: SettingsDesk) -> None:
    told: list[object] = []
    desk.found.connect(told.append)
    desk.take(LookAtData())
    qtbot.waitUntil(lambda: bool(told), timeout=WITHIN_MS)
    assert desk.facts.copies == ()
