"""Accounts and their money: one writer, the broker's figure and our own side by side, never mixed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from core import commands, events
from core.clock import Clock
from core.errors import PersistenceError
from core.events import Announcement, Level
from core.messages import Message
from core.model.scope import AccountKey, Mode, PositionKey, account_to_show
from core.model.trading_day import day_start
from core.ports import AccountRepository, AuditLog
from core.snapshot import LedgerBalance
from core.state_manager import StateManager


class AccountService:
    """Keep accounts, their modes and their money (trading thread; `load` on the main thread before it).

    A mode said on the command line is given to an account that has none yet and nothing open or working.

    Args:
        simulated: connections to a simulator this program started; their accounts are SIM by construction.
        classified: what the user said on the command line, by account name.
    """

    def __init__(
        self,
        accounts: AccountRepository,
        audit: AuditLog,
        state: StateManager,
        clock: Clock,
        simulated: frozenset[str],
        classified: Mapping[str, Mode],
        preferred: str = "",
    ) -> None:
        self._repository = accounts
        self._audit = audit
        self._state = state
        self._clock = clock
        self._simulated = simulated
        self._classified = classified
        self._preferred = preferred
        self._day: datetime | None = None
        self._mixed: set[AccountKey] = set()

    def load(self) -> None:
        """Publish stored accounts and our own money figures, of the trading day it is now."""
        self._day = day_start(self._clock.now())
        for account in self._repository.accounts():
            self._state.set_account(account)
            self._publish_ledger(account.key)
        self._select_first()

    def on_accounts_listed(self, event: events.AccountsListed) -> list[Message]:
        """Take the broker's list; an account it no longer names is kept, its positions too."""
        held = self._state.snapshot().accounts
        for listed in event.accounts:
            known = held.get(listed.key)
            mode = None if known is None else known.mode
            if event.connection in self._simulated:
                mode = Mode.SIM
            elif mode is None and not self._in_use(listed.key):
                mode = self._classified.get(listed.key.account)
            currency = listed.currency or ("" if known is None else known.currency)
            account = replace(listed, mode=mode, currency=currency)
            if account != known:
                self._repository.save(account)
                self._state.set_account(account)
        self._select_first()
        return []

    def on_balance(self, event: events.BalanceReported) -> list[Message]:
        """Show the broker's figure; the first one ever is where our own begins.

        An account that has money of several currencies has no figure of ours.
        """
        self._state.set_balance(event.key, event.balance)
        held = self._state.snapshot().accounts.get(event.key)
        if held is not None and event.balance.currency and held.currency != event.balance.currency:
            account = replace(held, currency=event.balance.currency)
            self._repository.save(account)
            self._state.set_account(account)
            self._publish_ledger(event.key, event.balance.time)
        ledger = self._state.snapshot().ledger.get(event.key)
        if event.key in self._mixed or event.balance.cash is None:
            return []
        if ledger is None or ledger.cash is None:
            self._repository.add_equity_point(event.key, "ANCHOR", event.balance.cash, self._clock.now())
            self._publish_ledger(event.key, event.balance.time)
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Begin the day's net anew when a trading day begins."""
        start = day_start(event.now)
        if self._day is not None and start != self._day:
            for key, held in self._state.snapshot().ledger.items():
                self._publish_ledger(key, held.time)
        self._day = start
        return []

    def on_fill_applied(self, event: events.FillApplied) -> list[Message]:
        """Publish our own figure as the fill moved it; it was stored with the fill.

        Money of another currency than the account's cannot be added to it: our figure is unknown from then on.
        """
        change, key = event.change, event.change.key.account_key
        account = self._state.snapshot().accounts.get(key)
        if key in self._mixed:
            return []
        if account is not None and account.currency and change.currency not in ("", account.currency):
            return self._give_up(change.key, change.currency, account.currency)
        if change.cash == 0:
            return []
        self._state.adjust_ledger(key, change.cash, self._clock.now())
        return []

    def on_account_reset(self, event: events.AccountReset) -> list[Message]:
        """Begin our own figure and the day's net anew, by a logged point; what was traded stays."""
        account = self._state.snapshot().accounts.get(event.key)
        try:
            self._repository.add_equity_point(event.key, "RESET", event.cash, self._clock.now())
        except PersistenceError as error:
            text = (
                f"{event.key.account} was reset at the simulator, and our own figure was not: {error} Reset it again."
            )
            return [self._said(text, Level.ERROR)]
        self._publish_ledger(event.key)
        money = f"{event.cash:,.2f} {'' if account is None else account.currency}".rstrip()
        return [self._said(f"{event.key.account} begins anew with {money}. Trades and statistics stay.", Level.SUCCESS)]

    def on_classify(self, command: commands.ClassifyAccount) -> list[Message]:
        """Set what an account is, unless something is open or working in it."""
        snapshot = self._state.snapshot()
        account = snapshot.accounts.get(command.key)
        if account is None or command.key.connection in self._simulated:
            return [self._said(f"{command.key} cannot be classified: it is unknown, or a simulator of this program.")]
        if self._in_use(command.key):
            return [self._said(f"{command.key.account} has a position or a working order; close it first.")]
        changed = replace(account, mode=command.mode)
        self._repository.save(changed)
        self._audit.append(
            "setting",
            f"{command.key.account} classified as {command.mode.value}",
            key=command.key,
            mode=command.mode,
            cause="trader",
            data={},
        )
        self._state.set_account(changed)
        return [self._said(f"{command.key.account} is {command.mode.value} from now on.", Level.INFO)]

    def on_select(self, command: commands.SelectAccount) -> list[Message]:
        """Show another account; nothing else changes."""
        if command.key in self._state.snapshot().accounts:
            self._state.select_account(command.key, self._clock.now())
        return []

    def _give_up(self, key: PositionKey, currency: str, own: str) -> list[Message]:
        self._mixed.add(key.account_key)
        self._state.set_ledger(key.account_key, LedgerBalance(None, None, self._clock.now()))
        text = (
            f"{key.symbol} is settled in {currency} and {key.account} is kept in {own}: currencies are not added, so "
            f"our own figure of {key.account} is unknown from now on. The broker's figure stands."
        )
        return [self._said(text)]

    def _publish_ledger(self, key: AccountKey, moved_at: datetime | None = None) -> None:
        """Publish what is stored.

        Args:
            moved_at: when it moved last; the broker's word that it was made of is not older than it.
        """
        now = self._clock.now()
        if self._repository.mixes_currencies(key):
            self._mixed.add(key)
            self._state.set_ledger(key, LedgerBalance(None, None, now))
            return
        cash = self._repository.last_equity(key)
        start = day_start(now)
        anew = self._repository.reset_since(key, start)
        at_open = self._repository.equity_at(key, start) if anew is None else anew
        day_net = None if cash is None or at_open is None else cash - at_open
        self._state.set_ledger(key, LedgerBalance(cash, day_net, moved_at or now))

    def _select_first(self) -> None:
        snapshot = self._state.snapshot()
        if snapshot.selected_account is not None:
            return
        chosen = account_to_show(snapshot.accounts, snapshot.positions, self._preferred)
        if chosen is not None:
            self._state.select_account(chosen, self._clock.now())

    def _in_use(self, key: AccountKey) -> bool:
        snapshot = self._state.snapshot()
        working = any(one.key.account_key == key and one.is_alive for one in snapshot.orders.values())
        return working or any(scope.account_key == key for scope in snapshot.positions)

    def _said(self, text: str, level: Level = Level.CAUTION) -> Announcement:
        return Announcement(level, text, self._clock.now())
