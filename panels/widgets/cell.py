"""One cell of the figures grid: what it is, its value, a second line."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout

from panels.cell import Cell
from panels.widgets.labels import FitLabel, TextLabel, name_value, set_property
from panels.widgets.wordings import Wordings
from panels.zoomed import px

MINIMUM = (112, 58)


class CellFrame(QFrame):
    """A cell; its accessible name carries label, value and second line."""

    def __init__(self, object_name: str, label: str, full_name: str):
        super().__init__()
        self.setObjectName(f"{object_name}Frame")
        self.setProperty("kind", "cell")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._name = full_name
        self._cell: Cell | None = None
        title = TextLabel(step="label", wrap=False)
        title.say(label, "ink2")
        self.value = FitLabel(object_name, full_name)
        self.sub = Wordings(f"{object_name}Sub", full_name, number=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(0)
        layout.addStretch(1)
        for part in (title, self.value, self.sub):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Return 112 × 58, or what a long value in the smallest type needs."""
        return super().minimumSizeHint().expandedTo(QSize(*map(px, MINIMUM)))

    def sizeHint(self) -> QSize:
        """Return the same: where there is room, the grid gives it."""
        return self.minimumSizeHint()

    def show_cell(self, cell: Cell) -> None:
        """Show a cell's texts, tone and border; nothing happens when it shows them already."""
        if cell == self._cell:
            return
        self._cell = cell
        spoken = cell.spoken or cell.value
        self.value.show_value(cell.value, cell.tone, f"{spoken}, {cell.sub}" if cell.sub else spoken)
        self.sub.show_wordings([cell.sub, *cell.shorter], "ink2")
        set_property(self, "edge", cell.edge)
        name_value(self, self._name, spoken)
        if cell.tip and self.toolTip() != cell.tip:
            self.setToolTip(cell.tip)
            self.value.setAccessibleDescription(cell.tip)
