"""The database keeps which limits of an order bind, as its stand-in in memory does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.binding_settings import HeldLimits
from core.errors import DatabaseDamaged
from core.model.sanity import SanityLimits
from data.store import Store
from tests.data.books import fresh_store
from tests.fakes.repositories import InMemoryStore

UNTIL = datetime(2026, 11, 20, 23, tzinfo=UTC)
LIMITS = HeldLimits(
    SanityLimits(Decimal("0.5"), Decimal(2), Decimal("0.01"), repeat_within=timedelta(seconds=2.5)), UNTIL
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store | InMemoryStore]:
    if request.param == "memory":
        yield InMemoryStore()
    else:
        yield request.getfixturevalue("real")


@pytest.fixture
def real() -> Iterator[Store]:
    with fresh_store() as made:
        yield made


def test_nothing_bound_before_anything_was_kept(store: Store | InMemoryStore) -> None:
    assert store.limits.in_force() is None


def test_what_was_kept_last_is_what_binds(store: Store | InMemoryStore) -> None:
    store.limits.keep(LIMITS)
    assert store.limits.in_force() == LIMITS
    later = replace(LIMITS, limits=SanityLimits(), until=UNTIL + timedelta(days=1))
    store.limits.keep(later)
    assert store.limits.in_force() == later


def test_what_cannot_be_read_is_damage_and_never_no_limit(real: Store) -> None:
    real.limits.keep(LIMITS)
    with real.database.transaction() as connection:
        connection.exec_driver_sql('UPDATE order_limits SET limits = \'{"quantity_hard":"many"}\'')
    with pytest.raises(DatabaseDamaged, match="limits of an order"):
        real.limits.in_force()
