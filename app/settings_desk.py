"""What the settings window wishes that is no order to the engine: addresses, passwords, tests of them, backups.

Nothing here waits on the GUI thread. What takes time is an errand: a thread that does one thing, tells its result and
ends. What is found is one value, the facts, told to the window whenever it changes.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Final

import structlog
from PySide6.QtCore import QObject, Qt, Signal

from app.config import StoredSettings
from app.connections import SERVICE, VARIABLE, named_lines
from app.settings_file import SettingsFile
from core.clock import Clock
from core.errors import ConfigurationError, ConnectionLost
from core.settings_facts import BackupCopy, SettingsFacts, Trial
from panels.wishes import BackUpNow, ChangeAddresses, KeepPassword, LookAtData, TryConnection

ROOT: Final = Path(__file__).resolve().parent.parent
BUSY: Final = 3  # the exit code of a backup when another is under way
WITHOUT_PASSWORD: Final = "Keep its password in the keyring too, else the broker will refuse the next start."

Told = Callable[[SettingsFacts], SettingsFacts]

_log = structlog.get_logger("settings")


class SettingsDesk(QObject):
    """Answers the settings window (GUI thread; its errands have threads of their own).

    Attributes:
        facts: as they are now.

    Signals:
        found: SettingsFacts, after each change.
    """

    found = Signal(object)
    _errand_done = Signal(object)

    def __init__(
        self,
        file: SettingsFile,
        folder: Path,
        stored: StoredSettings,
        clock: Clock,
        in_use: Mapping[str, str] = MappingProxyType({}),
        is_chosen: bool = False,
        command: tuple[str, ...] = (sys.executable, "-P", "-m", "app", "backup"),
    ) -> None:
        """Take up what is stored.

        Args:
            in_use: the address of each connection of this run, by its name.
            is_chosen: the command line named them.
            command: makes one backup, with `--data-dir` and the folder behind it.
        """
        super().__init__()
        self._file, self._folder, self._stored, self._clock = file, folder, stored, clock
        self._command = (*command, "--data-dir", str(folder))
        self.facts = SettingsFacts(stored.connections, in_use, is_chosen, folder=str(folder))
        self._errand_done.connect(self._take_result, Qt.ConnectionType.QueuedConnection)

    def take(self, wish: object) -> bool:
        """Answer a wish; False where it is none of this desk's."""
        if isinstance(wish, ChangeAddresses):
            self._change_addresses(wish.addresses)
        elif isinstance(wish, TryConnection):
            self._tell(self._tried(wish.address, Trial(None, "It is being dialed…", self._now())))
            self._run(lambda: self._try(wish.address))
        elif isinstance(wish, KeepPassword):
            self._run(lambda: self._keep(wish))
        elif isinstance(wish, BackUpNow):
            self._tell(
                lambda facts: replace(facts, backup=Trial(None, "A copy is being made and examined…", self._now()))
            )
            self._run(self._back_up)
        elif isinstance(wish, LookAtData):
            self._run(self._looked)
        else:
            return False
        return True

    # -- at once ----------------------------------------------------------------------------------------------------

    def _change_addresses(self, addresses: tuple[str, ...]) -> None:
        try:
            lines, _ = named_lines(addresses, 0, self._stored)
        except ConfigurationError as error:
            new = next((one for one in addresses if one not in self.facts.addresses), "")
            self._tell(self._tried(new, Trial(False, str(error), self._now())))
            return
        self._file.change(lambda stored: replace(stored, connections=addresses))
        self._tell(lambda facts: replace(facts, addresses=addresses))
        for address, line in zip(addresses, lines, strict=True):
            if line.user and address not in self.facts.passwords:
                self._tell(self._kept(address, Trial(None, WITHOUT_PASSWORD, self._now())))

    def note_notice(self, ok: bool, text: str) -> None:
        """Take what became of the address for notices, or of a test of it."""
        trial = Trial(ok, text, self._now())
        self._tell(lambda facts: replace(facts, notice=trial))

    def _tell(self, told: Told) -> None:
        self.facts = told(self.facts)
        self.found.emit(self.facts)

    def _now(self) -> datetime:
        return self._clock.now()

    # -- errands (each on a thread of its own) ----------------------------------------------------------------------

    def _run(self, errand: Callable[[], Told]) -> None:
        Thread(target=lambda: self._errand_done.emit(errand()), name="settings-errand", daemon=True).start()

    def _take_result(self, told: Told) -> None:
        self._tell(told)

    def _try(self, address: str) -> Told:
        from app.commands.line_checks import described
        from services.dtc.address import parse_address
        from services.dtc.probe import probe

        try:
            line = parse_address(address)
            found = probe(line, _password(line.user, line.server), self._clock)
        except (ConfigurationError, ConnectionLost) as error:
            return self._tried(address, Trial(False, str(error), self._now()))
        text = described(found)
        return self._tried(address, Trial(True, f"{text[0].upper()}{text[1:]}.", self._now()))

    def _keep(self, wish: KeepPassword) -> Told:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        from services.dtc.address import parse_address

        line = parse_address(wish.address)
        name = f"{line.user}@{line.server}"
        try:
            if wish.password:
                keyring.set_password(SERVICE, name, wish.password)
            else:
                keyring.delete_password(SERVICE, name)
        except PasswordDeleteError:
            return self._kept(wish.address, Trial(True, "The keyring has none.", self._now()))
        except KeyringError as error:
            text = f"This system's keyring did not take it ({type(error).__name__}). {VARIABLE} works without one."
            return self._kept(wish.address, Trial(False, text, self._now()))
        text = "It is in the keyring; used from the next start." if wish.password else "It is out of the keyring."
        return self._kept(wish.address, Trial(True, text, self._now()))

    def _back_up(self) -> Told:
        hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            done = subprocess.run(
                self._command,
                check=False,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                creationflags=hidden,
            )
            code, said = done.returncode, done.stderr.strip().removeprefix("stanchion: ")
        except OSError as error:
            code, said = -1, f"{error.strerror or error}."
        text = "A whole copy was made and examined." if code == 0 else f"No backup was made: {said}"
        if code == BUSY:
            text = "Another backup is under way."
        trial, copies = Trial(code == 0, text, self._now()), _copies(self._folder)
        return lambda facts: replace(facts, backup=trial, copies=copies)

    def _looked(self) -> Told:
        copies = _copies(self._folder)
        return lambda facts: replace(facts, copies=copies)

    def _tried(self, address: str, trial: Trial) -> Told:
        return lambda facts: replace(facts, trials=MappingProxyType({**facts.trials, address: trial}))

    def _kept(self, address: str, trial: Trial) -> Told:
        return lambda facts: replace(facts, passwords=MappingProxyType({**facts.passwords, address: trial}))


def _password(user: str, server: str) -> str:
    """Return the password of a user, from the environment or the keyring; nothing where neither has one."""
    if not user:
        return ""
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, f"{user}@{server}") or ""
    except KeyringError as error:
        _log.warning("the keyring does not answer", error=type(error).__name__)
        return ""


def _copies(folder: Path) -> tuple[BackupCopy, ...]:
    from data.rolling_backup import FOLDER, backups_in, taken_at

    try:
        found = [(path.name, taken_at(path.name), path.stat().st_size) for path in backups_in(folder / FOLDER)]
    except OSError as error:
        _log.warning("the backups cannot be listed", error=str(error))
        return ()
    return tuple(BackupCopy(name, at.astimezone(UTC), size) for name, at, size in found if at is not None)
