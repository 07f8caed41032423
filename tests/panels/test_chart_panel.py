"""The chart panel: which bars it asks for, and every state with its words."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.alert_commands import AddAlert
from core.chart_commands import HideChart, RetryHistory, ShowChart
from core.commands import ChangeOrder, ClosePosition, OpenWithBracket, SubmitOrder
from core.link import Link
from core.model.alert import AlertKind, Way
from core.model.bar import BarSeries, BarSource, ChartKey, Interval
from core.model.operation import CloseStep
from core.model.order_change import Terms
from core.model.scope import Mode
from core.preferences import Preferences
from panels.action_ids import ActionIds
from panels.chart_panel import ChartPanel
from panels.charts.preview import plans_of
from panels.charts.trade_lines import LineKind
from panels.display_zone import DisplayZone
from panels.feed_watch import FeedWatch
from panels.terminal_view import TerminalView
from panels.theme import Theme, load_theme
from panels.ticket_fields import TicketFields
from panels.wishes import ChangePreferences
from panels.zoom import Zoom
from tests.panels.charts.chart_worlds import KEY, bars, charted, empty, series, trading
from tests.panels.conftest import Bench, HandClock
from tests.panels.worlds import (
    ES_KEY,
    NOW,
    OTHER_ACCOUNT,
    closing,
    flat,
    in_mode,
    link_is,
    long_two,
    order,
    quote,
    status,
    studies,
)

NO_GRAB = pytest.mark.qt_log_ignore(r"does not support (raise|grabbing)")


@pytest.fixture
def panel(theme: Theme, ids: ActionIds, clock: HandClock, bench: Callable[..., Bench], qtbot: QtBot) -> Bench:
    fields = TicketFields()
    qtbot.addWidget(fields)
    made = bench(ChartPanel(theme, ids, FeedWatch(), ZoneInfo("America/Chicago"), plans_of(fields)))
    made.widget.resize(600, 224)
    with qtbot.waitExposed(made.widget):
        made.widget.show()
    return made


@pytest.fixture
def asked(panel: Bench) -> list[Any]:
    """Everything the panel asks for, bars too."""
    every: list[Any] = []
    panel.widget.intent.connect(every.append)
    return every


def choose(panel: Bench, text: str) -> None:
    """Type an interval and press Enter."""
    edit = panel.find("chartInterval").lineEdit()
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


# ------------------------------------------------------------------------------------------------------- the bars


def test_the_bars_of_the_symbol_on_show_are_asked_for_once(panel: Bench, asked: list[Any]) -> None:
    panel.show(flat())
    panel.show(charted(flat()), 1.0)
    panel.show(charted(flat()), 60.0)
    assert asked == [ShowChart(KEY)]


def test_bars_that_do_not_come_are_asked_for_again(panel: Bench, asked: list[Any]) -> None:
    panel.show(flat())
    panel.show(flat(), 1.0)
    assert asked == [ShowChart(KEY)]
    panel.show(flat(), 5.0)
    assert asked == [ShowChart(KEY)] * 2


def test_another_symbol_or_interval_gives_the_old_bars_back(panel: Bench, asked: list[Any]) -> None:
    panel.show(charted(flat()))
    choose(panel, "100t")
    panel.show(charted(flat()))
    ticks = ChartKey("sim", "ESZ5", Interval.parse("100t"))
    assert asked[-2:] == [HideChart(KEY), ShowChart(ticks)]
    panel.show(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"})))
    assert asked[-2:] == [HideChart(ticks), ShowChart(replace(ticks, symbol="MESZ5"))]
    panel.show(empty())
    assert asked[-1] == HideChart(replace(ticks, symbol="MESZ5"))


def test_while_it_is_not_seen_it_asks_for_nothing(panel: Bench, asked: list[Any]) -> None:
    panel.widget.hide()
    panel.show(flat())
    assert asked == []


@pytest.mark.parametrize(("text", "interval"), [("5m", "5m"), ("15S", "15s"), ("2 h", "2h"), ("1d", "1d")])
def test_any_interval_can_be_typed(panel: Bench, text: str, interval: str) -> None:
    panel.show(charted(flat()))
    choose(panel, text)
    assert panel.widget.interval == Interval.parse(interval)
    assert panel.find("chartInterval").currentText() == interval


def test_the_interval_chosen_is_told_once_and_one_preferred_is_not(panel: Bench) -> None:
    told: list[str] = []
    panel.widget.interval_chosen.connect(told.append)
    panel.show(charted(flat()))
    choose(panel, "15s")
    choose(panel, "15s")
    assert told == ["15s"]
    panel.widget.set_preferences(Preferences(chart_interval="1h"))
    assert panel.find("chartInterval").currentText() == "1h"
    assert told == ["15s"]


def test_the_window_keeps_the_interval_for_the_next_start(
    theme: Theme, clock: HandClock, ids: ActionIds, bench: Callable[..., Bench], qtbot: QtBot
) -> None:
    made = bench(TerminalView(theme, clock, ids))
    with qtbot.waitExposed(made.widget):
        made.widget.show()
    made.show(charted(flat()))
    choose(made, "5m")
    assert made.intents == [ChangePreferences(Preferences(chart_interval="5m"))]
    made.widget.set_preferences(Preferences(chart_interval="100t"))
    assert made.widget.chart.interval == Interval.parse("100t")


def test_what_is_no_interval_is_said_and_changes_nothing(panel: Bench) -> None:
    panel.show(charted(flat()))
    choose(panel, "5 years")
    field = panel.find("chartInterval")
    assert panel.tone("chartInterval") == "danger"
    assert "no bar length" in field.accessibleDescription()
    assert panel.widget.interval == Interval.parse("1m")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.currentText() == "1m"
    assert panel.tone("chartInterval") == ""


def test_the_presets_are_there(panel: Bench) -> None:
    field = panel.find("chartInterval")
    assert [field.itemText(at) for at in range(field.count())] == ["1m", "5m", "15m", "1h", "1d"]
    panel.show(charted(flat()))
    field.setCurrentIndex(3)
    field.activated.emit(3)
    assert panel.widget.interval == Interval.parse("1h")


# ----------------------------------------------------------------------------------------------------- the states


def test_without_a_symbol_it_says_what_to_do(panel: Bench) -> None:
    panel.show(empty())
    assert panel.text("chartEmpty") == "Choose a symbol."
    assert panel.find("chartEmpty").isVisible()
    assert not panel.find("chartView").isVisible()
    panel.show(charted(flat()))
    assert panel.find("chartView").isVisible()


def test_bars_on_their_way_are_counted(panel: Bench) -> None:
    panel.show(flat())
    assert panel.text("chartHistory") == "Loading bars…"
    panel.show(charted(flat(), series(40, progress=(512, 2000))))
    assert panel.text("chartHistory") == "Loading bars 512/2000"
    panel.show(charted(flat()))
    assert not panel.find("chartHistory").isVisible()


def test_history_that_failed_can_be_retried_and_the_bars_stay(panel: Bench) -> None:
    failed = series(40, problem="the server refused the request: no data for ESZ5")
    panel.show(charted(flat(), failed))
    assert panel.text("chartHistory") == "History failed."
    assert panel.tone("chartHistory") == "danger"
    assert "no data for ESZ5" in panel.find("chartHistory").toolTip()
    assert len(panel.widget.view.scene.columns) == 41
    panel.press("chartRetry")
    assert panel.intents[-1] == RetryHistory(KEY)
    panel.show(charted(flat()))
    assert not panel.find("chartRetry").isVisible()


def test_no_bars_and_bars_of_our_own_are_said(panel: Bench) -> None:
    panel.show(charted(flat(), BarSeries(KEY, source=BarSource.VENUE)))
    assert panel.text("chartHistory") == "No bars yet."
    panel.show(charted(flat(), series(40, source=BarSource.OWN)))
    assert panel.text("chartHistory") == "own ticks"
    panel.show(charted(flat(), series(40, source=BarSource.NOTHING)))
    assert panel.text("chartHistory") == "no history"
    assert "first trade" in panel.find("chartHistory").toolTip()


def test_a_stale_market_is_said_with_the_time_of_its_last_tick_and_its_bar_is_hatched(panel: Bench) -> None:
    held = series(40, last_trade=NOW)
    panel.show(charted(flat(), held))
    assert not panel.find("chartStale").isVisible()
    fresh = panel.widget.view.grab().toImage()
    stale = flat(quotes=MappingProxyType({("sim", "ESZ5"): quote(age_s=7, stale=True)}))
    panel.show(charted(stale, held))
    assert panel.text("chartStale") == "STALE 7 s · last tick 09:41:07 CST"
    assert panel.widget.view.scene.is_stale
    assert differs(fresh, panel.widget.view.grab().toImage(), panel.widget.view.frame().middle(40))
    assert ", out of date" in panel.widget.view.accessibleDescription() or panel.clock.seconds < 102


def differs(before: QImage, after: QImage, x: float) -> bool:
    """Say whether two pictures differ around a column."""
    return any(
        before.pixel(int(x) + step, y) != after.pixel(int(x) + step, y)
        for step in range(-5, 6)
        for y in range(before.height())
    )


def test_a_line_that_is_down_makes_the_chart_stale(panel: Bench) -> None:
    panel.show(charted(link_is(Link.OFFLINE, flat())))
    assert panel.text("chartStale").startswith("STALE")


def test_follow_is_pressed_while_it_follows_and_brings_the_last_bar_back(panel: Bench) -> None:
    panel.show(charted(flat()))
    assert panel.find("chartFollow").isChecked()
    QTest.keyClick(panel.find("chartView"), Qt.Key.Key_Left)
    assert not panel.find("chartFollow").isChecked()
    panel.press("chartFollow")
    assert panel.find("chartFollow").isChecked()
    assert panel.widget.view.follows


def test_close_is_the_close_of_the_live_trade(panel: Bench) -> None:
    panel.show(charted(flat()))
    assert not panel.find("chartClose").isVisible()
    panel.show(trading())
    assert panel.text("chartClose") == "✕ Close 2"
    assert panel.spoken("chartClose") == "Close 2, ESZ5, long 2, account Sim1, SIM"
    for _ in range(3):
        panel.press("chartClose")
    assert [one for one in panel.intents if isinstance(one, ClosePosition)] == [ClosePosition("A1", ES_KEY)] * 3


def test_what_only_the_broker_knows_of_can_be_closed_too(panel: Bench) -> None:
    panel.show(charted(flat(scopes=MappingProxyType({ES_KEY: status(broker="1")}))))
    assert panel.text("chartClose") == "✕ Close"
    panel.press("chartClose")
    assert [one for one in panel.intents if isinstance(one, ClosePosition)] == [ClosePosition("A1", ES_KEY)]


def test_while_a_close_runs_the_button_says_so(panel: Bench) -> None:
    panel.show(charted(closing(CloseStep.CANCELLING)))
    assert panel.text("chartClose") == "✕ Closing… 2.1 s"
    assert not panel.find("chartClose").isEnabled()


def test_a_preview_asked_for_as_the_chart_comes_up_begins_once_it_is_drawn(panel: Bench) -> None:
    panel.widget.press_preview()
    assert not panel.find("chartPreview").isChecked()
    panel.show(charted(flat()))
    assert panel.find("chartPreview").isChecked()
    panel.show(charted(flat()), 1.0)
    panel.widget.press_preview()
    assert not panel.find("chartPreview").isChecked()


# ------------------------------------------------------------------------------------------------------- the menu


def menu(panel: Bench, price: str) -> list[str]:
    """Open the menu at a price and return its entries."""
    panel.widget._open_menu(panel.widget.mapToGlobal(QPoint(200, 100)), Decimal(price))
    return [one.text() for one in panel.find("chartMenu").actions() if not one.isSeparator()]


def pick(panel: Bench, words: str) -> None:
    """Choose an entry of the menu."""
    found: QMenu = panel.find("chartMenu")
    next(one for one in found.actions() if one.text() == words).trigger()
    found.close()


@NO_GRAB
def test_the_menu_offers_orders_and_an_alert_at_the_price(panel: Bench) -> None:
    panel.show(charted(flat()))
    panel.show(charted(flat()), 1.0)
    assert menu(panel, "5049.00") == ["BUY LIMIT 1 @ 5049.00", "SELL STOP 1 @ 5049.00", "Alert at 5049.00"]
    pick(panel, "BUY LIMIT 1 @ 5049.00")
    (sent,) = [one for one in panel.intents if isinstance(one, SubmitOrder | OpenWithBracket)]
    assert isinstance(sent, SubmitOrder)
    assert sent.price == Decimal("5049.00")


@NO_GRAB
@pytest.mark.parametrize(
    "moved",
    [
        {"quotes": MappingProxyType({("sim", "ESZ5"): quote("5040.00")})},
        {"selected_account": OTHER_ACCOUNT},
    ],
)
def test_an_order_of_the_menu_that_would_be_another_by_now_is_not_sent(panel: Bench, moved: dict[str, Any]) -> None:
    panel.show(charted(flat()))
    panel.show(charted(flat()), 1.0)
    menu(panel, "5049.00")
    panel.show(charted(flat(**moved)), 1.0)
    panel.show(charted(flat(**moved)), 1.0)
    pick(panel, "BUY LIMIT 1 @ 5049.00")
    assert [one for one in panel.intents if isinstance(one, SubmitOrder | OpenWithBracket)] == []
    assert "nothing was sent" in panel.widget.view.scene.said


@NO_GRAB
def test_an_alert_the_menu_offered_is_of_the_symbol_it_was_offered_in(panel: Bench) -> None:
    panel.show(charted(flat()))
    menu(panel, "5049.00")
    panel.show(charted(flat(selected_symbol=MappingProxyType({"sim": "MESZ5"}))), 1.0)
    pick(panel, "Alert at 5049.00")
    (alert,) = [one for one in panel.intents if isinstance(one, AddAlert)]
    assert (alert.key, alert.way) == (ES_KEY, Way.BELOW)


def test_a_question_goes_on_while_the_chart_cannot_be_seen(panel: Bench) -> None:
    now = in_mode(Mode.LIVE, charted(long_two()))
    panel.show(now)
    panel.widget.trading._changes.send(order(1), Terms(trigger_price=Decimal("5000")))
    panel.widget.hide()
    panel.show(now).show(now, 1.0)
    assert panel.find("confirmYes").isEnabled()


@NO_GRAB
@pytest.mark.parametrize(("price", "way"), [("5049.00", Way.BELOW), ("5060.00", Way.ABOVE)])
def test_an_alert_watches_from_the_side_the_market_is_on(panel: Bench, price: str, way: Way) -> None:
    panel.show(charted(flat()))
    menu(panel, price)
    pick(panel, f"Alert at {price}")
    assert panel.intents[-1:] == [AddAlert("A1", AlertKind.PRICE, ES_KEY, way, Decimal(price))]


# ------------------------------------------------------------------------------------------------------- the look


@pytest.mark.parametrize("size", [(600, 224), (900, 480), (2000, 1200)])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_it_paints_at_every_size_in_both_themes(panel: Bench, size: tuple[int, int], name: str) -> None:
    panel.widget.set_theme(load_theme(name))
    panel.widget.resize(*size)
    panel.show(trading())
    picture = panel.widget.view.grab().toImage()
    # Something of each colour of the bars is there.
    places = [(x, y) for x in range(picture.width()) for y in range(0, picture.height(), 7)]
    colours = {picture.pixelColor(*place).name() for place in places}
    assert load_theme(name).colour("up").name() in colours
    assert load_theme(name).colour("down").name() in colours


def test_the_header_fits_the_narrowest_chart_in_its_fullest_state(panel: Bench) -> None:
    failed = series(40, problem="refused")
    stale = trading(quotes=MappingProxyType({("sim", "ESZ5"): quote(age_s=3700, stale=True)}))
    panel.show(charted(stale, failed))
    QApplication.processEvents()
    header = panel.widget.header
    assert header.minimumSizeHint().width() <= 600
    for one in (header.symbol, header.history, header.close_button, header.retry, panel.widget.view.words.stale):
        assert one.width() >= one.sizeHint().width()


@pytest.mark.parametrize("percent", [80, 100, 150, 200])
def test_at_every_zoom_lines_are_where_the_hand_takes_them(panel: Bench, percent: int, qapp: QApplication) -> None:
    zoom = Zoom(qapp)
    zoom.set_percent(percent)
    try:
        panel.widget.resize(1200, 700)
        panel.show(trading())
        view = panel.widget.view
        picture = view.grab()
        assert picture.size() == view.size() * view.devicePixelRatioF()
        frame = view.frame()
        assert frame.width == pytest.approx(view.width() / (percent / 100))
        stop = next(one for one in view.scene.lines if one.kind is LineKind.STOP)
        begin = QPointF(frame.right / 2, frame.scale.y(float(stop.price))) * percent / 100
        end = QPointF(begin.x(), frame.scale.y(5047.0) * percent / 100)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=begin.toPoint())
        QTest.mouseMove(view, end.toPoint())
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end.toPoint())
        (asked,) = [one for one in panel.intents if isinstance(one, ChangeOrder)]
        assert asked.trigger_price == Decimal("5047.00")
    finally:
        zoom.set_percent(100)


@pytest.mark.parametrize("text", ["1d", "1h", "100t"])
def test_days_hours_and_ticks_are_painted_too(panel: Bench, text: str) -> None:
    panel.widget.choose_interval(Interval.parse(text))
    key = ChartKey("sim", "ESZ5", Interval.parse(text))
    panel.show(charted(flat(), series(300, key)))
    QTest.mouseMove(panel.find("chartView"), QPoint(200, 60))
    panel.widget.view.grab()
    assert len(panel.widget.view.scene.columns) == 301


def test_another_display_zone_writes_the_axis_anew(theme: Theme, ids: ActionIds, bench: Callable[..., Bench]) -> None:
    zone = DisplayZone(ZoneInfo("America/Chicago"))
    made = bench(ChartPanel(theme, ids, FeedWatch(), zone))
    made.widget.resize(900, 480)
    made.widget.show()
    made.show(charted(flat()))
    before = made.widget.view.grab().toImage()
    made.show(charted(flat()))
    assert made.widget.view.grab().toImage() == before
    zone.zone = ZoneInfo("Europe/Berlin")
    made.show(charted(flat()))
    assert made.widget.view.grab().toImage() != before


def test_a_chart_of_one_bar_and_one_of_none_are_painted(panel: Bench) -> None:
    one = BarSeries(KEY, forming=bars(1, NOW)[0])
    panel.show(charted(flat(), one))
    panel.widget.view.grab()
    panel.show(charted(flat(quotes=MappingProxyType({})), BarSeries(KEY)))
    panel.widget.view.grab()
    assert panel.widget.view.frame() is None


def test_a_chart_that_reaches_back_to_the_days_beginning_has_its_vwap_by_bars(panel: Bench) -> None:
    part = studies(is_whole=False)
    counted = MappingProxyType({("sim", "ESZ5"): part})
    panel.show(trading(studies=counted))
    assert [one.words for one in panel.widget.view.scene.studies] == [
        "VWAP ≈5050.75 since 03:41",
        "POC ≈5050.00 since 03:41",
    ]
    held = series(1000)
    panel.show(replace(trading(studies=counted), charts=MappingProxyType({KEY: held})))
    scene = panel.widget.view.scene
    assert all(one.words.endswith(" by bars") for one in scene.studies)
    assert scene.studies[0].price == scene.day.figures.vwap
    painted = panel.widget.view.static_paints
    assert held.forming is not None
    ticked = replace(held, forming=replace(held.forming, volume=Decimal(145)))
    panel.show(replace(trading(studies=counted), charts=MappingProxyType({KEY: ticked})), 0.1)
    assert panel.widget.view.static_paints == painted
    choose(panel, "1d")
    panel.show(replace(trading(studies=counted), charts=MappingProxyType({KEY: held})))
    assert scene.day is None
