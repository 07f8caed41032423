"""A panic that acts alone: everything flat at a real broker, exactly once, or told precisely why not."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.dtc.address import ConnectionSettings
from services.dtc.enums import EncodingEnum
from services.dtc.messages.order_entry import CancelOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import CurrentPositionsRequest, OrderUpdate, PositionUpdate
from services.panic import errand
from tests.fakes.dtc_server import FakeDTC
from tests.services.panic.conftest import ES, MES, Panic, Venue

BUY, SELL, LIMIT, STOP = 1, 2, 2, 3


def test_three_positions_and_four_orders_in_two_accounts_are_flat_at_once(venue: Venue, panic: Panic) -> None:
    venue.hold("Sim1", MES, 3)
    venue.hold("Sim1", ES, -1)
    venue.hold("Sim2", MES, 2)
    venue.order("Sim1", MES, SELL, STOP, 3, -200)
    venue.order("Sim1", MES, SELL, LIMIT, 3, 200)
    venue.order("Sim1", ES, BUY, STOP, 1, 200)
    venue.order("Sim2", MES, BUY, LIMIT, 1, -200)
    assert panic.act() == []
    assert venue.positions() == {} and venue.working() == []
    assert "4 orders cancelled, 3 positions closed." in panic.said[-1]


def test_what_is_sent_is_of_this_installation_and_was_written_before(venue: Venue, panic: Panic) -> None:
    venue.hold("Sim1", MES, 2)
    assert panic.act() == []
    (row,) = [json.loads(line) for line in panic.record.splitlines() if '"order"' in line]
    assert (row["side"], row["quantity"], row["account"], row["symbol"]) == ("SELL", "2", "Sim1", MES)
    assert row["client_order_id"].startswith("STTEST")
    assert venue.status(row["client_order_id"]) == "FILLED"


def test_only_the_accounts_named_are_touched(venue: Venue, panic: Panic) -> None:
    venue.hold("Sim1", MES, 2)
    venue.hold("Sim2", MES, 2)
    kept = venue.order("Sim2", MES, SELL, STOP, 2, -200)
    assert panic.act("Sim1") == []
    assert venue.positions() == {("Sim2", MES): 2.0}
    assert venue.status(kept) == "WORKING"


def test_an_account_nobody_has_is_named(venue: Venue, panic: Panic) -> None:
    assert panic.act("Other") == ["No connection has the account Other."]


def test_with_nothing_open_nothing_is_sent(venue: Venue, panic: Panic) -> None:
    assert panic.act() == []
    assert "0 orders cancelled, 0 positions closed." in panic.said[-1]
    assert '"order"' not in panic.record


def test_a_broker_that_does_not_answer_leaves_what_is_unknown_named(
    venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "LOGON_WITHIN_S", 0.5)
    venue.hold("Sim1", MES, 2)
    venue.control("silent")
    (left,) = panic.act()
    assert "silent" in left and "not known" in left
    venue.control("silent", on=False)


def test_a_port_where_nobody_listens_is_named(venue: Venue, panic: Panic) -> None:
    panic.lines = (ConnectionSettings("gone", "127.0.0.1", 1), venue.settings)
    venue.hold("Sim1", MES, 2)
    (left,) = panic.act()
    assert left.startswith("gone: Nothing listens at 127.0.0.1:1")
    assert venue.positions() == {}, "the other connection is not kept waiting"


def test_a_broker_that_does_not_tell_positions_is_not_taken_for_flat(
    venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "ANSWER_WITHIN_S", 0.2)
    monkeypatch.setattr(errand, "FLAT_WITHIN_S", 0.2)
    venue.hold("Sim1", MES, 2)
    venue.control("mute", types=[306], count=10_000)
    left = panic.act("Sim1")
    assert left == ["venue: Sim1: the broker did not tell its positions; whether it is flat is not known."]
    assert venue.positions() == {("Sim1", MES): 2.0}


def test_a_stop_that_fills_while_it_is_being_cancelled_is_not_closed_a_second_time(venue: Venue, panic: Panic) -> None:
    venue.hold("Sim1", MES, 2)
    stop = venue.order("Sim1", MES, SELL, STOP, 2, -200)

    def fill(step: str) -> None:
        if step == "panic.cancel_recorded":
            venue.control("fill_now", client_order_id=stop)

    panic.reached = fill
    assert panic.act("Sim1") == []
    assert venue.positions() == {}
    assert '"order"' not in panic.record


def test_a_position_that_changes_between_reading_and_sending_is_read_again(venue: Venue, panic: Panic) -> None:
    venue.hold("Sim1", MES, 2)
    moved: list[str] = []

    def move(step: str) -> None:
        if step == "panic.order_recorded" and not moved:
            moved.append(step)
            seen = len(venue.control("state")["fills"])
            venue.hold("Sim1", MES, 1)
            assert len(venue.control("state")["fills"]) == seen + 1

    panic.reached = move
    assert panic.act("Sim1") == []
    assert venue.positions() == {}
    assert '"withdrawn"' in panic.record


def test_a_stop_that_would_not_be_cancelled_keeps_its_share_and_is_named(
    venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "CANCEL_AGAIN_S", 0.2)
    monkeypatch.setattr(errand, "CANCEL_WITHIN_S", 0.4)
    monkeypatch.setattr(errand, "FLAT_WITHIN_S", 0.2)
    venue.hold("Sim1", MES, 3)
    venue.order("Sim1", MES, SELL, STOP, 2, -200)
    venue.control("cancel_ack", on=False)
    left = panic.act("Sim1")
    assert venue.positions() == {("Sim1", MES): 2.0}, "closing all of it and the stop would be short"
    assert any("would not be cancelled" in one for one in left)
    assert any("SELL 2 STOP still works" in one for one in left)


def test_a_refused_close_is_told_in_the_brokers_words_and_not_sent_again(
    venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "FLAT_WITHIN_S", 0.2)
    venue.hold("Sim1", MES, 2)
    venue.control("reject", count=1, text="No more today")
    left = panic.act("Sim1")
    assert any("No more today" in one for one in left)
    assert any("LONG 2 is open at the broker" in one for one in left)
    assert panic.record.count('"step":"order"') == 1


def test_an_order_that_is_not_filled_is_left_working_and_named(
    venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "FILL_WITHIN_S", 0.3)
    monkeypatch.setattr(errand, "ON_ITS_WAY", timedelta(seconds=0.3))
    monkeypatch.setattr(errand, "FLAT_WITHIN_S", 0.3)
    venue.hold("Sim1", MES, 2)
    venue.control("hold_fills")
    left = panic.act("Sim1")
    assert any("has not said that it is filled" in one for one in left)
    venue.control("hold_fills", on=False)
    assert panic.act("Sim1") == [], "the next panic cancels it first, or finds it filled"
    assert venue.positions() == {}


def test_a_second_panic_does_not_disturb_the_first(venue: Venue, panic: Panic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.panic.alone.CLAIM_WITHIN_S", 0.1)
    with panic.files.acting(1.0) as claimed:
        assert claimed
        (left,) = panic.act()
    assert "Another panic is at work" in left


def test_a_record_that_cannot_be_written_keeps_nobody_from_getting_flat(venue: Venue, panic: Panic) -> None:
    (panic.files.folder / "panic.jsonl").mkdir()
    venue.hold("Sim1", MES, 2)
    assert panic.act() == []
    assert venue.positions() == {}
    assert any("Going on all the same" in one for one in panic.said)


@pytest.mark.parametrize("encoding", [EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING])
def test_it_speaks_what_the_server_speaks(venue: Venue, panic: Panic, encoding: EncodingEnum) -> None:
    panic.lines = (replace(venue.settings, encoding=encoding),)
    venue.hold("Sim1", ES, -2)
    venue.order("Sim1", ES, BUY, STOP, 2, 200)
    assert panic.act() == []
    assert venue.positions() == {} and venue.working() == []


def test_a_position_that_lags_behind_its_fill_is_not_closed_a_second_time(tmp_path: Path) -> None:
    asked: list[str] = []

    def positions(request: CurrentPositionsRequest) -> list[PositionUpdate]:
        asked.append(request.TradeAccount)
        told = {"Symbol": "ES", "Quantity": 2.0} if len(asked) < 8 else {"NoPositions": 1}
        return [PositionUpdate(RequestID=request.RequestID, TotalNumberMessages=1, MessageNumber=1,
                               TradeAccount="Sim1", **told)]  # fmt: skip

    working = OrderUpdate(
        Symbol="ES", TradeAccount="Sim1", ServerOrderID="s1", OrderType=3, BuySell=2, OrderQuantity=2.0,
        FilledQuantity=0.0, OrderStatus=4, OrderUpdateReason=1,
    )  # fmt: skip
    filled = msgspec.structs.replace(working, OrderStatus=7, OrderUpdateReason=4, FilledQuantity=2.0)

    with FakeDTC() as server:
        server.book.orders = [working]

        def cancelled(request: CancelOrder) -> list[OrderUpdate]:
            server.book.orders = []
            return [filled]

        server.answers = {CurrentPositionsRequest: positions, CancelOrder: cancelled}
        lagging = Panic(tmp_path / "lagging", ConnectionSettings("lagging", "127.0.0.1", server.port))
        assert lagging.act() == []
        assert not [one for one in server.received if isinstance(one, SubmitNewSingleOrder)]
