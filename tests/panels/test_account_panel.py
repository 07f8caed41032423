"""Panel 1 keeps the broker's money and ours apart and says where each figure is from."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtGui import QAction

from core.commands import ClassifyAccount, SelectAccount
from core.events import Link
from core.model.scope import Balance, Mode
from core.snapshot import LedgerBalance, Snapshot
from panels.account_panel import AccountPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, OTHER_ACCOUNT, ago, flat, in_mode, link_is, long_two


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(AccountPanel(theme, UTC))
    return made


def money(broker: str | None, own: str | None) -> Snapshot:
    balance = Balance(None if broker is None else Decimal(broker), None, None, None, "USD", ago(5))
    ledger = LedgerBalance(None if own is None else Decimal(own), None, ago(9))
    return flat(balances=MappingProxyType({ACCOUNT: balance}), ledger=MappingProxyType({ACCOUNT: ledger}))


def test_the_figures_of_the_account(panel: Bench) -> None:
    panel.show(long_two())
    names = ("p1Balance", "p1Equity", "p1OpenPnl", "p1DayNet", "p1Margin", "p1Available")
    assert [panel.text(name).replace("\u2009", " ") for name in names] == [
        "50 123.45",
        "50 248.45",
        "+125.00 ▲",
        "+110.20 ▲",
        "26 000.00",
        "24 000.00",
    ]
    assert panel.text("p1Source") == "USD · broker's figure · 15:41:02 UTC"


def test_figures_reach_the_screen_reader(panel: Bench) -> None:
    panel.show(long_two())
    assert panel.spoken("p1Balance") == "Balance: 50\u2009123.45 USD"
    assert panel.spoken("p1OpenPnl") == "Open P&L: plus 125.00 USD, profit"


@pytest.mark.parametrize(
    ("broker", "own", "shown", "text"),
    [
        ("100.00", "100.00", False, ""),
        ("100.00", "100.01", False, ""),
        ("100.00", "100.02", True, "Δ −0.02 ▼"),
        ("100.00", "86.75", True, "Δ +13.25 ▲"),
        ("100.00", None, False, ""),
    ],
)
def test_a_difference_beyond_a_cent_is_shown(
    panel: Bench, broker: str, own: str | None, shown: bool, text: str
) -> None:
    panel.show(money(broker, own))
    assert panel.is_shown("p1Delta") is shown
    if shown:
        assert panel.text("p1Delta") == text
        assert panel.text("p1Own") == f"{Decimal(own or 0):.2f}"


def test_our_figure_stands_in_and_says_so(panel: Bench) -> None:
    panel.show(money(None, "86.75"))
    assert panel.text("p1Balance") == "86.75"
    assert "own figure" in panel.text("p1Source")


def test_no_figure_is_a_dash_with_its_reason(panel: Bench) -> None:
    panel.show(money(None, None))
    assert panel.text("p1Balance") == "—"
    assert panel.text("p1Note") == "Balance not available: the broker has not stated one for this account."


def test_a_position_that_cannot_be_marked_leaves_equity_unknown(panel: Bench) -> None:
    panel.show(long_two(quotes=MappingProxyType({})))
    assert (panel.text("p1OpenPnl"), panel.text("p1Equity")) == ("—", "—")


def test_open_profit_in_another_currency_than_the_accounts_is_not_added_to_its_balance(panel: Bench) -> None:
    shown = long_two()
    in_euro = {key: replace(balance, currency="EUR") for key, balance in shown.balances.items()}
    panel.show(replace(shown, balances=MappingProxyType(in_euro)))
    assert (panel.text("p1OpenPnl"), panel.text("p1Equity")) == ("—", "—")
    assert panel.text("p1Balance") != "—"


def test_without_a_line_figures_stay_grey_and_dated(panel: Bench) -> None:
    panel.show(link_is(Link.OFFLINE, long_two()))
    assert panel.tone("p1Balance") == "ink3"
    assert panel.text("p1Source") == "USD · broker's figure · as of 15:41:02 UTC"
    assert panel.text("p1Certainty") == "STALE"


def test_no_account_is_said(panel: Bench) -> None:
    panel.show(Snapshot())
    assert panel.text("p1Source") == "No account yet."
    assert panel.text("p1Balance") == "—"


def test_choosing_an_account_asks_for_it_and_changes_nothing_itself(panel: Bench) -> None:
    panel.show(flat())
    chooser = panel.find("p1Account")
    assert [chooser.itemText(at) for at in range(chooser.count())] == ["Sim1", "Sim2"]
    chooser.setCurrentIndex(1)
    chooser.activated.emit(1)
    assert panel.intents == [SelectAccount(OTHER_ACCOUNT)]
    panel.show(flat())
    assert chooser.currentText() == "Sim1"


def test_only_an_unclassified_account_is_asked_what_it_is(panel: Bench) -> None:
    panel.show(flat())
    assert not panel.is_shown("p1Classify")
    panel.show(in_mode(None, flat()))
    assert panel.is_shown("p1Classify")
    assert panel.text("p1Mode") == "LIVE ?"


def test_classifying_asks_once_more_and_the_safe_answer_is_the_default(panel: Bench) -> None:
    world = in_mode(None, flat())
    panel.show(world)
    panel.widget.findChildren(QAction, "p1Classify_SIM")[0].trigger()
    panel.show(world)
    assert panel.find("confirmNo").isDefault()
    assert "Sim1 on sim will be treated as SIM: no real money." in panel.text("confirmText")
    panel.press("confirmYes")
    assert panel.intents == []
    panel.show(world, after_s=0.31)
    panel.press("confirmYes")
    assert panel.intents == [ClassifyAccount(ACCOUNT, Mode.SIM)]


def test_the_net_of_the_day_and_the_curve_of_the_day_say_what_is_in_them_and_how_they_differ(panel: Bench) -> None:
    panel.widget.resize(320, 700)
    panel.show(long_two())
    net, curve = panel.find("p1DayNet"), panel.find("p1CurveText")
    for label in (net, curve):
        said = label.accessibleDescription()
        assert said == label.toolTip().split("\n")[-1] and "costs of every fill" in said and "Open P&L is" in said
    assert "17:00 in Chicago" in net.toolTip() and "1D, but for a reset" in net.toolTip()
    assert "Day net" in curve.toolTip()
    panel.press("p1Pill_1W")
    panel.show(long_two(), after_s=1)
    assert "Day net" not in curve.toolTip()
