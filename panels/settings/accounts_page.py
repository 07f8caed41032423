"""Settings: what each account is, and whether its entries are asked about."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.commands import ClassifyAccount, SetOneClick
from core.model.guard_changes import limit_words
from core.model.guard_rules import Guard, GuardRules
from core.model.scope import Account, AccountKey, Mode
from panels.settings.page import Page, Row, SettingsState, choice_of, show_choice, show_tick
from panels.widgets.controls import Tick, button, explain
from panels.wishes import OpenSettings

UNSAID = None
MODES = {
    UNSAID: "Not said yet: treated as LIVE",
    Mode.LIVE: "LIVE · real money",
    Mode.EVAL: "EVAL · firm rules apply",
    Mode.SIM: "SIM · no real money",
}
TITLES = {
    Guard.DAY_LOSS: "Day loss",
    Guard.PROFIT_FLOOR: "Profit floor",
    Guard.PROP_FLOOR: "Prop floor",
    Guard.TRADES: "Trades a day",
    Guard.SIZE: "Contracts",
    Guard.FLAT_BY: "Flat by",
    Guard.NEWS: "News",
}
REAL = (None, Mode.LIVE, Mode.EVAL)
BUSY = "It has a position or a working order; what it is cannot be changed now."
OURS = "The built-in simulator's; it is always SIM."


class AccountRow(QWidget):
    """The choice of one account."""

    def __init__(self, page: AccountsPage, key: AccountKey) -> None:
        super().__init__()
        self.key = key
        self.mode = choice_of(
            f"settingsMode_{key.account}", f"What {key.account} on {key.connection} is", MODES, self._classify, 220
        )
        self.one_click = Tick(
            f"settingsOneClick_{key.account}",
            "One-click",
            f"Entries of {key.account} inside the limits go without a question.",
        )
        self.limits = button(f"settingsLimits_{key.account}", "Limits…", f"Limits of {key.account}")
        self._page = page
        self.one_click.toggled.connect(self._ask_no_more)
        self.limits.clicked.connect(partial(page.open_limits, key))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in (self.mode, self.one_click, self.limits):
            layout.addWidget(part)

    def _classify(self, mode: Mode | None) -> None:
        if mode is not None:
            self._page.intent.emit(ClassifyAccount(self.key, mode))
        self._page.show_state(self._page.seen, is_new=False)  # what is: the engine may refuse

    def _ask_no_more(self, on: bool) -> None:
        self._page.intent.emit(SetOneClick(self.key, on))
        self._page.show_state(self._page.seen, is_new=False)

    def show_account(self, account: Account, seen: SettingsState, is_ours: bool) -> None:
        """Show what it is."""
        snapshot, key = seen.snapshot, self.key
        show_choice(self.mode, MODES, account.mode)
        busy = any(one.account_key == key for one in snapshot.positions) or any(
            order.key.account_key == key and order.is_alive for order in snapshot.orders.values()
        )
        why = OURS if is_ours else BUSY if busy else ""
        self.mode.setEnabled(not why)
        explain(self.mode, why)
        self.one_click.setVisible(account.mode in REAL)
        show_tick(self.one_click, key in snapshot.one_click)


class AccountsPage(Page):
    """One row per account the brokers have named."""

    title = "Accounts & modes"
    also = "live eval sim classify one-click"

    def build(self) -> None:
        """Put what does not change in place."""
        self.text(
            "Say once what each account is. Until then it is treated as LIVE: entries need arming and are asked about."
        )
        self.none = self.text("No account yet: no connection has named one.", "ink3")
        self.accounts: dict[AccountKey, tuple[AccountRow, Row]] = {}
        self.chosen: AccountKey | None = None

    def show_state(self, seen: SettingsState, *, is_new: bool) -> None:
        """Show every account, new ones below the others."""
        snapshot = seen.snapshot
        for key in sorted(snapshot.accounts.keys() - self.accounts.keys()):
            made = AccountRow(self, key)
            row = Row(f"{key.account} on {key.connection}", made, also="mode live eval sim one-click limits")
            self.rows.append(row)
            self.layout_.insertWidget(self.layout_.count() - 1, row)
            self.accounts[key] = made, row
        self.none.setVisible(not snapshot.accounts)
        for key, (shown, row) in self.accounts.items():
            account = snapshot.accounts.get(key)
            if account is not None:
                shown.show_account(account, seen, key.connection in snapshot.resettable)
                row.say(self._limits(seen, key))

    def open_limits(self, key: AccountKey) -> None:
        """Go to the limits of an account."""
        self.chosen = key
        self.intent.emit(OpenSettings(f"risk/{key.connection}/{key.account}"))

    @staticmethod
    def _limits(seen: SettingsState, key: AccountKey) -> str:
        guards = seen.snapshot.guards.get(key)
        if guards is not None and guards.locked:
            return guards.locked
        limits = limit_words(seen.snapshot.settings.guards.get(key, GuardRules()))
        said = " · ".join(f"{TITLES[guard]} {words}" for guard, words in limits.items())
        return said or "No limit guards it."
