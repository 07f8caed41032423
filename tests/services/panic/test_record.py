"""The record of a panic: whole lines, in front of what they announce."""

from pathlib import Path

from core.clock import SystemClock
from services.panic.record import ORDER, Record, last_order_at

CLOCK = SystemClock()


def test_a_line_is_on_the_disk_when_add_returns(tmp_path: Path) -> None:
    path = tmp_path / "panic.jsonl"
    record = Record(path, "act", CLOCK)
    record.add(ORDER, quantity="2")
    assert path.read_text().endswith('"act":"act","step":"order","quantity":"2"}\n')
    record.close()


def test_what_a_kill_cut_is_left_and_the_next_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "panic.jsonl"
    path.write_text('{"at":"2026-11-20T15:00:00Z","step":"order"}\n{"at":"2026-11-')
    found = last_order_at(path)
    assert found is not None and found.year == 2026 and found.tzinfo is not None
    record = Record(path, "act", CLOCK)
    record.add("over")
    record.close()
    assert path.read_text().splitlines()[1] == '{"at":"2026-11-'
    assert '"step":"over"' in path.read_text().splitlines()[2]


def test_the_newest_order_counts_and_no_cancel(tmp_path: Path) -> None:
    path = tmp_path / "panic.jsonl"
    assert last_order_at(path) is None
    record = Record(path, "act", CLOCK)
    record.add("cancel")
    assert last_order_at(path) is None
    before = CLOCK.now()
    record.add(ORDER)
    record.add("cancel")
    record.close()
    found = last_order_at(path)
    assert found is not None and before <= found <= CLOCK.now()
