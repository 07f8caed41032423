"""The equity curve of panel 1 with its pills and its caption: what trading added, or the moment looked at."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model.equity import EquityKind, EquityPoint, thinned
from core.model.period import Period, period_start
from core.model.scope import AccountKey
from core.queries import EquityFilter, EquityFound
from core.snapshot import Snapshot
from panels import formatting as f
from panels.asking import PATIENCE_S, Asking
from panels.charts.equity_curve import Curve, EquityCurve
from panels.theme import Theme
from panels.widgets.labels import name_value
from panels.widgets.pills import Pills
from panels.widgets.wordings import Wordings

PERIODS = tuple(Period)
MARK_EVERY_S = 1.0
MARKS_KEPT = 300
FAILED, READING, EMPTY = "Equity curve failed; trades are safe.", "Reading…", "No equity stored yet."
CLOSE = frozenset({Period.LIVE, Period.DAY})
HINT = (
    "Booked in that time: what was closed, parts of what is open too, less the costs of every fill. Open P&L is in the "
    "thin line alone; money moved in or out, or set anew by a reset, is in neither."
)
DAY_HINT = "It is what Day net says, which a reset of the account begins anew."


class EquityBox(QWidget):
    """Pills, caption and curve of one account.

    Signals:
        intent: RunQuery.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None):
        super().__init__()
        self.setObjectName("p1EquityBox")
        self._zone = zone
        self._asking = Asking("equity")
        self._account: AccountKey | None = None
        self._marks: list[EquityPoint] = []
        self._marked_s = 0.0
        self._found: EquityFound | None = None
        self._looked_at: EquityPoint | None = None
        self._text = EMPTY
        self._drawn: tuple[object, ...] = ()
        self.pills = Pills("p1Pill", "Equity of", PERIODS)
        self.caption = Wordings("p1CurveText", "Equity", number=False)
        self.curve = EquityCurve(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.pills)
        layout.addWidget(self.caption)
        layout.addWidget(self.curve, 1)
        self.curve.looked_at.connect(self._look)

    def refresh(
        self, snapshot: Snapshot, key: AccountKey | None, marked: Decimal | None, now: datetime, monotonic_s: float
    ) -> None:
        """Show the account's curve.

        Args:
            marked: own equity with open positions at their last price; None while flat, or when it is unknown.
        """
        if key != self._account:
            self._account, self._marks = key, []
        self._mark(marked, now, monotonic_s)
        if key is None:
            self._show(None, now, EMPTY)
            return
        wanted = EquityFilter(key, period_start(self.pills.period, now))
        if self.isVisible():
            query = self._asking.wish(snapshot, wanted, snapshot.ledger.get(key), monotonic_s)
            if query is not None:
                self.intent.emit(query)
        result = self._asking.result(snapshot)
        found = result.found if result is not None and isinstance(result.found, EquityFound) else None
        waits_s = self._asking.waits_s or 0.0
        failed = waits_s >= PATIENCE_S if result is None else bool(result.error)
        self._show(found, now, FAILED if failed else READING if result is None else EMPTY)

    def _mark(self, marked: Decimal | None, now: datetime, monotonic_s: float) -> None:
        """Keep what the account was worth while in a trade, once a second; thinned when it becomes long."""
        if marked is None:
            self._marks = []
        elif not self._marks or monotonic_s - self._marked_s >= MARK_EVERY_S:
            self._marked_s = monotonic_s
            self._marks.append(EquityPoint(now, marked))
            if len(self._marks) > MARKS_KEPT:
                self._marks = list(thinned(self._marks, MARKS_KEPT // 8))

    def _show(self, found: EquityFound | None, now: datetime, otherwise: str) -> None:
        # By whole seconds: a curve that moves by less is the same curve, and is not laid out again.
        second = now.replace(microsecond=0)
        drawn = (otherwise, second, len(self._marks), self.caption.width(), self.pills.period)
        if found is self._found and drawn == self._drawn:
            return
        self._found, self._drawn = found, drawn
        self._text = "" if found is not None and found.points else otherwise
        if found is None or not found.points:
            self.curve.show_curve(None)
        else:
            begin = found.points[0].at
            marks = tuple(one for one in self._marks if one.at >= begin)
            self.curve.show_curve(Curve(found.points, marks, second))
        self._say()

    def _look(self, point: EquityPoint | None) -> None:
        self._looked_at = point
        self._say()

    def _say(self) -> None:
        found, looked_at = self._found, self._looked_at
        self.caption.explain_more(f"{HINT} {DAY_HINT}" if self.pills.period is Period.DAY else HINT)
        if found is None or not found.points:
            self.caption.show_wordings([self._text], "danger" if self._text == FAILED else "ink2")
            name_value(self.curve, "Equity curve", self._text)
            return
        start = found.points[0]
        if looked_at is None:
            gained = f.result(found.gained)
            self.caption.show_wordings(
                [f"{gained} since {self._time(start.at)} {f.zone_label(start.at, self._zone)}", gained],
                f.tone_of(found.gained),
            )
            name_value(self.curve, "Equity curve", f"{f.spoken_result(found.gained)} since {self._time(start.at)}")
            return
        change = f.result(self._change(found.points, looked_at))
        time, zone = self._time(looked_at.at), f.zone_label(looked_at.at, self._zone)
        figures = f"{f.money(looked_at.cash)} · {change}"
        self.caption.show_wordings([f"{time} {zone} · {figures}", f"{time} · {figures}", figures], "ink1")
        name_value(self.curve, "Equity curve", f"{time} {zone}: {figures}")

    def _change(self, points: Sequence[EquityPoint], at: EquityPoint) -> Decimal:
        """Return the change from the start to a moment, without what was moved by hand in between."""
        moved = Decimal(0)
        for before, after in pairwise(points):
            if after.at <= at.at and after.kind is not EquityKind.TRADE:
                moved += after.cash - before.cash
        return at.cash - points[0].cash - moved

    def _time(self, at: datetime) -> str:
        if self.pills.period in CLOSE:
            return f.clock(at, self._zone)
        return f"{f.day(at, self._zone)} {f.clock(at, self._zone, seconds=False)}"
