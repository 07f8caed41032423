"""The command line of the kill switch: who confirms it, what it says first, and how fast it is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import StoredSettings, write_settings

ROOT = Path(__file__).resolve().parents[2]
BARE = {name: os.environ[name] for name in ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT") if name in os.environ}


def panic(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "app", "panic", "--data-dir", str(folder), *options],
        check=False,
        cwd=ROOT,
        env=BARE | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_without_somebody_to_confirm_it_nothing_is_sent_and_it_is_exit_2(tmp_path: Path) -> None:
    done = panic(tmp_path / "data", "--connect", "dtc://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr == "stanchion: Nobody is here to confirm it, so nothing was sent; add --yes.\n"
    assert not (tmp_path / "data").exists()


def test_the_first_line_says_what_it_will_do_where_and_to_whom(tmp_path: Path) -> None:
    done = panic(tmp_path, "--connect", "dtc://127.0.0.1:9?name=desk", "--account", "A1", "--account", "B2")
    assert done.stdout == (
        "PANIC cancels all orders and closes all positions at market in account A1, B2 of desk (127.0.0.1:9). "
        "It locks entries.\n"
    )


@pytest.mark.parametrize(("typed", "code"), [("PANIC\n", 0), ("panic\n", 1), ("\n", 1)])
def test_in_a_terminal_the_word_has_to_be_typed(tmp_path: Path, typed: str, code: int) -> None:
    if sys.platform == "win32":
        pytest.skip("this system has no pseudo terminals")
    import pty

    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-P", "-m", "app", "panic", "--data-dir", str(tmp_path)],
            check=False,
            cwd=ROOT,
            env=BARE,
            stdin=theirs,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code, done
    assert (tmp_path / "panic.json").exists() is (code == 0)
    assert ("Nothing was sent." in done.stdout) is (code == 1)


def test_the_practice_broker_alone_is_nothing_real(tmp_path: Path) -> None:
    done = panic(tmp_path, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sim: the practice broker ends with the terminal; nothing real is open there." in done.stdout
    assert done.stdout.endswith("Nothing real is open. Entries are locked.\n")
    if sys.platform != "win32":
        assert (tmp_path / "panic.json").stat().st_mode & 0o777 == 0o600


def test_a_known_connection_nobody_serves_is_left_named_and_exit_1(tmp_path: Path) -> None:
    write_settings(tmp_path, StoredSettings("ABCD", slugs={"dtc://@127.0.0.1:9": "desk"}))
    done = panic(tmp_path, "--yes")
    assert done.returncode == 1
    assert "LEFT: desk: Nothing listens at 127.0.0.1:9" in done.stdout
    assert "What is open or works there is not known." in done.stdout


def test_a_password_is_not_asked_for_where_nobody_is(tmp_path: Path) -> None:
    done = panic(tmp_path, "--yes", "--connect", "dtc://me@127.0.0.1:9?name=desk")
    assert done.returncode == 1
    assert "STANCHION_PASSWORD" in done.stdout and "What is open there is not known." in done.stdout
    done = panic(tmp_path, "--yes", "--connect", "dtc://me@127.0.0.1:9?name=desk", STANCHION_PASSWORD="secret")
    assert "Nothing listens" in done.stdout and "secret" not in done.stdout


def test_broken_settings_do_not_keep_it_from_an_address(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("theme = ")
    assert panic(tmp_path, "--yes").returncode == 2
    done = panic(tmp_path, "--yes", "--connect", "dtc://127.0.0.1:9?name=desk")
    assert "LEFT: desk: Nothing listens" in done.stdout


def test_a_folder_that_cannot_be_written_keeps_nobody_from_getting_flat(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = panic(tmp_path / "file" / "data", "--yes", "--connect", "dtc://127.0.0.1:9?name=desk")
    assert (done.returncode, done.stderr) == (1, "")
    assert "No terminal can be asked" in done.stdout and "Going on all the same." in done.stdout
    assert "LEFT: desk: Nothing listens" in done.stdout


def test_a_lift_without_a_terminal_waits_for_one_and_without_a_folder_is_refused(tmp_path: Path) -> None:
    done = panic(tmp_path, "--lift")
    assert (done.returncode, done.stdout) == (0, "No terminal runs: the lock is lifted when one starts.\n")
    assert (tmp_path / "panic-lift.json").exists()
    assert panic(tmp_path / "none", "--lift").returncode == 2


def test_it_needs_neither_qt_nor_the_database_to_begin() -> None:
    heavy = ("PySide6", "sqlalchemy", "alembic", "keyring", "panels")
    code = (
        "import sys, app.__main__, app.commands.panic;"
        f"print([name for name in sys.modules if name.split('.')[0] in {heavy!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"
