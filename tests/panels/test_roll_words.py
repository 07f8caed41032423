"""A contract that rolls is told where it concerns the trader, with what is open in it; nothing is moved by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from core.commands import SelectSymbol
from core.model.instrument import Instrument
from core.snapshot import Snapshot
from panels.banner import BannerArea, banners
from panels.roll_words import roll_notices
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ES, ES_KEY, by_id, flat, order, position, quote

OLD, NEW = "ESZ26_FUT_CME", "ESH27_FUT_CME"
KEY = replace(ES_KEY, symbol=OLD)
FRIDAY, TUESDAY, AFTER = (datetime(2026, 12, day, 18, tzinfo=UTC) for day in (11, 15, 21))


def showing(symbol: str = OLD, *, held: str = "", orders: int = 0, **more: Any) -> Snapshot:
    contracts = {("sim", name): Instrument(name, ES.tick_size, ES.tick_value, "USD") for name in (OLD, NEW)}
    return flat(
        selected_symbol=MappingProxyType({"sim": symbol}),
        instruments=MappingProxyType(contracts),
        positions=MappingProxyType({KEY: position(KEY, held)} if held else {}),
        orders=by_id(*(order(number, key=KEY) for number in range(orders))),
        **more,
    )


def told(snapshot: Snapshot, now: datetime) -> list[str]:
    return [one.text for one in roll_notices(snapshot, now)]


def test_a_contract_on_show_is_told_before_it_rolls() -> None:
    (notice,) = roll_notices(showing(), FRIDAY)
    assert notice.text == "ESZ26 rolls in 3 days (last day 2026-12-18). From 2026-12-14 on the front month is ESH27."
    assert (notice.action, notice.command) == ("Show ESH27", SelectSymbol("sim", NEW))


def test_what_is_open_in_it_is_named() -> None:
    (text,) = told(showing(held="2", orders=2), TUESDAY)
    assert text == (
        "ESZ26 has rolled: the front month is ESH27. Its last day is in 3 days (2026-12-18). "
        "You have LONG 2 in Sim1 and 2 orders at work. Nothing is moved by itself."
    )


def test_what_is_held_is_told_while_another_is_on_show_and_leads_back_to_it() -> None:
    (notice,) = roll_notices(showing(NEW, held="-1"), TUESDAY)
    assert "You have SHORT 1 in Sim1." in notice.text
    assert (notice.action, notice.command) == ("Show ESZ26", SelectSymbol("sim", OLD))


def test_one_that_expired_says_so_and_is_grave_with_something_open() -> None:
    (empty,) = roll_notices(showing(), AFTER)
    assert empty.text == "ESZ26 has expired: its last day was 2026-12-18. The front month is ESH27."
    (held,) = roll_notices(showing(held="1"), AFTER)
    assert (empty.is_grave, held.is_grave) == (False, True)


@pytest.mark.parametrize("symbol", ["BTC-PERP", NEW, "ESZ5"])
def test_others_say_nothing(symbol: str) -> None:
    assert told(showing(symbol), TUESDAY) == []


def test_a_replayed_market_rolls_by_its_own_days() -> None:
    year_behind = replace(quote(), symbol=OLD, ahead=timedelta(days=-30))
    assert told(showing(quotes=MappingProxyType({("sim", OLD): year_behind})), TUESDAY) == []


def test_the_banner_is_put_off_until_tomorrow(theme: Theme, bench: Any) -> None:
    area: Bench = bench(BannerArea())
    area.widget.refresh(showing(), 100.0, FRIDAY)
    assert "rolls in 3 days" in area.text("bannerText_0")
    area.press("bannerAction_0")
    assert area.intents == [SelectSymbol("sim", NEW)]
    area.press("bannerLater_0")
    area.widget.refresh(showing(), 101.0, FRIDAY)
    assert area.widget.isHidden()
    area.widget.refresh(showing(), 102.0, FRIDAY + timedelta(days=3))
    assert "has rolled" in area.text("bannerText_0")
    assert area.spoken("bannerLater_0").startswith("Later: ESZ26 has rolled")


def test_one_that_expired_with_something_open_cannot_be_put_off(theme: Theme, bench: Any) -> None:
    area: Bench = bench(BannerArea())
    area.widget.refresh(showing(held="1"), 100.0, AFTER)
    assert area.tone("banner_0") == "danger"
    assert not area.is_shown("bannerLater_0")


def test_without_a_calendar_nothing_rolls_and_grave_causes_stand_first() -> None:
    assert banners(showing(), None) == ()
    both = banners(showing(held="1", halted="a fault."), TUESDAY)
    assert [one.tone for one in both] == ["danger", "caution"]


def test_a_caution_of_the_window_stands_until_it_is_over_or_put_off(theme: Theme, bench: Any) -> None:
    area: Bench = bench(BannerArea())
    area.widget.stand("notices", "Notices do not go out.")
    area.widget.refresh(flat(), 100.0)
    assert area.text("bannerText_0") == "Notices do not go out."
    assert not area.is_shown("bannerAction_0")
    area.press("bannerLater_0")
    area.widget.refresh(flat(), 101.0)
    assert area.widget.isHidden()
    area.widget.stand("notices", "")
    area.widget.stand("notices", "Notices do not go out.")
    area.widget.refresh(flat(), 102.0)
    assert not area.widget.isHidden(), "it worked meanwhile, so this is another time"
    area.widget.stand("notices", "")
    area.widget.refresh(flat(), 103.0)
    assert area.widget.isHidden()
