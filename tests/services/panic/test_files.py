"""The files a panic and a terminal speak through: whole or not there, private, and a claim no dead process holds."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import PersistenceError
from services.panic.files import Act, Answer, PanicFiles, Request

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
REQUEST = Request("a", NOW, ("venue",), ("Sim1",))


@pytest.fixture
def files(tmp_path: Path) -> PanicFiles:
    return PanicFiles(tmp_path)


@pytest.mark.parametrize(
    "content", [REQUEST, Answer("a", 3, ("venue",), ("said",), ("left",), True), Act("b", "a", NOW, 7, ("venue",), "x")]
)
def test_what_is_written_is_read_by_another(files: PanicFiles, content: Request | Answer | Act) -> None:
    other = PanicFiles(files.folder)
    assert (other.request(), other.answer(), other.act()) == (None, None, None)
    files.write(content)
    assert content in (other.request(), other.answer(), other.act())
    if sys.platform != "win32":
        assert [path.stat().st_mode & 0o777 for path in files.folder.iterdir()] == [0o600]


def test_a_file_that_was_replaced_is_read_anew(files: PanicFiles) -> None:
    files.write(Answer("a", 1, ()))
    reader = PanicFiles(files.folder)
    for beat in (1, 2, 3):
        files.write(Answer("a", beat, ()))
        answer = reader.answer()
        assert answer is not None and answer.beat == beat


def test_a_request_that_cannot_be_read_is_not_taken_for_none(files: PanicFiles) -> None:
    (files.folder / "panic.json").write_text("{")
    with pytest.raises(PersistenceError, match="entries stay refused"):
        files.request()


def test_a_disk_that_refuses_is_told(files: PanicFiles) -> None:
    (files.folder / "panic.json").mkdir()
    with pytest.raises(PersistenceError, match="cannot be written"):
        files.write(REQUEST)


def test_a_new_panic_is_not_lifted_by_a_wish_from_before_it(files: PanicFiles) -> None:
    files.write(REQUEST)
    files.ask_to_lift()
    files.write(Request("later", NOW))
    assert not files.wants_lift()


def test_a_lift_takes_away_everything_but_the_record(files: PanicFiles) -> None:
    for content in (REQUEST, Answer("a", 1, ()), Act("b", "a", NOW, 7, ())):
        files.write(content)
    (files.folder / "panic.jsonl").write_text("kept\n")
    files.ask_to_lift()
    assert files.wants_lift()
    files.clear()
    assert [path.name for path in files.folder.iterdir()] == ["panic.jsonl"]


def test_one_acts_at_a_time(files: PanicFiles) -> None:
    assert not files.somebody_acts()
    with files.acting(0) as claimed:
        assert claimed and PanicFiles(files.folder).somebody_acts()
        with PanicFiles(files.folder).acting(0.05) as second:
            assert not second
    assert not files.somebody_acts()


def test_a_request_means_what_it_names_and_everything_where_it_names_nothing() -> None:
    assert REQUEST.covers("venue", "Sim1")
    assert not REQUEST.covers("venue", "Sim2") and not REQUEST.covers("other", "Sim1")
    assert Request("b", NOW).covers("any", "thing")
