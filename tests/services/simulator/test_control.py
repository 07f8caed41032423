"""Every fault can be switched from outside, and does what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.messages.accounts import AccountBalanceUpdate, TradeAccountResponse, TradeAccountsRequest
from services.dtc.messages.market_data import MarketDataRequest, MarketDataSnapshot, MarketDataUpdateBidAsk
from services.dtc.messages.notices import UserMessage
from services.dtc.messages.order_entry import CancelOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import (
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsRequest,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.session_events import PeerLeft
from services.simulator.contracts import listed_contracts
from services.simulator.errors import BadControl
from services.simulator.fault_switches import planned_fault
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client

ES = listed_contracts(datetime.now(UTC).date())[0].symbol


def buy(name: str = "C1", limit: float | None = None, quantity: float = 1) -> SubmitNewSingleOrder:
    return SubmitNewSingleOrder(
        Symbol=ES,
        TradeAccount="Sim1",
        ClientOrderID=name,
        OrderType=1 if limit is None else 2,
        BuySell=1,
        Price1=limit,
        Quantity=quantity,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimulatorServer]:
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V", control_file=True), store)
    server.start()
    yield server
    server.stop()
    store.close()


@pytest.fixture
def client(server: SimulatorServer) -> Iterator[Client]:
    with Client(server.port) as client:
        yield client


def positions(client: Client) -> list[tuple[float | None, float | None]]:
    rows = client.ask(CurrentPositionsRequest(RequestID=1), PositionUpdate)
    return [(each.Quantity, each.AveragePrice) for each in rows if each.Quantity]


@pytest.mark.parametrize("reset", [False, True])
def test_drop_closes_the_line_without_a_word(server: SimulatorServer, client: Client, reset: bool) -> None:
    server.control("drop", reset=reset)
    client.until_closed()
    assert not any(isinstance(each, PeerLeft) for each in client.events)
    with Client(server.port):
        assert server.control("state")["lines"] == 1


def test_logoff_says_goodbye_with_a_reason(server: SimulatorServer, client: Client) -> None:
    server.control("logoff", reason="Maintenance", do_not_reconnect=True)
    client.until_closed()
    assert client.events[-1] == PeerLeft("Maintenance", may_reconnect=False)


@pytest.mark.parametrize("name", ["half_open", "silent"])
def test_half_open_keeps_the_line_open_and_dead_until_switched_off(
    server: SimulatorServer, client: Client, name: str
) -> None:
    server.control(name)
    server.control(name)
    client.send(buy())
    assert server.control("state")["orders"] == []
    server.control(name, on=False)
    server.control(name, on=False)
    assert client.next(OrderUpdate).OrderStatus == 4


@pytest.mark.parametrize("memory", [True, False])
def test_a_server_that_restarts_knows_its_positions_and_its_orders_only_with_a_memory(
    server: SimulatorServer, client: Client, memory: bool
) -> None:
    client.send(buy("C1"), buy("C2", limit=6000.0))
    client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
    server.control("restart", ms=60_000, memory=memory)
    client.until_closed()
    assert not any(isinstance(each, PeerLeft) for each in client.events)
    with Client(server.port, log_on=False) as early:
        early.until_closed()
    server.control("restart", ms=0, memory=memory)
    with Client(server.port) as again:
        assert positions(again)[0][0] == 1.0
        (listed,) = again.ask(OpenOrdersRequest(RequestID=2), OrderUpdate)
        (fill,) = again.ask(HistoricalOrderFillsRequest(RequestID=3), HistoricalOrderFillResponse)
        assert (listed.ClientOrderID, fill.NoOrderFills) == (("C2", 0) if memory else ("", 1))
        again.send(buy("C3"))
        assert again.next(OrderUpdate, lambda each: each.ClientOrderID == "C3").ServerOrderID == "V-3"


def test_what_was_on_its_way_when_a_server_restarts_takes_effect_before(
    server: SimulatorServer, client: Client
) -> None:
    server.control("latency", ms=60_000)
    client.send(buy())
    client.until(lambda: len(server.control("state")["orders"]) == 1)
    server.control("restart", ms=0, memory=False)
    client.until_closed()
    with Client(server.port) as again:
        assert positions(again)[0][0] == 1.0


def test_refused_connections_are_closed_at_once(server: SimulatorServer) -> None:
    server.control("refuse_connections")
    with Client(server.port, log_on=False) as turned_away:
        turned_away.until_closed()
    server.control("refuse_connections", on=False)
    with Client(server.port):
        pass


def test_a_logon_can_be_refused_with_text_and_result(server: SimulatorServer) -> None:
    server.control("refuse_logon", text="Wrong password", result=3)
    with Client(server.port, log_on=False) as refused:
        refused.until_closed()
        assert refused.refusal is not None
        assert (refused.refusal.reason, refused.refusal.may_reconnect) == ("Wrong password", False)
    with Client(server.port):
        pass


def test_the_next_orders_are_refused_with_a_text(server: SimulatorServer, client: Client) -> None:
    server.control("reject", count=1, text="Not today")
    client.send(buy("C1"), buy("C2"))
    first, second = client.next(OrderUpdate), client.next(OrderUpdate)
    assert (first.OrderUpdateReason, first.InfoText, second.OrderUpdateReason) == (8, "Not today", 2)


def test_held_acks_come_later_in_order_while_prices_go_on(server: SimulatorServer, client: Client) -> None:
    server.control("hold_acks")
    client.send(buy(), MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=ES))
    client.next(MarketDataSnapshot)
    client.next(MarketDataUpdateBidAsk)
    assert len(server.control("state")["fills"]) == 1
    assert not [each for each in client.received if isinstance(each, OrderUpdate)]
    server.control("hold_acks", ms=0)
    assert [client.next(OrderUpdate).OrderUpdateReason for _ in range(2)] == [2, 4]


def test_acks_can_be_late_by_some_milliseconds(server: SimulatorServer, client: Client) -> None:
    server.control("hold_acks", ms=40)
    client.send(buy())
    assert client.next(OrderUpdate).OrderUpdateReason == 2


def test_held_fills_wait_for_their_release(server: SimulatorServer, client: Client) -> None:
    server.control("hold_fills")
    client.send(buy())
    assert client.next(OrderUpdate).OrderUpdateReason == 2
    assert server.control("state")["fills"] == []
    server.control("hold_fills", on=False)
    assert client.next(OrderUpdate).OrderUpdateReason == 4


@pytest.mark.parametrize("effect", [True, False])
def test_cancels_can_go_unanswered(server: SimulatorServer, client: Client, effect: bool) -> None:
    client.send(buy(limit=6000.0))
    client.next(OrderUpdate)
    server.control("cancel_ack", effect=effect)
    client.send(CancelOrder(ServerOrderID="V-1"))
    (listed,) = client.ask(OpenOrdersRequest(RequestID=3), OrderUpdate)
    assert listed.NoOrders == int(effect)
    assert all(each.OrderUpdateReason in (1, 2) for each in client.received if isinstance(each, OrderUpdate))


def test_a_message_can_be_lost_or_come_twice(server: SimulatorServer, client: Client) -> None:
    server.control("mute", types=[301], skip=1)
    server.control("duplicate", types=[306])
    client.send(buy("C1"), buy("C2"))
    assert [client.next(OrderUpdate).ClientOrderID for _ in range(3)] == ["C1", "C2", "C2"]
    client.until(lambda: sum(isinstance(each, PositionUpdate) for each in client.received) == 3)
    told = [each.Quantity for each in client.received if isinstance(each, PositionUpdate)]
    assert told == [1.0, 1.0, 2.0]


@pytest.mark.parametrize("types", [[301], ["ORDER_UPDATE"], "OrderUpdate"])
def test_an_acceptance_can_come_after_its_fill_and_the_position(
    server: SimulatorServer, client: Client, types: object
) -> None:
    server.control("reorder", types=types, behind=2)
    client.send(buy())
    assert [client.next(OrderUpdate).OrderUpdateReason for _ in range(2)] == [4, 2]
    told = [each for each in client.received if isinstance(each, OrderUpdate | PositionUpdate)]
    assert [each.TYPE for each in told] == [301, 306, 301]


def test_messages_of_a_type_can_be_late_while_others_are_not(server: SimulatorServer, client: Client) -> None:
    server.control("delay", ms=60_000, types=["POSITION_UPDATE"])
    client.send(buy())
    client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
    client.next(AccountBalanceUpdate)
    assert not [each for each in client.received if isinstance(each, PositionUpdate)]
    server.control("delay", ms=0)
    assert client.next(PositionUpdate).Quantity == 1.0


def test_everything_can_be_late_and_a_line_lives_on(server: SimulatorServer, client: Client) -> None:
    server.control("delay", ms=30)
    client.send(buy(), MarketDataRequest(RequestAction=1, SymbolID=1, Symbol=ES))
    client.next(MarketDataSnapshot)
    assert [each.OrderUpdateReason for each in client.received if isinstance(each, OrderUpdate)] == [2, 4]
    client.next(MarketDataUpdateBidAsk)


def test_a_fill_can_be_forced_while_nobody_is_connected(server: SimulatorServer) -> None:
    with Client(server.port) as client:
        client.send(buy(limit=6000.0, quantity=3))
        client.next(OrderUpdate)
    server.control("fill_now", client_order_id="C1", quantity=2, price="6000.00")
    with Client(server.port) as client:
        assert positions(client) == [(2.0, 6000.0)]
        (listed,) = client.ask(OpenOrdersRequest(RequestID=2), OrderUpdate)
        assert (listed.OrderStatus, listed.FilledQuantity, listed.RemainingQuantity) == (10, 2.0, 1.0)
        (fill,) = client.ask(HistoricalOrderFillsRequest(RequestID=3), HistoricalOrderFillResponse)
        assert (fill.UniqueExecutionID, fill.Quantity, fill.Price) == ("V-F1", 2.0, 6000.0)
        server.control("fill_now", server_order_id="V-1")
        assert client.next(OrderUpdate).OrderStatus == 7


@pytest.mark.parametrize("with_fills", [True, False])
def test_a_position_can_be_set_by_hand(server: SimulatorServer, client: Client, with_fills: bool) -> None:
    server.control("set_position", account="Sim1", symbol=ES, quantity=-2, price=6500, with_fills=with_fills)
    assert client.next(PositionUpdate).Quantity == -2.0
    assert positions(client) == [(-2.0, 6500.0)]
    fills = client.ask(HistoricalOrderFillsRequest(RequestID=3), HistoricalOrderFillResponse)
    assert (fills[0].NoOrderFills == 0) is with_fills
    server.control("set_position", account="Sim1", symbol=ES, quantity=0, with_fills=with_fills, quiet=True)
    assert positions(client) == []


def test_orders_can_be_forgotten(server: SimulatorServer, client: Client) -> None:
    client.send(buy(limit=6000.0), buy("C2"))
    client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
    server.control("forget_orders", fills=True)
    (listed,) = client.ask(OpenOrdersRequest(RequestID=2), OrderUpdate)
    assert listed.NoOrders == 1
    assert positions(client)[0][0] == 1.0
    (fills,) = client.ask(HistoricalOrderFillsRequest(RequestID=3), HistoricalOrderFillResponse)
    assert fills.NoOrderFills == 1


def test_a_frozen_market_prints_nothing_and_still_fills_market_orders(server: SimulatorServer, client: Client) -> None:
    server.control("freeze")
    last = server.control("state")["last"]
    client.send(buy())
    assert client.next(OrderUpdate, lambda each: each.OrderUpdateReason == 4)
    assert server.control("state")["last"] == last


def test_the_way_to_the_exchange_can_be_made_longer(server: SimulatorServer, client: Client) -> None:
    server.control("latency", ms=60_000)
    client.send(buy("C1"))
    client.until(lambda: len(server.control("state")["orders"]) == 1)
    server.control("latency")
    client.send(buy("C2"))
    assert client.next(OrderUpdate).ClientOrderID == "C2"
    assert [each["status"] for each in server.control("state")["orders"]] == ["PENDING", "FILLED"]


def test_an_evaluation_that_was_lost_can_begin_anew(server: SimulatorServer, client: Client) -> None:
    server.control("set_position", account="Eval50K", symbol=ES, quantity=5, price=6600)
    client.next(UserMessage)
    locked = client.next(AccountBalanceUpdate, lambda each: bool(each.TradingIsDisabled))
    assert (locked.TradeAccount, locked.IsUnderRequiredAccountValue) == ("Eval50K", 1)
    assert locked.InfoText.startswith("Account Eval50K is locked: trailing drawdown 48,000.00 reached at")
    client.until(lambda: not open_in(server, "Eval50K"))
    (listed,) = [each for each in client.ask(TradeAccountsRequest(), TradeAccountResponse) if each.TradingIsDisabled]
    assert listed.TradeAccount == "Eval50K"
    server.control("reset_account", account="Eval50K")
    fresh = client.next(AccountBalanceUpdate, lambda each: not each.TradingIsDisabled)
    assert (fresh.CashBalance, fresh.TrailingAccountValueToLimitPositions) == (50_000.0, 48_000.0)
    assert (fresh.DailyNetLossLimit, fresh.InfoText) == (1_000.0, "")


def open_in(server: SimulatorServer, account: str) -> bool:
    rows = server.control("state")["positions"]
    return any(each["account"] == account and each["quantity"] != "0" for each in rows)


@pytest.mark.parametrize(
    ("verb", "arguments", "text"),
    [
        ("explode", {}, "'explode' is not a control verb"),
        ("drop", {"gently": True}, "drop has no 'gently'; expected reset"),
        ("fill_now", {"client_order_id": "C9"}, "order C9 is unknown"),
        ("set_position", {"account": "Sim1", "symbol": "X", "quantity": 1}, "symbol X is unknown"),
        ("set_position", {"account": "Sim1", "symbol": ES, "quantity": "many"}, "'many' is not a number"),
        ("refuse_logon", {"result": 99}, "99"),
        ("latency", {"ms": -1}, "expected 0 or more"),
        ("reset_account", {"account": "Nobody"}, "account Nobody is unknown"),
        ("mute", {"types": []}, "no message is named"),
        ("mute", {"types": ["ORDER_UPDATES"]}, "such as 301 or ORDER_UPDATE"),
        ("duplicate", {"types": [208]}, "'208' is not a message the server sends"),
        ("reorder", {}, "reorder needs types"),
        ("reject_child", {"which": "none"}, "'none' is no exit; expected stop, target, both"),
        ("reject", {"count": "many"}, "'many' is not a whole number"),
        ("restart", {"memory": "perhaps"}, "neither yes nor no"),
        ("delay", {"ms": True}, "expected 0 or more"),
    ],
)
def test_a_verb_that_makes_no_sense_is_refused_and_the_server_lives(
    server: SimulatorServer, verb: str, arguments: dict[str, Any], text: str
) -> None:
    with pytest.raises(BadControl, match=text):
        server.control(verb, **arguments)
    assert server.control("state")["lines"] == 0


def test_the_control_file_is_obeyed_line_by_line_and_answered(
    server: SimulatorServer, client: Client, tmp_path: Path
) -> None:
    done = tmp_path / "control.done"
    with (tmp_path / "control.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "a", "verb": "reject", "text": "Later"}\nnonsense\n{"id": "b", "verb": "sta')
    client.until(lambda: done.exists() and done.read_text().count("\n") == 2)
    with (tmp_path / "control.jsonl").open("a", encoding="utf-8") as file:
        file.write('te"}\n')
    client.until(lambda: done.read_text().count("\n") == 3)
    answers = [json.loads(line) for line in done.read_text().splitlines()]
    assert answers[0] == {"id": "a", "ok": True, "result": {}}
    assert (answers[1]["id"], answers[1]["ok"]) == (None, False)
    assert (answers[2]["id"], answers[2]["result"]["lines"]) == ("b", 1)
    client.send(buy())
    assert client.next(OrderUpdate).InfoText == "Later"


PAGE = Path(__file__).resolve().parents[3].joinpath("docs", "simulator.md").read_text(encoding="utf-8")


def documented() -> list[dict[str, Any]]:
    """Return every line the page tells a person to append, as it is."""
    return [json.loads(line) for line in re.findall(r"\{\"verb\".*?\}", PAGE)]


def test_every_fault_the_page_tells_a_person_to_start_with_is_planned_and_carried_out(tmp_path: Path) -> None:
    told = re.findall(r"--fault ([a-z][^\s`]+)", PAGE)
    faults = tuple(replace(planned_fault(words), after_s=0.0) for words in told)
    named = {"drop", "delay", "duplicate", "reorder", "reject", "half_open", "restart", "mute"}
    named |= {"reject_stop", "reject_child", "no_oco"}
    assert named == {each.verb for each in faults}
    for index, fault in enumerate(faults):
        store = SqliteSimulatorStore(tmp_path / f"{index}.sqlite3")
        server = SimulatorServer(SimulatorSettings(tmp_path, venue="V", faults=(fault,)), store)
        server.start()
        assert server.control("state")["lines"] == 0
        server.stop()
        store.close()


def test_the_page_for_trying_faults_by_hand_has_a_line_for_every_verb_and_none_that_is_refused(
    server: SimulatorServer, client: Client
) -> None:
    lines = documented()
    with pytest.raises(BadControl) as refusal:
        server.control("")
    verbs = str(refusal.value).partition("expected one of ")[2].split(", ")
    assert {line["verb"] for line in lines} == set(verbs)
    client.send(buy("ST…", limit=6000.0))
    client.next(OrderUpdate)
    for line in sorted(lines, key=lambda each: each["verb"] in ("forget_orders", "restart")):
        arguments = {
            name: ES if name == "symbol" else value for name, value in line.items() if name not in ("verb", "id")
        }
        server.control(line["verb"], **arguments)
