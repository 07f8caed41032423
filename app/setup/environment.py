"""Make `.venv` fit the lock file, whatever state an earlier attempt left it in.

While one set-up works it holds a lock on `.setup.lock`, which the system releases however the process ends, and leaves
a word in that file; who finds the word there knows that the environment is half made and builds it anew. The stamp is
written last.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.setup.layout import Layout, fingerprint_here, is_ready
from app.setup.steps import SetupFailed, execute, say
from app.setup.system_packages import prepare_system

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def set_up(layout: Layout, checks: bool) -> None:
    """Make the environment fit the lock file, whatever state an earlier attempt left it in.

    Raises:
        SetupFailed: a step was refused or failed; the next start begins it again.
    """
    with sole_set_up(layout) as journal:
        if is_ready(layout, checks):  # another set-up finished while we waited
            return
        if sys.platform == "linux":
            prepare_system(checks)
        journal.seek(0)
        half_made = journal.read() != b""
        journal.write(b"unfinished")
        for purpose in (False, True):
            layout.stamp(purpose).unlink(missing_ok=True)
        environment = environment_for_pip(os.environ)
        keeps = () if layout.windows else (journal.fileno(),)
        if half_made or not venv_works(layout):
            say(f"Making the environment in {layout.venv}.")
            make = [sys.executable, "-I", "-m", "venv", "--clear", str(layout.venv)]
            execute(make, "Making the environment", environment, keeps)
        say("Installing the locked packages; the first time takes a minute or two.")
        for command in install_commands(layout, checks):
            install(command, environment, keeps)
        if layout.windows:
            lead_to_checkout(layout)
        write_stamps(layout, checks)
        journal.truncate(0)


def install(command: list[str], environment: Mapping[str, str], keeps: tuple[int, ...]) -> None:
    """Install by pip; where the network is known only to the system's certificates, and not to pip's own, by those.

    Raises:
        SetupFailed: pip could not do it.
    """
    try:
        execute(command, "Installing", environment, keeps)
    except SetupFailed as error:
        if "CERTIFICATE_VERIFY_FAILED" not in str(error) or not SYSTEM_CERTIFICATES.exists():
            raise
        say("Trying again with the certificates of the system.")
        execute(command, "Installing", {**environment, "PIP_CERT": str(SYSTEM_CERTIFICATES)}, keeps)


def lead_to_checkout(layout: Layout) -> None:
    """Have the environment find the checkout by a way from where it is, in which the name of no folder stands.

    Windows' Python before 3.13 reads this file, written in UTF-8, in its code page: a checkout below "Jörg" is not
    found then, and below "Иван" no Python of the environment starts any more.
    """
    layout.pointer.write_text("../../..\n", encoding="ascii", newline="\n")


def environment_for_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what would make pip install somewhere else; index settings stay."""
    elsewhere = {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PYTHONHOME", "PYTHONPATH"}
    return {name: value for name, value in environment.items() if name not in elsewhere}


def install_commands(layout: Layout, checks: bool) -> list[list[str]]:
    """Return the two installs: the locked packages by hash, then the checkout itself, which downloads nothing."""
    pip = [str(layout.python), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--quiet"]
    lock = ["--require-hashes", "--only-binary=:all:", "--compile", "-r", str(layout.lock_file(checks))]
    checkout = ["--no-deps", "--no-index", "--no-build-isolation", "-e", str(layout.root)]
    return [pip + lock, pip + checkout]


def venv_works(layout: Layout) -> bool:
    """Say whether the environment starts, has pip, and is of the Python that runs this."""
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])!r})"
    try:
        execute([str(layout.python), "-I", "-c", probe], "the probe", os.environ)
    except SetupFailed:
        return False
    return True


def lock_exclusively(file: IO[bytes], platform: str) -> None:
    """Wait for the lock on an open file; the system releases it when the file is closed or the process ends."""
    if platform != "win32":
        fcntl = importlib.import_module("fcntl")
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work here; waiting for it.")
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        return
    msvcrt = importlib.import_module("msvcrt")
    while True:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        except OSError:  # it gives up after ten tries, one a second
            say("Another set-up is at work here; waiting for it.")
        else:
            return


@contextmanager
def sole_set_up(layout: Layout) -> Iterator[IO[bytes]]:
    """Hold the set-up lock and give its journal.

    Raises:
        SetupFailed: the checkout cannot be written to.
    """
    try:
        journal = layout.journal.open("a+b", buffering=0)
    except OSError as error:
        raise SetupFailed(f"Stanchion cannot be set up in {layout.root}: {error.strerror}") from error
    with journal:
        lock_exclusively(journal, sys.platform)
        yield journal


def write_stamps(layout: Layout, checks: bool) -> None:
    """Note what is finished; the lock of the checks holds that of the program, version for version."""
    for purpose in (False, True) if checks else (False,):
        layout.stamp(purpose).write_text(fingerprint_here(layout, purpose), encoding="ascii")
