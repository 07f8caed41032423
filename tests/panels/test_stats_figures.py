"""What the statistics say in words: the golden trades, the undefined, and the formula with its n."""

from dataclasses import replace
from decimal import Decimal

from core.model.statistics import statistics_of
from panels.stats_figures import CELLS, SHARPE, caveat, figures, left_out
from tests.core.model.histories import closed, golden

PLAIN = str.maketrans({"\u2009": " "})


def texts(*trades: str) -> dict[str, str]:
    return {name: one.value for name, one in figures(statistics_of([closed(net) for net in trades])).items()}


def test_the_golden_trades_as_the_trader_reads_them() -> None:
    shown = {
        name: one.value.translate(PLAIN) for name, one in figures(statistics_of(golden(), Decimal(10_000))).items()
    }
    assert shown == {
        "pnl": "+415.00 ▲",
        "drawdown": "210.00",
        "runup": "415.00",
        "expectancy": "+51.88 ▲",
        "time": "1:00",
        "trades": "8",
        "best": "+295.00 ▲",
        "worst": "−155.00 ▼",
        "hitrate": "50.0 %",
        "commissions": "40.00",
        "avgr": "+0.32R",
        "pf": "2.32",
        "streak": "2 wins",
        "mae": "73.75",
        "mfe": "131.25",
        SHARPE: "—",
    }
    assert set(shown) == {name for name, _, _ in CELLS} | {SHARPE}


def test_without_trades_everything_is_a_dash_but_their_number() -> None:
    shown = texts()
    assert shown.pop("trades") == "0"
    assert set(shown.values()) == {"—"}


def test_a_profit_factor_without_losses_says_so() -> None:
    assert texts("5", "7")["pf"] == "no losses"
    assert texts("-5")["pf"] == "0.00"


def test_every_tooltip_has_its_formula_and_n_and_says_when_that_is_small() -> None:
    few, many = (statistics_of([closed("5"), closed("-3")] * times) for times in (4, 20))
    for stats, ending in ((few, "n 8 · small sample · p is net of costs"), (many, "n 40 · p is net of costs")):
        for name, figure in figures(stats).items():
            assert figure.formula, name
            assert figure.tooltip(stats).splitlines()[-1] == ending


def test_details_carry_the_intervals_and_the_quality() -> None:
    shown = figures(statistics_of(golden()))
    assert "95 %: 21.5 – 78.5 % (Wilson)" in shown["hitrate"].details
    assert "SQN 0.64, SQN100 0.64" in shown["avgr"].details
    assert "7 trades with a known risk, 87.5 % of all" in shown["avgr"].details
    assert "Capture 0.58: Σ gross ÷ Σ MFE" in shown["mfe"].details
    assert "Longest: 2 wins, 2 losses" in shown["streak"].details


def test_excursions_with_missed_prices_are_at_least() -> None:
    trade = replace(closed("5", mfe="10", mae="4"), extremes_complete=False)
    shown = figures(statistics_of([trade]))
    assert (shown["mae"].value, shown["mfe"].value) == ("≥4.00", "≥10.00")
    assert shown["mae"].details == ("Heat — a trade on average, longest —",)


def test_heat_is_told_with_the_excursions_and_missed_prices_make_it_at_least() -> None:
    trade = replace(closed("5", mfe="10", mae="4"), heat_total_s=90, heat_max_s=61)
    assert figures(statistics_of([trade]))["mae"].details == ("Heat 1:30 a trade on average, longest 1:01",)
    gap = figures(statistics_of([replace(trade, extremes_complete=False)]))["mae"]
    assert gap.details == ("Heat ≥1:30 a trade on average, longest ≥1:01",)


def test_what_is_left_out_is_said() -> None:
    assert left_out(statistics_of([closed("5")])) == ""
    found = statistics_of([closed("5"), closed("5"), closed(None), closed("1", currency="EUR")])
    assert left_out(found) == "left out: 1 without price or cost, 1 in another currency"


def test_figures_without_costs_say_that_they_are_gross() -> None:
    found = statistics_of([replace(closed("5"), commissions=None)])
    assert caveat(found) == "gross: costs are unknown"
    shown = figures(found)
    assert (shown["pnl"].value, shown["commissions"].value) == ("+5.00 ▲", "—")
    assert shown["pnl"].tooltip(found).endswith("p is gross: costs are unknown")


def test_a_loss_is_spoken_as_one() -> None:
    assert figures(statistics_of([closed("-5")]))["pnl"].spoken == "minus 5.00 USD, loss"
