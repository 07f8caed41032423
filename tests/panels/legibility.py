"""What is on show and cannot be read: text wider or higher than its place, or a widget outside its parent.

A text that is cut on purpose must say the whole in its tooltip; a figure is never cut.
"""

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QTableView,
    QWidget,
)

from panels.widgets.scroller import Strip
from panels.widgets.wordings import Wordings

# What a style keeps on each side of a cell's text and of a field's.
CELL_SPACE, FIELD_SPACE, ARROW = 6, 2, 20


def clipped(root: QWidget) -> list[str]:
    """Return what is on show below a widget and does not show all of its text, or lies outside its parent."""
    found: list[str] = []
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible() and not _is_behind_a_tab(widget):
            found += [f"{_name(widget)}: {fault}" for fault in _faults(widget)]
    return found


def _is_behind_a_tab(widget: QWidget) -> bool:
    """Say whether a widget is in a panel that another covers: it is laid out when it comes to the front."""
    at: QWidget | None = widget
    while at is not None and not isinstance(at, QDockWidget):
        at = at.parentWidget()
    return at is not None and at.visibleRegion().isEmpty()


def _name(widget: QWidget) -> str:
    at: QWidget | None = widget
    while at is not None and not at.objectName():
        at = at.parentWidget()
    return f"{type(widget).__name__} {'?' if at is None else at.objectName()}"


def _faults(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _of_label(widget)
    elif isinstance(widget, QAbstractButton):
        yield from _of_button(widget)
    elif isinstance(widget, QComboBox):
        if not widget.isEditable():
            yield from _narrow(widget.currentText(), widget.fontMetrics(), widget.width() - ARROW - 2 * FIELD_SPACE)
    elif isinstance(widget, QLineEdit):
        yield from _of_field(widget)
    elif isinstance(widget, QTabBar):
        yield from _of_tabs(widget)
    elif isinstance(widget, QHeaderView):
        yield from _of_header(widget)
    elif isinstance(widget, QTableView):
        yield from _of_cells(widget)
    elif isinstance(widget, QDockWidget):
        bar, inner = widget.titleBarWidget(), widget.widget()
        if bar is not None and inner is not None and bar.isVisible() and bar.geometry().intersects(inner.geometry()):
            yield f"the bar {bar.geometry().getRect()} lies over the panel {inner.geometry().getRect()}"
    elif isinstance(widget, Strip):
        row = widget.widget()
        if row is not None and row.height() > widget.viewport().height():
            yield f"needs {row.height()} high, has {widget.viewport().height()}"
    if _has_words(widget) and not _lies_in(widget):
        yield f"{_words(widget)!r} lies outside its parent"


def _of_label(label: QLabel) -> Iterator[str]:
    text, metrics, room = label.text(), label.fontMetrics(), label.contentsRect()
    if not text:
        return
    if label.wordWrap():
        if label.heightForWidth(label.width()) > label.height():
            yield f"{text!r} needs {label.heightForWidth(label.width())} high, has {label.height()}"
        return
    if isinstance(label, Wordings) and label.is_cut and label.fullest not in label.toolTip():
        yield f"{text!r} is cut and its tooltip does not say the rest"
    for line in text.split("\n"):
        yield from _narrow(line, metrics, room.width())
    high = metrics.tightBoundingRect(text).height() if "\n" not in text else metrics.height() * (text.count("\n") + 1)
    if high > room.height():
        yield f"{text!r} needs {high} high, has {room.height()}"


def _of_button(button: QAbstractButton) -> Iterator[str]:
    text, metrics = button.text().replace("&&", "&"), button.fontMetrics()
    if not text:
        return
    option = QStyleOptionButton()
    option.initFrom(button)
    if button.isCheckable() and button.inherits("QCheckBox"):
        room = button.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, button).width()
    elif button.isCheckable() and button.inherits("QRadioButton"):
        room = button.style().subElementRect(QStyle.SubElement.SE_RadioButtonContents, option, button).width()
    else:
        room = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button).width()
    for line in text.split("\n"):
        yield from _narrow(line, metrics, room)
    if metrics.tightBoundingRect(text).height() > button.height() - 2:
        yield f"{text!r} needs {metrics.height()} high, has {button.height()}"


def _of_field(field: QLineEdit) -> Iterator[str]:
    option = field.contentsRect()
    text = field.displayText() or field.placeholderText()
    if not isinstance(field.parentWidget(), QComboBox):
        option = option.adjusted(FIELD_SPACE, 0, -FIELD_SPACE, 0)
    if len(field.toolTip()) < len(text):
        yield from _narrow(text, field.fontMetrics(), option.width())
    if text and field.fontMetrics().tightBoundingRect(text).height() > field.height() - 2:
        yield f"{text!r} has {field.height()} high"


def _of_tabs(bar: QTabBar) -> Iterator[str]:
    for at in range(bar.count()):
        if bar.isTabVisible(at) and not bar.tabToolTip(at):
            yield from _narrow(bar.tabText(at), bar.fontMetrics(), bar.tabRect(at).width())


def _of_header(header: QHeaderView) -> Iterator[str]:
    if header.orientation() is not Qt.Orientation.Horizontal:
        return
    for at in range(header.count()):
        title = header.model().headerData(at, Qt.Orientation.Horizontal)
        tip = header.model().headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        if not header.isSectionHidden(at) and title and tip != title:
            own = header.model().headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.FontRole)
            metrics = header.fontMetrics() if own is None else QFontMetrics(own)
            space = int(header.property("cellSpace") or CELL_SPACE)
            yield from _narrow(str(title), metrics, header.sectionSize(at) - 2 * space)
    if header.fontMetrics().height() > header.height():
        yield f"titles need {header.fontMetrics().height()} high, have {header.height()}"


def _of_cells(table: QTableView) -> Iterator[str]:
    model = table.model()
    for row in range(model.rowCount()):
        rect = table.visualRect(model.index(row, 0))
        if rect.bottom() < 0 or rect.top() > table.viewport().height() or table.isRowHidden(row):
            continue
        for at in range(model.columnCount()):
            index = model.index(row, at)
            if not table.isColumnHidden(at) and table.indexWidget(index) is None:
                yield from _of_cell(table, index)


def _of_cell(table: QTableView, index: QModelIndex) -> Iterator[str]:
    text = str(index.data() or "")
    font = index.data(Qt.ItemDataRole.FontRole)
    metrics = QFontMetrics(font) if font is not None else table.fontMetrics()
    if metrics.tightBoundingRect(text).height() > table.rowHeight(index.row()):
        yield f"{text!r} needs {metrics.height()} high, has {table.rowHeight(index.row())}"
    if len(str(index.data(Qt.ItemDataRole.ToolTipRole) or "")) < len(text) and not table.wordWrap():
        yield from _narrow(text, metrics, table.columnWidth(index.column()) - 2 * CELL_SPACE)


def _narrow(text: str, metrics: QFontMetrics, room: int) -> Iterator[str]:
    wide = metrics.horizontalAdvance(text)
    if wide > room + 1:  # of a pixel, sizes are rounded
        yield f"{text!r} needs {wide} wide, has {room}"


def _has_words(widget: QWidget) -> bool:
    return bool(_words(widget)) and isinstance(widget, QLabel | QAbstractButton | QComboBox | QLineEdit)


def _words(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QLineEdit):
        return widget.displayText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _lies_in(widget: QWidget) -> bool:
    """Say whether a widget lies within what holds it; what scrolls may go on below or beside."""
    place, holder = QRect(widget.geometry()), widget.parentWidget()
    if holder is None or widget.isWindow():
        return True
    scroller = holder.parentWidget()
    if isinstance(scroller, QAbstractScrollArea) and scroller.viewport() is holder:
        return isinstance(scroller, QScrollArea | QTableView | QHeaderView)
    return holder.rect().adjusted(-1, -1, 1, 1).contains(place)
