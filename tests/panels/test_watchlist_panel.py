"""The watchlist: prices, change and age of the symbols in sight; adding, removing and loading by keyboard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import SelectAccount, SelectSymbol
from core.model.instrument import Instrument
from core.model.market import SessionFigures, TradingStatus
from core.model.scope import Account, AccountKey, Mode
from core.snapshot import ConnectionStatus, Snapshot
from core.watch_commands import UnwatchSymbol, WatchSymbol
from panels.feed_watch import Feed
from panels.theme import Theme
from panels.watch_rows import LATER, OLD, UNKNOWN_SYMBOL, DrawnRow, Parts, Place, drawn_row, month_tag
from panels.watchlist_panel import EMPTY, WatchlistPanel
from panels.widgets.rows import TONE_ROLE
from tests.panels.conftest import Bench
from tests.panels.worlds import ES, MES, NOW, flat, quote

ES_PLACE, MES_PLACE = ("sim", "ESZ5"), ("sim", "MESZ5")
FRONT, ROLLED, LATER_ONE = ("sim", "ESZ25_FUT_CME"), ("sim", "ESU25_FUT_CME"), ("sim", "ESH26_FUT_CME")


@pytest.fixture
def watch(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(WatchlistPanel(theme, UTC))
    made.widget.resize(318, 240)
    made.widget.show()
    return made


def watched(*places: tuple[str, str], **changes: Any) -> Snapshot:
    """Return a world with these symbols in sight."""
    return flat(watched=places, **changes)


def column(watch: Bench, title: str, role: int = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    """Return what the list shows under a title."""
    model = watch.widget.view.rows_model
    at = [one.title for one in model.columns].index(title)
    return [model.data(model.index(row, at), role) for row in range(model.rowCount())]


def test_an_empty_list_says_how_to_fill_it(watch: Bench) -> None:
    watch.show(watched())
    assert watch.widget.view.empty_text == EMPTY and not watch.find("watchRemove").isEnabled()
    assert watch.find("watchRemove").accessibleDescription() == "Choose a symbol first."


def test_last_change_and_age_stand_beside_each_symbol(watch: Bench) -> None:
    figures = {ES_PLACE: SessionFigures("ESZ5", settlement=Decimal("5049.25"))}
    world = watched(
        ES_PLACE,
        MES_PLACE,
        quotes=MappingProxyType({ES_PLACE: quote("5051.50", 3)}),
        session_figures=MappingProxyType(figures),
        instruments=MappingProxyType({ES_PLACE: ES, MES_PLACE: MES}),
    )
    watch.show(world)
    assert column(watch, "Symbol") == ["ESZ5", "MESZ5"]
    assert column(watch, "Last") == ["5051.50", "—"]
    assert column(watch, "Change") == ["+2.25", "—"] and column(watch, "Change", TONE_ROLE)[0] == "up"
    assert column(watch, "Age") == ["0:03", "—"]
    assert column(watch, "Change", Qt.ItemDataRole.AccessibleTextRole)[0] == "Change: up 2.25"


def test_age_turns_amber_and_red_by_the_rhythm_of_the_symbol_and_not_while_the_market_rests(watch: Bench) -> None:
    def at(age_s: float, **changes: Any) -> Snapshot:
        received = watch.clock.now() - timedelta(seconds=age_s)
        return watched(ES_PLACE, quotes=MappingProxyType({ES_PLACE: replace(quote(**changes), received_at=received)}))

    for _ in range(25):
        watch.show(at(0), after_s=0.4)
    tones = []
    for age_s in (1.0, 3.0, 6.0):
        watch.show(at(0))
        world = at(0)
        watch.show(world)
        watch.show(world, after_s=age_s)
        tones.append(column(watch, "Age", TONE_ROLE)[0])
    assert tones == ["ink2", "caution", "danger"]
    watch.show(at(60, trading=TradingStatus.CLOSED))
    assert column(watch, "Age", TONE_ROLE) == ["ink2"]
    watch.show(at(0.2, stale=True))
    assert column(watch, "Age", TONE_ROLE) == ["danger"]


def test_what_is_not_the_front_month_says_so(watch: Bench) -> None:
    watch.show(watched(FRONT, ROLLED, LATER_ONE, ("sim", "BTC-PERP"), ("sim", "AAPL")))
    assert column(watch, "Symbol") == ["ESZ25", "ESU25", "ESH26", "BTC-PERP", "AAPL"]
    assert column(watch, "Change") == ["—", OLD, LATER, "—", "—"]
    assert column(watch, "Change", TONE_ROLE)[:3] == ["ink1", "caution", "caution"]
    assert column(watch, "Symbol", Qt.ItemDataRole.AccessibleTextRole)[1] == "Symbol: ESU25_FUT_CME, OLD MONTH"


def test_a_contract_grows_old_on_the_day_it_rolls() -> None:
    before, on = datetime(2025, 12, 12, 20, tzinfo=UTC), datetime(2025, 12, 15, 20, tzinfo=UTC)
    assert (month_tag("ESZ25_FUT_CME", before), month_tag("ESZ25_FUT_CME", on)) == ("", OLD)


def test_a_symbol_the_venue_refused_says_so_with_the_venues_words(watch: Bench) -> None:
    refused = Instrument("NOPE", description="Unknown symbol NOPE")
    watch.show(watched(("sim", "NOPE"), instruments=MappingProxyType({("sim", "NOPE"): refused})))
    assert column(watch, "Change") == [UNKNOWN_SYMBOL] and column(watch, "Change", TONE_ROLE) == ["danger"]
    assert column(watch, "Change", Qt.ItemDataRole.ToolTipRole) == ["no such symbol, Unknown symbol NOPE, unknown"]


def test_a_typed_symbol_is_added_to_the_connection_on_show(watch: Bench) -> None:
    watch.show(watched())
    watch.widget.focus_add()
    watch.find("watchAdd").setText("XYZ")
    QTest.keyClick(watch.find("watchAdd"), Qt.Key.Key_Return)
    assert watch.intents == [WatchSymbol("sim", "XYZ")] and watch.find("watchAdd").text() == ""


def test_known_symbols_are_offered_and_found_by_their_names_too(watch: Bench) -> None:
    watch.show(watched(instruments=MappingProxyType({ES_PLACE: ES})))
    names = watch.find("watchAdd").completer().model()
    offered = [names.data(names.index(row, 0)) for row in range(names.rowCount())]
    assert "ESZ5 · E-mini S&P 500" in offered and "GCZ25_FUT_CME · Gold" in offered
    watch.find("watchAdd").completer().activated[str].emit("GCZ25_FUT_CME · Gold")
    watch.find("watchAdd").setText("nqz25_fut_cme")
    QTest.keyClick(watch.find("watchAdd"), Qt.Key.Key_Return)
    assert watch.intents == [WatchSymbol("sim", "GCZ25_FUT_CME"), WatchSymbol("sim", "NQZ25_FUT_CME")]


def test_enter_loads_a_symbol_and_an_account_of_its_connection(watch: Bench) -> None:
    other = AccountKey("sierra", "ACCT-123")
    world = watched(MES_PLACE, ("sierra", "NQZ25_FUT_CME"))
    world = replace(
        world,
        accounts=MappingProxyType({**world.accounts, other: Account(other, Mode.LIVE)}),
        connections=MappingProxyType(
            {**world.connections, "sierra": ConnectionStatus("sierra", world.connections["sim"].link, NOW)}
        ),
    )
    watch.show(world)
    view = watch.widget.view
    view.setFocus()
    for row in (0, 1):
        view.activated.emit(view.rows_model.index(row, 0))
    assert watch.intents == [
        SelectSymbol("sim", "MESZ5"),
        SelectAccount(other),
        SelectSymbol("sierra", "NQZ25_FUT_CME"),
    ]


def test_delete_and_the_button_remove_the_chosen_symbol(watch: Bench) -> None:
    watch.show(watched(ES_PLACE, MES_PLACE))
    view = watch.widget.view
    view.setCurrentIndex(view.rows_model.index(1, 0))
    assert watch.find("watchRemove").accessibleDescription() == "Removes MESZ5 (Delete)."
    QTest.keyClick(view, Qt.Key.Key_Delete)
    watch.press("watchRemove")
    assert watch.intents == [UnwatchSymbol("sim", "MESZ5")] * 2


def test_everything_that_matters_is_seen_in_a_narrow_dock(watch: Bench) -> None:
    watch.show(
        watched(ES_PLACE, quotes=MappingProxyType({ES_PLACE: quote()}), instruments=MappingProxyType({ES_PLACE: ES}))
    )
    assert watch.widget.view.horizontalScrollBar().maximum() == 0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which rows were made, symbol by symbol."""
    found: list[str] = []
    plain = drawn_row

    def counted(place: Place, parts: Parts, feed: Feed, now: datetime) -> DrawnRow:
        found.append(place[1])
        return plain(place, parts, feed, now)

    monkeypatch.setattr("panels.watchlist_panel.drawn_row", counted)
    return found


def test_symbols_that_were_never_seen_are_made_once_and_not_with_every_frame(watch: Bench, made: list[str]) -> None:
    places = tuple(("sim", f"NONE{number}") for number in range(20))
    world = watched(*places)
    for _ in range(40):
        watch.show(world, after_s=0.25)
    assert len(made) == 20
    watch.show(replace(world, instruments=MappingProxyType({places[3]: ES})), after_s=0.25)
    assert made[20:] == ["NONE3"], "and what has become known is drawn at once"


def test_a_price_that_rests_is_made_once_a_second_and_its_age_goes_on(watch: Bench, made: list[str]) -> None:
    world = watched(ES_PLACE, quotes=MappingProxyType({ES_PLACE: quote("5051.50", 3)}))
    ages = []
    for _ in range(12):
        watch.show(world, after_s=0.25)
        ages += column(watch, "Age")
    assert ages == ["0:03"] * 3 + ["0:04"] * 4 + ["0:05"] * 4 + ["0:06"]
    assert len(made) == 4
    newer = replace(world, quotes=MappingProxyType({ES_PLACE: quote("5052.00", 3)}))
    watch.show(newer, after_s=0.05)
    assert column(watch, "Last") == ["5052.00"], "a price is drawn with its frame"


def test_a_clock_that_was_set_back_leaves_no_row_standing(watch: Bench, made: list[str]) -> None:
    world = watched(ES_PLACE, quotes=MappingProxyType({ES_PLACE: quote("5051.50", 3)}))
    watch.show(world)
    watch.show(world, after_s=-2)
    assert column(watch, "Age") == ["0:01"] and len(made) == 2
