"""What a window would show differently: everything, but the market of symbols nobody looks at."""

from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import pytest

from core.model.market import Quote
from core.snapshot import Snapshot
from panels.changed import MARKET, is_market_only, looks_changed
from tests.panels.worlds import ES_KEY, MES_KEY, long_two

OTHER = "ZNZ6"


def with_market(snapshot: Snapshot, part: str, symbol: str) -> Snapshot:
    held = getattr(snapshot, part)
    moved: Any = MappingProxyType({**held, (ES_KEY.connection, symbol): Quote(symbol)})
    return replace(snapshot, **{part: moved})


def test_the_same_snapshot_looks_the_same() -> None:
    snapshot = long_two()
    assert not looks_changed(snapshot, snapshot)
    assert not looks_changed(snapshot, replace(snapshot, version=snapshot.version + 1))


@pytest.mark.parametrize("part", MARKET)
def test_the_market_of_a_symbol_nobody_looks_at_is_no_change(part: str) -> None:
    snapshot = long_two()
    assert not looks_changed(snapshot, with_market(snapshot, part, OTHER))


@pytest.mark.parametrize("part", MARKET)
def test_the_market_of_the_symbol_on_show_is_a_change(part: str) -> None:
    snapshot = replace(long_two(), positions=MappingProxyType({}))
    symbol = snapshot.selected_symbol[ES_KEY.connection]
    assert looks_changed(snapshot, with_market(snapshot, part, symbol))


@pytest.mark.parametrize("part", MARKET)
def test_the_market_of_a_symbol_that_is_held_is_a_change(part: str) -> None:
    held = long_two()
    position = replace(held.positions[ES_KEY], key=MES_KEY)
    snapshot = replace(held, positions=MappingProxyType({MES_KEY: position}))
    assert looks_changed(snapshot, with_market(snapshot, part, MES_KEY.symbol))


@pytest.mark.parametrize("part", [field.name for field in fields(Snapshot) if field.name not in (*MARKET, "version")])
def test_every_other_part_is_a_change(part: str) -> None:
    snapshot = long_two()
    other: Any = object()
    assert looks_changed(snapshot, replace(snapshot, **{part: other}))


def test_what_is_held_and_what_is_on_show_are_changes_too() -> None:
    snapshot = long_two()
    assert looks_changed(snapshot, replace(snapshot, positions=MappingProxyType({})))
    assert looks_changed(snapshot, replace(snapshot, selected_symbol=MappingProxyType({"sim": OTHER})))


@pytest.mark.parametrize("part", [*MARKET, "depths", "volumes", "charts"])
def test_prices_books_and_bars_are_the_market_only(part: str) -> None:
    snapshot = long_two()
    assert is_market_only(snapshot, with_market(snapshot, part, OTHER))


@pytest.mark.parametrize(
    "part", sorted({one.name for one in fields(Snapshot)} - {*MARKET, "depths", "volumes", "charts", "version"})
)
def test_whatever_else_changes_is_more_than_the_market(part: str) -> None:
    snapshot = long_two()
    changed: dict[str, Any] = {part: object()}
    assert not is_market_only(snapshot, replace(snapshot, **changed))
