"""What a chart does to orders: a line let go becomes a change, a click in the preview becomes an order.

Changes pass `ChangeAsking`, as everywhere; what has to be asked about an entry, the window asks. What was asked for is
drawn beside what the broker confirmed until he answers; it is never drawn as done.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.model.bar import BarSeries
from core.model.contract import product_of
from core.model.market import Quote
from core.model.order import OrderState, OrderType
from core.model.scope import Mode, PositionKey
from core.model.session import AROUND_THE_CLOCK
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.change_asking import ChangeAsking
from panels.charts.drag import Drag
from panels.charts.preview import PlanFor, Preview, preview_at
from panels.charts.scene import Scene
from panels.charts.studies_lines import study_lines
from panels.charts.trade_lines import drag_refusal, trade_lines
from panels.charts.trade_marks import connectors_of, marks_of
from panels.shown import Shown, entry_refusal, shown_in
from panels.theme import Theme

# An answer that takes longer is no longer shown as asked for: the order's own state says what is known.
ASKED_S = 3.0
# A chart that has just changed its symbol or its prices, or the order at the pointer, takes no click: it was meant for
# what was there before.
DEAF_S = 0.25
JUST_CHANGED = "The chart has just changed; nothing was sent."


@dataclass(frozen=True, slots=True)
class Asked:
    """A price asked for; at_s is when, monotonic seconds."""

    price: Decimal
    at_s: float


class ChartTrading(QObject):
    """What stands between the chart and the engine.

    Attributes:
        plan_for: what the ticket would send; None where no ticket is joined.
        is_stop: the order of the preview is a stop order.

    Signals:
        intent: ChangeOrder, SubmitOrder, OpenWithBracket.
        said: why something was not done, in a sentence.
        previewed: the preview began or ended.
    """

    intent = Signal(object)
    said = Signal(str)
    previewed = Signal(bool)

    def __init__(self, theme: Theme, ids: ActionIds, owner: QWidget, plan_for: PlanFor | None = None) -> None:
        super().__init__(owner)
        self.plan_for = plan_for
        self._ids = ids
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._price: Decimal | None = None
        self.is_stop = self._is_stale = False
        self._key: PositionKey | None = None
        self._deaf_until_s = self._now_s = 0.0
        self._deaf_words = ""
        self._asked: dict[str, Asked] = {}
        self._seen: tuple[object, ...] = ()
        self.previews = False
        self._changes = ChangeAsking(theme, ids, owner)
        self._changes.intent.connect(self.intent)

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._changes.set_theme(theme)

    def follow(self, snapshot: Snapshot, now: datetime, now_s: float) -> None:
        """Let an open question go on, also while the chart cannot be seen."""
        self._changes.refresh(snapshot, now, now_s)

    def fill(
        self, scene: Scene, snapshot: Snapshot, shown: Shown, series: BarSeries | None, now: datetime, now_s: float
    ) -> None:
        """Put what a snapshot says of the scope on show into a scene."""
        self._snapshot, self._shown, self._now_s = snapshot, shown, now_s
        self._is_stale = scene.is_stale
        if shown.key != self._key:
            self._key = shown.key
            self.deafen()
            self._asked.clear()
            self.leave_preview(scene)
        scene.interval = None if series is None else series.key.interval
        scene.instrument, scene.position = shown.instrument, shown.position
        product = None if shown.key is None else product_of(shown.key.symbol)
        scene.hours = AROUND_THE_CLOCK if product is None else product.hours
        quote: Quote | None = shown.quote
        scene.last = None if quote is None else quote.last
        scene.lines = trade_lines(snapshot, shown)
        self._keep_asked(scene, now_s)
        if self.previews:
            before = scene.preview
            self._preview(scene)
            if scene.preview is not None and (before is None or before.words[0] != scene.preview.words[0]):
                self.deafen()

    def deafen(self, words: str = JUST_CHANGED) -> None:
        """Take no click for a moment; say why where there are words."""
        self._deaf_until_s, self._deaf_words = self._now_s + DEAF_S, words

    def mark(self, scene: Scene) -> None:
        """Mark own fills and round trips on the bars, where they or the bars are others than before."""
        key, snapshot = self._shown.key, self._snapshot
        seen = (key, snapshot.fills, snapshot.trades, scene.columns.version, scene.columns.forming is None)
        if seen == self._seen:
            return
        self._seen = seen
        scene.marks = () if key is None else marks_of(snapshot.fills, key, scene.columns)
        scene.connectors = () if key is None else connectors_of(snapshot.trades, key, scene.columns)

    def study(self, scene: Scene, older: int, now: datetime) -> None:
        """Put VWAP and point of control into a scene whose bars have just been taken, of which some came in front."""
        shown, key = self._shown, self._shown.key
        tick = None if shown.instrument is None else shown.instrument.tick_size
        scene.days.follow(scene.columns, older, scene.hours, tick)
        # A bar of a day has no way its VWAP took.
        scene.day = None if scene.is_daily else scene.days.last()
        studies = None if key is None else self._snapshot.studies.get((key.connection, key.symbol))
        scene.studies = study_lines(studies, scene.day, shown.instrument, now, scene.zone)

    def keeps(self, scene: Scene) -> bool:
        """Say whether what is dragged may still be; says why where it may not."""
        drag = scene.drag
        line = None if drag is None else next((one for one in scene.lines if one.name == drag.line.name), None)
        if drag is None or line is None:
            self.said.emit("The order ended while it was dragged; nothing was sent.")
            return False
        if line.refused:
            self.said.emit(line.refused)
        return not line.refused

    def release(self, drag: Drag, now_s: float) -> None:
        """Ask for what a drag wants: once, after a question where it needs one."""
        order = None if drag.line.order is None else self._snapshot.orders.get(drag.line.order.client_order_id)
        if order is None or drag.price is None:
            self.said.emit("The order ended while it was dragged; nothing was sent.")
            return
        if refused := drag_refusal(order, self._shown):
            self.said.emit(refused)
            return
        wanted = drag.terms()
        if not wanted.is_empty:
            self._asked[drag.line.name] = Asked(drag.price, now_s)
            self._changes.send(order, wanted)

    # ------------------------------------------------------------------------------------------------- preview

    def press_preview(self, scene: Scene) -> None:
        """Begin a preview, or leave it; where no entry could be sent it is said why."""
        if self.leave_preview(scene):
            return
        if self.plan_for is None or self._shown.key is None:
            self.said.emit(entry_refusal(self._snapshot, self._shown) or "There is no ticket to take the size from.")
            return
        self.previews = True
        self._preview(scene)
        self.previewed.emit(True)

    def leave_preview(self, scene: Scene) -> bool:
        """Leave the preview; say whether there was one."""
        was, self.previews, scene.preview = self.previews, False, None
        if was:
            self.previewed.emit(False)
        return was

    def point(self, scene: Scene, price: Decimal | None, is_stop: bool) -> None:
        """Have the preview stand at a price; None is nowhere. The pointer moves more often than to another one."""
        is_new = (price, is_stop) != (self._price, self.is_stop)
        self._price, self.is_stop = price, is_stop
        if self.previews and is_new:
            self._preview(scene)

    def send(self, scene: Scene) -> None:
        """Send the order of the preview, unless it became this one just now; with real money one order ends it."""
        if self._now_s < self._deaf_until_s:
            self.said.emit(self._deaf_words)
        elif scene.preview is not None:
            self._send(scene.preview, scene)

    def order_at(self, price: Decimal, is_stop: bool) -> Preview | None:
        """Return the order the ticket would send at a price; None while nothing is known to order at."""
        if self.plan_for is None:
            return None
        return preview_at(price, is_stop, self._snapshot, self._shown, self.plan_for, self._is_stale)

    def send_offered(self, offered: Preview, key: PositionKey | None, scene: Scene) -> None:
        """Send an order that the menu of a scope offered; not where it would be another one by now."""
        now = self.order_at(offered.price, offered.plan.draft.type is OrderType.STOP)
        if now is None or key != self._shown.key or now.words[0] != offered.words[0]:
            self.said.emit(f"{offered.words[0]} would be another order by now; nothing was sent.")
        elif now.plan.bracket != offered.plan.bracket:
            self.said.emit(f"{offered.words[0]}: its exits are others by now; nothing was sent.")
        else:
            self._send(now, scene)

    def _send(self, preview: Preview, scene: Scene) -> None:
        if preview.refused:
            self.said.emit(preview.refused)
            return
        facts = f"chart {self._shown.key} {preview.words[0]}"
        command = preview.command(self._ids.press(facts), self._shown)
        if command is None:
            return
        self.deafen("")
        self.intent.emit(command)
        if self._shown.mode in (Mode.EVAL, Mode.LIVE):
            self.leave_preview(scene)

    def _preview(self, scene: Scene) -> None:
        scene.preview = None if self._price is None else self.order_at(self._price, self.is_stop)

    def _keep_asked(self, scene: Scene, now_s: float) -> None:
        """Forget what was asked for once it is so, is refused, or is not answered."""
        orders = {line.name: line for line in scene.lines}
        for name, asked in list(self._asked.items()):
            line = orders.get(name)
            is_open = line is not None and line.order is not None and line.order.state is OrderState.PENDING_CHANGE
            if line is None or line.price == asked.price or (not is_open and now_s - asked.at_s > ASKED_S):
                del self._asked[name]
        scene.asked = {name: asked.price for name, asked in self._asked.items()}
