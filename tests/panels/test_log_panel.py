"""The log: records and announcements in one order of time, searched, paged, followed, exported, never deleted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from core.commands import RunQuery
from core.events import Level
from core.queries import ALL_ROWS, PAGE_ROWS, AuditEvent, EventFilter, EventsFound, QueryResult
from core.sheet import Sheet
from core.snapshot import Snapshot
from panels.exporting.asking import ExportFile
from panels.log_panel import EXPORT_TICKET, NONE_FOUND, NOTHING, SEARCHING, TICKET, LogPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ago, announcement, flat, order, with_answers


@pytest.fixture
def log(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(LogPanel(theme, UTC))
    made.widget.resize(1180, 300)
    made.widget.show()
    return made


def event(number: int, text: str = "", at: datetime | None = None, **changes: Any) -> AuditEvent:
    """Return a record, one each second."""
    made = AuditEvent(
        number,
        at or ago(1000 - number),
        "order",
        "sim",
        "Sim1",
        "SIM",
        text or f"record {number}",
        "ticket",
        {"client_order_id": f"ST{number}", "qty": "2"},
    )
    return replace(made, **changes)


def answer(log: Bench, world: Snapshot, *events: AuditEvent, total: int | None = None, error: str = "") -> Snapshot:
    """Show the answer to what the log asks last; return the world with it."""
    log.show(world)
    query = log.queries[-1]
    count = len(events) if total is None else total
    is_last = not events or (query.page + 1) * PAGE_ROWS >= count
    # The row before the oldest is a second older.
    found = None if error else EventsFound(events, count, None if is_last else events[-1].at - timedelta(seconds=1))
    result = QueryResult(query.ticket, query.filter, query.page, found, error)
    shown = with_answers(world, *(one for one in world.queries.values() if one.ticket != query.ticket), result)
    log.show(shown)
    return shown


def column(log: Bench, title: str) -> list[Any]:
    """Return what the log shows under a title."""
    model = log.widget.view.rows_model
    at = [one.title for one in model.columns].index(title)
    return [model.data(model.index(row, at)) for row in range(model.rowCount())]


def test_records_and_announcements_stand_in_one_order_newest_first(log: Bench) -> None:
    notes = (announcement("Said.", Level.ERROR, at=ago(995)), announcement("Said later.", at=ago(1)))
    answer(log, flat(notices=notes), event(9), event(5), event(1))
    assert column(log, "Text") == ["Said later.", "record 9", "Said.", "record 5", "record 1"]
    assert column(log, "Level") == ["INFO", "RECORD", "ERROR", "RECORD", "RECORD"]
    assert column(log, "Kind") == ["message", "order", "message", "order", "order"]
    assert column(log, "Reason")[1] == "ticket" and column(log, "IDs")[1] == "ST9"
    assert column(log, "Mode") == ["SIM"] * 5 and column(log, "Account") == ["Sim1"] * 5
    assert column(log, "Time")[0] == "2025-11-12 15:41:06 UTC"


def test_announcements_of_one_instant_stand_the_latest_on_top_and_repeat(log: Bench) -> None:
    log.show(flat(notices=(announcement("Bought."), announcement("Again."), announcement("Again."))))
    assert column(log, "Text") == ["Again.", "Again.", "Bought."]


def test_a_search_asks_the_records_and_filters_the_announcements(log: Bench) -> None:
    notes = tuple(announcement(text) for text in ("Bought 2 ESZ5.", "Sold 2 ESZ5.", "Line down."))
    world = answer(log, flat(notices=notes), event(1))
    log.find("logFilter").setText("esz5 sold")
    world = answer(log, world, event(3, "Sold it"))
    assert log.queries[-1] == RunQuery(TICKET, EventFilter("esz5 sold"), 0)
    assert column(log, "Text") == ["Sold 2 ESZ5.", "Sold it"]
    assert log.text("logFilterCount") == "1–1 of 1 records, 1 announcements"
    log.find("logFilter").setText("nothing like it")
    answer(log, world)
    assert log.widget.view.empty_text == NONE_FOUND and column(log, "Text") == []


def test_nothing_recorded_is_said(log: Bench) -> None:
    answer(log, flat())
    assert log.widget.view.empty_text == NOTHING


def test_pages_hold_the_announcements_of_their_own_stretch_of_time(log: Bench) -> None:
    # One of them lies between the last row of the first page and the first of the second.
    notes = tuple(announcement(f"at {age}", at=ago(age)) for age in (2000, 700, 599.5, 300))
    world = flat(notices=notes)
    first = [event(number) for number in range(600, 400, -1)]
    second = [event(number) for number in range(400, 200, -1)]
    answer(log, world, *first, total=600)
    assert [text for text in column(log, "Text") if text.startswith("at")] == ["at 300", "at 599.5"]
    assert log.text("logFilterCount").startswith("1–200 of 600 records")
    log.press("logOlder")
    answer(log, world, *second, total=600)
    assert log.queries[-1].page == 1
    assert [text for text in column(log, "Text") if text.startswith("at")] == ["at 700"]
    assert len(first) == PAGE_ROWS
    log.press("logOlder")
    answer(log, world, *(event(number) for number in range(200, 0, -1)), total=600)
    assert [text for text in column(log, "Text") if text.startswith("at")] == ["at 2000"]
    assert not log.find("logOlder").isEnabled()


def test_it_follows_what_happens(log: Bench) -> None:
    world = answer(log, flat(), event(1))
    before = len(log.queries)
    log.show(world, after_s=5)
    assert len(log.queries) == before, "nothing happened"
    moved = replace(world, orders={order(1).client_order_id: order(1)})
    log.show(moved, after_s=1)
    assert len(log.queries) == before + 1
    answer(log, moved, event(2), event(1))
    assert column(log, "Text") == ["record 2", "record 1"]


def test_a_chosen_record_stays_chosen_while_others_come(log: Bench) -> None:
    world = answer(log, flat(), event(2), event(1))
    view = log.widget.view
    view.setCurrentIndex(view.rows_model.index(1, 0))
    answer(log, replace(world, fills=()), event(3), event(2), event(1))
    assert view.rows_model.at(view.currentIndex().row()).number == 1


def test_records_that_cannot_be_read_are_an_error_and_announcements_are_shown(log: Bench) -> None:
    answer(log, flat(notices=(announcement("Said."),)), error="The disk failed.")
    assert log.text("logFailure").startswith("The recorded events cannot be read: The disk failed.")
    assert column(log, "Text") == ["Said."]


def test_nothing_in_it_deletes(log: Bench) -> None:
    names = [one.objectName() for one in log.widget.findChildren(QAbstractButton) if one.objectName()]
    assert {one for one in names if not one.startswith("qt_")} == {"logNewer", "logOlder"}
    world = answer(log, flat(), event(1))
    log.widget.view.setCurrentIndex(log.widget.view.rows_model.index(0, 0))
    QTest.keyClick(log.widget.view, Qt.Key.Key_Delete)
    log.show(world)
    assert column(log, "Text") == ["record 1"] and log.intents == []


def test_an_export_asks_for_every_page_of_the_filter(log: Bench, tmp_path: Path) -> None:
    world = answer(log, flat(notices=(announcement("Said."),)), *(event(at) for at in range(400, 200, -1)), total=400)
    log.widget.view.setFocus()
    QTest.keyClick(log.widget.view, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    query = log.queries[-1]
    assert query == RunQuery(EXPORT_TICKET, EventFilter(""), ALL_ROWS)
    every = EventsFound(tuple(event(at) for at in range(400, 0, -1)), 400)
    log.show(with_answers(world, *world.queries.values(), QueryResult(EXPORT_TICKET, query.filter, -1, every)))
    dialog = log.find("exportDialog")
    dialog.fileSelected.emit(str(tmp_path / "log.csv"))
    dialog.reject()
    asked = log.intents[-1]
    assert isinstance(asked, ExportFile) and isinstance(asked.content, Sheet) and len(asked.content.rows) == 401


def test_an_export_that_is_cut_says_so_in_its_name(log: Bench) -> None:
    world = answer(log, flat(), event(2), event(1))
    log.widget.export()
    every = QueryResult(EXPORT_TICKET, log.queries[-1].filter, -1, EventsFound((event(2),), 500_000))
    log.show(with_answers(world, *world.queries.values(), every))
    assert log.widget.exports.title == "Log, the newest 1 of 500000 records"
    log.find("exportDialog").reject()


def test_behind_other_pages_it_asks_for_nothing(log: Bench) -> None:
    log.widget.hide()
    log.show(flat())
    assert log.queries == []


def test_while_a_search_runs_it_says_so_and_not_that_there_is_nothing(log: Bench) -> None:
    world = answer(log, flat(), event(2), event(1))
    log.widget.filter.setText("needle")
    log.show(world)
    assert log.widget.view.empty_text == SEARCHING and log.text("logFilterCount") != SEARCHING, (
        "a word would only flash"
    )
    log.show(world, after_s=0.4)
    assert log.text("logFilterCount") == SEARCHING
    world = answer(log, world)
    assert log.widget.view.empty_text == NONE_FOUND and log.text("logFilterCount").startswith("no records")


def test_a_search_that_did_not_go_to_the_end_says_at_least_how_many_there_are(log: Bench) -> None:
    log.show(flat())
    query = log.queries[-1]
    found = EventsFound((event(2), event(1)), 1_000, ago(999), is_whole=False)
    log.show(with_answers(flat(), QueryResult(query.ticket, query.filter, 0, found)))
    assert log.text("logFilterCount") == "1–2 of 1000 or more records, 0 announcements"
    assert log.find("logOlder").isEnabled()
