"""The close strip counts what it offers to close as the venue does, and holds every answer of every branch."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.commands import AnswerClose
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Intent, OrderState, OrderType
from panels.close_strip import CloseStrip, strip_text
from panels.desk_details import desk_details
from panels.shown import shown_in
from panels.wishes import OpenReconcile
from tests.panels.conftest import Bench
from tests.panels.legibility import clipped
from tests.panels.worlds import ES, NOW, ago, by_id, closing, operation, order, position

COIN = Instrument("ESZ5", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))
ASKED = (CloseChoice.CLOSE_BROKER_QUANTITY, CloseChoice.SEND_ANYWAY)


def offered(theme: Any, bench: Any, quantity: str, instrument: Instrument | None) -> list[str]:
    strip: Bench = bench(CloseStrip())
    asked = operation(CloseStep.ASKING, *ASKED, quantity=Decimal(quantity), text="Asked.")
    strip.widget.refresh(asked, NOW, position(), instrument)
    return [strip.text(f"closeAction_{number}") for number in range(len(ASKED))]


def test_coins_are_offered_to_the_venues_step(theme: Any, bench: Any) -> None:
    assert offered(theme, bench, "0.5", COIN) == ["Close broker quantity 0.500", "Send close for 0.500 anyway"]


def test_contracts_are_offered_whole(theme: Any, bench: Any) -> None:
    assert offered(theme, bench, "2", ES) == ["Close broker quantity 2", "Send close for 2 anyway"]
    assert offered(theme, bench, "2", None) == ["Close broker quantity 2", "Send close for 2 anyway"]


def answers_of(bench: Bench) -> list[str]:
    return [bench.text(f"closeAction_{number}") for number in range(len(bench.widget._buttons))]


B3 = (CloseChoice.RETRY, CloseChoice.CLIPS, CloseChoice.LIMIT, CloseChoice.DISMISS)


@pytest.mark.parametrize(("quantity", "limit"), [("2", "Limit at bid − 4 ticks"), ("-2", "Limit at ask + 4 ticks")])
def test_a_refused_close_offers_parts_a_limit_on_the_right_side_and_the_facts(
    theme: Any, bench: Any, quantity: str, limit: str
) -> None:
    strip: Bench = bench(CloseStrip())
    refused = operation(CloseStep.REJECTED, *B3, branch="B3", clip=Decimal(1), text="Close rejected: No.")
    strip.widget.refresh(refused, NOW, position(quantity=quantity), ES, "Account: Sim1")
    assert answers_of(strip) == ["Retry", "Close in clips of 1", limit, "Copy desk details", "Dismiss"]
    strip.press("closeAction_3")
    assert QApplication.clipboard().text() == "Account: Sim1" and strip.intents == []
    strip.press("closeAction_1")
    assert strip.intents == [AnswerClose("A1", CloseChoice.CLIPS)]


def test_an_unknown_close_opens_the_reconcile_dialog(theme: Any, bench: Any) -> None:
    strip: Bench = bench(CloseStrip())
    unknown = operation(CloseStep.UNKNOWN, CloseChoice.DISMISS, branch="B7", text="UNKNOWN")
    strip.widget.refresh(unknown, NOW, position(), ES)
    assert answers_of(strip) == ["Open reconcile", "Dismiss"]
    strip.press("closeAction_0")
    assert strip.intents == [OpenReconcile(unknown.key)]


def test_what_is_left_of_an_overshoot_is_named_and_what_is_left_of_a_close_is_the_rest(theme: Any, bench: Any) -> None:
    strip: Bench = bench(CloseStrip())
    for branch, words in (("B5", "Close 2"), ("B4", "Close rest")):
        strip.widget.refresh(operation(CloseStep.ASKING, CloseChoice.CLOSE_REST, branch=branch), NOW, position(), ES)
        assert answers_of(strip) == [words]


def test_dust_stays_on_show_while_it_is_held() -> None:
    dust = operation(CloseStep.STOPPED, branch="B10", text="0.0004 BTC cannot be closed", step_since=ago(3600))
    assert strip_text(dust, NOW, True) and not strip_text(dust, NOW, False)


@pytest.mark.parametrize("size", [(1200, 720), (1440, 900)])
def test_five_answers_fit_the_smallest_window(view: Bench, size: tuple[int, int]) -> None:
    text = (
        "Close rejected: Order quantity 600 is more than the largest order of 500. The order is larger than the broker "
        "allows. Still LONG 2. Stop and target are being placed again at their old prices."
    )
    world = closing(CloseStep.REJECTED, *B3, branch="B3", clip=Decimal(1), text=text)
    view.widget.resize(*size)
    view.widget.show()
    for _ in range(3):
        view.show(world)
        QApplication.processEvents()
    assert clipped(view.widget) == []
    assert (view.widget.width(), view.widget.height()) == size


def test_the_desk_is_told_account_order_and_what_still_protects(theme: Any) -> None:
    close = order(
        9,
        type=OrderType.MARKET,
        side=Side.SELL,
        intent=Intent.CLOSE,
        trigger_price=None,
        state=OrderState.REJECTED,
        reason="Insufficient margin",
    )
    world = closing(CloseStep.REJECTED, *B3, branch="B3", close_order_id=close.client_order_id)
    world = replace(world, orders=by_id(close, order(1)))
    assert desk_details(world, shown_in(world)).splitlines() == [
        "Account: Sim1",
        "Position: ESZ5 LONG 2 @ 5050.25",
        "Refused at: 2025-11-12 15:41:06 UTC",
        "Order: SELL 2 ESZ5 MARKET",
        f"Order id: 1009 (ours: {close.client_order_id})",
        "Broker's text: Insufficient margin",
        "Exits held by the broker: SELL 2 STOP 5045.25",
        "Exits held here only: none",
    ]
    assert desk_details(closing(CloseStep.SENT), shown_in(closing(CloseStep.SENT))) == ""


def test_an_answer_that_has_just_taken_the_place_of_another_is_not_heard_yet(theme: Any, bench: Any) -> None:
    strip: Bench = bench(CloseStrip())
    strip.widget.refresh(operation(CloseStep.ASKING, *ASKED, text="Asked."), NOW, position(), ES)
    other = operation(CloseStep.UNKNOWN, CloseChoice.KEEP_WAITING, CloseChoice.SEND_ANYWAY, text="Lost.")
    strip.widget.refresh(other, NOW, position(), ES)
    strip.press("closeAction_1")
    assert strip.intents == []
    for later in (NOW + timedelta(seconds=0.3), NOW - timedelta(hours=1)):
        strip.widget.refresh(other, later, position(), ES)
        strip.press("closeAction_1")
    assert strip.intents == [AnswerClose(other.operation_id, CloseChoice.SEND_ANYWAY)] * 2
