"""The watchlist: symbols in sight, one line to add another, Enter to load one."""

from datetime import date, datetime, tzinfo

from PySide6.QtCore import QModelIndex, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QHeaderView, QMenu, QVBoxLayout

from core.commands import SelectAccount, SelectSymbol
from core.model.contract import PRODUCTS, front_month, symbol_of
from core.model.equity import trading_date
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from core.watch_commands import UnwatchSymbol, WatchSymbol
from panels.feed_watch import FeedWatch
from panels.shown import shown_in
from panels.table_panel import TablePanel
from panels.theme import Theme, font
from panels.watch_rows import DrawnRow, Place, WatchRow, columns, drawn_row
from panels.widgets.controls import button, explain, field
from panels.widgets.flow import FlowRow
from panels.widgets.rows import KIND_ROLE, RowsModel
from panels.widgets.table import RowsView
from panels.wishes import OpenAlertForm

EMPTY = "Add symbols (Ctrl+I)."
HINT = "Type a symbol and press Enter; what is known is offered while you type."
LONGEST = 64
CHANGE = 2


class WatchlistPanel(TablePanel):
    """Symbols in sight, in the trader's order.

    Signals:
        intent: WatchSymbol, UnwatchSymbol; SelectAccount and SelectSymbol for the one that was entered; ExportFile;
            OpenAlertForm, which stays in the window.
    """

    def __init__(self, theme: Theme, zone: tzinfo | None = None):
        model: RowsModel[WatchRow] = RowsModel(columns(), key=lambda row: row.place)
        super().__init__(RowsView("watchView", "Watchlist", model, theme), zone)
        self._model = model
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(CHANGE, QHeaderView.ResizeMode.Stretch)
        self._snapshot = Snapshot()
        self._feeds: dict[Place, FeedWatch] = {}
        self._rows: dict[Place, DrawnRow] = {}
        self._offered: dict[str, Place] = {}
        self._known: tuple[object, ...] = ()
        self.add = field("watchAdd", "Add a symbol to the watchlist", 168)
        self.add.setPlaceholderText("Add a symbol")
        self.add.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.add.setFont(font("body"))
        self.add.setMaxLength(LONGEST)
        explain(self.add, HINT)
        self.remove = button("watchRemove", "Remove", "Remove the chosen symbol from the watchlist")
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(12)
        self.add.setCompleter(completer)
        completer.activated.connect(self._take)
        self.add.returnPressed.connect(self._add)
        self.remove.clicked.connect(self._remove_chosen)
        self.view.pressed_action.connect(self._remove)
        self.view.activated.connect(self._load)
        self.view.offer = self._offer_alert
        self.view.selectionModel().currentChanged.connect(self._say_what_goes)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(FlowRow(self.add, self.remove, gap=4))
        self._say_what_goes()

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show every symbol in sight, and how old its price is."""
        self._snapshot, self._now = snapshot, now_utc
        if self.puts_off(snapshot, now_utc, monotonic_s):
            return
        self._feeds = {place: self._feeds.get(place) or FeedWatch() for place in snapshot.watched}
        self._rows = {place: self._row(place, now_utc) for place in snapshot.watched}
        self._model.set_rows([one.row for one in self._rows.values()])
        self.say_when_empty(EMPTY)
        self._offer(snapshot, now_utc)
        self._say_what_goes()

    def focus_add(self) -> None:
        """Put the keyboard where a symbol is added (Ctrl+I)."""
        self.add.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.add.selectAll()

    def _row(self, place: Place, now: datetime) -> DrawnRow:
        """Return the row of a symbol, made anew only where it may look different."""
        snapshot, quote = self._snapshot, self._snapshot.quotes.get(place)
        parts = (snapshot.instruments.get(place), quote, snapshot.session_figures.get(place))
        before = self._rows.get(place)
        if before is not None and before.holds(parts, now):
            return before
        feed = self._feeds[place].judge_quote(place, quote, now)
        return drawn_row(place, parts, feed, now)

    def _offer(self, snapshot: Snapshot, now: datetime) -> None:
        """Offer what the venues have defined, and the front months of the products known by themselves."""
        parts = (snapshot.instruments, snapshot.connections, snapshot.watched)
        if len(self._known) == len(parts) and all(a is b for a, b in zip(parts, self._known, strict=True)):
            return
        self._known = parts
        self._offered = offers(snapshot, trading_date(now))
        self._names.setStringList(sorted(self._offered))

    def _take(self, name: str) -> None:
        if name in self._offered:
            self._watch(self._offered[name])

    def _add(self) -> None:
        typed = self.add.text().strip()
        if not typed or typed in self._offered:  # the completer tells of those itself, or by `_take`
            self._take(typed)
            return
        connection = self._connection()
        places = {place[1].casefold(): place for place in self._offered.values() if place[0] == connection}
        if connection:
            self._watch(places.get(typed.casefold(), (connection, typed)))

    def _watch(self, place: Place) -> None:
        self.intent.emit(WatchSymbol(*place))
        self.add.clear()

    def _connection(self) -> str:
        """Return the connection of the account on show, or else the first."""
        shown = shown_in(self._snapshot)
        if shown.account_key is not None:
            return shown.account_key.connection
        return min(self._snapshot.connections, default="")

    def _load(self, index: QModelIndex) -> None:
        """Bring a symbol on show (Enter, double click)."""
        if index.data(KIND_ROLE):
            return
        connection, symbol = self._model.at(index.row()).place
        if connection != self._connection():
            accounts = sorted(key for key in self._snapshot.accounts if key.connection == connection)
            if accounts:
                self.intent.emit(SelectAccount(accounts[0]))
        self.intent.emit(SelectSymbol(connection, symbol))

    def _offer_alert(self, menu: QMenu, row: WatchRow) -> None:
        quote, shown = self._snapshot.quotes.get(row.place), shown_in(self._snapshot).account_key
        account = shown.account if shown is not None and shown.connection == row.place[0] else ""
        wish = OpenAlertForm(
            PositionKey(row.place[0], account, row.place[1]), value=None if quote is None else quote.last
        )
        menu.addAction(f"Alert on {row.name}…").triggered.connect(lambda: self.intent.emit(wish))

    def _remove(self, row: WatchRow) -> None:
        self.intent.emit(UnwatchSymbol(*row.place))

    def _remove_chosen(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self._remove(self._model.at(index.row()))

    def _say_what_goes(self, *_: object) -> None:
        index = self.view.currentIndex()
        self.remove.setEnabled(index.isValid())
        name = self._model.at(index.row()).name if index.isValid() else ""
        explain(self.remove, f"Removes {name} (Delete)." if name else "Choose a symbol first.")


def offers(snapshot: Snapshot, day: date) -> dict[str, Place]:
    """Return what can be added, by what the list of offers says of it."""
    several = len(snapshot.connections) > 1
    found: dict[Place, str] = {}
    for connection in snapshot.connections:
        for product in PRODUCTS.values():
            month = None if product.cycle is None else front_month(product.cycle, day)
            found[connection, symbol_of(product, month)] = product.name
    for place, instrument in snapshot.instruments.items():
        if instrument.tick_size is not None:
            found[place] = instrument.description or found.get(place, "")
    watched = set(snapshot.watched)
    return {_offer(place, name, several): place for place, name in found.items() if place not in watched}


def _offer(place: Place, name: str, several: bool) -> str:
    connection, symbol = place
    return " · ".join(part for part in (symbol, name, connection if several else "") if part)
