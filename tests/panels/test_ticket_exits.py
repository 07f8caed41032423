"""The exits of the ticket: what is chosen and typed is what goes with the entry, said before it is sent."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.commands import OpenWithBracket, SubmitOrder
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.guard_rules import FloorShape, GuardRules, PropFloor
from core.model.order import OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.order_entry_panel import OrderEntryPanel
from panels.theme import Theme
from tests.panels.bracketed import BOOK
from tests.panels.conftest import Bench, HandClock, tab_to
from tests.panels.guarded import guarded, guards_of
from tests.panels.worlds import ACCOUNT, ES_KEY, connection, flat, in_mode, long_two, quote

D = Decimal


@pytest.fixture
def ticket(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(OrderEntryPanel(theme, ids))
    made.widget.offer(BOOK)
    return made


def fill_in(ticket: Bench, **fields: str) -> None:
    for name, text in fields.items():
        box = ticket.find(name)
        if hasattr(box, "setCurrentText"):
            box.setCurrentText(text)
        else:
            box.setText(text)


def entry(side: Side = Side.BUY, quantity: int = 1, **changes: Any) -> SubmitOrder:
    return replace(SubmitOrder("A1", ES_KEY, side, OrderType.MARKET, D(quantity)), **changes)


def armed(mode: Mode, snapshot: Snapshot) -> Snapshot:
    return replace(in_mode(mode, snapshot), armed=MappingProxyType({ACCOUNT: 1000.0}))


def away(points: str) -> ExitPoint:
    return ExitPoint(distance=D(points))


def test_an_entry_with_a_bracket_goes_as_one(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="20t + 1R/2R", qtyBox="3")
    ticket.press("buyButton")
    halves = (BracketTarget(D(2), away("5")), BracketTarget(D(1), away("10")))
    assert ticket.intents == [OpenWithBracket(entry(quantity=3), Bracket(away("5"), halves, D(5), D(3)))]


def test_an_entry_without_a_bracket_goes_as_before(ticket: Bench) -> None:
    ticket.show(flat())
    assert ticket.find("bracketBox").currentText() == "none"
    ticket.press("buyButton")
    assert ticket.intents == [entry()]


def test_what_reduces_a_position_carries_no_bracket(ticket: Bench) -> None:
    ticket.show(long_two())
    fill_in(ticket, bracketBox="10t", stopBox="5049.00")
    ticket.press("sellButton")
    assert ticket.intents == [entry(Side.SELL)]


def test_an_order_through_zero_is_refused_with_a_bracket(ticket: Bench) -> None:
    ticket.show(long_two())
    fill_in(ticket, bracketBox="10t", qtyBox="3")
    assert not ticket.find("sellButton").isEnabled()
    assert ticket.text("ticketReason") == "SELL: More than the open LONG 2: exits go with an entry only. Close first."
    assert ticket.find("buyButton").isEnabled()


def test_a_stop_and_a_target_typed_as_prices_go_before_the_bracket(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t", stopBox="5049.00", targetBox="5060.00")
    ticket.press("buyButton")
    expected = Bracket(ExitPoint(price=D("5049.00")), (BracketTarget(D(1), ExitPoint(price=D("5060.00"))),))
    assert ticket.intents == [OpenWithBracket(entry(), expected)]


def test_a_distance_in_ticks_works_without_a_bracket_and_for_both_sides(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, stopBox="12t", targetBox="30 t")
    ticket.press("sellButton")
    expected = Bracket(away("3"), (BracketTarget(D(1), away("7.5")),))
    assert ticket.intents == [OpenWithBracket(entry(Side.SELL), expected)]


def test_a_stop_on_the_wrong_side_is_refused_as_it_is_typed(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, stopBox="5060.00")
    says = "The stop 5060.00 must be below the entry at 5051.50."
    assert ticket.text("ticketReason") == f"BUY: {says}"
    assert (ticket.find("buyButton").isEnabled(), ticket.find("sellButton").isEnabled()) == (False, True)
    assert ticket.find("buyButton").accessibleDescription() == says
    ticket.press("buyButton")
    assert ticket.intents == []


def test_a_target_on_the_wrong_side_is_refused_as_it_is_typed(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t", targetBox="5040.00")
    assert ticket.text("ticketReason") == "BUY: The target 5040.00 must be above the entry at 5051.50."


def test_a_limit_below_the_market_is_measured_from_its_own_price(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox="Limit", priceBox="5040.00", stopBox="5045.00")
    assert not ticket.find("buyButton").isEnabled()
    fill_in(ticket, priceBox="5060.00")  # fills at the market, above the stop
    assert ticket.find("buyButton").isEnabled()
    fill_in(ticket, stopBox="5055.00")
    assert "must be below the entry at 5051.50" in ticket.text("ticketReason")


@pytest.mark.parametrize(
    ("box", "text", "says"),
    [
        ("stopBox", "5049.10", "5049.10 is between ticks: 5049.00 or 5049.25?"),
        ("targetBox", "5060.10", "5060.10 is between ticks: 5060.00 or 5060.25?"),
        ("stopBox", "ten", "Stop: 'ten' is not a number"),
        ("stopBox", "1.5t", "ticks are whole, such as 12t"),
        ("stopBox", "0t", "Stop must be more than zero"),
        ("targetBox", "12t", "A target goes with a stop: type one, or choose a bracket."),
    ],
)
def test_what_cannot_be_an_exit_is_said_and_sends_nothing(ticket: Bench, box: str, text: str, says: str) -> None:
    ticket.show(flat())
    fill_in(ticket, **{box: text})
    assert says in ticket.text("ticketReason")
    for name in ("buyButton", "sellButton"):
        assert not ticket.find(name).isEnabled()
        ticket.press(name)
    assert ticket.intents == []
    if not says.startswith("A target"):
        assert says in ticket.find(box).accessibleDescription()
        assert ticket.tone(box) == "danger"


def test_wrong_exits_never_keep_a_position_from_being_reduced(ticket: Bench) -> None:
    ticket.show(long_two())
    fill_in(ticket, stopBox="ten")
    assert not ticket.find("buyButton").isEnabled()
    ticket.press("sellButton")
    assert ticket.intents == [entry(Side.SELL)]


def test_risk_reward_and_their_ratio_stand_in_the_ticket_before_anything_is_sent(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="20t + 1R/2R", qtyBox="2")
    assert ticket.text("ticketRisk") == "Risk 500.00 (1.0 %) · reward 750.00 · 1.5R"
    assert ticket.spoken("ticketRisk") == "Risk of the order: Risk 500.00 (1.0 %) · reward 750.00 · 1.5R"
    fill_in(ticket, bracketBox="10t")
    assert ticket.text("ticketRisk") == "Risk 250.00 (0.5 %) · no target"
    assert "BUY 2 market ≈ 5051.50 → LONG 2 · stop 5049.00" in ticket.text("ticketPreview")
    assert "SELL 2 market ≈ 5051.25 → SHORT 2 · stop 5053.75" in ticket.text("ticketPreview")
    assert "stop 5049.00 (10t), no target" in ticket.find("buyButton").accessibleDescription()
    fill_in(ticket, bracketBox="none")
    assert ticket.text("ticketRisk") == ""


def test_the_floor_of_the_account_is_measured_after_the_fill(ticket: Bench) -> None:
    rules = GuardRules(prop_floor=PropFloor(FloorShape.STATIC, D(2000), D(50000)))
    world = guarded(guards_of(rules, at_risk=False, open_pnl=D(0), ticks=None, held=""), flat())
    gauge = world.guards[ACCOUNT].gauge
    assert gauge is not None and gauge.distance == D("2123.45")
    ticket.show(world)
    fill_in(ticket, bracketBox="10t")
    assert ticket.text("ticketRisk") == "Risk 125.00 (0.2 %) · no target · after fill distance to floor 1\u2009998.45"


def test_money_of_another_currency_is_named_and_never_mixed_with_the_account(ticket: Bench) -> None:
    world = guarded(guards_of(held="", ticks=None), flat())
    euros = MappingProxyType({ACCOUNT: replace(world.balances[ACCOUNT], currency="EUR")})
    ticket.show(replace(world, balances=euros))
    fill_in(ticket, bracketBox="20t + 1R/2R")
    assert ticket.text("ticketRisk") == "Risk 250.00 USD · reward 250.00 · 1.0R"


def test_a_risk_beyond_the_floor_is_said_loudly(ticket: Bench) -> None:
    ticket.show(guarded(guards_of(held="", ticks=None), flat()))
    fill_in(ticket, bracketBox="10t", qtyBox="5")
    assert ticket.tone("ticketRisk") == "ink2"
    fill_in(ticket, qtyBox="6")
    assert "after fill distance to floor −110.00" in ticket.text("ticketRisk")
    assert ticket.tone("ticketRisk") == "danger"


def test_a_size_from_risk_is_shown_and_sent_rounded_down(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t", qtyBox="risk 300")
    assert ticket.text("buyButton") == "BUY 2 · SIM"
    assert ticket.text("ticketRisk") == "Risk 250.00 (0.5 %) · no target"
    ticket.press("buyButton")
    assert ticket.intents == [OpenWithBracket(entry(quantity=2), Bracket(away("2.5")))]


def test_a_size_from_risk_follows_a_typed_stop(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, qtyBox="Risk 300.00", stopBox="5050.00")  # six ticks
    assert ticket.text("buyButton") == "BUY 4 · SIM"
    assert ticket.text("ticketReason") == "SELL: The stop 5050.00 must be above the entry at 5051.25."


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"qtyBox": "risk 300"}, "A size from risk needs a stop: type one, or choose a bracket."),
        ({"qtyBox": "risk 100", "bracketBox": "10t"}, "100.00 is less than 1 risks there (125.00 USD)."),
        ({"qtyBox": "risk 100", "bracketBox": "100 a trade"}, "an amount of money already: type a quantity."),
        ({"qtyBox": "risk", "bracketBox": "10t"}, "Risk is missing."),
        ({"qtyBox": "risk -5", "bracketBox": "10t"}, "Risk is written without a sign."),
        ({"bracketBox": "100 a trade", "qtyBox": "9"}, "The stop 100 money is less than one tick of 9."),
    ],
)
def test_a_size_or_an_amount_that_cannot_be_had_is_refused_in_the_ticket(
    ticket: Bench, fields: dict[str, str], says: str
) -> None:
    ticket.show(flat())
    fill_in(ticket, **fields)
    assert says in ticket.text("ticketReason")
    assert not ticket.find("buyButton").isEnabled()


@pytest.mark.row(126)
def test_a_hand_that_shakes_sends_one_order_though_the_market_moves(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, qtyBox="risk 300", stopBox="5050.00")
    sent = set()
    for last in ("5051.50", "5051.00", "5051.75", "5052.00"):
        ticket.show(flat(quotes=MappingProxyType({("sim", "ESZ5"): quote(last)})), after_s=0.2)
        ticket.press("buyButton")
        sent |= {one.entry.action_id for one in ticket.intents}
    assert sent == {"A1"}
    assert all(isinstance(one, OpenWithBracket) for one in ticket.intents)


def test_other_exits_are_another_order_however_quick_the_hand(ticket: Bench) -> None:
    ticket.show(flat())
    for stop in ("12t", "20t"):
        fill_in(ticket, stopBox=stop)
        ticket.press("buyButton")
    assert [one.entry.action_id for one in ticket.intents] == ["A1", "A2"]


def test_what_was_typed_holds_for_one_order_and_goes_once_the_hand_rests(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t", stopBox="12t")
    ticket.press("buyButton")
    for _ in range(3):
        ticket.show(flat(), 0.2)
        assert ticket.find("stopBox").text() == "12t"
    ticket.show(flat(), 0.2)
    assert ticket.find("stopBox").text() == ""
    assert ticket.find("bracketBox").currentText() == "10t"


@pytest.mark.parametrize(("mode", "then"), [(Mode.LIVE, "1"), (Mode.EVAL, "1"), (Mode.SIM, "3")])
def test_where_the_money_is_real_the_next_order_begins_with_one(ticket: Bench, mode: Mode, then: str) -> None:
    world = replace(armed(mode, flat()), one_click=MappingProxyType({ACCOUNT: True}))
    ticket.show(world)
    fill_in(ticket, qtyBox="3")
    ticket.press("buyButton")
    assert ticket.intents == [entry(quantity=3)]
    ticket.show(world, 0.2)
    assert ticket.find("qtyBox").text() == "3"
    ticket.show(world, 0.6)
    assert ticket.find("qtyBox").text() == then


def test_the_default_is_attached_to_every_new_entry(ticket: Bench) -> None:
    ticket.widget.offer(replace(BOOK, default="10t"))
    ticket.show(flat())
    assert ticket.find("bracketBox").currentText() == "10t"
    fill_in(ticket, bracketBox="none")
    ticket.press("buyButton")
    assert ticket.intents == [entry()]
    ticket.show(flat(), 0.1)
    ticket.show(flat(), 0.6)
    assert ticket.find("bracketBox").currentText() == "10t"


def test_each_symbol_remembers_the_bracket_it_was_sent_with_last(ticket: Bench) -> None:
    mes = flat(selected_symbol=MappingProxyType({"sim": "MESZ5"}))
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t", stopBox="12t")
    ticket.show(mes)
    assert ticket.find("bracketBox").currentText() == "none"  # nothing was sent
    assert ticket.find("stopBox").text() == ""
    ticket.show(flat())
    fill_in(ticket, bracketBox="10t")
    ticket.press("buyButton")
    ticket.show(mes)
    assert ticket.find("bracketBox").currentText() == "none"
    ticket.show(flat())
    assert ticket.find("bracketBox").currentText() == "10t"
    assert dict(ticket.widget.book.last) == {"ESZ5": "10t"}


def test_the_empty_boxes_say_what_the_bracket_says(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, bracketBox="20t + 1R/2R")
    assert ticket.find("stopBox").placeholderText() == "20t"
    assert ticket.find("targetBox").placeholderText() == "1R/2R"
    assert ticket.find("bracketBox").accessibleDescription() == "Stop 20t, target 1R and 2R"
    assert ticket.find("stopBox").accessibleDescription() == "A price, or a distance such as 12t."


def test_the_question_before_an_entry_says_stop_targets_and_risk(ticket: Bench) -> None:
    ticket.show(armed(Mode.LIVE, flat()))
    fill_in(ticket, bracketBox="20t + 1R/2R", qtyBox="2")
    ticket.press("buyButton")
    body = ticket.text("confirmText")
    assert "Stop 5046.50 (20t), target 1 at 5056.50 (20t), 1 at 5061.50 (40t), breakeven after 20t, trail 12t." in body
    assert "Risk 500.00 (1.0 %) · reward 750.00 · 1.5R." in body
    assert ticket.intents == []
    ticket.show(armed(Mode.LIVE, flat()))
    ticket.show(armed(Mode.LIVE, flat()), 0.4)
    ticket.press("confirmYes")
    (sent,) = ticket.intents
    assert sent.entry == entry(quantity=2, confirmed=True)
    assert len(sent.bracket.targets) == 2


def test_the_keyboard_never_slips_from_one_side_to_the_other(ticket: Bench, qtbot: QtBot) -> None:
    ticket.show(long_two())
    with qtbot.waitActive(ticket.widget):
        ticket.widget.show()
        ticket.widget.activateWindow()
    fill_in(ticket, stopBox="12t", targetBox="24t")
    ticket.find("buyButton").setFocus()
    ticket.press("buyButton")
    for _ in range(4):
        ticket.show(long_two(), 0.3)
    assert (ticket.find("stopBox").text(), ticket.find("targetBox").text()) == ("", "")
    assert ticket.widget.focusWidget().objectName() == "buyButton"  # the next order can be sent from where it stands
    fill_in(ticket, stopBox="5060.00")
    assert (ticket.find("buyButton").isEnabled(), ticket.find("sellButton").isEnabled()) == (False, True)
    assert ticket.widget.focusWidget().objectName() == "qtyBox"


def test_where_the_broker_takes_no_brackets_it_is_said(ticket: Bench) -> None:
    ticket.show(armed(Mode.EVAL, flat()))
    fill_in(ticket, bracketBox="10t")
    says = "This broker takes no brackets: the exits are sent as the entry fills."
    assert ticket.find("ticketRisk").accessibleDescription() == says
    ticket.press("buyButton")
    assert says in ticket.text("confirmText")
    able = MappingProxyType({"sim": connection(brackets_supported=True)})
    ticket.show(flat(connections=able))
    assert ticket.find("ticketRisk").accessibleDescription() == ""


def test_a_bracket_is_chosen_typed_over_and_sent_without_a_mouse(ticket: Bench, clock: HandClock, qtbot: QtBot) -> None:
    ticket.show(flat())
    with qtbot.waitActive(ticket.widget):
        ticket.widget.show()
        ticket.widget.activateWindow()
    ticket.widget.focus_first()
    tab_to(ticket, "bracketBox")
    QTest.keyClick(ticket.find("bracketBox"), Qt.Key.Key_Down)
    tab_to(ticket, "stopBox")
    QTest.keyClicks(ticket.find("stopBox"), "12t")
    QTest.keyClick(ticket.find("stopBox"), Qt.Key.Key_Return)
    assert ticket.intents == []  # Return never sends
    tab_to(ticket, "buyButton")
    QTest.keyClick(ticket.find("buyButton"), Qt.Key.Key_Return)
    assert ticket.intents == []
    QTest.keyClick(ticket.find("buyButton"), Qt.Key.Key_Space)
    assert ticket.intents == [OpenWithBracket(entry(), Bracket(away("3")))]


@pytest.mark.parametrize(("name", "typed"), [("stopBox", "9t"), ("qtyBox", "3")])
def test_what_is_typed_for_the_next_order_right_after_one_went_stays(ticket: Bench, name: str, typed: str) -> None:
    world = armed(Mode.LIVE, flat(one_click=frozenset({ACCOUNT})))
    ticket.show(world)
    fill_in(ticket, stopBox="10t")
    ticket.press("buyButton")
    ticket.show(world, after_s=0.1)
    ticket.find(name).selectAll()
    QTest.keyClicks(ticket.find(name), typed)
    ticket.show(world, after_s=0.2).show(world, after_s=0.5).show(world, after_s=0.5)
    assert len(ticket.intents) == 1
    assert ticket.find(name).text() == typed
    assert ticket.find("stopBox").text()


def test_a_size_pressed_for_the_next_order_right_after_one_went_stays(ticket: Bench) -> None:
    world = armed(Mode.LIVE, flat(one_click=frozenset({ACCOUNT})))
    ticket.show(world).press("buyButton")
    ticket.show(world, after_s=0.1).press("qtyPreset_5")
    ticket.show(world, after_s=0.2).show(world, after_s=0.5).show(world, after_s=0.5)
    assert len(ticket.intents) == 1 and ticket.find("qtyBox").text() == "5"
