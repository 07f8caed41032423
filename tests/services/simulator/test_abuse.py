"""No message a client can send ends the server, or makes it say what cannot be encoded."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from data.simulator_store import SqliteSimulatorStore
from services.dtc.enums import EncodingEnum
from services.dtc.errors import LocalProtocolError
from services.dtc.messages.accounts import TradeAccountResponse, TradeAccountsRequest
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import MESSAGES, NAMED_ONLY
from services.dtc.messages.order_entry import SubmitNewOCOOrder, SubmitNewSingleOrder
from services.dtc.messages.trading import OpenOrdersRequest, OrderUpdate
from services.dtc.session import SESSION_LEVEL
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.services.simulator.client import Client
from tests.services.simulator.test_control import ES

BINARY, JSON = EncodingEnum.BINARY_ENCODING, EncodingEnum.JSON_ENCODING
COMPACT = EncodingEnum.JSON_COMPACT_ENCODING
TEXTS = ("", ES, ES, "Sim1", "Sim1", "Sim2", "CME", "C1", "C2", "V-1", "V-2", "x" * 500, "漢字", "\x00", "'; --")
WHOLE = (0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, -1, 255, 2**31 - 1, 2**31, 2**63)
FRACTIONS = (0.0, 1.0, 1.0, 2.0, 6500.0, 6500.25, 6000.1, -1.0, 1e300, 5e-324, None)


def nonsense(random: Random, kind: type[Message]) -> Message:
    """Return a message whose fields are plausible, extreme or absurd."""
    fields: dict[str, Any] = {}
    blank = kind()
    for name in kind.__struct_fields__:
        value = getattr(blank, name)
        if isinstance(value, str):
            fields[name] = random.choice(TEXTS)
        elif isinstance(value, int):
            fields[name] = random.choice(WHOLE)
        else:
            fields[name] = random.choice(FRACTIONS)
    return kind(**fields)


@pytest.mark.parametrize("encoding", [BINARY, JSON, COMPACT])
def test_nonsense_of_every_kind_is_survived(tmp_path: Path, encoding: EncodingEnum) -> None:
    random = Random(2)
    kinds = [kind for kind in (*MESSAGES, *NAMED_ONLY) if kind not in SESSION_LEVEL]
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V"), store)
    server.start()
    with Client(server.port, encoding) as client, Client(server.port, BINARY) as witness:
        for _ in range(40):
            for kind in kinds:
                try:
                    client.send(nonsense(random, kind))
                except LocalProtocolError:
                    continue  # even our own encoder refuses it
            client.ask(TradeAccountsRequest(RequestID=12345), TradeAccountResponse)
        assert witness.ask(TradeAccountsRequest(RequestID=2), TradeAccountResponse)
        assert client.session.decoder.malformed == 0
    server.stop()
    store.close()


def absurd(random: Random, sound: Message, sizes: tuple[float, ...] = (1.0, 2.0, 2.0, 3.0)) -> Message:
    """Return a message of which a field or two make no sense."""
    fields = {name: getattr(sound, name) for name in sound.__struct_fields__}
    for name in random.sample(sorted(fields), random.randrange(3)):
        kind = type(fields[name])
        fields[name] = random.choice(TEXTS[:12] if kind is str else WHOLE if kind is int else (*FRACTIONS, *sizes))
    return type(sound)(**fields)


@pytest.mark.parametrize("seed", range(3))
def test_brackets_that_are_almost_right_are_answered_and_survived(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    store = SqliteSimulatorStore(tmp_path / "simulator.sqlite3")
    server = SimulatorServer(SimulatorSettings(tmp_path, venue="V"), store)
    server.start()
    with Client(server.port, JSON) as client:
        for number in range(150):
            name = f"P{number}"
            shared: dict[str, Any] = {"Symbol": ES, "TradeAccount": "Sim1"}
            exits: dict[str, Any] = {"OrderType_1": 3, "OrderType_2": 2, "BuySell_1": 2, "BuySell_2": 2}
            entry = SubmitNewSingleOrder(
                ClientOrderID=name, OrderType=1, BuySell=1, Quantity=2.0, Price1=6500.0, IsParentOrder=1, **shared
            )
            pair = SubmitNewOCOOrder(
                ClientOrderID_1=f"S{number}",
                ClientOrderID_2=f"T{number}",
                Quantity_1=2.0,
                Quantity_2=2.0,
                UseOffsets=1,
                OffsetFromParent1=5.0,
                OffsetFromParent2=5.0,
                ParentTriggerClientOrderID=random.choice((name, name, name, "", "P0")),
                **exits,
                **shared,
            )
            try:
                client.send(absurd(random, entry), absurd(random, pair))
            except LocalProtocolError:
                continue  # even our own encoder refuses it
        client.ask(OpenOrdersRequest(RequestID=9), OrderUpdate)
        assert len([each for each in client.received if isinstance(each, OrderUpdate)]) > 300
        state = server.control("state")
        fills = {each["execution_id"] for each in state["fills"]}
        assert len(fills) == len(state["fills"]) > 5
    server.stop()
    store.close()
