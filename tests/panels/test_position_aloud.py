"""The position as it is read aloud: every figure in words, nothing that is not known."""

from types import MappingProxyType

from core.events import Link
from core.model.order import OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.position_aloud import position_aloud
from tests.panels.worlds import flat, in_mode, link_is, long_two


def test_a_long_with_its_exits_is_said_whole() -> None:
    said = position_aloud(long_two())
    assert said.startswith("ESZ5, account Sim1, SIM: long 2 at ")
    assert "open plus 125.00 USD, profit, last 5051.50" in said
    assert "; stop " in said and said.endswith("confirmed.")


def test_a_position_nothing_protects_says_so() -> None:
    assert "; no stop works; " in position_aloud(long_two(orders=MappingProxyType({})))


def test_flat_is_said_only_where_it_is_known() -> None:
    assert position_aloud(flat()) == "ESZ5, account Sim1, SIM: flat, confirmed."
    assert "position unknown, stale" in position_aloud(link_is(Link.OFFLINE, flat()))
    assert "position unknown" in position_aloud(in_mode(None, flat(scopes=MappingProxyType({}))))


def test_a_loss_a_stale_line_and_an_unknown_price_are_said_as_such() -> None:
    assert "stale." in position_aloud(link_is(Link.OFFLINE, long_two()))
    assert "P and L unknown" in position_aloud(long_two(quotes=MappingProxyType({})))
    assert "LIVE · not classified yet" in position_aloud(in_mode(None, long_two()))
    assert "LIVE: long 2" in position_aloud(in_mode(Mode.LIVE, long_two()))


def test_without_an_account_or_a_symbol_that_is_what_is_said() -> None:
    assert position_aloud(Snapshot()) == "No account yet."
    assert OrderType.STOP.value not in position_aloud(flat(selected_symbol=MappingProxyType({})))
