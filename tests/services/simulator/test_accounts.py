"""Money and positions of the simulated broker, against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from services.simulator.accounts import Fill, Position, apply_fill, margin_required
from services.simulator.orders import Side
from tests.services.simulator.venue import ES, D, contracts, order

CONTRACT = contracts()[0]


def fill(side: Side, quantity: int, price: str, at_us: int = 1) -> Fill:
    return Fill("X", "1", "C1", "Sim1", ES, side, D(quantity), D(price), D(0), at_us)


def after(*fills: Fill) -> tuple[Position, Decimal]:
    position, total = Position("Sim1", ES), D(0)
    for each in fills:
        position, realized = apply_fill(position, each, CONTRACT)
        total += realized
    return position, total


def test_a_round_trip_of_one_point_earns_fifty_dollars() -> None:
    position, realized = after(fill(Side.BUY, 1, "6500.00"), fill(Side.SELL, 1, "6501.00"))
    assert (position.quantity, realized) == (D(0), D(50))
    assert position.entry_us == 0


def test_a_partial_close_keeps_the_average_price() -> None:
    position, realized = after(
        fill(Side.BUY, 2, "6500.00"), fill(Side.BUY, 1, "6503.00"), fill(Side.SELL, 1, "6504.00")
    )
    assert (position.quantity, position.average_price, realized) == (D(2), D(6501), D(150))


def test_a_reversal_realizes_the_old_side_and_opens_the_new_one_at_the_fill() -> None:
    position, realized = after(fill(Side.SELL, 2, "6500.00"), fill(Side.BUY, 5, "6498.00", at_us=9))
    assert (position.quantity, position.average_price, realized) == (D(3), D(6498), D(200))
    assert position.entry_us == 9


def test_random_fills_agree_with_exact_fractions() -> None:
    random = Random(4)
    for _ in range(300):
        position, cash = Position("Sim1", ES), Fraction(0)
        realized_total = D(0)
        for _ in range(40):
            side, quantity = random.choice(list(Side)), random.randint(1, 5)
            price = D("0.25") * random.randint(25_900, 26_100)
            position, realized = apply_fill(position, fill(side, quantity, str(price)), CONTRACT)
            realized_total += realized
            cash -= side.sign * quantity * Fraction(price) * 50
        worth = cash + 50 * Fraction(position.cost)
        assert abs(Fraction(realized_total) - worth) < Fraction(1, 10**15)


def test_margin_counts_the_larger_side_position_and_orders_could_reach() -> None:
    listed = {each.symbol: each for each in contracts()}
    held = Position("Sim1", ES, D(2), D(13000))
    closing, adding = order("1", Side.SELL, 3), order("2", Side.BUY, 1)
    assert margin_required([held], [], listed) == 2 * CONTRACT.margin
    assert margin_required([held], [closing], listed) == 2 * CONTRACT.margin
    assert margin_required([held], [closing, adding], listed) == 3 * CONTRACT.margin
