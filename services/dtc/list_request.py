"""Asking for one list: the positions of an account, or the open orders of all.

Answered by one event when the list is complete and readable, or not at all; then whoever asked asks again.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.events import OrdersListed, PositionsListed
from core.model.scope import AccountKey
from services.dtc.batch import Batch
from services.dtc.definitions import SymbolWait
from services.dtc.messages.base import Message
from services.dtc.messages.trading import CurrentPositionsRequest, OpenOrdersRequest, OrderUpdate, PositionUpdate
from services.dtc.refusal import Refused
from services.dtc.snapshot_answer import Step, symbols_of
from services.dtc.snapshot_request import STEP_WITHIN_S
from services.dtc.translate import Translator


class ListRequest:
    """One question, from its sending to its event (network thread).

    Attributes:
        key: whose positions; None for the orders of all accounts.
        outcome: the list, once it is complete.
        over: nothing more will come of it.
    """

    def __init__(self, translator: Translator, ids: Iterator[int], key: AccountKey | None, now: datetime) -> None:
        self.key = key
        self.outcome: PositionsListed | OrdersListed | None = None
        self.over = False
        self._translator = translator
        self._asked_at = now
        self._due_s: float | None = None
        self._symbols = SymbolWait(translator.definitions)
        request_id = next(ids)
        if key is None:
            request: Message = OpenOrdersRequest(RequestID=request_id, RequestAllOrders=1)
            self._step = Step("the open orders", request, Batch(request_id, OrderUpdate))
        else:
            request = CurrentPositionsRequest(RequestID=request_id, TradeAccount=key.account)
            self._step = Step("the positions", request, Batch(request_id, PositionUpdate), key.account)

    def take(self, message: Any, at: datetime) -> bool:
        """Take an answer; False when the message is none of ours."""
        if not self._step.batch.belongs(message):
            return False
        self._step.batch.add(message, at)
        return True

    def advance(self, now_s: float) -> list[Message]:
        """Return the question when it was not sent yet; sets `over`, and `outcome` when there is one."""
        if self._due_s is None:
            self._due_s = now_s + STEP_WITHIN_S
            return [self._step.request]
        batch = self._step.batch
        if batch.refused is not None or (not batch.complete and now_s >= self._due_s):
            self.over = True
        elif batch.complete and self._symbols.over(symbols_of([self._step]), now_s):
            self.over = True
            self._finish()
        return []

    def _finish(self) -> None:
        rows = self._step.batch.rows
        try:
            if self.key is None:
                orders = tuple(self._translator.order(message, at) for message, at in rows)
                self.outcome = OrdersListed(self._translator.connection, orders, self._asked_at)
            else:
                positions = tuple(self._translator.position(message, at) for message, at in rows)
                self.outcome = PositionsListed(self.key, positions, self._asked_at)
        except Refused as refusal:
            self._translator.refusals.note(rows[0].message, str(refusal))
