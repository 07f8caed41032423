"""A difference between the broker's balance and ours counts when he spoke last, and when it has stood for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from core.model.fill import Side
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.scope import AccountKey, Balance, PositionKey
from core.snapshot import LedgerBalance, Snapshot
from services.guard_balance import STANDS_S, BalanceGap

KEY = AccountKey("sim", "Sim1")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def told(theirs: str | None, ours: str, spoke_s: float = 1.0) -> Snapshot:
    """Return a snapshot in which the broker spoke so long after our figure moved."""
    cash = None if theirs is None else Decimal(theirs)
    balance = Balance(cash, None, None, None, "USD", AT + timedelta(seconds=spoke_s))
    ledger = LedgerBalance(Decimal(ours), Decimal(0), AT)
    return replace(Snapshot(), balances=MappingProxyType({KEY: balance}), ledger=MappingProxyType({KEY: ledger}))


def with_an_order(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with an order that may trade, so that the figures may cross."""
    scope = PositionKey(KEY.connection, KEY.account, "ESZ6")
    order = Order(scope, "ST1", Side.BUY, Intent.OPEN, OrderType.MARKET, Decimal(1), AT, AT, state=OrderState.WORKING)
    return replace(snapshot, orders=MappingProxyType({order.client_order_id: order}))


def gap_after(*looks: tuple[Snapshot, float]) -> Decimal | None:
    gap = BalanceGap()
    for snapshot, at_s in looks:
        gap.look(KEY, snapshot, at_s)
    return gap.of(KEY, looks[-1][0])


def test_a_difference_counts_when_it_has_stood() -> None:
    late = with_an_order(told("900", "1000"))
    assert gap_after((late, 0.0), (late, STANDS_S - 0.1)) is None
    assert gap_after((late, 0.0), (late, STANDS_S)) == -100


def test_a_figure_of_his_from_before_our_last_fill_is_only_late() -> None:
    early = told("900", "1000", spoke_s=-1)
    assert gap_after((early, 0.0), (early, 60.0)) is None
    gap = BalanceGap()
    assert gap.outdated(KEY, early) and not gap.outdated(KEY, told("900", "1000"))


def test_a_difference_that_moves_begins_to_stand_anew() -> None:
    first, second = told("900", "1000"), told("950", "1000")
    assert gap_after((first, 0.0), (second, STANDS_S), (second, STANDS_S + 1)) == -100
    assert gap_after((first, 0.0), (second, STANDS_S), (second, 2 * STANDS_S)) == -50


def test_a_figure_that_moves_with_the_market_is_taken_as_it_is_after_a_while() -> None:
    looks = [(with_an_order(told(str(900 + second), "1000")), float(second)) for second in range(11)]
    assert gap_after(*looks[:-1]) is None
    assert gap_after(*looks) == -90


def test_the_first_difference_of_a_life_counts_at_once_where_nothing_can_be_on_its_way() -> None:
    assert gap_after((told("900", "1000"), 0.0)) == -100


def test_a_settled_difference_stays_while_a_fill_is_on_its_way_into_his_figure() -> None:
    standing, filled = told("900", "1000"), told("900", "1050", spoke_s=-1)
    assert gap_after((standing, 0.0), (standing, STANDS_S), (filled, 10.0), (filled, 60.0)) == -100


def test_where_he_says_no_balance_there_is_no_difference() -> None:
    silent = told(None, "1000")
    assert gap_after((silent, 0.0), (silent, 60.0)) == 0
