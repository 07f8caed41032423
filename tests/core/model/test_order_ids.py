"""Our order ids: unique for ever, short enough for every venue, known again when they come back."""

import re

import pytest

from core.model.order_ids import MAX_LENGTH, OrderIds

NOW_MS = 1_795_000_000_000


def test_a_hundred_thousand_ids_of_one_millisecond_are_all_different() -> None:
    ids = OrderIds("AB12", seed=0xFFFF_FF00)
    assert len({ids.mint(NOW_MS) for _ in range(100_000)}) == 100_000


def test_an_id_and_its_children_are_letters_and_digits_and_fit_into_the_field() -> None:
    ids = OrderIds("AB12", seed=1)
    for parent in (ids.mint(NOW_MS), ids.mint(0), ids.mint(2**48 - 1), ids.mint(2**48 + 5)):
        for each in (parent, ids.child(parent, 0), ids.child(parent, 9)):
            assert re.fullmatch(r"STAB12[A-Z2-7]{16}\d?", each)
            assert len(each) <= MAX_LENGTH == 31


def test_a_restart_in_the_same_millisecond_repeats_nothing() -> None:
    before, after = OrderIds("AB12", seed=123_456), OrderIds("AB12", seed=987_654_321)
    first = {before.mint(NOW_MS) for _ in range(10_000)}
    assert first.isdisjoint(after.mint(NOW_MS) for _ in range(10_000))


def test_a_clock_set_back_repeats_nothing() -> None:
    ids = OrderIds("AB12", seed=5)
    assert len({ids.mint(NOW_MS - second * 1000) for second in (0, 1, 0, 1, 2, 0)}) == 6


def test_an_installation_knows_its_own_orders_and_no_others() -> None:
    ids, other = OrderIds("OP12", seed=1), OrderIds("OP13", seed=1)
    mine = ids.mint(NOW_MS)
    assert ids.is_ours(mine) and ids.is_ours(ids.child(mine, 3))
    assert not other.is_ours(mine)
    assert not ids.is_ours("") and not ids.is_ours("EXT-sim-77")


@pytest.mark.parametrize("foreign", ["STOP12", "STOP1250-MES", "STOP12ABCDEFGHIJKLMNO1", "STOP12abcdefghijklmnop"])
def test_the_word_of_another_program_is_not_taken_for_an_id_of_ours(foreign: str) -> None:
    assert not OrderIds("OP12", seed=1).is_ours(foreign)


@pytest.mark.parametrize("installation", ["", "ABC", "ABCDE", "AB-1", "ab12", "ÄB12", "AB1²"])
def test_an_installation_is_four_capital_letters_or_digits(installation: str) -> None:
    with pytest.raises(ValueError, match="four"):
        OrderIds(installation, seed=1)


@pytest.mark.parametrize("index", [-1, 10])
def test_a_parent_has_ten_children_at_most(index: int) -> None:
    ids = OrderIds("AB12", seed=1)
    with pytest.raises(ValueError, match="0 to 9"):
        ids.child(ids.mint(NOW_MS), index)


def test_an_id_of_another_installation_names_it_and_other_words_name_none() -> None:
    ids, other = OrderIds("OP12", seed=1), OrderIds("OP13", seed=1)
    theirs = other.mint(NOW_MS)
    assert ids.other_installation(theirs) == ids.other_installation(other.child(theirs, 3)) == "OP13"
    assert ids.other_installation(ids.mint(NOW_MS)) == ""
    assert ids.other_installation("STOP13-MES") == ids.other_installation("") == ""
