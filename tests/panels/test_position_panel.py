"""Panel 2 says what is open, how sure that is, and asks for one close however often it is pressed."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from core.commands import AnswerClose, AskBroker, ClosePosition, ReconnectNow, ReversePosition
from core.events import Link
from core.model.operation import CloseChoice, CloseStep
from core.model.order import Held
from core.model.scope import Mode, PositionKey
from core.model.session_marks import SessionMarks
from core.snapshot import Certainty, Snapshot
from core.unsaved_work import UnsavedWork
from panels.action_ids import ActionIds
from panels.feed_watch import FeedWatch
from panels.motion import set_still
from panels.position_panel import PositionPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import (
    ES_KEY,
    ago,
    by_id,
    closing,
    flat,
    in_mode,
    link_is,
    long_two,
    operation,
    order,
    position,
    quote,
    status,
    studies,
    trade,
)


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, bench: Any) -> Bench:

    made: Bench = bench(PositionPanel(theme, ids, FeedWatch(), UTC))
    return made


def scope(**changes: Any) -> MappingProxyType[Any, Any]:
    return MappingProxyType({ES_KEY: status(**changes)})


def test_an_open_position_is_drawn_with_side_result_r_and_ticks(panel: Bench) -> None:
    panel.show(long_two())
    assert [panel.text(name) for name in ("p2Side", "p2Pnl", "p2R", "p2Ticks")] == [
        "LONG 2 ▲",
        "+125.00 ▲",
        "+0.25R",
        "+5t",
    ]
    assert panel.text("p2Certainty") == "CONFIRMED"
    assert not panel.is_shown("staleVeil")


def test_a_position_that_is_not_in_the_database_says_so_beside_its_certainty(panel: Bench) -> None:
    panel.show(long_two(unsaved=UnsavedWork(1, 0, frozenset({(ES_KEY, "E1")}))))
    assert (panel.text("p2Certainty"), panel.tone("p2Certainty")) == ("CONFIRMED · UNSAVED", "danger")
    assert "not in the database" in panel.find("p2Certainty").accessibleDescription()
    panel.show(long_two(unsaved=UnsavedWork(1)))
    assert panel.text("p2Certainty") == "CONFIRMED"


def test_values_reach_the_screen_reader(panel: Bench) -> None:
    panel.show(long_two())
    assert panel.spoken("p2Pnl") == "Open profit or loss: plus 125.00 USD, profit"
    assert panel.spoken("p2Side") == "Side and quantity: LONG 2"
    assert panel.spoken("p2Cell_stop") == "Stop: 5045.25, 25t · SERVER"
    assert panel.spoken("p2Cell_stopFrame") == "Stop: 5045.25"
    assert panel.spoken("p2Close") == "Close 2, ESZ5, long 2, account Sim1, SIM"
    panel.show(long_two(quotes=MappingProxyType({("sim", "ESZ5"): quote("5049.00")})))
    assert panel.spoken("p2Pnl") == "Open profit or loss: minus 125.00 USD, loss"


def test_twenty_presses_in_a_burst_are_one_action(panel: Bench) -> None:
    panel.show(long_two())
    for _ in range(20):
        panel.clock.seconds += 0.05
        panel.press("p2Close")
    assert set(panel.intents) == {ClosePosition("A1", ES_KEY)}


def test_a_close_under_way_counts_the_time_and_cannot_be_pressed(panel: Bench) -> None:
    panel.show(closing(CloseStep.SENT))
    assert panel.text("p2Close") == "Closing… 2.1 s"
    panel.press("p2Close")
    panel.widget.press_close()
    assert panel.intents == []
    assert "does nothing" in panel.find("p2Close").accessibleDescription()


def test_a_close_that_ended_can_be_asked_for_again(panel: Bench) -> None:
    panel.show(closing(CloseStep.SENT)).show(closing(CloseStep.REJECTED, text="Rejected: size limit."))
    assert panel.text("p2Close") == "Close 2"
    panel.press("p2Close")
    assert panel.intents == [ClosePosition("A1", ES_KEY)]


def test_a_close_that_asks_offers_its_answers_the_safe_one_first(panel: Bench) -> None:
    panel.show(
        closing(
            CloseStep.ASKING,
            CloseChoice.KEEP_WAITING,
            CloseChoice.SEND_ANYWAY,
            CloseChoice.LEAVE_PROTECTED,
            text="Stop may still be working.",
        )
    )
    assert panel.text("closeText") == "Stop may still be working."
    assert [panel.text(f"closeAction_{at}") for at in range(3)] == [
        "Keep waiting",
        "Send close for 2 anyway",
        "Leave protected",
    ]
    assert panel.find("closeAction_0").property("kind") == "default"
    panel.press("closeAction_1")
    assert panel.intents == [AnswerClose("A1", CloseChoice.SEND_ANYWAY)]


def test_answers_of_a_question_that_passed_are_gone(panel: Bench) -> None:
    panel.show(closing(CloseStep.ASKING, CloseChoice.KEEP_WAITING, CloseChoice.CANCEL))
    panel.show(closing(CloseStep.CANCELLING, text="Cancelling 1 order…"))
    assert [one for one in panel.find("closeState").findChildren(QPushButton) if one.isVisibleTo(panel.widget)] == []
    assert panel.text("closeText") == "Cancelling 1 order…"


@pytest.mark.parametrize("step", list(CloseStep))
def test_every_step_of_a_close_has_words(panel: Bench, step: CloseStep) -> None:
    ended = flat(operations=MappingProxyType({ES_KEY: operation(step)}))
    panel.show(ended if step is CloseStep.DONE else closing(step))
    name = "emergencyTitle" if step is CloseStep.LINK_DOWN and panel.is_shown("emergencyTitle") else "closeText"
    assert panel.text(name)


@pytest.mark.parametrize("choice", list(CloseChoice))
def test_every_answer_has_words_and_is_sent_as_it_stands(panel: Bench, choice: CloseChoice) -> None:
    panel.show(closing(CloseStep.ASKING, choice))
    assert panel.text("closeAction_0")
    panel.press("closeAction_0")
    assert panel.intents == [AnswerClose("A1", choice)]


def test_the_end_of_a_close_is_read_for_half_a_minute(panel: Bench) -> None:
    done = flat(operations=MappingProxyType({ES_KEY: operation(CloseStep.DONE, text="Flat.")}))
    assert panel.show(done).is_shown("closeState")
    assert not panel.show(done, after_s=30).is_shown("closeState")


def test_a_rejection_stays_while_the_position_is_open(panel: Bench) -> None:
    panel.show(closing(CloseStep.REJECTED, branch="B3", text="Rejected: size limit."), after_s=600)
    assert panel.is_shown("closeState")
    assert panel.tone("closeState") == "danger"


@pytest.mark.parametrize("certainty", list(Certainty))
def test_the_certainty_of_the_quantity_is_always_said(panel: Bench, certainty: Certainty) -> None:
    panel.show(long_two(scopes=scope(certainty=certainty)))
    assert panel.text("p2Certainty") == certainty.value
    assert panel.find("p2Certainty").accessibleDescription()


def test_flat_is_said_only_after_an_explicit_zero(panel: Bench) -> None:
    panel.show(flat())
    assert (panel.text("p2Flat"), panel.text("p2Side")) == ("Flat", "FLAT")
    assert panel.text("p2FlatDetail") == "Confirmed by the broker at 15:41:03 UTC."
    assert not panel.is_shown("p2Close")


@pytest.mark.parametrize(
    "snapshot",
    [
        flat(scopes=MappingProxyType({})),
        flat(scopes=MappingProxyType({ES_KEY: status(Certainty.UNVERIFIED, None)})),
        flat(scopes=MappingProxyType({ES_KEY: status(Certainty.CONFIRMED, None)})),
        link_is(Link.OFFLINE, flat()),
        link_is(Link.CONNECTING, flat()),
    ],
)
def test_a_missing_report_is_never_flat(panel: Bench, snapshot: Snapshot) -> None:
    panel.show(snapshot)
    assert panel.text("p2Flat") == "Reading position…"
    assert panel.text("p2Side") == "—"
    assert "FLAT" not in panel.spoken("p2Side").upper()


def test_a_position_only_the_broker_has_can_be_asked_about_and_closed(panel: Bench) -> None:
    panel.show(flat(scopes=scope(certainty=Certainty.MISMATCH, broker="1")))
    assert (panel.text("p2Flat"), panel.text("p2FlatDetail")) == (
        "Not flat",
        "We have no position; the broker reports LONG 1.",
    )
    panel.press("p2Ask")
    panel.press("p2Close")
    assert panel.intents == [AskBroker("sim"), ClosePosition("A1", ES_KEY)]


def test_fills_only_is_flat_by_fills_and_says_so(panel: Bench) -> None:
    panel.show(flat(scopes=scope(certainty=Certainty.FILLS_ONLY, broker=None)))
    assert panel.text("p2Flat") == "Flat"
    assert "does not name this symbol" in panel.text("p2FlatDetail")


def test_a_line_that_is_down_veils_the_result_and_keeps_the_stop_readable(panel: Bench) -> None:
    panel.show(link_is(Link.OFFLINE, long_two()))
    assert panel.is_shown("staleVeil")
    assert panel.spoken("staleVeil") == "Figures: STALE · link down 0:14"
    assert panel.text("p2Certainty") == "STALE"
    assert panel.text("p2Cell_stop") == "5045.25"


@pytest.mark.row(137)
def test_a_stale_quote_veils_the_result_and_close_still_works(panel: Bench) -> None:
    panel.show(long_two(quotes=MappingProxyType({("sim", "ESZ5"): quote(age_s=7, stale=True)})))
    assert panel.spoken("staleVeil") == "Figures: STALE 7 s"
    panel.press("p2Close")
    assert panel.intents == [ClosePosition("A1", ES_KEY)]


def test_the_veil_lifts_when_the_line_is_back(panel: Bench) -> None:
    panel.show(link_is(Link.OFFLINE, long_two())).show(link_is(Link.SYNCING, long_two()))
    assert not panel.is_shown("staleVeil")


def test_a_close_without_a_line_shows_the_emergency_card(panel: Bench) -> None:
    down = closing(CloseStep.LINK_DOWN, CloseChoice.DISMISS, branch="B6", text="Nothing was sent.")
    local = order(2, held=Held.LOCAL, quantity=position().quantity / 2)
    panel.show(link_is(Link.OFFLINE, replace(down, orders=by_id(order(1), local))))
    assert panel.is_shown("emergencyCard")
    texts = [panel.text(f"emergency{name}") for name in ("Account", "Position", "Lastprice", "Heldbybroker")]
    assert texts == ["Sim1", "ESZ5 LONG 2 @ 5050.25", "5051.50, 0:00 old", "SELL 2 STOP 5045.25"]
    assert panel.text("emergencyHeldhereonly") == "SELL 1 STOP 5045.25"
    panel.press("emergencyReconnect")
    panel.press("emergencyDismiss")
    assert panel.intents == [ReconnectNow("sim"), AnswerClose("A1", CloseChoice.DISMISS)]


def test_the_card_copies_the_account_number(panel: Bench) -> None:
    from PySide6.QtGui import QGuiApplication

    panel.show(link_is(Link.OFFLINE, closing(CloseStep.LINK_DOWN)))
    panel.press("emergencyCopy")
    assert QGuiApplication.clipboard().text() == "Sim1"


def test_the_card_goes_when_the_line_is_back(panel: Bench) -> None:
    panel.show(link_is(Link.OFFLINE, closing(CloseStep.LINK_DOWN)))
    panel.show(closing(CloseStep.LINK_DOWN))
    assert not panel.is_shown("emergencyCard")
    assert panel.is_shown("p2Pnl")


def test_the_trade_that_just_ended_is_shown_for_half_a_minute(panel: Bench) -> None:
    panel.show(flat(trades=(trade(),)))
    assert panel.text("tradeTitle") == "Closed LONG 2 ESZ5: 5050.25 → 5052.75 · manual close"
    assert [panel.text(f"tradeCell_{name}") for name in ("net", "r", "mae", "mfe", "eff")] == [
        "+241.00 ▲",
        "+0.48R",
        "87.50",
        "312.50",
        "0.80",
    ]
    panel.show(flat(trades=(trade(),)), after_s=30)
    assert not panel.is_shown("tradeCard")


def test_the_trade_that_just_ended_says_how_long_it_was_under_water(panel: Bench) -> None:
    panel.show(flat(trades=(trade(),)))
    assert panel.text("tradeCell_maeSub") == "heat —"
    panel.show(flat(trades=(trade(heat_total_s=72, heat_max_s=40),)))
    assert (panel.text("tradeCell_maeSub"), panel.text("tradeCell_mfeSub")) == ("heat 1:12", "held 12:24")
    panel.show(flat(trades=(trade(heat_total_s=72, extremes_complete=False),)))
    assert panel.text("tradeCell_maeSub") == "heat ≥1:12"


def test_the_trade_that_just_ended_tells_how_the_session_stood(panel: Bench) -> None:
    marks = SessionMarks(Decimal("5050.125"), Decimal(-1200), Decimal("5050.00"))
    panel.show(flat(trades=(trade(entry_marks=marks),)))
    card = panel.find("tradeCard")
    assert card.toolTip() == "VWAP 5050.125 → —\nDelta −1\u2009200 → —\nPoint of control 5050.00 → —"
    assert card.accessibleDescription() == card.toolTip()


def test_the_grid_shows_what_the_session_adds_up_to(panel: Bench) -> None:
    panel.show(long_two(studies=MappingProxyType({("sim", "ESZ5"): studies()})))
    assert [panel.text(f"p2Cell_{name}") for name in ("vwap", "delta", "poc")] == ["+3t", "—", "+6t"]
    assert panel.text("p2Cell_pocSub") == "5050.00"
    assert "12\u2009345 trades" in panel.find("p2Cell_vwapFrame").toolTip()
    assert "12\u2009345 trades" in panel.find("p2Cell_vwap").accessibleDescription()


def test_a_trade_without_a_known_price_shows_dashes(panel: Bench) -> None:
    panel.show(flat(trades=(trade(exit_price=None, realized_pnl=None, mae=None, mfe=None),)))
    assert "5050.25 → —" in panel.text("tradeTitle")
    assert panel.text("tradeCell_net") == "—"


def test_no_account_and_no_symbol_are_said(panel: Bench) -> None:
    panel.show(Snapshot())
    assert panel.text("p2Flat") == "No account yet."
    panel.show(flat(selected_symbol=MappingProxyType({})))
    assert panel.text("p2Flat") == "Choose a symbol."
    panel.widget.press_close()
    assert panel.intents == []


def test_an_unclassified_account_is_named_as_such(panel: Bench) -> None:
    panel.show(in_mode(None, long_two()))
    assert panel.text("p2Account") == "Sim1 · LIVE · not classified yet"
    panel.press("p2Close")
    assert panel.intents == [ClosePosition("A1", ES_KEY)]


def test_close_works_halted_and_with_the_database_down(panel: Bench) -> None:
    from core.snapshot import DatabaseStatus

    panel.show(long_two(halted="the database failed", database=DatabaseStatus(False, "disk full")))
    panel.press("p2Close")
    assert panel.intents == [ClosePosition("A1", ES_KEY)]


def test_focus_goes_to_the_question_first_and_else_to_close(panel: Bench) -> None:
    panel.widget.show()
    panel.show(long_two()).widget.focus_first()
    assert panel.widget.focusWidget().objectName() == "p2Close"
    panel.show(closing(CloseStep.ASKING, CloseChoice.KEEP_WAITING)).widget.focus_first()
    assert panel.widget.focusWidget().objectName() == "closeAction_0"


def test_a_long_value_steps_down_in_size_and_is_never_cut(panel: Bench, qtbot: QtBot) -> None:
    panel.widget.resize(640, 420)
    panel.widget.show()
    huge = position(mfe=Decimal("250000000000"))
    panel.show(long_two(positions=MappingProxyType({ES_KEY: huge})))
    label = panel.find("p2Cell_mfe")
    text = panel.text("p2Cell_mfe")
    assert text == "250\u2009000\u2009000\u2009000.00"
    qtbot.waitUntil(lambda: bool(label.fontMetrics().horizontalAdvance(text) <= label.width()))
    assert label.font().pixelSize() < 15


def test_the_risk_of_what_no_stop_covers_has_no_bound(panel: Bench) -> None:
    half = order(1, quantity=Decimal(1))
    panel.show(long_two(orders=MappingProxyType({half.client_order_id: half})))
    assert panel.text("p2Cell_risk").startswith("≥")


def test_flat_by_fills_is_no_warning(panel: Bench) -> None:
    panel.show(flat(scopes=MappingProxyType({ES_KEY: status(Certainty.FILLS_ONLY)})))
    assert panel.find("p2Certainty").property("tone") in ("", None)


# -- the trades of a flat symbol --------------------------------------------------------------------------------------


ROLLED = PositionKey("sim", "Sim1", "ESZ25_FUT_CME")


def of_a_known_product(*hours: int) -> Snapshot:
    """Return trades of a product whose days begin at five in the afternoon in Chicago, closed so many hours ago."""
    trades = tuple(trade(key=ROLLED, exit_time=ago(3600 * one), entry_time=ago(3600 * one + 60)) for one in hours)
    return flat(trades=trades, selected_symbol=MappingProxyType({"sim": ROLLED.symbol}))


def closed_times(panel: Bench) -> list[str]:
    model = panel.widget.flat.trades.view.rows_model
    return [str(model.data(model.index(at, 0), Qt.ItemDataRole.DisplayRole)) for at in range(model.rowCount())]


def test_what_was_closed_last_stands_on_top_and_other_days_have_their_date(panel: Bench) -> None:
    panel.show(of_a_known_product(30, 1, 20, 0))  # as they were recorded, which a recovery does late
    # The trading day of NOW, 2025-11-12, began at five in the afternoon in Chicago: 23:00 UTC.
    assert closed_times(panel) == ["15:41:07", "14:41:07", "2025-11-11 19:41:07", "2025-11-11 09:41:07"]


def test_a_trade_of_last_evening_is_of_this_trading_day_until_the_next_begins(panel: Bench) -> None:
    now = of_a_known_product(16, 17)
    panel.show(now)
    assert closed_times(panel) == ["23:41:07", "2025-11-11 22:41:07"]
    panel.show(now, after_s=8 * 3600)
    assert closed_times(panel) == ["2025-11-11 23:41:07", "2025-11-11 22:41:07"]


def test_the_card_shows_the_trade_that_ended_last_however_late_another_was_recorded(panel: Bench) -> None:
    panel.show(flat(trades=(trade(), trade(exit_time=ago(3000), realized_pnl=Decimal(-999)))))
    assert panel.is_shown("tradeCard") and panel.text("tradeCell_net") == "+241.00 ▲"


# -- reverse --------------------------------------------------------------------------------------------------------


def test_in_sim_a_reversal_is_asked_for_at_once_and_once(panel: Bench) -> None:
    panel.show(long_two())
    for _ in range(5):
        panel.press("p2Reverse")
    assert set(panel.intents) == {ReversePosition("A1", ES_KEY)}
    assert panel.spoken("p2Reverse") == "Reverse, ESZ5, long 2, account Sim1, SIM"


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_where_the_money_is_real_a_reversal_is_asked_about(panel: Bench, mode: Mode) -> None:
    world = in_mode(mode, long_two(armed=MappingProxyType({ES_KEY.account_key: 9999.0})))
    panel.show(world).press("p2Reverse")
    panel.show(world).show(world, after_s=1)
    assert panel.intents == []
    assert "LONG 2 → SHORT 2" in panel.text("confirmText")
    assert panel.find("confirmNo").isDefault()
    panel.press("confirmYes")
    assert panel.intents == [ReversePosition("A1", ES_KEY)]


def test_a_yes_to_reversing_another_position_than_was_said_is_asked_again(panel: Bench) -> None:
    armed = MappingProxyType({ES_KEY.account_key: 9999.0})
    world = in_mode(Mode.LIVE, long_two(armed=armed))
    panel.show(world).press("p2Reverse")
    panel.show(world).show(world, after_s=1)
    turned = in_mode(Mode.LIVE, long_two(armed=armed, positions=MappingProxyType({ES_KEY: position(quantity="-2")})))
    panel.show(turned).press("confirmYes")
    assert panel.intents == []
    asked = [one.accessibleDescription() for one in panel.widget.findChildren(QDialog) if one.isVisible()]
    assert any("SHORT 2 → LONG 2" in one for one in asked)


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (in_mode(Mode.LIVE, long_two()), "Arm to trade"),
        (long_two(halted="the database failed"), "Entries are halted"),
        (closing(CloseStep.SENT), "A close is running."),
        (link_is(Link.OFFLINE, long_two()), "link down"),
    ],
)
def test_what_could_not_be_opened_again_cannot_be_reversed(panel: Bench, world: Snapshot, why: str) -> None:
    panel.show(world)
    assert not panel.find("p2Reverse").isEnabled()
    assert why in panel.find("p2Reverse").toolTip()


def test_flat_there_is_no_reverse(panel: Bench) -> None:
    panel.show(flat())
    assert not panel.is_shown("p2Reverse")


def test_the_end_of_a_close_is_not_said_over_the_next_position(panel: Bench) -> None:
    done = operation(CloseStep.DONE, text="Closed ESZ5 2 @ 5052.75")
    panel.show(long_two(operations=MappingProxyType({ES_KEY: done})))
    assert not panel.is_shown("closeState")
    by_broker = replace(done, branch="MISMATCH", text="Flat at the broker. Here LONG 2 is left on the books.")
    panel.show(long_two(operations=MappingProxyType({ES_KEY: by_broker})))
    assert panel.is_shown("closeState")


def test_five_minutes_under_water_pulse_once_a_second_and_keep_still_where_nothing_is_to_move(
    panel: Bench, qapp: QApplication
) -> None:
    world = long_two(positions=MappingProxyType({ES_KEY: replace(position(), heat_since=ago(400))}))
    world = replace(world, quotes=MappingProxyType({("sim", "ESZ5"): quote("5049.50")}))

    def borders() -> list[str]:
        found = []
        for _ in range(4):
            panel.show(world, after_s=0.5)
            found.append(str(panel.find("p2Cell_heatFrame").property("edge")))
        return found

    assert borders() == ["", "danger", "", "danger"]
    assert panel.tone("p2Cell_heat") == "danger"
    set_still(qapp, True)
    try:
        assert borders() == ["danger"] * 4
    finally:
        set_still(qapp, False)
