"""Under the ladder: what is open and what it is worth, and the way out of it."""

from datetime import datetime

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from panels import formatting as f
from panels.cell import Cell
from panels.dom_figures import DAY_HINT, EVEN_HINT, Foot
from panels.position_panel import close_words
from panels.shown import Shown
from panels.widgets.controls import button, explain
from panels.widgets.labels import FitLabel, TextLabel, set_property

FIGURES = (
    ("domSide", "Position", "side"),
    ("domAverage", "Average", "average"),
    ("domPnl", "Open P&L", "pnl"),
    ("domR", "R", "r"),
    ("domDay", "Day", "day"),
    ("domEven", "Day even at", "even_cell"),
)


class DomFoot(QWidget):
    """Six figures and Close."""

    def __init__(self) -> None:
        super().__init__()
        self.labels = {part: FitLabel(name, title) for name, title, part in FIGURES}
        explain(self.labels["day"], DAY_HINT)
        explain(self.labels["even_cell"], EVEN_HINT)
        self.close_button = button("domClose", "Close", "Close position", "close")
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        self.captions = {part: TextLabel(f"{name}Title", "label", wrap=False) for name, _, part in FIGURES}
        for at, (_, title, part) in enumerate(FIGURES):
            caption = self.captions[part]
            caption.say(title, "ink2")
            row, column = divmod(at, 3)
            grid.addWidget(caption, 2 * row, column)
            grid.addWidget(self.labels[part], 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.close_button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(grid)
        layout.addLayout(foot)

    def show_figures(self, foot: Foot, shown: Shown) -> None:
        """Show the figures."""
        for part, label in self.labels.items():
            cell: Cell = getattr(foot, part)
            label.show_value(cell.value, cell.tone, cell.spoken)
        self.captions["pnl"].say(f"P&L {foot.pnl.sub}" if foot.pnl.sub else "Open P&L", "ink2")

    def show_close(self, shown: Shown, now: datetime) -> None:
        """Show whether Close does anything, and what; where nothing is open it is there and disabled."""
        quantity = f.quantity(abs(shown.position.quantity), shown.instrument) if shown.position is not None else ""
        text, ready = close_words(shown.operation, quantity, now)
        known = shown.position is not None or bool(shown.status is not None and shown.status.broker_quantity)
        if self.close_button.text() != text:
            self.close_button.setText(text)
        self.close_button.setEnabled(ready and known)
        symbol = shown.key.symbol if shown.key is not None else "no symbol"
        account = shown.account_key.account if shown.account_key is not None else "no account"
        held = "nothing open" if shown.position is None else f.held(shown.position.quantity, shown.instrument).lower()
        name = f"{text}, {symbol}, {held}, account {account}, {shown.mode_word}"
        if self.close_button.accessibleName() != name:
            self.close_button.setAccessibleName(name)
        explain(self.close_button, _why(shown, ready, known))
        set_property(self.close_button, "busy", "" if ready else "true")


def _why(shown: Shown, ready: bool, known: bool) -> str:
    if not ready:
        return "A close is running; a further press does nothing."
    if not known:
        return "Nothing is open here."
    if not shown.link_alive:
        return "The line is down: Close shows the emergency card and sends nothing."
    return "Cancels the working orders of this symbol, then closes at the market. Ctrl+Shift+X"
