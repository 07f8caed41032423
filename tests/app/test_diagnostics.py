"""The bundle: everything somebody needs to help, and nothing that is nobody's business."""

import zipfile
from io import BytesIO
from pathlib import Path

from app.config import StoredSettings, write_settings
from app.diagnostics import TAIL, Entry, entries_of, versions, zipped
from app.masking import Masking
from core.clock import SystemClock
from core.model.scope import AccountKey
from data.store import open_store


def folder_of(tmp_path: Path) -> Path:
    """Return a data folder with books, settings and logs that name an account and a password."""
    open_store(tmp_path, SystemClock()).close()
    key = AccountKey("sierra", "ACCT-9876")
    slugs = {"dtc://jane@10.0.0.1:11099": "sierra"}
    write_settings(tmp_path, StoredSettings("AAAA", slugs=slugs, one_click=frozenset({key})))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "stanchion.jsonl").write_text('{"event": "logon", "account": "ACCT-9876", "text": "jane in hunter2"}\n')
    (logs / "last-crash.txt").write_text("RuntimeError in ACCT-9876\n")
    return tmp_path


def test_it_holds_state_versions_doctor_settings_logs_and_the_last_crash_all_masked(tmp_path: Path) -> None:
    masking = Masking(["ACCT-9876", "jane"], ["hunter2"])
    entries = entries_of(folder_of(tmp_path), "orders of ACCT-9876 wait\n", masking, SystemClock())
    assert [one.name for one in entries] == [
        "state.txt",
        "versions.txt",
        "doctor.txt",
        "settings.toml",
        "last-crash.txt",
        "stanchion.jsonl",
    ]
    every = "\n".join(one.text for one in entries)
    assert not [secret for secret in ("ACCT-9876", "jane", "hunter2") if secret in every]
    texts = {one.name: one.text for one in entries}
    assert "database" in texts["doctor.txt"] and "10.0.0.1" in texts["settings.toml"]
    assert "Python" in texts["versions.txt"] and texts["state.txt"].endswith("wait\n")


def test_of_a_long_log_the_end_is_taken_from_a_whole_line_on(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    line = '{"event": "x"}\n'
    (folder / "logs" / "stanchion.jsonl").write_text(line * (TAIL // len(line) + 5_000), newline="\n")
    entries = {one.name: one.text for one in entries_of(folder, "", Masking([]), SystemClock())}
    assert len(entries["stanchion.jsonl"]) <= TAIL and entries["stanchion.jsonl"].startswith(line)


def test_the_zip_holds_what_was_shown_to_the_byte() -> None:
    shown = (Entry("state.txt", "all well – •1•\n"), Entry("doctor.txt", "fine\n"))
    with zipfile.ZipFile(BytesIO(zipped(shown))) as bundle:
        assert {name: bundle.read(name).decode() for name in bundle.namelist()} == {one.name: one.text for one in shown}
    assert zipped(shown) == zipped(shown)


def test_versions_name_what_runs() -> None:
    found = dict(versions())
    assert found["Stanchion"] != "not installed" and found["Python"].count(".") == 2
