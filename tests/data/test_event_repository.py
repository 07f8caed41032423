"""The audit log as it is searched and paged: newest first, every word somewhere, and no sign is a pattern."""

import pytest

from core.model.scope import Mode
from data.store import Store
from tests.data.books import ACCOUNT, fresh_store


def write(store: Store, *texts: str, kind: str = "decision") -> None:
    """Write one row for each text."""
    for text in texts:
        store.audit.append(kind, text, key=ACCOUNT, mode=Mode.SIM, cause="dialog", data={"client_order_id": "ST1"})


def found(store: Store, words: str, start: int = 0, count: int = 200) -> tuple[list[str], int]:
    """Return the texts of rows, and how many there are in all."""
    events, total = store.events.events(words, start, count)
    return [one.text for one in events], total


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
        (event,), _ = store.events.events("decided", 0, 10)
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
        events, _ = store.events.events("connect", 0, 10)
        stored = f"{events[0].text} {events[0].cause} {events[0].data}"
        assert "hunter2" not in stored and events[0].cause == "logon with password=•••, refused"
