"""Whether a data folder lies where a database is safe: on a disk of this computer, and in nobody's cloud.

A network file system may lie about locks and about what is on the disk; a synchronised folder may be put back by
another computer while it is written. Both lose what was committed, silently. What cannot be told is taken for a disk of
this computer.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

SYNCHRONISED: Final = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "my drive",
    "icloud drive",
    "com~apple~clouddocs",
    "nextcloud",
    "owncloud",
    "pcloud",
    "mega",
    "box sync",
    "syncthing",
)
_SHARES: Final = ("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs", "ncpfs", "remote")
_OTHERS: Final = ("9p", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs", "macfuse")
NETWORKS: Final = frozenset((*_SHARES, *_OTHERS))
_REMOTE: Final = 4  # DRIVE_REMOTE of GetDriveTypeW


def doubtful_place(folder: PurePath, file_system: str) -> str:
    """Return why a database is not safe in a folder; empty when nothing speaks against it. Pure.

    Args:
        folder: with every link resolved.
        file_system: its type as the system calls it; empty where it does not say.
    """
    if str(folder).startswith("\\\\") or file_system.lower() in NETWORKS:
        what = f"on a network ({file_system})" if file_system and file_system != "remote" else "on a network"
    elif synchronised := next((part for part in folder.parts if _is_synchronised(part)), ""):
        what = f"in a synchronised folder ({synchronised})"
    else:
        return ""
    return (
        f"The data folder {folder} lies {what}: what is committed there can be lost or put back. LIVE accounts take "
        "no entries; choose a folder of this computer with --data-dir."
    )


def file_system_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Return the type of the file system a folder lies on; empty where the system does not say."""
    if sys.platform == "win32":
        import ctypes

        return "remote" if ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == _REMOTE else ""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True).stdout
            return deepest(folder, _of_mount(told.splitlines()))
        return deepest(folder, _of_table(mounts.read_text(encoding="utf-8", errors="replace").splitlines()))
    except (OSError, subprocess.SubprocessError):
        return ""


def deepest(folder: Path, mounted: Iterable[tuple[str, str]]) -> str:
    """Return the type of the mount nearest above a folder, of (place, type); of two at one place the later."""
    nearest = ("", "")
    for place, kind in mounted:
        if folder.is_relative_to(place) and len(place) >= len(nearest[0]):
            nearest = (place, kind)
    return nearest[1]


def _of_table(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Read the mounts of Linux: "server:/x /mnt/x nfs4 rw 0 0"; a space in a place is written \\040."""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            yield fields[1].replace("\\040", " "), fields[2]


def _of_mount(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Read what `mount` says on macOS: "//me@server/x on /Volumes/x (smbfs, nodev)"."""
    for line in lines:
        _, on, rest = line.partition(" on ")
        place, opened, kinds = rest.rpartition(" (")
        if on and opened:
            yield place, kinds.rstrip(")").split(",")[0]


def _is_synchronised(part: str) -> bool:
    name = part.casefold()
    return any(name == one or name.startswith((f"{one} -", f"{one}-", f"{one} (")) for one in SYNCHRONISED)
