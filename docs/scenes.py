"""The pictures of the documentation: which there are, what is in each, and how one is drawn.

Numbered as in the description of the window; 21 and 22 wait for strategies and back-tests. Drawn by the real window
without a display, always the same: made-up snapshots, a clock moved by hand, fonts by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from core.link import Link
from core.model.operation import CloseChoice, CloseStep
from core.model.period import Period
from core.model.scope import Mode
from core.snapshot import Snapshot
from docs.demo_books import BAD_MORNING
from docs.demo_world import (
    Answering,
    booked,
    flat_day,
    heat_danger,
    in_account,
    trading_day,
    under_limits,
    with_one_stop,
)
from panels.action_ids import ActionIds
from panels.chart_panel import ChartPanel
from panels.deck import CHART, DOM, LOG, STATISTICS
from panels.dom_panel import DomPanel
from panels.layouts import REVIEW, TRADE
from panels.stats_panel import BREAKDOWN, StatisticsPanel
from panels.terminal_view import TerminalView
from panels.theme import Theme, load_theme
from panels.wishes import OpenReconcile, OpenRecordClosed, OpenSettings
from panels.zoom import Zoom
from tests.panels import mixed_worlds as worlds
from tests.panels.bracketed import BOOK
from tests.panels.conftest import HandClock
from tests.panels.worlds import ES_KEY, closing, link_is, operation, position, status

SIZE = (1440, 900)
THEMES = ("dark", "light")
FRAME_S = 0.4
PICTURES = Path(__file__).resolve().parent / "pictures"


def _nothing(_view: TerminalView) -> None:
    """Leave the window as it stands."""


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes:
        act: what a hand does before the picture is taken.
        zooms: percent; every theme is drawn at 100.
        palette: of up and down.
        grey: drawn without colour, once for each mode, one under the other.
    """

    name: str
    snapshot: Callable[[], Snapshot]
    act: Callable[[TerminalView], None] = _nothing
    workspace: str = TRADE
    zooms: tuple[int, ...] = (100,)
    palette: str = "standard"
    grey: bool = False


def _statistics(view: TerminalView) -> None:
    view.deck.open(STATISTICS)
    panel = view.deck.panel(STATISTICS)
    assert isinstance(panel, StatisticsPanel)
    pill = panel.pills.findChild(QPushButton, f"p3Pill_{Period.ALL.value}")
    assert pill is not None
    pill.click()


def _breakdown(view: TerminalView) -> None:
    _statistics(view)
    panel = view.deck.panel(STATISTICS)
    assert isinstance(panel, StatisticsPanel)
    panel.tabs.setCurrentIndex(BREAKDOWN)


def _log(view: TerminalView) -> None:
    view.deck.open(LOG)


def _settings(view: TerminalView) -> None:
    view.banner.intent.emit(OpenSettings("accounts"))


def _hover(view: TerminalView) -> None:
    panel = view.deck.panel(DOM)
    assert isinstance(panel, DomPanel)
    _move(panel.view.viewport(), QPoint(40, 300))


def _preview(view: TerminalView) -> None:
    view.ticket.offer(BOOK)
    view.ticket.fields.exits.bracket.setCurrentText("20t + 1R/2R")
    panel = view.deck.panel(CHART)
    assert isinstance(panel, ChartPanel)
    panel.press_preview()
    _move(panel.view, QPoint(420, 60))


def _move(widget: QWidget, at: QPoint) -> None:
    """Put the pointer over a widget, whatever screen there is."""
    none, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    place = QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, place, QPointF(widget.mapToGlobal(at)), none, none, no_keys)
    QApplication.sendEvent(widget, event)


def _reconcile(view: TerminalView) -> None:
    view.banner.intent.emit(OpenReconcile())


def _record_closed(view: TerminalView) -> None:
    view.banner.intent.emit(OpenRecordClosed(ES_KEY))


B3 = (CloseChoice.RETRY, CloseChoice.CLIPS, CloseChoice.LIMIT, CloseChoice.DISMISS)
REJECTED = (
    "Close rejected: Margin requirement not met. The account has too little margin for this order. Still LONG 2. Stop "
    "and target are being placed again at their old prices."
)


def _closing(step: CloseStep, *choices: CloseChoice, branch: str, text: str) -> Snapshot:
    made = operation(step, *choices, branch=branch, text=text)
    return trading_day(operations=MappingProxyType({ES_KEY: made}))


def _live() -> Snapshot:
    return in_account(Mode.LIVE, trading_day())


def _down() -> Snapshot:
    stale = MappingProxyType({place: replace(quote, stale=True) for place, quote in trading_day().quotes.items()})
    return link_is(
        Link.OFFLINE, trading_day(quotes=stale), text="the server closed the connection", attempt=3, retry_at_s=104.0
    )


def _overshoot() -> Snapshot:
    text = "Now SHORT 1, expected flat. Two exits filled before the other could be cancelled."
    made = operation(CloseStep.ASKING, CloseChoice.CLOSE_NOW, branch="B5", text=text, quantity=Decimal(1))
    scopes = MappingProxyType({ES_KEY: status(broker="-1", lock="Now SHORT 1, expected flat.")})
    held = MappingProxyType({ES_KEY: position(quantity="-1", entry="5051.50")})
    return trading_day(
        operations=MappingProxyType({ES_KEY: made}), positions=held, scopes=scopes, orders=MappingProxyType({})
    )


def _emergency() -> Snapshot:
    card = closing(CloseStep.LINK_DOWN, CloseChoice.DISMISS, branch="B6", text="Nothing was sent.")
    desk = MappingProxyType({"sim": "+1 312 555 0100"})
    return link_is(Link.OFFLINE, trading_day(operations=card.operations, desk=desk), attempt=3, retry_at_s=104.0)


IN_SESSION = tuple(replace(one, at_start=False) for one in (worlds.ORPHAN, worlds.BARE, worlds.EXCESS))


SCENES = (
    Scene("01-trade-live", _live, zooms=(100, 200)),
    Scene("02-trade-sim", trading_day),
    Scene("03-p2-long-with-bracket", trading_day, zooms=(100, 200)),
    Scene("04-p2-heat-danger", heat_danger),
    Scene("05-p1-eval-floor", lambda: under_limits(in_account(Mode.EVAL, booked(trading_day(), BAD_MORNING)))),
    Scene("06-p3-summary", trading_day, _statistics, REVIEW),
    Scene("07-p3-breakdown", trading_day, _breakdown, REVIEW),
    Scene("08-dom-hover", trading_day, _hover),
    Scene("09-chart-preview", flat_day, _preview),
    Scene("10-recovery-mixed", lambda: booked(worlds.mixed())),
    Scene("11-reconcile", lambda: in_account(Mode.LIVE, booked(worlds.differing())), _reconcile),
    Scene("12-close-rejected", lambda: _closing(CloseStep.REJECTED, *B3, branch="B3", text=REJECTED)),
    Scene(
        "13-close-partial",
        lambda: _closing(
            CloseStep.ASKING,
            CloseChoice.CLOSE_REST,
            CloseChoice.LIMIT,
            CloseChoice.KEEP,
            branch="B4",
            text="1 of 3 closed, 2 left. The exits are being made anew for 2.",
        ),
    ),
    Scene("14-close-overshoot", _overshoot),
    Scene("15-emergency-card", _emergency),
    Scene("16-record-closed", trading_day, _record_closed),
    Scene("17-disconnected-stale", _down),
    Scene("18-unarmed", lambda: in_account(Mode.LIVE, trading_day(), armed=False)),
    Scene("19-limits-breach", lambda: under_limits(in_account(Mode.EVAL, heat_danger(BAD_MORNING)))),
    Scene("20-orphan-alarm", lambda: booked(worlds.world_of(with_one_stop(trading_day()), IN_SESSION))),
    Scene("23-log", trading_day, _log, REVIEW),
    Scene("24-settings-accounts", _live, _settings),
    Scene("25-palette-blue-orange", trading_day, palette="blue-orange"),
    Scene("26-modes-greyscale", trading_day, grey=True),
)


def draw(scene: Scene, name: str, zoom: int = 100) -> QImage:
    """Return a scene as the window shows it, with the dialogs that stand over it."""
    theme = load_theme(name, scene.palette)
    if not scene.grey:
        return _window(scene, theme, scene.snapshot(), zoom)
    strips = [_window(scene, theme, in_account(mode, scene.snapshot()), zoom) for mode in Mode]
    return _stacked(strips).convertToFormat(QImage.Format.Format_Grayscale8)


def _window(scene: Scene, theme: Theme, snapshot: Snapshot, zoom: int) -> QImage:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    clock = HandClock()
    engine = Answering(snapshot)
    view = TerminalView(theme, clock, ActionIds(clock.monotonic), UTC)
    view.intent.connect(engine.take)
    view.show()
    view.workspaces.open(scene.workspace)
    view.resize(*SIZE)
    large = Zoom(app)
    if zoom != large.percent:
        large.set_percent(zoom)
        theme.apply(app)
        large.spread()
    for at in range(6):
        view.refresh(engine.snapshot, clock.now(), clock.monotonic())
        app.processEvents()
        clock.seconds += FRAME_S
        if at == 2:
            scene.act(view)
    picture = _with_dialogs(app, view)
    for window in app.topLevelWidgets():
        window.close()
    view.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    large.set_percent(100)
    return picture


def _with_dialogs(app: QApplication, view: TerminalView) -> QImage:
    picture = view.grab().toImage()
    painter = QPainter(picture)
    for window in app.topLevelWidgets():
        if window is not view and window.isVisible() and window.parent() is not None:
            painter.drawPixmap(_middle(view, window), window.grab())
    painter.end()
    return picture


def _stacked(pictures: Sequence[QImage]) -> QImage:
    """Return the upper part of each picture, one under the other."""
    high = SIZE[1] // len(pictures)
    made = QImage(*SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(made)
    for at, one in enumerate(pictures):
        painter.drawImage(QPoint(0, at * high), one, QRect(0, 0, SIZE[0], high))
    painter.end()
    return made


def _middle(view: QWidget, dialog: QWidget) -> QPoint:
    room = QRect(0, 0, view.width(), view.height())
    return QPoint((room.width() - dialog.width()) // 2, (room.height() - dialog.height()) // 2)


@dataclass(frozen=True)
class Drawing:
    """A scene in one theme, at one zoom."""

    scene: Scene
    theme: str
    zoom: int

    @property
    def file(self) -> str:
        """What the picture is called."""
        return f"{self.scene.name}-{self.theme}{'' if self.zoom == 100 else f'-{self.zoom}'}.png"

    def draw(self) -> QImage:
        """Return the picture."""
        return draw(self.scene, self.theme, self.zoom)


DRAWINGS = tuple(Drawing(scene, theme, zoom) for scene in SCENES for theme in THEMES for zoom in scene.zooms)
