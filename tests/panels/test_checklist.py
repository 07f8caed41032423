"""The first steps say what is left, lead there, and are put away for good."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from pytestqt.qtbot import QtBot

from core.binding_settings import BindingSettings
from core.link import Link
from core.model.guard_rules import GuardRules
from core.model.scope import Account, AccountKey, Mode
from core.preferences import Preferences
from core.snapshot import Snapshot
from panels.checklist import NAMES, Checklist
from panels.theme import Theme
from panels.wishes import ChangePreferences, OpenSettings, PointAt
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import ACCOUNT, flat, link_is, long_two, trade

GUARDED = BindingSettings(guards={ACCOUNT: GuardRules(trades=5)})


class Shown(Bench):
    """The list, which takes nothing but a snapshot."""

    def show(self, snapshot: Snapshot, after_s: float = 0.0) -> "Shown":
        self.widget.refresh(snapshot)
        return self


@pytest.fixture
def bench(theme: Theme, clock: HandClock, qtbot: QtBot) -> Iterator[Bench]:
    made = Shown(Checklist(), clock)
    made.widget.intent.connect(made.take)
    qtbot.addWidget(made.widget)
    made.widget.set_preferences(Preferences())
    yield made


def new() -> Snapshot:
    """Return what a new user sees: the simulator, nothing traded."""
    return replace(flat(), trades=())


def test_it_is_not_there_until_the_preferences_are(theme: Theme, qtbot: QtBot) -> None:
    made = Checklist()
    qtbot.addWidget(made)
    made.refresh(new())
    assert made.isHidden()


def test_each_step_leads_to_its_place(bench: Bench) -> None:
    bench.show(replace(new(), connections=MappingProxyType({}), accounts=MappingProxyType({ACCOUNT: Account(ACCOUNT)})))
    for name, page in (("connection", "connections"), ("accounts", "accounts"), ("limits", "risk")):
        bench.press(f"checklist_{name}")
        assert bench.intents[-1] == OpenSettings(page)
    assert bench.text("checklist_accounts") == "Say what Sim1 is…"
    bench.press("checklist_hotkeys")
    assert bench.intents[-2:] == [
        OpenSettings("hotkeys"),
        ChangePreferences(Preferences(dismissed=frozenset({"hotkeys"}))),
    ]


def test_of_several_accounts_the_one_on_show_is_asked_about_first(bench: Bench) -> None:
    other = AccountKey("sim", "A1")
    accounts = MappingProxyType({other: Account(other), ACCOUNT: Account(ACCOUNT)})
    bench.show(replace(new(), accounts=accounts))
    assert bench.text("checklist_accounts") == "Say what Sim1 is…"
    bench.show(replace(new(), accounts=MappingProxyType({**accounts, ACCOUNT: Account(ACCOUNT, Mode.SIM)})))
    assert bench.text("checklist_accounts") == "Say what A1 is…"


def test_what_is_done_is_ticked_by_what_is_the_case(bench: Bench) -> None:
    bench.show(replace(new(), settings=GUARDED))
    assert bench.text("checklistTick_connection") == "✓ Connected: sim" and not bench.is_shown("checklist_connection")
    assert bench.text("checklistTick_accounts") == "✓ Accounts classified"
    assert bench.text("checklistTick_limits") == "✓ Limits set"
    bench.show(link_is(Link.OFFLINE, new()))
    assert bench.is_shown("checklist_connection") and not bench.is_shown("checklistTick_limits")


def test_the_sample_trade_says_the_next_press(bench: Bench) -> None:
    bench.show(new())
    assert bench.text("checklist_sample") == "Sample trade: press BUY, then Close"
    bench.press("checklist_sample")
    assert bench.intents[-1] == PointAt("buyButton")
    bench.show(replace(long_two(), trades=()))
    assert bench.text("checklist_sample") == "Sample trade: now press Close"
    bench.press("checklist_sample")
    assert bench.intents[-1] == PointAt("p2Close")
    bench.show(replace(new(), trades=(trade(),)))
    assert bench.text("checklistTick_sample") == "✓ Sample trade made"


def test_there_is_no_sample_trade_where_it_would_cost_money(bench: Bench) -> None:
    for mode in (None, Mode.LIVE, Mode.EVAL):
        accounts = MappingProxyType({ACCOUNT: Account(ACCOUNT, mode)})
        bench.show(replace(new(), accounts=accounts))
        assert not bench.is_shown("checklist_sample") and not bench.is_shown("checklistTick_sample")


def test_it_goes_when_everything_is_done_and_when_it_is_put_away(bench: Bench) -> None:
    bench.show(new())
    assert not bench.widget.isHidden()
    bench.press("checklistAway")
    wanted = Preferences(dismissed=frozenset(NAMES))
    assert bench.intents[-1] == ChangePreferences(wanted)
    bench.widget.set_preferences(wanted)
    bench.show(new())
    assert bench.widget.isHidden()
    bench.widget.set_preferences(Preferences(dismissed=frozenset({"hotkeys"})))
    bench.show(replace(new(), settings=GUARDED, trades=(trade(),)))
    assert bench.widget.isHidden()


def test_a_window_that_is_too_narrow_for_it_is_not_made_wider(bench: Bench) -> None:
    bench.show(new())
    assert bench.widget.minimumSizeHint().width() < 300


def test_every_button_says_why(bench: Bench) -> None:
    bench.show(new())
    for name in NAMES:
        if bench.is_shown(f"checklist_{name}"):
            assert bench.find(f"checklist_{name}").accessibleDescription()
