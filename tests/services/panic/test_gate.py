"""What passes between the order service and a line while a panic has the line."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import ConnectionLost, PersistenceError
from core.model.bracket import Offsets
from core.model.fill import Side
from core.model.order import OrderType
from core.model.order_change import Terms
from services.panic.files import Act
from services.panic.gate import PanicGate
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import START, ManualClock
from tests.fakes.line_bench import order
from tests.fakes.panic import InMemoryPanicFiles

TARGET = replace(order("T", "2", "5020"), side=Side.SELL)
STOP = replace(TARGET, client_order_id="S", type=OrderType.STOP, price=None, trigger_price=Decimal(4990))
OFFSETS = Offsets(Decimal(10), Decimal(20), Decimal(5000))
ORDERS: dict[str, Callable[[PanicGate], None]] = {
    "order": lambda gate: gate.submit(order("E")),
    "pair": lambda gate: gate.submit_pair(STOP, TARGET),
    "bracket": lambda gate: gate.submit_bracket(order("E", "2", "4999"), STOP, TARGET, OFFSETS),
    "change": lambda gate: gate.replace(order("E"), Terms(Decimal(2))),
}


@pytest.fixture
def broker() -> FakeBroker:
    made = FakeBroker(ManualClock(), connection="x")
    made.connect()
    return made


@pytest.fixture
def files() -> InMemoryPanicFiles:
    return InMemoryPanicFiles()


@pytest.fixture
def gate(broker: FakeBroker, files: InMemoryPanicFiles) -> PanicGate:
    return PanicGate(broker, files)


@pytest.mark.parametrize("hand_over", ORDERS.values(), ids=ORDERS)
def test_nothing_that_can_trade_passes_a_claim_and_a_cancel_does(
    broker: FakeBroker, files: InMemoryPanicFiles, gate: PanicGate, hand_over: Callable[[PanicGate], None]
) -> None:
    files.acted = Act("one", "", START, 1, ("x",))
    with pytest.raises(ConnectionLost, match="Panic acts on x"):
        hand_over(gate)
    gate.cancel(replace(order("E"), server_order_id="S1"))
    assert (broker.received, broker.changes, broker.cancels) == ([], [], ["S1"])


@pytest.mark.parametrize("claimed", [None, Act("digested", "", START, 1, ("x",)), Act("one", "", START, 1, ("y",))])
def test_without_a_claim_a_group_passes_whole_with_its_distances(
    broker: FakeBroker, files: InMemoryPanicFiles, gate: PanicGate, claimed: Act | None
) -> None:
    files.acted, gate.digested = claimed, "digested"
    ORDERS["pair"](gate)
    assert [one.client_order_id for one in broker.received] == ["S", "T"]
    ORDERS["bracket"](gate)
    assert [one.client_order_id for one in broker.received[2:]] == ["E", "S", "T"]
    assert [one.distance for one in list(broker.orders.values())[3:]] == [Decimal(10), Decimal(20)]


def test_a_claim_that_cannot_be_read_keeps_no_exit_back(
    broker: FakeBroker, gate: PanicGate, files: InMemoryPanicFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable() -> Act | None:
        raise PersistenceError("no")

    monkeypatch.setattr(files, "act", unreadable)
    ORDERS["pair"](gate)
    assert len(broker.received) == 2
