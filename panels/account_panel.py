"""Panel 1, the account: its money by the broker's figure and by ours, kept apart, each with its time."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from core.model.instrument import Instrument
from core.model.scope import AccountKey, Balance, Mode
from core.preferences import PnlMark
from core.snapshot import LedgerBalance, Snapshot
from panels import formatting as f
from panels.confirm_dialog import ConfirmDialog
from panels.dom_figures import DAY_HINT
from panels.open_result import OpenResult, open_result
from panels.position_panel import certainty_tone
from panels.shown import Shown, shown_in
from panels.theme import Theme
from panels.widgets.controls import Choice, button, explain
from panels.widgets.header import PanelHeader
from panels.widgets.labels import Chip, TextLabel, ValueLabel
from panels.widgets.scroller import Scroller

DIFFERENCE = Decimal("0.01")
ROW_HEIGHT = 22
EQUITY_STRETCH = 3
MEANINGS = {
    Mode.SIM: "no real money",
    Mode.EVAL: "a firm's evaluation or funded account: its rules apply",
    Mode.LIVE: "real money",
}


@dataclass(frozen=True, slots=True)
class Money:
    """The figures of an account; None is unknown.

    Attributes:
        open_pnl: over all its positions, at the last trade, gross: what equity is made of; None when one of them
            cannot be marked.
        shown: the same as the trader wants it marked.
        delta: broker minus own cash, where both are known and differ by more than a cent.
    """

    cash: Decimal | None
    own: Decimal | None
    delta: Decimal | None
    equity: Decimal | None
    open_pnl: Decimal | None
    day_net: Decimal | None
    margin: Decimal | None
    available: Decimal | None
    currency: str
    shown: OpenResult


def money_of(snapshot: Snapshot, key: AccountKey) -> Money:
    """Return the figures of an account; the broker's cash leads, ours stands in where there is none."""
    broker, ledger = snapshot.balances.get(key), snapshot.ledger.get(key)
    cash = broker.cash if broker is not None else None
    own = ledger.cash if ledger is not None else None
    delta = None
    if cash is not None and own is not None and abs(cash - own) > DIFFERENCE:
        delta = cash - own
    pnl = _open(snapshot, key, PnlMark.GROSS).pnl
    base = cash if cash is not None else own
    return Money(
        cash=cash,
        own=own,
        delta=delta,
        equity=None if base is None or pnl is None else base + pnl,
        open_pnl=pnl,
        day_net=ledger.day_net if ledger is not None else None,
        margin=broker.margin if broker is not None else None,
        available=broker.available if broker is not None else None,
        currency=_currency(snapshot, key, broker),
        shown=_open(snapshot, key, snapshot.pnl_mark),
    )


def _open(snapshot: Snapshot, key: AccountKey, mark: PnlMark) -> OpenResult:
    """Return the open profit of an account: None where a part of it is unknown or not in the account's currency."""
    own = _currency(snapshot, key, snapshot.balances.get(key))
    found: list[Decimal | None] = []
    words: set[str] = set()
    for position in snapshot.positions.values():
        if position.key.account_key == key:
            place = (position.key.connection, position.key.symbol)
            instrument = snapshot.instruments.get(place, Instrument(position.key.symbol))
            worth = open_result(position, instrument, snapshot.quotes.get(place), mark)
            words.add(worth.word)
            found.append(None if own and instrument.currency not in ("", own) else worth.pnl)
    known = [one for one in found if one is not None]
    word = "at bid/ask" if len(words) > 1 else "".join(words)
    return OpenResult(None, sum(known, Decimal(0)) if len(known) == len(found) else None, None, word)


def _currency(snapshot: Snapshot, key: AccountKey, broker: Balance | None) -> str:
    if broker is not None and broker.currency:
        return broker.currency
    account = snapshot.accounts.get(key)
    return account.currency if account is not None else ""


class AccountPanel(QFrame):
    """The account on show.

    Attributes:
        header: what names the account; a dock may have it as its title bar.

    Signals:
        intent: SelectAccount, ClassifyAccount, AskBroker, ReconnectNow, OpenSettings, RunQuery.
    """

    intent = Signal(object)

    def __init__(self, theme: Theme, zone: tzinfo | None = None, is_complete: bool = True):
        """Make the panel; what the first frame does not show is made by `complete` where `is_complete` is False."""
        super().__init__()
        self.setObjectName("panel1")
        self.setProperty("kind", "panel")
        self.setAccessibleName("Account and equity")
        self._theme, self._zone = theme, zone
        self._snapshot, self._shown = Snapshot(), shown_in(Snapshot())
        self._keys: tuple[AccountKey, ...] = ()
        self._confirm: ConfirmDialog | None = None
        self.chooser = Choice("p1Account", "Account on show")
        self.mode = Chip("p1Mode", "Mode of account")
        self.certainty = Chip("p1Certainty", "Certainty")
        self.classify = button("p1Classify", "Classify…", "Say what this account is")
        self.classify.setMenu(self._classify_menu())
        self.connect_button = button("p1Connect", "Add connection", "Add a connection in the settings")
        self.connect_button.clicked.connect(self._ask_connection)
        self.retry = button("p1Retry", "Retry", "Ask for the balance again")
        self.retry.clicked.connect(self._ask_again)
        self.balance = ValueLabel("p1Balance", "Balance", "hero", bold=True)
        self.source = TextLabel("p1Source", "label", wrap=False)
        self.difference = ValueLabel("p1Delta", "Broker and own figure differ", "label")
        self.rows = {
            object_name: ValueLabel(object_name, name, "value")
            for object_name, name in (
                ("p1Equity", "Equity"),
                ("p1OpenPnl", "Open P&L"),
                ("p1DayNet", "Day net"),
                ("p1Margin", "Margin used"),
                ("p1Available", "Available"),
                ("p1Own", "Own figure"),
            )
        }
        self.note = TextLabel("p1Note", "label")
        self._is_complete = False
        self._lay_out()
        self.chooser.activated.connect(self._choose)
        if is_complete:
            self.complete()

    def complete(self) -> None:
        """Put limits and curve where their room was kept; once."""
        from panels.equity_box import EquityBox
        from panels.guard_box import GuardBox

        self.guards = GuardBox(self._theme, self._zone)
        self.equity = EquityBox(self._theme, self._zone)
        self.equity.intent.connect(self.intent)
        self._inner.takeAt(self._inner.count() - 1)
        self._inner.addWidget(self.guards)
        self._inner.addWidget(self.equity, EQUITY_STRETCH)
        self._is_complete = True

    def set_theme(self, theme: Theme) -> None:
        """Ask questions in another theme."""
        self._theme = theme

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Show the money of the selected account."""
        self._snapshot, self._shown = snapshot, shown_in(snapshot)
        self._header()
        self._figures()
        if self._is_complete:
            key = self._shown.account_key
            self.guards.refresh(None if key is None else snapshot.guards.get(key), now_utc)
            self.equity.refresh(snapshot, key, self._marked(), now_utc, monotonic_s)
        if self._confirm is not None:
            self._confirm.refresh(snapshot, monotonic_s)

    def focus_first(self) -> None:
        """Put the keyboard on the account chooser."""
        self.chooser.setFocus()

    def _marked(self) -> Decimal | None:
        """Return our own figure with open positions at their last price; None while flat, or when unknown."""
        key = self._shown.account_key
        if key is None or not any(one.account_key == key for one in self._snapshot.positions):
            return None
        money = money_of(self._snapshot, key)
        return None if money.own is None or money.open_pnl is None else money.own + money.open_pnl

    def _header(self) -> None:
        shown = self._shown
        keys = tuple(sorted(self._snapshot.accounts))
        if keys != self._keys:
            self._keys = keys
            self.chooser.clear()
            several = len({key.connection for key in keys}) > 1
            self.chooser.addItems([str(key) if several else key.account for key in keys])
        self.chooser.setEnabled(bool(keys))
        if not keys:
            self.chooser.setPlaceholderText("No account yet")
        if shown.account_key in keys and self.chooser.currentIndex() != keys.index(shown.account_key):
            self.chooser.setCurrentIndex(keys.index(shown.account_key))
        known = shown.account_key is not None
        unclassified = shown.is_unclassified
        self.mode.setVisible(known)
        self.mode.show_value(
            "LIVE ?" if unclassified else shown.mode.value, "caution" if unclassified else "", shown.mode_word
        )
        self.classify.setVisible(unclassified)
        self.certainty.setVisible(shown.key is not None)
        self.certainty.show_value(shown.certainty_word, certainty_tone(shown))

    def _figures(self) -> None:
        key, shown = self._shown.account_key, self._shown
        self.connect_button.setVisible(key is None)
        if key is None:
            self.retry.hide()
            self._show_none()
            return
        money = money_of(self._snapshot, key)
        stale = not shown.link_alive
        hero = money.cash if money.cash is not None else money.own
        self.balance.show_value(f.money(hero), "ink3" if stale else "ink1", f"{f.money(hero)} {money.currency}".strip())
        self.source.say(self._source(key, money, stale), "ink2")
        self.difference.setVisible(money.delta is not None)
        self.difference.show_value(
            f"Δ {f.result(money.delta)}", "caution", f"broker minus own {f.spoken_result(money.delta, money.currency)}"
        )
        for name, value, signed in (
            ("p1Equity", money.equity, False),
            ("p1OpenPnl", money.shown.pnl, True),
            ("p1DayNet", money.day_net, True),
            ("p1Margin", money.margin, False),
            ("p1Available", money.available, False),
            ("p1Own", money.own, False),
        ):
            text = f.result(value) if signed else f.money(value)
            tone = f.tone_of(value) if signed else "ink1"
            spoken = f.spoken_result(value, money.currency) if signed else ""
            if name == "p1OpenPnl":
                text, spoken = money.shown.text, money.shown.spoken(money.currency)
            self.rows[name].show_value(text, "ink3" if stale else tone, spoken)
        if self._is_complete:
            self._make_room()
        self._note("" if hero is not None else self._missing(shown))
        self.retry.setVisible(hero is None)

    def _make_room(self) -> None:
        """Where limits need the height, leave out the curve, then the note: every line's tooltip has its text too."""
        parts = (self.equity, self.guards.note)
        hidden = sum(part.minimumSizeHint().height() for part in parts if part.isHidden())
        spare = self.area.height() - self.content.minimumSizeHint().height() - hidden
        for part in parts:
            fits = self.guards.isHidden() or spare >= 0
            part.setVisible(fits)
            if not fits:
                spare += part.minimumSizeHint().height()

    def _ask_connection(self) -> None:
        from panels.wishes import OpenSettings

        self.intent.emit(OpenSettings("connections"))

    def _ask_again(self) -> None:
        """Ask the broker for everything again, over a new line where the old one is down."""
        from core.commands import AskBroker, ReconnectNow

        key = self._shown.account_key
        if key is not None:
            alive = self._shown.link_alive
            self.intent.emit(AskBroker(key.connection) if alive else ReconnectNow(key.connection))

    def _show_none(self) -> None:
        self.balance.show_value(f.UNKNOWN, "ink3", "unknown")
        self.source.say("No account yet.", "ink2")
        self.difference.hide()
        for label in self.rows.values():
            label.show_value(f.UNKNOWN, "ink3", "unknown")
        self._note("The broker names its accounts after the logon.")

    def _note(self, text: str) -> None:
        self.note.setVisible(bool(text))
        self.note.say(text, "ink2")

    def _source(self, key: AccountKey, money: Money, stale: bool) -> str:
        broker, ledger = self._snapshot.balances.get(key), self._snapshot.ledger.get(key)
        taken: Balance | LedgerBalance | None = broker if money.cash is not None else ledger
        if taken is None or (money.cash is None and money.own is None):
            return "Balance not reported yet"
        who = "broker's figure" if money.cash is not None else "own figure"
        when = "as of " if stale else ""
        return " · ".join(part for part in (money.currency, who, when + f.zoned(taken.time, self._zone)) if part)

    def _missing(self, shown: Shown) -> str:
        if not shown.link_alive:
            return "Balance not available: the line is down."
        return "Balance not available: the broker has not stated one for this account."

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._keys) and self._keys[index] != self._shown.account_key:
            from core.commands import SelectAccount

            self.intent.emit(SelectAccount(self._keys[index]))

    def _classify_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("p1ClassifyMenu")
        for mode, meaning in MEANINGS.items():
            action = menu.addAction(f"{mode.value} – {meaning}")
            action.setObjectName(f"p1Classify_{mode.value}")
            action.triggered.connect(lambda _checked=False, chosen=mode: self._ask_classify(chosen))
        return menu

    def _ask_classify(self, mode: Mode) -> None:
        from core.commands import ClassifyAccount

        key = self._shown.account_key
        if key is None or self._confirm is not None:
            return
        self._confirm = ConfirmDialog(
            self._theme,
            self.window(),
            f"Classify {key.account} as {mode.value}",
            f"{key.account} on {key.connection} will be treated as {mode.value}: {MEANINGS[mode]}. "
            "This is refused while the account has a position or a working order.",
            f"Classify as {mode.value}",
            "Cancel",
            yes_default=False,
        )
        self._confirm.agreed.connect(lambda: self.intent.emit(ClassifyAccount(key, mode)))
        self._confirm.finished.connect(self._forget_confirm)
        self._confirm.open()

    def _forget_confirm(self) -> None:
        self._confirm = None

    def _lay_out(self) -> None:
        self.header = PanelHeader(30)
        top = self.header.row
        top.setContentsMargins(8, 0, 12, 0)
        top.setSpacing(8)
        top.addWidget(self.chooser, 1)
        top.addWidget(self.mode)
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        for at, label in enumerate(self.rows.values()):
            title = TextLabel(wrap=False)
            title.say(label.name, "ink2")
            rule = QFrame()
            rule.setProperty("kind", "rule")
            rule.setFixedHeight(1)
            grid.addWidget(rule, 2 * at, 0, 1, 2)
            grid.addWidget(title, 2 * at + 1, 0)
            grid.addWidget(label, 2 * at + 1, 1, Qt.AlignmentFlag.AlignRight)
            grid.setRowStretch(2 * at + 1, 1)
            grid.setRowMinimumHeight(2 * at + 1, ROW_HEIGHT)
        grid.setColumnStretch(1, 1)
        chips = QHBoxLayout()
        chips.addWidget(self.certainty)
        chips.addWidget(self.difference)
        chips.addStretch(1)
        for pressed in (self.classify, self.connect_button, self.retry):
            pressed.hide()
            chips.addWidget(pressed)
        self.content = QWidget()
        self._inner = inner = QVBoxLayout(self.content)
        inner.setContentsMargins(12, 8, 12, 8)
        inner.setSpacing(4)
        inner.addWidget(self.balance)
        inner.addWidget(self.source)
        inner.addLayout(chips)
        inner.addWidget(self.note)
        inner.addLayout(grid, 2)
        inner.addStretch(EQUITY_STRETCH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        self.area = Scroller(self.content)
        layout.addWidget(self.area, 1)
        explain(self.rows["p1DayNet"], f"{DAY_HINT} The curve says the same of 1D, but for a reset.")
