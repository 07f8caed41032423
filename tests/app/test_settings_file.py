"""settings.toml is changed in one place: together, whole, off the calling thread, over what was written by hand."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app import settings_file
from app.config import SETTINGS_NAME, StoredSettings, read_settings, write_settings
from app.settings_file import Change, SettingsFile
from core.errors import PersistenceError


def zoomed(percent: int) -> Change:
    return lambda settings: replace(settings, preferences=replace(settings.preferences, zoom_percent=percent))


def phone(place: str) -> Change:
    return lambda settings: replace(settings, desk={**settings.desk, place: "911"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path, StoredSettings("ABCD"))
    return tmp_path


def held_back(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, list[str]]:
    """Have every write wait, and note which threads write."""
    go, threads = threading.Event(), list[str]()

    def slow(folder: Path, settings: StoredSettings) -> None:
        go.wait(10)
        threads.append(threading.current_thread().name)
        write_settings(folder, settings)

    monkeypatch.setattr(settings_file, "write_settings", slow)
    return go, threads


def test_a_change_waits_for_no_disk_and_those_that_wait_are_one_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, threads = held_back(monkeypatch)
    file = SettingsFile(folder)
    for percent in range(101, 121):
        file.change(zoomed(percent))
    assert read_settings(folder).preferences.zoom_percent == 100
    go.set()
    assert file.flush()
    assert read_settings(folder).preferences.zoom_percent == 120
    assert 1 <= len(threads) <= 2 and set(threads) == {"settings"}


def test_changes_of_several_threads_are_all_there(folder: Path) -> None:
    file, together = SettingsFile(folder), threading.Barrier(8)

    def change(name: str, by: Callable[[Change], None]) -> None:
        together.wait(10)
        for number in range(5):
            by(phone(f"{name}{number}"))

    workers = [
        threading.Thread(target=change, args=(f"c{one}-", file.change_now if one % 2 else file.change))
        for one in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert file.flush()
    assert len(read_settings(folder).desk) == 40


def test_what_was_written_by_hand_meanwhile_stays(folder: Path) -> None:
    file = SettingsFile(folder)
    path = folder / SETTINGS_NAME
    path.write_text(path.read_text(encoding="utf-8").replace('theme = "dark"', 'theme = "light"'), encoding="utf-8")
    file.change_now(zoomed(150))
    kept = read_settings(folder).preferences
    assert (kept.theme.value, kept.zoom_percent) == ("light", 150)


def test_a_file_that_cannot_be_used_is_left_and_said_and_written_when_it_can(folder: Path) -> None:
    told: list[str] = []
    file = SettingsFile(folder, told.append)
    whole = (folder / SETTINGS_NAME).read_text(encoding="utf-8")
    (folder / SETTINGS_NAME).write_text("half a line", encoding="utf-8")
    file.change(zoomed(150))
    assert not file.flush()
    assert (folder / SETTINGS_NAME).read_text(encoding="utf-8") == "half a line"
    assert told and told[0].startswith("settings.toml could not be written") and "half" not in told[0]
    (folder / SETTINGS_NAME).write_text(whole, encoding="utf-8")
    assert file.flush()
    assert read_settings(folder).preferences.zoom_percent == 150


def test_who_waits_for_a_change_hears_that_it_failed_and_it_is_dropped(folder: Path) -> None:
    file = SettingsFile(folder)
    whole = (folder / SETTINGS_NAME).read_text(encoding="utf-8")
    (folder / SETTINGS_NAME).write_text("half a line", encoding="utf-8")
    with pytest.raises(PersistenceError, match="could not be written"):
        file.change_now(zoomed(150))
    (folder / SETTINGS_NAME).write_text(whole, encoding="utf-8")
    assert file.flush()
    assert read_settings(folder).preferences.zoom_percent == 100


def test_what_changes_nothing_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go, threads = held_back(monkeypatch)
    go.set()
    SettingsFile(folder).change_now(zoomed(100))
    assert threads == []


def test_a_change_that_cannot_compute_does_not_keep_back_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, told = SettingsFile(folder), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda fault: told.set())
    file.change(zoomed(999))
    file.flush()
    assert told.wait(20)  # else it would be told during the next test
    file.change_now(zoomed(150))
    assert read_settings(folder).preferences.zoom_percent == 150
