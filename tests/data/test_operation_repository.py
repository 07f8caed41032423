"""Stored closes over a change of the program."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.errors import DatabaseDamaged
from core.model.operation import CloseChoice, CloseOperation, CloseStep, CloseWay
from core.model.scope import Mode
from tests.data.books import ES, START, fresh_store

ASKING = CloseOperation(
    "press-7",
    ES,
    CloseStep.ASKING,
    START,
    START,
    choices=(CloseChoice.CLOSE_REST, CloseChoice.KEEP),
    way=CloseWay.CLIPS,
    clip=Decimal(2),
    put_back=("ST05",),
    reverse=Decimal(-2),
)


def test_a_close_stored_by_an_older_program_is_read_as_it_was_meant() -> None:
    with fresh_store() as store:
        store.operations.save(ASKING, Mode.SIM)
        with store.database.transaction() as connection:
            state = json.loads(connection.execute(text("SELECT state FROM operation")).scalar_one())
            for later in ("reverse", "way", "clip", "put_back"):
                del state[later]
            connection.execute(text("UPDATE operation SET state = :state"), {"state": json.dumps(state)})
        (read,) = store.operations.unfinished()
    assert read == replace(ASKING, way=CloseWay.MARKET, clip=None, put_back=(), reverse=None)


def test_a_way_nobody_knows_is_damage_and_not_a_market_order() -> None:
    with fresh_store() as store:
        store.operations.save(ASKING, Mode.SIM)
        with store.database.transaction() as connection:
            connection.execute(text("UPDATE operation SET state = replace(state, 'CLIPS', 'SIDEWAYS')"))
        with pytest.raises(DatabaseDamaged, match="SIDEWAYS"):
            store.operations.unfinished()
