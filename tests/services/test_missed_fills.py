"""Which executions of a snapshot are to be booked, and whose they are."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.broker_report import BrokerSnapshot, OrderReport, ReportKind
from core.model.fill import Fill, FillSource, Side, synthetic_execution_id
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import Account
from services.missed_fills import missed_fills
from services.reconciliation import claim_fills
from tests.fakes.clock import START
from tests.fakes.engine import ACCOUNT, ES, MES
from tests.fakes.repositories import InMemoryStore


def fill(name: str, minutes: int, **changes: object) -> Fill:
    at = START + timedelta(minutes=minutes)
    made = Fill(ES, name, Side.BUY, Decimal(1), Decimal(5000), at, at, server_order_id=f"S-{name}")
    return replace(made, **changes)  # type: ignore[arg-type]


def snapshot(*fills: Fill) -> BrokerSnapshot:
    since = START - timedelta(days=1)
    return BrokerSnapshot(START, START, since, (Account(ACCOUNT),), (), (), (), fills)


def order(name: str, born: datetime = START, **changes: object) -> Order:
    made = Order(ES, name, Side.BUY, Intent.OPEN, OrderType.MARKET, Decimal(1), born, born, state=OrderState.UNKNOWN)
    return replace(made, **changes)  # type: ignore[arg-type]


def missed(store: InMemoryStore, *fills: Fill, booked: tuple[Fill, ...] = ()) -> list[str]:
    found = missed_fills(snapshot(*fills), (), booked, store.accounts, store.positions)
    return [one.execution_id for one in found]


def test_the_first_sync_of_an_account_books_nothing_and_sets_the_anchor() -> None:
    store = InMemoryStore()
    assert missed(store, fill("a", 1), fill("b", 5)) == []
    assert store.accounts.fills_anchor(ACCOUNT) == START + timedelta(minutes=5)
    assert missed(store, fill("a", 1), fill("b", 5), fill("c", 6)) == ["c"]


def test_without_any_fill_the_anchor_is_the_beginning_of_the_window() -> None:
    store = InMemoryStore()
    assert missed(store) == []
    assert missed(store, fill("a", -60)) == ["a"]


def test_a_refused_list_sets_no_anchor() -> None:
    store = InMemoryStore()
    refused = replace(snapshot(), fills=None)
    assert missed_fills(refused, (), (), store.accounts, store.positions) == ()
    assert store.accounts.fills_anchor(ACCOUNT) is None


def test_a_fill_is_of_the_order_nobody_acknowledged_once_that_cannot_be_on_its_way_any_more() -> None:
    at, late = START + timedelta(seconds=60), START + timedelta(seconds=58, milliseconds=1)
    listed = OrderReport(ES, "ST1", "S9", ReportKind.RESTATED, OrderState.WORKING, START)
    told = replace(snapshot(fill("a", 0)), asked_at=at, completed_at=at)
    for sent, asked, owner in (
        (order("ST1", state=OrderState.SENT), told, "ST1"),
        (order("ST1", late, state=OrderState.SENT), told, ""),
        (order("ST1", state=OrderState.SENT), replace(told, orders=(listed,)), ""),
        (order("ST1", state=OrderState.SENT, side=Side.SELL), told, ""),
    ):
        store = InMemoryStore()
        store.accounts.set_fills_anchor(ACCOUNT, START - timedelta(minutes=1))
        (booked,) = missed_fills(asked, [sent], (), store.accounts, store.positions)
        assert booked.client_order_id == owner


def test_an_order_sent_after_a_list_was_complete_has_no_fill_in_it() -> None:
    store = InMemoryStore()
    store.accounts.set_fills_anchor(ACCOUNT, START - timedelta(hours=1))
    made = snapshot(fill("a", 0))
    for born, owner in ((START - timedelta(seconds=1), "ours"), (START + timedelta(milliseconds=1), "")):
        (found,) = missed_fills(made, [order("ours", born)], (), store.accounts, store.positions)
        assert found.client_order_id == owner, "a clock of ours that is behind by seconds makes it fit"


def test_missed_fills_come_oldest_first() -> None:
    store = InMemoryStore()
    missed(store)
    assert missed(store, fill("b", 5), fill("a", 1)) == ["a", "b"]


def test_what_a_correction_took_in_is_not_booked_beside_it_and_what_came_after_is() -> None:
    store = InMemoryStore()
    missed(store)
    store.positions.fills.append(fill("R", 5, source=FillSource.RECON))
    assert missed(store, fill("a", 5), fill("b", 6)) == ["b"]
    assert missed(store, fill("a", 5, key=MES)) == ["a"]
    store.positions.fills[:] = [fill("R", 5, source=FillSource.OURS)]
    assert missed(store, fill("a", 5)) == ["a"]


# -- whose they are -------------------------------------------------------------------------------------------------


def owner(of: Fill, *orders: Order) -> str:
    return claim_fills([of], orders)[0].client_order_id


def test_what_was_told_live_without_an_id_is_not_booked_again_under_the_one_of_the_history() -> None:
    store = InMemoryStore()
    store.accounts.set_fills_anchor(ACCOUNT, START)
    made_up = synthetic_execution_id(ES, "S7", "ST1", Decimal(2))
    live = fill(made_up, 1, server_order_id="S7", quantity=Decimal(2))
    history = fill("E1", 1, server_order_id="S7", quantity=Decimal(2))
    legs = (replace(live, quantity=Decimal(1)), replace(live, quantity=Decimal(1), leg=1))
    assert missed(store, history) == ["E1"]
    assert missed(store, history, booked=(live,)) == missed(store, history, booked=legs) == []
    more = replace(history, execution_id="E2")
    assert missed(store, history, more, booked=(live,)) == ["E2"], "as much as was told, and no more"
    for other in ({"server_order_id": "S8"}, {"side": Side.SELL}, {"quantity": Decimal(1)}, {"key": MES}):
        assert missed(store, replace(history, **other), booked=(live,)) == ["E1"]
    assert missed(store, history, booked=(replace(live, execution_id="E9"),)) == ["E1"]


def test_a_fill_is_claimed_by_the_unknown_order_it_fits() -> None:
    assert owner(fill("a", 1), order("ST1")) == "ST1"


def test_a_fill_is_not_claimed_by_an_order_it_does_not_fit() -> None:
    late = START + timedelta(minutes=10)
    for other in (
        order("ST1", side=Side.SELL),
        order("ST1", key=MES),
        order("ST1", born=late),
        order("ST1", state=OrderState.WORKING, server_order_id="S9"),
        order("ST1", state=OrderState.DENIED),
        order("ST1", filled_quantity=Decimal(1)),
    ):
        assert owner(fill("a", 1), other) == ""
    assert owner(fill("a", 1, quantity=Decimal(2)), order("ST1")) == ""


def test_an_order_known_by_the_servers_id_owns_its_fills_before_any_other() -> None:
    known = order("ST2", state=OrderState.WORKING, server_order_id="S-a")
    assert owner(fill("a", 1), order("ST1"), known) == "ST2"


def test_of_two_equal_orders_the_older_claims_the_first_and_the_younger_the_second() -> None:
    young = order("ST2", born=START + timedelta(seconds=1))
    claimed = claim_fills([fill("a", 1), fill("b", 2)], [young, order("ST1")])
    assert [one.client_order_id for one in claimed] == ["ST1", "ST2"]


def test_the_parts_of_one_order_go_to_one_order() -> None:
    first, second = fill("a", 1, server_order_id="S7"), fill("b", 2, server_order_id="S7")
    claimed = claim_fills([first, second], [order("ST1", quantity=Decimal(2)), order("ST2")])
    assert [one.client_order_id for one in claimed] == ["ST1", "ST1"]


def test_an_order_claims_all_of_an_id_or_nothing() -> None:
    too_much = [fill("a", 1, server_order_id="S7"), fill("b", 2, server_order_id="S7", quantity=Decimal(2))]
    assert [one.client_order_id for one in claim_fills(too_much, [order("ST1", quantity=Decimal(2))])] == ["", ""]


def test_what_several_orders_or_several_ids_may_be_is_left_to_evidence() -> None:
    younger = order("ST2", born=START + timedelta(seconds=1))
    assert owner(fill("a", 1), order("ST1", quantity=Decimal(3)), younger) == ""
    assert owner(fill("a", 1), order("ST1"), younger) == ""
    two = order("ST1", quantity=Decimal(2))
    assert [one.client_order_id for one in claim_fills([fill("a", 1), fill("b", 2)], [two])] == ["", ""]
    unequal = [fill("a", 1), fill("b", 2, quantity=Decimal(2))]
    large = replace(younger, quantity=Decimal(2))
    assert [one.client_order_id for one in claim_fills(unequal, [two, large])] == ["", ""]


def test_an_order_that_was_being_changed_owns_the_fills_of_the_name_it_may_have_got() -> None:
    changing = order("ST1", state=OrderState.PENDING_CHANGE, server_order_id="S9", type=OrderType.LIMIT)
    changing = replace(changing, price=Decimal(4990))
    store = InMemoryStore()
    store.accounts.set_fills_anchor(ACCOUNT, START - timedelta(minutes=1))
    told = snapshot(fill("a", 1, price=Decimal(4995)))
    listed = OrderReport(ES, "", "S9", ReportKind.RESTATED, OrderState.WORKING, START)
    for seen, one, expected in (
        (told, changing, "ST1"),
        (replace(told, orders=(listed,)), changing, ""),
        (told, replace(changing, state=OrderState.WORKING), ""),
    ):
        (booked,) = missed_fills(seen, [one], (), store.accounts, store.positions)
        assert booked.client_order_id == expected


def test_a_limit_order_owns_no_fill_beyond_its_limit() -> None:
    at = order("ST1", type=OrderType.LIMIT, price=Decimal(5000))
    assert owner(fill("a", 1), at) == "ST1"
    assert owner(fill("a", 1, price=Decimal("5000.25")), at) == ""
    sell = replace(at, side=Side.SELL)
    assert owner(fill("a", 1, side=Side.SELL, price=Decimal("4999.75")), sell) == ""
    assert owner(fill("a", 1, side=Side.SELL, price=None), sell) == "ST1"


def test_a_fill_that_names_its_order_keeps_the_name() -> None:
    assert owner(fill("a", 1, client_order_id="OTHER"), order("ST1")) == "OTHER"
