"""Brackets under random markets, cancels, changes and restarts: an exit never trades more than its entry filled.

One command replays a seed: `pytest tests/services/simulator/test_bracket_properties.py -k "seed-17"`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from services.simulator.orders import Order, OrderStatus, Side
from services.simulator.reports import OrderReport, Report, Why
from services.simulator.requests import Change, NewPair, OrderName
from tests.services.simulator.venue import ES, D, MemoryStore, book, broker, new_order, trade

TICK = D("0.25")
STEPS = 120
SEEDS = range(20)


class Life:
    """One broker with one account, a random market, and a client who does everything that is allowed.

    Attributes:
        resizes: the client also cancels and resizes single exits, so that what is left need not cover the entry; at
            once, since a size that was meant for what the other exit traded on the way would be too large.
    """

    def __init__(self, seed: int, resizes: bool) -> None:
        self.random = Random(seed)
        self.resizes = resizes
        self.store = MemoryStore()
        self.venue = broker(self.store, latency_us=0 if resizes else self.random.choice([0, 0, 30]))
        self.now_us = 1
        self.last = D("6500.00")
        self.count = 0
        self.told: list[Report] = []

    def step(self) -> None:
        self.now_us += self.random.randrange(1, 50)
        self.told += self.random.choices(
            (
                *(self._trade, self._book, self._bracket, self._pair, self._cancel_entry),
                *(self._change, self._touch_exit, self._force, self._restart),
            ),
            (30, 30, 6, 2, 3, 8, 4, 3, 2),
        )[0]()

    def _price(self, width: int = 12) -> Decimal:
        return self.last + TICK * self.random.randint(-width, width)

    def _trade(self) -> list[Report]:
        self.last = self._price(6)
        side = self.random.choice(list(Side))
        return self.venue.on_events([trade(str(self.last), self.random.randint(1, 4), side, self.now_us)])

    def _book(self) -> list[Report]:
        bid = self.last - TICK * self.random.randint(0, 2)
        ask = bid + TICK * self.random.randint(1, 3)
        sizes = [self.random.randint(1, 3) for _ in range(3)]
        return self.venue.on_events(
            [book(str(bid), str(ask), bids=sizes, asks=sizes, at_us=self.now_us, last=str(self.last))]
        )

    def _bracket(self) -> list[Report]:
        self.count += 1
        side, quantity, name = self.random.choice(list(Side)), self.random.randint(1, 5), f"P{self.count}"
        kind = self.random.randrange(3)
        limit = str(self._price()) if kind == 1 else None
        stop = str(self.last + side.sign * TICK * self.random.randint(1, 9)) if kind == 2 else None
        entry = new_order(name, side, quantity, limit=limit, stop=stop)
        stop_at, target_at = self._price() - side.sign * 3, self._price() + side.sign * 3
        first = new_order(f"S{self.count}", side.other, quantity, stop=str(stop_at))
        second = new_order(f"T{self.count}", side.other, quantity, limit=str(target_at))
        if self.random.random() < 0.4:
            entry = replace(entry, reference_price=self.last if kind == 0 else None)
            first = replace(first, stop_price=None, distance=TICK * self.random.randint(1, 9))
            second = replace(second, limit_price=None, distance=TICK * self.random.randint(1, 9))
        return self.venue.submit_bracket(entry, NewPair(first, second), self.now_us)

    def _pair(self) -> list[Report]:
        self.count += 1
        quantity, cancels = self.random.randint(1, 4), self.random.random() < 0.5
        orders = []
        for name in "XY":
            side = self.random.choice(list(Side))
            stop = str(self.last + side.sign * TICK * self.random.randint(1, 9))
            limit = None if self.random.random() < 0.5 else str(self._price())
            terms = {"stop": stop} if limit is None else {"limit": limit}
            orders.append(new_order(f"{name}{self.count}", side, quantity, **terms))  # type: ignore[arg-type]
        return self.venue.submit_pair(NewPair(orders[0], orders[1], cancels), self.now_us)

    def _force(self) -> list[Report]:
        order = self._some("PSTXY")
        if order is None or order.waits or order.status is OrderStatus.PENDING:
            return []
        quantity = D(self.random.randint(1, int(order.remaining)))
        told = self.venue.settle(self.now_us)
        now = self.venue.find_order(OrderName(order.server_order_id))
        if now is None or now.remaining < quantity:
            return told
        return told + self.venue.fill_now(OrderName(order.server_order_id), quantity, self._price(), self.now_us)

    def _some(self, wanted: str) -> Order | None:
        found = [each for each in self.venue.records.open_orders() if each.client_order_id.startswith(tuple(wanted))]
        return self.random.choice(found) if found else None

    def _cancel_entry(self) -> list[Report]:
        order = self._some("P")
        return [] if order is None else self.venue.cancel(OrderName(order.server_order_id), self.now_us)

    def _change(self) -> list[Report]:
        order = self._some("PSTXY")
        if order is None:
            return []
        price = self._price()
        change = Change(
            quantity=D(self.random.randint(1, 6)) if order.client_order_id.startswith("P") else None,
            limit_price=None if order.limit_price is None else price,
            stop_price=None if order.stop_price is None else price,
        )
        return self.venue.replace(OrderName(order.server_order_id), change, self.now_us)

    def _touch_exit(self) -> list[Report]:
        order = self._some("ST")
        if order is None or not self.resizes:
            return []
        if self.random.random() < 0.5:
            return self.venue.cancel(OrderName(order.server_order_id), self.now_us)
        fewer = max(order.quantity - self.random.randint(1, 2), D(1))
        return self.venue.replace(OrderName(order.server_order_id), Change(quantity=fewer), self.now_us)

    def _restart(self) -> list[Report]:
        told = self.venue.settle(self.now_us)
        before = list(self.venue.records.orders)
        self.venue = broker(self.store, latency_us=self.venue.latency_us, with_book=False)
        assert list(self.venue.records.orders) == before
        return told

    # -- what always holds

    def check(self) -> None:
        records = self.venue.records
        fills = sum((each.side.sign * each.quantity for each in records.fills), D(0))
        assert records.position("Sim1", ES).quantity == fills
        for order in records.orders:
            own = sum((each.quantity for each in records.fills if each.server_order_id == order.server_order_id), D(0))
            assert order.filled == own <= order.quantity
            exits = records.children(order.server_order_id)
            if exits:
                self._check_bracket(order, exits)
            linked = records.orders.get(order.linked_id)
            if linked is not None and not order.parent_id:
                assert order.filled + linked.filled <= order.wanted, f"{order.client_order_id}: both of a pair traded"
        self._check_book()

    def _check_bracket(self, entry: Order, exits: list[Order]) -> None:
        out = sum((each.filled for each in exits), D(0))
        open_exits = [each for each in exits if not each.status.is_final]
        assert out <= entry.filled, f"{entry.client_order_id}: more was closed than opened"
        for each in open_exits:
            assert each.waits or each.remaining <= entry.filled - out, f"{each.client_order_id} could trade too much"
            assert each.waits is (entry.filled == 0)
        if not open_exits and not self.resizes:
            assert entry.filled == out
            assert entry.status.is_final or entry.status is OrderStatus.PARTIAL
        if entry.filled and not self.resizes:
            assert [each.remaining for each in open_exits] == [entry.filled - out] * len(open_exits)
            assert len(open_exits) == 2 or entry.filled == out, f"{entry.client_order_id} is not protected"
        if entry.status.is_final and entry.filled == out:
            assert not open_exits, f"exits of {entry.client_order_id} have nothing left to close"

    def _check_book(self) -> None:
        works = {
            each.server_order_id: each.remaining
            for each in self.venue.records.open_orders()
            if each.status is not OrderStatus.PENDING and not each.waits and each.remaining
        }
        in_book = self.venue._books[ES]._working
        assert {name: each.remaining for name, each in in_book.items()} == works


def live(seed: int, resizes: bool) -> Life:
    life = Life(seed, resizes)
    for _ in range(STEPS):
        life.step()
        life.check()
    return life


def finish(life: Life) -> None:
    """Cancel what is left of the entries, and move the market through every target and stop."""
    for order in life.venue.records.open_orders():
        if order.client_order_id.startswith("P"):
            life.told += life.venue.cancel(OrderName(order.server_order_id), life.now_us)
    life.told += life.venue.settle(life.now_us)
    for price in ("6000.00", "7000.00", "6000.00"):
        life.now_us += 100
        shown = book(price, str(D(price) + TICK), bids=(999,), asks=(999,), at_us=life.now_us, last=price)
        buyer = Side.BUY if price > "6500" else Side.SELL
        life.told += life.venue.on_events([shown, trade(price, 999, buyer, life.now_us)])
        life.check()


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_exits_cover_exactly_what_their_entry_filled_and_end_with_it(seed: int) -> None:
    life = live(seed, resizes=False)
    finish(life)
    assert life.venue.records.open_orders() == []
    of_pairs = [each for each in life.venue.records.fills if each.client_order_id.startswith(("X", "Y"))]
    of_pairs_only = sum((each.side.sign * each.quantity for each in of_pairs), D(0))
    assert life.venue.records.position("Sim1", ES).quantity == of_pairs_only


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_exits_that_are_cancelled_and_resized_never_trade_more_than_their_entry_filled(seed: int) -> None:
    finish(live(seed, resizes=True))


def test_the_same_life_gives_the_same_bytes_twice() -> None:
    first, second = (live(7, resizes=True) for _ in range(2))
    assert repr((first.told, first.store.load())) == repr((second.told, second.store.load()))


def test_random_lives_see_what_they_are_about() -> None:
    told = [each for seed in SEEDS for each in live(seed, resizes=False).told if isinstance(each, OrderReport)]
    partly = [each for each in told if each.why is Why.FILLED and each.order.status is OrderStatus.PARTIAL]
    assert len([each for each in partly if each.order.parent_id]) > 10
    assert len([each for each in partly if each.order.client_order_id.startswith("P")]) > 10
    assert len([each for each in told if "partly filled" in each.text]) > 10
    assert len([each for each in told if each.why is Why.REPLACED and each.order.parent_id]) > 10
