"""Finding by a few letters: near things first, nothing that lacks a word."""

from hypothesis import given
from hypothesis import strategies as st

from panels.fuzzy import distance, nearest

WORDS = ["Close the position", "Close half of the position", "Cancel the working entries", "Load ESZ6", "Load MESZ6"]


def test_whole_words_are_nearer_than_beginnings_and_those_than_scattered_letters() -> None:
    assert distance("close", "Close the position") == 0
    assert distance("clo", "Close the position") == 1
    assert distance("osit", "Close the position") == 2
    assert distance("clpos", "Close the position") == 3
    assert distance("close gold", "Close the position") is None


def test_the_nearest_comes_first_and_equals_keep_their_order() -> None:
    found = nearest("close pos", WORDS, str, lambda _: "")
    assert found == ["Close the position", "Close half of the position"]
    assert nearest("es", WORDS, str, lambda _: "")[0] == "Load ESZ6"
    assert nearest("", WORDS, str, lambda _: "") == WORDS


def test_words_it_is_also_found_by_count_less_than_its_own() -> None:
    found = nearest("exit", ["Exit now", "Close"], str, lambda one: "exit" if one == "Close" else "")
    assert found == ["Exit now", "Close"]
    assert nearest("exi cl", ["Close"], str, lambda _: "exit") == ["Close"]
    assert nearest("xt", ["Close"], str, lambda _: "exit") == []


@given(st.text(max_size=12), st.lists(st.text(max_size=20), max_size=6))
def test_what_is_found_was_there_and_every_word_is_in_it_in_letters(query: str, things: list[str]) -> None:
    for one in nearest(query, things, str, lambda _: ""):
        assert one in things
        assert all(set(word) <= set(one.casefold()) for word in query.casefold().split())
