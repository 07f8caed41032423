"""Bad input: one clear line, the exit code of the contract, nothing lost and no traceback."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
# What a program cannot do without; sockets of Windows do not work without SYSTEMROOT.
BARE = {name: os.environ[name] for name in ("PATH", "HOME", "USERPROFILE", "SYSTEMROOT") if name in os.environ}
BARE["QT_QPA_PLATFORM"] = "offscreen"


def stanchion(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "app", *arguments],
        check=False,
        cwd=ROOT,
        env=BARE if environment is None else environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Check the exit code and that exactly one line was said; return it."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("stanchion: ")
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bogus"], "--bogus"),
        (["--connect", "http://example"], "dtc://"),
        (["--connect", "dtc://host"], "port"),
        (["--connect", "dtc://u:secret@host:11099"], "password"),
        (["--connect", "dtc://host:11099?encoding=vls"], "vls"),
        (["--classify", "Sim1"], "NAME=SIM"),
        (["--classify", "Sim1=PAPER"], "NAME=SIM"),
        (["--after", "-1"], "--after"),
        (["--after", "soon"], "--after"),
        (["simulate", "--speed", "fast"], "--speed"),
        (["simulate", "--fees", "/no/such/file"], "--fees"),
        (["simulate", "--port", "99999"], "99999"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    said = refused(stanchion(*arguments, "--data-dir", str(tmp_path / "data")), 2)
    assert words in said
    assert "secret" not in said


@pytest.mark.parametrize("code_page", ["cp1252", "cp850", "ascii"])
def test_every_sign_comes_through_a_pipe_whatever_the_code_page(code_page: str) -> None:
    done = stanchion("simulate", "--help", environment={**BARE, "PYTHONUTF8": "0", "PYTHONIOENCODING": code_page})
    assert done.returncode == 0, done.stderr
    assert "…" in done.stdout


def test_a_port_in_use_is_exit_2(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refused(stanchion("simulate", "--port", port, "--data-dir", str(tmp_path)), 2)


def test_no_display_is_exit_5_and_names_the_two_ways_out(tmp_path: Path) -> None:
    bare = {name: value for name, value in BARE.items() if name != "QT_QPA_PLATFORM"}
    if sys.platform in ("win32", "darwin"):
        pytest.skip("there is always a display here")
    said = refused(stanchion("--data-dir", str(tmp_path), environment=bare), 5)
    assert "QT_QPA_PLATFORM=offscreen" in said
    assert "virtual display" in said


@pytest.mark.row(101)
def test_a_busy_folder_is_exit_3_and_the_first_instance_is_asked_forward(tmp_path: Path) -> None:
    with FileLock(tmp_path / "stanchion.lock"):
        assert str(tmp_path) in refused(stanchion("--data-dir", str(tmp_path)), 3)
    assert (tmp_path / "stanchion.raise").exists()


@pytest.mark.row(99)
def test_a_newer_database_is_exit_4_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "stanchion.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 4711")
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    assert "newer" in refused(stanchion("--data-dir", str(tmp_path)), 4)
    assert path.read_bytes() == before


@pytest.mark.row(96)
def test_a_damaged_database_is_exit_4_untouched_and_names_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "stanchion.sqlite3"
    path.write_bytes(b"this is not a database at all" * 400)
    before = path.read_bytes()
    assert "doctor" in refused(stanchion("--data-dir", str(tmp_path)), 4)
    assert path.read_bytes() == before


def test_a_data_folder_that_is_a_file_is_exit_4(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(stanchion("--data-dir", str(tmp_path / "file")), 4)


def test_settings_that_cannot_be_read_are_exit_2_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = ")
    assert "settings.toml" in refused(stanchion("--data-dir", str(tmp_path)), 2)
    assert path.read_text() == "theme = "


def test_a_password_that_cannot_be_asked_for_is_exit_2(tmp_path: Path) -> None:
    said = refused(stanchion("--connect", "dtc://me@127.0.0.1:9", "--data-dir", str(tmp_path)), 2)
    assert "STANCHION_PASSWORD" in said


def test_a_first_start_makes_a_private_folder_a_picture_and_a_clean_exit(tmp_path: Path) -> None:
    folder, picture = tmp_path / "data", tmp_path / "window.png"
    done = stanchion("--data-dir", str(folder), "--screenshot", str(picture), "--after", "1")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert picture.stat().st_size > 10_000
    if sys.platform != "win32":
        open_to_others = [str(path) for path in folder.rglob("*") if path.stat().st_mode & 0o077]
        assert open_to_others == []
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def used_folder(tmp_path: Path) -> Path:
    """A data folder a terminal has worked in."""
    folder = tmp_path / "used"
    done = stanchion("--data-dir", str(folder), "--screenshot", str(tmp_path / "p.png"), "--after", "0.5")
    assert done.returncode == 0, done.stderr
    return folder


def test_doctor_says_of_each_thing_in_one_line_how_it_is(used_folder: Path) -> None:
    well = stanchion("doctor", "--data-dir", str(used_folder))
    assert (well.returncode, well.stderr) == (0, "")
    marks = [line.partition(" ")[0] for line in well.stdout.splitlines()]
    assert marks[0] == "ok" and set(marks) == {"ok", "note"}
    database = used_folder / "stanchion.sqlite3"
    content = bytearray(database.read_bytes())
    content[8200:8400] = b"\xff" * 200
    database.write_bytes(content)
    ill = stanchion("doctor", "--data-dir", str(used_folder))
    assert ill.returncode == 1
    assert ill.stdout.startswith("BAD   database: ")
    assert ill.stderr == ""
    assert database.read_bytes() == bytes(content)


@pytest.mark.row(96)
def test_a_backup_can_be_restored_and_the_old_files_are_kept(used_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    assert stanchion("backup", str(copy), "--data-dir", str(used_folder)).returncode == 0
    assert "never replaces" in refused(stanchion("backup", str(copy), "--data-dir", str(used_folder)), 2)
    (used_folder / "stanchion.sqlite3").write_bytes(b"ruined")
    refused(stanchion("--data-dir", str(used_folder)), 4)
    assert stanchion("restore", str(copy), "--data-dir", str(used_folder)).returncode == 0
    kept = [path for path in used_folder.iterdir() if path.is_file() and path.read_bytes() == b"ruined"]
    assert len(kept) == 1
    again = stanchion("--data-dir", str(used_folder), "--screenshot", str(tmp_path / "q.png"), "--after", "0.5")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.row(107)
def test_a_position_edited_by_hand_is_refused_at_start_with_both_figures(used_folder: Path) -> None:
    database = used_folder / "stanchion.sqlite3"
    connection = sqlite3.connect(database)
    columns = [row[1:4] for row in connection.execute("PRAGMA table_info(open_position)")]
    texts = {"qty": "2", "side": "LONG", "connection": "sim", "account": "Sim1", "symbol": "ESZ26_FUT_CME"}
    times = {"created_at", "updated_at", "entry_time"}
    row = {
        name: texts.get(name, "2026-11-20T10:00:00.000000Z" if name in times else "0" if kind == "TEXT" else 0)
        for name, kind, required in columns
        if (required and name != "id") or name in texts
    }
    marks = ",".join("?" * len(row))
    connection.execute(f"INSERT INTO open_position ({','.join(row)}) VALUES ({marks})", tuple(row.values()))
    connection.commit()
    connection.close()
    said = refused(stanchion("--data-dir", str(used_folder)), 4)
    assert "ESZ26_FUT_CME" in said
    assert "doctor" in said


def test_restore_refuses_what_does_not_add_up_and_a_folder_in_use(used_folder: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk" * 1000)
    before = (used_folder / "stanchion.sqlite3").read_bytes()
    refused(stanchion("restore", str(junk), "--data-dir", str(used_folder)), 4)
    refused(stanchion("restore", str(tmp_path / "nothing"), "--data-dir", str(used_folder)), 2)
    copy = tmp_path / "copy.sqlite3"
    assert stanchion("backup", str(copy), "--data-dir", str(used_folder)).returncode == 0
    with FileLock(used_folder / "stanchion.lock"):
        refused(stanchion("restore", str(copy), "--data-dir", str(used_folder)), 3)
    assert (used_folder / "stanchion.sqlite3").read_bytes() == before


def test_an_export_is_one_line_on_standard_output_and_refusals_are_one_on_the_other(
    used_folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "audit.csv"
    words = ("export", "--what", "audit", "--format", "csv", str(target), "--data-dir", str(used_folder))
    done = stanchion(*words)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith(f"{target}: ")
    rows = len(target.read_text(encoding="utf-8").splitlines()) - 1
    assert f" {rows} audit rows" in done.stdout
    assert "never replaces" in refused(stanchion(*words), 2)
    assert "--what" in refused(stanchion("export", str(target), "--data-dir", str(used_folder)), 2)
