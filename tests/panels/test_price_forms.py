"""A product quoted in fractions shows no decimal price anywhere in the view, and takes what it shows."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from core.commands import SubmitOrder
from core.events import Link
from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseStep
from core.model.order import OrderType
from core.model.recovery import Situation
from core.snapshot import Snapshot
from panels.widgets.table import RowsView
from tests.panels.conftest import Bench
from tests.panels.worlds import closing, fill, flat, link_is, long_two, order, position, quote, recovery, row, trade

NOTE = Instrument("ESZ5", Decimal("0.015625"), Decimal("15.625"), "USD", "10-Year T-Note", price_format=134)
COIN = Instrument("ESZ5", Decimal("0.25"), Decimal("0.25"), "USD", "A coin", Decimal("0.001"), price_format=2)
# A price of these worlds written as a decimal; money has thin spaces between its thousands.
DECIMAL = re.compile(r"\b50[45]\d\.\d")


def quoted_as(instrument: Instrument, snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, instruments=MappingProxyType({("sim", "ESZ5"): instrument}))


def shown_texts(view: Bench) -> Iterator[str]:
    """Yield everything a trader or a screen reader can read."""
    for widget in view.widget.findChildren(QWidget):
        yield from (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            yield widget.text()
        if isinstance(widget, RowsView):
            model = widget.rows_model
            for at in range(model.rowCount()):
                yield from (str(model.index(at, number).data()) for number in range(model.columnCount()))


BUSY = long_two(orders=MappingProxyType({"1": order(1)}), fills=(fill(1),), trades=(trade(),))
WORLDS = {
    "open": BUSY,
    "closed": flat(trades=(trade(),)),
    "card": link_is(Link.OFFLINE, closing(CloseStep.LINK_DOWN, CloseChoice.DISMISS, text="Nothing was sent.")),
    "undecided": long_two(recovery=recovery(row(Situation.MATCH))),
}


@pytest.mark.parametrize("world", WORLDS)
def test_no_price_of_a_note_is_shown_as_a_decimal(view: Bench, world: str) -> None:
    view.widget.show()
    view.show(WORLDS[world])
    assert any(DECIMAL.search(text) for text in shown_texts(view)), "the check sees nothing"
    QApplication.processEvents()
    view.show(quoted_as(NOTE, replace(WORLDS[world], version=2)), after_s=1.5)  # what is read aloud may be a second old
    texts = list(shown_texts(view))
    assert [text for text in texts if DECIMAL.search(text)] == []
    assert any(re.search(r"50[45]\d'\d\d[05]", text) for text in texts)


def test_the_ticket_offers_a_note_in_its_form_and_takes_it(view: Bench) -> None:
    view.widget.show()
    view.show(quoted_as(NOTE, flat()))
    view.find("typeBox").setCurrentText("Limit")
    assert view.find("priceBox").text() == "5051'160"
    view.find("priceBox").setText("5051'155")
    view.press("buyButton")
    (command,) = view.intents
    assert isinstance(command, SubmitOrder)
    assert (command.type, command.price) == (OrderType.LIMIT, Decimal("5051.484375"))


def test_the_ticket_names_the_two_nearest_prices_of_a_note(view: Bench) -> None:
    view.widget.show()
    view.show(quoted_as(NOTE, flat()))
    view.find("typeBox").setCurrentText("Limit")
    view.find("priceBox").setText("5051'157")
    assert not view.find("buyButton").isEnabled()
    assert any("5051'155 or 5051'160?" in text for text in shown_texts(view))


def test_the_worth_of_a_tick_is_not_rounded(view: Bench) -> None:
    view.widget.show()
    view.show(quoted_as(NOTE, flat()))
    texts = list(shown_texts(view))
    assert "15.625" in texts
    assert any("1 tick = 15.625 USD" in text for text in texts)


def test_coins_are_counted_to_the_venues_step(view: Bench) -> None:
    half = position(quantity="0.5")
    world: dict[str, Any] = {"positions": MappingProxyType({half.key: half})}
    view.widget.show()
    view.show(quoted_as(COIN, long_two(**world, quotes=MappingProxyType({("sim", "ESZ5"): quote()}))))
    texts = list(shown_texts(view))
    assert any("LONG 0.500" in text for text in texts)
    assert any("0.500 @ avg" in text for text in texts)
