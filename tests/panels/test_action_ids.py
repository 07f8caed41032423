"""A hand that shakes is still one order."""

from itertools import count

import pytest

from panels.action_ids import ActionIds


class Ids:
    """Action ids on a clock moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0
        numbers = count(1)
        self.ids = ActionIds(lambda: self.at, lambda: f"A{next(numbers)}")

    def press(self, control: str, after_s: float) -> str:
        self.at += after_s
        return self.ids.press(control)


@pytest.mark.row(126)
def test_twenty_presses_in_a_second_are_one_action() -> None:
    hand = Ids()
    assert {hand.press("close", 0.05) for _ in range(20)} == {"A1"}


def test_presses_further_apart_are_actions_of_their_own() -> None:
    hand = Ids()
    assert [hand.press("buy", 0.26) for _ in range(3)] == ["A1", "A2", "A3"]


def test_the_edge_of_the_window_still_belongs_to_it() -> None:
    hand = Ids()
    assert [hand.press("buy", 0.0), hand.press("buy", 0.25), hand.press("buy", 0.2500001)] == ["A1", "A1", "A2"]


def test_different_controls_never_share_an_action() -> None:
    hand = Ids()
    assert [hand.press("buy", 0.0), hand.press("sell", 0.01), hand.press("buy", 0.01)] == ["A1", "A2", "A1"]


def test_minted_ids_are_unique_and_fit_where_ids_are_kept() -> None:
    ids = ActionIds(lambda: 0.0)
    minted = {ids.press(f"control {number}") for number in range(1000)}
    assert len(minted) == 1000
    assert all(one.isalnum() and len(one) <= 31 for one in minted)


def test_a_step_counts_however_soon_it_follows_another() -> None:
    ids = ActionIds(lambda: 0.0)
    assert len({ids.each() for _ in range(3)}) == 3
