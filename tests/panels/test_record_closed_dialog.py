"""The form of a close nobody reported: strict, honest about what it does, and never sent by accident."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import RecordClosed
from core.model.recovery import ClosedBy
from core.snapshot import Snapshot
from panels.closed_form import read_time
from panels.parsing import InputRefused
from panels.wishes import OpenRecordClosed
from tests.panels.conftest import Bench
from tests.panels.worlds import ES_KEY, NOW, flat, long_two, status


def told(broker: str) -> Snapshot:
    return long_two(scopes=MappingProxyType({ES_KEY: status(broker=broker)}))


def opened(view: Bench, broker: str = "0") -> Bench:
    """Open the form and let it wake."""
    view.widget.show()
    view.show(told(broker))
    view.widget._take(OpenRecordClosed(ES_KEY))
    return view.show(told(broker), after_s=1)


def fill(view: Bench, **texts: str) -> None:
    for name, text in texts.items():
        view.find(f"recordClosed{name}").setText(text)


def test_it_opens_with_what_is_known_and_records_what_is_typed(view: Bench) -> None:
    opened(view)
    assert view.text("recordClosedSentence") == "ESZ5 Sim1: here LONG 2, the broker says flat."
    assert view.find("recordClosedQuantity").text() == "2"
    assert not view.find("recordClosedSymbol").isVisible()
    fill(view, Price="5049.25", Costs="4.20", Note="phone desk", Time="2025-11-12 15:40:00")
    assert "No order is sent. 2 is booked as closed here, marked MANUAL" in view.text("recordClosedEffect")
    view.press("recordClosedApply")
    expected = RecordClosed(
        ES_KEY,
        Decimal(2),
        Decimal("5049.25"),
        datetime(2025, 11, 12, 15, 40, tzinfo=UTC),
        Decimal("4.20"),
        ClosedBy.BROKER_LIQUIDATION,
        "phone desk",
    )
    assert view.intents[-1] == expected


def test_what_nobody_knows_may_be_left_empty_and_its_price_is_told(view: Bench) -> None:
    opened(view)
    fill(view, Price="", Time="", Costs="", Note="broker letter")
    assert "the profit of this trade stays unknown" in view.text("recordClosedEffect")
    view.press("recordClosedApply")
    form = view.intents[-1]
    assert (form.price, form.closed_at, form.commission) == (None, None, None)


def test_where_the_broker_has_not_said_flat_the_symbol_is_typed(view: Bench) -> None:
    opened(view, broker="2")
    fill(view, Note="sure of it")
    assert "Type ESZ5 to record it all the same" in view.text("recordClosedReason")
    assert not view.find("recordClosedApply").isEnabled()
    fill(view, Symbol="ESZ5")
    view.press("recordClosedApply")
    assert view.intents[-1].typed_symbol == "ESZ5"


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("Price", "5049.30", "5049.25 or 5049.50?"),
        ("Quantity", "3", "2 is open here"),
        ("Quantity", "", "Quantity is missing"),
        ("Time", "yesterday", "is not a time like"),
        ("Costs", "-1", "written without a sign"),
        ("Note", "ab", "at least 3 letters"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_nothing_recorded(
    view: Bench, field: str, text: str, says: str
) -> None:
    opened(view)
    fill(view, Note="phone desk")
    fill(view, **{field: text})
    assert says in view.text("recordClosedReason")
    assert not view.find("recordClosedApply").isEnabled()
    view.press("recordClosedApply")
    assert view.intents == []


def test_return_and_keys_held_down_record_nothing(view: Bench) -> None:
    view.widget.show()
    view.show(told("0"))
    view.widget._take(OpenRecordClosed(ES_KEY))
    view.show(told("0"))
    fill(view, Note="phone desk")
    view.press("recordClosedApply")
    assert view.intents == [], "deaf for its first 300 ms"
    view.show(told("0"), after_s=1)
    QTest.keyClick(view.find("recordClosedNote"), Qt.Key.Key_Return)
    assert view.intents == []


def test_it_closes_when_nothing_is_open_there_any_more(view: Bench) -> None:
    opened(view)
    view.show(flat())
    assert not view.widget.dialogs.record_closed.isVisible()


def test_the_reconcile_dialog_leads_to_it(view: Bench) -> None:
    view.widget.show()
    view.show(told("0"))
    view.widget.dialogs.reconcile.put_up(told("0"), NOW, view.clock.monotonic(), ES_KEY)
    view.show(told("0"), after_s=1)
    view.press("reconcileRecord")
    assert view.widget.dialogs.record_closed.isVisible()


def test_a_time_is_read_in_its_zone() -> None:
    chicago: Any = ZoneInfo("America/Chicago")
    assert read_time("2025-11-12 09:40", chicago) == datetime(2025, 11, 12, 15, 40, tzinfo=UTC)
    assert read_time("2025-07-01 09:40:30", chicago).utcoffset() == timedelta(hours=-5)
    with pytest.raises(InputRefused):
        read_time("12.11.2025", chicago)
