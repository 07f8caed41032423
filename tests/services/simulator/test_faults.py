"""The way out of a line: what is lost, doubled, put behind others and held back, and in which order it then comes."""

from __future__ import annotations

import pytest

from services.dtc.messages.accounts import AccountBalanceUpdate
from services.dtc.messages.base import Message
from services.dtc.messages.market_data import MarketDataUpdateBidAsk
from services.dtc.messages.trading import OrderUpdate, PositionUpdate
from services.simulator.faults import FaultyOutlet, LineFaults, Picked

BALANCE, QUOTE, POSITION = AccountBalanceUpdate(), MarketDataUpdateBidAsk(), PositionUpdate()


def order(name: str, request: int = 0) -> OrderUpdate:
    return OrderUpdate(ServerOrderID=name, RequestID=request)


class Out:
    """An outlet and what came out of it."""

    def __init__(self) -> None:
        self.faults = LineFaults()
        self.sent: list[str] = []
        self._outlet = FaultyOutlet(self.faults, self._put)

    def tell(self, *messages: Message, now: float = 0.0) -> list[str]:
        """Tell messages and return all that has come out so far."""
        self._outlet.tell(messages, now)
        return self.sent

    def after(self, now: float) -> list[str]:
        """Let time pass and return all that has come out so far."""
        self._outlet.release(now)
        return self.sent

    def _put(self, message: Message) -> None:
        self.sent.append(message.ServerOrderID if isinstance(message, OrderUpdate) else str(message.TYPE))


@pytest.fixture
def out() -> Out:
    return Out()


def test_without_a_fault_everything_goes_out_at_once(out: Out) -> None:
    assert out.tell(order("a"), QUOTE, POSITION, BALANCE) == ["a", "108", "306", "600"]


def test_one_goes_behind_as_many_others_of_its_kind_as_wanted(out: Out) -> None:
    out.faults.reorder[301] = Picked(count=1, behind=2)
    assert out.tell(order("a"), QUOTE, order("b"), QUOTE, POSITION, BALANCE) == ["108", "b", "108", "306", "a", "600"]


def test_those_that_go_behind_the_same_others_keep_their_order(out: Out) -> None:
    out.faults.reorder[301] = Picked(count=2, behind=2)
    assert out.tell(order("a"), order("b"), POSITION, BALANCE) == ["306", "600", "a", "b"]


def test_one_behind_others_that_never_come_is_told_after_a_while(out: Out) -> None:
    out.faults.reorder[301] = Picked(count=1, behind=3)
    assert out.tell(order("a"), POSITION) == ["306"]
    assert out.after(4.9) == ["306"]
    assert out.after(5.0) == ["306", "a"]


def test_what_is_late_by_the_same_time_keeps_its_order(out: Out) -> None:
    out.faults.delay_s = 1.0
    out.tell(order("a"), QUOTE)
    assert out.tell(POSITION, order("b"), now=0.5) == []
    assert out.after(1.0) == ["a", "108"]
    assert out.after(1.5) == ["a", "108", "306", "b"]


def test_messages_of_one_type_never_overtake_each_other_when_a_delay_shrinks(out: Out) -> None:
    out.faults.delays_s[301] = 10.0
    assert out.tell(order("a"), POSITION) == ["306"]
    out.faults.delays_s[301] = 0.0
    assert out.tell(order("b"), now=0.1) == ["306", "a", "b"]


def test_a_delay_of_one_type_stands_against_the_delay_of_all(out: Out) -> None:
    out.faults.delay_s, out.faults.delays_s[600] = 1.0, 0.0
    assert out.tell(order("a"), BALANCE) == ["600"]


def test_held_account_matters_go_out_in_order_before_what_is_told_next(out: Out) -> None:
    out.faults.ack_delay_s = float("inf")
    assert out.tell(order("a"), QUOTE, POSITION) == ["108"]
    assert out.after(1e9) == ["108"]
    out.faults.ack_delay_s = 0.0
    assert out.tell(BALANCE, now=1e9) == ["108", "a", "306", "600"]


def test_answers_need_not_be_counted(out: Out) -> None:
    out.faults.mute[301] = Picked(count=1, unasked=True)
    out.faults.duplicate[301] = Picked(count=1, skip=1, unasked=True)
    assert out.tell(order("listed", request=7), order("a"), order("b"), order("c")) == ["listed", "b", "c", "c"]
