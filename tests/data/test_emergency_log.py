"""The emergency log as a file: durable line by line, and what is cut off, damaged or not ours is recognised."""

import json
import os
import sys
from pathlib import Path

import pytest

from core.emergency import EmergencyEntry
from core.errors import PersistenceError
from data.emergency_log import FileEmergencyLog, encoded
from data.preflight import EMERGENCY_NAME
from tests.data.books import StillClock
from tests.fakes.emergency import entries


def log_in(folder: Path) -> FileEmergencyLog:
    return FileEmergencyLog(folder, StillClock())


def written(folder: Path) -> tuple[Path, list[EmergencyEntry]]:
    kept = entries()
    for entry in kept:
        log_in(folder).append(entry)
    return folder / EMERGENCY_NAME, kept


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_there_is_no_file_until_something_is_written(tmp_path: Path) -> None:
    log_in(tmp_path).read()
    log_in(tmp_path).retire([])
    assert names(tmp_path) == []


def test_each_line_is_json_a_person_can_read(tmp_path: Path) -> None:
    path, kept = written(tmp_path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["entry"]["kind"] for line in lines] == ["order", "fill", "operation", "instrument"] and len(kept) == 4
    assert lines[1]["entry"]["value"]["change"]["fill"]["price"] == "5001"


@pytest.mark.skipif(sys.platform == "win32", reason="no file modes")
def test_the_file_and_what_is_put_aside_are_the_users_alone(tmp_path: Path) -> None:
    path, kept = written(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    log_in(tmp_path).retire(kept[:1])
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}


def test_every_line_is_synchronised_before_the_call_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synchronised: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synchronised.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    for entry in entries():
        log_in(tmp_path).append(entry)
        assert (tmp_path / EMERGENCY_NAME).stat().st_size in synchronised


def test_a_last_line_cut_off_anywhere_is_skipped_and_the_next_one_is_not_lost_in_it(tmp_path: Path) -> None:
    path, kept = written(tmp_path)
    whole = path.read_bytes()
    last = len(encoded(kept[3], "2026-11-20T14:30:01+00:00"))
    for cut in range(1, last):
        path.write_bytes(whole[:-cut])
        found = log_in(tmp_path).read()
        complete = cut == 1  # nothing is missing but the line end
        assert found.entries == tuple(kept if complete else kept[:3]) and found.torn is not complete
        if cut % 50 == 1:
            log_in(tmp_path).append(kept[0])
            assert log_in(tmp_path).read().entries == (*found.entries, kept[0])


def test_a_byte_that_fell_over_makes_its_line_unreadable_and_no_other(tmp_path: Path) -> None:
    path, kept = written(tmp_path)
    whole = path.read_bytes()
    start, end = whole.index(b"\n") + 1, whole.index(b"\n", whole.index(b"\n") + 1)
    for at in range(start, end, 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x11 if damaged[at] ^ 0x11 != 0x0A else 0x12
        path.write_bytes(bytes(damaged))
        found = log_in(tmp_path).read()
        assert found.entries == (kept[0], *kept[2:]) and found.unreadable == 1


def test_what_is_unreadable_or_contradicts_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    path, kept = written(tmp_path)
    with path.open("ab") as file:
        file.write(b'{"of": "another program"}\n')
    log_in(tmp_path).retire([kept[1]])
    aside, merged = names(tmp_path)
    assert aside.endswith("Z.aside.jsonl") and merged.endswith("Z.merged.jsonl")
    text = (tmp_path / aside).read_text(encoding="utf-8")
    assert "another program" in text and '"kind":"fill"' in text and '"kind":"order"' not in text
    assert len((tmp_path / merged).read_bytes().splitlines()) == 5


def test_two_logs_put_aside_in_one_second_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for entry in entries():
        log_in(tmp_path).append(entry)  # each with a clock that begins anew
        log_in(tmp_path).retire([])
    assert len(names(tmp_path)) == 4


def test_a_line_there_is_no_room_for_is_refused_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no limits")
    import resource

    path, kept = written(tmp_path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(PersistenceError, match=EMERGENCY_NAME):
            log_in(tmp_path).append(kept[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    log_in(tmp_path).append(kept[1])
    assert log_in(tmp_path).read().entries == (*kept, kept[1])


def test_a_folder_that_cannot_be_written_is_a_persistence_error_that_names_the_file(tmp_path: Path) -> None:
    log = log_in(tmp_path / "gone")
    with pytest.raises(PersistenceError, match=EMERGENCY_NAME):
        log.append(entries()[0])
    (tmp_path / EMERGENCY_NAME).mkdir()
    with pytest.raises(PersistenceError, match=EMERGENCY_NAME):
        log_in(tmp_path).read()
