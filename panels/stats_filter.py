"""What trades the statistics are of: account, modes, symbol, side. Nothing mixes unless the trader says so."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Signal

from core.model.scope import AccountKey, Mode
from core.queries import TradeFilter
from core.snapshot import Snapshot
from panels.shown import Shown
from panels.widgets.controls import Choice, Tick, button, explain
from panels.widgets.flow import FlowRow

FOLLOW, EVERY, BOTH = "Account on show", "All symbols", "Both sides"
SIDES = {BOTH: 0, "LONG": 1, "SHORT": -1}
MIXED = frozenset({*Mode, None})
MIX_WARNING = "Also counts trades made while the account was of another mode: practice and real money together."


def account_words(key: AccountKey) -> str:
    """Return an account as the list names it."""
    return f"{key.account} ({key.connection})"


class StatsFilter(FlowRow):
    """Four choices and a way back to none.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._accounts: dict[str, AccountKey] = {}
        self.account = Choice("p3Account", "Statistics of account", [FOLLOW], 150)
        self.symbol = Choice("p3Symbol", "Statistics of symbol", [EVERY], 130)
        self.side = Choice("p3Side", "Statistics of side", SIDES, 94)
        self.mix = Tick("p3Mix", "Mix modes", MIX_WARNING)
        self.clear = button("p3Clear", "Clear filter", "Clear the filter of the statistics")
        explain(self.clear, "Nothing is filtered by.")
        super().__init__(self.account, self.symbol, self.side, self.mix, self.clear)
        for choice in (self.account, self.symbol, self.side):
            choice.currentTextChanged.connect(self.changed)
        self.mix.toggled.connect(self.changed)
        self.clear.clicked.connect(self.reset)

    @property
    def is_set(self) -> bool:
        """Return whether anything is filtered by."""
        chosen = (self.account.currentIndex(), self.symbol.currentIndex(), self.side.currentIndex())
        return any(chosen) or self.mix.isChecked()

    def reset(self) -> None:
        """Filter by nothing, and tell once."""
        blockers = [QSignalBlocker(one) for one in (self.account, self.symbol, self.side, self.mix)]
        for choice in (self.account, self.symbol, self.side):
            choice.setCurrentIndex(0)
        self.mix.setChecked(False)
        for blocker in blockers:
            blocker.unblock()
        self.changed.emit()

    def wanted(self, shown: Shown, snapshot: Snapshot, since: datetime | None) -> TradeFilter | None:
        """Return the trades that are wanted; None while there is no account."""
        key = self._accounts.get(self.account.currentText(), shown.account_key)
        if key is None:
            return None
        account = snapshot.accounts.get(key)
        mode = account.mode if account is not None else None
        symbol = self.symbol.currentText() if self.symbol.currentIndex() > 0 else ""
        others = MIXED - {mode} if self.mix.isChecked() else frozenset()
        return TradeFilter(key, mode, since, symbol, SIDES[self.side.currentText()], others)

    def offer(self, accounts: Sequence[AccountKey], symbols: Sequence[str]) -> None:
        """Offer these accounts and symbols; what is chosen stays, also when it is not among them."""
        self._accounts = {account_words(key): key for key in accounts}
        _offer(self.account, FOLLOW, list(self._accounts))
        _offer(self.symbol, EVERY, list(symbols))
        self.clear.setEnabled(self.is_set)
        explain(self.clear, "" if self.is_set else "Nothing is filtered by.")

    def words(self, wanted: TradeFilter, mode_word: str) -> str:
        """Return what the figures are of, modes that mix named as such."""
        modes = "LIVE + EVAL + SIM + REPLAY + unclassified mixed" if wanted.others else mode_word
        side = {1: "long only", -1: "short only"}.get(wanted.direction, "")
        return " · ".join(part for part in (wanted.account.account, modes, wanted.symbol, side) if part)


def _offer(choice: Choice, first: str, names: list[str]) -> None:
    chosen = choice.currentText()
    if choice.currentIndex() > 0 and chosen not in names:
        names = [*names, chosen]
    wanted = [first, *names]
    if [choice.itemText(at) for at in range(choice.count())] == wanted:
        return
    blocker = QSignalBlocker(choice)
    choice.clear()
    choice.addItems(wanted)
    choice.setCurrentText(chosen)
    blocker.unblock()
