"""Rolling backups: when one is due, what stays, and that only what adds up ever gets the name of one."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PersistenceError
from core.model.fill import Side
from data import preflight, rolling_backup
from data.backup import Pace
from data.integrity import examine
from data.rolling_backup import (
    KEPT_DAYS,
    KEPT_MONTHS,
    KEPT_WEEKS,
    backups_in,
    is_due,
    last_close,
    name_of,
    newest_at,
    roll,
    taken_at,
    to_keep,
)
from data.store import Store, open_store
from tests.data.books import StillClock, book, fill, opened, put_empty_database

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # a Friday, 14:00 in Chicago
MOMENTS = st.integers(0, 63_000_000).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    put_empty_database(tmp_path)
    made = open_store(tmp_path, StillClock())
    opened(made)
    yield made
    made.close()


# -- names, and when one is due --------------------------------------------------------------------------------------


@given(MOMENTS)
def test_a_name_tells_when_it_was_taken(moment: datetime) -> None:
    assert taken_at(name_of(moment)) == moment


@pytest.mark.parametrize(
    "name",
    [
        "stanchion.sqlite3",
        "stanchion-20261399-000000Z.sqlite3",
        "stanchion-20261120-120000Z.sqlite3.part",
        "stanchion-v1-20261120T120000.000000Z.sqlite3",
        "stanchion-٢٠٢٦1120-120000Z.sqlite3",
    ],
)
def test_what_is_called_otherwise_is_no_backup_of_ours(name: str) -> None:
    assert taken_at(name) is None


def test_a_session_ended_when_the_index_futures_closed_also_on_holidays() -> None:
    assert last_close(NOW) == datetime(2026, 11, 19, 22, tzinfo=UTC)
    assert last_close(datetime(2026, 11, 20, 22, tzinfo=UTC)) == datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert last_close(datetime(2026, 11, 22, 12, tzinfo=UTC)) == datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert last_close(datetime(2026, 11, 26, 20, tzinfo=UTC)) == datetime(2026, 11, 26, 18, tzinfo=UTC)


def test_one_is_due_when_there_is_none_after_a_day_and_after_a_close() -> None:
    assert is_due(None, NOW)
    assert not is_due(NOW - timedelta(hours=1), NOW)
    sunday = datetime(2026, 11, 22, 18, tzinfo=UTC)
    assert is_due(sunday - timedelta(hours=24), sunday) and not is_due(sunday - timedelta(hours=23), sunday)
    closed = datetime(2026, 11, 20, 22, tzinfo=UTC)
    assert not is_due(NOW, closed + timedelta(minutes=9))
    assert is_due(NOW, closed + timedelta(minutes=10))
    assert not is_due(closed + timedelta(minutes=10), closed + timedelta(minutes=11))


@given(MOMENTS, MOMENTS)
def test_one_just_made_is_never_due_again(newest: datetime, now: datetime) -> None:
    assert not is_due(now, now)
    if newest <= now - timedelta(hours=24):
        assert is_due(newest, now)


def test_one_from_the_future_does_not_stop_the_others() -> None:
    names = [name_of(NOW + timedelta(days=400)), name_of(NOW - timedelta(days=1)), "notes.txt"]
    assert newest_at(names, NOW) == NOW - timedelta(days=1)
    assert newest_at([names[0]], NOW) is None


# -- what stays ------------------------------------------------------------------------------------------------------


@given(st.sets(MOMENTS.map(name_of), max_size=60), MOMENTS)
def test_what_stays_is_bounded_stays_again_and_holds_the_newest(names: set[str], now: datetime) -> None:
    kept = to_keep(names, now)
    assert kept <= names and to_keep(kept, now) == kept
    past = {name for name in names if (taken_at(name) or now) <= now}
    assert names - past <= kept
    assert len(kept & past) <= KEPT_DAYS + KEPT_WEEKS + KEPT_MONTHS
    if past:
        assert max(past) in kept
        days = sorted({name[:18] for name in past}, reverse=True)[:KEPT_DAYS]
        assert {name[:18] for name in kept} >= set(days)


@settings(max_examples=20)
@given(MOMENTS, st.integers(1, 3))
def test_backups_made_for_months_leave_every_day_of_a_week_and_one_of_the_month_before_last(
    start: datetime, a_day: int
) -> None:
    names: set[str] = set()
    now = start
    for number in range(100 * a_day):
        now = start + timedelta(days=1) * number / a_day
        names.add(name_of(now))
        names &= to_keep(names, now)
    days = sorted({(now.date() - at.date()).days for at in map(taken_at, names) if at is not None})
    assert days[:KEPT_DAYS] == list(range(KEPT_DAYS))
    assert any(14 <= age <= 27 for age in days) and 28 <= days[-1] <= 62


@given(st.sets(st.text(max_size=12), max_size=5), MOMENTS)
def test_files_of_another_name_always_stay(names: set[str], now: datetime) -> None:
    assert to_keep(names, now) >= names


# -- made ------------------------------------------------------------------------------------------------------------


def test_a_backup_is_whole_examined_private_and_alone(store: Store) -> None:
    kept = roll(store.database.path, NOW)
    folder = store.database.path.parent / "backups"
    assert kept.made == folder / "stanchion-20261120-200000Z.sqlite3" and (kept.count, kept.stuck) == (1, ())
    assert examine(kept.made) == () and backups_in(folder) == [kept.made]
    assert [path.name for path in folder.iterdir()] == [kept.made.name]
    if sys.platform != "win32":
        assert kept.made.stat().st_mode & 0o777 == 0o600


@pytest.mark.row(106)
def test_it_is_of_one_moment_though_fills_are_booked_between_its_pages(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        book(store.positions, [fill(f"x{number}", Side.BUY, "1", "5000")])
    booked: list[str] = []

    def book_one(_: float) -> None:
        if len(booked) < 30:
            booked.append(f"during{len(booked)}")
            book(store.positions, [fill(booked[-1], Side.BUY, "1", "5001")])

    monkeypatch.setattr("data.backup.time.sleep", book_one)
    monkeypatch.setattr("data.rolling_backup.GENTLE", Pace(pages=4, pause_s=1.0))
    made = roll(store.database.path, NOW).made
    assert len(booked) > 3, "the copy took no steps"
    with sqlite3.connect(made) as copy:
        ids = {row[0] for row in copy.execute("SELECT execution_id FROM fill_record")}
    copy.close()
    assert "x39" in ids and not ids & set(booked)
    assert examine(made) == ()


def test_what_does_not_add_up_never_gets_the_name_and_costs_no_earlier_backup(store: Store) -> None:
    earlier = roll(store.database.path, NOW - timedelta(days=400)).made
    with store.database.bare() as driver:
        driver.execute("DELETE FROM open_position")
    with pytest.raises(PersistenceError, match=r"does not add up.*earlier backups stay"):
        roll(store.database.path, NOW)
    assert list(earlier.parent.iterdir()) == [earlier]


def test_old_ones_are_deleted_only_after_a_new_one_is_there(store: Store) -> None:
    folder = store.database.path.parent / "backups"
    folder.mkdir()
    others = ["notes.txt", "stanchion-v1-20250101T000000.000000Z.sqlite3"]
    old = [name_of(NOW - timedelta(days=days)) for days in range(1, 200)]
    for name in (*old, *others, "stanchion-20261119-200000Z.sqlite3.77.part"):
        (folder / name).write_bytes(b"")
    kept = roll(store.database.path, NOW)
    names = {path.name for path in folder.iterdir()}
    assert names == to_keep({*old, kept.made.name}, NOW) | set(others)
    assert kept.count == len(names) - len(others) <= 14


def test_one_that_cannot_be_deleted_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = store.database.path.parent / "backups"
    held = name_of(NOW - timedelta(hours=2))
    folder.mkdir()
    (folder / held).write_bytes(b"")
    monkeypatch.setattr(rolling_backup, "_deleted", lambda path: False)
    assert roll(store.database.path, NOW).stuck == (held,)


def test_a_full_disk_is_left_to_trading(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 2**20))
    with pytest.raises(PersistenceError, match=r"1 MB are left .* for trading"):
        roll(store.database.path, NOW)
    assert not (store.database.path.parent / "backups").exists()


def test_nothing_to_copy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PersistenceError):
        roll(tmp_path / preflight.DATABASE_NAME, NOW)
