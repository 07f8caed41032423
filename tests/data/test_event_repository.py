"""The audit log as it is searched and paged: newest first, every word somewhere, and no sign is a pattern."""

from collections.abc import Iterable

import pytest

from core.errors import QuestionAbandoned
from core.model.scope import Mode
from data import event_repository
from data.store import Store
from tests.data.books import ACCOUNT, fresh_store


def write(store: Store, *texts: str, kind: str = "decision") -> None:
    """Write one row for each text."""
    for text in texts:
        store.audit.append(kind, text, key=ACCOUNT, mode=Mode.SIM, cause="dialog", data={"client_order_id": "ST1"})


def found(store: Store, words: str, start: int = 0, count: int = 200) -> tuple[list[str], int]:
    """Return the texts of rows, and how many there are in all."""
    rows = store.events.events(words, start, count)
    return [one.text for one in rows.events], rows.total


def test_rows_come_newest_first_and_in_pages() -> None:
    with fresh_store() as store:
        before = found(store, "")[1]
        write(store, *(f"row {number}" for number in range(5)))
        assert found(store, "row", 0, 2) == (["row 4", "row 3"], 5)
        assert found(store, "row", 4, 2) == (["row 0"], 5)
        assert found(store, "")[1] == before + 5


def test_every_word_must_occur_in_text_kind_cause_account_mode_or_data_whatever_its_case() -> None:
    with fresh_store() as store:
        write(store, "Bought 2 ESZ6", "Sold 2 ESZ6")
        assert found(store, "esz6 SOLD")[0] == ["Sold 2 ESZ6"]
        for word in ("decision", "dialog", "Sim1", "st1"):
            assert found(store, f"{word} bought")[0] == ["Bought 2 ESZ6"]
        assert found(store, "bought nothing") == ([], 0)


@pytest.mark.parametrize("word", ["%", "_", "\\", "'", '"'])
def test_signs_are_searched_for_as_they_are(word: str) -> None:
    with fresh_store() as store:
        write(store, "plain words", f"with {word} in it")
        assert found(store, f"with {word}")[0] == [f"with {word} in it"]
        assert found(store, f"plain {word}")[0] == ([] if word not in ("_", '"') else found(store, f"plain {word}")[0])


def test_a_row_has_all_that_was_written() -> None:
    with fresh_store() as store:
        write(store, "It was decided.")
        (event,) = store.events.events("decided", 0, 10).events
        assert (event.kind, event.connection, event.account, event.mode) == ("decision", "sim", "Sim1", "SIM")
        assert (event.cause, event.data, event.at.utcoffset() is not None) == (
            "dialog",
            {"client_order_id": "ST1"},
            True,
        )


def test_no_secret_is_ever_stored() -> None:
    with fresh_store() as store:
        store.audit.append(
            "setting",
            "connect dtc://trader:hunter2@host:11099",
            key=None,
            mode=None,
            cause="logon with password=hunter2, refused",
            data={"password": "hunter2", "url": "dtc://a:hunter2@b", "api_key": "hunter2"},
        )
        events = store.events.events("connect", 0, 10).events
        stored = f"{events[0].text} {events[0].cause} {events[0].data}"
        assert "hunter2" not in stored and events[0].cause == "logon with password=•••, refused"


class Counting:
    """Goes on so many blocks."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks

    def __call__(self) -> bool:
        self.blocks -= 1
        return self.blocks > 0


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_repository, "BLOCK_ROWS", 10)
    monkeypatch.setattr(event_repository, "COUNTED", 20)


@pytest.mark.usefixtures("small_blocks")
def test_a_search_looks_no_further_than_its_page_and_what_is_counted() -> None:
    with fresh_store() as store:
        write(store, *(f"row {number}" for number in range(100)))
        page = store.events.events("row", 0, 5)
        assert [one.text for one in page.events] == [f"row {99 - at}" for at in range(5)]
        assert (page.total, page.is_whole) == (20, False)
        later = store.events.events("row", 40, 5)
        assert [one.text for one in later.events] == [f"row {59 - at}" for at in range(5)]
        assert (later.total, later.is_whole) == (50, False)
        last = store.events.events("row", 95, 50)
        assert [one.text for one in last.events] == [f"row {4 - at}" for at in range(5)]
        assert (last.total, last.is_whole) == (100, True)


@pytest.mark.usefixtures("small_blocks")
def test_a_search_that_gave_way_goes_on_where_it_stopped() -> None:
    with fresh_store() as store:
        write(store, "the needle", *(f"row {number}" for number in range(100)))
        blocks = 0
        while True:
            try:
                rows = store.events.events("needle", 0, 5, Counting(3))
                break
            except QuestionAbandoned:
                blocks += 1
        assert [one.text for one in rows.events] == ["the needle"] and rows.is_whole
        assert blocks == 3, "three turns of three blocks, and the rest in a fourth"


@pytest.mark.usefixtures("small_blocks")
def test_what_was_written_since_is_found_by_the_same_search_at_the_top() -> None:
    with fresh_store() as store:
        write(store, "an old needle", *(f"row {number}" for number in range(100)), "a needle")
        assert found(store, "needle") == (["a needle", "an old needle"], 2)
        write(store, "row", "a new needle")
        looked: list[tuple[int, int]] = []
        fitting = store.events._fitting

        def counted(words: Iterable[str], first: int, end: int) -> list[int]:
            looked.append((first, end))
            return fitting(words, first, end)

        store.events._fitting = counted  # type: ignore[method-assign]
        assert found(store, "needle") == (["a new needle", "a needle", "an old needle"], 3)
        ((first, end),) = looked
        assert end - first == 2, "and at nothing else"
        assert found(store, "needle new") == (["a new needle"], 1)
