"""Asking before an entry: one place for whoever wishes for an order, judged by the command alone."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.commands import OpenWithBracket, SetOneClick, SubmitOrder
from core.model.bracket import Bracket, BracketTarget, ExitPoint
from core.model.fill import Side
from core.model.order import OrderType
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.confirm_dialog import ConfirmDialog
from panels.order_asking import OrderAsking
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, MES_KEY, flat, in_mode, long_two, order, position, quote

ARMED = MappingProxyType({ACCOUNT: 9999.0})
WISH = SubmitOrder("A1", ES_KEY, Side.BUY, OrderType.LIMIT, Decimal(2), Decimal("5049.50"))
EXITS = Bracket(ExitPoint(distance=Decimal(5)), (BracketTarget(Decimal(2), ExitPoint(distance=Decimal(10))),))


class Asker(QWidget):
    """A panel that does nothing but ask."""

    intent = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.asking = OrderAsking(theme, self)
        self.asking.intent.connect(self.intent)

    def refresh(self, snapshot: Snapshot, now: object, monotonic_s: float) -> None:
        """Pass it on."""
        self.asking.refresh(snapshot, now, monotonic_s)  # type: ignore[arg-type]


@pytest.fixture
def asker(theme: Theme, bench: Callable[[QWidget], Bench]) -> Bench:
    return bench(Asker(theme))


def live(snapshot: Snapshot | None = None) -> Snapshot:
    return in_mode(Mode.LIVE, replace(snapshot or flat(), armed=ARMED))


def wished(asker: Bench, now: Snapshot, wish: SubmitOrder | OpenWithBracket = WISH) -> Bench:
    """Wish for an order and wait until a question listens."""
    asker.show(now)
    asker.widget.asking.send(wish)
    return asker.show(now).show(now, after_s=0.4)


def is_asked(asker: Bench) -> bool:
    """Return whether a question waits for its answer."""
    return any(one.isVisible() for one in asker.widget.findChildren(ConfirmDialog))


def test_in_sim_an_entry_inside_the_limits_goes_at_once(asker: Bench) -> None:
    assert wished(asker, flat()).intents == [WISH]


def test_in_sim_it_is_asked_where_the_trader_practises_that_too(asker: Bench) -> None:
    now = replace(flat(), settings=replace(flat().settings, ask_in_sim=True))
    assert wished(asker, now).intents == [] and is_asked(asker)
    asker.press("confirmYes")
    assert asker.intents == [replace(WISH, confirmed=True)]


def test_where_the_money_is_real_it_is_asked_and_says_what_it_would_do(asker: Bench) -> None:
    wished(asker, live())
    assert asker.intents == [] and is_asked(asker)
    dialog = asker.find("confirmDialog")
    assert dialog.windowTitle() == "BUY 2 ESZ5 · Sim1 · LIVE"
    assert dialog.accessibleDescription() == "BUY 2 limit 5049.50 → LONG 2. 1 tick = 25.00 USD"
    asker.press("confirmYes")
    assert asker.intents == [replace(WISH, confirmed=True)] and not is_asked(asker)


def test_exits_are_said_and_go_with_it(asker: Bench) -> None:
    wish = OpenWithBracket(WISH, EXITS)
    wished(asker, live(), wish)
    facts = asker.find("confirmDialog").accessibleDescription()
    assert "Stop 5044.50 (20t), target 2 at 5059.50 (40t)." in facts
    assert "Risk 500.00 (1.0 %) · reward 1\u2009000.00 · 2.0R." in facts
    assert "This broker takes no brackets" in facts
    asker.find("confirmBox").setChecked(True)
    asker.press("confirmYes")
    assert asker.intents == [
        OpenWithBracket(replace(WISH, confirmed=True), EXITS),
        SetOneClick(ACCOUNT, True),
    ]


def test_what_was_asked_may_pass_a_second_time_unasked(asker: Bench) -> None:
    confirmed = replace(WISH, confirmed=True)
    assert wished(asker, live(), confirmed).intents == [confirmed]


def test_what_is_odd_is_asked_in_sim_too_and_names_it(asker: Bench) -> None:
    far = replace(WISH, price=Decimal(4900))
    wished(asker, flat(), far)
    assert asker.intents == [] and "3.0 % away" in asker.find("confirmDialog").accessibleDescription()


def test_what_is_odd_where_the_money_is_real_is_typed(asker: Bench) -> None:
    wished(asker, live(), replace(WISH, quantity=Decimal(11)))
    assert not asker.find("confirmYes").isEnabled()
    asker.find("confirmField").setText("11")
    asker.show(live()).press("confirmYes")
    assert [one.quantity for one in asker.intents] == [Decimal(11)]


def test_past_a_hard_limit_nothing_is_asked_and_the_engine_refuses(asker: Bench) -> None:
    wish = replace(WISH, quantity=Decimal(101))
    assert wished(asker, live(), wish).intents == [wish]


def test_what_reduces_the_position_is_never_asked(asker: Bench) -> None:
    wish = replace(WISH, side=Side.SELL, price=Decimal("4500"))
    assert wished(asker, live(long_two()), wish).intents == [wish]


def test_a_wish_is_judged_by_its_own_scope_not_by_the_one_on_show(asker: Bench) -> None:
    wish = replace(WISH, key=MES_KEY, side=Side.SELL)
    wished(asker, live(long_two()), wish)
    assert asker.intents == [] and "SELL 2 MESZ5" in asker.find("confirmDialog").windowTitle()


def test_a_second_wish_while_one_is_asked_about_is_asked_about_next_and_a_second_press_of_the_first_is_not(
    asker: Bench,
) -> None:
    wished(asker, live())
    for wish in (WISH, replace(WISH, action_id="A2")):
        wished(asker, live(), wish)
    asker.press("confirmYes")
    assert [one.action_id for one in asker.intents] == ["A1"] and is_asked(asker)
    asker.show(live()).show(live(), after_s=0.4)
    (second,) = (one for one in asker.widget.findChildren(ConfirmDialog) if one.isVisible())
    second.no.click()
    assert [one.action_id for one in asker.intents] == ["A1"] and not is_asked(asker)


def test_the_same_order_again_within_seconds_is_asked_about(asker: Bench) -> None:
    sent = order(
        9, side=Side.BUY, type=OrderType.LIMIT, trigger_price=None, price=WISH.price, created_at=asker.clock.now()
    )
    wished(asker, flat(orders=MappingProxyType({"x": sent})))
    assert "The same order was sent" in asker.find("confirmDialog").accessibleDescription()


def test_a_yes_to_what_has_become_odd_since_is_asked_again(asker: Bench) -> None:
    wished(asker, live())
    far = live(flat(quotes=MappingProxyType({("sim", "ESZ5"): quote("4800.00")})))
    asker.show(far).press("confirmYes")
    assert asker.intents == [] and is_asked(asker)


def test_a_yes_to_an_entry_on_another_position_than_was_said_is_asked_again(asker: Bench) -> None:
    wished(asker, live())
    more = live(flat(positions=MappingProxyType({ES_KEY: position(quantity="3")})))
    asker.show(more).press("confirmYes")
    assert asker.intents == [] and is_asked(asker)
