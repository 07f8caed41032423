"""What becomes of orders on a line that may fall at any moment, on a real loopback socket."""

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import ConnectionLost
from core.events import (
    FillReceived,
    InstrumentReported,
    Link,
    OrderReported,
    SendFailed,
    SendStarted,
)
from core.model.order_change import Terms
from services.dtc.enums import LogonStatusEnum
from services.dtc.messages.order_entry import CancelOrder, CancelReplaceOrder, SubmitNewSingleOrder
from services.dtc.messages.symbols import SecurityDefinitionForSymbolRequest
from tests.fakes.dtc_server import FakeDTC, definition
from tests.fakes.line_bench import Bench, order, report

pytestmark = pytest.mark.usefixtures("caplog")  # what breaks here on purpose is logged as warnings


def test_an_order_is_told_as_started_before_it_arrives_and_passes_its_steps(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    one.client.submit(order("ST1", "2"))
    (sent,) = server.wait_for(SubmitNewSingleOrder)
    assert (sent.ClientOrderID, sent.Symbol, sent.TradeAccount, sent.Quantity) == ("ST1", "ES", "Sim1", 2.0)
    assert (sent.IsAutomatedOrder, sent.FreeFormText) == (0, "")
    assert one.inbox.wait_for(SendStarted).client_order_id == "ST1"
    one.settled()
    assert one.steps == ["send.started", "send.done"]


def test_a_killed_process_at_send_started_has_sent_nothing(bench: Callable[..., Bench], server: FakeDTC) -> None:
    seen: list[int] = []
    one = bench(reached=lambda name: seen.append(len(server.received)) if name == "send.started" else None).up()
    one.client.submit(order())
    server.wait_for(SubmitNewSingleOrder)
    assert seen == [0]


def test_a_price_is_sent_in_the_scale_the_venue_confirmed(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.book.definitions["ES"] = definition("ES", multiplier=0.01)
    one = bench().up()
    one.client.subscribe("ES")
    one.inbox.wait_for(InstrumentReported)
    one.client.submit(order(price="4000.50"))
    assert server.wait_for(SubmitNewSingleOrder)[0].Price1 == 400050.0


def test_a_price_without_a_confirmed_scale_is_proven_unsent(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    one.client.submit(order(price="4000.50"))
    one.client.submit(order("ST2"))
    failed = one.inbox.wait_for(SendFailed)
    assert failed.client_order_id == "ST1"
    assert "price scale" in failed.text
    assert [sent.ClientOrderID for sent in server.wait_for(SubmitNewSingleOrder)] == ["ST2"]


def test_a_cancel_carries_both_names(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    one.client.cancel(replace(order("ST1"), server_order_id="S9"))
    one.client.cancel(replace(order("EXT-x-S8"), server_order_id="S8", external=True))
    sent = server.wait_for(CancelOrder, 2)
    assert [(one.ServerOrderID, one.ClientOrderID) for one in sent] == [("S9", "ST1"), ("S8", "")]


def test_a_change_goes_out_in_the_scale_the_venue_confirmed(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.book.definitions["ES"] = definition("ES", multiplier=0.01)
    one = bench().up()
    working = replace(order("ST1", price="4000.50"), server_order_id="S9")
    one.client.replace(working, Terms(price=Decimal("4000.25")))
    failed = one.inbox.wait_for(SendFailed)
    assert (failed.client_order_id, "price scale" in failed.text) == ("ST1", True)
    one.client.subscribe("ES")
    one.inbox.wait_for(InstrumentReported)
    one.client.replace(working, Terms(price=Decimal("4000.25")))
    (sent,) = server.wait_for(CancelReplaceOrder)
    assert (sent.ServerOrderID, sent.ClientOrderID, sent.Price1, sent.Quantity) == ("S9", "ST1", 400025.0, 0.0)


def test_a_change_handed_over_but_not_begun_when_the_line_falls_is_proven_unsent(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    held, go = threading.Event(), threading.Event()

    def block() -> None:
        held.set()
        assert go.wait(10)

    one.client._wish(block)
    assert held.wait(10)
    server.close()
    one.client.replace(replace(order("ST1"), server_order_id="S9"), Terms(quantity=Decimal(2)))
    go.set()
    assert one.wait_link(Link.OFFLINE).may_have_sent == ()
    assert [failed.client_order_id for failed in one.inbox.of(SendFailed)] == ["ST1"]
    with pytest.raises(ConnectionLost):
        one.client.replace(replace(order("ST1"), server_order_id="S9"), Terms(quantity=Decimal(2)))
    one.client.reconnect()
    one.wait_link(Link.SYNCING, 2)
    one.client.submit(order("NEW"))
    server.wait_for(SubmitNewSingleOrder)
    assert not [one for one in server.received if isinstance(one, CancelReplaceOrder)]


def test_an_order_is_refused_while_the_line_is_down(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.refusal = ("Closed on Sundays.", LogonStatusEnum.LOGON_ERROR, "")
    one = bench()
    with pytest.raises(ConnectionLost):
        one.client.submit(order())
    one.start()
    one.wait_link(Link.OFFLINE)
    with pytest.raises(ConnectionLost, match="Closed on Sundays"):
        one.client.submit(order())
    with pytest.raises(ConnectionLost):
        one.client.cancel(order())
    server.refusal = None
    one.client.reconnect()
    one.wait_link(Link.SYNCING)
    one.client.submit(order("NEW"))
    assert [sent.ClientOrderID for sent in server.wait_for(SubmitNewSingleOrder)] == ["NEW"]


def test_an_order_handed_over_but_not_begun_when_the_line_falls_is_proven_unsent(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    held, go = threading.Event(), threading.Event()

    def block() -> None:
        held.set()
        assert go.wait(10)

    one.client._wish(block)
    assert held.wait(10)
    server.close()
    one.client.submit(order("ST1"))
    one.client.submit(order("ST2"))
    go.set()
    told = one.wait_link(Link.OFFLINE)
    assert [failed.client_order_id for failed in one.inbox.of(SendFailed)] == ["ST1", "ST2"]
    assert told.may_have_sent == ()
    one.client.reconnect()
    one.wait_link(Link.SYNCING, 2)
    one.client.submit(order("NEW"))
    assert [sent.ClientOrderID for sent in server.wait_for(SubmitNewSingleOrder)] == ["NEW"]
    assert len(one.inbox.of(SendFailed)) == 2


def test_an_order_that_left_but_was_not_answered_may_have_been_sent(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    one = bench().up()
    one.client.submit(order("ST1"))
    one.client.submit(order("ST2"))
    server.wait_for(SubmitNewSingleOrder, 2)
    server.send(report("ST1"))
    one.inbox.wait_for(OrderReported)
    server.close()
    assert one.wait_link(Link.OFFLINE).may_have_sent == ("ST2",)
    assert one.inbox.of(SendFailed) == []
    one.client.reconnect()
    one.wait_link(Link.SYNCING, 2)
    one.client.submit(order("NEW"))
    names = [sent.ClientOrderID for sent in server.wait_for(SubmitNewSingleOrder, 3)]
    assert names == ["ST1", "ST2", "NEW"]
    server.close()
    assert one.wait_link(Link.OFFLINE, 2).may_have_sent == ("NEW",)


def test_an_order_half_written_may_have_been_sent_and_those_behind_it_were_not(
    bench: Callable[..., Bench], server: FakeDTC, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench().up()
    real = socket.socket.send
    taken: list[int] = []

    def short(self: socket.socket, data: bytes, *flags: int) -> int:
        if len(data) < 100:  # not an order
            return real(self, data, *flags)
        if taken:
            raise BlockingIOError
        taken.append(real(self, data[:100], *flags))
        return taken[0]

    monkeypatch.setattr(socket.socket, "send", short)
    one.client.submit(order("ST1"))
    one.client.submit(order("ST2"))
    one.inbox.wait_for(SendStarted)
    one.settled()
    server.close()
    told = one.wait_link(Link.OFFLINE)
    assert told.may_have_sent == ("ST1",)
    assert [failed.client_order_id for failed in one.inbox.of(SendFailed)] == ["ST2"]
    assert [started.client_order_id for started in one.inbox.of(SendStarted)] == ["ST1"]
    assert one.steps == ["send.started"]


def test_an_order_offered_to_a_broken_socket_that_took_nothing_is_proven_unsent(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench().up()
    real = socket.socket.send

    def broken(self: socket.socket, data: bytes, *flags: int) -> int:
        if len(data) < 100:
            return real(self, data, *flags)
        raise BrokenPipeError

    monkeypatch.setattr(socket.socket, "send", broken)
    one.client.submit(order("ST1"))
    told = one.wait_link(Link.OFFLINE)
    assert told.may_have_sent == ()
    assert [failed.client_order_id for failed in one.inbox.of(SendFailed)] == ["ST1"]


def test_what_the_server_said_before_it_closed_is_still_told(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.send(*[report(f"ST{number}") for number in range(200)])
    server.close()
    one.wait_link(Link.OFFLINE)
    assert len(one.inbox.of(OrderReported)) == 200


def test_a_fill_still_waiting_for_its_price_scale_is_told_when_the_line_falls(
    bench: Callable[..., Bench], server: FakeDTC
) -> None:
    server.answers[SecurityDefinitionForSymbolRequest] = lambda _: []
    one = bench().up()
    server.send(report(reason=4, status=7, LastFillPrice=6500.0, LastFillQuantity=1.0, LastFillExecutionID="E1"))
    server.wait_for(SecurityDefinitionForSymbolRequest)
    server.close()
    one.wait_link(Link.OFFLINE)
    (fill,) = one.inbox.of(FillReceived)
    assert (fill.fill.execution_id, fill.fill.quantity, fill.fill.price) == ("E1", Decimal(1), None)


def test_frames_cut_into_single_bytes_say_the_same(bench: Callable[..., Bench], server: FakeDTC) -> None:
    server.split = 1
    one = bench().up()
    server.send(report(), report(reason=4, status=7, LastFillQuantity=2.0, LastFillExecutionID="E1"))
    assert one.inbox.wait_for(FillReceived).fill.quantity == 2
    assert len(one.inbox.of(OrderReported)) == 2


def test_a_frame_cut_off_by_the_end_tells_nothing(bench: Callable[..., Bench], server: FakeDTC) -> None:
    one = bench().up()
    server.truncate(report(), 300)
    one.wait_link(Link.OFFLINE)
    assert one.inbox.of(OrderReported) == []
