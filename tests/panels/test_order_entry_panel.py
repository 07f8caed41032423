"""The ticket sends what is typed, once, and says why where it cannot; what reduces is never refused."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import FlattenAccount, SelectSymbol, SubmitOrder
from core.events import Link
from core.model.fill import Side
from core.model.finding import Finding, FindingKind
from core.model.order import OrderType, TimeInForce
from core.model.scope import Account, Mode
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.confirm_dialog import ConfirmDialog
from panels.order_entry_panel import OrderEntryPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, MES_KEY, flat, in_mode, link_is, long_two, position, status


@pytest.fixture
def ticket(theme: Theme, ids: ActionIds, bench: Any) -> Bench:
    made: Bench = bench(OrderEntryPanel(theme, ids))
    return made


def submit(side: Side, quantity: int = 1, **changes: Any) -> SubmitOrder:
    return replace(SubmitOrder("A1", ES_KEY, side, OrderType.MARKET, Decimal(quantity)), **changes)


def fill_in(ticket: Bench, **fields: str) -> None:
    for name, text in fields.items():
        box = ticket.find(name)
        if hasattr(box, "setCurrentText"):
            box.setCurrentText(text)
        else:
            box.setText(text)


def test_buy_sends_a_market_order_of_the_quantity(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, qtyBox="3")
    assert ticket.text("buyButton") == "BUY 3 · SIM"
    ticket.press("buyButton")
    assert ticket.intents == [submit(Side.BUY, 3)]


def test_sell_sends_a_limit_at_the_typed_price(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox="Limit", priceBox="5053.25", tifBox="GTC")
    ticket.press("sellButton")
    assert ticket.intents == [
        submit(Side.SELL, type=OrderType.LIMIT, price=Decimal("5053.25"), time_in_force=TimeInForce.GTC)
    ]


def test_a_stop_sends_its_trigger_and_no_price(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox="Stop", triggerBox="5049.00")
    ticket.press("sellButton")
    assert ticket.intents == [submit(Side.SELL, type=OrderType.STOP, trigger_price=Decimal("5049.00"))]


def test_only_the_price_that_matters_is_there_to_type(ticket: Bench) -> None:
    ticket.show(flat())
    shown = {}
    for kind in ("Market", "Limit", "Stop"):
        fill_in(ticket, typeBox=kind)
        shown[kind] = (ticket.is_shown("priceBox"), ticket.is_shown("triggerBox"))
    assert shown == {"Market": (False, False), "Limit": (True, False), "Stop": (False, True)}


def test_a_price_starts_at_the_last_trade(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox="Limit")
    assert ticket.find("priceBox").text() == "5051.50"


def test_a_price_does_not_outlive_its_symbol(ticket: Bench) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox="Limit", priceBox="5049.00")
    ticket.show(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"})))
    assert ticket.find("priceBox").text() == ""
    assert not ticket.find("buyButton").isEnabled()


@pytest.mark.parametrize(
    ("kind", "box", "text", "says"),
    [
        ("Market", "qtyBox", "1e3", "is not a number"),
        ("Market", "qtyBox", "", "Quantity is missing."),
        ("Market", "qtyBox", "1.5", "steps of 1"),
        ("Limit", "priceBox", "5050.30", "between ticks: 5050.25 or 5050.50?"),
        ("Limit", "priceBox", "5050,25", "decimal point as a dot"),
        ("Stop", "triggerBox", "", "Stop price is missing."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_sends_nothing(
    ticket: Bench, kind: str, box: str, text: str, says: str
) -> None:
    ticket.show(long_two())
    fill_in(ticket, typeBox=kind, **{box: text})
    assert says in ticket.find(box).accessibleDescription()
    assert says in ticket.text("ticketReason")
    for name in ("buyButton", "sellButton"):
        assert not ticket.find(name).isEnabled()
        assert says in ticket.find(name).accessibleDescription()
        ticket.press(name)
    assert ticket.intents == []


def test_presets_set_the_quantity(ticket: Bench) -> None:
    ticket.show(flat())
    for amount in ("1", "2", "5"):
        ticket.press(f"qtyPreset_{amount}")
        assert ticket.text("buyButton") == f"BUY {amount} · SIM"


def test_up_and_down_change_the_quantity_and_never_below_one(ticket: Bench) -> None:
    ticket.show(flat())
    box = ticket.find("qtyBox")
    for key, text in ((Qt.Key.Key_Up, "2"), (Qt.Key.Key_Down, "1"), (Qt.Key.Key_Down, "1")):
        QTest.keyClick(box, key)
        assert box.text() == text


@pytest.mark.row(126)
def test_twenty_clicks_in_a_burst_are_one_order(ticket: Bench) -> None:
    ticket.show(flat())
    for _ in range(20):
        ticket.clock.seconds += 0.05
        ticket.press("buyButton")
    assert set(ticket.intents) == {submit(Side.BUY)}


LOCKED = MappingProxyType({ES_KEY: status(broker="0", lock="1 undecided after recovery.")})


@pytest.mark.parametrize(
    ("snapshot", "says"),
    [
        (flat(halted="the database failed"), "Entries are halted: the database failed"),
        (flat(locked="Locked by panic."), "Locked by panic."),
        (flat(entry_block=MappingProxyType({"sim": "2 positions need a decision."})), "2 positions need a decision."),
        (flat(scopes=LOCKED), "1 undecided after recovery."),
        (link_is(Link.OFFLINE, flat()), "Entries wait: link down."),
        (link_is(Link.SYNCING, flat()), "Entries wait: reading the broker's books."),
        (link_is(Link.DOUBTFUL, flat(), text="a gap"), "Entries wait: link in doubt (a gap)."),
        (link_is(Link.READY, flat(), trading_supported=False), "market data only"),
        (in_mode(Mode.LIVE, flat()), "Arm to trade: hold the button"),
        (in_mode(Mode.EVAL, flat()), "Arm to trade: hold the button"),
        (in_mode(None, flat()), "Not classified yet, so treated as LIVE"),
        (flat(findings=(Finding(ES_KEY, FindingKind.ORPHAN_ORDER, "ST1"),)), "needs your decision first"),
        (Snapshot(), "No account yet"),
        (flat(selected_symbol=MappingProxyType({})), "Choose a symbol."),
        (
            flat(accounts=MappingProxyType({ACCOUNT: Account(ACCOUNT, Mode.SIM, "USD", trading_disabled=True)})),
            "The broker refuses orders for Sim1.",
        ),
    ],
)
def test_refused_entries_say_why_in_sight_and_in_words(ticket: Bench, snapshot: Snapshot, says: str) -> None:
    ticket.show(snapshot)
    assert says in ticket.text("ticketReason")
    assert ticket.is_shown("ticketReason")
    for name in ("buyButton", "sellButton"):
        button = ticket.find(name)
        assert not button.isEnabled()
        assert says in button.accessibleDescription()
        assert says in button.toolTip()
        ticket.press(name)
    assert ticket.intents == []


@pytest.mark.parametrize(
    "snapshot",
    [
        long_two(halted="the database failed"),
        long_two(entry_block=MappingProxyType({"sim": "undecided"})),
        long_two(scopes=MappingProxyType({ES_KEY: status(lock="undecided")})),
        in_mode(Mode.LIVE, long_two()),
        in_mode(None, long_two()),
        link_is(Link.SYNCING, long_two()),
    ],
)
def test_what_reduces_is_never_refused(ticket: Bench, snapshot: Snapshot) -> None:
    ticket.show(snapshot)
    assert not ticket.find("buyButton").isEnabled()
    fill_in(ticket, qtyBox="2")
    ticket.press("sellButton")
    assert ticket.intents == [submit(Side.SELL, 2)]
    fill_in(ticket, qtyBox="3")
    assert not ticket.find("sellButton").isEnabled()
    assert "More than the open LONG 2" in ticket.find("sellButton").accessibleDescription()


def test_a_short_is_reduced_by_buying(ticket: Bench) -> None:
    short = long_two(positions=MappingProxyType({ES_KEY: position(quantity="-2")}), halted="x")
    ticket.show(short)
    assert (ticket.find("buyButton").isEnabled(), ticket.find("sellButton").isEnabled()) == (True, False)


def test_the_preview_says_what_each_side_leads_to(ticket: Bench) -> None:
    ticket.show(long_two())
    fill_in(ticket, qtyBox="2")
    assert ticket.text("ticketPreview") == (
        "ESZ5   BUY 2 market ≈ 5051.50 → LONG 4   SELL 2 market ≈ 5051.25 → FLAT   1 tick = 25.00 USD"
    )
    assert ticket.spoken("ticketPreview").startswith("What the ticket would do: ESZ5   BUY 2")


@pytest.mark.parametrize(
    ("kind", "box", "price", "says"),
    [
        ("Limit", "priceBox", "5052.00", "a BUY here fills at once"),
        ("Limit", "priceBox", "5051.00", "a SELL here fills at once"),
        ("Stop", "triggerBox", "5049.00", "a BUY stop here triggers at once"),
        ("Stop", "triggerBox", "5053.00", "a SELL stop here triggers at once"),
    ],
)
def test_a_price_on_the_other_side_of_the_market_is_pointed_out(
    ticket: Bench, kind: str, box: str, price: str, says: str
) -> None:
    ticket.show(flat())
    fill_in(ticket, typeBox=kind, **{box: price})
    assert says in ticket.text("ticketPreview")


@pytest.mark.parametrize(
    ("held", "quantity", "buy", "sell"),
    [
        ("", "2", "OPEN: BUY 2", "OPEN: SELL 2"),
        ("2", "1", "ADD: BUY 1", "REDUCE: SELL 1"),
        ("2", "2", "ADD: BUY 2", "CLOSE: SELL 2"),
        ("2", "3", "ADD: BUY 3", "REVERSE: SELL 3"),
        ("-2", "1", "REDUCE: BUY 1", "ADD: SELL 1"),
    ],
)
def test_the_buttons_say_what_they_do_to_the_position(
    ticket: Bench, held: str, quantity: str, buy: str, sell: str
) -> None:
    positions = {ES_KEY: position(quantity=held)} if held else {}
    ticket.show(long_two(positions=MappingProxyType(positions)) if held else flat())
    fill_in(ticket, qtyBox=quantity)
    for name, says in (("buyButton", buy), ("sellButton", sell)):
        pressed = ticket.find(name)
        assert pressed.accessibleDescription() == pressed.toolTip() and pressed.toolTip().startswith(f"{says} market ≈")


def test_where_it_is_not_known_what_is_open_the_buttons_do_not_say_what_they_would_do(ticket: Bench) -> None:
    ticket.show(flat(scopes=MappingProxyType({})))
    assert ticket.find("buyButton").toolTip().startswith("BUY 1 market ≈")


def test_flatten_in_sim_asks_nothing(ticket: Bench) -> None:
    ticket.show(long_two())
    assert ticket.text("flattenButton") == "FLATTEN Sim1"
    ticket.press("flattenButton")
    ticket.press("flattenButton")
    assert set(ticket.intents) == {FlattenAccount("A1", ACCOUNT)}


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL, None])
def test_flatten_of_real_consequence_asks_and_is_deaf_to_keys_held_down(ticket: Bench, mode: Mode | None) -> None:
    both = {ES_KEY: position(), MES_KEY: position(MES_KEY, "-1")}
    world = in_mode(mode, long_two(positions=MappingProxyType(both)))
    ticket.show(world)
    ticket.press("flattenButton")
    ticket.show(world)
    assert ticket.text("confirmYes") == "Flatten 2 positions"
    assert "ESZ5 LONG 2, MESZ5 SHORT 1" in ticket.text("confirmText")
    assert ticket.find("confirmYes").isDefault()
    ticket.press("confirmYes")
    assert ticket.intents == []
    ticket.show(world, after_s=0.31)
    ticket.press("confirmYes")
    assert ticket.intents == [FlattenAccount("A1", ACCOUNT)]


def test_flatten_is_asked_about_also_over_the_question_of_an_entry(ticket: Bench) -> None:
    world = in_mode(Mode.LIVE, long_two(armed=MappingProxyType({ACCOUNT: 9999.0})))
    ticket.show(world).press("buyButton")
    ticket.show(world).show(world, after_s=1)
    ticket.press("flattenButton")
    ticket.show(world).show(world, after_s=1)
    (over,) = (one for one in ticket.widget.findChildren(ConfirmDialog) if one.windowTitle().startswith("Flatten"))
    over.yes.click()
    assert ticket.intents == [FlattenAccount("A2", ACCOUNT)]


def test_flatten_can_be_called_off(ticket: Bench) -> None:
    world = in_mode(Mode.LIVE, long_two())
    ticket.show(world).press("flattenButton")
    ticket.show(world).show(world, after_s=1)
    ticket.press("confirmNo")
    assert ticket.intents == []


def test_an_entered_symbol_is_asked_for(ticket: Bench) -> None:
    ticket.show(flat())
    box = ticket.find("symbolBox")
    assert box.currentText() == "ESZ5"
    assert [box.itemText(at) for at in range(box.count())] == ["ESZ5", "MESZ5"]
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "NQZ5")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert ticket.intents == [SelectSymbol("sim", "NQZ5")]


def test_nothing_is_sent_while_the_field_names_another_symbol_than_the_one_on_show(ticket: Bench) -> None:
    ticket.show(flat())
    box = ticket.find("symbolBox")
    edit = box.lineEdit()
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "NQZ5")
    assert edit.text() == "NQZ5", "what was typed stays what was typed, letter by letter"
    ticket.show(flat())
    assert edit.text() == "NQZ5"
    assert not ticket.find("buyButton").isEnabled()
    assert "Press Enter to load NQZ5" in ticket.text("ticketReason")
    ticket.press("buyButton")
    assert ticket.intents == []
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert ticket.intents == [SelectSymbol("sim", "NQZ5")]


def test_nothing_is_sent_between_enter_and_the_symbol_being_on_show(ticket: Bench) -> None:
    ticket.show(flat())
    box = ticket.find("symbolBox")
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "MESZ5")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    fill_in(ticket, qtyBox="2")
    ticket.press("buyButton")
    assert ticket.intents == [SelectSymbol("sim", "MESZ5")] and box.currentText() == "MESZ5"
    ticket.show(flat(), after_s=0.1).press("buyButton")
    assert ticket.intents == [SelectSymbol("sim", "MESZ5")] and box.currentText() == "MESZ5"
    ticket.show(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"}))).press("buyButton")
    assert ticket.intents[1:] == [submit(Side.BUY, 2, key=MES_KEY)]


def test_a_symbol_that_does_not_come_leaves_the_ticket_to_the_one_on_show(ticket: Bench) -> None:
    ticket.show(flat())
    box = ticket.find("symbolBox")
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "MESZ5")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    ticket.show(flat()).show(flat(), after_s=5)
    assert box.currentText() == "ESZ5" and ticket.find("buyButton").isEnabled()


def test_escape_puts_the_symbol_on_show_back(ticket: Bench) -> None:
    ticket.show(flat())
    edit = ticket.find("symbolBox").lineEdit()
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "NQ")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == ES_KEY.symbol
    assert ticket.find("buyButton").isEnabled()


def test_the_same_symbol_is_not_asked_for_again(ticket: Bench) -> None:
    ticket.show(flat())
    QTest.keyClick(ticket.find("symbolBox").lineEdit(), Qt.Key.Key_Return)
    assert ticket.intents == []


@pytest.mark.row(131)
def test_buttons_name_side_symbol_account_and_mode(ticket: Bench) -> None:
    ticket.show(in_mode(None, long_two()))
    assert ticket.spoken("sellButton") == "Sell 1 ESZ5, account Sim1, LIVE · not classified yet"
    assert ticket.spoken("flattenButton") == "Flatten account Sim1, LIVE · not classified yet"


# -- odd orders -----------------------------------------------------------------------------------------------------


def ask_odd(ticket: Bench, world: Snapshot, quantity: str = "11") -> None:
    ticket.show(world)
    fill_in(ticket, qtyBox=quantity)
    ticket.press("buyButton")
    ticket.show(world).show(world, after_s=1)


def test_an_odd_entry_is_asked_about_even_in_sim(ticket: Bench) -> None:
    ask_odd(ticket, flat())
    assert ticket.intents == []
    assert "11 is a large order (more than 10)." in ticket.text("confirmText")
    assert ticket.find("confirmNo").isDefault()
    ticket.press("confirmYes")
    (order,) = ticket.intents
    assert order.confirmed and order.quantity == 11


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_where_the_money_is_real_the_quantity_of_an_odd_entry_is_typed(ticket: Bench, mode: Mode) -> None:
    world = in_mode(mode, flat(armed=MappingProxyType({ACCOUNT: 9999.0})))
    ask_odd(ticket, world)
    assert not ticket.find("confirmYes").isEnabled()
    ticket.find("confirmField").setText("1")
    ticket.show(world)
    assert not ticket.find("confirmYes").isEnabled()
    ticket.find("confirmField").setText("11")
    ticket.show(world)
    ticket.press("confirmYes")
    assert [one.quantity for one in ticket.intents] == [11]


def test_past_a_hard_limit_nothing_is_asked_and_the_engine_says_why(ticket: Bench) -> None:
    ask_odd(ticket, flat(), "101")
    (order,) = ticket.intents
    assert not order.confirmed


def test_what_reduces_is_not_asked_about_however_large(ticket: Bench) -> None:
    ticket.show(long_two(positions=MappingProxyType({ES_KEY: position(quantity="50")})))
    fill_in(ticket, qtyBox="50")
    ticket.press("sellButton")
    assert len(ticket.intents) == 1


# -- for who points at a price ----------------------------------------------------------------------------------------


def test_a_plan_at_a_price_takes_the_size_of_the_ticket_and_none_of_its_type(view: Bench) -> None:
    view.show(flat()).find("qtyBox").setText("3")
    plan = view.widget.ticket.plan_at(Side.SELL, OrderType.STOP, Decimal("5040.00"), False)
    assert (plan.draft.quantity, plan.draft.trigger, plan.draft.limit, plan.bracket) == (3, Decimal(5040), None, None)
    assert not plan.draft.errors and not plan.refused


def test_a_plan_at_a_price_carries_the_exits_only_where_they_are_wanted(view: Bench) -> None:
    ticket = view.show(flat()).widget.ticket
    at = (Side.BUY, OrderType.LIMIT, Decimal("5040.00"))
    assert ticket.plan_at(*at, True).refused == "Choose a bracket in the ticket, or type a stop there."
    view.find("stopBox").setText("12t")
    assert ticket.plan_at(*at, True).bracket is not None and ticket.plan_at(*at, False).bracket is None


def test_a_size_from_risk_is_for_orders_that_take_their_stop_along(view: Bench) -> None:
    ticket = view.show(flat()).widget.ticket
    view.find("qtyBox").setText("risk 300")
    view.find("stopBox").setText("12t")
    at = (Side.BUY, OrderType.LIMIT, Decimal("5040.00"))
    assert ticket.plan_at(*at, True).draft.quantity == 2
    assert "needs its stop" in ticket.plan_at(*at, False).draft.errors["qtyBox"]


def test_the_quantity_steps_from_outside_and_never_below_one(view: Bench) -> None:
    view.show(flat())
    box, ticket = view.find("qtyBox"), view.widget.ticket
    ticket.step_quantity(1)
    assert box.text() == "2"
    ticket.step_quantity(-1)
    ticket.step_quantity(-1)
    assert box.text() == "1"
    box.setText("risk 300")
    ticket.step_quantity(1)
    assert box.text() == "risk 300"
