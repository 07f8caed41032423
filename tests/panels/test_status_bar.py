"""The status bar says in words how each part is; amber and red have words of their own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtWidgets import QToolTip

from core.events import Link
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import Mode
from core.model.session import GLOBEX_EQUITY_INDEX
from core.preferences import ZoneChoice
from core.snapshot import Certainty, DatabaseStatus, Snapshot
from core.unsaved_work import UnsavedWork
from panels.display_zone import DisplayZone
from panels.feed_watch import FeedWatch
from panels.status_bar import StatusBar
from panels.status_words import clock_status, next_reset, ui_status
from panels.theme import Theme
from panels.wishes import OpenReconcile, OpenRecovery
from tests.panels.conftest import Bench
from tests.panels.test_alerts_panel import BLIND, OFF, PRICE, RANG
from tests.panels.worlds import ES_KEY, NOW, flat, in_mode, link_is, long_two, quote, recovery, row, status


@pytest.fixture
def bar(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(StatusBar(FeedWatch(), UTC))
    return made


@pytest.mark.parametrize(
    ("link", "changes", "text", "tone"),
    [
        (Link.READY, {}, "Orders ●", ""),
        (Link.READY, {"ack_ms": 12.4}, "Orders ● 12 ms", ""),
        (Link.READY, {"ack_ms": 501.0}, "Orders ● 501 ms", "caution"),
        (Link.READY, {"ack_ms": 12.4, "ack_slow_ms": 501.0}, "Orders ● 12 ms", "caution"),
        (Link.SYNCING, {}, "Orders ○ reading books", "caution"),
        (Link.DOUBTFUL, {}, "Orders ? in doubt", "caution"),
        (Link.CONNECTING, {"attempt": 3, "retry_at_s": 104.2}, "Orders ○ try 3, next 4 s", "caution"),
        (Link.OFFLINE, {"attempt": 3, "retry_at_s": 90.0}, "Orders ○ try 3, next 0 s", "caution"),
        (Link.CONNECTING, {}, "Orders ○ connecting", "caution"),
        (Link.OFFLINE, {}, "Orders ✕ 0:14", "danger"),
        (Link.REFUSED, {}, "Orders ✕ refused", "danger"),
    ],
)
def test_the_orders_link(bar: Bench, link: Link, changes: dict[str, Any], text: str, tone: str) -> None:
    bar.show(link_is(link, flat(), **changes))
    assert (bar.text("statusOrders"), bar.tone("statusOrders")) == (text, tone)
    assert bar.find("statusOrders").accessibleDescription()


@pytest.mark.parametrize(
    ("made", "text", "tone"),
    [
        (quote(), "Data ● 0.2 s", ""),
        (quote(age_s=7, stale=True), "Data STALE 7.0 s", "danger"),
        (quote(age_s=75, stale=True), "Data STALE 1:15", "danger"),
        (quote(received_at=None), "Data –", "caution"),
    ],
)
def test_the_data_link(bar: Bench, made: Any, text: str, tone: str) -> None:
    bar.show(flat(quotes=MappingProxyType({("sim", "ESZ5"): made})))
    assert (bar.text("statusData"), bar.tone("statusData")) == (text, tone)


def test_the_account_cell_warns_of_an_unclassified_account(bar: Bench) -> None:
    bar.show(flat())
    assert (bar.text("statusAccount"), bar.tone("statusAccount")) == ("Sim1 · SIM", "")
    bar.show(in_mode(None, flat()))
    assert (bar.text("statusAccount"), bar.tone("statusAccount")) == ("Sim1 · LIVE · not classified yet", "caution")
    bar.show(in_mode(Mode.LIVE, flat()))
    assert bar.text("statusAccount") == "Sim1 · LIVE"


@pytest.mark.parametrize(
    ("certainty", "text", "tone"),
    [
        (Certainty.CONFIRMED, "All confirmed 0:04 ago", ""),
        (Certainty.PENDING, "1 PENDING", "caution"),
        (Certainty.FILLS_ONLY, "1 FILLS ONLY", "caution"),
        (Certainty.UNVERIFIED, "1 UNVERIFIED", "caution"),
        (Certainty.MISMATCH, "1 mismatch", "danger"),
    ],
)
def test_the_worst_certainty_counts(bar: Bench, certainty: Certainty, text: str, tone: str) -> None:
    bar.show(long_two(scopes=MappingProxyType({ES_KEY: status(certainty)})))
    assert (bar.text("statusCertainty"), bar.tone("statusCertainty")) == (text, tone)


def test_a_press_leads_to_what_waits_for_a_decision(bar: Bench) -> None:
    bar.show(long_two(scopes=MappingProxyType({ES_KEY: status(Certainty.MISMATCH)})))
    bar.press("statusCertainty")
    found = recovery(row(Situation.SIZE_DIFFERS, decided=RecoveryChoice.IGNORE), wants=False)
    bar.show(long_two(recovery=found))
    bar.press("statusCertainty")
    assert bar.intents == [OpenReconcile(), OpenRecovery()]


def test_nothing_is_called_confirmed_while_the_line_is_down(bar: Bench) -> None:
    bar.show(link_is(Link.OFFLINE, long_two()))
    assert bar.text("statusCertainty") == "Unconfirmed: link down"


def test_what_was_put_off_stays_in_sight(bar: Bench) -> None:
    found = recovery(row(Situation.SIZE_DIFFERS, decided=RecoveryChoice.IGNORE), wants=False)
    bar.show(long_two(recovery=found))
    assert (bar.text("statusCertainty"), bar.tone("statusCertainty")) == ("1 undecided", "danger")


@pytest.mark.parametrize(
    ("database", "text", "tone"),
    [
        (DatabaseStatus(), "DB ●", ""),
        (DatabaseStatus(commit_ms=5.0), "DB ●", ""),
        (DatabaseStatus(commit_ms=80.0), "DB ● 80 ms", "caution"),
        (DatabaseStatus(commit_ms=5.0, slow_ms=51.0), "DB ● 51 ms", "caution"),
        (DatabaseStatus(commit_ms=5.0, waiting=101), "DB ● 101 wait", "caution"),
        (DatabaseStatus(commit_ms=5.0, slow_ms=50.0, waiting=100), "DB ●", ""),
        (DatabaseStatus(False, "disk full"), "DB failed – emergency log", "danger"),
    ],
)
def test_the_database(bar: Bench, database: DatabaseStatus, text: str, tone: str) -> None:
    bar.show(flat(database=database))
    assert (bar.text("statusDb"), bar.tone("statusDb")) == (text, tone)


@pytest.mark.parametrize(
    ("work", "text"),
    [(UnsavedWork(2), "DB failed – emergency log"), (UnsavedWork(2, 1), "DB failed – NOT SAVED")],
)
def test_a_database_something_waits_for_has_failed(bar: Bench, work: UnsavedWork, text: str) -> None:
    bar.show(flat(unsaved=work))
    assert (bar.text("statusDb"), bar.tone("statusDb")) == (text, "danger")


def test_the_clock_carries_its_zone(bar: Bench) -> None:
    bar.show(flat())
    assert bar.text("statusClock") == "15:41:07 UTC +00:00 · resets 23:00"


def contract(symbol: str) -> Snapshot:
    return flat(selected_symbol=MappingProxyType({"sim": symbol}))


@pytest.mark.parametrize(
    ("choice", "symbol", "text"),
    [
        (ZoneChoice.EXCHANGE, "ESZ25_FUT_CME", "09:41:07 CT −06:00 · resets 17:00"),
        (ZoneChoice.EXCHANGE, "BTC-PERP", "15:41:07 UTC +00:00 · resets 00:00"),
        (ZoneChoice.UTC, "ESZ25_FUT_CME", "15:41:07 UTC +00:00 · resets 23:00"),
    ],
)
def test_the_clock_is_that_of_the_exchange_unless_chosen(
    theme: Theme, bench: Any, choice: ZoneChoice, symbol: str, text: str
) -> None:
    zone = DisplayZone()
    zone.point_to(choice, symbol)
    made: Bench = bench(StatusBar(FeedWatch(), zone))
    made.show(contract(symbol))
    assert made.text("statusClock") == text


@pytest.mark.parametrize(
    ("now", "resets"),
    [
        ("2026-03-07T22:59:59", "2026-03-07T23:00:00"),
        ("2026-03-07T23:00:00", "2026-03-08T22:00:00"),  # the clocks go forward that night
        ("2026-10-31T23:00:00", "2026-11-01T23:00:00"),  # and back
    ],
)
def test_the_reset_is_an_hour_of_the_exchange_all_year(now: str, resets: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_reset(at, GLOBEX_EQUITY_INDEX) == datetime.fromisoformat(resets).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("late_ms", "text", "tone"), [(100, "", ""), (101, "UI 101 ms", "caution"), (501, "UI 501 ms", "danger")]
)
def test_the_window_says_when_it_is_late(late_ms: float, text: str, tone: str) -> None:
    assert (ui_status(late_ms).text, ui_status(late_ms).tone) == (text, tone)


def test_a_window_in_time_says_nothing_about_it(bar: Bench) -> None:
    bar.show(flat())
    assert not bar.is_shown("statusUi")


@pytest.mark.parametrize(
    ("alerts", "text", "tone"),
    [
        ((), "Alerts", ""),
        ((PRICE, OFF), "Alerts 1", ""),
        ((PRICE, RANG), "Alerts 1 new", "caution"),
        ((PRICE, BLIND), "Alerts 2 · 1 blind", "caution"),
    ],
)
def test_the_alerts_say_what_is_unread_and_what_is_not_watched(bar: Bench, alerts: Any, text: str, tone: str) -> None:
    bar.show(flat(alerts=alerts))
    assert (bar.text("statusAlerts"), bar.tone("statusAlerts")) == (text, tone)


def test_the_alerts_cell_asks_for_the_list(bar: Bench) -> None:
    asked: list[Any] = []
    bar.widget.alerts_pressed.connect(asked.append)
    bar.show(flat())
    bar.press("statusAlerts")
    assert asked == [bar.find("statusAlerts")]


@pytest.mark.row(145)
@pytest.mark.parametrize(
    ("ahead_s", "text", "tone"),
    [
        (0.9, " · resets 23:00", ""),
        (2.04, " · venue 2.0 s ahead", "caution"),
        (-5.2, " · venue 5.2 s behind", "danger"),
    ],
)
def test_the_clock_says_how_far_the_venue_is_off(bar: Bench, ahead_s: float, text: str, tone: str) -> None:
    bar.show(replace(flat(), clock_ahead={"sim": timedelta(seconds=ahead_s)}))
    assert bar.text("statusClock") == f"15:41:07 UTC +00:00{text}"
    assert clock_status(NOW, None, timedelta(seconds=ahead_s)).tone == tone


def test_it_is_as_high_wherever_it_is_put(bar: Bench) -> None:
    bar.show(flat())
    assert bar.widget.sizeHint().height() == bar.widget.minimumSizeHint().height() == bar.widget.height() == 26


def test_every_cell_reads_itself_out(bar: Bench) -> None:
    for world in (Snapshot(), flat()):
        bar.show(world)
        for name, cell in bar.widget.cells.items():
            if name != "statusUi":
                assert cell.text() and cell.text() in bar.spoken(name)
                assert cell.accessibleDescription() == cell.toolTip() != ""


@pytest.mark.qt_log_ignore(r"does not support raise\(\)")
def test_a_press_shows_the_details_at_once(bar: Bench) -> None:
    bar.widget.show()
    bar.show(flat())
    bar.press("statusDb")
    assert QToolTip.text() == "Nothing committed yet."
    QToolTip.hideText()
