"""The libraries of the operating system that Qt needs, and the fonts the window is drawn with (Linux only).

Whether a library is there is asked of the dynamic linker, so the answer holds on every distribution.
"""

import ctypes
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from app.setup.steps import SetupFailed, execute, say

# What the dynamic linker must find, and the Debian package it comes from.
NEEDED_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
X_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONTS = ("fonts-inter", "fonts-jetbrains-mono")
# A network that swallows everything is given up within a minute, not within ten.
IMPATIENT = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15")


class Missing(NamedTuple):
    """System packages the machine lacks: without the needed ones Qt cannot load at all."""

    needed: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


class SystemStep(NamedTuple):
    """What to do about missing system packages: install them, say something, or refuse with a line."""

    install: tuple[str, ...] = ()
    notice: str = ""
    refusal: str = ""


def system_step(missing: Missing, debian: bool, root_user: bool) -> SystemStep:
    """Decide about missing system packages.

    Debian's root installs them. Anyone else is told their names in one line, and goes on unless Qt could not load.
    """
    names = missing.needed + missing.wanted
    if not names:
        return SystemStep()
    if debian and root_user:
        return SystemStep(install=names)
    if debian:
        advice = "apt-get install --no-install-recommends " + " ".join(names) + " (as root)"
    else:
        advice = "the libraries Debian calls " + " ".join(names)
    if missing.needed:
        return SystemStep(refusal="Stanchion needs system packages that are missing: " + advice)
    return SystemStep(notice="Stanchion goes on without some system packages: " + advice)


def prepare_system(checks: bool) -> None:
    """See to the system packages Qt needs (Linux only).

    Raises:
        SetupFailed: one without which Qt cannot load is missing and was not installed.
    """
    missing = missing_packages(checks)
    step = system_step(missing, is_debian(), is_root_user())
    problem = ""
    if step.install:
        problem = why_not_installed(step.install)
        if problem and missing.needed and missing.wanted:  # one name this system does not know keeps all others out
            problem = why_not_installed(missing.needed)
        step = system_step(missing_packages(checks), is_debian(), root_user=False)
    if step.refusal:
        raise SetupFailed(problem + step.refusal)
    if step.notice:
        say(problem + step.notice)


def why_not_installed(names: Sequence[str]) -> str:
    """Install, and return what kept it from it: a font is no reason to stop, and what is still missing decides."""
    try:
        install_system_packages(names)
    except SetupFailed as error:
        return f"{error}\n"
    return ""


def install_system_packages(names: Sequence[str]) -> None:
    """Install Debian packages as root; the package lists are fetched only when they are absent or too old.

    Raises:
        SetupFailed: apt-get could not do it.
    """
    say("Installing system packages: " + " ".join(names))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "-qq", *IMPATIENT, "update"]
    install = ["apt-get", "-qq", *IMPATIENT, "install", "-y", "--no-install-recommends", *names]
    if has_package_lists():
        try:
            execute(install, "apt-get install", environment)
            return
        except SetupFailed:
            say("Fetching newer package lists.")
    execute(update, "apt-get update", environment)
    execute(install, "apt-get install", environment)


def missing_packages(checks: bool) -> Missing:
    """Ask the dynamic linker for Qt's libraries, and the package database for fonts (and, for the checks, Xvfb)."""

    def loads(library: str) -> bool:
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    def absent(libraries: Mapping[str, str]) -> list[str]:
        return [package for library, package in libraries.items() if not loads(library)]

    wanted = absent(X_LIBRARIES)
    if is_debian():
        wanted += [name for name in FONTS if not Path("/var/lib/dpkg/info", name + ".list").exists()]
    if checks and shutil.which("Xvfb") is None:
        wanted.append("xvfb")
    return Missing(tuple(absent(NEEDED_LIBRARIES)), tuple(wanted))


def has_package_lists() -> bool:
    return any(Path("/var/lib/apt/lists").glob("*_Packages*"))


def is_debian() -> bool:
    return Path("/etc/debian_version").exists()


def is_root_user() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
