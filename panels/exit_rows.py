"""The exits of the open position, a row each, stops left and targets right; a price is changed in its place."""

from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from core.model.instrument import Instrument
from core.model.position import Position
from core.snapshot import Snapshot
from panels.action_ids import ActionIds
from panels.change_asking import ChangeAsking
from panels.change_draft import why_not
from panels.exit_figures import Exit, exits_of, read_exit_change
from panels.order_edit import CellField
from panels.parsing import InputRefused
from panels.theme import Theme
from panels.widgets.controls import explain
from panels.widgets.labels import TextLabel, name_value, set_property
from panels.widgets.wordings import Wordings
from panels.zoomed import px

HINT = "A price, or ticks from the entry such as 12t. Enter sends, Esc restores."
ROW = 26
# More than these scroll; where the panel is low, all but the first do.
MOST_ROWS = 4
GAP = 12


class ExitRow(QWidget):
    """One exit.

    Signals:
        sent: Enter was pressed in its field; the text.
        left: what was typed is not wanted.
    """

    sent = Signal(str)
    left = Signal()

    def __init__(self, is_stop: bool, number: int) -> None:
        super().__init__()
        word = "Stop" if is_stop else "Target"
        self.exit: Exit | None = None
        self.setFixedHeight(ROW)
        title = TextLabel(step="label", wrap=False)
        title.say(word.upper(), "danger" if is_stop else "up")
        title.setFixedWidth(46)
        self.field = CellField(self)
        self.field.setObjectName(f"p2{word}Edit_{number}")
        self.field.setProperty("kind", "row")
        self.field.setFixedSize(88, 24)
        self.field.show()
        self.figures = Wordings(f"p2{word}Figures_{number}", word)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self.field)
        row.addWidget(self.figures, 1)
        self.field.returnPressed.connect(lambda: self.sent.emit(self.field.text()))
        self.field.left.connect(self._leave)
        self.field.textEdited.connect(lambda: set_property(self.field, "tone", ""))

    def show_exit(self, one: Exit) -> None:
        """Show an exit; what is being typed stays until it is sent or left."""
        is_another = self.exit is None or self.exit.order.client_order_id != one.order.client_order_id
        self.exit = one
        if is_another or not self.field.isModified():
            self.put_back()
        refused = why_not(one.order)
        self.field.setEnabled(not refused)
        if self.field.property("tone") != "danger":
            explain(self.field, refused or f"{one.words}. {HINT}")
        name_value(self.field, f"{one.name} price, {one.order.key.symbol}", one.price)
        self.figures.show_wordings([one.words, *one.shorter], one.tone)

    def put_back(self) -> None:
        """Show what the broker confirmed."""
        if self.exit is not None and self.field.text() != self.exit.price:
            self.field.setText(self.exit.price)
        self.field.setModified(False)
        set_property(self.field, "tone", "")

    def _leave(self) -> None:
        self.put_back()
        self.left.emit()


class _Area(QScrollArea):
    """Asks for the height of its rows, up to four, and makes do with that of one."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.rows = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setWidgetResizable(True)
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        """Return room for the rows there are."""
        return QSize(px(400), px(ROW) * min(self.rows, MOST_ROWS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show whole rows only."""
        super().resizeEvent(event)
        whole = self.height() // px(ROW) * px(ROW)
        self.setViewportMargins(0, 0, 0, self.height() - whole if whole else 0)

    def minimumSizeHint(self) -> QSize:
        """Return room for the first."""
        return QSize(px(300), px(ROW) * min(self.rows, 1))


class ExitRows(QWidget):
    """All of them, and a line for what is wrong with what was typed.

    Signals:
        intent: ChangeOrder.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, ids: ActionIds) -> None:
        super().__init__()
        self.setObjectName("p2Exits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._asking = ChangeAsking(theme, ids, self)
        self._asking.intent.connect(self.intent)
        self._position: Position | None = None
        self._instrument: Instrument | None = None
        self._rows: dict[bool, list[ExitRow]] = {True: [], False: []}
        self._line = TextLabel("p2ExitLine", "label", wrap=False)
        self._line.hide()
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(0)
        self._area = _Area(self._inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area)
        layout.addWidget(self._line)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Ask in another theme."""
        self._asking.set_theme(theme)

    def follow(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Let an open question go on, also where there is nothing to be shown any more."""
        self._asking.refresh(snapshot, now_utc, monotonic_s)

    def refresh(self, snapshot: Snapshot, position: Position, instrument: Instrument, is_closing: bool = False) -> None:
        """Show the exits of a position; not while it is being closed, which cancels them and has the word."""
        if self._position is not None and self._position.key != position.key:
            self._say("")
        self._position, self._instrument = position, instrument
        columns: tuple[list[Exit], list[Exit]] = ([], [])
        if not is_closing:
            columns = exits_of(snapshot, position, instrument)
        for is_stop, exits in zip((True, False), columns, strict=True):
            self._show_column(is_stop, exits)
            self._grid.setColumnStretch(0 if is_stop else 1, 1 if exits else 0)
        self._make_room(max(map(len, columns)))

    def _make_room(self, rows: int) -> None:
        if rows == self._area.rows:
            return
        self._area.rows = rows
        self._area.updateGeometry()
        self.setVisible(bool(rows))
        # At once, and not a level of the window at a time: until then the cells below would be squeezed.
        around: QWidget | None = self
        while around is not None:
            if (layout := around.layout()) is not None:
                layout.activate()
            around = around.parentWidget()

    def _show_column(self, is_stop: bool, exits: list[Exit]) -> None:
        rows = self._rows[is_stop]
        while len(rows) < len(exits):
            rows.append(self._made(is_stop, len(rows)))
            fields = [row.field for row in (*self._rows[True], *self._rows[False])]
            for first, then in pairwise((self._area, *fields)):
                QWidget.setTabOrder(first, then)
        for row, one in zip(rows, exits, strict=False):
            row.show_exit(one)
        for number, row in enumerate(rows):
            row.setVisible(number < len(exits))

    def _made(self, is_stop: bool, number: int) -> ExitRow:
        row = ExitRow(is_stop, number)
        self._grid.addWidget(row, number, 0 if is_stop else 1, Qt.AlignmentFlag.AlignTop)
        row.sent.connect(lambda text: self._send(row, text))
        row.left.connect(lambda: self._say(""))
        return row

    def _send(self, row: ExitRow, text: str) -> None:
        if row.exit is None or self._position is None or self._instrument is None:
            return
        try:
            wanted = read_exit_change(row.exit, text, self._position, self._instrument)
        except InputRefused as refused:
            set_property(row.field, "tone", "danger")
            explain(row.field, str(refused))
            self._say(str(refused))
            return
        row.put_back()
        self._say("")
        self._asking.send(row.exit.order, wanted)

    def _say(self, text: str) -> None:
        self._line.say(text, "danger")
        self._line.setVisible(bool(text))
