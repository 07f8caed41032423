"""The ids of executions nobody numbered: the same facts give the same id, other facts another."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

import pytest

from core.model.fill import Fill, Side, correction_id, synthetic_execution_id
from core.model.scope import PositionKey

KEY = PositionKey("sim", "Sim1", "ESZ6")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SPELLINGS = [("2", "2.0"), ("0", "-0"), ("0", "0.00"), ("10", "1E+1"), ("-3", "-3.000"), ("0.5", "5E-1")]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_a_correction_has_one_id_however_its_quantities_are_spelled(one: str, other: str) -> None:
    def made(quantity: str) -> str:
        return correction_id(KEY, "RECON", Decimal(quantity), Decimal("7"), "E1")

    def unmade(quantity: str) -> str:
        return correction_id(KEY, "RECON", Decimal("7"), Decimal(quantity), "E1")

    assert made(one) == made(other)
    assert unmade(one) == unmade(other)


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_a_synthetic_id_does_not_depend_on_how_the_quantity_is_spelled(one: str, other: str) -> None:
    assert synthetic_execution_id(KEY, "77", "ST1", Decimal(one)) == synthetic_execution_id(
        KEY, "77", "ST1", Decimal(other)
    )


def test_ids_of_different_facts_differ() -> None:
    keys = [KEY, replace(KEY, connection="live"), replace(KEY, account="Sim2"), replace(KEY, symbol="NQZ6")]
    ids = [
        synthetic_execution_id(key, server, order, Decimal(total))
        for key in keys
        for server in ("77", "78", "")
        for order in ("STAB", "2026-11-20")
        for total in ("1", "2", "0.5")
    ]
    ids += [
        correction_id(key, cause, Decimal(before), Decimal(after), anchor)
        for key in keys
        for cause in ("RECON", "MANUAL")
        for before, after in (("0", "2"), ("2", "0"), ("2", "1"), ("-2", "0"))
        for anchor in ("", "E1", "E2")
    ]
    assert all(one != other for one, other in combinations(ids, 2))


def test_an_id_says_what_kind_it_is_and_fits_into_every_field() -> None:
    ids = [
        synthetic_execution_id(KEY, "77", "ST1", Decimal(1)),
        correction_id(KEY, "RECON", Decimal(1), Decimal(0), ""),
        correction_id(KEY, "MANUAL", Decimal(1), Decimal(0), ""),
    ]
    assert [one[0] for one in ids] == ["X", "R", "M"]
    assert all(one.isalnum() and len(one) == 41 for one in ids)


def test_an_id_is_the_same_in_every_run_of_the_program() -> None:
    assert synthetic_execution_id(KEY, "77", "ST1", Decimal(2)) == "X747a696e7f521f4751076f2d8c466a61e34cb871"
    adopted = correction_id(KEY, "RECON", Decimal(2), Decimal(0), "E1")
    assert adopted == "R0aeb99a0493f19b9b7cded7c3ccb047310fd5a94"


def test_a_side_knows_its_sign_and_what_it_closes() -> None:
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
    assert (Side.closing(Decimal("0.1")), Side.closing(Decimal(-3))) == (Side.SELL, Side.BUY)


def test_a_fill_without_a_time_of_the_broker_has_ours() -> None:
    fill = Fill(KEY, "E1", Side.SELL, Decimal(2), Decimal(5000), None, AT)
    assert (fill.time, fill.signed_quantity) == (AT, Decimal(-2))
    earlier = AT.replace(hour=1)
    assert replace(fill, fill_time=earlier).time == earlier
