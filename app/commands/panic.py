"""`stanchion panic`: everything flat, now. A second small process: it asks the terminal, and acts alone if that hangs.

It imports neither Qt nor the database, so that it has begun before a finger has left the key.
"""

import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from app import keyboard
from app.checkpoint import checkpoint_from
from app.commands.folder import data_folder, with_data_folder
from app.config import SETTINGS_NAME, SIMULATOR, OneLineParser, StoredSettings, read_settings
from app.connections import named_lines, passwords
from app.data_folder import LOCK_NAME
from core.clock import Clock, SystemClock
from core.errors import ConfigurationError, PersistenceError
from core.ports import Checkpoint
from services.dtc.address import ConnectionSettings
from services.panic.alone import Alone
from services.panic.asking import asked_terminal
from services.panic.files import Answer, PanicFiles, Request
from services.panic.steps import PANIC_POINTS

FLAT, LEFT = 0, 1
WORD: Final = "PANIC"
LIFT_WITHIN_S: Final = 3.0
_LOOK_S: Final = 0.05
# Of a folder without settings nothing was ever sent, so no other program can have these letters from us.
_NO_LETTERS: Final = "PANC"
_SIMULATOR_TEXT: Final = "sim: the practice broker ends with the terminal; nothing real is open there."


def panic(arguments: Sequence[str]) -> int:
    """Cancel every order and close every position; 0 when all is flat and nothing works, 1 when something is left.

    Raises:
        ConfigurationError: an option cannot be used, or nobody confirmed it; nothing was sent.
    """
    parsed = _parser().parse_args(arguments)
    folder = data_folder(parsed)
    files, clock = PanicFiles(folder), SystemClock()
    if parsed.lift:
        return _lift(files, clock)
    settings = _settings(folder, parsed.connect)
    lines = _lines(parsed.connect, settings)
    _say(_announced(lines, parsed.account, everywhere=not parsed.connect))
    try:
        if not parsed.yes and not _confirmed():
            _say("Nothing was sent.")
            return LEFT
    except KeyboardInterrupt:
        _say("\nNothing was sent.")
        return LEFT
    # Without an address everything a terminal is connected to is meant, whatever the settings remember.
    names = tuple(line.slug for line in lines) if parsed.connect else ()
    request = Request(secrets.token_hex(6), clock.now(), names, tuple(dict.fromkeys(parsed.account)))
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a window that is closed over it does not end it halfway
    try:
        done, left = _flattened(files, request, lines, settings.installation, clock)
    except KeyboardInterrupt:
        done, left = "", ["It was interrupted. What was sent stands in panic.jsonl; what is open is not known."]
    for text in left:
        _say(f"LEFT: {text}")
    _say("Not everything is flat, or known to be." if left else f"{done} Entries are locked.")
    return LEFT if left else FLAT


def _flattened(
    files: PanicFiles, request: Request, lines: Sequence[ConnectionSettings], installation: str, clock: Clock
) -> tuple[str, list[str]]:
    """Ask the terminal, and do alone what it does not; returns what may be said if nothing is left, and what is."""
    reached = checkpoint_from(os.environ, PANIC_POINTS)
    answer = _asked(files, request, clock, reached)
    rest = [line for line in lines if answer is None or line.slug not in answer.connections]
    left = [] if answer is None else list(answer.left)
    if answer is not None and answer.connections and not answer.is_over:
        left.append("The terminal is still at it; look at its window.")
    done = "All is flat and nothing works."
    if any(line.slug == SIMULATOR for line in rest):
        _say(_SIMULATOR_TEXT)
        done = "Nothing real is open."
    known, unknown = _passwords([line for line in rest if line.slug != SIMULATOR])
    left += unknown
    if open_to_us := [line for line in rest if line.slug in known]:
        left += Alone(files, request, known, installation, clock, _say, reached).act(open_to_us)
    return done, left


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="stanchion panic",
        description="Cancel every order and close every position at once, through the terminal or, when that hangs, "
        "without it. Entries stay locked until `stanchion panic --lift`.",
        allow_abbrev=False,
    )
    parser.add_argument("--connect", action="append", default=[], metavar="URL", help="only this one; may repeat")
    parser.add_argument("--account", action="append", default=[], metavar="NAME", help="only this one; may repeat")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--lift", action="store_true", help="let entries pass again after a panic")
    with_data_folder(parser)
    return parser


def _settings(folder: Path, addresses: Sequence[str]) -> StoredSettings:
    """Return the settings; none, or broken ones, do not keep a panic from an address that was given."""
    try:
        return read_settings(folder) if (folder / SETTINGS_NAME).exists() else StoredSettings(_NO_LETTERS)
    except ConfigurationError:
        if not addresses:
            raise
        return StoredSettings(_NO_LETTERS)


def _lines(addresses: Sequence[str], settings: StoredSettings) -> list[ConnectionSettings]:
    """Return the connections meant: those given, else all that the settings remember; without any, the simulator."""
    if addresses:
        return named_lines(addresses, 0, settings)[0]
    return named_lines(list(settings.slugs), 0, settings)[0] or [ConnectionSettings(SIMULATOR, "127.0.0.1", 0)]


def _announced(lines: Sequence[ConnectionSettings], accounts: Sequence[str], *, everywhere: bool) -> str:
    where = ", ".join(line.slug if line.slug == SIMULATOR else f"{line.slug} ({line.server})" for line in lines)
    whose = f"account {', '.join(accounts)}" if accounts else "every account"
    rest = ", and of whatever a running terminal is connected to" if everywhere else ""
    return f"PANIC cancels all orders and closes all positions at market in {whose} of {where}{rest}. It locks entries."


def _confirmed() -> bool:
    if not keyboard.is_there():
        raise ConfigurationError("Nobody is here to confirm it, so nothing was sent; add --yes.")
    sys.stdout.write(f"Type {WORD} to go on: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == WORD


def _asked(files: PanicFiles, request: Request, clock: Clock, reached: Checkpoint) -> Answer | None:
    """Leave the request, and follow what the terminal makes of it."""
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        files.write(request)
        reached("panic.requested")
        if not _terminal_runs(files.folder):
            _say("No terminal runs here.")
            return None
        return asked_terminal(files, request, clock, _say, time.sleep)
    except (OSError, PersistenceError) as error:
        _say(f"No terminal can be asked: {error}")
        return None


def _terminal_runs(folder: Path) -> bool:
    """Say whether a terminal holds the data folder, be it hung or not."""
    lock = FileLock(folder / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _passwords(lines: Sequence[ConnectionSettings]) -> tuple[dict[str, str], list[str]]:
    """Return the passwords of the lines that can be used, and a sentence for each that cannot."""
    known: dict[str, str] = {}
    unknown: list[str] = []
    for line in lines:
        try:
            known[line.slug] = passwords([line]).get(line.slug, "")
        except ConfigurationError as error:
            unknown.append(f"{line.slug}: {error} What is open there is not known.")
    return known, unknown


def _lift(files: PanicFiles, clock: Clock) -> int:
    """Ask that the lock be lifted; a terminal that runs does it at once, any other when it starts."""
    try:
        if not files.folder.is_dir():
            raise ConfigurationError(f"There is no folder {files.folder}, so no lock either.")
        if files.somebody_acts():
            raise ConfigurationError("A panic is at work; nothing was lifted. Try again when it is over.")
        files.ask_to_lift()
    except PersistenceError as error:
        raise ConfigurationError(str(error)) from error
    runs = _terminal_runs(files.folder)
    due_s = clock.monotonic() + (LIFT_WITHIN_S if runs else 0.0)
    while files.wants_lift() and clock.monotonic() < due_s:
        time.sleep(_LOOK_S)
    if not files.wants_lift():
        _say("Lifted: entries pass again.")
    elif runs:
        _say("The terminal lifts it as soon as it has read the broker; its banner goes then.")
    else:
        _say("No terminal runs: the lock is lifted when one starts.")
    return FLAT


def _say(text: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads any more; that stops no panic
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
