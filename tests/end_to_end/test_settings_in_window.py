"""The settings in the whole terminal: a limit set in the window is the engine's, over a restart, and loosens later."""

import tomllib

import pytest

from app.config import SETTINGS_NAME, StoredSettings, write_settings
from core.preferences import PnlMark, Preferences
from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World

# Presses of one button within a quarter of a second are one press: what comes between must take longer.
TWO = ("set:qtyBox=2", "press:buyButton")


def test_a_limit_set_in_the_window_binds_at_once_and_loosens_with_the_session(world: World) -> None:
    (first,) = world.run(
        *("ready", "settings:risk", "type:settingsGuard_size=1", "press:settingsRiskApply"),
        *("told:The limits of Sim1 are changed", "pause:1", *TWO, "told:the limit of Sim1 is 1", "facts", "quit"),
        program=WINDOW,
    )
    assert first["quantity"] == "0"
    stored = tomllib.loads((world.folder / SETTINGS_NAME).read_text(encoding="utf-8"))
    (rules,) = stored["guards"].values()
    assert rules == {"size": "1"}
    second, third = world.run(
        *("ready", *TWO, "told:the limit of Sim1 is 1", "facts"),
        *("settings:risk", "type:settingsGuard_size=5", "press:settingsRiskApply"),
        "says:settingsGuard_size_binding=Today 1 (block) binds; 5 from 17:00 in Chicago.",
        *("pause:1", *TWO, "told:the limit of Sim1 is 1", "buy:1", "facts", "quit"),
        program=WINDOW,
    )
    assert (second["quantity"], third["quantity"]) == ("0", "1")
    (fourth,) = world.run(
        *(
            "ready",
            "settings:risk",
            "says:settingsGuard_size=5",
            "says:settingsGuard_size_binding=Today 1 (block) binds",
        ),
        *("close", "facts", "quit"),
        program=WINDOW,
    )
    assert fourth["quantity"] == "0"
    invariants.check(world.database)


def test_looks_and_addresses_changed_in_the_window_are_there_after_a_restart(world: World) -> None:
    world.run(
        *("ready", "settings:appearance", "type:settingsZoom=120"),
        *("settings:connections", "type:settingsAddress=dtc://127.0.0.1:9?name=later"),
        *("says:settingsAddressWhen=This run connects to what the command line named", "facts", "quit"),
        program=WINDOW,
    )
    stored = tomllib.loads((world.folder / SETTINGS_NAME).read_text(encoding="utf-8"))
    assert stored["window"]["zoom"] == 120 and stored["connections"] == ["dtc://127.0.0.1:9?name=later"]
    world.run("ready", "settings:appearance", "says:settingsZoom=120", "quit", program=WINDOW)


def test_a_start_connects_to_what_the_settings_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(world.folder, StoredSettings("ABCD", connections=(world.address,)))
    monkeypatch.setattr(World, "address", "stored")
    (facts,) = world.run(
        *("ready", "settings:connections", "buy:1", "close", "facts", "quit"),
        program=WINDOW,
    )
    assert facts["quantity"] == "0"
    stored = tomllib.loads((world.folder / SETTINGS_NAME).read_text(encoding="utf-8"))
    assert len(stored["slugs"]) == 1


def test_what_open_profit_is_marked_at_reaches_every_panel_from_the_start(world: World) -> None:
    write_settings(world.folder, StoredSettings("ABCD", preferences=Preferences(pnl_mark=PnlMark.EXIT)))
    (made,) = world.run(
        *("ready", "buy:1", "says:p2Mark=at bid", "says:p1OpenPnl=at bid"),
        *("close", "facts", "quit"),
        program=WINDOW,
    )
    assert made["quantity"] == "0"


def test_a_new_user_makes_a_sample_trade_in_two_presses(world: World) -> None:
    (made,) = world.run(
        *("ready", "says:checklist_sample=press BUY", "press:buyButton", "says:checklist_sample=press Close"),
        *("press:p2Close", "says:checklistTick_sample=Sample trade made", "facts", "press:checklistAway", "quit"),
        program=WINDOW,
    )
    assert made["quantity"] == "0" and made["labels"]["p2Side"] == "FLAT"
    stored = tomllib.loads((world.folder / SETTINGS_NAME).read_text(encoding="utf-8"))
    assert "sample" in stored["window"]["dismissed"]
