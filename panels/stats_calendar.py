"""The trading days of a month, a week in each row: what each made, in figures and words."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from core.model.breakdown import WEEKDAYS, DayResult
from panels import formatting as f
from panels.theme import Theme
from panels.widgets.controls import button
from panels.widgets.flow import FlowRow
from panels.widgets.labels import TextLabel
from panels.widgets.rows import Column, Figure, RowsModel
from panels.widgets.table import RowsView

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# What a day and its result need.
NARROWEST = 104


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a month.

    Attributes:
        days: Monday to Sunday; None is a day of another month.
        results: of those days on which a trade ended, by date.
    """

    days: tuple[date | None, ...]
    results: tuple[DayResult, ...]
    currency: str

    def of(self, weekday: int) -> DayResult | None:
        """Return what a weekday made, None when no trade ended on it."""
        return next((one for one in self.results if one.day == self.days[weekday]), None)

    @property
    def net(self) -> Decimal | None:
        """What the days of the week made, None when no trade ended in it."""
        return sum((one.net for one in self.results), Decimal(0)) if self.results else None


def weeks_of(month: date, results: Sequence[DayResult], currency: str) -> tuple[Week, ...]:
    """Return the weeks of a month."""
    found = []
    for days in Calendar().monthdatescalendar(month.year, month.month):
        own = tuple(day if day.month == month.month else None for day in days)
        found.append(Week(own, tuple(one for one in results if one.day in own), currency))
    return tuple(found)


def columns() -> tuple[Column[Week], ...]:
    """Return the columns of the calendar: the weekdays and the week."""
    days = tuple(_day_column(at, name) for at, name in enumerate(WEEKDAYS))
    return (*days, Column("Week", _week_text, 118, True, _week_tone, _week_words, value=_week_net, figure=Figure.MONEY))


def _week_net(week: Week) -> Decimal | None:
    return week.net


def _week_text(week: Week) -> str:
    return "" if week.net is None else f.result(week.net)


def _week_tone(week: Week) -> str:
    return f.tone_of(week.net)


def _week_words(week: Week) -> str:
    return "no trades" if week.net is None else f.spoken_result(week.net, week.currency)


def _signed(net: Decimal) -> str:
    """Return a day's result with its sign alone: for an arrow there is no room."""
    return f.result(net).rstrip(f" {f.UP_ARROW}{f.DOWN_ARROW}")


def _day_column(at: int, name: str) -> Column[Week]:
    def text(week: Week) -> str:
        day, result = week.days[at], week.of(at)
        if day is None:
            return ""
        return f"{day.day}" if result is None else f"{day.day}  {_signed(result.net)}"

    def tone(week: Week) -> str:
        result = week.of(at)
        return "ink3" if result is None else f.tone_of(result.net)

    def spoken(week: Week) -> str:
        day, result = week.days[at], week.of(at)
        if day is None:
            return "not of this month"
        if result is None:
            return f"{day.day} {MONTHS[day.month - 1]}, no trades"
        plural = "" if result.count == 1 else "s"
        money = f.spoken_result(result.net, week.currency)
        return f"{day.day} {MONTHS[day.month - 1]}, {money}, {result.count} trade{plural}"

    return Column(name, text, 144, tone=tone, spoken=spoken)


class StatsCalendar(QWidget):
    """A month of results; asks for nothing.

    Signals:
        moved: another month is on show.
    """

    moved = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.month: date | None = None
        self._results: tuple[DayResult, ...] = ()
        self._currency = ""
        self.earlier = button("p3Earlier", "Earlier", "The month before")
        self.later = button("p3Later", "Later", "The month after")
        self.title = TextLabel("p3Month", "body", bold=True, wrap=False)
        self.sum = TextLabel("p3MonthSum", "label", wrap=False)
        self._model: RowsModel[Week] = RowsModel(columns(), key=lambda week: week.days)
        self.view = RowsView("p3Calendar", "Results by trading day", self._model, theme)
        self.view.setSortingEnabled(False)
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(NARROWEST)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(FlowRow(self.earlier, self.later, self.title, self.sum))
        layout.addWidget(self.view, 1)
        self.earlier.clicked.connect(lambda: self._turn(-1))
        self.later.clicked.connect(lambda: self._turn(1))
        self.setFocusProxy(self.view)

    def show_days(self, results: tuple[DayResult, ...], currency: str, today: date) -> None:
        """Show what days made; the month on show stays, at first that of the last result."""
        is_same = (results, currency) == (self._results, self._currency) and self.month is not None
        if is_same:
            return
        self._results, self._currency = results, currency
        if self.month is None or not any(_month(one.day) == self.month for one in results):
            self.month = _month(results[-1].day if results else today)
        self._show()

    def _turn(self, months: int) -> None:
        assert self.month is not None
        step = self.month.replace(day=28) + timedelta(days=4) if months > 0 else self.month - timedelta(days=1)
        self.month = _month(step)
        self._show()
        self.moved.emit()

    def _show(self) -> None:
        assert self.month is not None
        month = self.month
        self._model.set_rows(weeks_of(month, self._results, self._currency))
        own = [one for one in self._results if _month(one.day) == month]
        for at in (5, 6):
            self.view.setColumnHidden(at, not any(one.day.weekday() == at for one in own))
        self.title.say(f"{MONTHS[month.month - 1]} {month.year}")
        net = sum((one.net for one in own), Decimal(0))
        won = sum(one.net > 0 for one in own)
        lost = sum(one.net < 0 for one in own)
        said = f"{f.result(net)} {self._currency} · {len(own)} trading days with trades, {won} up, {lost} down"
        self.sum.say(said if own else "No trades ended in this month.", f.tone_of(net) if own else "ink2")
        self.earlier.setEnabled(any(one.day < month for one in self._results))
        self.later.setEnabled(any(_month(one.day) > month for one in self._results))
        self.sum.setAlignment(Qt.AlignmentFlag.AlignVCenter)


def _month(day: date) -> date:
    return day.replace(day=1)
