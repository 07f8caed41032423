"""What an open position is worth, by each way of marking it; and that a window knows only one of them at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType

import pytest

from core.model.position import Position
from core.preferences import PnlMark
from core.snapshot import Snapshot
from panels.account_panel import money_of
from panels.charts.trade_lines import trade_lines
from panels.deck import POSITIONS
from panels.dom_panel import DomPanel
from panels.feed_watch import FeedWatch
from panels.open_result import OpenResult, open_result
from panels.position_aloud import position_aloud
from panels.shown import shown_in
from panels.window_title import window_title
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES, ES_KEY, MES, MES_KEY, long_two, position, quote

QUOTE = quote("5051.50", bid=Decimal("5051.25"), ask=Decimal("5051.75"))
PLACE = ("sim", "ESZ5")
FOOT = ("domPnlTitle", "domPnl", "domR")


def worth(held: Position, mark: PnlMark) -> OpenResult:
    return open_result(held, ES, QUOTE, mark)


def marked(mark: PnlMark, **changes: object) -> Snapshot:
    """Return two ES long, with a market a tick wide on either side of the last trade."""
    return replace(long_two(quotes=MappingProxyType({PLACE: QUOTE})), pnl_mark=mark, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mark", "price", "pnl", "r", "word"),
    [
        (PnlMark.GROSS, "5051.50", "125", "0.25", ""),
        (PnlMark.NET, "5051.50", "116", "0.232", "net"),
        (PnlMark.EXIT, "5051.25", "100", "0.2", "at bid"),
    ],
)
def test_a_long_is_worth_what_the_mark_says(mark: PnlMark, price: str, pnl: str, r: str, word: str) -> None:
    assert worth(position(), mark) == OpenResult(Decimal(price), Decimal(pnl), Decimal(r), word)


def test_a_short_is_bought_back_at_the_ask() -> None:
    assert worth(position(quantity="-2"), PnlMark.EXIT) == OpenResult(
        Decimal("5051.75"), Decimal(-150), Decimal("-0.3"), "at ask"
    )


def test_after_a_partial_exit_the_rest_is_charged_for_its_own_sides_alone() -> None:
    """Three bought and one sold at 2.25 a side have cost 9; the two that are left cost 4.50 in and 4.50 out."""
    held = replace(
        position(),
        opened_quantity=Decimal(3),
        opened_value=Decimal("5050.25") * 3,
        closed_value=Decimal("5052.25"),
        realized_pnl=Decimal(100),
        commissions=Decimal(9),
    )
    found = worth(held, PnlMark.NET)
    assert found.pnl == 125 - 9
    assert found.r == (100 + 125 - 9 - Decimal("4.50")) / 500, "R is of the whole trade, with all it will have cost"


def test_the_net_result_is_what_closing_at_that_price_books() -> None:
    """Marked net at a price, a position is worth what its trade comes to when it is closed there at the same cost."""
    found = worth(position(), PnlMark.NET)
    assert found.pnl == Decimal("125") - Decimal("4.50") - Decimal("4.50")


def test_without_costs_or_a_quote_there_is_no_figure_and_never_another_one() -> None:
    assert worth(position(commissions=None), PnlMark.NET) == OpenResult(Decimal("5051.50"), None, None, "net")
    assert open_result(position(), ES, replace(QUOTE, bid=None), PnlMark.EXIT).text == "— at bid"
    assert open_result(position(), ES, None, PnlMark.GROSS) == OpenResult(None, None, None, "")


# -- the window -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "signed", "word", "r"),
    [
        (PnlMark.GROSS, "125.00", "", "+0.25R"),
        (PnlMark.NET, "116.00", "net", "+0.23R"),
        (PnlMark.EXIT, "100.00", "at bid", "+0.20R"),
    ],
)
def test_every_figure_of_the_open_result_is_the_same_one(
    view: Bench, mark: PnlMark, signed: str, word: str, r: str
) -> None:
    view.widget.complete()
    view.widget.show()
    now = marked(mark)
    view.show(now)
    said = f"+{signed} ▲ {word}".rstrip()
    assert (view.text("p2Pnl"), view.text("p2Mark")) == (f"+{signed} ▲", word)
    assert view.spoken("p2Pnl") == f"Open profit or loss: plus {signed} USD, profit {word}".rstrip()
    assert view.text("p1OpenPnl") == said
    assert view.text("p2R") == r
    assert view.text("p2Cell_rmult") == r
    assert window_title(now) == f"[SIM] Sim1 · ESZ5 LONG 2 · {f'+{signed} {word}'.rstrip()} · Stanchion"
    table = view.find("positionsView")
    titles = [one.title for one in table.rows_model.columns]
    view.widget.deck.open(POSITIONS)
    row = {title: table.rows_model.index(0, at).data() for at, title in enumerate(titles)}
    assert (row["Open P&L"], row["R"], row["P&L marked"]) == (said, r, word or "gross, at last")
    tag = trade_lines(now, shown_in(now))[0].words
    assert tag == f"LONG 2 · {f'+{signed} {word}'.rstrip()} · +0.2R"
    assert f"open plus {signed} USD, profit {word}".rstrip() in position_aloud(now)
    assert f"plus {signed} USD, profit {word}".rstrip() in view.find("chartView").accessibleDescription()


def test_the_foot_of_the_ladder_follows_the_mark_and_the_side_of_the_market(
    view: Bench, bench: Callable[..., Bench]
) -> None:
    panel = DomPanel(view.widget._theme, view.widget._ids, FeedWatch(), view.widget.ticket, view.clock.monotonic, UTC)
    ladder = bench(panel)
    panel.show()
    now = marked(PnlMark.EXIT)
    ladder.show(replace(now, pnl_mark=PnlMark.GROSS))
    assert [ladder.text(name) for name in FOOT] == ["Open P&L", "+125.00 ▲", "+0.25R"]
    ladder.show(replace(now, pnl_mark=PnlMark.NET))
    assert [ladder.text(name) for name in FOOT] == ["P&L net", "+116.00 ▲", "+0.23R"]
    ladder.show(now)
    assert [ladder.text(name) for name in FOOT] == ["P&L at bid", "+100.00 ▲", "+0.20R"]
    lower = replace(QUOTE, bid=Decimal("5051.00"))
    ladder.show(replace(now, quotes=MappingProxyType({PLACE: lower})))
    assert ladder.text("domPnl") == "+75.00 ▲", "the bid moved, the last trade did not"


def test_equity_stays_what_it_is_whatever_the_open_result_is_shown_by() -> None:
    found = [money_of(marked(mark), ACCOUNT) for mark in PnlMark]
    assert {one.equity for one in found} == {found[0].equity}
    assert {one.open_pnl for one in found} == {Decimal(125)}
    assert [one.shown.text for one in found] == ["+125.00 ▲", "+116.00 ▲ net", "+100.00 ▲ at bid"]


def test_an_account_with_a_long_and_a_short_says_both_sides() -> None:
    both = {ES_KEY: position(), MES_KEY: position(MES_KEY, "-2")}
    other = replace(QUOTE, symbol="MESZ5")
    now = marked(
        PnlMark.EXIT,
        positions=MappingProxyType(both),
        quotes=MappingProxyType({PLACE: QUOTE, ("sim", "MESZ5"): other}),
        instruments=MappingProxyType({PLACE: ES, ("sim", "MESZ5"): MES}),
    )
    assert money_of(now, ACCOUNT).shown.text == "+85.00 ▲ at bid/ask"
