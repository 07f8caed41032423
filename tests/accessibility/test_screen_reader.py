"""The terminal as a screen reader has it: through the accessibility bus, of the real program on a screen of its own."""

import pytest

from tests.accessibility.conftest import Heard
from tests.accessibility.session import missing

if missing():
    pytest.skip(missing(), allow_module_level=True)

from tests.accessibility.tree import Node, State, wait_for


def test_everything_the_keyboard_can_reach_has_a_name(heard: Heard) -> None:
    bare = [
        f"{one.role} in {one.path}: {one.name!r}"
        for one in heard.window.walk()
        if State.FOCUSABLE in one.states and not one.called.strip()
    ]
    assert bare == []


def test_a_drop_down_says_what_it_chooses_beside_what_is_chosen(heard: Heard) -> None:
    called = [one.called for one in heard.window.walk() if one.role == "combo box"]
    for what, chosen in (("Symbol", "ES"), ("Order type", "Market"), ("Time in force", "DAY"), ("Bracket", "none")):
        assert [one for one in called if one.startswith(what) and chosen in one], (what, called)


def test_names_say_what_and_in_which_scope(heard: Heard) -> None:
    for begins in ("Buy 1 ES", "Sell 1 ES", "Flatten account Sim1, SIM"):
        assert "Sim1, SIM" in heard.find("push button", begins).name
    assert heard.find("filler", "Mode: SIM · no real money")


def test_a_rejection_interrupts(heard: Heard) -> None:
    heard.control('{"verb": "reject", "count": 1, "text": "Not enough margin for this"}')
    wait_for((heard.folder / "simulator" / "control.done").exists, "the simulator to hear of it")
    heard.find("push button", "Sell 1 ES").press()
    told = wait_for(
        lambda: [one for one in heard.bus.listen(0.2) if "Not enough margin for this" in one[0]], "the rejection"
    )
    assert all(interrupts for _, interrupts in told)


def test_a_trade_is_heard_from_the_press_to_the_close_and_stands_in_the_tables(heard: Heard) -> None:
    heard.find("push button", "Buy 1 ES").press()
    assert heard.find("label", "Side and quantity: LONG 1")
    assert heard.says("Certainty of position: ") != "Certainty of position: "
    assert wait_for(lambda: "USD" in heard.says("Open profit or loss: "), "an open result in words")
    assert heard.says("Stop: ").lower() in ("stop: none", "stop: —") or "none" in heard.says("Stop: ").lower()
    close = heard.find("push button", "Close 1, ES")
    assert "long 1, account Sim1, SIM" in close.name
    close.press()
    assert heard.find("label", "Side and quantity: flat")
    spoken = [text for text, _ in heard.bus.listen(1.0)]
    assert [text for text in spoken if text.startswith("Bought 1 ES")], spoken
    assert [text for text in spoken if "Closed" in text or "Flat" in text or "Sold 1 ES" in text], spoken
    heard.find("page tab", "Fills").press()
    table = heard.find("table", "Fills")
    assert {"Time", "Symbol", "Side", "Qty", "Price"} <= set(table.headers())
    rows = wait_for(table.rows, "fills in the table")
    assert any("Side: BUY" in cell for cell in rows[-1]), rows[-1]
    trades = heard.find("table", "Latest trades of this symbol")
    (closed,) = wait_for(trades.rows, "the closed trade")
    assert [cell for cell in closed if cell.startswith("Net: ") and cell.endswith((", loss", ", profit", ", even"))], (
        closed
    )


def test_a_question_is_a_window_of_its_own_that_says_what_it_asks(heard: Heard) -> None:
    heard.find("push button", "Buy 1 ES").press()
    heard.bus.listen(0.5)  # what comes at once is the same press
    if not heard.dialogs():
        heard.find("push button", "Buy 1 ES").press()  # the same within ten seconds is asked about
    asked = wait_for(lambda: next((one for one in heard.dialogs() if "BUY 1 ES" in one.name), None), "the question")
    assert "Sim1" in asked.name and asked.description
    no = wait_for(lambda: next((one for one in asked.walk() if one.name == "Cancel" and _listens(one)), None), "a no")
    no.press()
    wait_for(lambda: not heard.dialogs(), "the question to go")
    if (close := heard.look("push button", "Close 1, ES")) is not None:
        close.press()
    heard.find("label", "Side and quantity: flat")


def _listens(button: Node) -> bool:
    return State.SENSITIVE in button.states
