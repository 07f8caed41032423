"""Two connections to one account: a panic that acts over both closes what is open once."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from tests.services.panic.conftest import MES, Panic, Venue


@pytest.mark.row(27)
def test_what_two_lines_show_of_one_account_is_closed_over_one_of_them(venue: Venue, tmp_path: Path) -> None:
    venue.hold("Sim1", MES, 3)
    panic = Panic(tmp_path / "terminal", venue.settings, replace(venue.settings, slug="again"))
    both_are_about_to_send = Barrier(2)

    def reached(point: str) -> None:
        if point == "panic.order_recorded":
            try:
                both_are_about_to_send.wait(1.0)
            except BrokenBarrierError:
                return  # the other waits for this one, as it should

    panic.reached = reached
    assert panic.act() == []
    assert venue.positions() == {}
