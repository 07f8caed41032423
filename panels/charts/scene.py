"""Everything a chart draws at one moment, gathered for its two layers."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from math import inf

from PySide6.QtCore import QPointF

from core.model.bar import Interval
from core.model.instrument import Instrument
from core.model.position import Position
from core.model.session import AROUND_THE_CLOCK, SessionTemplate
from panels.charts.bar_columns import BarColumns
from panels.charts.day_lines import DayLines, LastDay
from panels.charts.drag import Drag
from panels.charts.preview import Preview
from panels.charts.studies_lines import StudyLine
from panels.charts.trade_lines import TradeLine
from panels.charts.trade_marks import Connector, Mark
from panels.theme import Theme


@dataclass(slots=True)
class Scene:
    """What is drawn.

    Attributes:
        days: VWAP of the trading days. day: the one of the last bar, where it has a line.
        highest: the volume that reaches the head of its stretch.
        is_stale: the last bar is no longer true.
        asked: prices asked for and not confirmed yet, by the name of their line.
        pointer: where the pointer is over the plot; None elsewhere.
        said: why something was not done, in a sentence.
        stale_left: where the words of how old it is begin at the head of the plot; endless while it is true.
    """

    theme: Theme
    zone: tzinfo | None
    columns: BarColumns = field(default_factory=BarColumns)
    interval: Interval | None = None
    instrument: Instrument | None = None
    hours: SessionTemplate = AROUND_THE_CLOCK
    days: DayLines = field(default_factory=DayLines)
    day: LastDay | None = None
    highest: float = 0.0
    marks: tuple[Mark, ...] = ()
    connectors: tuple[Connector, ...] = ()
    position: Position | None = None
    lines: tuple[TradeLine, ...] = ()
    studies: tuple[StudyLine, ...] = ()
    last: Decimal | None = None
    last_at: datetime | None = None
    is_stale: bool = False
    drag: Drag | None = None
    asked: dict[str, Decimal] = field(default_factory=dict)
    preview: Preview | None = None
    pointer: QPointF | None = None
    said: str = ""
    stale_left: float = inf

    @property
    def looks(self) -> tuple[object, ...]:
        """What a snapshot may have changed of how it looks."""
        return (
            self.columns.forming,
            self.columns.version,
            self.lines,
            self.studies,
            self.last,
            self.is_stale,
            self.said,
            self.preview,
            self.drag,
            tuple(self.asked.items()),
            self.marks,
            self.connectors,
            self.highest,
            self.instrument,
        )

    @property
    def is_daily(self) -> bool:
        """Whether a bar is of whole trading days."""
        return self.interval is not None and self.interval.is_daily
