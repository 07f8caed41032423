"""The settings window: pages found by words, values refused with their cause, changes wanted and never stored here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QListWidget, QWidget
from pytestqt.qtbot import QtBot

from core.binding_settings import BindingSettings, HeldLimits
from core.commands import ClassifyAccount, ReconnectNow, SetOneClick
from core.model.bracket_template import BracketBook
from core.model.bracket_texts import template_from_texts, template_to_texts
from core.model.guard_rules import Guard, GuardAction, GuardRules
from core.model.guards import RUNS_ONLY_HERE, AccountGuards
from core.model.sanity import SanityLimits
from core.model.scope import Account, Mode
from core.preferences import PaletteChoice, Preferences, SoundPreferences, ThemeChoice, ZoneChoice
from core.settings_commands import (
    ChangeBrackets,
    ChangeCommissions,
    ChangeGuards,
    ChangeSanityLimits,
    SetArmTime,
    SetAskInSim,
    SetDesk,
)
from core.settings_facts import BackupCopy, SettingsFacts, Trial
from core.snapshot import Snapshot
from panels.diagnostics_facts import OpenDiagnostics
from panels.settings.settings_window import PAGES, SettingsWindow
from panels.theme import Theme
from panels.wishes import (
    BackUpNow,
    ChangeAddresses,
    ChangePreferences,
    KeepPassword,
    LookAtData,
    PlaySound,
    TryConnection,
)
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import ACCOUNT, NOW, flat, long_two

D = Decimal
SIERRA = "dtc://me@127.0.0.1:11099?name=sierra"
TEMPLATES = {"10t": {"stop": "10t"}, "20t": {"stop": "20t", "targets": ["50% at 1R", "50% at 2R"]}}
BOOK = BracketBook({name: template_from_texts(name, table) for name, table in TEMPLATES.items()}, "10t")


def world(snapshot: Snapshot | None = None, **binding: Any) -> Snapshot:
    """Return a snapshot with settings that bind."""
    settings = replace(BindingSettings(brackets=BOOK), **binding)
    return replace(snapshot or flat(), settings=settings, limits=settings.limits, desk=settings.desk)


@pytest.fixture
def bench(theme: Theme, clock: HandClock, qtbot: QtBot) -> Iterator[Bench]:
    """The window, open, with its intents collected."""
    window = SettingsWindow()
    made = Bench(window, clock)
    window.intent.connect(made.take)
    qtbot.addWidget(window)
    made.show(world())
    yield made
    window.close()


def opened(bench: Bench, page: str, snapshot: Snapshot | None = None) -> Bench:
    """Open a page with a snapshot."""
    if snapshot is not None:
        bench.show(snapshot)
    bench.widget.open_page(page)
    bench.intents = [one for one in bench.intents if not isinstance(one, LookAtData)]
    return bench


def typed(bench: Bench, name: str, text: str) -> None:
    """Type over what stands in a field, and press Enter."""
    field = bench.find(name)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)


def choose(bench: Bench, name: str, words: str) -> None:
    """Choose in a drop-down, as the trader does."""
    box = bench.find(name)
    assert isinstance(box, QComboBox)
    at = box.findText(words)
    assert at >= 0, [box.itemText(one) for one in range(box.count())]
    box.setCurrentIndex(at)
    box.activated.emit(at)


def last(bench: Bench) -> Any:
    return bench.intents[-1]


# -- the window ------------------------------------------------------------------------------------------------------


def test_every_page_of_the_specification_is_there_and_opens(bench: Bench) -> None:
    titles = [one.title for one in PAGES.values()]
    assert titles == [
        *("Accounts & modes", "Connections", "Risk & prop rules", "Order defaults & brackets", "Confirmations"),
        *("Hotkeys", "Formats & time", "Appearance", "Sounds", "Data & backup", "Diagnostics"),
    ]
    for name in PAGES:
        opened(bench, name)
        assert bench.widget.stack.currentWidget().objectName() == f"settingsPage_{name}"
    assert bench.widget.objectName() == "settingsView" and not bench.widget.isModal()


def test_a_page_is_made_when_it_is_first_wanted(bench: Bench) -> None:
    assert set(bench.widget.pages) == {"accounts"}
    opened(bench, "risk")
    assert set(bench.widget.pages) == {"accounts", "risk"}


def test_a_search_keeps_the_pages_and_rows_that_say_it(bench: Bench) -> None:
    opened(bench, "accounts")
    bench.widget.search.setText("zoom")
    shown = [at for at in range(len(PAGES)) if not bench.widget.list.item(at).isHidden()]
    assert [list(PAGES)[at] for at in shown] == ["appearance"]
    assert bench.widget.stack.currentWidget() is bench.widget.pages["appearance"]
    assert bench.is_shown("settingsZoom") and not bench.is_shown("settingsTheme")
    bench.widget.search.setText("nobody says this")
    assert bench.text("settingsNothing") == "Nothing in the settings says “nobody says this”."
    QTest.keyClick(bench.widget, Qt.Key.Key_Escape)
    assert not any(bench.widget.list.item(at).isHidden() for at in range(len(PAGES))) and bench.widget.isVisible()
    QTest.keyClick(bench.widget, Qt.Key.Key_Escape)
    assert not bench.widget.isVisible()


def test_the_whole_window_is_walked_with_the_keyboard_and_every_control_is_named(bench: Bench) -> None:
    for name in PAGES:
        opened(bench, name, world(long_two()))
        page = bench.widget.stack.currentWidget()
        kinds = (QAbstractButton, QLineEdit, QComboBox, QListWidget)
        controls = [one for kind in kinds for one in page.findChildren(kind) if one.objectName()]
        unnamed = [one.objectName() for one in controls if not one.accessibleName()]
        assert unnamed == []
        assert all(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in controls)
    bench.widget.list.setFocus()
    QTest.keyClick(bench.widget.list, Qt.Key.Key_Home)
    QTest.keyClick(bench.widget.list, Qt.Key.Key_Down)
    assert bench.widget.stack.currentWidget() is bench.widget.pages["connections"]


def test_a_setting_is_found_changed_and_left_by_keys_alone(bench: Bench, qtbot: QtBot) -> None:
    opened(bench, "accounts")
    qtbot.waitUntil(bench.widget.isActiveWindow, timeout=5000)
    bench.widget.search.setFocus()
    QTest.keyClicks(bench.widget.search, "zoom")
    QTest.keyClick(bench.widget.search, Qt.Key.Key_Return)
    field = bench.widget.focusWidget()
    assert field.objectName() == "settingsZoom"
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "125")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert last(bench) == ChangePreferences(Preferences(zoom_percent=125))
    QTest.keyClick(field, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bench.widget.focusWidget() is bench.widget.search
    QTest.keyClick(bench.widget.search, Qt.Key.Key_Escape)
    QTest.keyClick(bench.widget.search, Qt.Key.Key_Escape)
    assert not bench.widget.isVisible()


def test_tab_walks_a_page_from_the_list_to_its_last_control(bench: Bench, qtbot: QtBot) -> None:
    opened(bench, "appearance")
    qtbot.waitUntil(bench.widget.isActiveWindow, timeout=5000)
    bench.widget.list.setFocus()
    walked = []
    for _ in range(8):
        QTest.keyClick(bench.widget.focusWidget(), Qt.Key.Key_Tab)
        walked.append(bench.widget.focusWidget().objectName())
    names = ("Theme", "Palette", "Zoom", "Contrast", "Motion", "LayoutLocked")
    assert [name for name in walked if name.startswith("settings")][:6] == [f"settings{name}" for name in names]


def test_what_is_being_typed_stays_while_frames_come(bench: Bench) -> None:
    opened(bench, "appearance")
    field = bench.find("settingsZoom")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "15")
    bench.show(world(flat()), 0.25)
    bench.widget.set_preferences(Preferences(theme=ThemeChoice.LIGHT))
    assert field.text() == "15"
    assert bench.find("settingsTheme").currentText() == "Light"


def test_a_slot_shows_what_another_part_of_the_window_makes(bench: Bench, qtbot: QtBot) -> None:
    made = QWidget()
    bench.widget.fill("hotkeys", made)
    opened(bench, "hotkeys")
    assert made.isVisibleTo(bench.widget)


def test_a_slot_that_is_open_already_shows_what_comes_later(bench: Bench) -> None:
    later = QWidget()
    opened(bench, "hotkeys")
    bench.widget.fill("hotkeys", later)
    assert later.isVisibleTo(bench.widget)


def test_the_way_to_the_diagnostics(bench: Bench) -> None:
    opened(bench, "diagnostics")
    bench.press("settingsDiagnostics")
    assert last(bench) == OpenDiagnostics()


# -- preferences -----------------------------------------------------------------------------------------------------


def test_looks_and_formats_are_wanted_one_by_one(bench: Bench) -> None:
    opened(bench, "appearance")
    choose(bench, "settingsPalette", "Blue up, orange down")
    assert last(bench) == ChangePreferences(Preferences(palette=PaletteChoice.BLUE_ORANGE))
    typed(bench, "settingsZoom", "150")
    assert last(bench) == ChangePreferences(Preferences(zoom_percent=150))
    bench.find("settingsLayoutLocked").click()
    assert last(bench) == ChangePreferences(Preferences(layout_locked=True))
    opened(bench, "formats")
    choose(bench, "settingsZone", "UTC")
    assert last(bench) == ChangePreferences(Preferences(zone=ZoneChoice.UTC))


def test_the_times_of_heat_are_taken_together(bench: Bench) -> None:
    opened(bench, "formats")
    typed(bench, "settingsHeat_colour", "9:00")
    assert bench.intents == [] and "no earlier" in bench.text("settingsHeat_colourCause")
    typed(bench, "settingsHeat_danger", "5")
    assert bench.text("settingsHeat_dangerCause") == "'5' is not a time such as 4:30. 5:00 stays."
    typed(bench, "settingsHeat_danger", "10:00")
    typed(bench, "settingsHeat_border", "9:30")
    assert last(bench) == ChangePreferences(Preferences(heat_s=(540, 570, 600)))
    assert not bench.is_shown("settingsHeat_colourCause")


def test_a_value_that_cannot_be_says_why_and_the_old_one_is_kept(bench: Bench) -> None:
    opened(bench, "appearance")
    typed(bench, "settingsZoom", "300")
    assert bench.intents == []
    assert bench.text("settingsZoomCause") == "'300' is not a whole number from 80 to 200. 100 stays."
    assert bench.tone("settingsZoom") == "danger" and "100 stays" in bench.find("settingsZoom").accessibleDescription()
    QTest.keyClick(bench.find("settingsZoom"), Qt.Key.Key_Escape)
    assert bench.find("settingsZoom").text() == "100" and not bench.is_shown("settingsZoomCause")
    assert bench.widget.isVisible()


def test_sounds_are_muted_tried_and_kept_quiet(bench: Bench) -> None:
    opened(bench, "sounds")
    bench.find("settingsHear_fill").click()
    assert last(bench).preferences.sounds == SoundPreferences(muted=frozenset({"fill"}))
    bench.press("settingsPlay_fill")
    assert last(bench) == PlaySound("fill")
    count = len(bench.intents)
    typed(bench, "settingsQuietFrom", "22:00")
    assert len(bench.intents) == count and "beginning and an end" in bench.text("settingsQuietToCause")
    typed(bench, "settingsQuietTo", "late")
    typed(bench, "settingsQuietFrom", "23:00")
    assert len(bench.intents) == count
    typed(bench, "settingsQuietFrom", "22:00")
    typed(bench, "settingsQuietTo", "07:00")
    sounds = last(bench).preferences.sounds
    assert (f"{sounds.quiet_from:%H:%M}", f"{sounds.quiet_to:%H:%M}") == ("22:00", "07:00")
    typed(bench, "settingsVolume", "101")
    assert "0 to 100" in bench.text("settingsVolumeCause")
    bench.find("settingsNotice_alarm").click()
    assert last(bench).preferences.notices == {"alarm"}


# -- accounts --------------------------------------------------------------------------------------------------------


def of_a_firm(snapshot: Snapshot, mode: Mode | None = None) -> Snapshot:
    return replace(snapshot, accounts=MappingProxyType({ACCOUNT: Account(ACCOUNT, mode)}))


def test_an_account_is_classified_and_one_click_is_switched(bench: Bench) -> None:
    opened(bench, "accounts", of_a_firm(world()))
    assert bench.find("settingsMode_Sim1").currentText() == "Not said yet: treated as LIVE"
    choose(bench, "settingsMode_Sim1", "EVAL · firm rules apply")
    assert last(bench) == ClassifyAccount(ACCOUNT, Mode.EVAL)
    assert bench.find("settingsMode_Sim1").currentText() == "Not said yet: treated as LIVE", "the engine may refuse"
    bench.find("settingsOneClick_Sim1").click()
    assert last(bench) == SetOneClick(ACCOUNT, True) and not bench.find("settingsOneClick_Sim1").isChecked()
    bench.show(replace(of_a_firm(world(), Mode.EVAL), one_click=MappingProxyType({ACCOUNT: True})))
    assert bench.find("settingsOneClick_Sim1").isChecked()
    assert bench.find("settingsMode_Sim1").currentText() == "EVAL · firm rules apply"
    bench.press("settingsLimits_Sim1")
    assert bench.widget.stack.currentWidget() is bench.widget.pages["risk"]
    assert bench.widget.pages["risk"].key == ACCOUNT


def test_an_account_says_its_limits_or_its_lock(bench: Bench) -> None:
    rules = GuardRules(day_loss=D(500), size=D(3), actions={Guard.SIZE: GuardAction.FLATTEN})
    opened(bench, "accounts", of_a_firm(world(guards={ACCOUNT: rules}), Mode.EVAL))
    page = bench.widget.pages["accounts"]
    assert page.accounts[ACCOUNT][1].note.text() == "Day loss 500 (block) · Contracts 3 (flatten)"
    locked = AccountGuards(ACCOUNT, (), NOW, locked="Sim1 is locked.")
    bench.show(replace(of_a_firm(world(guards={ACCOUNT: rules})), guards=MappingProxyType({ACCOUNT: locked})))
    assert page.accounts[ACCOUNT][1].note.text() == "Sim1 is locked."


def test_an_account_with_something_open_cannot_be_classified_and_says_why(bench: Bench) -> None:
    opened(bench, "accounts", of_a_firm(world(long_two())))
    assert not bench.find("settingsMode_Sim1").isEnabled()
    assert "has a position" in bench.find("settingsMode_Sim1").accessibleDescription()
    opened(bench, "accounts", replace(of_a_firm(world(), Mode.SIM), resettable=frozenset({"sim"})))
    assert "always SIM" in bench.find("settingsMode_Sim1").accessibleDescription()


def test_without_an_account_the_page_says_so(bench: Bench) -> None:
    opened(bench, "accounts", replace(world(), accounts=MappingProxyType({})))
    page = bench.widget.stack.currentWidget()
    assert any("No account yet" in one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))
    opened(bench, "risk")
    assert not bench.find("settingsRiskApply").isEnabled()
    assert "No account yet" in bench.find("settingsRiskApply").accessibleDescription()


# -- limits ----------------------------------------------------------------------------------------------------------


def test_limits_of_an_account_are_taken_together(bench: Bench) -> None:
    opened(bench, "risk")
    page = bench.widget.stack.currentWidget()
    assert any(one.text() == RUNS_ONLY_HERE for one in page.findChildren(QLabel))
    typed(bench, "settingsGuard_day_loss", "500")
    choose(bench, "settingsGuard_trades_then", "Warn")
    typed(bench, "settingsGuard_trades", "5")
    assert bench.intents == [] and "counts at once" in bench.text("settingsRiskWords")
    bench.press("settingsRiskApply")
    wanted = GuardRules(day_loss=D(500), trades=5, actions={Guard.TRADES: GuardAction.WARN})
    assert last(bench) == ChangeGuards(ACCOUNT, wanted)


def test_a_limit_that_closes_everything_is_typed(bench: Bench) -> None:
    opened(bench, "risk", world(guards={ACCOUNT: GuardRules(day_loss=D(500))}))
    assert not bench.is_shown("settingsRiskWord")
    bench.widget.search.setText("contracts")
    bench.widget.search.setText("")
    assert not bench.is_shown("settingsRiskWord")
    opened(bench, "risk")
    choose(bench, "settingsGuard_day_loss_then", "Flatten and lock")
    assert bench.is_shown("settingsRiskWord") and not bench.find("settingsRiskApply").isEnabled()
    assert "day loss would close everything" in bench.text("settingsRiskWords")
    bench.widget.search.setText("contracts")
    bench.widget.search.setText("")
    assert bench.is_shown("settingsRiskWord")
    QTest.keyClicks(bench.find("settingsRiskWord"), "FLATTEN")
    bench.press("settingsRiskApply")
    assert last(bench).rules.actions == {Guard.DAY_LOSS: GuardAction.FLATTEN}


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("day_loss", "lots", "Day loss is 'lots', expected a number above 0."),
        ("trades", "1.5", "Trades a day is 1.5, expected a whole number."),
        ("flat_by", "25:00", "Flat by is '25:00', expected a time in Chicago"),
        ("news", "tomorrow", "News windows holds 'tomorrow', expected BEGIN/END"),
        ("profit_floor_from", "100", "Profit floor, from needs Profit floor, give back"),
    ],
)
def test_a_limit_that_cannot_be_says_why_beside_it(bench: Bench, field: str, text: str, said: str) -> None:
    opened(bench, "risk")
    typed(bench, f"settingsGuard_{field}", text)
    assert bench.text(f"settingsGuard_{field}Cause").startswith(said)
    assert not bench.find("settingsRiskApply").isEnabled()
    bench.press("settingsRiskUndo")
    assert bench.find(f"settingsGuard_{field}").text() == "" and not bench.is_shown(f"settingsGuard_{field}Cause")


def test_what_was_loosened_is_shown_with_the_moment_it_counts(bench: Bench) -> None:
    tight, loose = GuardRules(day_loss=D(300)), GuardRules(day_loss=D(500))
    reset = NOW + timedelta(hours=7, minutes=18, seconds=53)
    binding = MappingProxyType({ACCOUNT: AccountGuards(ACCOUNT, (), reset, rules=(tight, loose))})
    opened(bench, "risk", replace(world(guards={ACCOUNT: loose}), guards=binding))
    assert bench.text("settingsGuard_day_loss_binding") == "Today 300 (block) binds; 500 from 17:00 in Chicago."
    assert not bench.is_shown("settingsGuard_size_binding")
    held = HeldLimits(SanityLimits(quantity_hard=D(20)), reset)
    snapshot = world(limits=replace(SanityLimits(), quantity_hard=D(50)), held=held)
    opened(bench, "orders", replace(snapshot, limits=replace(SanityLimits(), quantity_hard=D(20))))
    assert bench.text("settingsLimitsBinding") == "Until 17:00 in Chicago still binds: Size of one order, refuses 20."


def test_limits_of_an_order_are_taken_together_in_percent(bench: Bench) -> None:
    opened(bench, "orders")
    assert bench.find("settingsLimit_distance_soft").text() == "2"
    typed(bench, "settingsLimit_distance_soft", "1.5")
    typed(bench, "settingsLimit_quantity_soft", "200")
    assert bench.text("settingsLimitsWords") == "Size of one order: it would refuse before it asks."
    typed(bench, "settingsLimit_quantity_soft", "5")
    typed(bench, "settingsLimit_repeat_within", "20")
    bench.press("settingsLimitsApply")
    wanted = replace(SanityLimits(), distance_soft=D("0.015"), quantity_soft=D(5), repeat_within=timedelta(seconds=20))
    assert last(bench) == ChangeSanityLimits(wanted)


def test_a_template_is_made_changed_and_deleted(bench: Bench) -> None:
    opened(bench, "orders")
    assert bench.find("settingsBracket_stop").text() == "10t"
    typed(bench, "settingsBracket_stop", "far")
    assert "Stop is 'far'" in bench.text("settingsBracketWords") and not bench.find("settingsBracketSave").isEnabled()
    typed(bench, "settingsBracket_stop", "12t")
    typed(bench, "settingsBracket_targets", "2R")
    bench.press("settingsBracketSave")
    book = last(bench).book
    assert template_to_texts(book.templates["10t"]) == {"stop": "12t", "targets": ["2R"]} and book.default == "10t"
    choose(bench, "settingsBracket", "New template…")
    typed(bench, "settingsBracket_name", "wide")
    typed(bench, "settingsBracket_stop", "40t")
    bench.press("settingsBracketSave")
    assert set(last(bench).book.templates) == {"10t", "20t", "wide"}
    choose(bench, "settingsBracket", "10t")
    bench.press("settingsBracketDrop")
    assert last(bench) == ChangeBrackets(BracketBook({"20t": BOOK.templates["20t"]}, ""))
    choose(bench, "settingsBracketDefault", "20t")
    assert last(bench).book.default == "20t"


def test_a_renamed_template_keeps_its_place_and_its_uses(bench: Bench) -> None:
    opened(bench, "orders", world(brackets=replace(BOOK, last={"ESZ5": "10t"})))
    typed(bench, "settingsBracket_name", "ten")
    bench.press("settingsBracketSave")
    book = last(bench).book
    assert list(book.templates) == ["ten", "20t"] and book.default == "ten" and book.last == {"ESZ5": "ten"}


def test_rates_are_set_and_removed(bench: Bench) -> None:
    opened(bench, "orders", world(rates={"sim": {"ES": D("2.25")}}))
    choose(bench, "settingsRatePlace", "sim/Sim1")
    typed(bench, "settingsRateRoot", "mes")
    assert not bench.find("settingsRateAdd").isEnabled()
    typed(bench, "settingsRate", "0.62")
    bench.press("settingsRateAdd")
    assert last(bench) == ChangeCommissions({"sim": {"ES": D("2.25")}, "sim/Sim1": {"MES": D("0.62")}})
    bench.find("settingsRates").setCurrentRow(0)
    bench.press("settingsRateDrop")
    assert last(bench) == ChangeCommissions({})


def test_questions_that_may_be_chosen(bench: Bench) -> None:
    opened(bench, "confirmations")
    bench.find("settingsAskInSim").click()
    assert last(bench) == SetAskInSim(True)
    typed(bench, "settingsArmMinutes", "4")
    assert "5 to 120" in bench.text("settingsArmMinutesCause")
    typed(bench, "settingsArmMinutes", "60")
    assert last(bench) == SetArmTime(60)


# -- connections and data --------------------------------------------------------------------------------------------


def test_addresses_are_added_changed_tried_and_removed(bench: Bench) -> None:
    opened(bench, "connections")
    assert bench.find("settingsAddresses").item(0).text() == "Built-in simulator alone"
    QTest.keyClicks(bench.find("settingsAddress"), "http://x")
    assert not bench.find("settingsAddressAdd").isEnabled() and not bench.find("settingsAddressTest").isEnabled()
    bench.find("settingsAddress").clear()
    QTest.keyClicks(bench.find("settingsAddress"), SIERRA)
    bench.press("settingsAddressTest")
    assert last(bench) == TryConnection(SIERRA)
    bench.press("settingsAddressAdd")
    assert last(bench) == ChangeAddresses((SIERRA,))
    facts = SettingsFacts((SIERRA,), MappingProxyType({"sim": "sim"}))
    bench.widget.set_facts(facts)
    assert bench.text("settingsAddressWhen") == "Takes effect at the next start."
    bench.find("settingsAddresses").setCurrentRow(0)
    bench.press("settingsAddressSim")
    assert last(bench) == ChangeAddresses((SIERRA, "sim"))
    bench.press("settingsAddressDrop")
    assert last(bench) == ChangeAddresses(())


def test_a_test_says_when_and_what_it_found_and_cannot_be_begun_twice(bench: Bench) -> None:
    opened(bench, "connections")
    under_way = SettingsFacts((SIERRA,), trials=MappingProxyType({SIERRA: Trial(None, "Dialing…", NOW)}))
    bench.widget.set_facts(under_way)
    bench.find("settingsAddresses").setCurrentRow(0)
    assert not bench.find("settingsAddressTest").isEnabled()
    failed = Trial(False, "127.0.0.1:11099 did not answer: is Sierra Chart running, and its DTC server on?", NOW)
    bench.widget.set_facts(replace(under_way, trials=MappingProxyType({SIERRA: failed})))
    assert bench.text("settingsAddressResult").endswith(failed.text) and bench.tone("settingsAddressResult") == "danger"
    assert bench.find("settingsAddressTest").isEnabled()


def test_a_password_goes_to_the_keyring_and_out_of_the_field(bench: Bench) -> None:
    opened(bench, "connections")
    bench.widget.set_facts(SettingsFacts(("dtc://127.0.0.1:11099", SIERRA)))
    bench.find("settingsAddresses").setCurrentRow(0)
    assert "has no user" in bench.find("settingsPassword").accessibleDescription()
    bench.find("settingsAddresses").setCurrentRow(1)
    QTest.keyClicks(bench.find("settingsPassword"), "hunter2")
    bench.press("settingsPasswordKeep")
    assert last(bench) == KeepPassword(SIERRA, "hunter2") and "hunter2" not in repr(last(bench))
    assert bench.find("settingsPassword").text() == ""
    bench.press("settingsPasswordForget")
    assert last(bench) == KeepPassword(SIERRA, "")


def test_a_line_shows_its_state_and_takes_a_telephone(bench: Bench) -> None:
    opened(bench, "connections")
    assert not bench.find("settingsReconnect_sim").isEnabled()
    typed(bench, "settingsDesk_sim", "+1 312 555 0100")
    assert last(bench) == SetDesk("sim", "+1 312 555 0100")


def test_a_lost_line_can_be_tried_at_once(bench: Bench) -> None:
    from core.link import Link
    from tests.panels.worlds import link_is

    opened(bench, "connections", world(link_is(Link.OFFLINE, flat(), text="refused")))
    bench.press("settingsReconnect_sim")
    assert last(bench) == ReconnectNow("sim")


def test_a_backup_is_asked_for_and_its_end_is_said(bench: Bench) -> None:
    bench.widget.set_facts(SettingsFacts(folder="/data", copies=(BackupCopy("a", NOW, 5 * 2**20),)))
    opened(bench, "data")
    assert bench.text("settingsFolder") == "/data"
    assert bench.find("settingsCopies").item(0).text() == "2025-11-12 15:41 UTC · 5 MB"
    bench.press("settingsBackUp")
    assert last(bench) == BackUpNow()
    bench.widget.set_facts(SettingsFacts(backup=Trial(None, "A copy is being made…", NOW)))
    assert not bench.find("settingsBackUp").isEnabled()
