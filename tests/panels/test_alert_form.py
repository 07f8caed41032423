"""The form that sets an alert reads strictly, says from which side it will ring, and sends nothing half."""

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.alert_commands import AddAlert
from core.model.alert import AlertKind, Way
from core.model.guard_rules import Guard
from core.model.scope import PositionKey
from panels.action_ids import ActionIds
from panels.alert_draft import Draft, read_draft
from panels.alert_form import AlertForm
from panels.parsing import InputRefused
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, NOW, flat, long_two

D = Decimal


@pytest.fixture
def form(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(AlertForm(ids))
    return made


def opened(form: Bench, snapshot: Any = None, **more: Any) -> Bench:
    form.widget.put_up(snapshot or long_two(), NOW, ES_KEY, **more)
    return form


@pytest.mark.parametrize(
    ("kind", "typed", "level", "way"),
    [
        (AlertKind.PRICE, "5060.25", "5060.25", Way.ABOVE),
        (AlertKind.PRICE, "5045", "5045", Way.BELOW),
        (AlertKind.OPEN_PNL, "−100", "-100", Way.BELOW),
        (AlertKind.OPEN_PNL, "+500", "500", Way.ABOVE),
        (AlertKind.R, "2R", "2", Way.ABOVE),
        (AlertKind.R, "-0.5", "-0.5", Way.BELOW),
        (AlertKind.TIME_IN_TRADE, "12:30", "750", Way.ABOVE),
        (AlertKind.TIME_IN_TRADE, "1:00:05", "3605", Way.ABOVE),
        (AlertKind.LIMIT, "75 %", "75", Way.ABOVE),
    ],
)
def test_what_is_typed_becomes_an_alert_from_where_the_figure_is_now(
    kind: AlertKind, typed: str, level: str, way: Way
) -> None:
    command = read_draft(Draft(ES_KEY, kind, typed), long_two(), "A1", NOW)
    assert command == AddAlert("A1", kind, ES_KEY, way, D(level))


def test_the_trader_may_say_from_which_side() -> None:
    command = read_draft(Draft(ES_KEY, AlertKind.PRICE, "5060", Way.BELOW), long_two(), "A1", NOW)
    assert command.way is Way.BELOW


@pytest.mark.parametrize(
    ("kind", "typed", "part"),
    [
        (AlertKind.PRICE, "", "Price is missing"),
        (AlertKind.PRICE, "5050.10", "between ticks"),
        (AlertKind.PRICE, "soon", "not a number"),
        (AlertKind.OPEN_PNL, "1,000", "is not money"),
        (AlertKind.R, "", "R is missing"),
        (AlertKind.TIME_IN_TRADE, "90", "not a time like"),
        (AlertKind.TIME_IN_TRADE, "0:00", "more than zero"),
        (AlertKind.LIMIT, "0", "1 to 200"),
        (AlertKind.LIMIT, "9e9", "is not percent"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(kind: AlertKind, typed: str, part: str) -> None:
    with pytest.raises(InputRefused, match=part):
        read_draft(Draft(ES_KEY, kind, typed), long_two(), "A1", NOW)


def test_without_a_place_there_is_no_alert() -> None:
    with pytest.raises(InputRefused, match="symbol"):
        read_draft(Draft(PositionKey("sim", "Sim1", ""), AlertKind.PRICE, "5"), flat(), "A1", NOW)
    with pytest.raises(InputRefused, match="account"):
        read_draft(Draft(PositionKey("sim", "", "ESZ5"), AlertKind.R, "5"), flat(), "A1", NOW)


def test_a_price_that_was_pointed_at_is_filled_in_and_sent_by_return(form: Bench) -> None:
    opened(form, value=D("5060.25"))
    assert form.find("alertValue").text() == "5060.25"
    assert form.text("alertReason") == "Rings when it rises to 5060.25. Nothing is traded."
    assert form.text("alertNow") == "ESZ5: 5051.50 now"
    form.find("alertNote").setText("range high")
    form.find("alertRepeats").setChecked(True)
    QTest.keyClick(form.find("alertValue"), Qt.Key.Key_Return)
    (command,) = form.intents
    assert command == AddAlert("A1", AlertKind.PRICE, ES_KEY, Way.ABOVE, D("5060.25"), repeats=True, note="range high")
    assert not form.widget.isVisible()


def test_what_is_wrong_is_said_and_nothing_can_be_sent(form: Bench) -> None:
    opened(form, value=D("5060.25"))
    form.find("alertValue").setText("5060.10")
    assert not form.find("alertSet").isEnabled()
    assert "between ticks" in form.text("alertReason")
    assert form.find("alertSet").accessibleDescription() == form.text("alertReason")


def test_a_limit_asks_which_and_only_rises(form: Bench) -> None:
    opened(form, kind=AlertKind.LIMIT)
    assert form.is_shown("alertLimit") and not form.find("alertWay").isEnabled()
    form.find("alertLimit").setCurrentText("day loss")
    form.find("alertValue").setText("60")
    form.press("alertSet")
    assert form.intents[0].limit is Guard.DAY_LOSS
    opened(form)
    assert not form.is_shown("alertLimit") and form.find("alertWay").isEnabled()


def test_a_figure_of_no_position_says_so(form: Bench) -> None:
    opened(form, flat(), kind=AlertKind.OPEN_PNL)
    assert "nothing is open" in form.text("alertNow")


def test_every_field_has_its_words(form: Bench) -> None:
    opened(form)
    for name in ("alertKind", "alertWay", "alertValue", "alertNote", "alertRepeats", "alertSet", "alertCancel"):
        assert form.spoken(name)
