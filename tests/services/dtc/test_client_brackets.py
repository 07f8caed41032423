"""What becomes of orders that go together on a line that may fall at any moment, on a real loopback socket."""

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from core.errors import ConnectionLost
from core.events import InstrumentReported, Link, OrderReported, SendFailed, SendStarted
from core.model.bracket import Offsets
from core.model.fill import Side
from core.model.order import Order, OrderType
from services.dtc.codec import Decoder
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import CancelOrder, SubmitNewOCOOrder, SubmitNewSingleOrder
from tests.fakes.dtc_server import FakeDTC, definition
from tests.fakes.line_bench import Bench, order, report

pytestmark = pytest.mark.usefixtures("caplog")  # what breaks here on purpose is logged as warnings

SPOKEN = (EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING)
Scaled = Callable[..., Bench]


def group(name: str = "ST1") -> tuple[Order, Order, Order]:
    """Return an entry at the market with a stop and a target."""
    target = replace(order(f"{name}-T", price="4020.50"), side=Side.SELL)
    stop = replace(
        target, client_order_id=f"{name}-S", type=OrderType.STOP, price=None, trigger_price=Decimal("3990.25")
    )
    return order(name), stop, target


def names_of(one: Bench, kind: type[SendStarted] | type[SendFailed]) -> list[str]:
    return [told.client_order_id for told in one.inbox.of(kind)]


@pytest.fixture
def scaled(bench: Callable[..., Bench], server: FakeDTC) -> Scaled:
    """Return a maker of lines on which the price scale of ES is confirmed."""
    server.book.definitions["ES"] = definition("ES", multiplier=0.01)

    def made(**options: object) -> Bench:
        one = bench(**options).up()
        one.client.subscribe("ES")
        one.inbox.wait_for(InstrumentReported)
        return one

    return made


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return the writes of everyone to a socket that could be an order, as far as they were taken."""
    real, writes = socket.socket.send, []

    def listened(self: socket.socket, data: bytes, *flags: int) -> int:
        taken = real(self, data, *flags)
        writes.append(bytes(data[:taken]))
        return taken

    monkeypatch.setattr(socket.socket, "send", listened)
    return writes


@pytest.mark.parametrize(("oco", "brackets"), [(0, 0), (1, 0), (1, 1)])
def test_what_the_server_can_hold_is_told_with_the_line(
    bench: Callable[..., Bench], server: FakeDTC, oco: int, brackets: int
) -> None:
    server.logon = msgspec.structs.replace(server.logon, OCOOrdersSupported=oco, BracketOrdersSupported=brackets)
    told = bench().up().wait_link(Link.SYNCING)
    assert (told.oco_supported, told.brackets_supported) == (bool(oco), bool(brackets))


def test_an_entry_goes_out_with_its_exits_and_is_told_for_each(scaled: Scaled, server: FakeDTC) -> None:
    one = scaled()
    one.client.submit_bracket(*group(), Offsets(Decimal("10.25"), Decimal("20.50"), Decimal(4000)))
    (exits,) = server.wait_for(SubmitNewOCOOrder)
    (parent,) = server.wait_for(SubmitNewSingleOrder)
    assert (parent.IsParentOrder, parent.ClientOrderID, parent.Price1) == (1, "ST1", 400000.0)
    assert (exits.ParentTriggerClientOrderID, exits.UseOffsets) == ("ST1", 1)
    assert (exits.ClientOrderID_1, exits.OffsetFromParent1) == ("ST1-T", 2050.0)
    assert (exits.ClientOrderID_2, exits.OffsetFromParent2) == ("ST1-S", 1025.0)
    one.settled()
    assert names_of(one, SendStarted) == ["ST1", "ST1-S", "ST1-T"]
    assert one.steps == ["send.started", "send.done"]


def test_a_pair_goes_out_as_one_message(scaled: Scaled, server: FakeDTC) -> None:
    one = scaled()
    one.client.submit_pair(*group()[1:])
    (pair,) = server.wait_for(SubmitNewOCOOrder)
    assert (pair.ParentTriggerClientOrderID, pair.PartialFillHandling) == ("", 1)
    assert (pair.ClientOrderID_1, pair.Price1_1) == ("ST1-S", 399025.0)
    assert (pair.ClientOrderID_2, pair.Price1_2) == ("ST1-T", 402050.0)
    assert names_of(one, SendStarted) == ["ST1-S", "ST1-T"]
    assert [sent for sent in server.received if isinstance(sent, SubmitNewSingleOrder)] == []


@pytest.mark.parametrize("encoding", SPOKEN)
def test_nothing_comes_between_an_entry_and_its_exits_whoever_else_hands_over(
    scaled: Scaled, server: FakeDTC, heard: list[bytes], encoding: EncodingEnum
) -> None:
    one, count = scaled(encoding=encoding), 60
    start = threading.Barrier(4)

    def brackets() -> None:
        start.wait(10)
        for number in range(count):
            one.client.submit_bracket(*group(f"B{number}"))

    def singles() -> None:
        start.wait(10)
        for number in range(count):
            one.client.submit(order(f"M{number}"))

    def cancels() -> None:
        start.wait(10)
        for number in range(count):
            one.client.cancel(replace(order(f"M{number}"), server_order_id=f"S{number}"))
            one.client.request_orders()

    hands = [threading.Thread(target=each) for each in (brackets, singles, cancels)]
    for hand in hands:
        hand.start()
    start.wait(10)
    for hand in hands:
        hand.join(10)
    server.wait_for(SubmitNewOCOOrder, count)
    server.wait_for(SubmitNewSingleOrder, 2 * count)
    server.wait_for(CancelOrder, count)
    sent = server.received
    parents = [at for at, each in enumerate(sent) if isinstance(each, SubmitNewSingleOrder) and each.IsParentOrder]
    assert len(parents) == count
    for at in parents:
        exits, parent = sent[at + 1], sent[at]
        assert isinstance(exits, SubmitNewOCOOrder)
        assert isinstance(parent, SubmitNewSingleOrder)
        assert exits.ParentTriggerClientOrderID == parent.ClientOrderID
    (write,) = (each for each in heard if b"B7-T" in each)
    decoder = Decoder(encoding)
    decoder.feed(write)
    assert [type(each) for each in decoder][:2] == [SubmitNewSingleOrder, SubmitNewOCOOrder]


def test_one_exit_that_cannot_be_said_keeps_all_of_it_here(scaled: Scaled, server: FakeDTC) -> None:
    one = scaled()
    entry, stop, target = group()
    one.client.submit_bracket(entry, stop, replace(target, price=Decimal("4020.55")))
    one.client.submit_pair(
        replace(stop, client_order_id="P1", quantity=Decimal(0)), replace(target, client_order_id="P2")
    )
    one.client.submit(order("NEXT"))
    assert [sent.ClientOrderID for sent in server.wait_for(SubmitNewSingleOrder)] == ["NEXT"]
    failed = one.inbox.of(SendFailed)
    assert [told.client_order_id for told in failed] == ["ST1", "ST1-S", "ST1-T", "P1", "P2"]
    assert ["tick grid" in told.text for told in failed] == [True] * 3 + [False] * 2
    assert names_of(one, SendStarted) == ["NEXT"]
    assert [sent for sent in server.received if isinstance(sent, SubmitNewOCOOrder)] == []


def test_a_group_is_refused_while_the_line_is_down(bench: Callable[..., Bench]) -> None:
    one = bench()
    with pytest.raises(ConnectionLost):
        one.client.submit_bracket(*group())
    with pytest.raises(ConnectionLost):
        one.client.submit_pair(*group()[1:])


def test_a_group_handed_over_but_not_begun_when_the_line_falls_is_proven_unsent_whole(
    scaled: Scaled, server: FakeDTC
) -> None:
    one = scaled()
    held, go = threading.Event(), threading.Event()

    def block() -> None:
        held.set()
        assert go.wait(10)

    one.client._wish(block)
    assert held.wait(10)
    server.close()
    one.client.submit_bracket(*group())
    one.client.submit_pair(*group("P")[1:])
    go.set()
    assert one.wait_link(Link.OFFLINE).may_have_sent == ()
    assert names_of(one, SendFailed) == ["ST1", "ST1-S", "ST1-T", "P-S", "P-T"]
    assert names_of(one, SendStarted) == []


@pytest.mark.parametrize("taken", [1, 303, 304, 305, 751])
def test_a_group_of_which_any_byte_left_may_have_been_sent_whole(
    scaled: Scaled, server: FakeDTC, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    one = scaled()
    real = socket.socket.send
    offered: dict[socket.socket, int] = {}

    def short(self: socket.socket, data: bytes, *flags: int) -> int:
        if self in offered:
            raise BlockingIOError
        if len(data) < 100:  # not an order
            return real(self, data, *flags)
        offered[self] = len(data)
        return real(self, data[:taken], *flags)

    monkeypatch.setattr(socket.socket, "send", short)
    one.client.submit_bracket(*group())
    one.client.submit(order("NEXT"))
    one.inbox.wait_for(SendStarted, count=3)
    one.settled()
    server.close()
    assert one.wait_link(Link.OFFLINE).may_have_sent == ("ST1", "ST1-S", "ST1-T")
    assert list(offered.values()) == [304 + 448]  # one write
    assert names_of(one, SendFailed) == ["NEXT"]
    assert one.steps == ["send.started"]


def test_a_group_offered_to_a_broken_socket_that_took_nothing_is_proven_unsent_whole(
    scaled: Scaled, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = scaled()
    real = socket.socket.send

    def broken(self: socket.socket, data: bytes, *flags: int) -> int:
        if len(data) < 100:
            return real(self, data, *flags)
        raise BrokenPipeError

    monkeypatch.setattr(socket.socket, "send", broken)
    one.client.submit_bracket(*group())
    assert one.wait_link(Link.OFFLINE).may_have_sent == ()
    assert names_of(one, SendFailed) == ["ST1", "ST1-S", "ST1-T"]


def test_an_answer_for_one_of_a_group_leaves_the_others_in_doubt(scaled: Scaled, server: FakeDTC) -> None:
    one = scaled()
    one.client.submit_bracket(*group())
    server.wait_for(SubmitNewOCOOrder)
    server.send(report("ST1"))
    one.inbox.wait_for(OrderReported)
    server.close()
    assert one.wait_link(Link.OFFLINE).may_have_sent == ("ST1-S", "ST1-T")


def test_an_exit_that_waits_is_told_with_whom_it_belongs_to(scaled: Scaled, server: FakeDTC) -> None:
    one = scaled()
    waiting = report("ST1-S", status=3, ParentServerOrderID="S-ST1", OCOLinkedOrderServerOrderID="S-ST1-T")
    server.send(waiting, msgspec.structs.replace(waiting, OrderUpdateReason=3, OrderStatus=4))
    waits = one.inbox.wait_for(OrderReported).report
    works = one.inbox.wait_for(OrderReported, count=2).report
    assert (waits.waits_for_parent, works.waits_for_parent) == (True, False)
    for told in (waits, works):
        assert (told.parent_server_order_id, told.oco_server_order_id) == ("S-ST1", "S-ST1-T")
