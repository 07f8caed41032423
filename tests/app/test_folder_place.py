"""A data folder on a network or in a cloud is told by its path and its file system; nothing else is suspected."""

import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from app.folder_place import deepest, doubtful_place, file_system_of

LINUX = """sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/me/own\\040disk ext4 rw 0 0
"""


@pytest.mark.row(105)
@pytest.mark.parametrize(
    ("folder", "file_system", "words"),
    [
        (PurePosixPath("/home/me/.local/share/stanchion"), "nfs4", "on a network (nfs4)"),
        (PurePosixPath("/mnt/c/stanchion"), "9p", "on a network (9p)"),
        (PureWindowsPath(r"\\server\share\stanchion"), "", "on a network:"),
        (PureWindowsPath(r"Z:\stanchion"), "remote", "on a network:"),
        (PureWindowsPath(r"C:\Users\me\OneDrive - Firm\stanchion"), "", "synchronised folder (OneDrive - Firm)"),
        (PurePosixPath("/Users/me/Library/Mobile Documents/com~apple~CloudDocs/x"), "apfs", "(com~apple~CloudDocs)"),
        (PurePosixPath("/home/me/Dropbox/stanchion"), "ext4", "synchronised folder (Dropbox)"),
    ],
)
def test_a_folder_on_a_network_or_in_a_cloud_is_doubtful(folder: PurePosixPath, file_system: str, words: str) -> None:
    told = doubtful_place(folder, file_system)
    assert words in told and "--data-dir" in told


@pytest.mark.row(105)
@pytest.mark.parametrize(
    ("folder", "file_system"),
    [
        (PurePosixPath("/home/me/.local/share/stanchion"), "ext4"),
        (PurePosixPath("/Users/me/Library/Application Support/stanchion"), "apfs"),
        (PureWindowsPath(r"C:\Users\me\AppData\Local\stanchion"), ""),
        (PurePosixPath("/home/me/megatrend/boxes"), "overlay"),
        (PurePosixPath("/tmp/x"), "tmpfs"),
    ],
)
def test_a_folder_of_this_computer_is_not(folder: PurePosixPath, file_system: str) -> None:
    assert doubtful_place(folder, file_system) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the table of mounts is that of Linux")
@pytest.mark.parametrize(
    ("folder", "kind"), [("/home/me", "nfs4"), ("/home/me/own disk/x", "ext4"), ("/var", "ext4"), ("/homer", "ext4")]
)
def test_the_nearest_mount_above_a_folder_says_its_file_system(folder: str, kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text(LINUX)
    assert file_system_of(Path(folder), table) == kind


def test_a_system_that_does_not_say_is_no_doubt(tmp_path: Path) -> None:
    assert deepest(tmp_path, []) == ""
    assert doubtful_place(tmp_path, file_system_of(tmp_path, tmp_path / "absent")) == ""
