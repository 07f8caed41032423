"""Asking a broker for everything recovery needs, and knowing when it has all been said.

One question at a time, because servers differ in what they endure: the accounts, then of each account its money, its
fills and its positions, then all open orders; at last the definitions of symbols met on the way. Each question has
ten seconds. Fills come before positions and orders, so that a fill between two answers is either in the later one or
seen live. Live reports go past all this untouched, at once.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from core.events import SnapshotFailed, SnapshotReceived
from services.dtc.batch import Batch
from services.dtc.definitions import SymbolWait
from services.dtc.messages.accounts import (
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.base import Message
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.refusal import Refused
from services.dtc.snapshot_answer import Step, read_snapshot, symbols_of
from services.dtc.translate import Translator

STEP_WITHIN_S = 10.0


class SnapshotRequest:
    """One request for a snapshot, from its first question to its outcome (network thread).

    Attributes:
        outcome: SnapshotReceived or SnapshotFailed once it is over.
    """

    def __init__(self, translator: Translator, ids: Iterator[int], since: datetime, now: datetime) -> None:
        self.outcome: SnapshotReceived | SnapshotFailed | None = None
        self._translator = translator
        self._ids = ids
        self._since = since
        self._asked_at = now
        self._planned: deque[Step] = deque()
        self._asked: list[Step] = []
        self._due_s = 0.0
        self._symbols = SymbolWait(translator.definitions)
        self._plan("the account list", lambda id_: TradeAccountsRequest(RequestID=id_), TradeAccountResponse)

    def take(self, message: Any, at: datetime) -> bool:
        """Take an answer; False when the message is none of ours."""
        for step in reversed(self._asked):
            if step.batch.belongs(message):
                step.batch.add(message, at)
                return True
        return False

    def advance(self, now: datetime, now_s: float) -> list[Message]:
        """Return the next question when it is time for one; sets `outcome` when all is said or time is up."""
        if self.outcome is not None:
            return []
        waiting = next((step for step in self._asked if not step.batch.complete), None)
        if waiting is not None:
            if now_s >= self._due_s:
                self._fail(f"The broker gave no complete answer about {waiting.name} within {STEP_WITHIN_S:.0f} s.")
            return []
        if len(self._asked) == 1:
            self._plan_accounts()
        if self._planned:
            self._asked.append(self._planned.popleft())
            self._due_s = now_s + STEP_WITHIN_S
            return [self._asked[-1].request]
        if self.outcome is None and self._symbols.over(symbols_of(self._asked), now_s):
            self._finish(now)
        return []

    def _plan(self, name: str, request: Callable[[int], Message], kind: type[Message], account: str = "") -> None:
        request_id = next(self._ids)
        self._planned.append(Step(name, request(request_id), Batch(request_id, kind), account))

    def _plan_accounts(self) -> None:
        """Plan the questions that follow from the account list."""
        try:
            names = [self._translator.account(row.message).key.account for row in self._asked[0].batch.rows]
        except Refused as refusal:
            self._fail(f"A row of the account list cannot be read: {refusal}.")
            return
        for name in dict.fromkeys(names):
            self._plan_account(name)
        self._plan("the open orders", lambda id_: OpenOrdersRequest(RequestID=id_, RequestAllOrders=1), OrderUpdate)

    def _plan_account(self, name: str) -> None:
        # One day more than the window: a server may count calendar days.
        days = 1 + max(1, -((self._since - self._asked_at) // timedelta(days=1)))
        self._plan(
            f"the balance of {name}",
            lambda id_: AccountBalanceRequest(RequestID=id_, TradeAccount=name),
            AccountBalanceUpdate,
            name,
        )
        self._plan(
            f"the fills of {name}",
            lambda id_: HistoricalOrderFillsRequest(RequestID=id_, TradeAccount=name, NumberOfDays=days),
            HistoricalOrderFillResponse,
            name,
        )
        self._plan(
            f"the positions of {name}",
            lambda id_: CurrentPositionsRequest(RequestID=id_, TradeAccount=name),
            PositionUpdate,
            name,
        )

    def _finish(self, now: datetime) -> None:
        try:
            snapshot = read_snapshot(self._asked, self._translator, self._since, self._asked_at, now)
        except Refused as refusal:
            self._fail(str(refusal))
            return
        self.outcome = SnapshotReceived(self._translator.connection, snapshot)

    def _fail(self, text: str) -> None:
        self._planned.clear()
        self.outcome = SnapshotFailed(self._translator.connection, self._translator.masked(text))
