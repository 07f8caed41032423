"""`stanchion doctor`: a line for each thing, BAD only where something is wrong, and not a byte changed."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.__main__ import main
from app.commands import folder_checks
from app.commands.line_checks import described
from app.config import StoredSettings, write_settings
from core.clock import SystemClock
from core.model.guard_day import AccountLock, GuardState
from core.model.guard_lock import GuardLock, LockKind
from core.model.guard_rules import Guard
from core.model.scope import AccountKey
from data.backup import copy_database
from data.emergency_log import FileEmergencyLog
from data.preflight import DATABASE_NAME
from data.rolling_backup import name_of
from data.store import Store, open_store
from services.dtc import probe as probing
from services.dtc.enums import EncodingEnum, LogonStatusEnum
from services.dtc.messages.connection import LogonResponse
from services.dtc.probe import ServerFound
from services.panic.files import LIFT_WITH, PanicFiles, Request
from tests.data.books import StillClock, opened, put_empty_database
from tests.fakes.dtc_server import FakeDTC
from tests.fakes.emergency import entries


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder with a database, a log and a backup of an hour ago."""
    put_empty_database(tmp_path)
    store = open_store(tmp_path, StillClock())
    opened(store)
    store.close()
    (tmp_path / "logs").mkdir()
    (tmp_path / "backups").mkdir()
    copy_database(tmp_path / DATABASE_NAME, tmp_path / "backups" / name_of(datetime.now(UTC) - timedelta(hours=1)))
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDTC]:
    """Return a server whose clock nobody waits for."""
    monkeypatch.setattr(probing.probe, "__defaults__", (10.0, 0.0))
    with FakeDTC() as made:
        yield made


def said(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, str]]:
    """Return the exit code and the lines by their subject, marks in front."""
    code = main(["doctor", "--data-dir", str(folder), *more])
    out, err = capsys.readouterr()
    assert err == ""
    lines: dict[str, str] = {}
    for line in out.splitlines():
        mark, subject = line[:4].strip(), line[6:].partition(": ")[0]
        lines[subject] = f"{mark} {line[6:].partition(': ')[2]}"
    return code, lines


def test_a_healthy_folder_is_exit_0_and_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, lines = said(folder, capsys)
    assert code == 0 and {path: path.read_bytes() for path in before} == before
    assert {subject: line.split()[0] for subject, line in lines.items()} == {
        "database": "ok",
        "folder": "ok",
        "disk": "ok",
        "log": "ok",
        "locks": "ok",
        "backups": "ok",
        "connection": "note",
    }
    assert "positions = ledger" in lines["database"] and "1 h old and adds up" in lines["backups"]


def test_a_folder_that_is_not_there_is_bad_and_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(tmp_path / "none", capsys)
    assert code == 1 and lines["database"].startswith("BAD") and not (tmp_path / "none").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_a_folder_others_may_read_is_bad_with_the_command_that_closes_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.chmod(0o750)
    code, lines = said(folder, capsys)
    assert code == 1 and lines["folder"].startswith("BAD") and f"chmod 700 '{folder}'" in lines["folder"]


def test_what_cannot_be_written_is_bad(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, lines = said(folder, capsys)
    assert code == 1 and lines["folder"].startswith("BAD") and lines["log"].startswith("BAD")


@pytest.mark.parametrize(("free", "mark"), [(2**20, "BAD"), (2**30, "note"), (2**40, "ok")])
def test_room_on_the_disk(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, free: int, mark: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**41, 0, free))
    code, lines = said(folder, capsys)
    assert lines["disk"].startswith(mark) and code == (mark == "BAD")


def test_an_emergency_file_is_bad_and_says_that_nothing_is_lost(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = FileEmergencyLog(folder, SystemClock())
    for entry in entries():
        log.append(entry)
    code, lines = said(folder, capsys)
    assert code == 1 and "holds 4 entries" in lines["emergency"] and "It is not lost" in lines["emergency"]
    log.retire(entries()[:1])
    code, lines = said(folder, capsys)
    assert code == 0 and lines["emergency"].startswith("note") and "contradicts the database" in lines["emergency"]


def test_no_backup_yet_and_an_old_one_are_notes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made,) = (folder / "backups").iterdir()
    made.rename(folder / "backups" / name_of(datetime.now(UTC) - timedelta(days=9)))
    code, lines = said(folder, capsys)
    assert code == 0 and lines["backups"].startswith("note") and "9 days old" in lines["backups"]
    shutil.rmtree(folder / "backups")
    code, lines = said(folder, capsys)
    assert code == 0 and lines["backups"].startswith("note There is none")


def test_a_backup_that_no_longer_adds_up_is_bad(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made,) = (folder / "backups").iterdir()
    made.write_bytes(made.read_bytes()[:5000])
    code, lines = said(folder, capsys)
    assert code == 1 and lines["backups"].startswith("BAD") and "no longer adds up" in lines["backups"]


def test_what_cannot_be_looked_at_is_a_line_too(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder_checks, "backups_in", fail)
    code, lines = said(folder, capsys)
    assert code == 1 and "cannot be looked at: Permission denied" in lines["backups"]


def test_a_server_is_dialed_and_described_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], server: FakeDTC
) -> None:
    code, lines = said(folder, capsys, "--connect", f"dtc://127.0.0.1:{server.port}?name=home")
    line = lines[f"connection home 127.0.0.1:{server.port}"]
    assert code == 0 and line.startswith("ok 'Fake' let us in after ")
    assert line.endswith("speaks binary, takes orders, has market data, has the accounts Sim1, does not tell its clock")


def test_a_server_that_takes_no_orders_is_a_note(
    folder: Path, capsys: pytest.CaptureFixture[str], server: FakeDTC
) -> None:
    server.logon = LogonResponse(ServerName="Fake", TradingIsSupported=0)
    code, lines = said(folder, capsys, "--connect", f"dtc://127.0.0.1:{server.port}")
    assert code == 0 and "TAKES NO ORDERS" in lines[f"connection 127.0.0.1:{server.port}"]


def test_the_connections_of_the_settings_are_tested_when_none_is_given(
    folder: Path, capsys: pytest.CaptureFixture[str], server: FakeDTC
) -> None:
    server.refusal = ("Unknown user.", LogonStatusEnum.LOGON_ERROR, "")
    write_settings(folder, StoredSettings("TEST", slugs={f"dtc://@127.0.0.1:{server.port}": "home"}))
    code, lines = said(folder, capsys)
    assert code == 1 and "refused the logon: Unknown user." in lines[f"connection home 127.0.0.1:{server.port}"]
    assert server.connections == 1


def test_a_password_comes_from_the_environment_and_is_never_said(
    folder: Path, capsys: pytest.CaptureFixture[str], server: FakeDTC, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCHION_PASSWORD", "open sesame")
    code, lines = said(folder, capsys, "--connect", f"dtc://me@127.0.0.1:{server.port}")
    assert code == 0 and "open sesame" not in str(lines)


def test_settings_that_cannot_be_read_are_bad_and_the_simulator_is_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "settings.toml").write_text("theme = ")
    code, lines = said(folder, capsys)
    assert code == 1 and lines["settings"].startswith("BAD")
    code, lines = said(folder, capsys, "--connect", "sim")
    assert code == 0 and lines["connection"].startswith("note sim is not tested")


def test_an_address_nobody_understands_is_exit_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--data-dir", str(folder), "--connect", "http://x"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [(None, "does not tell"), (-1.4, "agrees"), (1.9, "agrees"), (37.4, "37 s ahead of"), (-90.0, "90 s behind")],
)
def test_the_clock_is_put_in_words(ahead_s: float | None, words: str) -> None:
    found = ServerFound("S", EncodingEnum.BINARY_ENCODING, 0.01, True, True, None, ahead_s)
    assert words in described(found) and "did not answer which accounts" in described(found)


# -- locks -------------------------------------------------------------------------------------------------------------


def store_of(folder: Path) -> Store:
    return open_store(folder, StillClock())


def lock_account(folder: Path, guard: Guard | LockKind, until: datetime) -> None:
    key, now = AccountKey("sierra", "ACCT-123"), datetime.now(UTC)
    store = store_of(folder)
    store.guards.save(key, GuardState(now), AccountLock(key, guard, "ACCT-123 is locked.", now, until), None)
    store.close()


def test_that_nothing_is_locked_is_said_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(folder, capsys)[1]["locks"] == "ok none stands"


def test_a_standing_panic_lock_is_said_with_the_way_to_lift_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = store_of(folder)
    store.guard_locks.add(GuardLock(LockKind.PANIC, f"Locked by panic; lift it with `{LIFT_WITH}`.", datetime.now(UTC)))
    store.close()
    before = (folder / DATABASE_NAME).read_bytes()
    code, lines = said(folder, capsys)
    assert code == 0 and lines["lock of every account"].startswith("note since ")
    assert lines["lock of every account"].endswith("Locked by panic; lift it with `stanchion panic --lift`.")
    assert "locks" not in lines and (folder / DATABASE_NAME).read_bytes() == before


def test_a_panic_nobody_has_taken_up_is_said_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    PanicFiles(folder).write(Request("one", datetime(2026, 11, 20, 15, tzinfo=UTC)))
    assert said(folder, capsys)[1]["lock of every account"] == (
        "note panic was pressed at 2026-11-20 15:00 UTC; the next start locks entries. "
        "Lift it with `stanchion panic --lift`."
    )


@pytest.mark.parametrize("guard", [Guard.DAY_LOSS, LockKind.SESSION])
def test_the_lock_of_an_account_is_said_until_it_ends(
    folder: Path, guard: Guard | LockKind, capsys: pytest.CaptureFixture[str]
) -> None:
    lock_account(folder, guard, datetime.now(UTC) + timedelta(hours=8))
    code, lines = said(folder, capsys)
    assert code == 0 and lines["lock of sierra/ACCT-123"].endswith("ACCT-123 is locked.")


def test_a_lock_that_ended_is_not_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock_account(folder, LockKind.SESSION, datetime.now(UTC) - timedelta(seconds=1))
    assert said(folder, capsys)[1]["locks"] == "ok none stands"


def test_locks_that_cannot_be_read_are_bad(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock_account(folder, LockKind.SESSION, datetime.now(UTC) + timedelta(hours=8))
    with sqlite3.connect(folder / DATABASE_NAME) as database:
        database.execute("UPDATE guard_lock SET created_at = '9999-99-99T99:99:99.999999Z'")
    code, lines = said(folder, capsys)
    assert code == 1 and lines["locks"].startswith("BAD they cannot be read")
