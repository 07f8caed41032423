"""Alerts, toasts and banners can be read in every size and at every zoom."""

from collections.abc import Callable, Iterator
from datetime import UTC
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from core.events import Level
from core.model.alert import AlertKind
from core.preferences import Preferences, ThemeChoice
from panels.look import Look
from panels.terminal_view import TerminalView
from panels.wishes import OpenAlertForm, OpenAlerts
from tests.panels.conftest import Bench, HandClock
from tests.panels.legibility import clipped
from tests.panels.test_alerts_panel import BEYOND, BLIND, LOSS, OFF, PRICE, RANG
from tests.panels.test_roll_words import TUESDAY, showing
from tests.panels.worlds import ES_KEY, announcement

pytestmark = pytest.mark.qt_log_ignore(r"does not support (raise|grabbing|requestActivate|propagateSizeHints)")
ALERTS = (PRICE, LOSS, BLIND, RANG, OFF, BEYOND)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    made = Look(qapp, Preferences())
    made.theme.apply(qapp)
    yield made
    made.apply(Preferences())
    made.deleteLater()


@pytest.mark.parametrize("zoom", [100, 150, 200])
@pytest.mark.parametrize("size", [(1200, 720), (1440, 900), (2560, 1440)], ids=str)
def test_what_wants_attention_can_be_read(
    look: Look, bench: Callable[[QWidget], Bench], clock: HandClock, size: tuple[int, int], zoom: int
) -> None:
    theme = ThemeChoice.LIGHT if zoom == 200 else ThemeChoice.DARK
    look.apply(Preferences(theme=theme, zoom_percent=zoom))
    made = bench(TerminalView(look.theme, clock, zone=UTC))
    view = made.widget
    view.resize(*size)
    view.show()
    clock.now = lambda: TUESDAY  # type: ignore[method-assign]
    world = showing(held="2", orders=1, alerts=ALERTS)
    made.show(world)
    for level in (Level.SUCCESS, Level.CAUTION, Level.ERROR, Level.ALARM):
        view.announce(announcement("Something happened that takes a sentence of two lines, and this is it.", level))
    view.banner.stand("notices", "Notices do not go out. The service did not take it, or cannot be reached.")
    made.show(world)
    view._take(OpenAlerts())
    view._take(OpenAlertForm(ES_KEY, AlertKind.LIMIT, Decimal("62.5")))
    for _ in range(3):
        made.show(world)
        QApplication.processEvents()
    parts = [view.toasts, view.banner, view.status, view.dialogs.alerts, view.dialogs.alert_form]
    assert {part.objectName(): clipped(part) for part in parts} == {part.objectName(): [] for part in parts}
    assert len(view.toasts.texts) == 4
    for dialog in (view.dialogs.alerts, view.dialogs.alert_form):
        dialog.hide()
