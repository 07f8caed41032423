"""What one part of the window cannot draw keeps nothing else from being drawn, and is said."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from core.commands import ClosePosition
from panels import deck as places
from panels.each import each
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, flat, long_two, quote


def fail(*_: Any) -> None:
    raise ValueError("cannot be drawn")


def test_every_step_is_taken_and_what_failed_is_raised() -> None:
    taken: list[int] = []
    with pytest.raises(ValueError):
        each(fail, lambda: taken.append(1))
    with pytest.raises(ExceptionGroup) as several:
        each(fail, lambda: taken.append(2), fail)
    assert taken == [1, 2] and len(several.value.exceptions) == 2


@pytest.mark.parametrize("broken", ["banner", "band", "ticket", "account", "chart"])
def test_a_panel_that_fails_leaves_the_way_out(view: Bench, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    view.show(flat())
    monkeypatch.setattr(getattr(view.widget, broken), "refresh", fail)
    with pytest.raises(ValueError):
        view.show(long_two(), after_s=1)
    assert view.text("p2Close") and view.is_shown("p2Close")
    view.press("p2Close")
    assert view.intents == [ClosePosition("A1", ES_KEY)]


def test_a_figure_of_the_position_that_fails_leaves_the_way_out(view: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    view.show(flat())
    monkeypatch.setattr(view.widget.position.live, "refresh", fail)
    with pytest.raises(ValueError):
        view.show(long_two(), after_s=1)
    view.press("p2Close")
    assert view.intents == [ClosePosition("A1", ES_KEY)]


def test_a_panel_that_fails_while_only_prices_move_leaves_the_others(
    view: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    now = long_two()
    view.show(now)
    monkeypatch.setattr(view.widget.ticket, "refresh", lambda *_: drawn.append("ticket"))
    monkeypatch.setattr(view.widget.deck.docks[places.CHART], "refresh", fail)
    monkeypatch.setattr(view.widget.deck.docks[places.POSITION], "refresh", lambda *_: drawn.append("position"))
    with pytest.raises(ValueError):
        view.show(replace(now, quotes=MappingProxyType({("sim", "ESZ5"): quote("5052.00")})), after_s=0.1)
    assert drawn == ["position"]
